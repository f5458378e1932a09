//! Rows scaled to a common size, and sums of squares: the operations and their stock formulations against
//! plain loops in double precision, values and gradients.

use burn::tensor::{Device, Tensor, TensorData};
use moge::op::form::{Form, with};
use moge::op::scale_rows::scale_rows;
use moge::op::squares::add_squares;
use moge::random::Key;

use crate::{close, devices, slopes, values};

/// Random numbers of the given size; the first `zeros` are 0.
fn random(seed: u64, n: usize, zeros: usize, size: f64) -> Vec<f32> {
    let mut stream = Key::new(seed).stream();
    let draw = |i| {
        if i < zeros {
            0.0
        } else {
            (size * stream.normal()) as f32
        }
    };
    (0..n).map(draw).collect()
}

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}

fn matrix(x: &[f32], columns: usize, device: &Device) -> Tensor<2> {
    let data = TensorData::new(x.to_vec(), [x.len() / columns, columns]);
    Tensor::from_data(data, device)
}

/// Every device with gradients, both forms, and what to call them.
fn ways() -> Vec<(String, Device, Form)> {
    let forms = |(name, device): (&str, Device)| {
        [Form::Own, Form::Stock]
            .map(|form| (format!("{name}, {form}"), device.clone().autodiff(), form))
    };
    devices().into_iter().flat_map(forms).collect()
}

#[test]
fn rows_have_the_size_that_is_asked_for() {
    for (rows, d, size) in [(1, 1, 1.0), (5, 3, 1.0), (4, 70, 1e-3), (300, 8, 30.0)] {
        for share in [1.0, 1.0 / d as f64] {
            // The first row is 0.
            let x = random(1, rows * d, d, size);
            let weight = random(2, rows * d, 0, 1.0);
            let epsilon = 1e-4;
            let scaled = |x: &[f64]| -> Vec<f64> {
                let row = |row: &[f64]| {
                    let square: f64 = row.iter().map(|x| x * x).sum();
                    let length = (share * square + epsilon).sqrt();
                    row.iter().map(|x| x / length).collect::<Vec<_>>()
                };
                x.chunks(d).flat_map(row).collect()
            };
            let expected = scaled(&wide(&x));
            // A row at a time, since none touches another.
            let of_x: Vec<f64> = (0..rows)
                .flat_map(|t| {
                    let row = t * d..(t + 1) * d;
                    let of_row = |x: &[f64]| -> f64 {
                        let y = scaled(x);
                        y.iter()
                            .zip(&weight[row.clone()])
                            .map(|(y, &w)| y * f64::from(w))
                            .sum()
                    };
                    slopes(&wide(&x[row.clone()]), &of_row)
                })
                .collect();
            for (what, device, form) in ways() {
                let what = format!("{what}, {rows} x {d}, share {share}");
                let x = matrix(&x, d, &device).require_grad();
                let out = with(form, || scale_rows(x.clone(), share, epsilon));
                close(&what, &values(out.clone()), &expected, 2e-6);
                let gradients = (out * matrix(&weight, d, &device)).sum().backward();
                close(&what, &values(x.grad(&gradients).unwrap()), &of_x, 4e-6);
                // Without recording.
                let out = with(form, || scale_rows(x.inner(), share, epsilon));
                close(&what, &values(out), &expected, 2e-6);
            }
        }
    }
}

#[test]
fn squares_are_added_to_the_sum() {
    for (rows, d) in [(1, 1), (3, 5), (257, 9), (2, 4096)] {
        let (x, y) = (random(3, rows * d, 2, 1.0), random(4, d, 0, 2.0));
        let square = |x: &[f32]| -> f64 { wide(x).iter().map(|x| x * x).sum() };
        let expected = 0.5 + square(&x) + square(&y);
        // Of three times the sum.
        let slopes = [&x, &y].map(|x| wide(x).iter().map(|x| 6.0 * x).collect::<Vec<_>>());
        for (what, device, form) in ways() {
            let what = format!("{what}, {rows} x {d}");
            let leaf = |x: &[f32], d| matrix(x, d, &device).require_grad();
            let (sum, x, y) = (leaf(&[0.5], 1), leaf(&x, d), leaf(&y, d));
            let total = with(form, || {
                let first = add_squares(sum.clone(), x.clone());
                add_squares(first, y.clone())
            });
            close(&what, &values(total.clone()), &[expected], 1e-6);
            let gradients = (total * 3.0).sum().backward();
            let gradient = |of: &Tensor<2>| values(of.grad(&gradients).unwrap());
            close(&what, &gradient(&sum), &[3.0], 0.0);
            close(&what, &gradient(&x), &slopes[0], 1e-6);
            close(&what, &gradient(&y), &slopes[1], 1e-6);
        }
    }
}
