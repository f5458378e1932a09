//! Days of 2014 and the three windows of the paper.
//!
//! The log writes a day as `mmdd` (`time_stamp` 829 or 0829 is 29 August 2014). A window is a run of
//! whole days; graph, training and test windows never overlap (model.md 3.3, step 5), so no label can
//! leak into the graph.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Result};

const MONTH_LENGTHS: [u16; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// A day of the year 2014; 1 January is day 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(u16);

impl Day {
    /// The day written `mmdd`; `None` when there is no such day in 2014 (0230, 1301, 0).
    pub const fn from_mmdd(mmdd: u16) -> Option<Self> {
        let (month, day) = (mmdd / 100, mmdd % 100);
        if month < 1 || month > 12 || day < 1 || day > MONTH_LENGTHS[month as usize - 1] {
            return None;
        }
        let mut of_year = day - 1;
        let mut earlier = 0;
        while earlier + 1 < month as usize {
            of_year += MONTH_LENGTHS[earlier];
            earlier += 1;
        }
        Some(Self(of_year))
    }

    /// The day with this number in the year, 1 January being 0; `None` from 365 on.
    pub fn from_number(number: u16) -> Option<Self> {
        (number < 365).then_some(Self(number))
    }

    /// The number of the day in the year, 1 January being 0.
    pub fn number(self) -> u16 {
        self.0
    }

    /// The day as the log writes it: 829 for 29 August.
    pub fn mmdd(self) -> u16 {
        let mut rest = self.0;
        for (month, &length) in (1..).zip(&MONTH_LENGTHS) {
            if rest < length {
                return month * 100 + rest + 1;
            }
            rest -= length;
        }
        unreachable!("a day is below 365")
    }

    /// The day of the week, Monday being 0 (1 January 2014 was a Wednesday).
    pub fn weekday(self) -> usize {
        (self.0 as usize + 2) % 7
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.mmdd())
    }
}

impl FromStr for Day {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.parse()
            .ok()
            .filter(|_| text.len() <= 4)
            .and_then(Day::from_mmdd)
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Config,
                    format!("\"{text}\" is not a day of 2014"),
                    "Write month and day with two digits each, as in 0829.",
                )
            })
    }
}

impl TryFrom<String> for Day {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

/// A run of days, both ends included. Written `0709-1008`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
}

impl Window {
    const fn of(first: u16, last: u16) -> Self {
        match (Day::from_mmdd(first), Day::from_mmdd(last)) {
            (Some(first), Some(last)) => Self { first, last },
            _ => panic!("not a day of 2014"),
        }
    }

    /// Whether the window holds a day.
    pub fn contains(&self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }

    /// Number of days.
    pub fn days(&self) -> u16 {
        self.last.0 - self.first.0 + 1
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl FromStr for Window {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (first, last) = text.split_once('-').ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                format!("\"{text}\" is not a window"),
                "Write its first and last day, as in 0709-1008.",
            )
        })?;
        Ok(Self {
            first: first.parse()?,
            last: last.parse()?,
        })
    }
}

/// The three windows of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows {
    /// Edges of G come from here.
    pub graph: Window,
    /// Training instances come from here; its last day is the validation set (C8).
    pub train: Window,
    /// Test instances come from here.
    pub test: Window,
}

impl Default for Windows {
    /// The paper's windows: graph 0709-1008, train 1009-1022, test 1023-1025.
    fn default() -> Self {
        Self {
            graph: Window::of(709, 1008),
            train: Window::of(1009, 1022),
            test: Window::of(1023, 1025),
        }
    }
}

impl Windows {
    /// Day 0 of [`Instances::day`](super::Instances::day): the earliest day of any window (the first
    /// of the graph window in every sensible setting).
    pub fn origin(&self) -> Day {
        self.graph.first.min(self.train.first).min(self.test.first)
    }

    /// Refuses windows that run backwards, overlap, or span more days than a `u8` can count.
    pub fn validate(&self) -> Result<()> {
        let named = [
            ("graph", self.graph),
            ("train", self.train),
            ("test", self.test),
        ];
        for (name, window) in named {
            if window.first > window.last {
                return Err(Error::new(
                    ErrorKind::Config,
                    format!("the {name} window {window} ends before it begins"),
                    "Write the earlier day first.",
                ));
            }
        }
        for (i, (a_name, a)) in named.iter().enumerate() {
            for (b_name, b) in &named[i + 1..] {
                if a.first <= b.last && b.first <= a.last {
                    return Err(Error::new(
                        ErrorKind::Config,
                        format!("the {a_name} window {a} and the {b_name} window {b} overlap"),
                        "Move one of them: a label that is also an edge of the graph would leak.",
                    ));
                }
            }
        }
        let last = self.graph.last.max(self.train.last).max(self.test.last);
        if last.0 - self.origin().0 > u16::from(u8::MAX) {
            return Err(Error::new(
                ErrorKind::Config,
                format!(
                    "the windows span more than 256 days ({} to {last})",
                    self.origin()
                ),
                "Choose shorter windows.",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_both_ways_and_february_ends_on_the_28th() {
        for number in 0..365 {
            let day = Day::from_number(number).unwrap();
            assert_eq!(Day::from_mmdd(day.mmdd()), Some(day));
        }
        assert_eq!(Day::from_mmdd(101).unwrap().number(), 0);
        assert_eq!(Day::from_mmdd(1231).unwrap().number(), 364);
        for wrong in [0, 100, 229, 230, 431, 1131, 1301, 9999] {
            assert_eq!(Day::from_mmdd(wrong), None, "{wrong}");
        }
        // 11 November 2014 was a Tuesday.
        assert_eq!(Day::from_mmdd(1111).unwrap().weekday(), 1);
    }

    #[test]
    fn the_papers_windows_have_the_papers_lengths() {
        let windows = Windows::default();
        windows.validate().unwrap();
        assert_eq!(
            (
                windows.graph.days(),
                windows.train.days(),
                windows.test.days()
            ),
            (92, 14, 3)
        );
        assert_eq!("0709-1008".parse::<Window>().unwrap(), windows.graph);
        assert!("0230-0301".parse::<Window>().is_err());
    }

    #[test]
    fn overlaps_and_backward_windows_are_refused() {
        let with = |train: &str| Windows {
            train: train.parse().unwrap(),
            ..Windows::default()
        };
        let message = with("1008-1022").validate().unwrap_err().to_string();
        assert!(
            message.contains("overlap") && message.contains("1008-1022"),
            "{message}"
        );
        assert!(with("1022-1009").validate().is_err());
        assert!(with("0101-0105").validate().is_err());
    }
}
