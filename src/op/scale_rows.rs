//! Rows scaled to a common size, `y = x r` with `r = 1 / sqrt(share sum_j x_j^2 + epsilon)` for each row, in
//! one pass forward and one backward; written with stock operations it is five and some ten.

use burn::backend::autodiff::{
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use multiversion::multiversion;

use super::form::Form;
use super::host::{Host, inner, matrix};

/// Every row of `[rows, d]` over `sqrt(share sum_j x_j^2 + epsilon)`: its Euclidean length where `share`
/// is 1, its root mean square where it is `1 / d`.
pub fn scale_rows(x: Tensor<2>, share: f64, epsilon: f64) -> Tensor<2> {
    if Form::current() == Form::Own {
        let (share, epsilon) = (share as f32, epsilon as f32);
        let out = <Dispatch as ScaleRowsBackend>::scaled_rows(x.into_dispatch(), share, epsilon);
        return Tensor::from_dispatch(out);
    }
    let square = x.clone().square().sum_dim(1) * share;
    x / (square + epsilon).sqrt()
}

/// The scaling as one operation of a backend.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "webgpu"),
    Autodiff
)]
pub trait ScaleRowsBackend: Backend {
    /// See [`scale_rows`].
    fn scaled_rows(x: FloatTensor<Self>, share: f32, epsilon: f32) -> FloatTensor<Self>;
}

/// Both passes on an engine.
pub trait ScaleRowsKernel: Backend {
    /// The scaled rows, and what each was multiplied with, `[rows, 1]`.
    fn scale(x: FloatTensor<Self>, share: f32, epsilon: f32) -> [FloatTensor<Self>; 2];

    /// With the gradient `g` of `y = x r`: `d x = r (g - share <g, y> y)`.
    fn scale_backward(
        grad: FloatTensor<Self>,
        scaled: FloatTensor<Self>,
        factors: FloatTensor<Self>,
        share: f32,
    ) -> FloatTensor<Self>;
}

impl<B: Host> ScaleRowsKernel for B {
    fn scale(x: FloatTensor<B>, share: f32, epsilon: f32) -> [FloatTensor<B>; 2] {
        let (device, d) = (x.device(), x.shape()[1]);
        let mut values = B::take(x);
        let factors = scale(&mut values, d, share, epsilon);
        [(values, d), (factors, 1)].map(|(values, d)| matrix::<B>(values, d, &device))
    }

    fn scale_backward(
        grad: FloatTensor<B>,
        scaled: FloatTensor<B>,
        factors: FloatTensor<B>,
        share: f32,
    ) -> FloatTensor<B> {
        let (device, d) = (grad.device(), grad.shape()[1]);
        let mut values = B::take(grad);
        scale_backward(&mut values, &B::view(&scaled), &B::view(&factors), d, share);
        matrix::<B>(values, d, &device)
    }
}

/// Scales the rows; what each was multiplied with.
#[multiversion(targets = "simd")]
fn scale(x: &mut [f32], d: usize, share: f32, epsilon: f32) -> Vec<f32> {
    let scale = |row: &mut [f32]| {
        let factor = 1.0 / (share * inner(row, row) + epsilon).sqrt();
        row.iter_mut().for_each(|x| *x *= factor);
        factor
    };
    x.chunks_exact_mut(d).map(scale).collect()
}

/// Turns the gradient of the scaled rows into that of the rows.
#[multiversion(targets = "simd")]
fn scale_backward(grad: &mut [f32], scaled: &[f32], factors: &[f32], d: usize, share: f32) {
    let rows = grad.chunks_exact_mut(d).zip(scaled.chunks_exact(d));
    for ((grad, scaled), factor) in rows.zip(factors) {
        let along = share * inner(grad, scaled);
        for (g, y) in grad.iter_mut().zip(scaled) {
            *g = factor * (*g - along * y);
        }
    }
}

impl<B: ScaleRowsKernel> ScaleRowsBackend for B {
    fn scaled_rows(x: FloatTensor<B>, share: f32, epsilon: f32) -> FloatTensor<B> {
        let [scaled, _] = B::scale(x, share, epsilon);
        scaled
    }
}

impl<B: ScaleRowsKernel, C: CheckpointStrategy> ScaleRowsBackend for Autodiff<B, C> {
    fn scaled_rows(x: FloatTensor<Self>, share: f32, epsilon: f32) -> FloatTensor<Self> {
        let nodes = [x.node()];
        let [scaled, factors] = B::scale(x.into_primitive(), share, epsilon);
        match ScaleRowsBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((scaled.clone(), factors, share), scaled),
            OpsKind::UnTracked(prep) => prep.finish(scaled),
        }
    }
}

#[derive(Debug)]
struct ScaleRowsBackward;

impl<B: ScaleRowsKernel> Backward<B, 1> for ScaleRowsBackward {
    /// The scaled rows, what each was multiplied with, and the share.
    type State = (FloatTensor<B>, FloatTensor<B>, f32);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [parent] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (scaled, factors, share) = ops.state;
        if let Some(node) = parent {
            let of_x = B::scale_backward(grad, scaled, factors, share);
            grads.register::<B>(node.id, of_x);
        }
    }
}
