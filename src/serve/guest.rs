//! Users and items that join a batch under field values of their own.
//!
//! A guest takes the place of a node of the graph, its *host*, in one or more pairs: it has the host's
//! neighbours and other features. The unknown node 0 is the host of users and items that the dataset
//! does not hold; it has no neighbours. Everybody else in the batch keeps seeing the host.

use std::collections::HashMap;

use crate::graph::{Block, CHANNELS};
use crate::model::Batch;
use crate::model::batch::ChannelBlock;
use crate::model::channels::Side;

/// Puts guests in the place of the user or the item of some pairs: `(pair, features)`, one value per
/// field of the dataset. Guests with the same host and features are one.
///
/// `self_loop` says whether every neighbour row starts with the node itself.
pub(super) fn admit(batch: &mut Batch, side: Side, guests: &[(usize, &[u32])], self_loop: bool) {
    let (users, items) = (batch.user_fields[0].len(), batch.item_fields[0].len());
    let (fields, rows) = match side {
        Side::User => (&mut batch.user_fields, &mut batch.pair_user),
        Side::Item => (&mut batch.item_fields, &mut batch.pair_item),
    };
    let first = fields[0].len() as u32;
    let mut numbers: HashMap<(u32, &[u32]), usize> = HashMap::new();
    // The first pair of every guest, whose host it takes after.
    let mut firsts = Vec::new();
    let mut number_of = Vec::with_capacity(guests.len());
    for &(pair, features) in guests {
        let next = firsts.len();
        let number = *numbers.entry((rows[pair], features)).or_insert(next);
        if number == next {
            firsts.push(pair);
            for (values, &value) in fields.iter_mut().zip(features) {
                values.push(value);
            }
        }
        number_of.push(number);
    }
    for (&(pair, _), &number) in guests.iter().zip(&number_of) {
        rows[pair] = first + number as u32;
    }

    // Rows in [distinct users, distinct items] of nodes behind the newcomers move up.
    let (begin, moved) = match side {
        Side::User => (users as u32, firsts.len() as u32),
        Side::Item => ((users + items) as u32, 0),
    };
    let roots = CHANNELS.map(|channel| batch.roots(channel, side));
    for (found, root) in batch.blocks.iter_mut().zip(roots) {
        let Some(found) = found else { continue };
        for row in &mut found.rows {
            *row += if *row >= begin { moved } else { 0 };
        }
        let Some(root) = root else { continue };
        let hosts = firsts.iter().map(|&pair| found.block.roots[root + pair]);
        let hosts: Vec<usize> = hosts.map(|host| host as usize).collect();
        let joined = found.block.within[0] as u32;
        insert(found, &hosts, begin, self_loop);
        for (&(pair, _), &number) in guests.iter().zip(&number_of) {
            found.block.roots[root + pair] = joined + number as u32;
        }
    }
}

/// Inserts a root per host behind the roots of a block, with the host's neighbours; `begin` is the row
/// of the first of them among the batch's distinct nodes.
fn insert(found: &mut ChannelBlock, hosts: &[usize], begin: u32, self_loop: bool) {
    let block = &found.block;
    let (at, count) = (block.within[0], hosts.len());
    let moved = |position: u32| {
        position
            + if position as usize >= at {
                count as u32
            } else {
                0
            }
    };
    let rows = block.offsets.len() - 1;
    let (old, new) = (0..rows).partition::<Vec<usize>, _>(|&row| row < at);
    let order = old.into_iter().chain(hosts.iter().copied()).chain(new);

    let mut joined = Block {
        nodes: block.nodes.clone(),
        roots: block.roots.clone(),
        within: block.within.iter().map(|n| n + count).collect(),
        offsets: vec![0],
        degrees: block.degrees.clone(),
        ..Block::default()
    };
    for (place, row) in order.enumerate() {
        let edges = block.row(row);
        let neighbors = block.neighbors[edges.clone()].iter().map(|&n| moved(n));
        let start = joined.neighbors.len();
        joined.neighbors.extend(neighbors);
        if self_loop {
            joined.neighbors[start] = place as u32;
        }
        joined.weights.extend(&block.weights[edges]);
        joined.offsets.push(joined.neighbors.len() as u32);
    }
    let of_hosts = |values: &[u32]| hosts.iter().map(|&host| values[host]).collect::<Vec<_>>();
    joined.nodes.splice(at..at, of_hosts(&block.nodes));
    joined.degrees.splice(at..at, of_hosts(&block.degrees));
    found
        .rows
        .splice(at..at, (0..count as u32).map(|number| begin + number));
    found.block = joined;
}
