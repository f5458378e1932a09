//! Attention over neighbours: two launches forward and three backward where scores are inner products,
//! one and three where they are given.

use burn::backend::TensorMetadata;
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::edges::Edges;
use super::{List, empty, empty_like, grid, size, values};
use crate::op::host::matrix;
use crate::op::neighbor::Adjacency;
use crate::op::neighbor::attention::{Given, NeighborKernel};

/// `out_e = <a_t, b_s> + bias_e` for every edge, given as pairs (t, s); a unit per edge.
#[cube(launch)]
fn inner_products(
    pairs: &[u32],
    a: &[f32],
    b: &[f32],
    bias: &[f32],
    out: &mut [f32],
    d: usize,
    #[comptime] biased: bool,
) {
    let edge = ABSOLUTE_POS;
    if edge < out.len() {
        let target = pairs[2 * edge] as usize * d;
        let source = pairs[2 * edge + 1] as usize * d;
        let mut sum = 0.0f32;
        if biased {
            sum = bias[edge];
        }
        for j in 0..d {
            sum += a[target + j] * b[source + j];
        }
        out[edge] = sum;
    }
}

/// `alpha` as a softmax of the scores over each row, and `out_t = sum_e alpha_e h_s`; a unit per value
/// of `out`.
#[cube(launch)]
fn attend(
    offsets: &[u32],
    pairs: &[u32],
    scores: &[f32],
    states: &[f32],
    alpha: &mut [f32],
    out: &mut [f32],
    d: usize,
) {
    if ABSOLUTE_POS < out.len() {
        let target = ABSOLUTE_POS / d;
        let column = ABSOLUTE_POS % d;
        let first = offsets[target];
        let end = offsets[target + 1];
        let mut sum = 0.0f32;
        if first < end {
            let mut max = scores[first as usize];
            for e in first + 1..end {
                max = max.max(scores[e as usize]);
            }
            let mut total = 0.0f32;
            for e in first..end {
                total += (scores[e as usize] - max).exp();
            }
            for e in first..end {
                let weight = (scores[e as usize] - max).exp() / total;
                if column == 0 {
                    alpha[e as usize] = weight;
                }
                sum += weight * states[pairs[2 * e as usize + 1] as usize * d + column];
            }
        }
        out[ABSOLUTE_POS] = sum;
    }
}

/// `d score_e = alpha_e (along_e - sum_r alpha_r along_r)` with `along_e = <g_t, h_s>`, and
/// `d query_t = sum_e d score_e h_s`; a unit per value of the query.
#[cube(launch)]
fn query_gradient(
    offsets: &[u32],
    pairs: &[u32],
    alpha: &[f32],
    along: &[f32],
    states: &[f32],
    of_scores: &mut [f32],
    of_query: &mut [f32],
    d: usize,
) {
    if ABSOLUTE_POS < of_query.len() {
        let target = ABSOLUTE_POS / d;
        let column = ABSOLUTE_POS % d;
        let first = offsets[target];
        let end = offsets[target + 1];
        let mut mean = 0.0f32;
        for e in first..end {
            mean += alpha[e as usize] * along[e as usize];
        }
        let mut sum = 0.0f32;
        for e in first..end {
            let of_score = alpha[e as usize] * (along[e as usize] - mean);
            if column == 0 {
                of_scores[e as usize] = of_score;
            }
            sum += of_score * states[pairs[2 * e as usize + 1] as usize * d + column];
        }
        of_query[ABSOLUTE_POS] = sum;
    }
}

/// `d score_e` as in [`query_gradient`] alone; a unit per target.
#[cube(launch)]
fn score_gradient(offsets: &[u32], alpha: &[f32], along: &[f32], of_scores: &mut [f32]) {
    let target = ABSOLUTE_POS;
    if target + 1 < offsets.len() {
        let first = offsets[target];
        let end = offsets[target + 1];
        let mut mean = 0.0f32;
        for e in first..end {
            mean += alpha[e as usize] * along[e as usize];
        }
        for e in first..end {
            of_scores[e as usize] = alpha[e as usize] * (along[e as usize] - mean);
        }
    }
}

