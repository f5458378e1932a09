//! Attention over neighbours: two launches forward and three backward where scores are inner products,
//! one and three where they are given.

use burn::backend::TensorMetadata;
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use cubecl::client::Client;
use cubecl::prelude::*;

use super::{List, Reverse, empty, grid, size, values};
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

/// What the backward pass needs besides the inputs.
#[derive(Clone, Debug)]
pub struct Kept {
    offsets: List,
    /// (t, s) of every edge.
    pairs: List,
    /// `[edges, 1]`
    alpha: CubeTensor,
}

/// (t, s) of every edge.
pub(super) fn pairs(client: &Client, adjacency: &Adjacency) -> List {
    let targets = adjacency.targets_of_edges();
    let pairs = targets.iter().zip(&adjacency.neighbors);
    List::new(
        client,
        &pairs.flat_map(|(&t, &s)| [t, s]).collect::<Vec<u32>>(),
    )
}

/// The edges that lead to each source.
pub(super) struct Reversed {
    /// `[sources + 1]`
    pub offsets: List,
    /// (e, t) of every edge.
    pub pairs: List,
}

impl Reversed {
    pub fn new(client: &Client, adjacency: &Adjacency, sources: usize) -> Self {
        let reverse = Reverse::new(&adjacency.neighbors, sources);
        let targets = adjacency.targets_of_edges();
        let pairs = reverse.entries.iter();
        let pairs: Vec<u32> = pairs.flat_map(|&e| [e, targets[e as usize]]).collect();
        Self {
            offsets: List::new(client, &reverse.offsets),
            pairs: List::new(client, &pairs),
        }
    }
}

/// [`inner_products`] of the rows of two matrices, `[edges, 1]`; one of no meaning where there is no edge.
fn products(
    pairs: &List,
    edges: usize,
    a: &CubeTensor,
    b: &CubeTensor,
    bias: &[f32],
) -> CubeTensor {
    let out = empty(a, edges, 1);
    let client = &a.client;
    let (count, dim) = grid(client, edges);
    inner_products::launch(
        client,
        count,
        dim,
        pairs.argument(),
        values(a.clone()),
        values(b.clone()),
        List::new(client, bias).argument(),
        out.clone().into_buffer_arg(),
        a.shape()[1],
        !bias.is_empty(),
    );
    out
}

impl NeighborKernel for CubeBackend {
    type Kept = Kept;

    fn attend(
        first: &CubeTensor,
        states: &CubeTensor,
        adjacency: &Adjacency,
        given: Given,
    ) -> (CubeTensor, Kept) {
        let (client, d) = (&states.client, states.shape()[1]);
        let edges = adjacency.neighbors.len().max(1);
        let kept = Kept {
            offsets: List::new(client, &adjacency.offsets),
            pairs: pairs(client, adjacency),
            alpha: empty(states, edges, 1),
        };
        let out = empty(states, adjacency.targets(), d);
        let scores = match given {
            Given::Query => products(&kept.pairs, edges, first, states, &adjacency.bias),
            Given::Scores => first.clone(),
        };
        let (count, dim) = grid(client, size(&out));
        attend::launch(
            client,
            count,
            dim,
            kept.offsets.argument(),
            kept.pairs.argument(),
            values(scores),
            values(states.clone()),
            kept.alpha.clone().into_buffer_arg(),
            out.clone().into_buffer_arg(),
            d,
        );
        (out, kept)
    }

    fn attend_backward(
        grad: &CubeTensor,
        first: &CubeTensor,
        states: &CubeTensor,
        kept: &Kept,
        adjacency: &Adjacency,
        given: Given,
    ) -> [CubeTensor; 2] {
        let (client, d) = (&grad.client, grad.shape()[1]);
        let sources = states.shape()[0];
        let edges = adjacency.neighbors.len().max(1);
        let of_states = empty(states, sources, d);
        let along = products(&kept.pairs, edges, grad, states, &[]);
        let of_scores = match adjacency.neighbors[..] {
            // The score of no meaning has no effect.
            [] => matrix::<Self>(vec![0.0], 1, &grad.device),
            _ => empty(&along, edges, 1),
        };
        let (of_first, query) = match given {
            Given::Query => {
                let of_query = empty(first, adjacency.targets(), d);
                let (count, dim) = grid(client, size(&of_query));
                query_gradient::launch(
                    client,
                    count,
                    dim,
                    kept.offsets.argument(),
                    kept.pairs.argument(),
                    kept.alpha.clone().into_buffer_arg(),
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
                    kept.offsets.argument(),
                    kept.alpha.clone().into_buffer_arg(),
                    along.into_buffer_arg(),
                    of_scores.clone().into_buffer_arg(),
                );
                (of_scores.clone(), grad)
            }
        };
        let reversed = Reversed::new(client, adjacency, sources);
        let (count, dim) = grid(client, size(&of_states));
        states_gradient::launch(
            client,
            count,
            dim,
            reversed.offsets.argument(),
            reversed.pairs.argument(),
            kept.alpha.clone().into_buffer_arg(),
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
