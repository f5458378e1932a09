/** Orders and bins of the gate table, for the barcodes. */
import type { GateTable } from './engine/protocol';

const TASK_COUNT = 2;

export const SORT_KEYS = ['entropy', 'label', 'score', 'degree'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** Entropy of one gate of `experts` shares in nats. */
export function entropy(gates: ArrayLike<number>, offset: number, experts: number): number {
  let sum = 0;
  for (let n = 0; n < experts; n++) {
    const g = gates[offset + n]!;
    if (g > 0) sum -= g * Math.log(g);
  }
  return sum;
}

/** The value that a row is sorted by, for one task. */
function keyOf(table: GateTable, row: number, task: number, key: SortKey): number {
  switch (key) {
    case 'entropy':
      return entropy(table.gates, (row * TASK_COUNT + task) * table.experts, table.experts);
    case 'label':
      return table.labels[row * TASK_COUNT + task]!;
    case 'score':
      return table.logits[row * TASK_COUNT + task]!;
    case 'degree':
      return table.user_degree[row]!;
  }
}

/**
 * Rows in rising order of a key, ties in the table's order. Key and row are packed into one float64
 * (31 bits of key rank by value, 21 of row), because sorting numbers without a comparison function is
 * many times faster.
 */
export function sortRows(table: GateTable, task: number, key: SortKey): Uint32Array {
  const rows = table.instance.length;
  const keys = Float64Array.from({ length: rows }, (_, row) => keyOf(table, row, task, key));
  let low = Infinity;
  let high = -Infinity;
  for (const value of keys) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const unit = high > low ? (2 ** 31 - 1) / (high - low) : 0;
  const radix = 2 ** 21;
  const packed = keys.map((value, row) => Math.round((value - low) * unit) * radix + row).sort();
  return Uint32Array.from(packed, (value) => value % radix);
}

/** The rows that fall on one of `columns` columns: from, to (exclusive); at least one. */
export function span(column: number, columns: number, rows: number): [number, number] {
  const from = Math.min(rows - 1, Math.floor((column * rows) / columns));
  return [from, Math.max(from + 1, Math.floor(((column + 1) * rows) / columns))];
}

/** The gate of one row and task. */
export function gateOf(table: GateTable, row: number, task: number): Float32Array {
  const from = (row * TASK_COUNT + task) * table.experts;
  return table.gates.subarray(from, from + table.experts);
}

/** Mean gate, mean logit and share of positive labels of some rows of an order. */
export function meanOf(
  table: GateTable,
  order: Uint32Array,
  from: number,
  to: number,
  task: number,
): { gate: number[]; logit: number; positive: number } {
  const { experts } = table;
  const gate = new Array<number>(experts).fill(0);
  let positive = 0;
  let logit = 0;
  for (let i = from; i < to; i++) {
    const cell = order[i]! * TASK_COUNT + task;
    for (let n = 0; n < experts; n++) gate[n]! += table.gates[cell * experts + n]!;
    positive += table.labels[cell]!;
    logit += table.logits[cell]!;
  }
  const count = Math.max(1, to - from);
  return {
    gate: gate.map((sum) => sum / count),
    logit: logit / count,
    positive: positive / count,
  };
}

/** Smallest and largest finite logit of a task. */
export function logitRange(table: GateTable, task: number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let cell = task; cell < table.logits.length; cell += TASK_COUNT) {
    const value = table.logits[cell]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** A sample to begin with: bought or a favourite, of a user with some history. */
export function interesting(gates: GateTable): number | null {
  let best: number | null = null;
  let most = -1;
  for (let row = 0; row < Math.min(gates.instance.length, 5000); row++) {
    const labels = gates.labels[2 * row]! + 2 * gates.labels[2 * row + 1]!;
    const merit = labels * 1000 + Math.min(gates.user_degree[row]!, 12);
    if (merit > most) [best, most] = [gates.instance[row]!, merit];
  }
  return best;
}

/** Bins of the gates' histograms, of equal width between 0 and 1. */
export const BINS = 40;

/** How many rows have each expert's gate in each bin, `[N][BINS]`; the last bin holds 1 too. */
export function histograms(table: GateTable, rows: Uint32Array, task: number): Uint32Array[] {
  const { experts, gates } = table;
  const counts = Array.from({ length: experts }, () => new Uint32Array(BINS));
  for (const row of rows) {
    const from = (row * TASK_COUNT + task) * experts;
    for (let n = 0; n < experts; n++) counts[n]![binOf(gates[from + n]!)]! += 1;
  }
  return counts;
}

function binOf(gate: number): number {
  return Math.max(0, Math.min(BINS - 1, Math.floor(gate * BINS)));
}

/** The middle of the bin below whose end a share of the rows lies. */
export function quantile(counts: Uint32Array, share: number): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  const bin = counts.findIndex((count) => (below += count) >= share * all);
  return (Math.max(0, bin) + 0.5) / BINS;
}
