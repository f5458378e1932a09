//! Drawing a chart.

use std::ops::RangeInclusive;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::line::{Point, spread, visible_runs};
use super::{ChartSpec, Curve};
use crate::{Error, ErrorKind, Result};

/// Fill of tick labels and axis names.
pub const TEXT: &str = "#5b5b5c";
/// Stroke of the axes and their ticks.
pub const AXIS: &str = "#8a8a8b";
/// Stroke of the grid lines.
pub const GRID: &str = "#d8d8d9";
/// Stroke of the reference line.
pub const REFERENCE: &str = "#717172";

/// Font size in units of the view box, em of the layout: about twice what a page shows, because
/// plotters rounds to whole units.
const EM: f64 = 28.0;
/// Widths that a chart can have, in em.
const WIDTHS: RangeInclusive<f64> = 10.0..=200.0;
/// Width over height.
const ASPECT: f64 = 16.0 / 9.0;
/// plotters writes the size that it is given divided by this.
const PLOTTERS_FONT_SCALE: f64 = 1.24;
/// Mean width of a character of a sans-serif font, in em.
const CHARACTER: f64 = 0.56;
const CURVE_WIDTH: u32 = 4;
const AXIS_WIDTH: u32 = 2;
const TICK: i32 = 8;
/// Dash and gap of dashed curves, and of the reference line.
const DASH: (u32, u32) = (18, 12);
const REFERENCE_DASH: (u32, u32) = (8, 10);
/// About how many em of an axis a tick takes.
const X_TICK: f64 = 7.0;
const Y_TICK: f64 = 3.5;
/// Longest end label, characters; longer ones are cut.
const LABEL_LENGTH: usize = 28;
/// End labels that take more of the width than this are left to the page's legend.
const LABEL_SHARE: f64 = 0.22;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

/// A chart as SVG text.
///
/// # Errors
///
/// When a colour is not `#rrggbb`, or the width or the given ends of the y axis are impossible.
pub fn render(spec: &ChartSpec) -> Result<String> {
    if !WIDTHS.contains(&spec.width_em) {
        return Err(Error::new(
            ErrorKind::Config,
            format!("a chart cannot be {} em wide", spec.width_em),
            format!(
                "Give a width from {} to {} em.",
                WIDTHS.start(),
                WIDTHS.end()
            ),
        ));
    }
    let size = (spec.width_em, spec.width_em / ASPECT);
    let x_ticks = (size.0 / X_TICK).round() as usize;
    let y_ticks = (size.1 / Y_TICK).round() as usize;
    let points = || spec.curves.iter().flat_map(|curve| &curve.points);
    let x_axis = Axis::fit(points().map(|point| point.0), spec.log_x, false, x_ticks);
    let y_axis = match spec.y_range {
        Some(range) => Axis::fixed(range, spec.log_y, y_ticks)?,
        None => {
            let heights = points().map(|point| point.1).chain(spec.reference);
            Axis::fit(heights, spec.log_y, true, y_ticks)
        }
    };
    let lines = spec
        .curves
        .iter()
        .map(|curve| Line::new(curve, &x_axis, &y_axis));
    let lines = lines.collect::<Result<Vec<_>>>()?;

    let mut svg = String::new();
    let size = ((size.0 * EM).round() as u32, (size.1 * EM).round() as u32);
    let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    draw_chart(&area, spec, &x_axis, &y_axis, &lines)
        .and_then(|()| Ok(area.present()?))
        .map_err(|error| {
            Error::new(
                ErrorKind::Data,
                format!("the chart could not be drawn: {error}"),
                "Check the numbers of its curves.",
            )
        })?;
    drop(area);
    Ok(finish(&svg, size))
}

/// A curve in axis space.
struct Line {
    label: String,
    color: RGBColor,
    dash: bool,
    runs: Vec<Vec<Point>>,
}

impl Line {
    fn new(curve: &Curve, x_axis: &Axis, y_axis: &Axis) -> Result<Self> {
        let color = color(&curve.color).ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                format!("the colour of curve {:?} is {:?}", curve.label, curve.color),
                "Give six hexadecimal digits after a hash, as in #1f77b4.",
            )
        })?;
        let place = |&(x, y): &(f64, f64)| Some((x_axis.place(x)?, y_axis.place(y)?));
        let runs = visible_runs(curve.points.iter().map(place), y_axis.low, y_axis.high);
        Ok(Self {
            label: printable(&curve.label, LABEL_LENGTH),
            color,
            dash: curve.dash,
            runs,
        })
    }

    /// The last visible point, where the label stands.
    fn end(&self) -> Option<Point> {
        self.runs.last()?.last().copied()
    }
}

