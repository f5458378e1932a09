//! The scores of additive attention, `<v, tanh(a_t + b_s)>`, as one operation (GeniePath's form, decision
//! A1): one pass over the edges forward and one backward, which computes the hyperbolic tangents anew, so
//! that no `[edges, k]` values are held.

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
use super::attention::vector;
use crate::op::host::{Host, add_scaled, inner, matrix, tanh};

/// The scores as one operation of a backend.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "webgpu"),
    Autodiff
)]
pub trait AdditiveBackend: Backend {
    /// The score of every edge, `[edges, 1]`, without bias; one of no meaning where there is no edge.
    ///
    /// # Shapes
    /// - `target`: `[targets, k]`
    /// - `source`: `[sources, k]`
    /// - `weights`: `[k, 1]`
    fn additive_scores(
        target: FloatTensor<Self>,
        source: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        adjacency: Arc<Adjacency>,
    ) -> FloatTensor<Self>;
}

/// Both passes on an engine. Inputs are target, source and weights.
pub trait AdditiveKernel: Backend {
    /// See [`AdditiveBackend::additive_scores`].
    fn scores(inputs: &[FloatTensor<Self>; 3], adjacency: &Adjacency) -> FloatTensor<Self>;

    /// Gradients of the inputs. With `h = tanh(a_t + b_s)` and `g` the gradient of an edge's score:
    /// `d v = sum g h`, and both `d a_t` and `d b_s` are sums of `g v (1 - h^2)`.
    fn scores_backward(
        grad: &FloatTensor<Self>,
        inputs: &[FloatTensor<Self>; 3],
        adjacency: &Adjacency,
    ) -> [FloatTensor<Self>; 3];
}

impl<B: AdditiveKernel> AdditiveBackend for B {
    fn additive_scores(
        target: FloatTensor<B>,
        source: FloatTensor<B>,
        weights: FloatTensor<B>,
        adjacency: Arc<Adjacency>,
    ) -> FloatTensor<B> {
        B::scores(&[target, source, weights], &adjacency)
    }
}

impl<B: AdditiveKernel, C: CheckpointStrategy> AdditiveBackend for Autodiff<B, C> {
    fn additive_scores(
        target: FloatTensor<Self>,
        source: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        adjacency: Arc<Adjacency>,
    ) -> FloatTensor<Self> {
        let inputs = [target, source, weights];
        let nodes = inputs.each_ref().map(|tensor| tensor.node());
        let inputs = inputs.map(|tensor| tensor.into_primitive());
        let out = B::scores(&inputs, &adjacency);
        match ScoresBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((inputs, adjacency), out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }
}

#[derive(Debug)]
struct ScoresBackward;

impl<B: AdditiveKernel> Backward<B, 3> for ScoresBackward {
    type State = ([FloatTensor<B>; 3], Arc<Adjacency>);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let (inputs, adjacency) = ops.state;
        let gradients = B::scores_backward(&grad, &inputs, &adjacency);
        for (node, gradient) in ops.parents.into_iter().zip(gradients) {
            if let Some(node) = node {
                grads.register::<B>(node.id, gradient);
            }
        }
    }
}

impl<B: Host> AdditiveKernel for B {
    fn scores(inputs: &[FloatTensor<B>; 3], adjacency: &Adjacency) -> FloatTensor<B> {
        let values = inputs.each_ref().map(B::view);
        let values = values.each_ref().map(|values| &**values);
        let out = scores(values, adjacency);
        matrix::<B>(out, 1, &inputs[0].device())
    }

    fn scores_backward(
        grad: &FloatTensor<B>,
        inputs: &[FloatTensor<B>; 3],
        adjacency: &Adjacency,
    ) -> [FloatTensor<B>; 3] {
        let (device, k) = (grad.device(), inputs[0].shape()[1]);
        let values = inputs.each_ref().map(B::view);
        let values = values.each_ref().map(|values| &**values);
        let grad = B::view(grad);
        let [target, source, weights] = backward(&grad, values, adjacency);
        [(target, k), (source, k), (weights, 1)]
            .map(|(values, columns)| matrix::<B>(values, columns, &device))
    }
}

/// The score of every edge; one 0 where there is no edge.
#[multiversion(targets = "simd")]
fn scores([target, source, weights]: [&[f32]; 3], adjacency: &Adjacency) -> Vec<f32> {
    let mut out = vec![0.0; adjacency.neighbors.len().max(1)];
    let mut hidden = vec![0.0; weights.len()];
    for (t, target) in target.chunks_exact(weights.len()).enumerate() {
        for edge in adjacency.row(t) {
            hide(&mut hidden, target, source, adjacency.neighbors[edge]);
            out[edge] = inner(&hidden, weights);
        }
    }
    out
}

/// Gradients of target, source and weights, see [`AdditiveKernel::scores_backward`].
#[multiversion(targets = "simd")]
fn backward(
    grad: &[f32],
    [target, source, weights]: [&[f32]; 3],
    adjacency: &Adjacency,
) -> [Vec<f32>; 3] {
    let k = weights.len();
    let [mut of_target, mut of_source, mut of_weights] =
        [target, source, weights].map(|values| vec![0.0; values.len()]);
    let mut hidden = vec![0.0; k];
    for (t, (target, of_target)) in target
        .chunks_exact(k)
        .zip(of_target.chunks_exact_mut(k))
        .enumerate()
    {
        for edge in adjacency.row(t) {
            let (s, grad) = (adjacency.neighbors[edge], grad[edge]);
            hide(&mut hidden, target, source, s);
            add_scaled(&mut of_weights, grad, &hidden);
            // What comes to the sum is the gradient of both its terms.
            for (hidden, weight) in hidden.iter_mut().zip(weights) {
                *hidden = grad * weight * (1.0 - *hidden * *hidden);
            }
            add_scaled(of_target, 1.0, &hidden);
            add_scaled(&mut of_source[s as usize * k..][..k], 1.0, &hidden);
        }
    }
    [of_target, of_source, of_weights]
}

/// Writes `tanh(a + b_s)`.
#[inline(always)]
fn hide(hidden: &mut [f32], target: &[f32], source: &[f32], s: u32) {
    let source = vector(source, s, hidden.len());
    for ((hidden, a), b) in hidden.iter_mut().zip(target).zip(source) {
        *hidden = tanh(a + b);
    }
}
