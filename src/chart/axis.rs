//! One axis: its range, its scale and its ticks.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::error::thousands;
use crate::{Error, ErrorKind, Result};

/// Larger numbers are not drawn.
const LARGEST: f64 = 1e38;
/// Narrowest range, relative to its ends: below it, ticks would not differ in `f64`.
const NARROWEST: f64 = 1e-9;
/// Space left beyond the data, relative to their range.
const PADDING: f64 = 0.05;

/// An axis in its own space: logarithms to base 10 on a logarithmic axis, else the values.
#[derive(Clone)]
pub(super) struct Axis {
    log: bool,
    pub low: f64,
    pub high: f64,
    /// Positions in axis space with their labels, ascending.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis that holds all values, with space beyond them if `padded`, and about `count` ticks.
    pub fn fit(values: impl Iterator<Item = f64>, log: bool, padded: bool, count: usize) -> Self {
        let mut ends: Option<(f64, f64)> = None;
        for value in values.filter_map(|value| place(value, log)) {
            let (low, high) = ends.unwrap_or((value, value));
            ends = Some((low.min(value), high.max(value)));
        }
        let (mut low, mut high) = ends.unwrap_or((0.0, 1.0));
        if high - low <= NARROWEST * low.abs().max(high.abs()) {
            let margin = if low == 0.0 || log {
                0.5
            } else {
                low.abs() * PADDING
            };
            (low, high) = (low - margin, high + margin);
        } else if padded {
            let margin = (high - low) * PADDING;
            (low, high) = (low - margin, high + margin);
        }
        Self {
            log,
            low,
            high,
            ticks: ticks(low, high, log, count),
        }
    }

    /// An axis with given ends.
    ///
    /// # Errors
    ///
    /// When the ends cannot be drawn, do not ascend or are too close to each other.
    pub fn fixed((low, high): (f64, f64), log: bool, count: usize) -> Result<Self> {
        match (place(low, log), place(high, log)) {
            (Some(low), Some(high)) if high - low > NARROWEST * low.abs().max(high.abs()) => {
                Ok(Self {
                    log,
                    low,
                    high,
                    ticks: ticks(low, high, log, count),
                })
            }
            _ => Err(Error::new(
                ErrorKind::Config,
                format!("an axis cannot reach from {low} to {high}"),
                "Give a lower end below the upper one; both positive on a logarithmic axis.",
            )),
        }
    }

    /// A value in axis space, or `None` when it cannot be drawn.
    pub fn place(&self, value: f64) -> Option<f64> {
        place(value, self.log)
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let share = (value - self.low) / (self.high - self.low);
        (f64::from(start) + share * f64::from(end - start)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // The mesh asks for bold points, which are labelled, and then for light ones.
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|tick| tick.0).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format(value: &f64) -> String {
        value.to_string()
    }

    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|tick| tick.0 == *value);
        tick.map(|tick| tick.1.clone()).unwrap_or_default()
    }
}

fn place(value: f64, log: bool) -> Option<f64> {
    if !value.is_finite() || value.abs() > LARGEST || (log && value <= 0.0) {
        return None;
    }
    Some(if log { value.log10() } else { value })
}

fn ticks(low: f64, high: f64, log: bool, count: usize) -> Vec<(f64, String)> {
    if !log {
        return linear_ticks(low, high, count);
    }
    let decades: Vec<i32> = (low.ceil() as i32..=high.floor() as i32).collect();
    if decades.len() >= 3 {
        let stride = decades.len().div_ceil(count);
        let tick = |&k: &i32| (f64::from(k), number(10f64.powi(k), (-k).max(0) as usize));
        return decades.iter().step_by(stride).map(tick).collect();
    }
    let mut steps = Vec::new();
    for k in low.floor() as i32..=high.floor() as i32 {
        for multiple in [1.0, 2.0, 5.0] {
            let value = multiple * 10f64.powi(k);
            if low <= value.log10() && value.log10() <= high {
                steps.push((value.log10(), number(value, (-k).max(0) as usize)));
            }
        }
    }
    if steps.len() >= 3 {
        return steps;
    }
    let inside = linear_ticks(10f64.powf(low), 10f64.powf(high), count);
    inside
        .into_iter()
        .map(|(value, label)| (value.log10(), label))
        .collect()
}

