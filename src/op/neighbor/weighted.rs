//! The sum over neighbours with fixed weights, `out_t = sum_s w(t, s) h_s`, as one CPU operation: a
//! pass over the edges forward, and the transposed pass backward.

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
use super::cpu::vector;
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
#[backend_extension(Flex: cfg(feature = "flex"), NdArray: cfg(feature = "ndarray"), Autodiff)]
pub trait WeightedBackend: Backend {
    /// See [`super::weighted`].
    fn neighbor_sum(states: FloatTensor<Self>, edges: Weighted) -> FloatTensor<Self>;
}

#[cfg(feature = "flex")]
impl WeightedBackend for Flex {
    fn neighbor_sum(states: FloatTensor<Self>, edges: Weighted) -> FloatTensor<Self> {
        edges.sum::<Self>(states)
    }
}

#[cfg(feature = "ndarray")]
impl WeightedBackend for NdArray {
    fn neighbor_sum(states: FloatTensor<Self>, edges: Weighted) -> FloatTensor<Self> {
        edges.sum::<Self>(states)
    }
}

impl<B: WeightedBackend + Host, C: CheckpointStrategy> WeightedBackend for Autodiff<B, C> {
    fn neighbor_sum(states: FloatTensor<Self>, edges: Weighted) -> FloatTensor<Self> {
        match SumBackward
            .prepare::<C>([states.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let states = states.into_primitive();
                let sources = states.shape()[0];
                let out = edges.sum::<B>(states);
                prep.finish((edges, sources), out)
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(B::neighbor_sum(states.into_primitive(), edges))
            }
        }
    }
}

#[derive(Debug)]
struct SumBackward;

impl<B: Host> Backward<B, 1> for SumBackward {
    type State = (Weighted, usize);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [states] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (edges, sources) = ops.state;
        let (device, d) = (grad.device(), grad.shape()[1]);
        if let Some(node) = states {
            let out = edges.transposed(&B::view(&grad), sources, d);
            grads.register::<B>(node.id, matrix::<B>(out, d, &device));
        }
    }
}

impl Weighted {
    fn sum<B: Host>(&self, states: FloatTensor<B>) -> FloatTensor<B> {
        let (device, d) = (states.device(), states.shape()[1]);
        let states = B::view(&states);
        let mut out = vec![0.0; self.adjacency.targets() * d];
        for (t, out) in out.chunks_exact_mut(d).enumerate() {
            for edge in self.adjacency.row(t) {
                let source = self.adjacency.neighbors[edge];
                add_scaled(out, self.weights[edge], vector(&states, source, d));
            }
        }
        matrix::<B>(out, d, &device)
    }

    /// `d h_s = sum_t w(t, s) g_t`.
    fn transposed(&self, grad: &[f32], sources: usize, d: usize) -> Vec<f32> {
        let mut out = vec![0.0; sources * d];
        for (t, grad) in grad.chunks_exact(d).enumerate() {
            for edge in self.adjacency.row(t) {
                let source = self.adjacency.neighbors[edge] as usize;
                add_scaled(&mut out[source * d..][..d], self.weights[edge], grad);
            }
        }
        out
    }
}
