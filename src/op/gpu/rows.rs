//! Sums of rows: the backward pass of a lookup, and the sum over neighbours with fixed weights.

use burn::backend::TensorMetadata;
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::{List, Reverse, empty, grid, size, values};
use crate::op::lookup::LookupKernel;
use crate::op::neighbor::weighted::{Weighted, WeightedKernel};

/// `out_r = sum_i w_i values[sources_i]` for `i` in `offsets[r]..offsets[r + 1]`; a unit per value.
#[cube(launch)]
fn sum_rows(
    offsets: &[u32],
    sources: &[u32],
    weights: &[f32],
    values: &[f32],
    out: &mut [f32],
    d: usize,
    #[comptime] weighted: bool,
) {
    if ABSOLUTE_POS < out.len() {
        let row = ABSOLUTE_POS / d;
        let column = ABSOLUTE_POS % d;
        let mut sum = 0.0f32;
        for i in offsets[row]..offsets[row + 1] {
            let value = values[sources[i as usize] as usize * d + column];
            if weighted {
                sum += weights[i as usize] * value;
            } else {
                sum += value;
            }
        }
        out[ABSOLUTE_POS] = sum;
    }
}

/// Launches [`sum_rows`]; without weights they are 1.
fn sum(
    tensor: CubeTensor,
    offsets: &[u32],
    sources: &[u32],
    weights: Option<&[f32]>,
) -> CubeTensor {
    let d = tensor.shape()[1];
    let out = empty(&tensor, offsets.len() - 1, d);
    let client = out.client.clone();
    let (count, dim) = grid(&client, size(&out));
    sum_rows::launch(
        &client,
        count,
        dim,
        List::new(&client, offsets).argument(),
        List::new(&client, sources).argument(),
        List::new(&client, weights.unwrap_or(&[])).argument(),
        values(tensor),
        out.clone().into_buffer_arg(),
        d,
        weights.is_some(),
    );
    out
}

impl LookupKernel for CubeBackend {
    fn add_rows(grad: CubeTensor, rows: &[u32], height: usize) -> CubeTensor {
        let reverse = Reverse::new(rows, height);
        sum(grad, &reverse.offsets, &reverse.entries, None)
    }
}

impl WeightedKernel for CubeBackend {
    fn sum(states: CubeTensor, edges: &Weighted) -> CubeTensor {
        let adjacency = &edges.adjacency;
        let weights = Some(&edges.weights[..]);
        sum(states, &adjacency.offsets, &adjacency.neighbors, weights)
    }

    fn transposed_sum(grad: CubeTensor, edges: &Weighted, sources: usize) -> CubeTensor {
        let reverse = Reverse::new(&edges.adjacency.neighbors, sources);
        let targets = edges.adjacency.targets_of_edges();
        let of_edges = |edge: &u32| (targets[*edge as usize], edges.weights[*edge as usize]);
        let (targets, weights): (Vec<u32>, Vec<f32>) = reverse.entries.iter().map(of_edges).unzip();
        sum(grad, &reverse.offsets, &targets, Some(&weights))
    }
}
