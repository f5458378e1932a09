//! Building the three channels from the edges of G (model.md 4.1 to 4.3).

use super::similarity::{Similarity, similar};
use super::{Channels, Csr};
use crate::data::Dataset;
use crate::{Error, ErrorKind, Result};

/// How Gu and Gi are derived from G.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Construction {
    /// The similarity of two users (items) with common items (users).
    pub similarity: Similarity,
    /// Fewest common neighbours of a similar pair, at least 1.
    pub min_common: u32,
    /// Most similar nodes that every node selects; rows hold at most twice as many.
    pub k_sim: usize,
    /// A node of higher degree links its neighbours through a fixed sample of this many of them.
    pub cap: usize,
}

impl Default for Construction {
    fn default() -> Self {
        Self {
            similarity: Similarity::Cosine,
            min_common: 1,
            k_sim: 10,
            cap: 500,
        }
    }
}

impl Channels {
    /// The channels of a dataset.
    ///
    /// # Errors
    ///
    /// As [`Channels::from_edges`].
    pub fn build(dataset: &Dataset, settings: &Construction) -> Result<Self> {
        Self::from_edges(
            dataset.users.len(),
            dataset.items.len(),
            &dataset.edges,
            settings,
        )
    }

    /// The channels of a bipartite graph given as (user, item) pairs, in any order; a pair that
    /// occurs twice counts once.
    ///
    /// # Errors
    ///
    /// When a setting is 0, an edge names a user or item that does not exist, or the edges exceed
    /// what 32-bit offsets can address.
    pub fn from_edges(
        users: usize,
        items: usize,
        edges: &[(u32, u32)],
        settings: &Construction,
    ) -> Result<Self> {
        check(users, items, edges, settings)?;
        let mut edges = edges.to_vec();
        edges.sort_unstable();
        edges.dedup();
        let by_user = Csr::from_pairs(users, edges.iter().copied());
        edges.sort_unstable_by_key(|&(user, item)| (item, user));
        let by_item = Csr::from_pairs(items, edges.iter().map(|&(user, item)| (item, user)));

        let forward = by_user
            .pairs()
            .map(|(user, item)| (user, item + users as u32));
        let backward = by_item
            .pairs()
            .map(|(item, user)| (item + users as u32, user));
        Ok(Self {
            users,
            items,
            user_item: Csr::from_pairs(users + items, forward.chain(backward)),
            user_user: similar(&by_user, &by_item, settings),
            item_item: similar(&by_item, &by_user, settings),
        })
    }
}

fn check(users: usize, items: usize, edges: &[(u32, u32)], settings: &Construction) -> Result<()> {
    for (name, value) in [
        ("min_common", settings.min_common as usize),
        ("k_sim", settings.k_sim),
        ("cap", settings.cap),
    ] {
        if value == 0 {
            return Err(Error::new(
                ErrorKind::Config,
                format!("{name} is 0, expected at least 1"),
                format!("Set {name} to 1 or more."),
            ));
        }
    }
    let wide = 2 * edges.len() > u32::MAX as usize || users + items > u32::MAX as usize;
    let similar = (users.max(items) as u64).saturating_mul(2 * settings.k_sim as u64);
    if wide || similar > u64::from(u32::MAX) {
        return Err(Error::new(
            ErrorKind::TooLarge,
            "the graph has more nodes or edges than 32-bit indices can name",
            "Take fewer users, a shorter graph window or a smaller k_sim.",
        ));
    }
    match edges
        .iter()
        .find(|&&(u, i)| u as usize >= users || i as usize >= items)
    {
        None => Ok(()),
        Some((user, item)) => Err(Error::new(
            ErrorKind::Data,
            format!("edge ({user}, {item}) is outside {users} users and {items} items"),
            "The edges and the node tables belong to different datasets; prepare the data again.",
        )),
    }
}
