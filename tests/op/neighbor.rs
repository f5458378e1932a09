//! Attention over neighbours of every kind: the operations and the stock formulation against plain loops
//! in double precision, values and gradients.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use moge::op::form::{Form, with};
use moge::op::neighbor::{Adjacency, Padded, Scores, attend, attend_padded, masked_softmax};
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

/// How edges are scored.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Dot,
    Additive,
    Leaky,
}

const KINDS: [Kind; 3] = [Kind::Dot, Kind::Additive, Kind::Leaky];
const SLOPE: f64 = 0.2;

/// A matrix row by row, and its number of columns.
type Matrix = (Vec<f32>, usize);

/// One problem, with the weight of every output in the scalar whose gradients are compared.
#[derive(Clone)]
struct Problem {
    kind: Kind,
    d: usize,
    /// The query; or vectors of target and source, and of additive attention the weights; last the states.
    inputs: Vec<Matrix>,
    adjacency: Adjacency,
    weight: Vec<f32>,
}

/// Outputs, and the gradient of their weighted sum with respect to every input.
struct Answer {
    out: Vec<f64>,
    gradients: Vec<Vec<f64>>,
}

impl Problem {
    /// A random problem over `sources` states. Each target takes the first `lengths[t]` of random
    /// neighbours, of which some occur several times.
    fn random(
        stream: &mut Stream,
        kind: Kind,
        d: usize,
        sources: usize,
        lengths: &[usize],
        bias: bool,
    ) -> Self {
        let mut adjacency = Adjacency::new(vec![0], Vec::new(), Vec::new());
        for &length in lengths {
            for _ in 0..length {
                adjacency.neighbors.push(stream.below(sources) as u32);
                if bias {
                    adjacency.bias.push(stream.uniform().ln() as f32);
                }
            }
            adjacency.offsets.push(adjacency.neighbors.len() as u32);
        }
        let targets = lengths.len();
        // Scores are of another width than the states.
        let k = d + 2;
        let shapes = match kind {
            Kind::Dot => vec![(targets, d), (sources, d)],
            Kind::Additive => vec![(targets, k), (sources, k), (k, 1), (sources, d)],
            Kind::Leaky => vec![(targets, 1), (sources, 1), (sources, d)],
        };
        let mut normal = |n: usize| (0..n).map(|_| stream.normal() as f32).collect();
        let matrix = |(rows, columns)| (normal(rows * columns), columns);
        Self {
            kind,
            d,
            inputs: shapes.into_iter().map(matrix).collect(),
            weight: normal(targets * d),
            adjacency,
        }
    }

    /// The attention as its formula says, target by target.
    fn naive(&self, inputs: &[Vec<f64>]) -> Vec<f64> {
        let (d, states) = (self.d, inputs.last().unwrap());
        let mut out = vec![0.0; self.adjacency.targets() * d];
        for t in 0..self.adjacency.targets() {
            let edges: Vec<usize> = self.adjacency.row(t).collect();
            let source = |e: usize| self.adjacency.neighbors[e] as usize;
            let row = |input: usize, row: usize| {
                let columns = self.inputs[input].1;
                &inputs[input][row * columns..][..columns]
            };
            let score = |e: usize| -> f64 {
                let ends = row(0, t).iter().zip(row(1, source(e)));
                let score = match self.kind {
                    Kind::Dot => ends.map(|(q, h)| q * h).sum(),
                    Kind::Additive => {
                        let hidden = ends.map(|(a, b)| (a + b).tanh());
                        hidden.zip(&inputs[2]).map(|(hidden, v)| hidden * v).sum()
                    }
                    Kind::Leaky => {
                        let sum: f64 = ends.map(|(a, b)| a + b).sum();
                        if sum > 0.0 { sum } else { SLOPE * sum }
                    }
                };
                score + self.adjacency.bias.get(e).map_or(0.0, |&b| f64::from(b))
            };
            let scores: Vec<f64> = edges.iter().map(|&e| score(e)).collect();
            let max = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let total: f64 = scores.iter().map(|score| (score - max).exp()).sum();
            for (&e, score) in edges.iter().zip(scores) {
                for j in 0..d {
                    out[t * d + j] += (score - max).exp() / total * states[source(e) * d + j];
                }
            }
        }
        out
    }

    /// The inputs in double precision.
    fn wide(&self) -> Vec<Vec<f64>> {
        let wide = |(x, _): &Matrix| x.iter().map(|&x| f64::from(x)).collect();
        self.inputs.iter().map(wide).collect()
    }

    /// The answer by plain loops, with gradients by central differences in double precision.
    fn expected(&self) -> Answer {
        let inputs = self.wide();
        let slopes_of = |input: usize| {
            slopes(&inputs[input], &|x| {
                let mut inputs = inputs.clone();
                inputs[input] = x.to_vec();
                let out = self.naive(&inputs);
                let weighted = out.iter().zip(&self.weight);
                weighted.map(|(out, &w)| out * f64::from(w)).sum()
            })
        };
        Answer {
            out: self.naive(&inputs),
            gradients: (0..inputs.len()).map(slopes_of).collect(),
        }
    }

