//! The dense core of a log (model.md 3.4): thinning users uniformly would destroy the item degrees
//! and with them the item-item graph, so the busiest corner of the catalogue is kept instead.

use std::collections::{HashMap, HashSet};

use super::config::CoreSize;
use crate::data::events::Event;

/// The users and items of the core, and the edges of G between them.
pub(super) struct Core {
    /// Whether each user is kept.
    pub users: Vec<bool>,
    /// Whether each item is kept. Kept users keep their instances on all of these.
    pub items: Vec<bool>,
    /// The edges of G between them.
    pub edges: Vec<(u32, u32)>,
}

/// Finds the core.
///
/// 1. Pick merchants by their edges per item until they sell `size.items` items. `shelf` names the
///    merchant of each item (any number that stands for one).
/// 2. Only users with a valid test group for some task can stay (`valid`, told which items are kept).
/// 3. Of the k-core of their edges, take the `size.users` users with most edges, and keep those that
///    are in the k-core still. They keep all their edges on the picked items, so the long tail of the
///    items stays as it is.
pub(super) fn dense_core(
    size: CoreSize,
    edges: &[(u32, u32)],
    shelf: &[u64],
    active: &[bool],
    valid: impl FnOnce(&[bool]) -> Vec<bool>,
) -> Core {
    let items = pick_merchants(size.items, edges, shelf, active);
    let mut users = valid(&items);
    let kept = |users: &[bool]| -> Vec<(u32, u32)> {
        let both = |&&(u, i): &&(u32, u32)| users[u as usize] && items[i as usize];
        edges.iter().filter(both).copied().collect()
    };
    let degrees = k_core(kept(&users), size.k, users.len(), items.len());
    let mut ranked: Vec<usize> = (0..users.len()).filter(|&u| degrees[u] > 0).collect();
    ranked.sort_by_key(|&u| (std::cmp::Reverse(degrees[u]), u));
    users.fill(false);
    ranked
        .iter()
        .take(size.users)
        .for_each(|&u| users[u] = true);
    let degrees = k_core(kept(&users), size.k, users.len(), items.len());
    users = degrees.iter().map(|&degree| degree > 0).collect();
    let edges = kept(&users);
    Core {
        users,
        items,
        edges,
    }
}

/// Items of the merchants whose items have the most edges each. A merchant that would exceed the
/// limit is passed over.
fn pick_merchants(limit: usize, edges: &[(u32, u32)], shelf: &[u64], active: &[bool]) -> Vec<bool> {
    let mut merchants: HashMap<u64, (u64, u64)> = HashMap::new();
    for (&merchant, _) in shelf.iter().zip(active).filter(|&(_, &active)| active) {
        merchants.entry(merchant).or_default().1 += 1;
    }
    for &(_, i) in edges {
        merchants.entry(shelf[i as usize]).or_default().0 += 1;
    }
    let mut ranked: Vec<(u64, (u64, u64))> = merchants.into_iter().collect();
    // a/b > c/d is a d > c b.
    ranked.sort_by(|&(m, (a, b)), &(n, (c, d))| {
        (u128::from(c) * u128::from(b))
            .cmp(&(u128::from(a) * u128::from(d)))
            .then(m.cmp(&n))
    });
    let mut picked = HashSet::new();
    let mut total = 0;
    for (merchant, (_, items)) in ranked {
        if total + items <= limit as u64 {
            total += items;
            picked.insert(merchant);
        }
    }
    shelf
        .iter()
        .map(|merchant| picked.contains(merchant))
        .collect()
}

/// Drops edges until every user and item that has one has at least `k`; the degrees of the users in
/// what is left.
fn k_core(mut edges: Vec<(u32, u32)>, k: u32, users: usize, items: usize) -> Vec<u32> {
    loop {
        let (mut by_user, mut by_item) = (vec![0u32; users], vec![0u32; items]);
        for &(u, i) in &edges {
            by_user[u as usize] += 1;
            by_item[i as usize] += 1;
        }
        let before = edges.len();
        edges.retain(|&(u, i)| by_user[u as usize] >= k && by_item[i as usize] >= k);
        if edges.len() == before {
            return by_user;
        }
    }
}

/// Users with a valid test group for some task: an instance with the label and one without it. Where
/// negatives will be sampled, an instance with a label is enough.
pub(super) fn users_with_valid_group(
    test: &[Event],
    items: &[bool],
    users: usize,
    negatives_follow: bool,
) -> Vec<bool> {
    // Bits 0 and 1: a positive of each task; bits 2 and 3: a negative.
    let mut seen = vec![if negatives_follow { 0b1100 } else { 0u8 }; users];
    let kept = |event: &&Event| items[event.item as usize];
    for pair in test
        .chunk_by(|a, b| a.pair() == b.pair())
        .filter(|pair| kept(&&pair[0]))
    {
        let labels = pair
            .iter()
            .fold(0, |labels, event| labels | event.actions.labels());
        seen[pair[0].user as usize] |= labels | (!labels & 0b11) << 2;
    }
    seen.iter()
        .map(|&bits| bits & bits >> 2 & 0b11 != 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k_core_of_a_square_with_a_tail() {
        // Users 0, 1 and items 0, 1 form a complete square; 2-1 and 2-2 hang on it.
        let edges = vec![(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (2, 2)];
        assert_eq!(k_core(edges.clone(), 1, 3, 3), [2, 2, 2]);
        assert_eq!(k_core(edges.clone(), 2, 3, 3), [2, 2, 0]);
        assert_eq!(k_core(edges, 3, 3, 3), [0, 0, 0]);
    }

    #[test]
    fn busy_merchants_come_first_and_large_ones_are_passed_over() {
        // Edges per item: 6/3 at merchant 7, 1/1 at merchant 8, 1/2 at merchant 9.
        let shelf = [7, 7, 7, 8, 9, 9];
        let edges = [
            (0, 0),
            (0, 1),
            (1, 0),
            (1, 2),
            (2, 0),
            (2, 1),
            (2, 3),
            (0, 4),
        ];
        let pick = |limit| pick_merchants(limit, &edges, &shelf, &[true; 6]);
        assert_eq!(pick(3), [true, true, true, false, false, false]);
        assert_eq!(pick(2), [false, false, false, true, false, false]);
        assert_eq!(pick(5), [true, true, true, true, false, false]);
        assert_eq!(pick(6), [true; 6]);
    }
}
