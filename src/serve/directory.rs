//! From the log's ids to a dataset's nodes.

use std::collections::HashMap;

use crate::data::{Dataset, Nodes};

/// The dense index of every raw id.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    users: HashMap<u64, u32>,
    items: HashMap<u64, u32>,
}

impl Directory {
    /// The users and items of a dataset; the unknown nodes have no raw id.
    pub fn new(data: &Dataset) -> Self {
        let index = |nodes: &Nodes| {
            (1..)
                .zip(&nodes.raw[1..])
                .map(|(node, &raw)| (raw, node))
                .collect()
        };
        Self {
            users: index(&data.users),
            items: index(&data.items),
        }
    }

    /// The user with a raw id.
    pub fn user(&self, raw: u64) -> Option<u32> {
        self.users.get(&raw).copied()
    }

    /// The item with a raw id.
    pub fn item(&self, raw: u64) -> Option<u32> {
        self.items.get(&raw).copied()
    }
}
