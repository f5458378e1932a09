//! Counts that tell how the paper built its instances (model.md 3.2).
//!
//! The paper's Table 1 has 3.81e6 training and 9.69e5 test instances, 1.07e6 nodes and 3.94e6 edges,
//! but does not say what was counted. Given the contest's whole log, these counts show which reading
//! comes nearest.

use std::fmt;

use serde::Serialize;

use super::config::Unit;
use crate::data::events::Event;
use crate::data::row::{ACTIONS, Action, Actions};
use crate::error::thousands;

/// Rows of the whole contest log per action code (model.md 3.1).
const PUBLISHED: [u64; 4] = [48_550_713, 76_750, 3_292_144, 3_005_723];

/// Edge rules compared: a name and the actions that make an edge.
const RULES: [(&str, Actions); 3] = [
    (
        "favourite+purchase",
        Actions::of(&[Action::Favourite, Action::Purchase]),
    ),
    (
        "favourite+purchase+cart",
        Actions::of(&[Action::Favourite, Action::Purchase, Action::Cart]),
    ),
    ("all", Actions::ALL),
];

/// Number of instances if an instance were one `unit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitCount {
    /// What an instance is.
    pub unit: Unit,
    /// Instances of the training window, its last day included.
    pub train: u64,
    /// Instances of the test window.
    pub test: u64,
}

/// Size of G if these actions made an edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EdgeCount {
    /// The actions.
    pub rule: &'static str,
    /// Distinct (user, item) pairs; the paper may count each twice.
    pub pairs: u64,
    /// Users and items with an edge.
    pub graph_nodes: u64,
    /// Users and items with an edge or any row in the training or test window.
    pub all_nodes: u64,
}

/// The build-time diagnostic, counted before any subsampling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Rows of the file per action code.
    pub rows: [u64; 4],
    /// Rows inside a window.
    pub rows_in_windows: u64,
    /// One entry per instance unit.
    pub units: Vec<UnitCount>,
    /// One entry per edge rule; the rule `all` is missing where clicks had to be given up for lack
    /// of memory.
    pub edges: Vec<EdgeCount>,
}

impl Diagnostic {
    /// `[train, test]` events come sorted, with their number of rows; `graph` events merged over
    /// days.
    pub(super) fn count(
        rows: [u64; 4],
        rows_in_windows: u64,
        graph: &[Event],
        windows: [(&[Event], u64); 2],
        nodes: (usize, usize),
        clicks_kept: bool,
    ) -> Self {
        let distinct = |same: fn(&Event, &Event) -> bool| {
            windows.map(|(events, _)| events.chunk_by(same).count() as u64)
        };
        let units = [
            (Unit::Row, windows.map(|(_, rows)| rows)),
            (
                Unit::PairDay,
                distinct(|a, b| a.pair() == b.pair() && a.day == b.day),
            ),
            (Unit::PairWindow, distinct(|a, b| a.pair() == b.pair())),
        ];
        let edges = RULES[..if clicks_kept { 3 } else { 2 }]
            .iter()
            .map(|&(rule, actions)| {
                let (mut users, mut items) = (vec![false; nodes.0], vec![false; nodes.1]);
                let mut mark = |event: &Event| {
                    users[event.user as usize] = true;
                    items[event.item as usize] = true;
                };
                let edges = graph.iter().filter(|event| event.actions.meets(actions));
                let pairs = edges.inspect(|&event| mark(event)).count() as u64;
                let count = |flags: &[bool]| flags.iter().filter(|&&flag| flag).count() as u64;
                let graph_nodes = count(&users) + count(&items);
                for event in windows.iter().flat_map(|(events, _)| *events) {
                    users[event.user as usize] = true;
                    items[event.item as usize] = true;
                }
                EdgeCount {
                    rule,
                    pairs,
                    graph_nodes,
                    all_nodes: count(&users) + count(&items),
                }
            });
        Self {
            rows,
            rows_in_windows,
            units: units
                .map(|(unit, [train, test])| UnitCount { unit, train, test })
                .into(),
            edges: edges.collect(),
        }
    }

    /// For the contest's whole log, recognised by its number of rows: whether each action occurs as
    /// often as published. `None` for any other file.
    pub fn matches_published(&self) -> Option<bool> {
        let total = |counts: &[u64; 4]| counts.iter().sum::<u64>();
        (total(&self.rows) == total(&PUBLISHED)).then(|| self.rows == PUBLISHED)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rows: {}", thousands(self.rows.iter().sum()))?;
        for (action, rows) in ACTIONS.iter().zip(self.rows) {
            write!(f, ", {} {}", action.name(), thousands(rows))?;
        }
        writeln!(f, "; in the windows: {}", thousands(self.rows_in_windows))?;
        match self.matches_published() {
            Some(true) => writeln!(
                f,
                "the contest's whole log: all four totals are as published"
            )?,
            Some(false) => writeln!(
                f,
                "WARNING: as many rows as the contest's whole log, but its totals are {PUBLISHED:?} \
                 (click, cart, purchase, favourite): the codes may be swapped"
            )?,
            None => {}
        }
        writeln!(
            f,
            "\n{:<26}{:>14}{:>14}",
            "instances if one is a", "train", "test"
        )?;
        for count in &self.units {
            let (train, test) = (thousands(count.train), thousands(count.test));
            writeln!(f, "  {:<24}{train:>14}{test:>14}", count.unit.name())?;
        }
        writeln!(
            f,
            "\n{:<26}{:>14}{:>14}{:>14}{:>14}",
            "edges of G if made by", "pairs", "twice that", "graph nodes", "all nodes"
        )?;
        for count in &self.edges {
            let [pairs, twice, graph, all] = [
                count.pairs,
                2 * count.pairs,
                count.graph_nodes,
                count.all_nodes,
            ]
            .map(thousands);
            writeln!(
                f,
                "  {:<24}{pairs:>14}{twice:>14}{graph:>14}{all:>14}",
                count.rule
            )?;
        }
        if self.edges.len() < RULES.len() {
            writeln!(
                f,
                "  all: not counted, clicks of the graph window did not fit in memory"
            )?;
        }
        write!(
            f,
            "\nthe paper's Table 1: 3.81e6 train, 9.69e5 test, 1.07e6 nodes, 3.94e6 edges"
        )
    }
}
