/**
 * Where the parts of an ego graph stand: the pair in the middle, the neighbours of each on an arc
 * around it, by falling attention. The same neighbours in the same room always stand the same.
 */
import type { Neighbor } from './engine/protocol';

/** Sizes in units of the text. */
const SPACING = 1.6;
const RING = 1.9;
const LEAST_RADIUS = 5;
/** Room beside an arc for a label, and above it for a node or a line of text. */
const LABEL = { width: 3.3, height: 0.9, gap: 0.25 };
const MARGIN = LABEL.width + 0.9;
const EDGE = 1.7;
/** Between the pair's user and item. */
const GAP = 9;
/** A room narrower than this has them one below the other. */
const NARROW = 29;
/** How much of a circle the neighbours of one side take. */
const SPREAD = (220 / 180) * Math.PI;
/** Neighbours of one edge kind that are drawn, and those that get a label. */
export const MOST = 10;
const LABELLED = 3;

export const RADIUS = { neighbor: 0.55, pair: 1 };

export interface Point {
  x: number;
  y: number;
}
export interface Label extends Point {
  anchor: 'start' | 'middle' | 'end';
}
export interface EgoNode extends Point {
  neighbor: Neighbor;
  label: Label | null;
}
export interface EgoLayout {
  width: number;
  height: number;
  user: Point;
  item: Point;
  /** In the order of reading: the user's, then the item's. */
  nodes: EgoNode[];
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The strongest neighbours of one side in the graph of the history, or in one of similarity. */
function strongest(neighbors: readonly Neighbor[], of: 'user' | 'item', history: boolean) {
  return neighbors
    .filter((each) => each.of === of && (each.channel === 'user_item') === history)
    .sort((a, b) => b.attention - a.attention || a.node - b.node)
    .slice(0, MOST);
}

/** The layout in a room of this width; both widths in units of the text's size. */
export function egoLayout(neighbors: readonly Neighbor[], width: number): EgoLayout {
  const narrow = width < NARROW;
  const room = (narrow ? width : width - GAP) / 2 - MARGIN;
  const sides = (['user', 'item'] as const).map((of) => {
    const groups = [strongest(neighbors, of, true), strongest(neighbors, of, false)];
    // An empty place sets the two edge kinds apart.
    const places = groups.every((group) => group.length > 0)
      ? [...groups[0]!, null, ...groups[1]!]
      : groups.flat();
    const wanted = (places.length * SPACING) / SPREAD;
    const radius = Math.max(LEAST_RADIUS, Math.min(room, wanted));
    return { places, groups, radius, rings: Math.max(1, Math.ceil(wanted / radius)) };
  });
  const reach = Math.max(...sides.map(({ radius }) => radius));
  const up = EDGE + reach;
  // From the middle of its arc, the user's goes against the clock when beside, with it when above.
  const arcs = narrow
    ? [
        { center: { x: width / 2, y: up }, middle: -Math.PI / 2, turn: 1 },
        { center: { x: width / 2, y: up + GAP * 0.7 }, middle: Math.PI / 2, turn: -1 },
      ]
    : [
        { center: { x: (width - GAP) / 2, y: up }, middle: Math.PI, turn: -1 },
        { center: { x: (width + GAP) / 2, y: up }, middle: 0, turn: 1 },
      ];
  const nodes = sides.flatMap(({ places, radius, rings }, side) => {
    const { center, middle, turn } = arcs[side]!;
    return places.flatMap((neighbor, i) => {
      if (!neighbor) return [];
      const angle = middle + turn * SPREAD * ((i + 0.5) / places.length - 0.5);
      const r = radius - RING * (i % rings);
      const [x, y] = [center.x + r * Math.cos(angle), center.y + r * Math.sin(angle)];
      return [{ neighbor, x, y, angle }];
    });
  });
  const [user, item] = [arcs[0]!.center, arcs[1]!.center];
  const wanted = new Set(
    sides.flatMap(({ groups }) => groups.flatMap((group) => group.slice(0, LABELLED))),
  );
  return {
    width,
    height: item.y + up,
    user,
    item,
    nodes: labelled(nodes, [user, item], (neighbor) => wanted.has(neighbor)),
  };
}

/** Gives labels to those that shall have one, the strongest first, where nothing is in their way. */
function labelled(
  nodes: readonly (Point & { neighbor: Neighbor; angle: number })[],
  pair: readonly Point[],
  wants: (neighbor: Neighbor) => boolean,
): EgoNode[] {
  const taken = [
    ...nodes.map((node) => around(node, RADIUS.neighbor)),
    ...pair.map((point) => around(point, RADIUS.pair)),
  ];
  const labels = new Map<Neighbor, Label>();
  const order = nodes
    .filter(({ neighbor }) => wants(neighbor))
    .sort((a, b) => b.neighbor.attention - a.neighbor.attention);
  for (const node of order) {
    const label = beside(node);
    const box = labelBox(label);
    if (taken.some((other) => overlap(box, other))) continue;
    taken.push(box);
    labels.set(node.neighbor, label);
  }
  return nodes.map(({ neighbor, x, y }) => ({
    neighbor,
    x,
    y,
    label: labels.get(neighbor) ?? null,
  }));
}

/** The place of a label outside of the arc. */
function beside({ x, y, angle }: Point & { angle: number }): Label {
  const off = RADIUS.neighbor + LABEL.gap;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  if (Math.abs(cos) < 0.4) {
    return { x, y: y + Math.sign(sin) * (off + LABEL.height / 2), anchor: 'middle' };
  }
  return { x: x + Math.sign(cos) * off, y, anchor: cos < 0 ? 'end' : 'start' };
}

export function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** The box around a node. */
export function around({ x, y }: Point, r: number): Box {
  return { left: x - r, right: x + r, top: y - r, bottom: y + r };
}

/** The box that a label covers. */
export function labelBox({ x, y, anchor }: Label): Box {
  const left = { start: x, middle: x - LABEL.width / 2, end: x - LABEL.width }[anchor];
  return {
    left,
    right: left + LABEL.width,
    top: y - LABEL.height / 2,
    bottom: y + LABEL.height / 2,
  };
}
