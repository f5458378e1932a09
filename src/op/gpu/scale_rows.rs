//! Rows scaled to a common size: one launch forward, one backward.

use burn::backend::TensorMetadata;
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::{empty, empty_like, grid, size, values};
use crate::op::scale_rows::ScaleRowsKernel;

/// `y = x r` and `r = 1 / sqrt(share sum_j x_j^2 + epsilon)` of the row; a unit per value.
#[cube(launch)]
fn scale(x: &[f32], y: &mut [f32], factors: &mut [f32], share: f32, epsilon: f32, d: usize) {
    if ABSOLUTE_POS < y.len() {
        let row = ABSOLUTE_POS / d;
        let mut sum = 0.0f32;
        for j in 0..d {
            let value = x[row * d + j];
            sum += value * value;
        }
        let factor = 1.0 / (share * sum + epsilon).sqrt();
        if ABSOLUTE_POS % d == 0 {
            factors[row] = factor;
        }
        y[ABSOLUTE_POS] = factor * x[ABSOLUTE_POS];
    }
}

/// `d x = r (g - share <g, y> y)`; a unit per value.
#[cube(launch)]
fn gradient(grad: &[f32], y: &[f32], factors: &[f32], of_x: &mut [f32], share: f32, d: usize) {
    if ABSOLUTE_POS < of_x.len() {
        let row = ABSOLUTE_POS / d;
        let mut along = 0.0f32;
        for j in 0..d {
            along += grad[row * d + j] * y[row * d + j];
        }
        let rest = grad[ABSOLUTE_POS] - share * along * y[ABSOLUTE_POS];
        of_x[ABSOLUTE_POS] = factors[row] * rest;
    }
}

impl ScaleRowsKernel for CubeBackend {
    fn scale(x: CubeTensor, share: f32, epsilon: f32) -> [CubeTensor; 2] {
        let [rows, d] = x.shape().dims();
        let (y, factors) = (empty_like(&x), empty(&x, rows, 1));
        let (count, dim) = grid(&y.client, size(&y));
        scale::launch(
            &y.client,
            count,
            dim,
            values(x),
            y.clone().into_buffer_arg(),
            factors.clone().into_buffer_arg(),
            share,
            epsilon,
            d,
        );
        [y, factors]
    }

    fn scale_backward(
        grad: CubeTensor,
        scaled: CubeTensor,
        factors: CubeTensor,
        share: f32,
    ) -> CubeTensor {
        let of_x = empty_like(&grad);
        let (count, dim) = grid(&of_x.client, size(&of_x));
        gradient::launch(
            &of_x.client,
            count,
            dim,
            values(grad),
            values(scaled),
            values(factors),
            of_x.clone().into_buffer_arg(),
            share,
            of_x.shape()[1],
        );
        of_x
    }
}
