//! What can be chosen when rows become a dataset (model.md 2.4), with its defaults.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::data::date::Windows;
use crate::data::row::{Action, Actions};
use crate::{Error, ErrorKind, Result};

/// What one instance stands for (D2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A (user, item) pair active in the window; its day is the first on which it was active.
    #[default]
    PairWindow,
    /// A (user, item) pair active on a day.
    PairDay,
    /// A row of the log.
    Row,
}

impl Unit {
    /// `pair_window`, `pair_day` or `row`.
    pub fn name(self) -> &'static str {
        match self {
            Unit::PairWindow => "pair_window",
            Unit::PairDay => "pair_day",
            Unit::Row => "row",
        }
    }
}

impl FromStr for Unit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        [Unit::PairWindow, Unit::PairDay, Unit::Row]
            .into_iter()
            .find(|unit| unit.name() == text)
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Config,
                    format!("\"{text}\" is not an instance unit"),
                    "Choose pair_window, pair_day or row.",
                )
            })
    }
}

/// How large a dense core to cut out of the log (model.md 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoreSize {
    /// At most this many users are kept.
    pub users: usize,
    /// Merchants are picked, those with most edges per item first, until they sell this many items.
    pub items: usize,
    /// Every kept user is in the k-core of G: has so many edges with items that have as many.
    pub k: u32,
}

impl CoreSize {
    /// Items per user, where only the number of users is given.
    pub const ITEMS_PER_USER: usize = 5;
    /// Default of [`k`](Self::k).
    pub const K: u32 = 3;

    /// A core of so many users, the rest by default.
    pub fn of_users(users: usize) -> Self {
        Self {
            users,
            items: users * Self::ITEMS_PER_USER,
            k: Self::K,
        }
    }
}

/// Everything that decides how rows become a dataset.
#[derive(Clone, Debug)]
pub struct PrepareConfig {
    /// A short name for people.
    pub name: String,
    /// Whether the rows were generated.
    pub synthetic: bool,
    /// Where the rows come from, in a sentence; what was chosen from them is added to it.
    pub provenance: String,
    /// The three windows.
    pub windows: Windows,
    /// What an instance is (D2).
    pub unit: Unit,
    /// Actions that make an edge of G (D4).
    pub edge_actions: Actions,
    /// Unobserved items drawn as negatives per positive instance (D3).
    pub neg_ratio: u32,
    /// Whether the last day of the training window is set apart for validation (C8).
    pub validation: bool,
    /// The dense core to cut out; `None` keeps everything.
    pub core: Option<CoreSize>,
    /// Seed of the sampled negatives.
    pub seed: u64,
    /// Bytes that the rows kept in memory may take.
    pub memory_limit: usize,
}

impl PrepareConfig {
    /// Default of [`memory_limit`](Self::memory_limit); the contest's whole log stays well below it.
    pub const MEMORY_LIMIT: usize = 2 << 30;
}

impl Default for PrepareConfig {
    fn default() -> Self {
        Self {
            name: "IJCAI-15".into(),
            synthetic: false,
            provenance: "Rows in the schema of the IJCAI-15 contest.".into(),
            windows: Windows::default(),
            unit: Unit::default(),
            edge_actions: Actions::of(&[Action::Favourite, Action::Purchase]),
            neg_ratio: 0,
            validation: true,
            core: None,
            seed: 0,
            memory_limit: Self::MEMORY_LIMIT,
        }
    }
}
