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

/// Dot product with eight independent sums, so that it vectorises without reassociation.
#[inline(always)]
pub(super) fn inner(a: &[f32], b: &[f32]) -> f32 {
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

/// `tanh` as a ratio of polynomials (the coefficients of Eigen's `ptanh`), within 4e-7 of the exact
/// value; without branches, so that it vectorises.
#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    const P: [f32; 7] = [
        4.893_524_6e-3,
        6.372_619_3e-4,
        1.485_722_4e-5,
        5.122_297e-8,
        -8.604_671_5e-11,
        2.000_188e-13,
        -2.760_768_5e-16,
    ];
    const Q: [f32; 4] = [4.893_525e-3, 2.268_434_6e-3, 1.185_347_1e-4, 1.198_258_4e-6];
    let x = x.clamp(-7.905_311, 7.905_311);
    let y = x * x;
    let p = ((((((P[6] * y + P[5]) * y + P[4]) * y + P[3]) * y + P[2]) * y + P[1]) * y + P[0]) * x;
    p / (((Q[3] * y + Q[2]) * y + Q[1]) * y + Q[0])
}
