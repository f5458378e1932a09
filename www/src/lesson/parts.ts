/**
 * The parts of MoGE's picture (the paper's Figure 2, drawn anew): where they stand, what they are
 * called in a `Trace`, and which of them a run leaves out.
 */
import { CHANNELS, EXPERTS } from '../engine/protocol';
import type { Channel, Config } from '../engine/protocol';
import { CHANNEL_COLOR, EXPERT_COLOR, TASK_COLOR } from '../palette';
import type { EquationName } from './equations';
import type { PanelName } from './links';

export type PartName =
  | 'x_user'
  | 'x_item'
  | 'p_u'
  | 'q_i'
  | Channel
  | `Z${1 | 2 | 3 | 4}`
  | `f${1 | 2 | 3 | 4}`
  | `${'g' | 'o' | 'y'}_${'favourite' | 'purchase'}`;

/** What parts have in common, for their words. */
export type PartKind =
  'input' | 'embedding' | Channel | 'pairing' | 'expert' | 'gate' | 'mixture' | 'output';

export interface Part {
  name: PartName;
  kind: PartKind;
  /** How it is written in the picture. */
  glyph: string;
  box: { x: number; y: number; width: number; height: number };
  /** Custom property of its colour. */
  color: string;
  /** Names of its tensors in a trace. */
  tensors: string[];
  equation: EquationName;
  panel: PanelName;
}

export const WIDTH = 560;
export const HEIGHT = 600;

const box = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });

const STATES: Record<Channel, string[]> = {
  user_item: ['h_u', 'h_i'],
  user_user: ['hu~'],
  item_item: ['hi~'],
};
/** From left to right. */
const PLACES: Record<Channel, number> = { user_user: 28, user_item: 204, item_item: 380 };

const channel = (name: Channel): Part => ({
  name,
  kind: name,
  glyph: '',
  box: box(PLACES[name], 150, 152, 92),
  color: CHANNEL_COLOR[name],
  tensors: STATES[name],
  equation: 'cell',
  panel: 'map',
});

/** Left edge of the n-th expert's frame. */
export const frameX = (n: number) => 28 + 128 * n;

const SUPERSCRIPT = ['¹', '²', '³', '⁴'];

export const PARTS: Part[] = [
  {
    name: 'x_user',
    kind: 'input',
    glyph: 'xᵤ',
    box: box(130, 8, 140, 40),
    color: '--node-user',
    tensors: [],
    equation: 'embedding',
    panel: 'sample',
  },
  {
    name: 'x_item',
    kind: 'input',
    glyph: 'xᵢ',
    box: box(290, 8, 140, 40),
    color: '--node-item',
    tensors: [],
    equation: 'embedding',
    panel: 'sample',
  },
  {
    name: 'p_u',
    kind: 'embedding',
    glyph: 'pᵤ',
    box: box(130, 78, 140, 40),
    color: '--node-user',
    tensors: ['p_u'],
    equation: 'embedding',
    panel: 'sample',
  },
  {
    name: 'q_i',
    kind: 'embedding',
    glyph: 'qᵢ',
    box: box(290, 78, 140, 40),
    color: '--node-item',
    tensors: ['q_i'],
    equation: 'embedding',
    panel: 'sample',
  },
  channel('user_user'),
  channel('user_item'),
  channel('item_item'),
  ...EXPERTS.flatMap((_, n): Part[] => [
    {
      name: `Z${(n + 1) as 1}`,
      kind: 'pairing',
      glyph: `Z${SUPERSCRIPT[n]}`,
      box: box(frameX(n) + 6, 346, 52, 44),
      color: EXPERT_COLOR[n]!,
      tensors: [`Z${n + 1}`],
      equation: 'pairings',
      panel: 'sample',
    },
    {
      name: `f${(n + 1) as 1}`,
      kind: 'expert',
      glyph: `f${SUPERSCRIPT[n]}`,
      box: box(frameX(n) + 62, 346, 52, 44),
      color: EXPERT_COLOR[n]!,
      tensors: [`f${n + 1}`],
      equation: 'gate',
      panel: 'sample',
    },
  ]),
  ...(['favourite', 'purchase'] as const).flatMap((task, k): Part[] => [
    {
      name: `g_${task}`,
      kind: 'gate',
      glyph: 'g',
      box: box(k === 0 ? 28 : 402, 440, 130, 60),
      color: TASK_COLOR[task],
      tensors: [`g_${task}`],
      equation: 'gate',
      panel: 'gates',
    },
    {
      name: `o_${task}`,
      kind: 'mixture',
      glyph: 'Σ',
      box: box(k === 0 ? 204 : 304, 446, 52, 48),
      color: TASK_COLOR[task],
      tensors: [`o_${task}`],
      equation: 'split',
      panel: 'sample',
    },
    {
      name: `y_${task}`,
      kind: 'output',
      glyph: '',
      box: box(k === 0 ? 130 : 290, 544, 140, 48),
      color: TASK_COLOR[task],
      tensors: ['logit'],
      equation: 'split',
      panel: 'sample',
    },
  ]),
];