/// Multiples of 1, 2 or 5 times a power of ten, at most `count + 1` of them.
fn linear_ticks(low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    let raw = (high - low) / count as f64;
    let magnitude = 10f64.powf(raw.log10().floor());
    let nice = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|nice| nice * magnitude >= raw * (1.0 - 1e-9));
    let step = nice.unwrap_or(10.0) * magnitude;
    let decimals = (-(step.log10() + 1e-9).floor()).max(0.0) as usize;
    let first = (low / step - 1e-9).ceil();
    (0..=count)
        .map(|k| (first + k as f64) * step)
        .take_while(|&value| value <= high + 1e-9 * (high - low))
        .map(|value| (value, number(value, decimals)))
        .collect()
}

/// A number for people: `0.75`, `48,000`, `2.5e-7`.
fn number(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e7 || decimals > 6 {
        let text = format!("{value:.3e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
        return if mantissa.trim_start_matches('-') == "0" {
            "0".to_owned()
        } else {
            format!("{mantissa}e{exponent}")
        };
    }
    let text = format!("{:.decimals$}", value.abs());
    let sign = if value < 0.0 && text.contains(|c| ('1'..='9').contains(&c)) {
        "-"
    } else {
        ""
    };
    match text.parse::<u64>() {
        Ok(whole) if whole >= 1000 => format!("{sign}{}", thousands(whole)),
        _ => format!("{sign}{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_numbers_within_the_range() {
        let fixed = |range, log| Axis::fixed(range, log, 6).unwrap();
        assert_eq!(
            labels(&fixed((0.0, 1.0), false)),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            labels(&fixed((0.47, 0.58), false)),
            ["0.48", "0.50", "0.52", "0.54", "0.56", "0.58"]
        );
        assert_eq!(
            labels(&fixed((-1.0, 1.0), false)),
            ["-1.0", "-0.5", "0.0", "0.5", "1.0"]
        );
        assert_eq!(
            labels(&fixed((0.0, 60_000.0), false))[1..3],
            ["10,000", "20,000"]
        );
        assert_eq!(
            labels(&fixed((0.001, 100.0), true)),
            ["0.001", "0.01", "0.1", "1", "10", "100"]
        );
        assert_eq!(labels(&fixed((1.0, 12.0), true)), ["1", "2", "5", "10"]);
        assert_eq!(
            labels(&fixed((2.0, 3.0), true)),
            ["2.0", "2.2", "2.4", "2.6", "2.8", "3.0"]
        );
        assert_eq!(
            labels(&fixed((0.0, 4e-8), false)),
            ["0", "1e-8", "2e-8", "3e-8", "4e-8"]
        );
    }

    #[test]
    fn a_fitted_axis_holds_its_values_and_ignores_what_cannot_be_drawn() {
        let values = [1.0, f64::NAN, 3.0, f64::INFINITY, -1e300];
        let axis = Axis::fit(values.into_iter(), false, true, 6);
        assert!((axis.low - 0.9).abs() < 1e-12 && (axis.high - 3.1).abs() < 1e-12);
        let log = Axis::fit([0.0, -1.0, 10.0, 1000.0].into_iter(), true, false, 6);
        assert_eq!((log.low, log.high), (1.0, 3.0));
        for constant in [0.0, 5.0, -1e38, 1e-300] {
            let axis = Axis::fit([constant; 3].into_iter(), false, true, 6);
            assert!(axis.low < constant && constant < axis.high && !axis.ticks.is_empty());
        }
    }

    #[test]
    fn impossible_ranges_are_errors() {
        for (range, log) in [((1.0, 1.0), false), ((2.0, 1.0), false), ((0.0, 1.0), true)] {
            assert!(Axis::fixed(range, log, 6).is_err());
        }
        assert!(Axis::fixed((f64::NAN, 1.0), false, 6).is_err());
    }
}