    /// The answer by tensors.
    fn found(&self, device: &Device, way: Way) -> Answer {
        let device = device.clone().autodiff();
        let matrix = |x: &[f32], columns: usize| {
            let data = TensorData::new(x.to_vec(), [x.len() / columns, columns]);
            Tensor::<2>::from_data(data, &device)
        };
        let inputs = self.inputs.iter();
        let inputs: Vec<_> = inputs
            .map(|(x, columns)| matrix(x, *columns).require_grad())
            .collect();
        let input = |i: usize| inputs[i].clone();
        let scores = match self.kind {
            Kind::Dot => Scores::Dot { query: input(0) },
            Kind::Additive => Scores::Additive {
                target: input(0),
                source: input(1),
                weights: input(2),
            },
            Kind::Leaky => Scores::Leaky {
                target: input(0),
                source: input(1),
                slope: SLOPE,
            },
        };
        let states = inputs.last().unwrap().clone();
        let adjacency = Arc::new(self.adjacency.clone());
        let out = match way {
            Way::In(form) => with(form, || attend(scores, states, &adjacency)),
            Way::Chunked(floats) => {
                let chunks = Padded::chunks_within(&adjacency, self.d, floats, &device);
                attend_padded(&scores, states, &chunks, None)
            }
        };
        let gradients = (out.clone() * matrix(&self.weight, self.d))
            .sum()
            .backward();
        let gradient = |x: &Tensor<2>| values(x.grad(&gradients).expect("it has a gradient"));
        Answer {
            gradients: inputs.iter().map(gradient).collect(),
            out: values(out),
        }
    }

    /// Compares every form on every device with the plain loops.
    fn check(&self, what: &str) {
        let expected = self.expected();
        for (name, device) in devices() {
            for way in WAYS {
                let found = self.found(&device, way);
                let what = format!("{:?}, {what}, {name}, {way:?}", self.kind);
                close(&format!("{what}: output"), &found.out, &expected.out, 2e-6);
                let gradients = found.gradients.iter().zip(&expected.gradients);
                for (i, (found, expected)) in gradients.enumerate() {
                    close(
                        &format!("{what}: gradient of input {i}"),
                        found,
                        expected,
                        1e-5,
                    );
                }
            }
        }
    }
}

#[test]
fn agrees_with_plain_loops() {
    let mut stream = Key::new(1).stream();
    for kind in KINDS {
        for (d, sources) in [(1, 3), (5, 4), (8, 9), (11, 7), (16, 20), (19, 2)] {
            for bias in [false, true] {
                let lengths: Vec<usize> = (0..9).map(|_| stream.below(7)).collect();
                let problem = Problem::random(&mut stream, kind, d, sources, &lengths, bias);
                problem.check(&format!(
                    "d {d}, sources {sources}, rows {lengths:?}, bias {bias}"
                ));
            }
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
        for (kind, bias) in KINDS
            .into_iter()
            .flat_map(|kind| [(kind, false), (kind, true)])
        {
            Problem::random(&mut stream, kind, 6, 5, &lengths, bias).check(what);
        }
    }
}

#[test]
fn one_neighbour_is_copied() {
    let mut stream = Key::new(3).stream();
    for kind in KINDS {
        let mut problem = Problem::random(&mut stream, kind, 3, 4, &[1, 1], true);
        problem.adjacency.neighbors = vec![2, 0];
        let (states, _) = problem.inputs.last().unwrap();
        let copied = [&states[6..9], &states[0..3]].concat();
        let copied: Vec<f64> = copied.into_iter().map(f64::from).collect();
        for (name, device) in devices() {
            for way in WAYS {
                let found = problem.found(&device, way);
                let what = format!("{kind:?}, {name}, {way:?}");
                close(&what, &found.out, &copied, 1e-7);
                // Its weight is 1 whatever its score: the first input takes part in that alone.
                let none = vec![0.0; problem.inputs[0].0.len()];
                close(&what, &found.gradients[0], &none, 1e-6);
            }
        }
    }
}

#[test]
fn large_scores_stay_finite() {
    let mut stream = Key::new(4).stream();
    for kind in KINDS {
        let mut problem = Problem::random(&mut stream, kind, 8, 6, &[4, 0, 5], false);
        // Scores of several hundred: the largest takes all.
        let of_scores: &[usize] = match kind {
            Kind::Dot => &[0],
            Kind::Additive => &[2],
            Kind::Leaky => &[0, 1],
        };
        for &input in of_scores {
            problem.inputs[input].0.iter_mut().for_each(|x| *x *= 300.0);
        }
        let largest = problem.naive(&problem.wide());
        for (name, device) in devices() {
            for way in WAYS {
                let found = problem.found(&device, way);
                let what = format!("{kind:?}, {name}, {way:?}");
                close(&what, &found.out, &largest, 1e-3);
                assert!(found.gradients.iter().flatten().all(|x| x.is_finite()));
            }
        }
    }
}

#[test]
fn order_of_neighbours_does_not_matter() {
    // Identity 8 of model.md 11.
    let mut stream = Key::new(5).stream();
    for kind in KINDS {
        let problem = Problem::random(&mut stream, kind, 10, 12, &[5, 0, 9, 1], true);
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
        assert_ne!(problem.adjacency.neighbors, permuted.adjacency.neighbors);
        for (name, device) in devices() {
            for way in WAYS {
                let (a, b) = (problem.found(&device, way), permuted.found(&device, way));
                let what = format!("{kind:?}, {name}, {way:?}");
                close(&what, &b.out, &a.out, 1e-6);
                for (b, a) in b.gradients.iter().zip(&a.gradients) {
                    close(&what, b, a, 1e-6);
                }
            }
        }
    }
}

#[test]
fn chunks_cover_every_row_within_the_bound() {
    let mut stream = Key::new(6).stream();
    let lengths = [3, 0, 1, 8, 2, 2, 0, 5];
    let problem = Problem::random(&mut stream, Kind::Dot, 4, 5, &lengths, false);
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
