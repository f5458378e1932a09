//! Products of rows and weight matrices against plain loops, values and gradients.

use burn::tensor::{Device, Tensor, TensorData};
use moge::op::linear::{linear, linear_sum};
use moge::random::Key;

use crate::{close, devices, values};

/// A matrix of plain numbers.
#[derive(Clone)]
struct Matrix {
    values: Vec<f32>,
    columns: usize,
}

impl Matrix {
    fn random(seed: u64, rows: usize, columns: usize) -> Self {
        let mut stream = Key::new(seed).stream();
        let values = (0..rows * columns).map(|_| stream.normal() as f32);
        Self {
            values: values.collect(),
            columns,
        }
    }

    fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        f64::from(self.values[row * self.columns + column])
    }

    fn leaf(&self, device: &Device) -> Tensor<2> {
        let data = TensorData::new(self.values.clone(), [self.rows(), self.columns]);
        Tensor::from_data(data, device).require_grad()
    }
}

/// `sum_k a(i, k) b(k, j)` for all `i < rows`, `j < columns`.
fn product(
    [rows, inner, columns]: [usize; 3],
    a: impl Fn(usize, usize) -> f64,
    b: impl Fn(usize, usize) -> f64,
) -> Vec<f64> {
    let entry = |i: usize, j: usize| (0..inner).map(|k| a(i, k) * b(k, j)).sum();
    (0..rows)
        .flat_map(|i| (0..columns).map(move |j| (i, j)))
        .map(|(i, j)| entry(i, j))
        .collect()
}

/// Gradients of `x` and `W` in `<g, x W>`.
fn slopes(x: &Matrix, w: &Matrix, g: &Matrix) -> [Vec<f64>; 2] {
    let [n, m, k] = [x.rows(), x.columns, w.columns];
    [
        product([n, k, m], |i, j| g.at(i, j), |j, i| w.at(i, j)),
        product([m, n, k], |i, t| x.at(t, i), |t, j| g.at(t, j)),
    ]
}

const SHAPES: [[usize; 3]; 5] = [[1, 1, 1], [3, 5, 2], [17, 8, 33], [64, 1, 9], [2, 70, 1]];

#[test]
fn one_product() {
    for [n, m, k] in SHAPES {
        let (x, w) = (Matrix::random(1, n, m), Matrix::random(2, m, k));
        let g = Matrix::random(3, n, k);
        let expected = product([n, m, k], |i, j| x.at(i, j), |i, j| w.at(i, j));
        let [of_x, of_w] = slopes(&x, &w, &g);
        for (name, device) in devices() {
            let device = device.autodiff();
            let what = format!("{name}, {n} x {m} x {k}");
            let (x, w) = (x.leaf(&device), w.leaf(&device));
            let out = linear(x.clone(), w.clone());
            let gradients = (out.clone() * g.leaf(&device)).sum().backward();
            close(&what, &values(out), &expected, 1e-5);
            close(&what, &values(x.grad(&gradients).unwrap()), &of_x, 1e-5);
            close(&what, &values(w.grad(&gradients).unwrap()), &of_w, 1e-5);
            // Without recording, and from views that do not lie in order.
            let out = linear(x.inner().transpose().transpose(), w.inner());
            close(&what, &values(out), &expected, 1e-5);
        }
    }
}

#[test]
fn views_are_read_as_they_stand() {
    let (x, w) = (Matrix::random(4, 6, 9), Matrix::random(5, 4, 6));
    // The middle rows of x', times w'.
    let expected = product([5, 6, 4], |i, j| x.at(j, i + 2), |i, j| w.at(j, i));
    for (name, device) in devices() {
        let device = device.autodiff();
        let x = x.leaf(&device).inner().transpose().narrow(0, 2, 5);
        let out = linear(x, w.leaf(&device).inner().transpose());
        close(name, &values(out), &expected, 1e-5);
    }
}

#[test]
fn two_products() {
    for [n, m, k] in SHAPES {
        let (x, w) = (Matrix::random(1, n, m), Matrix::random(2, m, k));
        let (y, v) = (Matrix::random(3, n, m + 1), Matrix::random(4, m + 1, k));
        let g = Matrix::random(5, n, k);
        let first = product([n, m, k], |i, j| x.at(i, j), |i, j| w.at(i, j));
        let second = product([n, m + 1, k], |i, j| y.at(i, j), |i, j| v.at(i, j));
        let expected: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a + b).collect();
        let slopes = [slopes(&x, &w, &g), slopes(&y, &v, &g)].concat();
        for (name, device) in devices() {
            let device = device.autodiff();
            let what = format!("{name}, {n} x {m} x {k}");
            let leaves = [&x, &w, &y, &v].map(|matrix| matrix.leaf(&device));
            let [x, w, y, v] = leaves.clone();
            let out = linear_sum([x, w], [y, v]);
            let gradients = (out.clone() * g.leaf(&device)).sum().backward();
            close(&what, &values(out), &expected, 1e-5);
            for (leaf, expected) in leaves.iter().zip(&slopes) {
                close(
                    &what,
                    &values(leaf.grad(&gradients).unwrap()),
                    expected,
                    1e-5,
                );
            }
        }
    }
}
