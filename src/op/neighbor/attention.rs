//! Dot-product attention as one operation: one pass over the edges forward and one backward, with no
//! temporary per edge beyond its attention. On the CPU engines inner loops run over contiguous rows so
//! that they vectorise.

use std::fmt::Debug;
use std::sync::Arc;

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
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "webgpu"),
    Autodiff
)]
pub trait NeighborBackend: Backend {
    /// See [`super::dot`].
    fn neighbor_attention(
        query: FloatTensor<Self>,
        states: FloatTensor<Self>,
        adjacency: Arc<Adjacency>,
    ) -> FloatTensor<Self>;
}

/// Both passes on an engine.
pub trait NeighborKernel: Backend {
    /// What the forward pass keeps for the backward pass besides its inputs.
    type Kept: Clone + Debug + Send + Sync + 'static;

    /// See [`super::dot`].
    fn attend(
        query: &FloatTensor<Self>,
        states: &FloatTensor<Self>,
        adjacency: &Adjacency,
    ) -> (FloatTensor<Self>, Self::Kept);

    /// Gradients of query and states. With `a = alpha`, `g` the gradient of the output row:
    /// `d score = a (<g, h_s> - sum_r a_r <g, h_r>)`, `d query = sum d score h_s`,
    /// `d h_s = a g + d score query`.
    fn attend_backward(
        grad: &FloatTensor<Self>,
        query: &FloatTensor<Self>,
        states: &FloatTensor<Self>,
        kept: &Self::Kept,
        adjacency: &Adjacency,
    ) -> [FloatTensor<Self>; 2];
}

impl<B: NeighborKernel> NeighborBackend for B {
    fn neighbor_attention(
        query: FloatTensor<B>,
        states: FloatTensor<B>,
        adjacency: Arc<Adjacency>,
    ) -> FloatTensor<B> {
        B::attend(&query, &states, &adjacency).0
    }
}

impl<B: NeighborKernel, C: CheckpointStrategy> NeighborBackend for Autodiff<B, C> {
    fn neighbor_attention(
        query: FloatTensor<Self>,
        states: FloatTensor<Self>,
        adjacency: Arc<Adjacency>,
    ) -> FloatTensor<Self> {
        let nodes = [query.node(), states.node()];
        let [query, states] = [query, states].map(|tensor| tensor.into_primitive());
        let (out, kept) = B::attend(&query, &states, &adjacency);
        match AttentionBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let saved = Saved {
                    query,
                    states,
                    kept,
                    adjacency,
                };
                prep.finish(saved, out)
            }
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }
}

/// What the backward pass needs.
#[derive(Clone, Debug)]
struct Saved<B: NeighborKernel> {
    query: FloatTensor<B>,
    states: FloatTensor<B>,
    kept: B::Kept,
    adjacency: Arc<Adjacency>,
}

#[derive(Debug)]
struct AttentionBackward;

impl<B: NeighborKernel> Backward<B, 2> for AttentionBackward {
    type State = Saved<B>;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let Saved {
            query,
            states,
            kept,
            adjacency,
        } = ops.state;
        let gradients = B::attend_backward(&grad, &query, &states, &kept, &adjacency);
        for (node, gradient) in ops.parents.into_iter().zip(gradients) {
            if let Some(node) = node {
                grads.register::<B>(node.id, gradient);
            }
        }
    }
}

impl<B: Host> NeighborKernel for B {
    /// The attention of every edge.
    type Kept = Arc<Vec<f32>>;

    fn attend(
        query: &FloatTensor<B>,
        states: &FloatTensor<B>,
        adjacency: &Adjacency,
    ) -> (FloatTensor<B>, Arc<Vec<f32>>) {
        let d = query.shape()[1];
        let (values, sources) = (B::view(query), B::view(states));
        let (out, attention) = vectorised(|| attend(&values, &sources, adjacency, d));
        (matrix::<B>(out, d, &query.device()), Arc::new(attention))
    }

    fn attend_backward(
        grad: &FloatTensor<B>,
        query: &FloatTensor<B>,
        states: &FloatTensor<B>,
        attention: &Arc<Vec<f32>>,
        adjacency: &Adjacency,
    ) -> [FloatTensor<B>; 2] {
        let (device, d) = (grad.device(), grad.shape()[1]);
        let values = [grad, query, states].map(B::view);
        let values = values.each_ref().map(|values| &**values);
        let gradients = vectorised(|| attend_backward(values, attention, adjacency, d));
        gradients.map(|values| matrix::<B>(values, d, &device))
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

/// Gradients of query and states, see [`NeighborKernel::attend_backward`].
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
