//! Values of CPU tensors as plain slices, for operations that are written as loops.

use std::borrow::Cow;
use std::fmt::Debug;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use burn::backend::Backend;
#[cfg(feature = "flex")]
use burn::backend::Flex;
use burn::backend::tensor::{Device, FloatTensor};
#[cfg(feature = "ndarray")]
#[allow(deprecated)]
use burn::backend::{NdArray, ndarray::NdArrayTensor};
use burn::tensor::{Tensor, TensorData};

use super::form::Form;

/// A backend on the CPU.
pub trait Host: Backend {
    /// The values of a tensor in order; without a copy where they lie so.
    fn view(tensor: &FloatTensor<Self>) -> Cow<'_, [f32]>;

    /// The values of a tensor in order, to change; without a copy where nobody else holds them.
    fn take(tensor: FloatTensor<Self>) -> Vec<f32> {
        read::<Self>(tensor)
    }
}

#[cfg(feature = "flex")]
impl Host for Flex {
    fn view(tensor: &FloatTensor<Self>) -> Cow<'_, [f32]> {
        match tensor.as_slice() {
            Some(values) => Cow::Borrowed(values),
            None => Cow::Owned(Self::take(tensor.clone())),
        }
    }
}

#[cfg(feature = "ndarray")]
#[allow(deprecated)] // burn-ndarray is deprecated in favour of burn-flex; it stays selectable.
impl Host for NdArray {
    fn view(tensor: &FloatTensor<Self>) -> Cow<'_, [f32]> {
        let lying_in_order = match tensor {
            NdArrayTensor::F32(storage) => storage.view().to_slice(),
            _ => None,
        };
        match lying_in_order {
            Some(values) => Cow::Borrowed(values),
            None => Cow::Owned(read::<Self>(tensor.clone())),
        }
    }

    /// By the view: burn-ndarray reads what others hold value by value.
    fn take(tensor: FloatTensor<Self>) -> Vec<f32> {
        Self::view(&tensor).into_owned()
    }
}

/// Does some work with the widest vectors that the processor has. What it calls must be inlined.
pub(super) fn vectorised<T>(work: impl FnOnce() -> T) -> T {
    #[cfg(not(target_family = "wasm"))]
    return pulp::Arch::new().dispatch(work);
    #[cfg(target_family = "wasm")]
    work()
}

fn read<B: Backend>(tensor: FloatTensor<B>) -> Vec<f32> {
    values(ready(B::float_into_data(tensor)))
}

/// The values of a matrix on a CPU engine, without a copy where nobody else holds them.
pub fn matrix_floats(matrix: Tensor<2>) -> Vec<f32> {
    values(ready(matrix.into_data_async()))
}

/// What a future gives that is ready when first polled, as those of CPU engines are.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("reading a CPU tensor does not wait"),
    }
}

fn values<E: Debug>(data: Result<TensorData, E>) -> Vec<f32> {
    let data = data.expect("a CPU tensor can be read");
    data.try_into_vec().expect("the tensor holds f32 values")
}

/// A `[values / columns, columns]` tensor.
pub(super) fn matrix<B: Backend>(
    values: Vec<f32>,
    columns: usize,
    device: &Device<B>,
) -> FloatTensor<B> {
    let shape = [values.len() / columns, columns];
    B::float_from_data(TensorData::new(values, shape), device)
}

/// Whether a device runs on the CPU, where operations may be written as loops, and this room's own are
/// wanted. Operations that have kernels for WebGPU, too, look at [`Form::current`] alone.
pub fn on_cpu(device: &burn::tensor::Device) -> bool {
    !on_gpu(device) && Form::current() == Form::Own
}

/// Whether a device runs on the GPU.
pub fn on_gpu(device: &burn::tensor::Device) -> bool {
    #[cfg(feature = "webgpu")]
    if let burn::backend::DispatchDevice::Cube(_) = device.clone().inner().as_dispatch() {
        return true;
    }
    let _ = device;
    false
}

/// `out += scale x`, element-wise.
#[inline(always)]
pub(super) fn add_scaled(out: &mut [f32], scale: f32, x: &[f32]) {
    for (out, x) in out.iter_mut().zip(x) {
        *out += scale * x;
    }
}
