//! Growing a dataset's graph with newer rows, so that a trained run keeps fitting it.
//!
//! Every existing node keeps its index and its features, so all parameters stay valid. Users and items
//! that are new stand behind the others by rising raw id; they own no id row. Windows, labels and
//! instances stay as they are.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::directory::Directory;
use crate::data::{Actions, Dataset, Day, Nodes, Row, UserInfo};
use crate::error::thousands;

/// Takes newer rows in any order and adds them to a dataset.
pub struct Refresher<'a> {
    data: &'a Dataset,
    directory: Directory,
    known_users: bool,
    info: HashMap<u64, UserInfo>,
    users: BTreeMap<u64, ()>,
    /// Raw category, merchant and brand of every new item; 0 is unknown.
    items: BTreeMap<u64, [u64; 3]>,
    edges: HashSet<(u64, u64)>,
    growth: Growth,
}

/// What the rows added.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Growth {
    /// Rows that were taken.
    pub rows: u64,
    /// Rows of users that the dataset does not hold, where only those it holds were wanted.
    pub rows_left_out: u64,
    /// Rows of the test window or later: with them the graph can hold test labels.
    pub late_rows: u64,
    /// First and last day of the rows.
    pub days: Option<(Day, Day)>,
    /// Users that are new.
    pub users: usize,
    /// Items that are new.
    pub items: usize,
    /// Edges of G that are new.
    pub edges: usize,
    /// Values of category, merchant and brand of new items that no item of the training had, and are
    /// unknown therefore.
    pub unmapped: usize,
}

impl<'a> Refresher<'a> {
    /// Starts without rows. `known_users` takes only rows of users that the dataset holds.
    pub fn new(data: &'a Dataset, known_users: bool) -> Self {
        Self {
            directory: Directory::new(data),
            data,
            known_users,
            info: HashMap::new(),
            users: BTreeMap::new(),
            items: BTreeMap::new(),
            edges: HashSet::new(),
            growth: Growth::default(),
        }
    }

    /// Adds a row of the user table, which matters for new users only.
    pub fn push_info(&mut self, info: UserInfo) {
        if self.directory.user(info.user).is_none() {
            self.info.insert(info.user, info);
        }
    }

    /// Adds a row of the log.
    pub fn push(&mut self, row: &Row) {
        let new_user = self.directory.user(row.user).is_none();
        if new_user && self.known_users {
            self.growth.rows_left_out += 1;
            return;
        }
        self.growth.rows += 1;
        let late = row.day >= self.data.windows.test.first;
        self.growth.late_rows += u64::from(late);
        let (first, last) = self.growth.days.unwrap_or((row.day, row.day));
        self.growth.days = Some((first.min(row.day), last.max(row.day)));
        if new_user {
            self.users.insert(row.user, ());
        }
        if self.directory.item(row.item).is_none() {
            let fields = self.items.entry(row.item).or_default();
            for (known, value) in fields
                .iter_mut()
                .zip([row.category, row.merchant, row.brand])
            {
                if *known == 0 {
                    *known = value;
                }
            }
        }
        if self
            .data
            .origin
            .edge_actions
            .meets(Actions::of(&[row.action]))
        {
            self.edges.insert((row.user, row.item));
        }
    }

    /// The grown dataset, and what was added. `source` names the rows for people.
    pub fn finish(mut self, source: &str) -> (Dataset, Growth) {
        let mut grown = self.data.clone();
        let users = append(&mut grown.users, &self.users, |raw, field, ()| {
            let info = self.info.get(&raw);
            match field {
                "age_range" => info.map_or(0, |info| info.age.into()),
                "gender" => info.map_or(0, |info| info.gender.into()),
                _ => 0,
            }
        });
        let (origin, growth) = (&self.data.origin, &mut self.growth);
        let items = append(&mut grown.items, &self.items, |_, field, raw| {
            let names = ["cat_id", "seller_id", "brand_id"];
            let at = names.iter().position(|name| *name == field);
            let value = origin.value(field, at.map_or(0, |at| raw[at]));
            growth.unmapped += usize::from(value.is_none());
            value.unwrap_or(0)
        });
        let pair = |(user, item): &(u64, u64)| {
            let user = self
                .directory
                .user(*user)
                .or_else(|| users.get(user).copied());
            let item = self
                .directory
                .item(*item)
                .or_else(|| items.get(item).copied());
            user.zip(item)
                .expect("every row's user and item have a node")
        };
        grown.edges.extend(self.edges.iter().map(pair));
        grown.edges.sort_unstable();
        grown.edges.dedup();
        growth.users = users.len();
        growth.items = items.len();
        growth.edges = grown.edges.len() - self.data.edges.len();
        if growth.users + growth.items + growth.edges > 0 {
            grown.origin.ancestors.push(self.data.fingerprint());
            let added = [growth.edges, growth.users, growth.items].map(|n| thousands(n as u64));
            let [edges, users, items] = added;
            grown.provenance.push_str(&format!(
                " Refreshed with {} rows of {source}: {edges} edges, {users} users and {items} items are new.",
                thousands(growth.rows)
            ));
        }
        (grown, self.growth)
    }
}

/// Appends new nodes, and gives the index of each; `value` gives a field's value for what is known of
/// a node.
fn append<T>(
    nodes: &mut Nodes,
    new: &BTreeMap<u64, T>,
    mut value: impl FnMut(u64, &str, &T) -> u32,
) -> HashMap<u64, u32> {
    let mut index = HashMap::new();
    for (&raw, known) in new {
        index.insert(raw, nodes.len() as u32);
        nodes.raw.push(raw);
        nodes.values.push(0);
        for field in &nodes.fields[1..] {
            let value = value(raw, &field.name, known) as usize;
            let value = if value < field.vocabulary { value } else { 0 };
            nodes.values.push(value as u32);
        }
    }
    index
}
