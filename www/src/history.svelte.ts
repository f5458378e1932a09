/**
 * The gate tables of a run's past scorings, so that the gate views can be taken back to any of them.
 *
 * Memory is bounded. A past table keeps its logits whole and its gates as 16-bit shares (off by less
 * than 1e-5); what names the pairs is held once for all tables of a run, and the graph's part is not
 * kept. Where there are more tables than fit into `MEMORY`, the one whose two neighbours in the row
 * are nearest to each other goes, of equals the later, and never the first or the last: those that
 * stay are spread over the whole training.
 */
import type { GateTable } from './engine/protocol';
import { nearest } from './series';

/** Bytes for the past tables of one run, and how many of them are kept at least. */
const MEMORY = 24 * 2 ** 20;
const FEWEST = 3;

const WHOLE = 2 ** 16 - 1;

/** A past table with its gates in 16 bits. */
interface Kept extends Omit<GateTable, 'gates'> {
  shares: Uint16Array;
}

export class GateHistory {
  private kept = $state.raw<Kept[]>([]);
  /** The steps whose tables are kept, rising. */
  steps = $derived(this.kept.map(({ step }) => step));
  private shown: { of: Kept; table: GateTable } | null = null;

  /** The table nearest to a step; null where there is none. */
  at(step: number): GateTable | null {
    const of = this.kept[nearest(this.steps, step)];
    if (!of) return null;
    if (this.shown?.of !== of) this.shown = { of, table: unpack(of) };
    return this.shown.table;
  }

  constructor(private readonly memory = MEMORY) {}

  /** Keeps the table of a new scoring. */
  add(table: GateTable): void {
    const before = this.kept.filter(({ step }) => step < table.step);
    const bytes = table.logits.byteLength + 2 * table.gates.length;
    const most = Math.max(FEWEST, Math.floor(this.memory / Math.max(1, bytes)));
    this.kept = thinned([...before, pack(table, before[0])], most);
  }

  /** Forgets what came after a step, to which the run has gone back. */
  cut(step: number): void {
    this.kept = this.kept.filter((each) => each.step <= step);
  }

  clear(): void {
    this.kept = [];
    this.shown = null;
  }
}

function pack(table: GateTable, first: Kept | undefined): Kept {
  const { gates, ...rest } = table;
  const shares = new Uint16Array(gates.length);
  for (let i = 0; i < gates.length; i++) shares[i] = Math.round(WHOLE * gates[i]!);
  const same = first !== undefined && equal(first.instance, table.instance);
  const { instance, user, item, labels, user_degree } = same ? first : table;
  const graph = new Float32Array(0);
  return { ...rest, instance, user, item, labels, user_degree, graph, shares };
}

function unpack({ shares, ...rest }: Kept): GateTable {
  const gates = new Float32Array(shares.length);
  for (let i = 0; i < shares.length; i++) gates[i] = shares[i]! / WHOLE;
  return { ...rest, gates };
}

function equal(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** At most so many of the tables, by the rule above. */
export function thinned<T extends { step: number }>(tables: readonly T[], most: number): T[] {
  const left = [...tables];
  while (left.length > most) {
    let drop = 1;
    const gap = (i: number) => left[i + 1]!.step - left[i - 1]!.step;
    for (let i = 2; i < left.length - 1; i++) if (gap(i) <= gap(drop)) drop = i;
    left.splice(drop, 1);
  }
  return left;
}
