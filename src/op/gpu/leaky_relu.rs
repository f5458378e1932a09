//! LeakyReLU: one launch forward, one backward.

use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::{empty_like, grid, size, values};
use crate::op::leaky_relu::LeakyReluKernel;

/// `of` where `x` is positive, `slope of` elsewhere; a unit per value.
#[cube(launch)]
fn leak(x: &[f32], of: &[f32], out: &mut [f32], slope: f32) {
    if ABSOLUTE_POS < out.len() {
        let value = of[ABSOLUTE_POS];
        out[ABSOLUTE_POS] = select(x[ABSOLUTE_POS] > 0.0, value, slope * value);
    }
}

impl LeakyReluKernel for CubeBackend {
    fn leak(x: CubeTensor, of: Option<CubeTensor>, slope: f32) -> CubeTensor {
        let of = of.unwrap_or_else(|| x.clone());
        let out = empty_like(&x);
        let (count, dim) = grid(&out.client, size(&out));
        leak::launch(
            &out.client,
            count,
            dim,
            values(x),
            values(of),
            out.clone().into_buffer_arg(),
            slope,
        );
        out
    }
}
