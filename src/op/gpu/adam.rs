//! Adam: one launch per parameter, in place where nobody else holds the values.

use burn::backend::Dispatch;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, backend_extension};
use burn::tensor::Tensor;
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::{grid, size, values};
use crate::op::adam::Pass;

/// New value, first and second moment of a parameter on the GPU.
pub fn step(
    value: Tensor<2>,
    gradient: Tensor<2>,
    [first, second]: [Tensor<2>; 2],
    pass: Pass,
) -> [Tensor<2>; 3] {
    let (value, first, second) = <Dispatch as AdamBackend>::adam(
        value.into_dispatch(),
        gradient.into_dispatch(),
        first.into_dispatch(),
        second.into_dispatch(),
        pass,
    );
    [value, first, second].map(Tensor::from_dispatch)
}

/// The update as one operation of a backend.
#[backend_extension(Cube)]
pub trait AdamBackend: Backend {
    /// See [`step`].
    fn adam(
        value: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        pass: Pass,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// As [`Pass::update`]; a unit per value.
#[cube(launch)]
fn update(
    value: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    rate: f32,
    mean: f32,
    square: f32,
) {
    let i = ABSOLUTE_POS;
    if i < value.len() {
        let g = gradient[i];
        let m = beta_1 * first[i] + (1.0 - beta_1) * g;
        let v = beta_2 * second[i] + (1.0 - beta_2) * g * g;
        first[i] = m;
        second[i] = v;
        value[i] -= rate * (m * mean) / ((v * square).sqrt() + epsilon);
    }
}

impl AdamBackend for CubeBackend {
    fn adam(
        value: CubeTensor,
        gradient: CubeTensor,
        first: CubeTensor,
        second: CubeTensor,
        pass: Pass,
    ) -> (CubeTensor, CubeTensor, CubeTensor) {
        let [value, first, second] = [value, first, second].map(to_change);
        let (count, dim) = grid(&value.client, size(&value));
        let [mean, square] = pass.corrections;
        update::launch(
            &value.client,
            count,
            dim,
            value.clone().into_buffer_arg(),
            values(gradient),
            first.clone().into_buffer_arg(),
            second.clone().into_buffer_arg(),
            pass.constants.beta_1,
            pass.constants.beta_2,
            pass.constants.epsilon,
            pass.rate,
            mean,
            square,
        );
        (value, first, second)
    }
}

/// The tensor with values that nobody else holds.
fn to_change(tensor: CubeTensor) -> CubeTensor {
    let tensor = burn_cubecl::kernel::into_contiguous(tensor);
    if tensor.handle.can_mut() {
        tensor
    } else {
        tensor.copy()
    }
}
