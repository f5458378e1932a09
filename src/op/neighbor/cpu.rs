//! The CPU operation: one pass over the edges forward, one backward, with no temporary per edge
//! beyond its attention. Inner loops run over contiguous rows so that they vectorise.

use std::sync::Arc;

#[cfg(feature = "flex")]
use burn::backend::Flex;
#[cfg(feature = "ndarray")]
use burn::backend::NdArray;
use burn::backend::autodiff::{
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, TensorMetadata, backend_extension};

use super::Adjacency;
use crate::op::host::{Host, add_scaled, matrix, vectorised};

/// Dot-product attention as one operation of a backend.
#[backend_extension(Flex: cfg(feature = "flex"), NdArray: cfg(feature = "ndarray"), Autodiff)]
pub trait NeighborBackend: Backend {
    /// See [`super::dot`].
    fn neighbor_attention(
        query: FloatTensor<Self>,
        states: FloatTensor<Self>,
        adjacency: Arc<Adjacency>,
    ) -> FloatTensor<Self>;
}

#[cfg(feature = "flex")]
impl NeighborBackend for Flex {
    fn neighbor_attention(
        query: FloatTensor<Self>,
        states: FloatTensor<Self>,
        adjacency: Arc<Adjacency>,
    ) -> FloatTensor<Self> {
        attend_untracked::<Self>(query, states, &adjacency)
    }
}

#[cfg(feature = "ndarray")]
impl NeighborBackend for NdArray {
    fn neighbor_attention(
        query: FloatTensor<Self>,
        states: FloatTensor<Self>,
        adjacency: Arc<Adjacency>,
    ) -> FloatTensor<Self> {
        attend_untracked::<Self>(query, states, &adjacency)
    }
}

fn attend_untracked<B: Host>(
    query: FloatTensor<B>,
    states: FloatTensor<B>,
    adjacency: &Adjacency,
) -> FloatTensor<B> {
    attend_tracked::<B>(&query, &states, adjacency).0
}

/// The output, and the attention of every edge.
fn attend_tracked<B: Host>(
    query: &FloatTensor<B>,
    states: &FloatTensor<B>,
    adjacency: &Adjacency,
) -> (FloatTensor<B>, Vec<f32>) {
    let d = query.shape()[1];
    let (values, sources) = (B::view(query), B::view(states));
    let (out, attention) = vectorised(|| attend(&values, &sources, adjacency, d));
    (matrix::<B>(out, d, &query.device()), attention)
}

impl<B: NeighborBackend + Host, C: CheckpointStrategy> NeighborBackend for Autodiff<B, C> {
    fn neighbor_attention(
        query: FloatTensor<Self>,
        states: FloatTensor<Self>,
        adjacency: Arc<Adjacency>,
    ) -> FloatTensor<Self> {
        let nodes = [query.node(), states.node()];
        let [query, states] = [query, states].map(|tensor| tensor.into_primitive());
        match AttentionBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let (out, attention) = attend_tracked::<B>(&query, &states, &adjacency);
                let saved = Saved {
                    query,
                    states,
                    attention: Arc::new(attention),
                    adjacency,
                };
                prep.finish(saved, out)
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(B::neighbor_attention(query, states, adjacency))
            }
        }
    }
}

/// What the forward pass keeps for the backward pass.
#[derive(Clone, Debug)]
struct Saved<B: Backend> {
    query: FloatTensor<B>,
    states: FloatTensor<B>,
    attention: Arc<Vec<f32>>,
    adjacency: Arc<Adjacency>,
}

#[derive(Debug)]
struct AttentionBackward;

impl<B: Host> Backward<B, 2> for AttentionBackward {
    type State = Saved<B>;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [query, states] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (device, saved) = (grad.device(), ops.state);
        let d = grad.shape()[1];
        let [of_query, of_states] = {
            let values = [&grad, &saved.query, &saved.states].map(B::view);
            let values = values.each_ref().map(|values| &**values);
            vectorised(|| attend_backward(values, &saved.attention, &saved.adjacency, d))
        };
        if let Some(node) = query {
            grads.register::<B>(node.id, matrix::<B>(of_query, d, &device));
        }
        if let Some(node) = states {
            grads.register::<B>(node.id, matrix::<B>(of_states, d, &device));
        }
    }
}

