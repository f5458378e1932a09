//! Graphs in compressed sparse row form.

use serde::{Deserialize, Serialize};

/// A channel of the multi-channel graph network (paper section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// G: users and items, an edge where the user favourited or bought the item.
    UserItem = 0,
    /// Gu: users with similar interactions.
    UserUser = 1,
    /// Gi: items with similar interactions.
    ItemItem = 2,
}

/// The three channels: index c of every channel axis.
pub const CHANNELS: [Channel; 3] = [Channel::UserItem, Channel::UserUser, Channel::ItemItem];

impl Channel {
    /// `user_item`, `user_user` or `item_item`, as used in file, field and parameter names.
    pub fn name(self) -> &'static str {
        match self {
            Channel::UserItem => "user_item",
            Channel::UserUser => "user_user",
            Channel::ItemItem => "item_item",
        }
    }
}

/// A directed graph: the neighbours of node `t` are `targets[offsets[t]..offsets[t + 1]]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Csr {
    /// `[nodes + 1]`
    pub offsets: Vec<u32>,
    /// `[edges]`
    pub targets: Vec<u32>,
    /// `[edges]`: similarity in Gu and Gi, 1 in G.
    pub weights: Vec<f32>,
}

impl Csr {
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether the graph has no node.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The range of a node's neighbours in `targets` and `weights`.
    pub fn row(&self, node: u32) -> std::ops::Range<usize> {
        self.offsets[node as usize] as usize..self.offsets[node as usize + 1] as usize
    }

    /// Number of neighbours of a node.
    pub fn degree(&self, node: u32) -> usize {
        self.row(node).len()
    }

    /// The graph of (node, neighbour) pairs in ascending order of the node, every weight 1.
    pub(super) fn from_pairs(nodes: usize, pairs: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut csr = Self {
            offsets: vec![0; nodes + 1],
            ..Self::default()
        };
        for (node, neighbor) in pairs {
            csr.offsets[node as usize + 1] += 1;
            csr.targets.push(neighbor);
        }
        for node in 0..nodes {
            csr.offsets[node + 1] += csr.offsets[node];
        }
        csr.weights = vec![1.0; csr.targets.len()];
        csr
    }

    /// Every (node, neighbour) pair, row by row.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        let row = |node| {
            self.targets[self.row(node)]
                .iter()
                .map(move |&target| (node, target))
        };
        (0..self.len() as u32).flat_map(row)
    }
}

/// The three channels of one dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct Channels {
    /// Number of users, the unknown user included.
    pub users: usize,
    /// Number of items, the unknown item included.
    pub items: usize,
    /// G: users are nodes `0..users`, item `i` is node `users + i`; both directions of every edge.
    /// Rows are sorted by target.
    pub user_item: Csr,
    /// Gu, rows sorted by descending similarity.
    pub user_user: Csr,
    /// Gi, rows sorted by descending similarity.
    pub item_item: Csr,
}

impl Channels {
    /// The graph of one channel.
    pub fn get(&self, channel: Channel) -> &Csr {
        match channel {
            Channel::UserItem => &self.user_item,
            Channel::UserUser => &self.user_user,
            Channel::ItemItem => &self.item_item,
        }
    }
}
