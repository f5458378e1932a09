/** What is taken out of a pair's surroundings: one neighbour, one side's edges, or a whole channel. */
import type { Channel, Explanation, Neighbor, Removal } from './engine/protocol';

/** A channel's sides: whose edges there are in it. */
export const SIDES: Record<Channel, readonly ('user' | 'item')[]> = {
  user_item: ['user', 'item'],
  user_user: ['user'],
  item_item: ['item'],
};

/** The removal of one neighbour's edge. */
export function edgeOf({ channel, of, node }: Neighbor): Removal {
  return { channel, of, node };
}

/** A name for a removal; no two have the same. */
export function keyOf({ channel, of, node }: Removal): string {
  return [channel, of ?? '', node ?? ''].join(' ');
}

/** Whether everything that `narrow` takes out is taken out by `wide`, too. */
export function includes(wide: Removal, narrow: Removal): boolean {
  return (
    wide.channel === narrow.channel &&
    (wide.of === undefined || wide.of === narrow.of) &&
    (wide.node === undefined || wide.node === narrow.node)
  );
}

/** The removal by which something is out, or null where it is in. */
export function outBy(removed: readonly Removal[], what: Removal): Removal | null {
  return removed.find((each) => includes(each, what)) ?? null;
}

/**
 * Takes something out, with what was out of it before, or puts it back. What is out by a wider
 * removal stays out: only that one can be put back.
 */
export function toggled(removed: readonly Removal[], what: Removal): readonly Removal[] {
  const by = outBy(removed, what);
  if (by === null) return [...removed.filter((each) => !includes(what, each)), what];
  return keyOf(by) === keyOf(what) ? removed.filter((each) => each !== by) : removed;
}

/** A neighbour before and after the knock-out. */
export interface Surrounding {
  neighbor: Neighbor;
  /** Its attention without what is out; 0 where it is out itself. */
  attention: number;
  out: boolean;
}

/** The neighbours of the whole pair, with what the knock-out makes of each. */
export function surroundings(
  whole: Explanation,
  knocked: Explanation | null,
  removed: readonly Removal[],
): Surrounding[] {
  const left = new Map(
    knocked?.neighbors.map((each) => [keyOf(edgeOf(each)), each.attention] as const),
  );
  return whole.neighbors.map((neighbor) => {
    const out = outBy(removed, edgeOf(neighbor)) !== null;
    const now = knocked ? (left.get(keyOf(edgeOf(neighbor))) ?? 0) : neighbor.attention;
    return { neighbor, attention: out ? 0 : now, out };
  });
}
