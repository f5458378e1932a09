/** Long series made short enough to draw. */

/** Most points of a curve: more than this the eye cannot tell on a chart of this size. */
const MOST = 240;

/** The mean of equal stretches of rows, at most `MOST` of them, at each stretch's last x. */
export function thin<T>(
  rows: readonly T[],
  x: (row: T) => number,
  y: (row: T) => number,
): [number, number][] {
  const stretch = Math.max(1, Math.ceil(rows.length / MOST));
  const points: [number, number][] = [];
  for (let from = 0; from < rows.length; from += stretch) {
    const part = rows.slice(from, from + stretch);
    const mean = part.reduce((sum, row) => sum + y(row), 0) / part.length;
    if (Number.isFinite(mean)) points.push([x(part.at(-1)!), mean]);
  }
  return points;
}

/** Steps over which an exponential mean forgets. */
export const MEMORY = 20;

/**
 * The exponential mean of a series, where each value weighs 1 / `MEMORY`; its beginning is corrected
 * for the values that are not there yet. What is not a number is left out.
 */
export function smooth(values: readonly number[]): number[] {
  const keep = 1 - 1 / MEMORY;
  let mean = 0;
  let weight = 0;
  return values.map((value) => {
    if (Number.isFinite(value)) {
      mean = keep * mean + (1 - keep) * value;
      weight = keep * weight + (1 - keep);
    }
    return weight > 0 ? mean / weight : NaN;
  });
}

/** The y of a curve at the x nearest to `x`; null beyond its ends. */
export function valueAt(points: readonly [number, number][], x: number): number | null {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || x < first[0] || x > last[0]) return null;
  return points[
    nearest(
      points.map((point) => point[0]),
      x,
    )
  ]![1];
}

/** Where in rising numbers the one nearest to `x` is. */
export function nearest(sorted: readonly number[], x: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - sorted[low - 1]! <= sorted[low]! - x ? low - 1 : low;
}
