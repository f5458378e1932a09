//! The sum of squares that the regulariser adds up over many matrices: one pass forward and one backward
//! for each, where stock operations make some ten, five of them over the whole matrix.

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

/// Values of a part of the sum.
const PART: usize = 1024;

/// `sum + sum_ij x_ij^2`, `[1, 1]`.
pub fn add_squares(sum: Tensor<2>, x: Tensor<2>) -> Tensor<2> {
    if Form::current() == Form::Own {
        let out =
            <Dispatch as SquaresBackend>::plus_squares(sum.into_dispatch(), x.into_dispatch());
        return Tensor::from_dispatch(out);
    }
    sum + x.square().sum().unsqueeze()
}

/// The sum as one operation of a backend.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "webgpu"),
    Autodiff
)]
pub trait SquaresBackend: Backend {
    /// See [`add_squares`].
    fn plus_squares(sum: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// Both passes on an engine.
pub trait SquaresKernel: Backend {
    /// See [`add_squares`].
    fn sum_of_squares(sum: FloatTensor<Self>, x: &FloatTensor<Self>) -> FloatTensor<Self>;

    /// `2 g x` with the gradient `g` of the sum, `[1, 1]`.
    fn squares_backward(grad: &FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl<B: Host> SquaresKernel for B {
    fn sum_of_squares(sum: FloatTensor<B>, x: &FloatTensor<B>) -> FloatTensor<B> {
        let total = B::view(&sum)[0] + squares(&B::view(x));
        matrix::<B>(vec![total], 1, &x.device())
    }

    fn squares_backward(grad: &FloatTensor<B>, x: FloatTensor<B>) -> FloatTensor<B> {
        let factor = 2.0 * B::view(grad)[0];
        let (device, columns) = (x.device(), x.shape()[1]);
        let values = B::view(&x).iter().map(|x| factor * x).collect();
        matrix::<B>(values, columns, &device)
    }
}

/// Adds up parts first, so that small squares are not lost beside a large sum.
#[multiversion(targets = "simd")]
fn squares(x: &[f32]) -> f32 {
    x.chunks(PART).map(|part| inner(part, part)).sum()
}

impl<B: SquaresKernel> SquaresBackend for B {
    fn plus_squares(sum: FloatTensor<B>, x: FloatTensor<B>) -> FloatTensor<B> {
        B::sum_of_squares(sum, &x)
    }
}

impl<B: SquaresKernel, C: CheckpointStrategy> SquaresBackend for Autodiff<B, C> {
    fn plus_squares(sum: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self> {
        let nodes = [sum.node(), x.node()];
        let x = x.into_primitive();
        let out = B::sum_of_squares(sum.into_primitive(), &x);
        match SquaresBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish(x, out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }
}

#[derive(Debug)]
struct SquaresBackward;

impl<B: SquaresKernel> Backward<B, 2> for SquaresBackward {
    /// The matrix.
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [of_sum, of_x] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        if let Some(node) = of_x {
            grads.register::<B>(node.id, B::squares_backward(&grad, ops.state));
        }
        if let Some(node) = of_sum {
            grads.register::<B>(node.id, grad);
        }
    }
}
