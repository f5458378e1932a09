//! A compact, growing table of who did what to which item on which day.

use std::collections::HashMap;

use super::row::Actions;
use crate::{Error, ErrorKind, Result};

/// What a user did to an item on a day, or one row of it. Users and items are numbered in order of
/// appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event {
    pub user: u32,
    pub item: u32,
    /// Counted from a day of the caller's choice.
    pub day: u16,
    pub actions: Actions,
}

impl Event {
    pub fn pair(&self) -> (u32, u32) {
        (self.user, self.item)
    }

    fn key(&self) -> (u32, u32, u16) {
        (self.user, self.item, self.day)
    }
}

/// Events of one window. Where rows need not be told apart, repeats are merged whenever the table
/// is about to grow, so its size follows the number of distinct (user, item, day) triples.
pub(super) struct Events {
    events: Vec<Event>,
    merge: bool,
    pushed: u64,
}

impl Events {
    pub fn new(merge: bool) -> Self {
        Self {
            events: Vec::new(),
            merge,
            pushed: 0,
        }
    }

    pub fn push(&mut self, event: Event) {
        if self.merge && self.events.len() == self.events.capacity() {
            self.tidy();
            if self.events.len() > self.events.capacity() / 2 {
                self.events.reserve(self.events.len().max(1 << 12));
            }
        }
        self.pushed += 1;
        self.events.push(event);
    }

    /// Sorts by user, item and day, and merges repeats.
    pub fn tidy(&mut self) {
        self.events.sort_unstable();
        if self.merge {
            self.events.dedup_by(|next, kept| {
                let same = next.key() == kept.key();
                if same {
                    kept.actions.join(next.actions);
                }
                same
            });
        }
    }

    /// The events, in order after [`tidy`](Self::tidy).
    pub fn as_slice(&self) -> &[Event] {
        &self.events
    }

    pub fn retain(&mut self, keep: impl FnMut(&Event) -> bool) {
        self.events.retain(keep);
    }

    pub fn shrink(&mut self) {
        self.events.shrink_to_fit();
    }

    /// Number of rows that were pushed.
    pub fn rows(&self) -> u64 {
        self.pushed
    }

    pub fn bytes(&self) -> usize {
        self.events.capacity() * size_of::<Event>()
    }
}

/// Numbers ids in order of appearance.
#[derive(Default)]
pub(super) struct Ids {
    numbers: HashMap<u64, u32>,
    pub ids: Vec<u64>,
    /// Logs are grouped by user, so the id of the last row is likely to come again.
    last: Option<(u64, u32)>,
}

impl Ids {
    pub fn index(&mut self, id: u64) -> Result<u32> {
        if let Some((_, number)) = self.last.filter(|&(last, _)| last == id) {
            return Ok(number);
        }
        let next = u32::try_from(self.ids.len())
            .ok()
            .filter(|&n| n < u32::MAX - 1)
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::TooLarge,
                    "there are more than 4,294,967,294 different ids",
                    "Cut the log to fewer users or items.",
                )
            })?;
        let number = *self.numbers.entry(id).or_insert(next);
        if number == next {
            self.ids.push(id);
        }
        self.last = Some((id, number));
        Ok(number)
    }

    pub fn bytes(&self) -> usize {
        self.numbers.capacity() * (size_of::<(u64, u32)>() + 1) + self.ids.capacity() * 8
    }
}