/** A line of the picture, drawn from part to part; it is idle when one of its parts is. */
export interface Wire {
  path: string;
  parts: PartName[];
  color: string;
  /** Carries the pair's own features past the graph. */
  dashed?: boolean;
}

/** Where the graph states leave their channels. */
export const STATE_PLACES = [
  { glyph: 'h̃ᵤ', x: 104, channel: 'user_user' },
  { glyph: 'hᵤ', x: 244, channel: 'user_item' },
  { glyph: 'hᵢ', x: 316, channel: 'user_item' },
  { glyph: 'h̃ᵢ', x: 456, channel: 'item_item' },
] as const satisfies { glyph: string; x: number; channel: Channel }[];
export const STATE_Y = 262;

const curve = (x: number, y: number, toX: number, toY: number) =>
  `M${x},${y} C${x},${(y + toY) / 2} ${toX},${(y + toY) / 2} ${toX},${toY}`;

const placeOf = (from: Channel, side: 'user' | 'item') =>
  from === 'user_item' ? (side === 'user' ? 244 : 316) : PLACES[from] + 76;

export const WIRES: Wire[] = [
  { path: 'M200,48 V78', parts: ['x_user', 'p_u'], color: '--node-user' },
  { path: 'M360,48 V78', parts: ['x_item', 'q_i'], color: '--node-item' },
  { path: curve(170, 118, 104, 150), parts: ['p_u', 'user_user'], color: '--user-user' },
  { path: curve(220, 118, 250, 150), parts: ['p_u', 'user_item'], color: '--user-item' },
  { path: curve(340, 118, 310, 150), parts: ['q_i', 'user_item'], color: '--user-item' },
  { path: curve(390, 118, 456, 150), parts: ['q_i', 'item_item'], color: '--item-item' },
  ...EXPERTS.flatMap(({ user, item }, n): Wire[] => {
    const pairing: PartName = `Z${(n + 1) as 1}`;
    const middle = frameX(n) + 32;
    return [
      {
        path: curve(placeOf(user, 'user'), STATE_Y + 16, middle - 8, 346),
        parts: [user, pairing],
        color: CHANNEL_COLOR[user],
      },
      {
        path: curve(placeOf(item, 'item'), STATE_Y + 16, middle + 8, 346),
        parts: [item, pairing],
        color: CHANNEL_COLOR[item],
      },
      {
        path: `M550,326 H${frameX(n) + 88} V346`,
        parts: ['p_u', 'q_i', `f${(n + 1) as 1}`],
        color: '--muted',
        dashed: true,
      },
      ...(['favourite', 'purchase'] as const).map((task, k): Wire => ({
        path: curve(frameX(n) + 60, 398, k === 0 ? 230 : 330, 446),
        parts: [pairing, `f${(n + 1) as 1}`, `o_${task}`],
        color: EXPERT_COLOR[n]!,
      })),
    ];
  }),
  { path: 'M430,98 H550 V326', parts: ['q_i', 'p_u'], color: '--muted', dashed: true },
  {
    path: 'M550,326 V470 H532',
    parts: ['p_u', 'q_i', 'g_purchase'],
    color: '--muted',
    dashed: true,
  },
  {
    path: 'M130,98 H10 V470 H28',
    parts: ['p_u', 'q_i', 'g_favourite'],
    color: '--muted',
    dashed: true,
  },
  { path: 'M158,470 H204', parts: ['g_favourite', 'o_favourite'], color: '--favourite' },
  { path: 'M402,470 H356', parts: ['g_purchase', 'o_purchase'], color: '--purchase' },
  { path: curve(230, 494, 200, 544), parts: ['o_favourite', 'y_favourite'], color: '--favourite' },
  { path: curve(330, 494, 360, 544), parts: ['o_purchase', 'y_purchase'], color: '--purchase' },
];

/**
 * The parts that a configuration of MoGE leaves out: channels that are off, and the interactions of
 * experts that are not joined by the graph.
 */
export function idleParts(config: Config): Set<PartName> {
  const idle = new Set<PartName>(CHANNELS.filter((_, i) => !config.channels[i]));
  EXPERTS.forEach(({ user, item }, n) => {
    if (n >= config.experts || idle.has(user) || idle.has(item)) idle.add(`Z${(n + 1) as 1}`);
  });
  return idle;
}
