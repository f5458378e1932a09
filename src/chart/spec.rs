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
    /// (x, low, high): an area in the curve's colour behind all lines. Gaps as in `points`.
    #[serde(default)]
    pub band: Vec<(f64, f64, f64)>,
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

/// A mean and the interval around it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Where the marker stands.
    pub mean: f64,
    /// Lower end of the whisker.
    pub low: f64,
    /// Upper end of the whisker.
    pub high: f64,
}

/// One kind of marker in a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Name in the legend.
    pub label: String,
    /// Colour `#rrggbb`.
    pub color: String,
    /// One interval per category, or none.
    pub points: Vec<Option<Interval>>,
}

/// Categories, one above the other, against values with whiskers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FigureSpec {
    /// Name of the value.
    pub x_label: String,
    /// From top to bottom.
    pub categories: Vec<String>,
    /// The kinds of markers; at most four, which differ in shape as well as in colour.
    pub series: Vec<Series>,
    /// Place of a vertical reference line.
    pub reference: Option<f64>,
    /// Left and right end of the x axis; `None` fits the data.
    pub x_range: Option<(f64, f64)>,
    /// How wide the figure is shown, in em of its text.
    pub width_em: f64,
}
