/**
 * The charts of a finished run as the engine drew them when the page was built: until the engine is
 * there, a chart is found by what it shows, and scaled from the width nearest to its own.
 */
import type { ChartSpec } from '../engine/drawings';

/** Widths that are drawn, in em of the charts' text: a phone, a column, and wider. */
export const WIDTHS = [23, 28, 34, 48] as const;

/** One chart at each of the widths. */
export interface Drawing {
  key: string;
  svgs: string[];
}

/** What a chart shows, whatever its width, as a short text (FNV-1a of its parts). */
export function keyOf(spec: ChartSpec): string {
  const { x_label, y_label, curves, y_range, reference, log_x, log_y } = spec;
  const shown = curves.map(({ label, color, dash, points, band }) => [
    label,
    color,
    dash,
    points,
    band ?? null,
  ]);
  const text = JSON.stringify([x_label, y_label, shown, y_range, reference, log_x, log_y]);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}

export function drawingOf(drawings: readonly Drawing[], spec: ChartSpec): string | null {
  const found = drawings.find(({ key }) => key === keyOf(spec));
  if (!found) return null;
  const off = (width: number) => Math.abs(Math.log(width / spec.width_em));
  const nearest = WIDTHS.reduce(
    (best, width, i) => (off(width) < off(WIDTHS[best]!) ? i : best),
    0,
  );
  return found.svgs[nearest] ?? null;
}
