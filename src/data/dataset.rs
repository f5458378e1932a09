//! What every other room reads: users, items, the edges of G, and labelled instances.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::date::Windows;
use super::row::{Action, Actions};
use crate::{Error, ErrorKind, Result};

/// The two tasks, in the order used by every array with a task axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// The user added the item to the favourites in the window (action 3).
    Favourite = 0,
    /// The user bought the item in the window (action 2).
    Purchase = 1,
}

/// Both tasks: index k of every task axis.
pub const TASKS: [Task; 2] = [Task::Favourite, Task::Purchase];

impl Task {
    /// `favourite` or `purchase`, as used in file and field names.
    pub fn name(self) -> &'static str {
        match self {
            Task::Favourite => "favourite",
            Task::Purchase => "purchase",
        }
    }
}

impl FromStr for Task {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = TASKS.into_iter().find(|task| task.name() == name);
        found.ok_or_else(|| {
            let what = format!("there is no task \"{name}\"");
            Error::new(ErrorKind::Config, what, "Choose favourite or purchase.")
        })
    }
}

/// One categorical feature field of a node type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name of the log's or the user table's column: `user_id`, `age_range`, `cat_id`, ...
    pub name: String,
    /// Number of values, the unknown value 0 included.
    pub vocabulary: usize,
}

/// The users or the items: dense index 0 is the unknown node, which has no edges and unknown
/// features.
///
/// Nodes `1..known` have an edge or a training (or validation) instance and own a row of the id
/// table. Nodes `known..` occur in test instances only: their id field is 0 (model.md 3.3, step 1),
/// their other fields are what the log says, and they have no edges. Where newer rows were added
/// ([`Origin::ancestors`]), their users and items stand at the end without an id row, too, and
/// `known..` can have edges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nodes {
    /// The fields; the first is the node's own id, with vocabulary `known`.
    pub fields: Vec<Field>,
    /// Field values, row-major `[len, fields]`; 0 is unknown.
    pub values: Vec<u32>,
    /// The raw id of each node in the log; `raw[0]` is 0 and stands for "unknown".
    pub raw: Vec<u64>,
    /// Number of nodes that own an id row, the unknown node included.
    pub known: usize,
}

impl Nodes {
    /// Number of nodes, the unknown node included.
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Whether there is no node at all (a valid table holds at least the unknown node).
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The field values of one node, one per field.
    pub fn features(&self, node: u32) -> &[u32] {
        let width = self.fields.len();
        &self.values[node as usize * width..][..width]
    }
}

/// Labelled user-item pairs of one window, sorted by user, then item, then day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instances {
    /// Dense user index.
    pub user: Vec<u32>,
    /// Dense item index.
    pub item: Vec<u32>,
    /// Labels as two bits: bit k is the label of task k.
    pub labels: Vec<u8>,
    /// Day counted from the first day of the graph window (9 July is 0).
    pub day: Vec<u8>,
    /// Whether the pair is a sampled negative (D3), which evaluation can exclude.
    pub sampled: Vec<bool>,
}

impl Instances {
    /// Number of instances.
    pub fn len(&self) -> usize {
        self.user.len()
    }

    /// Whether there is no instance.
    pub fn is_empty(&self) -> bool {
        self.user.is_empty()
    }

    /// The label of instance `i` for a task: 0 or 1.
    pub fn label(&self, i: usize, task: Task) -> u8 {
        self.labels[i] >> (task as u8) & 1
    }
}

/// Where a dataset comes from, as far as its arrays do not say. It does not count for the
/// fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Actions that make an edge of G (D4).
    pub edge_actions: Actions,
    /// For a field of the items, the raw ids behind its values 1, 2, ..., rising. Absent in files
    /// that were written without.
    pub raw_values: BTreeMap<String, Vec<u64>>,
    /// Fingerprints of the datasets that this one was made from by adding newer rows, oldest first.
    pub ancestors: Vec<String>,
}

impl Default for Origin {
    /// Favourites and purchases make edges; nothing else is known.
    fn default() -> Self {
        Self {
            edge_actions: Actions::of(&[Action::Favourite, Action::Purchase]),
            raw_values: BTreeMap::new(),
            ancestors: Vec::new(),
        }
    }
}

impl Origin {
    /// The value of an item field that stands for a raw id: 0 for the raw id 0, which is unknown;
    /// `None` where the field has no value for it.
    pub fn value(&self, field: &str, raw: u64) -> Option<u32> {
        if raw == 0 {
            return Some(0);
        }
        let place = self.raw_values.get(field)?.binary_search(&raw).ok()?;
        Some(place as u32 + 1)
    }
}

/// A prepared dataset: the end of this room and the start of all others.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// A short name for people.
    pub name: String,
    /// Whether the rows were generated rather than logged. Shown wherever the data are shown.
    pub synthetic: bool,
    /// Where the rows come from and how they were chosen, in a sentence or two.
    pub provenance: String,
    /// Edge rule, raw ids of field values, and ancestors.
    pub origin: Origin,
    /// The days the graph, the training and the test instances were taken from.
    pub windows: Windows,
    /// Users: fields `user_id`, `age_range`, `gender`.
    pub users: Nodes,
    /// Items: fields `item_id`, `cat_id`, `seller_id`, `brand_id`.
    pub items: Nodes,
    /// Distinct (user, item) edges of G, sorted (model.md 3.3, step 2).
    pub edges: Vec<(u32, u32)>,
    /// The training window without its last day.
    pub train: Instances,
    /// The training window's last day.
    pub valid: Instances,
    /// The test window.
    pub test: Instances,
}
