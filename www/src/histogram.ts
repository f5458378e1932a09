/** Long-tail distributions for logarithmic axes. */
import type { Histogram } from './engine/protocol';

/** Bins per factor of ten beyond the first ten degrees. */
const PER_DECADE = 6;

/**
 * Points (degree, nodes per degree) of a degree distribution. Up to degree 10 every degree has its
 * point; beyond, where most degrees have one node or none, the mean over bins of equal ratio is
 * taken, without which the tail is noise on logarithmic axes. Degree 0 has no place there.
 */
export function logBins(histogram: Histogram): [number, number][] {
  const bins = new Map<number, { nodes: number; low: number; high: number }>();
  histogram.degree.forEach((degree, i) => {
    if (degree < 1) return;
    const index = degree <= 10 ? degree : 10 + Math.ceil(PER_DECADE * Math.log10(degree / 10));
    const bin = bins.get(index) ?? { nodes: 0, ...bounds(index) };
    bin.nodes += histogram.count[i] ?? 0;
    bins.set(index, bin);
  });
  return [...bins]
    .sort(([a], [b]) => a - b)
    .filter(([, bin]) => bin.nodes > 0)
    .map(([, { nodes, low, high }]) => [Math.sqrt(low * high), nodes / (high - low + 1)]);
}

/** First and last degree of a bin. */
function bounds(index: number): { low: number; high: number } {
  if (index <= 10) return { low: index, high: index };
  const edge = (i: number) => Math.floor(10 * 10 ** ((i - 10) / PER_DECADE));
  return { low: edge(index - 1) + 1, high: edge(index) };
}
