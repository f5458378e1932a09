//! Drawing a figure: categories one above the other, each with a marker and a whisker per series.

use plotters::coord::ranged1d::Ranged;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::style::{
    AXIS, AXIS_WIDTH, Area, CHARACTER, Drawn, EM, GRID, REFERENCE, REFERENCE_DASH, TEXT, TICK,
    check_width, color_of, constant, draw, font, no_data, printable, widest, wrap,
};
use super::{FigureSpec, Interval, Series};
use crate::{Error, ErrorKind, Result};

/// Most series: as many as there are shapes.
const SHAPES: usize = 4;
/// Height of a series in a category, and the space between categories, in em.
const SERIES_HEIGHT: f64 = 0.95;
const CATEGORY_GAP: f64 = 0.75;
/// Height of a line of text, and of a line of the legend, in em.
const LINE: f64 = 1.2;
const LEGEND_LINE: f64 = 1.5;
/// Space above the plot besides the legend, and below it for the tick labels, in em.
const HEAD: f64 = 0.7;
const TICK_LABELS: f64 = 2.1;
/// Between the edge of the view box and text, and between two entries of the legend, in em.
const MARGIN: f64 = 0.3;
const LEGEND_GAP: f64 = 1.5;
/// From the middle of a marker in the legend to its name, in em.
const MARKER_GAP: f64 = 0.7;
/// Lines of category names take at most this share of the width; longer names have more lines.
const NAME_SHARE: f64 = 0.36;
/// Longest category name and longest name of the value, characters; longer ones are cut.
const NAME_LENGTH: usize = 60;
const VALUE_LENGTH: usize = 200;
/// About how many em of the axis a tick takes; a narrow axis has up to `TICKS` all the same, as long
/// as their labels stay apart.
const TICK_SPACE: f64 = 5.0;
const TICKS: usize = 4;
/// Half the height of a marker, and of a whisker's end cap.
const MARKER: i32 = 8;
const CAP: i32 = 12;
const WHISKER_WIDTH: u32 = 3;

/// A figure as SVG text.
///
/// # Errors
///
/// When there are more than four series, a colour is not `#rrggbb`, a series has more or fewer
/// points than there are categories, a number is not finite, a whisker ends below its start, or the
/// width or the given ends of the x axis are impossible.
pub fn figure(spec: &FigureSpec) -> Result<String> {
    check_width(spec.width_em)?;
    check(spec)?;
    let colors = spec
        .series
        .iter()
        .map(|series| color_of("series", &series.label, &series.color));
    let colors = colors.collect::<Result<Vec<_>>>()?;
    let frame = Frame::new(spec)?;
    let foot = TICK_LABELS + LINE * frame.value.len() as f64 + MARGIN;
    let size = (spec.width_em, frame.bottom / EM + foot);
    draw(size, |area| frame.draw(area, spec, &colors))
}

fn check(spec: &FigureSpec) -> Result<()> {
    let wrong = |what: String, remedy: &str| Err(Error::new(ErrorKind::Config, what, remedy));
    if spec.series.len() > SHAPES {
        let what = format!("a figure cannot show {} series", spec.series.len());
        return wrong(what, "Show at most four.");
    }
    for series in &spec.series {
        let (points, categories) = (series.points.len(), spec.categories.len());
        if points != categories {
            let label = &series.label;
            let what = format!("series {label:?} has {points} points for {categories} categories");
            return wrong(what, "Give one point, or null, per category.");
        }
        for (category, interval) in spec.categories.iter().zip(&series.points) {
            let Some(Interval { mean, low, high }) = *interval else {
                continue;
            };
            let place = format!("series {:?} at category {category:?}", series.label);
            if let Some(bad) = [mean, low, high].into_iter().find(|x| !x.is_finite()) {
                let what = format!("{place} holds {bad}");
                return wrong(what, "Give null where there is no value.");
            }
            if low > high {
                let what = format!("{place} has a whisker from {low} to {high}");
                return wrong(what, "Give the lower end first.");
            }
        }
    }
    Ok(())
}

/// A series in the legend: the middle of its marker, in units of the view box, and its name.
struct Entry {
    x: f64,
    y: f64,
    label: String,
}

/// Where everything stands, in units of the view box.
struct Frame {
    axis: Axis,
    /// Lines of each category's name, and of the value's.
    names: Vec<Vec<String>>,
    value: Vec<String>,
    legend: Vec<Entry>,
    width: f64,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    /// Height of a category.
    row: f64,
}

