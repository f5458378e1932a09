//! The sum of squares: one launch forward, one backward.

use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::{empty, empty_like, grid, size, values};
use crate::op::squares::SquaresKernel;

/// Units that add up together.
const UNITS: u32 = 256;

/// `out = sum + sum_i x_i^2`, by one cube: every unit adds up a part, and the first one the parts.
#[cube(launch)]
fn add_squares(sum: &[f32], x: &[f32], out: &mut [f32], #[comptime] units: u32) {
    let mut parts = Shared::<[f32]>::new_slice(units as usize);
    let unit = UNIT_POS as usize;
    let mut part = 0.0f32;
    for i in range_stepped(unit, x.len(), units as usize) {
        part += x[i] * x[i];
    }
    parts[unit] = part;
    sync_cube();
    if unit == 0 {
        let mut total = sum[0];
        for i in 0..units as usize {
            total += parts[i];
        }
        out[0] = total;
    }
}

/// `2 g x`; a unit per value.
#[cube(launch)]
fn gradient(grad: &[f32], x: &[f32], of_x: &mut [f32]) {
    if ABSOLUTE_POS < of_x.len() {
        of_x[ABSOLUTE_POS] = 2.0 * grad[0] * x[ABSOLUTE_POS];
    }
}

impl SquaresKernel for CubeBackend {
    fn sum_of_squares(sum: CubeTensor, x: &CubeTensor) -> CubeTensor {
        let out = empty(x, 1, 1);
        add_squares::launch(
            &x.client,
            CubeCount::new_single(),
            CubeDim::new_1d(UNITS),
            values(sum),
            values(x.clone()),
            out.clone().into_buffer_arg(),
            UNITS,
        );
        out
    }

    fn squares_backward(grad: &CubeTensor, x: CubeTensor) -> CubeTensor {
        let of_x = empty_like(&x);
        let (count, dim) = grid(&of_x.client, size(&of_x));
        gradient::launch(
            &of_x.client,
            count,
            dim,
            values(grad.clone()),
            values(x),
            of_x.clone().into_buffer_arg(),
        );
        of_x
    }
}
