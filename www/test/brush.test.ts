import { expect, test } from 'vitest';
import { allRows, maskOf, pairsBetween, rowsOf } from '../src/brush';
import { BINS, histograms, meanOf, quantile, sortRows } from '../src/gates';
import { Session } from './fake-session';

const whole = new Session().gates();
const rows = whole.instance.length;
/** The same pairs with other names than their rows. */
const table = { ...whole, instance: whole.instance.map((i) => 3 * i + 5) };

test('a brush holds the pairs between two places, whichever comes first', () => {
  const order = sortRows(table, 0, 'score');
  const pairs = pairsBetween(table, order, 200, 100);
  expect(pairs).toEqual(pairsBetween(table, order, 100, 200));
  const expected = Array.from(order.slice(100, 201), (row) => 3 * row + 5);
  expect([...pairs]).toEqual(expected.sort((a, b) => a - b));
});

test('a brush is the same set of pairs in another order and another table', () => {
  const pairs = pairsBetween(table, sortRows(table, 0, 'score'), 500, 1500);
  const mask = maskOf(table, pairs);
  const byDegree = sortRows(table, 0, 'degree').filter((row) => mask[row] === 1);
  expect([...byDegree].map((row) => table.instance[row]!).sort((a, b) => a - b)).toEqual([
    ...pairs,
  ]);
  // A run that scored fewer pairs knows only some of the brushed ones.
  const fewer = { ...table, instance: table.instance.filter((_, row) => row % 2 === 0) };
  const known = Array.from(rowsOf(fewer, pairs), (row) => fewer.instance[row]);
  expect(known).toEqual([...pairs].filter((pair) => ((pair - 5) / 3) % 2 === 0));
});

test('nothing is among no pairs', () => {
  expect(rowsOf(table, new Uint32Array(0))).toHaveLength(0);
  expect(allRows(table)).toHaveLength(rows);
});

test('histograms count what brute force counts, of all pairs and of some', () => {
  const some = allRows(table).filter((row) => row % 7 === 3);
  for (const part of [allRows(table), some]) {
    histograms(table, part, 1).forEach((counts, n) => {
      const gates = Array.from(part, (row) => table.gates[8 * row + 4 + n]!);
      for (let bin = 0; bin < BINS; bin++) {
        const [low, high] = [bin / BINS, (bin + 1) / BINS];
        const inside = gates.filter(
          (gate) => gate >= low && (gate < high || (bin === BINS - 1 && gate <= 1)),
        );
        expect(counts[bin]).toBe(inside.length);
      }
    });
  }
});

test('a gate of 1 is in the last bin, one of 0 in the first', () => {
  const sure = { ...table, gates: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0) };
  const [first, second] = histograms(sure, Uint32Array.of(0), 0);
  expect(first!.indexOf(1)).toBe(BINS - 1);
  expect(second!.indexOf(1)).toBe(0);
});

test('quantiles are within half a bin of those of the sorted gates', () => {
  const counts = histograms(table, allRows(table), 0)[2]!;
  const gates = Array.from({ length: rows }, (_, row) => table.gates[8 * row + 2]!);
  gates.sort((a, b) => a - b);
  for (const share of [0.25, 0.5, 0.75]) {
    const exact = gates[Math.ceil(share * rows) - 1]!;
    expect(Math.abs(quantile(counts, share) - exact)).toBeLessThanOrEqual(0.5001 / BINS);
  }
});

test('the mean over all rows is the weighted mean over a brush and the rest', () => {
  const pairs = pairsBetween(table, sortRows(table, 1, 'entropy'), 0, 9999);
  const inside = rowsOf(table, pairs);
  const mask = maskOf(table, pairs);
  const rest = allRows(table).filter((row) => mask[row] === 0);
  const mean = (part: Uint32Array) => meanOf(table, part, 0, part.length, 1).gate;
  const [a, b, all] = [mean(inside), mean(rest), mean(allRows(table))];
  all.forEach((gate, n) =>
    expect(gate).toBeCloseTo((10000 * a[n]! + (rows - 10000) * b[n]!) / rows, 9),
  );
});
