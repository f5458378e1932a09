//! Dot-product attention over neighbours: the CPU operation and the stock formulation against plain
//! loops in double precision, values and gradients.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use moge::op::form::{Form, with};
use moge::op::neighbor::{Adjacency, Padded, dot, dot_padded, masked_softmax};
use moge::random::{Key, Stream};

use crate::{close, devices, slopes, values};

/// How the tensors are computed.
#[derive(Clone, Copy, Debug)]
enum Way {
    In(Form),
    /// Stock in chunks of at most this many floats.
    Chunked(usize),
}

const WAYS: [Way; 4] = [
    Way::In(Form::Own),
    Way::In(Form::Stock),
    Way::Chunked(1),
    Way::Chunked(100),
];

/// One problem: matrices row by row, and the weight of every output in the scalar whose gradients
/// are compared.
#[derive(Clone)]
struct Problem {
    d: usize,
    query: Vec<f32>,
    states: Vec<f32>,
    adjacency: Adjacency,
    weight: Vec<f32>,
}

/// Outputs, and the gradients of their weighted sum with respect to query and states.
struct Answer {
    out: Vec<f64>,
    query: Vec<f64>,
    states: Vec<f64>,
}

impl Problem {
    /// A random problem over `sources` states. Each target takes the first `lengths[t]` of random
    /// neighbours, of which some occur several times.
    fn random(
        stream: &mut Stream,
        d: usize,
        sources: usize,
        lengths: &[usize],
        bias: bool,
    ) -> Self {
        let mut adjacency = Adjacency {
            offsets: vec![0],
            ..Adjacency::default()
        };
        for &length in lengths {
            for _ in 0..length {
                adjacency.neighbors.push(stream.below(sources) as u32);
                if bias {
                    adjacency.bias.push(stream.uniform().ln() as f32);
                }
            }
            adjacency.offsets.push(adjacency.neighbors.len() as u32);
        }
        let mut normal = |n: usize| (0..n).map(|_| stream.normal() as f32).collect();
        let query = normal(lengths.len() * d);
        Self {
            d,
            query,
            states: normal(sources * d),
            weight: normal(lengths.len() * d),
            adjacency,
        }
    }

    /// The attention as its formula says, target by target.
    fn naive(&self, query: &[f64], states: &[f64]) -> Vec<f64> {
        let d = self.d;
        let mut out = vec![0.0; query.len()];
        for t in 0..self.adjacency.targets() {
            let edges: Vec<usize> = self.adjacency.row(t).collect();
            let state = |e: usize, j: usize| states[self.adjacency.neighbors[e] as usize * d + j];
            let score = |e: usize| {
                let inner: f64 = (0..d).map(|j| query[t * d + j] * state(e, j)).sum();
                inner + self.adjacency.bias.get(e).map_or(0.0, |&b| f64::from(b))
            };
            let total: f64 = edges.iter().map(|&e| score(e).exp()).sum();
            for &e in &edges {
                for j in 0..d {
                    out[t * d + j] += score(e).exp() / total * state(e, j);
                }
            }
        }
        out
    }

    /// The answer by plain loops, with gradients by central differences in double precision.
    fn expected(&self) -> Answer {
        let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
        let (query, states, weight) = (wide(&self.query), wide(&self.states), wide(&self.weight));
        let scalar = |query: &[f64], states: &[f64]| -> f64 {
            let out = self.naive(query, states);
            out.iter().zip(&weight).map(|(o, w)| o * w).sum()
        };
        Answer {
            out: self.naive(&query, &states),
            query: slopes(&query, &|query| scalar(query, &states)),
            states: slopes(&states, &|states| scalar(&query, states)),
        }
    }

    /// The answer by tensors.
    fn found(&self, device: &Device, way: Way) -> Answer {
        let device = device.clone().autodiff();
        let matrix = |x: &[f32]| {
            let data = TensorData::new(x.to_vec(), [x.len() / self.d, self.d]);
            Tensor::<2>::from_data(data, &device)
        };
        let query = matrix(&self.query).require_grad();
        let states = matrix(&self.states).require_grad();
        let adjacency = Arc::new(self.adjacency.clone());
        let out = match way {
            Way::In(form) => with(form, || dot(query.clone(), states.clone(), &adjacency)),
            Way::Chunked(floats) => {
                let chunks = Padded::chunks_within(&adjacency, self.d, floats, &device);
                dot_padded(query.clone(), states.clone(), &chunks)
            }
        };
        let gradients = (out.clone() * matrix(&self.weight)).sum().backward();
        let gradient = |x: &Tensor<2>| values(x.grad(&gradients).expect("it has a gradient"));
        Answer {
            query: gradient(&query),
            states: gradient(&states),
            out: values(out),
        }
    }

