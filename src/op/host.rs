//! Values of CPU tensors as plain slices, for operations that are written as loops.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use burn::backend::Backend;
use burn::backend::tensor::{Device, FloatTensor};
use burn::tensor::TensorData;

/// The values of a tensor. CPU engines answer at once, so the future is ready when first polled.
pub(super) fn floats<B: Backend>(tensor: FloatTensor<B>) -> Vec<f32> {
    let reading = pin!(B::float_into_data(tensor));
    let Poll::Ready(data) = reading.poll(&mut Context::from_waker(Waker::noop())) else {
        unreachable!("reading a CPU tensor does not wait")
    };
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
