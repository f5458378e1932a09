/**
 * What each neighbour of a pair does to the logits: every one is knocked out alone, one after the
 * other, by the same parameters.
 */
import type { Explanation, Neighbor } from './engine/protocol';
import { edgeOf } from './removals';
import type { RunStore } from './run.svelte';

/** The change of each task's logit without one neighbour. */
export interface Effect {
  neighbor: Neighbor;
  change: number[];
}

/** The larger of the changes, whatever its sign. */
export const sizeOf = ({ change }: Effect) => Math.max(...change.map(Math.abs));

export class Effects {
  /** The explanation that is, or was, ranked. */
  of = $state.raw<Explanation | null>(null);
  /** The largest effect first; empty until all are known. */
  list = $state.raw<Effect[]>([]);
  /** Neighbours knocked out so far; null when none is under way. */
  done = $state<number | null>(null);
  private token = {};

  /** Ranks the neighbours of a run's explanation; ends when it is called off or another begins. */
  async rank(run: RunStore, whole: Explanation): Promise<void> {
    const token = (this.token = {});
    [this.of, this.list, this.done] = [whole, [], 0];
    const found: Effect[] = [];
    try {
      for (const neighbor of whole.neighbors) {
        const without = await run.ask((client) =>
          client.explain(whole.instance, [edgeOf(neighbor)]),
        );
        if (token !== this.token) return;
        const change = without.tasks.map((task, k) => task.logit - whole.tasks[k]!.logit);
        found.push({ neighbor, change });
        this.done = found.length;
      }
      this.list = found.sort((a, b) => sizeOf(b) - sizeOf(a));
    } finally {
      if (token === this.token) this.done = null;
    }
  }

  /** Stops what is under way and forgets what was found. */
  cancel(): void {
    this.token = {};
    [this.of, this.list, this.done] = [null, [], null];
  }
}

/** The neighbour with the most attention, and its place among the effects, from 1. */
export function strongestPlace(
  list: readonly Effect[],
): { neighbor: Neighbor; place: number } | null {
  if (list.length === 0) return null;
  const strongest = list.reduce((best, each) =>
    each.neighbor.attention > best.neighbor.attention ? each : best,
  );
  return { neighbor: strongest.neighbor, place: list.indexOf(strongest) + 1 };
}
