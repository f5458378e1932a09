//! Edges that are taken away from a pair before it is scored again.
//!
//! What is left out is left out of the pair's sampled neighbourhoods, and nothing is drawn instead. A
//! node has one neighbour row that serves every layer, so an edge of the pair's user or item is gone
//! in all of them, also where the node comes in as its neighbour's neighbour. Edges are directed here:
//! without its edge to an item, a user is still a neighbour of that item. So the logits are those of the
//! same parameters on a graph without these edges, as long as no row is cut down to the fan-out.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::graph::Channel;
use crate::model::Batch;
use crate::model::channels::Side;

/// What is taken away of one channel: every edge, those of one side of the pair, or that side's edge
/// to one node. What is not there takes nothing away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The channel.
    pub channel: Channel,
    /// Whose edges; those of every node where absent.
    #[serde(default)]
    pub of: Option<Side>,
    /// The neighbour, by its index among its kind; all where absent.
    #[serde(default)]
    pub node: Option<u32>,
}

impl Removal {
    /// Takes the edges away from a batch of one pair; `users` is the number of users in the graph.
    ///
    /// # Errors
    ///
    /// When it names a node but not whose neighbour that is.
    pub fn apply(&self, batch: &mut Batch, users: usize) -> Result<()> {
        let Self { channel, of, node } = *self;
        if let (Some(node), None) = (node, of) {
            return Err(Error::new(
                ErrorKind::Config,
                format!("the edges to node {node} are to be removed, but not whose they are"),
                "Say whether they are the user's or the item's.",
            ));
        }
        let root = of.map(|side| batch.roots(channel, side));
        let Some(found) = &mut batch.blocks[channel as usize] else {
            return Ok(());
        };
        let block = &mut found.block;
        match root {
            None => block.remove(|_| true, None),
            Some(None) => {}
            Some(Some(root)) => {
                let target = block.roots[root] as usize;
                // The user's neighbours in G are items, which stand behind the users there.
                let behind = channel == Channel::UserItem && of == Some(Side::User);
                let node = node.map(|node| node + if behind { users as u32 } else { 0 });
                block.remove(|row| row == target, node);
            }
        }
        Ok(())
    }
}
