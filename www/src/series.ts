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
