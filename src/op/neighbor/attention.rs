//! Softmax over every row of scores, and the sum of the neighbours under it, as one operation: one pass
//! over the edges forward and one backward, with no temporary per edge beyond its attention. Scores are
//! given, or are the inner products of a query with the neighbours. On the CPU engines inner loops run
//! over contiguous rows so that they vectorise.

use std::fmt::Debug;
use std::sync::Arc;

use burn::backend::autodiff::{
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, TensorMetadata, backend_extension};
use multiversion::multiversion;

use super::Adjacency;
use crate::op::host::{Host, add_scaled, inner, matrix};

/// What the first tensor of the operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// A query per target, `[targets, d]`: scores are `<q_t, h_s> + bias`.
    Query,
    /// The score of every edge, `[edges, 1]`; one of no meaning, with a gradient of 0, where there is no
    /// edge. The bias is not added.
    Scores,
}

/// The attention as one operation of a backend.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "webgpu"),
    Autodiff
)]
pub trait NeighborBackend: Backend {
    /// See [`super::attend`]; `first` is what `given` says.
    fn neighbor_attention(
        first: FloatTensor<Self>,
        states: FloatTensor<Self>,
        adjacency: Arc<Adjacency>,
        given: Given,
    ) -> FloatTensor<Self>;
}

/// Both passes on an engine.
pub trait NeighborKernel: Backend {
    /// What the forward pass keeps for the backward pass besides its inputs.
    type Kept: Clone + Debug + Send + Sync + 'static;

    /// See [`NeighborBackend::neighbor_attention`].
    fn attend(
        first: &FloatTensor<Self>,
        states: &FloatTensor<Self>,
        adjacency: &Adjacency,
        given: Given,
    ) -> (FloatTensor<Self>, Self::Kept);

    /// Gradients of the first tensor and of the states. With `a = alpha`, `g` the gradient of the
    /// output row: `d score = a (<g, h_s> - sum_r a_r <g, h_r>)` and `d h_s = a g`; with a query also
    /// `d query = sum d score h_s`, and `d score query` more for `d h_s`.
    fn attend_backward(
        grad: &FloatTensor<Self>,
        first: &FloatTensor<Self>,
        states: &FloatTensor<Self>,
        kept: &Self::Kept,
        adjacency: &Adjacency,
        given: Given,
    ) -> [FloatTensor<Self>; 2];
}

impl<B: NeighborKernel> NeighborBackend for B {
    fn neighbor_attention(
        first: FloatTensor<B>,
        states: FloatTensor<B>,
        adjacency: Arc<Adjacency>,
        given: Given,
    ) -> FloatTensor<B> {
        B::attend(&first, &states, &adjacency, given).0
    }
}

