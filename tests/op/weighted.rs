//! The sum over neighbours with fixed weights: the CPU operation and the stock formulation against
//! plain loops in double precision, values and gradients.

use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};
use moge::op::form::{Form, with};
use moge::op::neighbor::{Adjacency, rows, weighted};
use moge::random::{Key, Stream};

use crate::{close, devices, values};

/// States row by row, weighted rows of neighbours, and the weight of every output in the scalar whose
/// gradient is compared.
struct Problem {
    d: usize,
    states: Vec<f32>,
    adjacency: Adjacency,
    weights: Vec<f32>,
    scalar: Vec<f32>,
}

impl Problem {
    /// A random problem over `sources` states, with rows of these lengths; neighbours may repeat.
    fn random(stream: &mut Stream, d: usize, sources: usize, lengths: &[usize]) -> Self {
        let mut adjacency = Adjacency::new(vec![0], Vec::new(), Vec::new());
        for &length in lengths {
            let row = (0..length).map(|_| stream.below(sources) as u32);
            adjacency.neighbors.extend(row);
            adjacency.offsets.push(adjacency.neighbors.len() as u32);
        }
        let mut normal = |n: usize| (0..n).map(|_| stream.normal() as f32).collect();
        Self {
            d,
            states: normal(sources * d),
            weights: normal(adjacency.neighbors.len()),
            scalar: normal(lengths.len() * d),
            adjacency,
        }
    }

    /// Outputs, and the gradient of their weighted sum with respect to the states.
    fn expected(&self) -> [Vec<f64>; 2] {
        let d = self.d;
        let mut out = vec![0.0; self.adjacency.targets() * d];
        let mut slopes = vec![0.0; self.states.len()];
        for t in 0..self.adjacency.targets() {
            for edge in self.adjacency.row(t) {
                let (s, w) = (self.adjacency.neighbors[edge] as usize, self.weights[edge]);
                for j in 0..d {
                    out[t * d + j] += f64::from(w) * f64::from(self.states[s * d + j]);
                    slopes[s * d + j] += f64::from(w) * f64::from(self.scalar[t * d + j]);
                }
            }
        }
        [out, slopes]
    }

    fn check(&self, what: &str) {
        let [out, slopes] = self.expected();
        let (weights, adjacency) = (
            Arc::new(self.weights.clone()),
            Arc::new(self.adjacency.clone()),
        );
        for (name, device) in devices() {
            let device = device.autodiff();
            let matrix = |x: &[f32]| {
                let data = TensorData::new(x.to_vec(), [x.len() / self.d, self.d]);
                Tensor::<2>::from_data(data, &device)
            };
            for form in [Form::Own, Form::Stock] {
                let what = format!("{what}, {name}, {form}");
                let states = matrix(&self.states).require_grad();
                let found = with(form, || weighted(states.clone(), &weights, &adjacency));
                assert_eq!(found.dims(), [self.adjacency.targets(), self.d], "{what}");
                // The states also count by themselves: gradients add up.
                let scalar = (found.clone() * matrix(&self.scalar)).sum();
                let gradients = (scalar + states.clone().sum() * 0.5).backward();
                let gradient = values(states.grad(&gradients).expect("it has a gradient"));
                let slopes: Vec<f64> = slopes.iter().map(|slope| slope + 0.5).collect();
                close(&format!("{what}: output"), &values(found), &out, 2e-6);
                close(&format!("{what}: d states"), &gradient, &slopes, 2e-6);

                let untracked = with(form, || {
                    weighted(matrix(&self.states).inner(), &weights, &adjacency)
                });
                close(
                    &format!("{what}: untracked"),
                    &values(untracked),
                    &out,
                    2e-6,
                );
            }
        }
    }
}

#[test]
fn agrees_with_plain_loops() {
    let mut stream = Key::new(11).stream();
    for (d, sources) in [(1, 3), (5, 4), (8, 9), (11, 7), (16, 20), (19, 2), (64, 30)] {
        let lengths: Vec<usize> = (0..9).map(|_| stream.below(7)).collect();
        let problem = Problem::random(&mut stream, d, sources, &lengths);
        problem.check(&format!("d {d}, sources {sources}, rows {lengths:?}"));
    }
}

#[test]
fn rows_of_extreme_length() {
    let mut stream = Key::new(12).stream();
    for (what, lengths) in [
        ("no edges at all", vec![0, 0, 0]),
        ("a single target without neighbours", vec![0]),
        ("one neighbour each", vec![1, 1, 1, 1]),
        ("one wide row among empty ones", vec![0, 60, 0, 1]),
        ("empty rows at both ends", vec![0, 2, 3, 0]),
    ] {
        Problem::random(&mut stream, 6, 5, &lengths).check(what);
    }
}

#[test]
fn two_rows_by_hand() {
    let problem = Problem {
        d: 2,
        states: vec![1.0, 2.0, 10.0, 20.0],
        adjacency: Adjacency::new(vec![0, 2, 2, 3], vec![0, 1, 1], Vec::new()),
        weights: vec![0.5, -1.0, 3.0],
        scalar: vec![1.0, 1.0, 7.0, 7.0, 1.0, 0.0],
    };
    let [out, slopes] = problem.expected();
    assert_eq!(out, [-9.5, -19.0, 0.0, 0.0, 30.0, 60.0]);
    assert_eq!(slopes, [0.5, 0.5, 2.0, -1.0]);
    problem.check("by hand");
    for (name, device) in devices() {
        let rows = rows(&problem.weights, &problem.adjacency, &device);
        let rows: Vec<Vec<f64>> = rows.into_iter().map(values).collect();
        assert_eq!(rows, [[0.5, -1.0], [0.0, 0.0], [3.0, 0.0]], "{name}");
    }
}
