//! Sums of rows: the backward pass of a lookup, and the sum over neighbours with fixed weights.

use std::sync::Arc;

use burn::backend::TensorMetadata;
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use cubecl::client::Client;
use cubecl::prelude::*;

use super::{List, Reverse, empty, grid, size, values};
use crate::op::lookup::LookupKernel;
use crate::op::neighbor::Adjacency;
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

/// Rows that are to be summed: those of `out_r` are `sources[offsets[r]..offsets[r + 1]]`.
#[derive(Clone, Debug)]
pub struct Sums {
    /// `[rows of the output + 1]`
    offsets: List,
    sources: List,
    /// One for every source; 1 where there are none.
    weights: Option<List>,
}

impl Sums {
    fn new(client: &Client, offsets: &[u32], sources: &[u32], weights: Option<&[f32]>) -> Self {
        Self {
            offsets: List::new(client, offsets),
            sources: List::new(client, sources),
            weights: weights.map(|weights| List::new(client, weights)),
        }
    }

    /// Launches [`sum_rows`].
    fn of(&self, tensor: CubeTensor) -> CubeTensor {
        let d = tensor.shape()[1];
        let out = empty(&tensor, self.offsets.length - 1, d);
        let (count, dim) = grid(&out.client, size(&out));
        // What stands for no weights is not read.
        let weights = self.weights.as_ref().unwrap_or(&self.sources);
        sum_rows::launch(
            &out.client,
            count,
            dim,
            self.offsets.argument(),
            self.sources.argument(),
            weights.argument(),
            values(tensor),
            out.clone().into_buffer_arg(),
            d,
            self.weights.is_some(),
        );
        out
    }
}

impl LookupKernel for CubeBackend {
    /// Uploaded with the forward pass: a write to the GPU sends off all launches before it.
    type Places = Sums;

    fn places(rows: &Arc<Vec<u32>>, matrix: &CubeTensor) -> Sums {
        let reverse = Reverse::new(rows, matrix.shape()[0]);
        Sums::new(&matrix.client, &reverse.offsets, &reverse.entries, None)
    }

    fn add_rows(grad: CubeTensor, places: Sums, _: usize) -> CubeTensor {
        places.of(grad)
    }
}

impl WeightedKernel for CubeBackend {
    fn sum(states: CubeTensor, edges: &Weighted) -> CubeTensor {
        let Adjacency {
            offsets, neighbors, ..
        } = &*edges.adjacency;
        Sums::new(&states.client, offsets, neighbors, Some(&edges.weights)).of(states)
    }

    fn transposed_sum(grad: CubeTensor, edges: &Weighted, sources: usize) -> CubeTensor {
        let reverse = Reverse::new(&edges.adjacency.neighbors, sources);
        let targets = edges.adjacency.targets_of_edges();
        let of_edges = |edge: &u32| (targets[*edge as usize], edges.weights[*edge as usize]);
        let (targets, weights): (Vec<u32>, Vec<f32>) = reverse.entries.iter().map(of_edges).unzip();
        Sums::new(&grad.client, &reverse.offsets, &targets, Some(&weights)).of(grad)
    }
}
