//! LeakyReLU in one pass forward and one backward; the stock one builds a mask and selects with it, a
//! tenth of a training step on the CPU engines.

use burn::backend::autodiff::{
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, TensorData, activation};
use multiversion::multiversion;

use super::form::Form;
use super::host::Host;

/// `x` where it is positive, `slope x` elsewhere; `slope` is at least 0.
pub fn leaky_relu<const D: usize>(x: Tensor<D>, slope: f64) -> Tensor<D> {
    if Form::current() == Form::Own {
        let out = <Dispatch as LeakyReluBackend>::leaky(x.into_dispatch(), slope as f32);
        return Tensor::from_dispatch(out);
    }
    activation::leaky_relu(x, slope)
}

/// LeakyReLU as one operation of a backend.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "webgpu"),
    Autodiff
)]
pub trait LeakyReluBackend: Backend {
    /// See [`leaky_relu`].
    fn leaky(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self>;
}

/// Both passes on an engine.
pub trait LeakyReluKernel: Backend {
    /// `of` where `x` is positive, `slope of` elsewhere; of `x` itself where `of` is none.
    fn leak(x: FloatTensor<Self>, of: Option<FloatTensor<Self>>, slope: f32) -> FloatTensor<Self>;
}

impl<B: Host> LeakyReluKernel for B {
    fn leak(x: FloatTensor<B>, of: Option<FloatTensor<B>>, slope: f32) -> FloatTensor<B> {
        let (device, shape) = (x.device(), x.shape());
        let values = match of {
            Some(of) => {
                let mut values = B::take(of);
                scale(&mut values, &B::view(&x), slope);
                values
            }
            None => {
                let mut values = B::take(x);
                leak(&mut values, slope);
                values
            }
        };
        B::float_from_data(TensorData::new(values, shape), &device)
    }
}

#[multiversion(targets = "simd")]
fn leak(values: &mut [f32], slope: f32) {
    values.iter_mut().for_each(|x| *x *= factor(*x, slope));
}

#[multiversion(targets = "simd")]
fn scale(values: &mut [f32], x: &[f32], slope: f32) {
    for (value, &x) in values.iter_mut().zip(x) {
        *value *= factor(x, slope);
    }
}

/// What `x` is multiplied with.
#[inline(always)]
fn factor(x: f32, slope: f32) -> f32 {
    if x > 0.0 { 1.0 } else { slope }
}

impl<B: LeakyReluKernel> LeakyReluBackend for B {
    fn leaky(x: FloatTensor<B>, slope: f32) -> FloatTensor<B> {
        B::leak(x, None, slope)
    }
}

impl<B: LeakyReluKernel, C: CheckpointStrategy> LeakyReluBackend for Autodiff<B, C> {
    fn leaky(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        match LeakyReluBackward
            .prepare::<C>([x.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                // Positive where the input is; the input may be changed in place.
                let out = B::leak(x.into_primitive(), None, slope);
                prep.finish((out.clone(), slope), out)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::leak(x.into_primitive(), None, slope)),
        }
    }
}

#[derive(Debug)]
struct LeakyReluBackward;

impl<B: LeakyReluKernel> Backward<B, 1> for LeakyReluBackward {
    /// The output and the slope.
    type State = (FloatTensor<B>, f32);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [parent] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (out, slope) = ops.state;
        if let Some(node) = parent {
            grads.register::<B>(node.id, B::leak(out, Some(grad), slope));
        }
    }
}
