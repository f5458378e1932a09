//! Attention over neighbours: `out_t = sum_s alpha(t, s) h_s` with `alpha` a softmax over the row.
//!
//! Two formulations of the same mathematics. [`attend`] and [`weighted`] are operations with their own
//! backward, linear in edges and without any `[edges, d]` temporary. The stock formulation pads rows to
//! the widest of a chunk and is written with burn's operations (see `padded`); it also tells the weights.

#[allow(deprecated)] // burn-ndarray is deprecated in favour of burn-flex; it stays selectable.
pub(super) mod additive;
#[allow(deprecated)]
pub(super) mod attention;
mod padded;
#[allow(deprecated)]
pub(super) mod weighted;

use std::sync::Arc;

use burn::backend::Dispatch;
use burn::tensor::{Device, Tensor, TensorData};

pub use padded::{Padded, attend_padded, masked_softmax};

use super::form::Form;
#[cfg(feature = "webgpu")]
use super::gpu::edges::Uploaded;
use super::leaky_relu::leaky_relu;
use super::lookup::lookup;
use additive::AdditiveBackend;
use attention::{Given, NeighborBackend};
use weighted::{Weighted, WeightedBackend};

/// The neighbour rows of one layer: row `t` is `neighbors[offsets[t]..offsets[t + 1]]`.
#[derive(Clone, Debug, Default)]
pub struct Adjacency {
    /// `[targets + 1]`, starting at 0.
    pub offsets: Vec<u32>,
    /// Rows of the states, `[edges]`.
    pub neighbors: Vec<u32>,
    /// Added to each edge's score, `[edges]`, or empty for none.
    pub bias: Vec<f32>,
    /// The same on the GPU.
    #[cfg(feature = "webgpu")]
    pub(super) on_gpu: Uploaded,
}

impl Adjacency {
    /// Rows from their parts, as the fields describe them.
    pub fn new(offsets: Vec<u32>, neighbors: Vec<u32>, bias: Vec<f32>) -> Self {
        Self {
            offsets,
            neighbors,
            bias,
            #[cfg(feature = "webgpu")]
            on_gpu: Uploaded::default(),
        }
    }

    /// Number of rows.
    pub fn targets(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The edges of row `t`.
    pub fn row(&self, t: usize) -> std::ops::Range<usize> {
        self.offsets[t] as usize..self.offsets[t + 1] as usize
    }

    /// The row of every edge, `[edges]`.
    pub fn targets_of_edges(&self) -> Vec<u32> {
        let row = |t: usize| std::iter::repeat_n(t as u32, self.row(t).len());
        (0..self.targets()).flat_map(row).collect()
    }

    /// The length of the longest row, at least 1.
    pub fn width(&self) -> usize {
        (0..self.targets())
            .map(|t| self.row(t).len())
            .max()
            .unwrap_or(0)
            .max(1)
    }
}

/// How the edge from source s to target t is scored (decision A1), before its bias. Vectors are already
/// projected.
#[derive(Clone)]
pub enum Scores {
    /// `<q_t, h_s>` with the states h.
    Dot {
        /// `[targets, d]`, already scaled
        query: Tensor<2>,
    },
    /// `<v, tanh(a_t + b_s)>`, of GeniePath.
    Additive {
        /// a, `[targets, k]`
        target: Tensor<2>,
        /// b, `[sources, k]`
        source: Tensor<2>,
        /// v, `[k, 1]`
        weights: Tensor<2>,
    },
    /// `LeakyReLU(a_t + b_s)`, of GAT.
    Leaky {
        /// a, `[targets, 1]`
        target: Tensor<2>,
        /// b, `[sources, 1]`
        source: Tensor<2>,
        /// Of negative sums.
        slope: f64,
    },
}

/// Attention (model.md 5.2): the softmax of the scores over each row weighs the neighbours.
///
/// # Shapes
/// - `states`: `[sources, d]`
/// - output: `[targets, d]`; rows without neighbours are zero
pub fn attend(scores: Scores, states: Tensor<2>, adjacency: &Arc<Adjacency>) -> Tensor<2> {
    if Form::current() == Form::Stock {
        let chunks = Padded::chunks(adjacency, states.dims()[1], &states.device());
        return attend_padded(&scores, states, &chunks, None);
    }
    let (given, first) = match scores {
        Scores::Dot { query } => (Given::Query, query),
        Scores::Additive {
            target,
            source,
            weights,
        } => {
            let scores = Tensor::from_dispatch(<Dispatch as AdditiveBackend>::additive_scores(
                target.into_dispatch(),
                source.into_dispatch(),
                weights.into_dispatch(),
                Arc::clone(adjacency),
            ));
            (Given::Scores, biased(scores, adjacency))
        }
        Scores::Leaky {
            target,
            source,
            slope,
        } => {
            // One of no meaning where there is no edge.
            let ends = [adjacency.targets_of_edges(), adjacency.neighbors.clone()];
            let [targets, sources] = ends.map(|end| if end.is_empty() { vec![0] } else { end });
            let sums = lookup(target, &targets) + lookup(source, &sources);
            (Given::Scores, biased(leaky_relu(sums, slope), adjacency))
        }
    };
    Tensor::from_dispatch(<Dispatch as NeighborBackend>::neighbor_attention(
        first.into_dispatch(),
        states.into_dispatch(),
        Arc::clone(adjacency),
        given,
    ))
}

/// Scores of edges `[edges, 1]`, and their bias.
fn biased(scores: Tensor<2>, adjacency: &Adjacency) -> Tensor<2> {
    if adjacency.bias.is_empty() {
        return scores;
    }
    let bias = TensorData::new(adjacency.bias.clone(), scores.dims());
    let bias = Tensor::from_data(bias, &scores.device());
    scores + bias
}

/// The sum over neighbours with fixed weights: `out_t = sum_s w(t, s) h_s`.
///
/// # Shapes
/// - `states`: `[sources, d]`
/// - `weights`: one per edge
/// - output: `[targets, d]`; rows without neighbours are zero
pub fn weighted(
    states: Tensor<2>,
    weights: &Arc<Vec<f32>>,
    adjacency: &Arc<Adjacency>,
) -> Tensor<2> {
    if Form::current() == Form::Own {
        let edges = Weighted {
            adjacency: Arc::clone(adjacency),
            weights: Arc::clone(weights),
        };
        Tensor::from_dispatch(<Dispatch as WeightedBackend>::neighbor_sum(
            states.into_dispatch(),
            edges,
        ))
    } else {
        let chunks = Padded::chunks(adjacency, states.dims()[1], &states.device());
        let summed = chunks.iter().map(|rows| {
            let weights = rows.spread(weights, adjacency);
            rows.sum(weights, rows.gather(states.clone()))
        });
        Tensor::cat(summed.collect(), 0)
    }
}

/// The weights of every row, one tensor each with zeros up to a common width.
pub fn rows(weights: &[f32], adjacency: &Adjacency, device: &Device) -> Vec<Tensor<1>> {
    let chunks = Padded::chunks(adjacency, 1, device);
    let row = |rows: &Padded| {
        let all = rows.spread(weights, adjacency);
        (0..rows.targets)
            .map(move |t| all.clone().narrow(0, t, 1).flatten(0, 1))
            .collect::<Vec<_>>()
    };
    chunks.iter().flat_map(row).collect()
}