impl Frame {
    fn new(spec: &FigureSpec) -> Result<Self> {
        let width = spec.width_em * EM;
        let longest = (NAME_SHARE * spec.width_em / CHARACTER) as usize;
        let names = spec.categories.iter();
        let names: Vec<_> = names
            .map(|name| wrap(&printable(name, NAME_LENGTH), longest))
            .collect();
        let name_width = widest(names.iter().flatten().map(String::as_str));
        let (axis, left, right) = horizontal(spec, name_width + 1.5 * EM)?;

        let (legend, legend_lines) = legend(&spec.series, left, width);
        let lines = names.iter().map(Vec::len).max().unwrap_or(1) as f64;
        let series = spec.series.len().max(1) as f64;
        let row = ((series * SERIES_HEIGHT).max(lines * LINE) + CATEGORY_GAP) * EM;
        let top = (HEAD + LEGEND_LINE * legend_lines as f64) * EM;
        let longest = ((spec.width_em - 2.0 * MARGIN) / CHARACTER) as usize;
        Ok(Self {
            axis,
            value: wrap(&printable(&spec.x_label, VALUE_LENGTH), longest),
            legend,
            width,
            left,
            right,
            top,
            bottom: top + row * names.len().max(1) as f64,
            row,
            names,
        })
    }

    fn x(&self, value: f64) -> i32 {
        let ends = (self.left.round() as i32, self.right.round() as i32);
        self.axis.map(&value, ends)
    }

    /// The middle of a series in a category.
    fn y(&self, category: usize, series: usize, count: usize) -> i32 {
        let offset = (series as f64 - (count as f64 - 1.0) / 2.0) * SERIES_HEIGHT * EM;
        (self.top + (category as f64 + 0.5) * self.row + offset).round() as i32
    }

    fn draw(&self, area: &Area, spec: &FigureSpec, colors: &[RGBColor]) -> Drawn {
        self.axes(area)?;
        let inside = |value: f64| (self.axis.low..=self.axis.high).contains(&value);
        if let Some(at) = spec.reference.filter(|&at| inside(at)) {
            let style = constant(REFERENCE).stroke_width(AXIS_WIDTH);
            let ends = [
                (self.x(at), self.top as i32),
                (self.x(at), self.bottom as i32),
            ];
            let (dash, gap) = REFERENCE_DASH;
            area.draw(&plotters::element::DashedPathElement::new(
                ends, dash, gap, style,
            ))?;
        }
        for (s, (entry, &color)) in self.legend.iter().zip(colors).enumerate() {
            let (x, y) = (entry.x.round() as i32, entry.y.round() as i32);
            marker(area, (x, y), s, color)?;
            let style = font(color).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw_text(&entry.label, &style, (x + (MARKER_GAP * EM) as i32, y))?;
        }
        if spec
            .series
            .iter()
            .all(|s| s.points.iter().all(Option::is_none))
        {
            let middle = (self.left + self.right, self.top + self.bottom);
            no_data(area, ((middle.0 / 2.0) as i32, (middle.1 / 2.0) as i32))?;
        }
        let count = spec.series.len();
        for (s, (series, &color)) in spec.series.iter().zip(colors).enumerate() {
            for (c, interval) in series.points.iter().enumerate() {
                if let Some(interval) = interval {
                    self.interval(area, interval, self.y(c, s, count), s, color)?;
                }
            }
        }
        Ok(())
    }

    /// Names, grid, axis and ticks.
    fn axes(&self, area: &Area) -> Drawn {
        let (top, bottom) = (self.top as i32, self.bottom as i32);
        let (left, right) = (self.left.round() as i32, self.right.round() as i32);
        let grid = constant(GRID).stroke_width(AXIS_WIDTH);
        let axis = constant(AXIS).stroke_width(AXIS_WIDTH);
        let centered = font(constant(TEXT)).pos(Pos::new(HPos::Center, VPos::Top));
        for (value, label) in &self.axis.ticks {
            let x = self.x(*value);
            area.draw(&PathElement::new([(x, top), (x, bottom)], grid))?;
            area.draw(&PathElement::new([(x, bottom), (x, bottom + TICK)], axis))?;
            area.draw_text(label, &centered, (x, bottom + 2 * TICK))?;
        }
        let half = widest(self.value.iter().map(String::as_str)) / 2.0 + MARGIN * EM;
        let middle = ((self.left + self.right) / 2.0)
            .min(self.width - half)
            .max(half);
        for (i, line) in self.value.iter().enumerate() {
            let y = self.bottom + (TICK_LABELS + LINE * i as f64) * EM;
            area.draw_text(line, &centered, (middle as i32, y as i32))?;
        }
        let named = font(constant(TEXT)).pos(Pos::new(HPos::Right, VPos::Center));
        for (c, name) in self.names.iter().enumerate() {
            if c > 0 {
                let y = (self.top + c as f64 * self.row).round() as i32;
                area.draw(&PathElement::new([(left, y), (right, y)], grid))?;
            }
            for (i, line) in name.iter().enumerate() {
                let offset = (i as f64 - (name.len() as f64 - 1.0) / 2.0) * LINE * EM;
                let y = self.y(c, 0, 1) + offset.round() as i32;
                area.draw_text(line, &named, (left - EM as i32 / 2, y))?;
            }
        }
        area.draw(&PathElement::new([(left, bottom), (right, bottom)], axis))?;
        Ok(())
    }

