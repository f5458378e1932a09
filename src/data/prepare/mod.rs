//! From rows to a dataset: windows, labels, edges, and the diagnostic, in one pass over the rows.
//!
//! Rows are folded into compact tables as they come (one entry per user, item and day with its set
//! of actions), so the log itself is never held.

mod build;
mod config;
mod core;
mod diagnostic;
mod negatives;

use std::collections::HashMap;

use self::build::{ItemInfo, Kept};
use self::core::{dense_core, users_with_valid_group};
use super::dataset::Dataset;
use super::date::Day;
use super::events::{Event, Events, Ids};
use super::row::{Actions, Row, UserInfo};
use crate::error::thousands;
use crate::{Error, ErrorKind, Result};

pub use config::{CoreSize, PrepareConfig, Unit};
pub use diagnostic::{Diagnostic, EdgeCount, UnitCount};

/// Rows between two checks of the memory in use.
const CHECK_EVERY: u64 = 1 << 16;

/// A dataset and the counts made on the way.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The dataset.
    pub dataset: Dataset,
    /// What the log held before anything was left out.
    pub diagnostic: Diagnostic,
}

/// Takes rows in any order and turns them into a dataset.
pub struct Preparer {
    config: PrepareConfig,
    rows: [u64; 4],
    rows_in_windows: u64,
    days: Option<(Day, Day)>,
    users: Ids,
    items: Ids,
    item_info: Vec<ItemInfo>,
    user_info: HashMap<u64, UserInfo>,
    graph: Events,
    clicks_kept: bool,
    train: Events,
    test: Events,
}

impl Preparer {
    /// Starts with no rows. Fails when the settings contradict each other.
    pub fn new(config: PrepareConfig) -> Result<Self> {
        config.windows.validate()?;
        if config
            .core
            .is_some_and(|core| core.users == 0 || core.items == 0)
        {
            return Err(Error::new(
                ErrorKind::Config,
                "a dense core of no users or no items was asked for",
                "Ask for at least one of each.",
            ));
        }
        let merge = config.unit != Unit::Row;
        Ok(Self {
            config,
            rows: [0; 4],
            rows_in_windows: 0,
            days: None,
            users: Ids::default(),
            items: Ids::default(),
            item_info: Vec::new(),
            user_info: HashMap::new(),
            graph: Events::new(true),
            clicks_kept: true,
            train: Events::new(merge),
            test: Events::new(merge),
        })
    }

    /// Adds a row of the log.
    pub fn push(&mut self, row: &Row) -> Result<()> {
        self.rows[row.action as usize] += 1;
        self.days = Some(match self.days {
            Some((first, last)) => (first.min(row.day), last.max(row.day)),
            None => (row.day, row.day),
        });
        let windows = self.config.windows;
        let in_graph = windows.graph.contains(row.day);
        let events = if in_graph {
            &mut self.graph
        } else if windows.train.contains(row.day) {
            &mut self.train
        } else if windows.test.contains(row.day) {
            &mut self.test
        } else {
            return Ok(());
        };
        self.rows_in_windows += 1;
        let actions = Actions::of(&[row.action]);
        if in_graph && !self.clicks_kept && !actions.meets(self.config.edge_actions) {
            return Ok(());
        }
        let user = self.users.index(row.user)?;
        let item = self.items.index(row.item)?;
        if item as usize == self.item_info.len() {
            self.item_info.push(ItemInfo::default());
        }
        let info = &mut self.item_info[item as usize];
        for (known, value) in [
            (&mut info.category, row.category),
            (&mut info.merchant, row.merchant),
            (&mut info.brand, row.brand),
        ] {
            if *known == 0 {
                *known = value;
            }
        }
        // A pair is one edge whatever the day.
        let day = if in_graph {
            0
        } else {
            row.day.number() - windows.origin().number()
        };
        events.push(Event {
            user,
            item,
            day,
            actions,
        });
        if self.rows_in_windows.is_multiple_of(CHECK_EVERY) {
            self.check_memory()?;
        }
        Ok(())
    }

    /// Adds a row of the user table. Users without one have unknown age and gender.
    pub fn push_info(&mut self, info: UserInfo) {
        self.user_info.insert(info.user, info);
    }

    /// Rows of the log so far, per action code.
    pub fn rows(&self) -> [u64; 4] {
        self.rows
    }

    /// Asks for sampled negatives after all: so many unobserved items per positive instance.
    pub fn sample_negatives(&mut self, ratio: u32) {
        self.config.neg_ratio = ratio;
        self.config.provenance.push_str(&format!(
            " The log has no clicks: {ratio} items without any action are sampled per positive."
        ));
    }

    /// Keeps the log whole where it has no more users and items than its core may have.
    pub fn spare_small(&mut self) {
        let (users, items) = (self.users.ids.len(), self.items.ids.len());
        self.config.core = self
            .config
            .core
            .filter(|core| users > core.users || items > core.items);
    }

