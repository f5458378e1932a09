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

/// The neighbour rows of one layer, padded to one width.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Padded {
    /// Number of slots per row, `S`: the widest row, and at least 1.
    pub width: usize,
    /// Positions in the layer's input states, `[T, S]`; 0 in empty slots.
    pub neighbors: Vec<u32>,
    /// 1 for a neighbour, 0 for an empty slot, `[T, S]`.
    pub mask: Vec<f32>,
    /// Weight of each edge in the channel, `[T, S]`; 0 in empty slots.
    pub weights: Vec<f32>,
}

/// The edges of one layer grouped by source: what a backward pass without atomics gathers over.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transposed {
    /// Edges of source `s` are `offsets[s]..offsets[s + 1]`, `[sources + 1]`.
    pub offsets: Vec<u32>,
    /// Target of each edge, ascending within a source, `[edges]`.
    pub targets: Vec<u32>,
    /// Index of each edge in [`Block::neighbors`], ascending within a source, `[edges]`.
    pub edges: Vec<u32>,
}

impl Transposed {
    /// Each edge as a slot of the padded rows, `target * width + place in the row`, in the order of
    /// [`Transposed::edges`].
    pub fn slots(&self, block: &Block, width: usize) -> Vec<u32> {
        let slot = |(&t, &e): (&u32, &u32)| t * width as u32 + (e - block.offsets[t as usize]);
        self.targets.iter().zip(&self.edges).map(slot).collect()
    }
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

    /// Number of states that layer `layer` of `1..=L` reads.
    pub fn sources(&self, layer: usize) -> usize {
        self.within[self.layers() - layer + 1]
    }

    /// Number of edges of layer `layer` of `1..=L`: its edges are the first of the block.
    pub fn edges(&self, layer: usize) -> usize {
        self.offsets[self.targets(layer)] as usize
    }

    /// The range of a target's row in `neighbors` and `weights`.
    pub fn row(&self, target: usize) -> std::ops::Range<usize> {
        self.offsets[target] as usize..self.offsets[target + 1] as usize
    }

    /// The rows of layer `layer` of `1..=L`, padded to the widest of them.
    pub fn padded(&self, layer: usize) -> Padded {
        let targets = self.targets(layer);
        let width = (0..targets)
            .map(|t| self.row(t).len())
            .max()
            .unwrap_or(0)
            .max(1);
        let mut padded = Padded {
            width,
            neighbors: vec![0; targets * width],
            mask: vec![0.0; targets * width],
            weights: vec![0.0; targets * width],
        };
        for t in 0..targets {
            let row = self.row(t);
            let slots = t * width..t * width + row.len();
            padded.neighbors[slots.clone()].copy_from_slice(&self.neighbors[row.clone()]);
            padded.mask[slots.clone()].fill(1.0);
            padded.weights[slots].copy_from_slice(&self.weights[row]);
        }
        padded
    }

    /// The edges of layer `layer` of `1..=L` grouped by source.
    pub fn transposed(&self, layer: usize) -> Transposed {
        let mut offsets = vec![0; self.sources(layer) + 1];
        let neighbors = &self.neighbors[..self.edges(layer)];
        for &source in neighbors {
            offsets[source as usize + 1] += 1;
        }
        for s in 1..offsets.len() {
            offsets[s] += offsets[s - 1];
        }
        let mut next = offsets.clone();
        let mut targets = vec![0; neighbors.len()];
        let mut edges = vec![0; neighbors.len()];
        for target in 0..self.targets(layer) {
            for edge in self.row(target) {
                let place = &mut next[neighbors[edge] as usize];
                targets[*place as usize] = target as u32;
                edges[*place as usize] = edge as u32;
                *place += 1;
            }
        }
        Transposed {
            offsets,
            targets,
            edges,
        }
    }
}