fn draw_chart(
    area: &Area,
    spec: &ChartSpec,
    x_axis: &Axis,
    y_axis: &Axis,
    lines: &[Line],
) -> Drawn {
    let widest = |labels: &mut dyn Iterator<Item = &str>| -> f64 {
        labels.map(|label| label.chars().count()).max().unwrap_or(0) as f64 * CHARACTER * EM
    };
    let y_width = widest(&mut y_axis.ticks.iter().map(|tick| tick.1.as_str()));
    let longest = (LABEL_SHARE * spec.width_em / CHARACTER) as usize;
    let ended = || {
        lines
            .iter()
            .filter(|line| line.label.chars().count() <= longest)
            .filter_map(|line| Some((line, line.end()?)))
    };
    let label_width = widest(&mut ended().map(|(line, _)| line.label.as_str()));

    let mut chart = ChartBuilder::on(area)
        .margin_top(EM)
        .margin_left(EM / 3.0)
        .margin_right(EM + label_width)
        .x_label_area_size(3.2 * EM)
        .y_label_area_size(2.2 * EM + y_width)
        .build_cartesian_2d(x_axis.clone(), y_axis.clone())?;
    chart
        .configure_mesh()
        .bold_line_style(constant(GRID).stroke_width(AXIS_WIDTH))
        .light_line_style(TRANSPARENT)
        .axis_style(constant(AXIS).stroke_width(AXIS_WIDTH))
        .set_all_tick_mark_size(TICK)
        .label_style(font(constant(TEXT)))
        .axis_desc_style(font(constant(TEXT)))
        .x_desc(printable(&spec.x_label, usize::MAX))
        .y_desc(printable(&spec.y_label, usize::MAX))
        .draw()?;

    let reference = spec.reference.and_then(|height| y_axis.place(height));
    if let Some(height) = reference.filter(|height| (y_axis.low..=y_axis.high).contains(height)) {
        let ends = [(x_axis.low, height), (x_axis.high, height)];
        let style = constant(REFERENCE).stroke_width(AXIS_WIDTH);
        chart.draw_series(DashedLineSeries::new(
            ends,
            REFERENCE_DASH.0,
            REFERENCE_DASH.1,
            style,
        ))?;
    }
    for line in lines {
        let style = line.color.stroke_width(CURVE_WIDTH);
        for run in &line.runs {
            if let [point] = run[..] {
                let dot = Circle::new(point, CURVE_WIDTH + 1, line.color.filled());
                chart.draw_series([dot])?;
            } else if line.dash {
                chart.draw_series(DashedLineSeries::new(run.clone(), DASH.0, DASH.1, style))?;
            } else {
                chart.draw_series(LineSeries::new(run.clone(), style))?;
            }
        }
    }

    let plot = chart.plotting_area();
    let (across, down) = (plot.get_x_axis_pixel_range(), plot.get_y_axis_pixel_range());
    let right = across.start.max(across.end);
    let (top, bottom) = (down.start.min(down.end), down.start.max(down.end));
    if lines.iter().all(|line| line.end().is_none()) {
        let style = font(constant(TEXT)).pos(Pos::new(HPos::Center, VPos::Center));
        area.draw_text(
            "no data yet",
            &style,
            ((across.start + across.end) / 2, (top + bottom) / 2),
        )?;
    }
    let (top, bottom) = (f64::from(top), f64::from(bottom));
    let share = |height: f64| (height - y_axis.low) / (y_axis.high - y_axis.low);
    let mut heights: Vec<f64> = ended()
        .map(|(_, end)| bottom + share(end.1) * (top - bottom))
        .collect();
    spread(&mut heights, 1.15 * EM, top, bottom);
    for ((line, _), height) in ended().zip(heights) {
        let style = font(line.color).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw_text(
            &line.label,
            &style,
            (right + EM as i32 / 2, height.round() as i32),
        )?;
    }
    Ok(())
}

fn font(color: RGBColor) -> TextStyle<'static> {
    ("sans-serif", EM * PLOTTERS_FONT_SCALE)
        .into_font()
        .color(&color)
}

/// The colour `#rrggbb`.
fn color(text: &str) -> Option<RGBColor> {
    let digits = text
        .strip_prefix('#')
        .filter(|d| d.len() == 6 && d.is_ascii())?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let part = |i| u8::from_str_radix(&digits[i..i + 2], 16).ok();
    Some(RGBColor(part(0)?, part(2)?, part(4)?))
}

/// One of the constants above.
fn constant(text: &str) -> RGBColor {
    color(text).unwrap_or(BLACK)
}

/// A label without characters that SVG cannot hold, cut to a length.
fn printable(label: &str, length: usize) -> String {
    let clean = |c: char| {
        if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') {
            ' '
        } else {
            c
        }
    };
    let mut text: String = label.chars().map(clean).collect();
    if let Some((cut, _)) = text.char_indices().nth(length) {
        text.truncate(cut);
        text.pop();
        text.push('…');
    }
    text
}

/// Takes the fixed size off the root element and writes colours in lower case, as CSS attribute
/// selectors compare them. Labels cannot be meant: their quotes are escaped.
fn finish(svg: &str, (width, height): (u32, u32)) -> String {
    let size = format!(" width=\"{width}\" height=\"{height}\"");
    let svg = svg.replacen(&size, "", 1);
    let mut out = String::with_capacity(svg.len());
    let mut rest = svg.as_str();
    while let Some(at) = rest.find("=\"#") {
        let (before, color) = rest.split_at(at + 3);
        let end = color.find('"').unwrap_or(color.len());
        out.push_str(before);
        out.push_str(&color[..end].to_lowercase());
        rest = &color[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
