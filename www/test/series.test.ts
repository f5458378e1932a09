import { expect, test } from 'vitest';
import { logBins } from '../src/histogram';
import { thin } from '../src/series';

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
