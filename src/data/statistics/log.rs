//! Marginals and overlaps of a raw log: what the synthetic generator is calibrated on.

use std::collections::HashSet;

use serde::Serialize;

use super::distribution::{Distribution, quantile, spearman};
use super::ratio;
use crate::Result;
use crate::data::date::{Window, Windows};
use crate::data::events::{Event, Events, Ids};
use crate::data::row::{Action, Actions, Row, UserInfo};

const FAVOURITE: Actions = Actions::of(&[Action::Favourite]);
const PURCHASE: Actions = Actions::of(&[Action::Purchase]);
const CLICK: Actions = Actions::of(&[Action::Click]);
const EDGE: Actions = Actions::of(&[Action::Favourite, Action::Purchase]);

/// Favourites and purchases of one window. Pairs are counted once per action.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogWindow {
    /// The window, as `mmdd-mmdd`.
    pub window: String,
    /// (user, item) pairs with a favourite, and with a purchase.
    pub pairs: [u64; 2],
    /// Of these, the share whose user and item both have an edge in the graph window.
    pub in_graph: [f64; 2],
    /// P(purchase | favourite) within the window.
    pub purchased_given_favourite: f64,
}

/// Counts of one action per user in the graph window, over all users of the log.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Variance.
    pub variance: f64,
    /// Share of the users with none.
    pub none: f64,
}

