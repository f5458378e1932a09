//! LeakyReLU. On the CPU engines it is one pass forward and one backward; the stock one builds a mask
//! and selects with it, a tenth of a training step.

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
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, TensorData, activation};

use super::host::{Host, floats, on_cpu, vectorised};

/// `x` where it is positive, `slope x` elsewhere; `slope` is at least 0.
pub fn leaky_relu<const D: usize>(x: Tensor<D>, slope: f64) -> Tensor<D> {
    if on_cpu(&x.device()) {
        let out = <Dispatch as LeakyReluBackend>::leaky(x.into_dispatch(), slope as f32);
        return Tensor::from_dispatch(out);
    }
    activation::leaky_relu(x, slope)
}

/// LeakyReLU as one operation of a backend.
#[backend_extension(Flex: cfg(feature = "flex"), NdArray: cfg(feature = "ndarray"), Autodiff)]
pub trait LeakyReluBackend: Backend {
    /// See [`leaky_relu`].
    fn leaky(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self>;
}

#[cfg(feature = "flex")]
impl LeakyReluBackend for Flex {
    fn leaky(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        forward::<Self>(x, slope)
    }
}

#[cfg(feature = "ndarray")]
impl LeakyReluBackend for NdArray {
    fn leaky(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        forward::<Self>(x, slope)
    }
}

fn forward<B: Backend>(x: FloatTensor<B>, slope: f32) -> FloatTensor<B> {
    let (device, shape) = (x.device(), x.shape());
    let mut values = floats::<B>(x);
    vectorised(|| {
        for value in &mut values {
            *value *= if *value > 0.0 { 1.0 } else { slope };
        }
    });
    B::float_from_data(TensorData::new(values, shape), &device)
}

impl<B: LeakyReluBackend + Host, C: CheckpointStrategy> LeakyReluBackend for Autodiff<B, C> {
    fn leaky(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        match LeakyReluBackward
            .prepare::<C>([x.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let x = x.into_primitive();
                let out = forward::<B>(x.clone(), slope);
                prep.finish((x, slope), out)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::leaky(x.into_primitive(), slope)),
        }
    }
}

#[derive(Debug)]
struct LeakyReluBackward;

impl<B: Host> Backward<B, 1> for LeakyReluBackward {
    /// The input and the slope.
    type State = (FloatTensor<B>, f32);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [parent] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (x, slope) = ops.state;
        let Some(node) = parent else { return };
        let (device, shape) = (grad.device(), grad.shape());
        let mut values = floats::<B>(grad);
        let x = B::view(&x);
        vectorised(|| {
            for (grad, &x) in values.iter_mut().zip(&*x) {
                *grad *= if x > 0.0 { 1.0 } else { slope };
            }
        });
        let grad = B::float_from_data(TensorData::new(values, shape), &device);
        grads.register::<B>(node.id, grad);
    }
}