    /// Compares every form on every device with the plain loops.
    fn check(&self, what: &str) {
        let expected = self.expected();
        for (name, device) in devices() {
            for way in WAYS {
                let found = self.found(&device, way);
                let what = format!("{what}, {name}, {way:?}");
                close(&format!("{what}: output"), &found.out, &expected.out, 2e-6);
                close(
                    &format!("{what}: d query"),
                    &found.query,
                    &expected.query,
                    1e-5,
                );
                close(
                    &format!("{what}: d states"),
                    &found.states,
                    &expected.states,
                    1e-5,
                );
            }
        }
    }
}

#[test]
fn agrees_with_plain_loops() {
    let mut stream = Key::new(1).stream();
    for (d, sources) in [(1, 3), (5, 4), (8, 9), (11, 7), (16, 20), (19, 2)] {
        for bias in [false, true] {
            let lengths: Vec<usize> = (0..9).map(|_| stream.below(7)).collect();
            let problem = Problem::random(&mut stream, d, sources, &lengths, bias);
            problem.check(&format!(
                "d {d}, sources {sources}, rows {lengths:?}, bias {bias}"
            ));
        }
    }
}

#[test]
fn rows_of_extreme_length() {
    let mut stream = Key::new(2).stream();
    for (what, lengths) in [
        ("no edges at all", vec![0, 0, 0]),
        ("a single target without neighbours", vec![0]),
        ("one neighbour each", vec![1, 1, 1, 1]),
        ("one wide row among empty ones", vec![0, 60, 0, 1]),
        ("empty rows at both ends", vec![0, 2, 3, 0]),
    ] {
        for bias in [false, true] {
            Problem::random(&mut stream, 6, 5, &lengths, bias).check(what);
        }
    }
}

#[test]
fn one_neighbour_is_copied() {
    let mut stream = Key::new(3).stream();
    let mut problem = Problem::random(&mut stream, 3, 4, &[1, 1], true);
    problem.adjacency.neighbors = vec![2, 0];
    let copied = [&problem.states[6..9], &problem.states[0..3]].concat();
    let copied: Vec<f64> = copied.into_iter().map(f64::from).collect();
    for (name, device) in devices() {
        for way in WAYS {
            let found = problem.found(&device, way);
            close(&format!("{name}, {way:?}"), &found.out, &copied, 1e-7);
            // Its weight is 1 whatever the query says.
            close("d query", &found.query, &[0.0; 6], 1e-7);
        }
    }
}

#[test]
fn large_scores_stay_finite() {
    let mut stream = Key::new(4).stream();
    let mut problem = Problem::random(&mut stream, 8, 6, &[4, 0, 5], false);
    problem.query.iter_mut().for_each(|x| *x *= 200.0);
    // Scores of several hundred: the largest takes all.
    let mut largest = vec![0.0; 3 * 8];
    for t in [0, 2] {
        let state =
            |&e: &usize| &problem.states[problem.adjacency.neighbors[e] as usize * 8..][..8];
        let score = |e: &usize| -> f32 {
            let query = &problem.query[t * 8..][..8];
            query.iter().zip(state(e)).map(|(q, h)| q * h).sum()
        };
        let row: Vec<usize> = problem.adjacency.row(t).collect();
        let best = row
            .iter()
            .max_by(|a, b| score(a).total_cmp(&score(b)))
            .unwrap();
        for j in 0..8 {
            largest[t * 8 + j] = f64::from(state(best)[j]);
        }
    }
    for (name, device) in devices() {
        for way in WAYS {
            let found = problem.found(&device, way);
            close(&format!("{name}, {way:?}"), &found.out, &largest, 1e-3);
            assert!(
                found
                    .query
                    .iter()
                    .chain(&found.states)
                    .all(|x| x.is_finite())
            );
        }
    }
}

#[test]
fn order_of_neighbours_does_not_matter() {
    // Identity 8 of model.md 11.
    let mut stream = Key::new(5).stream();
    let problem = Problem::random(&mut stream, 10, 12, &[5, 0, 9, 1], true);
    let mut permuted = problem.clone();
    for t in 0..4 {
        let row = problem.adjacency.row(t);
        let mut order: Vec<usize> = row.clone().collect();
        stream.shuffle(&mut order);
        for (place, from) in row.zip(order) {
            permuted.adjacency.neighbors[place] = problem.adjacency.neighbors[from];
            permuted.adjacency.bias[place] = problem.adjacency.bias[from];
        }
    }
    assert_ne!(problem.adjacency, permuted.adjacency);
    for (name, device) in devices() {
        for way in WAYS {
            let (a, b) = (problem.found(&device, way), permuted.found(&device, way));
            let what = format!("{name}, {way:?}");
            close(&what, &b.out, &a.out, 1e-6);
            close(&what, &b.query, &a.query, 1e-6);
            close(&what, &b.states, &a.states, 1e-6);
        }
    }
}

