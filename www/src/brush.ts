/**
 * The brush of the barcodes: a set of test pairs, named by their places in the test window, so that
 * it stays the same pairs when the stripes are sorted anew, at another step and in another run.
 */
import type { GateTable } from './engine/protocol';

/** The pairs between two places of an order, both included, in rising order. */
export function pairsBetween(
  table: GateTable,
  order: Uint32Array,
  a: number,
  b: number,
): Uint32Array {
  const stretch = order.subarray(Math.min(a, b), Math.max(a, b) + 1);
  return stretch.map((row) => table.instance[row]!).sort();
}

/** Whether each row of a table is one of the pairs. */
export function maskOf(table: GateTable, pairs: Uint32Array): Uint8Array {
  const brushed = new Uint8Array((pairs.at(-1) ?? -1) + 1);
  for (const pair of pairs) brushed[pair] = 1;
  const mask = new Uint8Array(table.instance.length);
  for (let row = 0; row < mask.length; row++) mask[row] = brushed[table.instance[row]!] ?? 0;
  return mask;
}

/** The rows of a table that are among the pairs. */
export function rowsOf(table: GateTable, pairs: Uint32Array): Uint32Array {
  const mask = maskOf(table, pairs);
  return allRows(table).filter((row) => mask[row] === 1);
}

/** All rows of a table. */
export function allRows({ instance }: GateTable): Uint32Array {
  return instance.map((_, row) => row);
}
