//! What all drawings have in common: colours, fonts, and the way from a drawing to SVG text.

use std::ops::RangeInclusive;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

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
pub(super) const EM: f64 = 28.0;
/// Widths that a chart can have, in em.
pub(super) const WIDTHS: RangeInclusive<f64> = 10.0..=200.0;
/// plotters writes the size that it is given divided by this.
pub(super) const PLOTTERS_FONT_SCALE: f64 = 1.24;
/// Mean width of a character of a sans-serif font, in em.
pub(super) const CHARACTER: f64 = 0.56;
pub(super) const AXIS_WIDTH: u32 = 2;
pub(super) const TICK: i32 = 8;
/// Dash and gap of the reference line.
pub(super) const REFERENCE_DASH: (u32, u32) = (8, 10);

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

/// Refuses widths that a drawing cannot have.
pub(super) fn check_width(width_em: f64) -> Result<()> {
    if WIDTHS.contains(&width_em) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Config,
        format!("a chart cannot be {width_em} em wide"),
        format!(
            "Give a width from {} to {} em.",
            WIDTHS.start(),
            WIDTHS.end()
        ),
    ))
}

/// Draws on an area of the given size in em; what comes out is SVG text.
pub(super) fn draw(size: (f64, f64), drawing: impl FnOnce(&Area) -> Drawn) -> Result<String> {
    let mut svg = String::new();
    let size = ((size.0 * EM).round() as u32, (size.1 * EM).round() as u32);
    let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    drawing(&area)
        .and_then(|()| Ok(area.present()?))
        .map_err(|error| {
            Error::new(
                ErrorKind::Data,
                format!("the chart could not be drawn: {error}"),
                "Check its numbers.",
            )
        })?;
    drop(area);
    Ok(finish(&svg, size))
}

/// The width that the longest of some labels takes, in units of the view box.
pub(super) fn widest<'a>(labels: impl Iterator<Item = &'a str>) -> f64 {
    labels.map(|label| label.chars().count()).max().unwrap_or(0) as f64 * CHARACTER * EM
}

/// The colour `#rrggbb` of something with a label.
pub(super) fn color_of(what: &str, label: &str, text: &str) -> Result<RGBColor> {
    color(text).ok_or_else(|| {
        Error::new(
            ErrorKind::Config,
            format!("the colour of {what} {label:?} is {text:?}"),
            "Give six hexadecimal digits after a hash, as in #1f77b4.",
        )
    })
}

pub(super) fn font(color: RGBColor) -> TextStyle<'static> {
    ("sans-serif", EM * PLOTTERS_FONT_SCALE)
        .into_font()
        .color(&color)
}

/// Says in the middle of a drawing that there is nothing to show.
pub(super) fn no_data(area: &Area, middle: (i32, i32)) -> Drawn {
    let style = font(constant(TEXT)).pos(Pos::new(HPos::Center, VPos::Center));
    Ok(area.draw_text("no data yet", &style, middle)?)
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
pub(super) fn constant(text: &str) -> RGBColor {
    color(text).unwrap_or(BLACK)
}

/// A label without characters that SVG cannot hold, cut to a length.
pub(super) fn printable(label: &str, length: usize) -> String {
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

/// A label in lines of at most `longest` characters: it breaks after spaces and hyphens and before
/// plus signs. Parts that are longer than a line are cut.
pub(super) fn wrap(label: &str, longest: usize) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for c in label.chars() {
        match parts.last_mut() {
            Some(part) if c != '+' && !part.ends_with([' ', '-']) => part.push(c),
            _ => parts.push(c.to_string()),
        }
    }
    let length = |text: &str| text.trim_end().chars().count();
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.chars().count() + length(&part) <= longest => line.push_str(&part),
            _ => lines.push(part),
        }
    }
    lines
        .iter()
        .map(|line| printable(line.trim(), longest))
        .collect()
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
mod tests {
    use super::*;

    #[test]
    fn labels_break_where_their_parts_meet() {
        assert_eq!(wrap("MoGE", 13), ["MoGE"]);
        assert_eq!(wrap("Shared-Bottom+Graph", 13), ["Shared-Bottom", "+Graph"]);
        assert_eq!(wrap("Shared-Bottom+Graph", 12), ["Shared-", "Bottom+Graph"]);
        assert_eq!(wrap("Shared-Bottom+Graph", 19), ["Shared-Bottom+Graph"]);
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("größenordnung", 5), ["größ…"]);
        assert!(wrap("", 5).is_empty());
    }
}
