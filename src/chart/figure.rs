//! Drawing a figure: categories one above the other, each with a marker and a whisker per series.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::style::{
    AXIS, AXIS_WIDTH, Area, CHARACTER, Drawn, EM, GRID, REFERENCE, REFERENCE_DASH, TEXT, TICK,
    X_TICK, check_width, color_of, constant, draw, font, printable, widest,
};
use super::{FigureSpec, Interval, Series};
use crate::{Error, ErrorKind, Result};

/// Most series: as many as there are shapes.
const SHAPES: usize = 4;
/// Height of a series in a category, and the space between categories, in em.
const SERIES_HEIGHT: f64 = 0.95;
const CATEGORY_GAP: f64 = 0.75;
/// Height of the axis with its labels and of the legend, in em.
const FOOT: f64 = 3.6;
const LEGEND: f64 = 2.2;
/// Category names take at most this share of the width; longer ones are cut.
const NAME_SHARE: f64 = 0.42;
const MARKER: i32 = 8;
const WHISKER_WIDTH: u32 = 3;

/// A figure as SVG text.
///
/// # Errors
///
/// When a colour is not `#rrggbb`, a series has more or fewer points than there are categories, a
/// number is not finite, or the width or the given ends of the x axis are impossible.
pub fn figure(spec: &FigureSpec) -> Result<String> {
    check_width(spec.width_em)?;
    check(spec)?;
    let ticks = (0.6 * spec.width_em / X_TICK).round().max(2.0) as usize;
    let axis = match spec.x_range {
        Some(range) => Axis::fixed(range, false, ticks)?,
        None => {
            let intervals = spec.series.iter().flat_map(|s| s.points.iter().flatten());
            let ends = intervals.flat_map(|i| [i.mean, i.low, i.high]);
            Axis::fit(ends.chain(spec.reference), false, true, ticks)
        }
    };
    let colors = spec
        .series
        .iter()
        .map(|series| color_of("series", &series.label, &series.color));
    let colors = colors.collect::<Result<Vec<_>>>()?;
    let frame = Frame::new(spec, axis);
    let size = (spec.width_em, frame.bottom / EM + FOOT);
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
        let numbers = series.points.iter().flatten();
        let mut numbers = numbers.flat_map(|i| [i.mean, i.low, i.high]);
        if let Some(bad) = numbers.find(|x| !x.is_finite()) {
            let what = format!("series {:?} holds {bad}", series.label);
            return wrong(what, "Give null where there is no value.");
        }
    }
    Ok(())
}

/// Where everything stands, in units of the view box.
struct Frame {
    axis: Axis,
    names: Vec<String>,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    /// Height of a category.
    row: f64,
}

impl Frame {
    fn new(spec: &FigureSpec, axis: Axis) -> Self {
        let longest = (NAME_SHARE * spec.width_em / CHARACTER) as usize;
        let names: Vec<String> = spec
            .categories
            .iter()
            .map(|name| printable(name, longest))
            .collect();
        let row = (spec.series.len().max(1) as f64 * SERIES_HEIGHT + CATEGORY_GAP) * EM;
        let top = LEGEND * EM;
        Self {
            left: widest(names.iter().map(String::as_str)) + 1.5 * EM,
            right: (spec.width_em - 1.5) * EM,
            top,
            bottom: top + row * names.len().max(1) as f64,
            row,
            axis,
            names,
        }
    }

    fn x(&self, value: f64) -> i32 {
        let share = (value - self.axis.low) / (self.axis.high - self.axis.low);
        (self.left + share * (self.right - self.left)).round() as i32
    }

    /// The middle of a series in a category.
    fn y(&self, category: usize, series: usize, count: usize) -> i32 {
        let offset = (series as f64 - (count as f64 - 1.0) / 2.0) * SERIES_HEIGHT * EM;
        (self.top + (category as f64 + 0.5) * self.row + offset).round() as i32
    }

    fn draw(&self, area: &Area, spec: &FigureSpec, colors: &[RGBColor]) -> Drawn {
        self.axes(area, spec)?;
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
        self.legend(area, &spec.series, colors)?;
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
    fn axes(&self, area: &Area, spec: &FigureSpec) -> Drawn {
        let (top, bottom) = (self.top as i32, self.bottom as i32);
        let (left, right) = (self.left as i32, self.right as i32);
        let grid = constant(GRID).stroke_width(AXIS_WIDTH);
        let axis = constant(AXIS).stroke_width(AXIS_WIDTH);
        let centered = font(constant(TEXT)).pos(Pos::new(HPos::Center, VPos::Top));
        for (value, label) in &self.axis.ticks {
            let x = self.x(*value);
            area.draw(&PathElement::new([(x, top), (x, bottom)], grid))?;
            area.draw(&PathElement::new([(x, bottom), (x, bottom + TICK)], axis))?;
            area.draw_text(label, &centered, (x, bottom + 2 * TICK))?;
        }
        area.draw(&PathElement::new([(left, bottom), (right, bottom)], axis))?;
        let middle = (left + right) / 2;
        let below = (self.bottom + (FOOT - 1.5) * EM) as i32;
        area.draw_text(
            &printable(&spec.x_label, usize::MAX),
            &centered,
            (middle, below),
        )?;
        let named = font(constant(TEXT)).pos(Pos::new(HPos::Right, VPos::Center));
        for (c, name) in self.names.iter().enumerate() {
            area.draw_text(name, &named, (left - EM as i32 / 2, self.y(c, 0, 1)))?;
        }
        Ok(())
    }

    /// The series' markers and names, side by side above the plot.
    fn legend(&self, area: &Area, series: &[Series], colors: &[RGBColor]) -> Drawn {
        let mut x = self.left;
        let y = (0.9 * EM) as i32;
        for (s, (series, &color)) in series.iter().zip(colors).enumerate() {
            let label = printable(&series.label, usize::MAX);
            marker(area, (x as i32, y), s, color)?;
            let style = font(color).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw_text(&label, &style, ((x + 0.7 * EM) as i32, y))?;
            x += widest([label.as_str()].into_iter()) + 2.2 * EM;
        }
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
                    let cap = [(x, y - MARKER), (x, y + MARKER)];
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