    /// Ends the pass: cuts out the core, numbers the nodes, and labels the instances. Fails when a
    /// window is left without edges or instances.
    pub fn finish(mut self) -> Result<Prepared> {
        for events in [&mut self.graph, &mut self.train, &mut self.test] {
            events.tidy();
        }
        self.check_windows()?;
        let diagnostic = Diagnostic::count(
            self.rows,
            self.rows_in_windows,
            self.graph.as_slice(),
            [&self.train, &self.test].map(|events| (events.as_slice(), events.rows())),
            (self.users.ids.len(), self.items.ids.len()),
            self.clicks_kept,
        );
        let edge_actions = self.config.edge_actions;
        self.graph.retain(|event| event.actions.meets(edge_actions));
        let mut edges: Vec<(u32, u32)> = self.graph.as_slice().iter().map(Event::pair).collect();
        if let Some(size) = self.config.core {
            edges = self.cut_core(size, &edges);
        }
        let valid_day = self.config.validation.then(|| {
            let windows = self.config.windows;
            windows.train.last.number() - windows.origin().number()
        });
        let dataset = Kept {
            user_ids: self.users.ids,
            item_ids: self.items.ids,
            item_info: self.item_info,
            user_info: self.user_info,
            edges,
            train: self.train.as_slice().to_vec(),
            test: self.test.as_slice().to_vec(),
            valid_day,
        }
        .build(&self.config)?;
        Ok(Prepared {
            dataset,
            diagnostic,
        })
    }

    fn cut_core(&mut self, size: CoreSize, edges: &[(u32, u32)]) -> Vec<(u32, u32)> {
        let mut active = vec![false; self.items.ids.len()];
        let instances = self.train.as_slice().iter().chain(self.test.as_slice());
        for item in edges
            .iter()
            .map(|&(_, i)| i)
            .chain(instances.map(|event| event.item))
        {
            active[item as usize] = true;
        }
        // Where the merchant is unknown the category stands for it, else the item itself.
        let shelf: Vec<u64> = self
            .item_info
            .iter()
            .enumerate()
            .map(|(item, info)| match (info.merchant, info.category) {
                (0, 0) => 1 << 63 | item as u64,
                (0, category) => 1 << 62 | category,
                (merchant, _) => merchant,
            })
            .collect();
        let users = self.users.ids.len();
        let negatives_follow = self.config.neg_ratio > 0;
        let core = dense_core(size, edges, &shelf, &active, |items| {
            users_with_valid_group(self.test.as_slice(), items, users, negatives_follow)
        });
        for events in [&mut self.train, &mut self.test] {
            events.retain(|e| core.users[e.user as usize] && core.items[e.item as usize]);
        }
        self.config.provenance.push_str(&format!(
            " Dense core: merchants with most edges per item, up to {} items; at most {} users with a \
             valid test group, in the {}-core of G.",
            thousands(size.items as u64),
            thousands(size.users as u64),
            size.k
        ));
        core.edges
    }

    fn check_memory(&mut self) -> Result<()> {
        if self.bytes() <= self.config.memory_limit {
            return Ok(());
        }
        for events in [&mut self.graph, &mut self.train, &mut self.test] {
            events.tidy();
            events.shrink();
        }
        // Tables double when they grow: with less room they would be tidied again and again.
        if self.bytes() > self.config.memory_limit / 2 && self.clicks_kept {
            // Pairs that make no edge serve the diagnostic only.
            self.clicks_kept = false;
            let edge_actions = self.config.edge_actions;
            self.graph.retain(|event| event.actions.meets(edge_actions));
            self.graph.shrink();
        }
        if self.bytes() > self.config.memory_limit {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!(
                    "{} rows need more than the allowed {} MiB of memory",
                    thousands(self.rows_in_windows),
                    self.config.memory_limit >> 20
                ),
                "Cut a dense core on the command line with `moge prepare --users 3000` (and a \
                 higher --memory if it asks for it), then open the folder it writes; or choose \
                 shorter windows.",
            ));
        }
        Ok(())
    }

    fn bytes(&self) -> usize {
        let events = [&self.graph, &self.train, &self.test].map(Events::bytes);
        events.iter().sum::<usize>()
            + self.users.bytes()
            + self.items.bytes()
            + self.item_info.capacity() * size_of::<ItemInfo>()
            + self.user_info.capacity() * size_of::<(u64, UserInfo)>()
    }

    /// Names the window that no row falls into.
    fn check_windows(&self) -> Result<()> {
        let windows = self.config.windows;
        for (name, window, events) in [
            ("graph", windows.graph, &self.graph),
            ("train", windows.train, &self.train),
            ("test", windows.test, &self.test),
        ] {
            if events.as_slice().is_empty() {
                let days = match self.days {
                    Some((first, last)) => format!("the rows run from {first} to {last}"),
                    None => "there are no rows".into(),
                };
                return Err(Error::new(
                    ErrorKind::Data,
                    format!("no row falls into the {name} window {window}; {days}"),
                    format!("Give the whole log, or another window with --{name}."),
                ));
            }
        }
        Ok(())
    }
}
