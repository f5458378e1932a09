/**
 * Which colour stands for what, by the names of `theme.css`.
 *
 * The engine draws charts as SVG with plain colours; each of them is a code that `themed` turns into
 * a colour of the theme.
 */
import type { Channel, Task } from './engine/protocol';

export const CHANNEL_COLOR: Record<Channel, string> = {
  user_item: '--user-item',
  user_user: '--user-user',
  item_item: '--item-item',
};

/** The dashes that tell the channels apart besides their colour; the first has none. */
export const CHANNEL_DASH: Record<Channel, string | undefined> = {
  user_item: undefined,
  user_user: '8 3',
  item_item: '2 2.5',
};

export const TASK_COLOR: Record<Task, string> = {
  favourite: '--favourite',
  purchase: '--purchase',
};

export const EXPERT_COLOR = ['--expert-1', '--expert-2', '--expert-3', '--expert-4'] as const;

/** Codes of the charts' series. */
export const STROKE = {
  favourite: '#b5336b',
  purchase: '#5f45b5',
  favourite_pale: '#c98aa6',
  purchase_pale: '#9c90c9',
  total: '#1b1f27',
  total_pale: '#8e9196',
  before: '#b9b7b0',
  finished: '#a7adb6',
  collaboration: '#008a64',
  regulariser: '#c67600',
  users: '#1b1f28',
  items: '#8e949f',
} as const;

/** Codes of the experts' areas. */
export const EXPERT_STROKE = ['#0b5a94', '#79b7e4', '#b06c04', '#f3c36e'] as const;

/** Codes of the runs' lines: eight that are told apart, then the same again dashed. */
export const RUN_STROKE = [
  '#1f6fb2',
  '#d1480f',
  '#16805a',
  '#7a3fb0',
  '#b57e00',
  '#c2347f',
  '#0f8a9a',
  '#5a5f69',
] as const;

export interface Line {
  color: string;
  dash: boolean;
}

/** The line of the n-th group of runs. */
export function lineOf(style: number): Line {
  const colors = RUN_STROKE.length;
  return { color: RUN_STROKE[style % colors]!, dash: Math.floor(style / colors) % 2 === 1 };
}

const pale = (color: string, share = 40) =>
  `color-mix(in srgb, var(${color}) ${share}%, var(--surface))`;

const THEMED: Record<string, string> = {
  [STROKE.favourite]: 'var(--favourite)',
  [STROKE.purchase]: 'var(--purchase)',
  [STROKE.favourite_pale]: pale('--favourite'),
  [STROKE.purchase_pale]: pale('--purchase'),
  [STROKE.total]: 'var(--ink)',
  [STROKE.total_pale]: pale('--ink', 30),
  [STROKE.before]: pale('--ink', 28),
  [STROKE.finished]: pale('--ink', 42),
  [STROKE.collaboration]: 'var(--item-item)',
  [STROKE.regulariser]: 'var(--user-user)',
  [STROKE.users]: 'var(--node-user)',
  [STROKE.items]: 'var(--node-item)',
  ...Object.fromEntries(EXPERT_STROKE.map((code, i) => [code, `var(${EXPERT_COLOR[i]})`])),
  ...Object.fromEntries(RUN_STROKE.map((code, i) => [code, `var(--run-${i + 1})`])),
  // What the engine draws a chart's frame with.
  '#5b5b5c': 'var(--muted)',
  '#8a8a8b': 'var(--line-strong)',
  '#d8d8d9': 'var(--line)',
  '#717172': 'var(--faint)',
};

/** The theme's colour for a code; other colours stay. */
export function themed(color: string): string {
  return THEMED[color] ?? color;
}