impl<B: NeighborKernel, C: CheckpointStrategy> NeighborBackend for Autodiff<B, C> {
    fn neighbor_attention(
        first: FloatTensor<Self>,
        states: FloatTensor<Self>,
        adjacency: Arc<Adjacency>,
        given: Given,
    ) -> FloatTensor<Self> {
        let nodes = [first.node(), states.node()];
        let [first, states] = [first, states].map(|tensor| tensor.into_primitive());
        let (out, kept) = B::attend(&first, &states, &adjacency, given);
        match AttentionBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let saved = Saved {
                    first,
                    states,
                    kept,
                    adjacency,
                    given,
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
    first: FloatTensor<B>,
    states: FloatTensor<B>,
    kept: B::Kept,
    adjacency: Arc<Adjacency>,
    given: Given,
}

#[derive(Debug)]
struct AttentionBackward;

impl<B: NeighborKernel> Backward<B, 2> for AttentionBackward {
    type State = Saved<B>;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let Saved {
            first,
            states,
            kept,
            adjacency,
            given,
        } = ops.state;
        let gradients = B::attend_backward(&grad, &first, &states, &kept, &adjacency, given);
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
        first: &FloatTensor<B>,
        states: &FloatTensor<B>,
        adjacency: &Adjacency,
        given: Given,
    ) -> (FloatTensor<B>, Arc<Vec<f32>>) {
        let d = states.shape()[1];
        let (first, values) = (B::view(first), B::view(states));
        let (out, attention) = attend(&first, &values, adjacency, d, given);
        (matrix::<B>(out, d, &states.device()), Arc::new(attention))
    }

    fn attend_backward(
        grad: &FloatTensor<B>,
        first: &FloatTensor<B>,
        states: &FloatTensor<B>,
        attention: &Arc<Vec<f32>>,
        adjacency: &Adjacency,
        given: Given,
    ) -> [FloatTensor<B>; 2] {
        let columns = [first.shape()[1], states.shape()[1]];
        let values = [grad, first, states].map(B::view);
        let values = values.each_ref().map(|values| &**values);
        let [of_first, of_states] =
            attend_backward(values, attention, adjacency, columns[1], given);
        let device = grad.device();
        [(of_first, columns[0]), (of_states, columns[1])]
            .map(|(values, columns)| matrix::<B>(values, columns, &device))
    }
}

/// Output `[targets, d]` and the attention of every edge.
#[multiversion(targets = "simd")]
fn attend(
    first: &[f32],
    states: &[f32],
    adjacency: &Adjacency,
    d: usize,
    given: Given,
) -> (Vec<f32>, Vec<f32>) {
    let mut out = vec![0.0; adjacency.targets() * d];
    let mut attention = vec![0.0; adjacency.neighbors.len()];
    for (t, out) in out.chunks_exact_mut(d).enumerate() {
        let row = adjacency.row(t);
        let neighbors = &adjacency.neighbors[row.clone()];
        let alpha = &mut attention[row.clone()];
        match given {
            Given::Scores => alpha.copy_from_slice(&first[row]),
            Given::Query => {
                let query = &first[t * d..][..d];
                for (alpha, &s) in alpha.iter_mut().zip(neighbors) {
                    *alpha = inner(query, vector(states, s, d));
                }
                let bias = adjacency.bias.get(row).unwrap_or(&[]);
                add_scaled(alpha, 1.0, bias);
            }
        }
        let max = alpha.iter().fold(f32::NEG_INFINITY, |max, &x| max.max(x));
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

/// Gradients of the first tensor and of the states, see [`NeighborKernel::attend_backward`].
#[multiversion(targets = "simd")]
fn attend_backward(
    [grad, first, states]: [&[f32]; 3],
    attention: &[f32],
    adjacency: &Adjacency,
    d: usize,
    given: Given,
) -> [Vec<f32>; 2] {
    let mut of_first = vec![0.0; first.len()];
    let mut of_states = vec![0.0; states.len()];
    let mut along = Vec::new();
    for t in 0..adjacency.targets() {
        let row = adjacency.row(t);
        let neighbors = &adjacency.neighbors[row.clone()];
        let alpha = &attention[row.clone()];
        let target = t * d..(t + 1) * d;
        let grad = &grad[target.clone()];
        along.clear();
        for &s in neighbors {
            along.push(inner(grad, vector(states, s, d)));
        }
        let mean: f32 = alpha.iter().zip(&along).map(|(a, g)| a * g).sum();
        let edges = neighbors.iter().zip(alpha).zip(&along);
        match given {
            Given::Scores => {
                for (((&s, &a), &g), of_score) in edges.zip(&mut of_first[row]) {
                    *of_score = a * (g - mean);
                    add_scaled(&mut of_states[s as usize * d..][..d], a, grad);
                }
            }
            Given::Query => {
                let (query, of_query) = (&first[target.clone()], &mut of_first[target]);
                for ((&s, &a), &g) in edges {
                    let score = a * (g - mean);
                    add_scaled(of_query, score, vector(states, s, d));
                    let of_state = &mut of_states[s as usize * d..][..d];
                    for ((out, &g), &q) in of_state.iter_mut().zip(grad).zip(query) {
                        *out += a * g + score * q;
                    }
                }
            }
        }
    }
    [of_first, of_states]
}

#[inline(always)]
pub(super) fn vector(states: &[f32], row: u32, d: usize) -> &[f32] {
    &states[row as usize * d..][..d]
}
