//! The edges of neighbour rows on the GPU, uploaded once for all operations that read them and for both
//! passes: a write to the GPU sends off all launches before it.

use std::sync::OnceLock;

use cubecl::client::Client;

use super::{List, Reverse};
use crate::op::neighbor::Adjacency;

/// The edges from sources s to targets t.
#[derive(Clone, Debug)]
pub struct Edges {
    /// Where the edges of each target begin and end, `[targets + 1]`.
    pub(super) offsets: List,
    /// (t, s) of every edge.
    pub(super) pairs: List,
    /// Added to each edge's score; none for nothing.
    pub(super) bias: Option<List>,
    /// Where the edges of each source begin and end in `reversed`, `[sources + 1]`.
    pub(super) reversed_offsets: List,
    /// (e, t) of every edge e, source by source.
    pub(super) reversed: List,
}

/// The edges of an [`Adjacency`], once they have been needed. Its copies, which may be changed, begin
/// without.
#[derive(Debug, Default)]
pub struct Uploaded(OnceLock<Edges>);

impl Clone for Uploaded {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Edges {
    /// Those of neighbour rows among `sources` states.
    ///
    /// # Panics
    ///
    /// When the same rows were read among another number of states before.
    pub(super) fn of<'a>(adjacency: &'a Adjacency, client: &Client, sources: usize) -> &'a Self {
        let edges = adjacency.on_gpu.0.get_or_init(|| {
            let targets = adjacency.targets_of_edges();
            let pairs = targets.iter().zip(&adjacency.neighbors);
            let pairs: Vec<u32> = pairs.flat_map(|(&t, &s)| [t, s]).collect();
            let reverse = Reverse::new(&adjacency.neighbors, sources);
            let reversed = reverse.entries.iter();
            let reversed: Vec<u32> = reversed.flat_map(|&e| [e, targets[e as usize]]).collect();
            let bias = (!adjacency.bias.is_empty()).then(|| List::new(client, &adjacency.bias));
            Self {
                offsets: List::new(client, &adjacency.offsets),
                pairs: List::new(client, &pairs),
                bias,
                reversed_offsets: List::new(client, &reverse.offsets),
                reversed: List::new(client, &reversed),
            }
        });
        assert_eq!(edges.reversed_offsets.length, sources + 1);
        edges
    }
}
