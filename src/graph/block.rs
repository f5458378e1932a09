//! A block: the de-duplicated L-hop neighbourhood of a batch in one channel (model.md 4.4).

/// How neighbours are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// Training: uniform without replacement, keyed by (seed, step, channel, hop, node).
    Train {
        /// Seed of the run.
        seed: u64,
        /// Training step.
        step: u64,
    },
    /// Evaluation: the highest similarities in Gu and Gi, a fixed key in G.
    Evaluate,
    /// Every neighbour, whatever the fan-out.
    Full,
}

/// The sampled neighbourhood of a set of roots in one channel.
///
/// Nodes stand in the order in which they were met: first the distinct roots, then the nodes first
/// met at hop 1, and so on. A node has one neighbour row, drawn with the fan-out and the key of the
/// hop at which it was first met, and that row serves every layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Dense node index in the channel, `[nodes]`.
    pub nodes: Vec<u32>,
    /// Position in `nodes` of every root as asked for (roots may repeat), `[roots]`.
    pub roots: Vec<u32>,
    /// `within[h]`: number of nodes met within `h` hops; `[L + 1]`, the last is `nodes.len()`.
    /// Layer `l` of `1..=L` reads the first `within[L - l + 1]` states and writes the first
    /// `within[L - l]`.
    pub within: Vec<usize>,
    /// Neighbour rows of the first `within[L - 1]` nodes: row `t` is
    /// `neighbors[offsets[t]..offsets[t + 1]]`.
    pub offsets: Vec<u32>,
    /// Positions in `nodes`, `[edges]`.
    pub neighbors: Vec<u32>,
    /// Weight of each edge in the channel (similarity; 1 in G and for self loops), `[edges]`.
    pub weights: Vec<f32>,
    /// Full-graph degree of every node, `[nodes]`, for the symmetric normaliser.
    pub degrees: Vec<u32>,
}

impl Block {
    /// Number of layers, `L`.
    pub fn layers(&self) -> usize {
        self.within.len().saturating_sub(1)
    }

    /// Number of states that layer `layer` of `1..=L` writes.
    pub fn targets(&self, layer: usize) -> usize {
        self.within[self.layers() - layer]
    }

    /// The range of a target's row in `neighbors` and `weights`.
    pub fn row(&self, target: usize) -> std::ops::Range<usize> {
        self.offsets[target] as usize..self.offsets[target + 1] as usize
    }

    /// Takes edges away from the rows of the targets for which `of` holds: the edge to the node
    /// `to`, or all. Self loops stay, no other neighbour is drawn instead, and every node stays.
    ///
    /// A target's degree goes down with its edges, to 1 at least: other rows may still lead to it, and
    /// the symmetric normaliser divides by it.
    pub fn remove(&mut self, of: impl Fn(usize) -> bool, to: Option<u32>) {
        let (mut kept, mut offsets) = (Vec::new(), vec![0]);
        for target in 0..self.offsets.len().saturating_sub(1) {
            let before = kept.len();
            kept.extend(self.row(target).filter(|&edge| {
                let neighbor = self.neighbors[edge] as usize;
                let meant = to.is_none_or(|node| self.nodes[neighbor] == node);
                !of(target) || neighbor == target || !meant
            }));
            offsets.push(kept.len() as u32);
            if of(target) {
                let left = kept.len() - before;
                let degree = match to {
                    None => left,
                    Some(_) => left + self.degrees[target] as usize - self.row(target).len(),
                };
                self.degrees[target] = degree.max(1) as u32;
            }
        }
        self.neighbors = kept.iter().map(|&edge| self.neighbors[edge]).collect();
        self.weights = kept.iter().map(|&edge| self.weights[edge]).collect();
        self.offsets = offsets;
    }
}
