import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entropy, meanOf, sortRows, span } from '../src/gates';
import type { SortKey } from '../src/gates';
import { Session } from './fake-session';

const table = new Session().gates();
const rows = table.instance.length;

test('the entropy of equal shares is ln 4, that of a certain choice 0', () => {
  expect(entropy([0.25, 0.25, 0.25, 0.25], 0, 4)).toBeCloseTo(Math.log(4), 12);
  expect(entropy([9, 0, 1, 0, 0], 1, 4)).toBe(0);
  expect(entropy([0.5, 0.5, 0, 0], 0, 4)).toBeCloseTo(Math.log(2), 12);
});

test.each<[SortKey, (row: number) => number]>([
  ['entropy', (row) => entropy(table.gates, 8 * row + 4, 4)],
  ['label', (row) => table.labels[2 * row + 1]!],
  ['score', (row) => table.logits[2 * row + 1]!],
  ['degree', (row) => table.user_degree[row]!],
])('sorted by %s the rows rise and each occurs once', (key, value) => {
  const order = sortRows(table, 1, key);
  expect(new Set(order).size).toBe(rows);
  const values = Array.from(order, value);
  // Keys are ranked in steps of 2^-31 of their range.
  const step = (Math.max(...values) - Math.min(...values)) / 2 ** 30;
  for (let i = 1; i < rows; i++) expect(values[i]! - values[i - 1]!).toBeGreaterThanOrEqual(-step);
});

test('equal keys keep the order of the table', () => {
  const order = sortRows(table, 0, 'label');
  const negatives = order.filter((row) => table.labels[2 * row] === 0);
  expect([...negatives]).toEqual([...negatives].sort((a, b) => a - b));
});

test('columns cover all rows without overlap when there are more rows than columns', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 1, max: 9000 }),
      (columns, n) => {
        let next = 0;
        for (let column = 0; column < columns; column++) {
          const [from, to] = span(column, columns, n);
          expect(to).toBeGreaterThan(from);
          expect(to).toBeLessThanOrEqual(n);
          if (n >= columns) expect(from).toBe(next);
          next = to;
        }
        expect(next).toBe(n);
      },
    ),
  );
});

test('means are those of the rows', () => {
  const order = Uint32Array.of(5, 9, 2);
  const { gate, positive } = meanOf(table, order, 1, 3, 1);
  const of = (row: number, n: number) => table.gates[8 * row + 4 + n]!;
  gate.forEach((mean, n) => expect(mean).toBeCloseTo((of(9, n) + of(2, n)) / 2, 6));
  expect(gate.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  expect(positive).toBe((table.labels[19]! + table.labels[5]!) / 2);
});
