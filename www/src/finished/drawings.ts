/**
 * The charts of a finished run as the engine drew them when the page was built: until the engine is
 * there, a chart is found by what it shows, and scaled from the width nearest to its own.
 */
import type { ChartSpec } from '../engine/drawings';

/** Widths that are drawn, in em of the charts' text: about those of a phone and of a column. */
export const WIDTHS = [25, 32] as const;

/** One chart at one of the widths. */
export interface Drawing {
  key: string;
  width_em: number;
  svg: string;
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
  const key = keyOf(spec);
  const off = ({ width_em }: Drawing) => Math.abs(Math.log(width_em / spec.width_em));
  const found = drawings.filter((drawing) => drawing.key === key);
  return found.sort((a, b) => off(a) - off(b))[0]?.svg ?? null;
}