#[test]
fn chunks_cover_every_row_within_the_bound() {
    let mut stream = Key::new(6).stream();
    let lengths = [3, 0, 1, 8, 2, 2, 0, 5];
    let problem = Problem::random(&mut stream, 4, 5, &lengths, false);
    let device = &devices()[0].1;
    for floats in [1, 16, 40, 100, 10_000] {
        let chunks = Padded::chunks_within(&problem.adjacency, 4, floats, device);
        let mut next = 0;
        for rows in &chunks {
            assert_eq!(rows.first, next);
            next += rows.targets;
            let widest = lengths[rows.first..next].iter().max().unwrap();
            assert_eq!(rows.width, *widest.max(&1));
            assert!(rows.targets == 1 || rows.targets * rows.width * 4 <= floats);
        }
        assert_eq!(next, lengths.len(), "with a bound of {floats}");
        match floats {
            1 => assert_eq!(chunks.len(), lengths.len()),
            10_000 => assert_eq!(chunks.len(), 1),
            _ => assert!(chunks.len() > 1),
        }
    }
    let stock = problem.found(device, Way::In(Form::Stock)).out;
    for floats in [16, 40, 100] {
        let chunked = problem.found(device, Way::Chunked(floats)).out;
        close(&format!("a bound of {floats}"), &chunked, &stock, 1e-7);
    }
}

/// Masked softmax and the gradient of its weighted sum.
fn softmax(device: &Device, scores: &[f32], mask: &[f32], width: usize) -> (Vec<f64>, Vec<f64>) {
    let device = device.clone().autodiff();
    let matrix = |x: &[f32]| {
        let data = TensorData::new(x.to_vec(), [x.len() / width, width]);
        Tensor::<2>::from_data(data, &device)
    };
    let scores = matrix(scores).require_grad();
    let out = masked_softmax(scores.clone(), matrix(mask));
    let weight: Vec<f32> = (0..mask.len()).map(|i| 1.0 + (i % width) as f32).collect();
    let gradients = (out.clone() * matrix(&weight)).sum().backward();
    (values(out), values(scores.grad(&gradients).unwrap()))
}

#[test]
fn masked_softmax_by_hand() {
    let ln = |x: f32| x.ln();
    // Row 0: odds 1 : 3, one slot empty. Row 1: no neighbour. Row 2: a single one, score 1e4.
    let scores = [ln(1.0), 50.0, ln(3.0), 7.0, -80.0, 3.0, 1e4, 0.0, 0.0];
    let mask = [1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    for (name, device) in devices() {
        let (out, gradient) = softmax(&device, &scores, &mask, 3);
        close(
            name,
            &out,
            &[0.25, 0.0, 0.75, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0],
            1e-7,
        );
        // With weights 1 and 3 the mean is 2.5: 0.25 (1 - 2.5) and 0.75 (3 - 2.5).
        close(
            name,
            &gradient,
            &[-0.375, 0.0, 0.375, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            1e-6,
        );
        assert!(out[3..6].iter().chain(&gradient[3..6]).all(|&x| x == 0.0));
    }
}

#[test]
fn more_empty_slots_change_nothing() {
    // Identity 8 of model.md 11.
    let mut stream = Key::new(7).stream();
    let scores: Vec<f32> = (0..12).map(|_| 3.0 * stream.normal() as f32).collect();
    let mask: Vec<f32> = [1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0]
        .map(|m| m as f32)
        .to_vec();
    let widened = |x: &[f32], filler: f32| -> Vec<f32> {
        x.chunks(3)
            .flat_map(|row| [row, &[filler; 4]].concat())
            .collect()
    };
    for (name, device) in devices() {
        let (out, gradient) = softmax(&device, &scores, &mask, 3);
        let (wide, wide_gradient) =
            softmax(&device, &widened(&scores, 99.0), &widened(&mask, 0.0), 7);
        for (narrow, wide) in [(out, wide), (gradient, wide_gradient)] {
            for (narrow, wide) in narrow.chunks(3).zip(wide.chunks(7)) {
                close(name, &wide[..3], narrow, 1e-7);
                assert!(wide[3..].iter().all(|&x| x == 0.0));
            }
        }
    }
}
