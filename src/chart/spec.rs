//! What a chart shows: the plain message that the page sends.

use serde::{Deserialize, Serialize};

/// One line of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Name written at the curve's end.
    pub label: String,
    /// Stroke colour `#rrggbb`, unique in the chart.
    pub color: String,
    /// Whether the line is dashed.
    pub dash: bool,
    /// (x, y) in drawing order. A point that is not finite, or not positive on a logarithmic axis,
    /// leaves a gap.
    pub points: Vec<(f64, f64)>,
}

/// A line chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChartSpec {
    /// Name of the x axis.
    pub x_label: String,
    /// Name of the y axis.
    pub y_label: String,
    /// The lines, drawn in this order.
    pub curves: Vec<Curve>,
    /// Lower and upper end of the y axis; `None` fits the data.
    pub y_range: Option<(f64, f64)>,
    /// Height of a horizontal reference line.
    pub reference: Option<f64>,
    /// Whether the x axis is logarithmic.
    pub log_x: bool,
    /// Whether the y axis is logarithmic.
    pub log_y: bool,
    /// How wide the chart is shown, in em of its text.
    pub width_em: f64,
}
