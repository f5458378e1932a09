//! Drawing a chart.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::line::{Point, band_pieces, spread, visible_runs};
use super::style::{
    AXIS, AXIS_WIDTH, Area, CHARACTER, Drawn, EM, GRID, REFERENCE, REFERENCE_DASH, TEXT, TICK,
    check_width, color_of, constant, draw, font, no_data, printable, widest,
};
use super::{ChartSpec, Curve};
use crate::Result;

/// Width over height.
const ASPECT: f64 = 16.0 / 9.0;
const CURVE_WIDTH: u32 = 4;
/// How much of what is below a band it hides.
const BAND_OPACITY: f64 = 0.15;
/// Dash and gap of dashed curves.
const DASH: (u32, u32) = (18, 12);
/// About how many em of an axis a tick takes.
const X_TICK: f64 = 7.0;
const Y_TICK: f64 = 3.5;
/// Longest end label, characters; longer ones are cut.
const LABEL_LENGTH: usize = 28;
/// End labels that take more of the width than this are left to the page's legend.
const LABEL_SHARE: f64 = 0.22;

/// A chart as SVG text.
///
/// # Errors
///
/// When a colour is not `#rrggbb`, or the width or the given ends of the y axis are impossible.
pub fn render(spec: &ChartSpec) -> Result<String> {
    check_width(spec.width_em)?;
    let size = (spec.width_em, spec.width_em / ASPECT);
    let x_ticks = (size.0 / X_TICK).round() as usize;
    let y_ticks = (size.1 / Y_TICK).round() as usize;
    let points = || spec.curves.iter().flat_map(|curve| &curve.points);
    let bands = || spec.curves.iter().flat_map(|curve| &curve.band);
    let across = points().map(|point| point.0);
    let across = across.chain(bands().map(|slice| slice.0));
    let x_axis = Axis::fit(across, spec.log_x, false, x_ticks);
    let y_axis = match spec.y_range {
        Some(range) => Axis::fixed(range, spec.log_y, y_ticks)?,
        None => {
            let ends = bands().flat_map(|slice| [slice.1, slice.2]);
            let heights = points().map(|point| point.1).chain(ends);
            let heights = heights.chain(spec.reference);
            Axis::fit(heights, spec.log_y, true, y_ticks)
        }
    };
    let lines = spec
        .curves
        .iter()
        .map(|curve| Line::new(curve, &x_axis, &y_axis));
    let lines = lines.collect::<Result<Vec<_>>>()?;

    draw(size, |area| {
        draw_chart(area, spec, &x_axis, &y_axis, &lines)
    })
}

/// A curve in axis space.
struct Line {
    label: String,
    color: RGBColor,
    dash: bool,
    runs: Vec<Vec<Point>>,
    /// Outlines of the band's pieces.
    band: Vec<Vec<Point>>,
}

impl Line {
    fn new(curve: &Curve, x_axis: &Axis, y_axis: &Axis) -> Result<Self> {
        let color = color_of("curve", &curve.label, &curve.color)?;
        let place = |&(x, y): &(f64, f64)| Some((x_axis.place(x)?, y_axis.place(y)?));
        let runs = visible_runs(curve.points.iter().map(place), y_axis.low, y_axis.high);
        let slice = |&(x, low, high): &(f64, f64, f64)| {
            Some((x_axis.place(x)?, y_axis.place(low)?, y_axis.place(high)?))
        };
        let band = band_pieces(curve.band.iter().map(slice), y_axis.low, y_axis.high);
        Ok(Self {
            label: printable(&curve.label, LABEL_LENGTH),
            color,
            dash: curve.dash,
            runs,
            band,
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
        let fill = line.color.mix(BAND_OPACITY).filled();
        let pieces = line.band.iter().cloned();
        chart.draw_series(pieces.map(|outline| Polygon::new(outline, fill)))?;
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
    if lines
        .iter()
        .all(|line| line.runs.is_empty() && line.band.is_empty())
    {
        let middle = ((across.start + across.end) / 2, (top + bottom) / 2);
        no_data(area, middle)?;
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

#[cfg(test)]
mod tests;
