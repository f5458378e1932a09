//! Attention over neighbours: `out_t = sum_s alpha(t, s) h_s` with `alpha` a softmax over the row.
//!
//! Two formulations of the same mathematics. [`dot`] and [`weighted`] are one operation each with its
//! own backward, linear in edges and without any `[edges, d]` temporary. The stock formulation, which the
//! other attention kinds have alone, pads rows to the widest of a chunk and is written with burn's
//! operations (see `padded`).

#[allow(deprecated)] // burn-ndarray is deprecated in favour of burn-flex; it stays selectable.
pub(super) mod attention;
mod padded;
#[allow(deprecated)]
pub(super) mod weighted;

use std::sync::Arc;

use burn::backend::Dispatch;
use burn::tensor::{Device, Tensor};

pub use padded::{Padded, masked_softmax};

use super::form::Form;
use attention::NeighborBackend;
use weighted::{Weighted, WeightedBackend};

/// The neighbour rows of one layer: row `t` is `neighbors[offsets[t]..offsets[t + 1]]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adjacency {
    /// `[targets + 1]`, starting at 0.
    pub offsets: Vec<u32>,
    /// Rows of the states, `[edges]`.
    pub neighbors: Vec<u32>,
    /// Added to each edge's score, `[edges]`, or empty for none.
    pub bias: Vec<f32>,
}

impl Adjacency {
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

/// Dot-product attention (model.md 5.2): scores `<query_t, h_s> + bias`, softmax over the row.
///
/// # Shapes
/// - `query`: `[targets, d]`, already projected and scaled
/// - `states`: `[sources, d]`
/// - output: `[targets, d]`; rows without neighbours are zero
pub fn dot(query: Tensor<2>, states: Tensor<2>, adjacency: &Arc<Adjacency>) -> Tensor<2> {
    if Form::current() == Form::Own {
        Tensor::from_dispatch(<Dispatch as NeighborBackend>::neighbor_attention(
            query.into_dispatch(),
            states.into_dispatch(),
            Arc::clone(adjacency),
        ))
    } else {
        let chunks = Padded::chunks(adjacency, states.dims()[1], &states.device());
        dot_padded(query, states, &chunks)
    }
}

/// The stock formulation of [`dot`] over all chunks of an adjacency, for any device.
pub fn dot_padded(query: Tensor<2>, states: Tensor<2>, chunks: &[Padded]) -> Tensor<2> {
    let attended = chunks.iter().map(|rows| {
        let gathered = rows.gather(states.clone());
        let query = query.clone().narrow(0, rows.first, rows.targets);
        let scores = (query.unsqueeze_dim::<3>(1) * gathered.clone()).sum_dim(2);
        let scores = scores.reshape([rows.targets, rows.width]) + rows.bias.clone();
        rows.sum(masked_softmax(scores, rows.mask.clone()), gathered)
    });
    attended
        .reduce(|a, b| Tensor::cat(vec![a, b], 0))
        .unwrap_or_else(|| query.clone())
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
