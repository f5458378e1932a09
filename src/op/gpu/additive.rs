//! The scores of additive attention: one launch forward, two and a sum backward.

use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::edges::Edges;
use super::lstm::tanh;
use super::{empty, empty_like, grid, size, values};
use crate::op::neighbor::Adjacency;
use crate::op::neighbor::additive::AdditiveKernel;

/// `out_e = <v, tanh(a_t + b_s)>` for every edge, given as pairs (t, s); a unit per edge.
#[cube(launch)]
fn additive_scores(pairs: &[u32], a: &[f32], b: &[f32], v: &[f32], out: &mut [f32]) {
    let edge = ABSOLUTE_POS;
    if edge < out.len() {
        let k = v.len();
        let target = pairs[2 * edge] as usize * k;
        let source = pairs[2 * edge + 1] as usize * k;
        let mut sum = 0.0f32;
        for j in 0..k {
            sum += v[j] * tanh(a[target + j] + b[source + j]);
        }
        out[edge] = sum;
    }
}

/// With `h = tanh(a_t + b_s)` and the gradient `g` of an edge's score: `d a_t`, the sum of
/// `g v (1 - h^2)` over the edges of t, and each target's part of `d v`, the sum of `g h`; a unit per
/// value of a.
#[cube(launch)]
fn target_gradient(
    offsets: &[u32],
    pairs: &[u32],
    grad: &[f32],
    a: &[f32],
    b: &[f32],
    v: &[f32],
    of_a: &mut [f32],
    of_v: &mut [f32],
) {
    if ABSOLUTE_POS < of_a.len() {
        let k = v.len();
        let target = ABSOLUTE_POS / k;
        let column = ABSOLUTE_POS % k;
        let mut sum = 0.0f32;
        let mut part = 0.0f32;
        for e in offsets[target]..offsets[target + 1] {
            let source = pairs[2 * e as usize + 1] as usize * k;
            let h = tanh(a[ABSOLUTE_POS] + b[source + column]);
            sum += grad[e as usize] * (1.0 - h * h);
            part += grad[e as usize] * h;
        }
        of_a[ABSOLUTE_POS] = sum * v[column];
        of_v[ABSOLUTE_POS] = part;
    }
}

/// `d b_s`, the sum of `g v (1 - h^2)` over the edges that lead to s, given as pairs (e, t); a unit per
/// value of b.
#[cube(launch)]
fn source_gradient(
    offsets: &[u32],
    pairs: &[u32],
    grad: &[f32],
    a: &[f32],
    b: &[f32],
    v: &[f32],
    of_b: &mut [f32],
) {
    if ABSOLUTE_POS < of_b.len() {
        let k = v.len();
        let source = ABSOLUTE_POS / k;
        let column = ABSOLUTE_POS % k;
        let mut sum = 0.0f32;
        for i in offsets[source]..offsets[source + 1] {
            let edge = pairs[2 * i as usize] as usize;
            let target = pairs[2 * i as usize + 1] as usize * k;
            let h = tanh(a[target + column] + b[ABSOLUTE_POS]);
            sum += grad[edge] * (1.0 - h * h);
        }
        of_b[ABSOLUTE_POS] = sum * v[column];
    }
}

impl AdditiveKernel for CubeBackend {
    fn scores([a, b, v]: &[CubeTensor; 3], adjacency: &Adjacency) -> CubeTensor {
        let client = &a.client;
        let out = empty(a, adjacency.neighbors.len().max(1), 1);
        let (count, dim) = grid(client, size(&out));
        additive_scores::launch(
            client,
            count,
            dim,
            Edges::of(adjacency, client, b.shape()[0]).pairs.argument(),
            values(a.clone()),
            values(b.clone()),
            values(v.clone()),
            out.clone().into_buffer_arg(),
        );
        out
    }

    fn scores_backward(
        grad: &CubeTensor,
        [a, b, v]: &[CubeTensor; 3],
        adjacency: &Adjacency,
    ) -> [CubeTensor; 3] {
        let client = &a.client;
        let edges = Edges::of(adjacency, client, b.shape()[0]);
        let [of_a, of_b, parts] = [a, b, a].map(empty_like);
        let (count, dim) = grid(client, size(a));
        target_gradient::launch(
            client,
            count,
            dim,
            edges.offsets.argument(),
            edges.pairs.argument(),
            values(grad.clone()),
            values(a.clone()),
            values(b.clone()),
            values(v.clone()),
            of_a.clone().into_buffer_arg(),
            parts.clone().into_buffer_arg(),
        );
        let (count, dim) = grid(client, size(b));
        source_gradient::launch(
            client,
            count,
            dim,
            edges.reversed_offsets.argument(),
            edges.reversed.argument(),
            values(grad.clone()),
            values(a.clone()),
            values(b.clone()),
            values(v.clone()),
            of_b.clone().into_buffer_arg(),
        );
        let of_v = Self::float_sum_dim(parts, 0);
        [of_a, of_b, Self::float_transpose(of_v)]
    }
}
