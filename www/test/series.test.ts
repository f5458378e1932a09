import { expect, test } from 'vitest';
import { logBins } from '../src/histogram';
import { MEMORY, nearest, smooth, thin, valueAt } from '../src/series';

test('short series stay as they are', () => {
  expect(
    thin(
      [1, 2, 3],
      (x) => x,
      (x) => x * x,
    ),
  ).toEqual([
    [1, 1],
    [2, 4],
    [3, 9],
  ]);
});

test('long series become means of equal stretches', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => i);
  const points = thin(
    rows,
    (x) => x,
    (x) => x,
  );
  expect(points).toHaveLength(200);
  expect(points[0]).toEqual([4, 2]);
  expect(points.at(-1)).toEqual([999, 997]);
});

test('a gap stays a gap', () => {
  expect(
    thin(
      [1, 2],
      (x) => x,
      (x) => (x === 1 ? NaN : x),
    ),
  ).toEqual([[2, 2]]);
});

test('small degrees are kept, large ones averaged over bins', () => {
  expect(logBins({ degree: [0, 1, 2, 10], count: [9, 40, 20, 3] })).toEqual([
    [1, 40],
    [2, 20],
    [10, 3],
  ]);
  // 11 to 14 is the first bin beyond 10, 69 to 100 the last one up to 100.
  const [low, high] = logBins({ degree: [11, 14, 100], count: [2, 6, 32] });
  expect(low).toEqual([Math.sqrt(11 * 14), 2]);
  expect(high).toEqual([Math.sqrt(69 * 100), 1]);
});

test('no node is lost in the bins', () => {
  const degree = Array.from({ length: 5000 }, (_, i) => i + 1);
  const points = logBins({ degree, count: degree.map(() => 1) });
  // The last bin reaches beyond the largest degree.
  for (const [, nodes] of points.slice(0, -1)) expect(nodes).toBeCloseTo(1, 12);
  for (let i = 1; i < points.length; i++) expect(points[i]![0]).toBeGreaterThan(points[i - 1]![0]);
});

test('the exponential mean of equal values is that value, from the first on', () => {
  for (const mean of smooth([3, 3, 3, 3])) expect(mean).toBeCloseTo(3, 12);
});

test('the exponential mean weighs by 1 / MEMORY and is corrected at its beginning', () => {
  const keep = 1 - 1 / MEMORY;
  const [, second, third] = smooth([1, 0, NaN]);
  expect(second).toBeCloseTo(keep / (1 + keep), 12);
  expect(third).toBe(second);
  expect(smooth([NaN])[0]).toBeNaN();
});

test('the value at a step is that of the nearest point, and there is none beyond the ends', () => {
  const points: [number, number][] = [
    [0, 5],
    [10, 6],
    [20, 7],
  ];
  expect([0, 4, 5, 6, 14, 16, 20].map((x) => valueAt(points, x))).toEqual([5, 5, 5, 6, 6, 7, 7]);
  expect(valueAt(points, 21)).toBeNull();
  expect(valueAt(points, -1)).toBeNull();
  expect(valueAt([], 0)).toBeNull();
  expect(nearest([1, 2, 4], 100)).toBe(2);
});
