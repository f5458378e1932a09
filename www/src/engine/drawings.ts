/** What the engine draws: line charts and figures, as it is told to. */

export interface Curve {
  label: string;
  /** Stroke colour `#rrggbb`, unique in the chart, mapped to the theme by CSS. */
  color: string;
  dash: boolean;
  points: [number, number][];
  /** An area under the line, of the same colour: x, low, high. */
  band?: [number, number, number][];
}
export interface ChartContent {
  x_label: string;
  y_label: string;
  curves: Curve[];
  /** Lower and upper end of the y axis; null fits the data. */
  y_range: [number, number] | null;
  /** Horizontal reference line, for example 0.5 for GAUC. */
  reference: number | null;
  log_x: boolean;
  log_y: boolean;
}
export interface ChartSpec extends ChartContent {
  /** How wide the chart is shown, in em of its text. */
  width_em: number;
}

/** Categories against a value, with whiskers. */
export interface FigureContent {
  x_label: string;
  categories: string[];
  series: {
    label: string;
    color: string;
    /** One per category; null where there is none yet. */
    points: ({ mean: number; low: number; high: number } | null)[];
  }[];
  reference: number | null;
  x_range: [number, number] | null;
}
export interface FigureSpec extends FigureContent {
  width_em: number;
}