/// Output `[targets, d]` and the attention of every edge.
#[inline(always)]
fn attend(query: &[f32], states: &[f32], adjacency: &Adjacency, d: usize) -> (Vec<f32>, Vec<f32>) {
    let mut out = vec![0.0; adjacency.targets() * d];
    let mut attention = vec![0.0; adjacency.neighbors.len()];
    for (t, (out, query)) in out
        .chunks_exact_mut(d)
        .zip(query.chunks_exact(d))
        .enumerate()
    {
        let row = adjacency.row(t);
        let neighbors = &adjacency.neighbors[row.clone()];
        let alpha = &mut attention[row.clone()];
        let mut max = f32::NEG_INFINITY;
        for (alpha, &s) in alpha.iter_mut().zip(neighbors) {
            *alpha = inner(query, vector(states, s, d));
        }
        for (alpha, bias) in alpha.iter_mut().zip(adjacency.bias.get(row).unwrap_or(&[])) {
            *alpha += bias;
        }
        for &alpha in alpha.iter() {
            max = max.max(alpha);
        }
        let mut total = 0.0;
        for alpha in alpha.iter_mut() {
            *alpha = (*alpha - max).exp();
            total += *alpha;
        }
        for (alpha, &s) in alpha.iter_mut().zip(neighbors) {
            *alpha /= total;
            add_scaled(out, *alpha, vector(states, s, d));
        }
    }
    (out, attention)
}

/// Gradients of query and states. With `a = alpha`, `g` the gradient of the output row:
/// `d score = a (<g, h_s> - sum_r a_r <g, h_r>)`, `d query = sum d score h_s`,
/// `d h_s = a g + d score query`.
#[inline(always)]
fn attend_backward(
    [grad, query, states]: [&[f32]; 3],
    attention: &[f32],
    adjacency: &Adjacency,
    d: usize,
) -> [Vec<f32>; 2] {
    let mut grad_query = vec![0.0; query.len()];
    let mut grad_states = vec![0.0; states.len()];
    let mut along = Vec::new();
    for t in 0..adjacency.targets() {
        let row = adjacency.row(t);
        let neighbors = &adjacency.neighbors[row.clone()];
        let alpha = &attention[row];
        let target = t * d..(t + 1) * d;
        let (grad, query) = (&grad[target.clone()], &query[target.clone()]);
        let grad_query = &mut grad_query[target];
        along.clear();
        along.extend(neighbors.iter().map(|&s| inner(grad, vector(states, s, d))));
        let mean: f32 = alpha.iter().zip(&along).map(|(a, g)| a * g).sum();
        for ((&s, &a), &g) in neighbors.iter().zip(alpha).zip(&along) {
            let score = a * (g - mean);
            add_scaled(grad_query, score, vector(states, s, d));
            let grad_state = &mut grad_states[s as usize * d..][..d];
            for ((out, &g), &q) in grad_state.iter_mut().zip(grad).zip(query) {
                *out += a * g + score * q;
            }
        }
    }
    [grad_query, grad_states]
}

#[inline(always)]
pub(super) fn vector(states: &[f32], row: u32, d: usize) -> &[f32] {
    &states[row as usize * d..][..d]
}

/// Dot product with eight independent sums, so that it vectorises without reassociation.
#[inline(always)]
fn inner(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f32 = a8
        .remainder()
        .iter()
        .zip(b8.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (a, b) in a8.zip(b8) {
        for ((sum, x), y) in sums.iter_mut().zip(a).zip(b) {
            *sum += x * y;
        }
    }
    sums.iter().sum::<f32>() + tail
}