    /// A whisker with end caps and the marker, as far as they are within the axis.
    fn interval(
        &self,
        area: &Area,
        interval: &Interval,
        y: i32,
        series: usize,
        color: RGBColor,
    ) -> Drawn {
        let (low, high) = (self.axis.low, self.axis.high);
        let style = color.stroke_width(WHISKER_WIDTH);
        if interval.high >= low && interval.low <= high {
            let ends = [interval.low, interval.high].map(|end| self.x(end.clamp(low, high)));
            area.draw(&PathElement::new([(ends[0], y), (ends[1], y)], style))?;
            for (end, x) in [interval.low, interval.high].into_iter().zip(ends) {
                if (low..=high).contains(&end) {
                    let cap = [(x, y - CAP), (x, y + CAP)];
                    area.draw(&PathElement::new(cap, style))?;
                }
            }
        }
        if (low..=high).contains(&interval.mean) {
            marker(area, (self.x(interval.mean), y), series, color)?;
        }
        Ok(())
    }
}

/// The x axis with as many ticks as have labels that stay apart, and its left and right end. The
/// plot starts at `least` or further right.
fn horizontal(spec: &FigureSpec, least: f64) -> Result<(Axis, f64, f64)> {
    let width = spec.width_em * EM;
    let intervals = spec.series.iter().flat_map(|s| s.points.iter().flatten());
    let ends = intervals.flat_map(|i| [i.mean, i.low, i.high]);
    let values: Vec<f64> = ends.chain(spec.reference).collect();
    let mut count = (((width - least) / EM / TICK_SPACE).round() as usize).max(TICKS);
    loop {
        let mut axis = match spec.x_range {
            Some(range) => Axis::fixed(range, false, count)?,
            None => Axis::fit(values.iter().copied(), false, true, count),
        };
        let label = widest(axis.ticks.iter().map(|tick| tick.1.as_str()));
        let margin = label / 2.0 + MARGIN * EM;
        let (left, right) = (least.max(margin), width - margin.max(EM));
        let share = (label + EM / 2.0) / (right - left);
        let mut pairs = axis.ticks.windows(2);
        let apart = pairs.all(|pair| pair[1].0 - pair[0].0 >= share * (axis.high - axis.low));
        if !apart && count > 1 {
            count -= 1;
            continue;
        }
        if !apart {
            axis.ticks.truncate(1);
        }
        return Ok((axis, left, right));
    }
}

/// The legend and how many lines it takes: above the plot if one line is enough, else over the whole
/// width.
fn legend(series: &[Series], left: f64, width: f64) -> (Vec<Entry>, usize) {
    let longest = ((width / EM - MARKER_GAP - 4.0 * MARGIN) / CHARACTER) as usize;
    let label = |series: &Series| printable(&series.label, longest);
    let labels: Vec<String> = series.iter().map(label).collect();
    let taken = |label: &String| MARKER_GAP * EM + widest([label.as_str()].into_iter());
    let gaps = LEGEND_GAP * EM * labels.len().saturating_sub(1) as f64;
    let total = labels.iter().map(taken).sum::<f64>() + gaps;
    let end = width - MARGIN * EM;
    let start = if left + total <= end {
        left
    } else {
        2.0 * MARGIN * EM
    };
    let (mut x, mut line) = (start, 0);
    let mut placed = Vec::new();
    for label in labels {
        let taken = taken(&label);
        if x > start && x + taken > end {
            (x, line) = (start, line + 1);
        }
        let y = (HEAD / 2.0 + 0.5 + LEGEND_LINE * line as f64) * EM;
        placed.push(Entry { x, y, label });
        x += taken + LEGEND_GAP * EM;
    }
    let lines = if placed.is_empty() { 0 } else { line + 1 };
    (placed, lines)
}

/// The shape of a series: circle, square, diamond, triangle.
fn marker(area: &Area, (x, y): (i32, i32), series: usize, color: RGBColor) -> Drawn {
    let (m, fill) = (MARKER, color.filled());
    match series {
        0 => area.draw(&Circle::new((x, y), m, fill))?,
        1 => area.draw(&Rectangle::new([(x - m, y - m), (x + m, y + m)], fill))?,
        2 => {
            let corners = vec![
                (x, y - m - 2),
                (x + m + 2, y),
                (x, y + m + 2),
                (x - m - 2, y),
            ];
            area.draw(&Polygon::new(corners, fill))?
        }
        _ => {
            let corners = vec![(x, y - m - 1), (x + m + 1, y + m), (x - m - 1, y + m)];
            area.draw(&Polygon::new(corners, fill))?
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