/// The marginals of a log. "Purchases" and "favourites" are distinct (user, item) pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogStatistics {
    /// Rows per action code: click, cart, purchase, favourite.
    pub rows: [u64; 4],
    /// Users and items in the log.
    pub users: u64,
    /// Items in the log.
    pub items: u64,
    /// Users of the user table per age range, 0 to 8.
    pub ages: [u64; 9],
    /// Users of the user table per gender: unknown, female, male.
    pub genders: [u64; 3],
    /// Named distributions, per user or per item.
    pub distributions: Vec<(&'static str, Distribution)>,
    /// In the graph window, per user over all users: favourites, purchases.
    pub graph_per_user: [Spread; 2],
    /// Share of the users who never mark a favourite.
    pub never_favourite: f64,
    /// Spearman correlation of favourites and purchases over items, and over users.
    pub rank_correlation: [Option<f64>; 2],
    /// Named conditional probabilities on pairs over the whole log.
    pub overlaps: Vec<(&'static str, f64)>,
    /// Of pairs with both, the share bought before, on, and after the day of the favourite.
    pub lag: [f64; 3],
    /// Median and 90th percentile of the lag in days, of those bought later.
    pub lag_days: [u32; 2],
    /// Graph, training and test window.
    pub windows: [LogWindow; 3],
}

/// Takes the rows of a log and counts them.
pub struct LogStatisticsBuilder {
    windows: Windows,
    rows: [u64; 4],
    users: Ids,
    items: Ids,
    shelves: Vec<(u64, u64)>,
    events: Events,
    rows_per_user: Vec<u32>,
    ages: [u64; 9],
    genders: [u64; 3],
}

impl LogStatisticsBuilder {
    /// Starts with no rows.
    pub fn new(windows: Windows) -> Self {
        Self {
            windows,
            rows: [0; 4],
            users: Ids::default(),
            items: Ids::default(),
            shelves: Vec::new(),
            events: Events::new(true),
            rows_per_user: Vec::new(),
            ages: [0; 9],
            genders: [0; 3],
        }
    }

    /// Adds a row of the log.
    pub fn push(&mut self, row: &Row) -> Result<()> {
        self.rows[row.action as usize] += 1;
        let (user, item) = (self.users.index(row.user)?, self.items.index(row.item)?);
        self.rows_per_user.resize(self.users.ids.len(), 0);
        self.rows_per_user[user as usize] += 1;
        if item as usize == self.shelves.len() {
            self.shelves.push((row.merchant, row.category));
        }
        let actions = Actions::of(&[row.action]);
        self.events.push(Event {
            user,
            item,
            day: row.day.number(),
            actions,
        });
        Ok(())
    }

    /// Adds a row of the user table.
    pub fn push_info(&mut self, info: UserInfo) {
        self.ages[usize::from(info.age)] += 1;
        self.genders[usize::from(info.gender)] += 1;
    }

    /// Counts.
    pub fn finish(mut self) -> LogStatistics {
        self.events.tidy();
        let everything = self.pairs(|_| true);
        let graph = self.pairs(|event| self.inside(self.windows.graph, event));
        let [never, _] = self
            .per_user(&everything)
            .map(|counts| share(&counts, |&&n| n == 0));
        let (lag, lag_days) = self.lag();
        let items = self.per_item(&everything);
        let both = |[a, b]: &[Vec<u32>; 2]| -> Vec<(u32, u32)> {
            let pairs = a.iter().copied().zip(b.iter().copied());
            pairs.filter(|&(a, b)| a + b > 0).collect()
        };
        let given = |a, b| {
            let with = everything.iter().filter(|event| event.actions.meets(b));
            let (n, hits) = with.fold((0, 0), |(n, hits), event| {
                (n + 1, hits + usize::from(event.actions.meets(a)))
            });
            ratio(hits, n)
        };
        LogStatistics {
            rows: self.rows,
            users: self.users.ids.len() as u64,
            items: self.items.ids.len() as u64,
            ages: self.ages,
            genders: self.genders,
            distributions: self.distributions(&everything, &graph),
            graph_per_user: self.per_user(&graph).map(|counts| spread(&counts)),
            never_favourite: never,
            rank_correlation: [
                spearman(&both(&items)),
                spearman(&both(&self.per_user(&everything))),
            ],
            overlaps: vec![
                ("P(purchase given favourite)", given(PURCHASE, FAVOURITE)),
                ("P(favourite given purchase)", given(FAVOURITE, PURCHASE)),
                ("P(click given purchase)", given(CLICK, PURCHASE)),
                ("P(click given favourite)", given(CLICK, FAVOURITE)),
                ("P(favourite given click)", given(FAVOURITE, CLICK)),
                ("P(purchase given click)", given(PURCHASE, CLICK)),
            ],
            lag,
            lag_days,
            windows: [self.windows.graph, self.windows.train, self.windows.test]
                .map(|window| self.window(window, &graph)),
        }
    }

    fn inside(&self, window: Window, event: &Event) -> bool {
        (window.first.number()..=window.last.number()).contains(&event.day)
    }

    /// One event per (user, item) pair with all its actions on the chosen days.
    fn pairs(&self, keep: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut pairs: Vec<Event> = Vec::new();
        for event in self.events.as_slice().iter().filter(|event| keep(event)) {
            match pairs.last_mut().filter(|last| last.pair() == event.pair()) {
                Some(last) => last.actions.join(event.actions),
                None => pairs.push(*event),
            }
        }
        pairs
    }

    /// Favourites and purchases per user.
    fn per_user(&self, pairs: &[Event]) -> [Vec<u32>; 2] {
        count(pairs, self.users.ids.len(), |event| event.user)
    }

    /// Favourites and purchases per item.
    fn per_item(&self, pairs: &[Event]) -> [Vec<u32>; 2] {
        count(pairs, self.items.ids.len(), |event| event.item)
    }

    fn distributions(
        &self,
        everything: &[Event],
        graph: &[Event],
    ) -> Vec<(&'static str, Distribution)> {
        let [user_favourites, user_purchases] = self.per_user(everything);
        let [item_favourites, item_purchases] = self.per_item(everything);
        let (mut user_edges, mut item_edges) = (
            vec![0u32; self.users.ids.len()],
            vec![0u32; self.items.ids.len()],
        );
        for edge in graph.iter().filter(|event| event.actions.meets(EDGE)) {
            user_edges[edge.user as usize] += 1;
            item_edges[edge.item as usize] += 1;
        }
        let by_user = |of: fn(&Self, &Event) -> u64| {
            let users = self.events.as_slice().chunk_by(|a, b| a.user == b.user);
            Distribution::of(users.map(|events| {
                let values = events.iter().map(|event| of(self, event));
                values
                    .filter(|&value| value > 0)
                    .collect::<HashSet<_>>()
                    .len() as u32
            }))
        };
        vec![
            ("purchases per user", Distribution::of(user_purchases)),
            ("purchases per item", Distribution::of(item_purchases)),
            ("favourites per user", Distribution::of(user_favourites)),
            ("favourites per item", Distribution::of(item_favourites)),
            ("edges of G per user", Distribution::of(user_edges)),
            ("edges of G per item", Distribution::of(item_edges)),
            (
                "rows per user",
                Distribution::of(self.rows_per_user.iter().copied()),
            ),
            (
                "active days per user",
                by_user(|_, event| u64::from(event.day) + 1),
            ),
            (
                "items per user",
                by_user(|_, event| u64::from(event.item) + 1),
            ),
            (
                "sellers per user",
                by_user(|log, event| log.shelves[event.item as usize].0),
            ),
            (
                "categories per user",
                by_user(|log, event| log.shelves[event.item as usize].1),
            ),
        ]
    }

    fn lag(&self) -> ([f64; 3], [u32; 2]) {
        let (mut sides, mut later) = ([0usize; 3], Vec::new());
        for pair in self.events.as_slice().chunk_by(|a, b| a.pair() == b.pair()) {
            let first =
                |action: Actions| pair.iter().find(|e| e.actions.meets(action)).map(|e| e.day);
            if let (Some(favourite), Some(purchase)) = (first(FAVOURITE), first(PURCHASE)) {
                let side = (purchase >= favourite) as usize + (purchase > favourite) as usize;
                sides[side] += 1;
                if purchase > favourite {
                    later.push(u32::from(purchase - favourite));
                }
            }
        }
        later.sort_unstable();
        let days = |q| {
            if later.is_empty() {
                0
            } else {
                quantile(&later, q)
            }
        };
        (
            sides.map(|n| ratio(n, sides.iter().sum())),
            [days(0.5), days(0.9)],
        )
    }

    fn window(&self, window: Window, graph: &[Event]) -> LogWindow {
        let pairs = self.pairs(|event| self.inside(window, event));
        let (mut users, mut items) = (HashSet::new(), HashSet::new());
        for edge in graph.iter().filter(|event| event.actions.meets(EDGE)) {
            users.insert(edge.user);
            items.insert(edge.item);
        }
        let known = |event: &&Event| users.contains(&event.user) && items.contains(&event.item);
        let with = |action: Actions| {
            pairs
                .iter()
                .filter(move |event| event.actions.meets(action))
        };
        let both = with(FAVOURITE)
            .filter(|event| event.actions.meets(PURCHASE))
            .count();
        let tasks = [FAVOURITE, PURCHASE];
        LogWindow {
            window: window.to_string(),
            pairs: tasks.map(|action| with(action).count() as u64),
            in_graph: tasks.map(|a| ratio(with(a).filter(known).count(), with(a).count())),
            purchased_given_favourite: ratio(both, with(FAVOURITE).count()),
        }
    }
}

/// Favourites and purchases per node.
fn count(pairs: &[Event], nodes: usize, node: fn(&Event) -> u32) -> [Vec<u32>; 2] {
    [FAVOURITE, PURCHASE].map(|action| {
        let mut counts = vec![0; nodes];
        pairs
            .iter()
            .filter(|event| event.actions.meets(action))
            .for_each(|event| counts[node(event) as usize] += 1);
        counts
    })
}

fn share(counts: &[u32], of: impl Fn(&&u32) -> bool) -> f64 {
    ratio(counts.iter().filter(of).count(), counts.len())
}

fn spread(counts: &[u32]) -> Spread {
    let n = counts.len().max(1) as f64;
    let mean = counts.iter().map(|&c| f64::from(c)).sum::<f64>() / n;
    let variance = counts
        .iter()
        .map(|&c| (f64::from(c) - mean).powi(2))
        .sum::<f64>()
        / n;
    Spread {
        mean,
        variance,
        none: share(counts, |&&c| c == 0),
    }
}
