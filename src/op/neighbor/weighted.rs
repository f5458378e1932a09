//! The sum over neighbours with fixed weights, `out_t = sum_s w(t, s) h_s`, as one operation: a pass
//! over the edges forward, and the transposed pass backward.

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
use crate::op::host::{Host, add_scaled, matrix};

/// Edges and their weights.
#[derive(Clone, Debug)]
pub struct Weighted {
    /// The rows.
    pub adjacency: Arc<Adjacency>,
    /// `[edges]`
    pub weights: Arc<Vec<f32>>,
}

/// The weighted sum as one operation of a backend.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "webgpu"),
    Autodiff
)]
pub trait WeightedBackend: Backend {
    /// See [`super::weighted`].
    fn neighbor_sum(states: FloatTensor<Self>, edges: Weighted) -> FloatTensor<Self>;
}

/// Both passes on an engine.
pub trait WeightedKernel: Backend {
    /// See [`super::weighted`].
    fn sum(states: FloatTensor<Self>, edges: &Weighted) -> FloatTensor<Self>;

    /// The gradient of the `sources` states, `d h_s = sum_t w(t, s) g_t`.
    fn transposed_sum(
        grad: FloatTensor<Self>,
        edges: &Weighted,
        sources: usize,
    ) -> FloatTensor<Self>;
}

impl<B: WeightedKernel> WeightedBackend for B {
    fn neighbor_sum(states: FloatTensor<B>, edges: Weighted) -> FloatTensor<B> {
        B::sum(states, &edges)
    }
}

impl<B: WeightedKernel, C: CheckpointStrategy> WeightedBackend for Autodiff<B, C> {
    fn neighbor_sum(states: FloatTensor<Self>, edges: Weighted) -> FloatTensor<Self> {
        let node = states.node();
        let states = states.into_primitive();
        let sources = states.shape()[0];
        let out = B::sum(states, &edges);
        match SumBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((edges, sources), out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }
}

#[derive(Debug)]
struct SumBackward;

impl<B: WeightedKernel> Backward<B, 1> for SumBackward {
    type State = (Weighted, usize);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [states] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (edges, sources) = ops.state;
        if let Some(node) = states {
            grads.register::<B>(node.id, B::transposed_sum(grad, &edges, sources));
        }
    }
}

impl<B: Host> WeightedKernel for B {
    fn sum(states: FloatTensor<B>, edges: &Weighted) -> FloatTensor<B> {
        let (device, d) = (states.device(), states.shape()[1]);
        let states = B::view(&states);
        let mut out = vec![0.0; edges.adjacency.targets() * d];
        sum(&states, edges, d, &mut out);
        matrix::<B>(out, d, &device)
    }

    fn transposed_sum(grad: FloatTensor<B>, edges: &Weighted, sources: usize) -> FloatTensor<B> {
        let (device, d) = (grad.device(), grad.shape()[1]);
        let grad = B::view(&grad);
        let mut out = vec![0.0; sources * d];
        transposed_sum(&grad, edges, d, &mut out);
        matrix::<B>(out, d, &device)
    }
}

/// Adds to every target what its neighbours are, times the weights.
#[multiversion(targets = "simd")]
fn sum(states: &[f32], edges: &Weighted, d: usize, out: &mut [f32]) {
    let adjacency = &edges.adjacency;
    for (t, out) in out.chunks_exact_mut(d).enumerate() {
        for edge in adjacency.row(t) {
            let source = adjacency.neighbors[edge];
            add_scaled(out, edges.weights[edge], vector(states, source, d));
        }
    }
}

/// Adds to every neighbour what its targets are, times the weights.
#[multiversion(targets = "simd")]
fn transposed_sum(grad: &[f32], edges: &Weighted, d: usize, out: &mut [f32]) {
    let adjacency = &edges.adjacency;
    for (t, grad) in grad.chunks_exact(d).enumerate() {
        for edge in adjacency.row(t) {
            let source = adjacency.neighbors[edge] as usize;
            add_scaled(&mut out[source * d..][..d], edges.weights[edge], grad);
        }
    }
}
