//! Line charts, and figures of means with whiskers, as SVG text, drawn by plotters from plain numbers.
//!
//! A chart has a view box and no size, a transparent background, and one colour per role, so that a
//! page sizes it with CSS and themes it with attribute selectors on the constants below, for example
//! `svg [stroke="#d8d8d9"] { stroke: var(--grid) }`. Text, markers and bands carry their colour in
//! `fill`, a band the same `#rrggbb` as its line with an `opacity` beside it, so that one rule, for
//! example `svg [fill="#b5336b"] { fill: var(--favourite) }`, themes them all. Colours are written in
//! lower case.
//!
//! Charts are drawn inside Web Workers, where there is no document. plotters measures text through
//! the document there, so nothing here may use what measures text: captions, legends, axes on the
//! right, and the `Text` element. Labels go through `DrawingArea::draw_text`, which does not.

mod axis;
mod figure;
mod line;
mod render;
mod spec;
mod style;

pub use figure::figure;
pub use render::render;
pub use spec::{ChartSpec, Curve, FigureSpec, Interval, Series};
pub use style::{AXIS, GRID, REFERENCE, TEXT};