/// `d h_s = sum_e (alpha_e g_t + d score_e query_t)` over the edges that lead to s, given as pairs
/// (e, t), without the second term where scores come from no query; a unit per value of the states.
#[cube(launch)]
fn states_gradient(
    offsets: &[u32],
    pairs: &[u32],
    alpha: &[f32],
    of_scores: &[f32],
    grad: &[f32],
    query: &[f32],
    of_states: &mut [f32],
    d: usize,
    #[comptime] queried: bool,
) {
    if ABSOLUTE_POS < of_states.len() {
        let source = ABSOLUTE_POS / d;
        let column = ABSOLUTE_POS % d;
        let mut sum = 0.0f32;
        for i in offsets[source]..offsets[source + 1] {
            let edge = pairs[2 * i as usize] as usize;
            let at = pairs[2 * i as usize + 1] as usize * d + column;
            sum += alpha[edge] * grad[at];
            if queried {
                sum += of_scores[edge] * query[at];
            }
        }
        of_states[ABSOLUTE_POS] = sum;
    }
}

/// [`inner_products`] of the rows of two matrices, `[edges, 1]`; one of no meaning where there is no edge.
fn products(
    edges: &Edges,
    count: usize,
    a: &CubeTensor,
    b: &CubeTensor,
    bias: Option<&List>,
) -> CubeTensor {
    let out = empty(a, count, 1);
    let (cubes, dim) = grid(&a.client, count);
    inner_products::launch(
        &a.client,
        cubes,
        dim,
        edges.pairs.argument(),
        values(a.clone()),
        values(b.clone()),
        // What stands for no bias is not read.
        bias.unwrap_or(&edges.pairs).argument(),
        out.clone().into_buffer_arg(),
        a.shape()[1],
        bias.is_some(),
    );
    out
}

impl NeighborKernel for CubeBackend {
    /// The attention of every edge, `[edges, 1]`.
    type Kept = CubeTensor;

    fn attend(
        first: &CubeTensor,
        states: &CubeTensor,
        adjacency: &Adjacency,
        given: Given,
    ) -> (CubeTensor, CubeTensor) {
        let (client, [sources, d]) = (&states.client, states.shape().dims());
        let edges = Edges::of(adjacency, client, sources);
        let number = adjacency.neighbors.len().max(1);
        let alpha = empty(states, number, 1);
        let out = empty(states, adjacency.targets(), d);
        let scores = match given {
            Given::Query => products(edges, number, first, states, edges.bias.as_ref()),
            Given::Scores => first.clone(),
        };
        let (count, dim) = grid(client, size(&out));
        attend::launch(
            client,
            count,
            dim,
            edges.offsets.argument(),
            edges.pairs.argument(),
            values(scores),
            values(states.clone()),
            alpha.clone().into_buffer_arg(),
            out.clone().into_buffer_arg(),
            d,
        );
        (out, alpha)
    }

    fn attend_backward(
        grad: &CubeTensor,
        first: &CubeTensor,
        states: &CubeTensor,
        alpha: &CubeTensor,
        adjacency: &Adjacency,
        given: Given,
    ) -> [CubeTensor; 2] {
        let (client, [sources, d]) = (&grad.client, states.shape().dims());
        let edges = Edges::of(adjacency, client, sources);
        let number = adjacency.neighbors.len().max(1);
        let of_states = empty_like(states);
        let along = products(edges, number, grad, states, None);
        let of_scores = match adjacency.neighbors[..] {
            // The score of no meaning has no effect.
            [] => matrix::<Self>(vec![0.0], 1, &grad.device),
            _ => empty(&along, number, 1),
        };
        let (of_first, query) = match given {
            Given::Query => {
                let of_query = empty(first, adjacency.targets(), d);
                let (count, dim) = grid(client, size(&of_query));
                query_gradient::launch(
                    client,
                    count,
                    dim,
                    edges.offsets.argument(),
                    edges.pairs.argument(),
                    alpha.clone().into_buffer_arg(),
                    along.into_buffer_arg(),
                    values(states.clone()),
                    of_scores.clone().into_buffer_arg(),
                    of_query.clone().into_buffer_arg(),
                    d,
                );
                (of_query, first)
            }
            Given::Scores => {
                let (count, dim) = grid(client, adjacency.targets());
                score_gradient::launch(
                    client,
                    count,
                    dim,
                    edges.offsets.argument(),
                    alpha.clone().into_buffer_arg(),
                    along.into_buffer_arg(),
                    of_scores.clone().into_buffer_arg(),
                );
                (of_scores.clone(), grad)
            }
        };
        let (count, dim) = grid(client, size(&of_states));
        states_gradient::launch(
            client,
            count,
            dim,
            edges.reversed_offsets.argument(),
            edges.reversed.argument(),
            alpha.clone().into_buffer_arg(),
            of_scores.into_buffer_arg(),
            values(grad.clone()),
            values(query.clone()),
            of_states.clone().into_buffer_arg(),
            d,
            given == Given::Query,
        );
        [of_first, of_states]
    }
}
