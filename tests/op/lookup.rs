//! Lookup and LeakyReLU against plain loops, values and gradients.

use burn::tensor::{Tensor, TensorData};
use moge::op::leaky_relu::leaky_relu;
use moge::op::lookup::lookup;
use moge::random::Key;

use crate::{close, devices, values};

/// Random numbers, some of them exactly 0.
fn random(seed: u64, n: usize) -> Vec<f32> {
    let mut stream = Key::new(seed).stream();
    let mut draw = || match stream.below(8) {
        0 => 0.0,
        _ => stream.normal() as f32,
    };
    (0..n).map(|_| draw()).collect()
}

#[test]
fn lookup_gathers_and_its_gradient_adds_up() {
    let shapes = [
        (1, 1, vec![0]),
        (5, 3, vec![4, 0, 4, 4, 2]),
        (3, 9, vec![1; 7]),
    ];
    for (n, d, rows) in shapes {
        let (table, weight) = (random(1, n * d), random(2, rows.len() * d));
        let expected = rows.iter().flat_map(|&r| &table[r as usize * d..][..d]);
        let expected: Vec<f64> = expected.map(|&x| f64::from(x)).collect();
        let mut slope = vec![0.0; n * d];
        for (i, &row) in rows.iter().enumerate() {
            for j in 0..d {
                slope[row as usize * d + j] += f64::from(weight[i * d + j]);
            }
        }
        for (name, device) in devices() {
            let device = device.autodiff();
            let table = Tensor::<2>::from_data(TensorData::new(table.clone(), [n, d]), &device);
            let table = table.require_grad();
            let weight = TensorData::new(weight.clone(), [rows.len(), d]);
            let weight = Tensor::<2>::from_data(weight, &device);
            let out = lookup(table.clone(), &rows);
            let gradients = (out.clone() * weight).sum().backward();
            let stock = table.clone().inner();
            close(name, &values(out), &expected, 0.0);
            close(name, &values(table.grad(&gradients).unwrap()), &slope, 1e-6);
            close(name, &values(lookup(stock, &rows)), &expected, 0.0);
        }
    }
}

#[test]
fn leaky_relu_bends_at_zero() {
    for (slope, shape) in [(0.2, [4, 7]), (0.0, [1, 30]), (1.0, [30, 1])] {
        let n = shape[0] * shape[1];
        let (x, weight) = (random(3, n), random(4, n));
        let bend = |x: f32| if x > 0.0 { 1.0 } else { slope };
        let expected: Vec<f64> = x.iter().map(|&x| f64::from(x) * bend(x)).collect();
        let slopes = x.iter().zip(&weight).map(|(&x, &w)| bend(x) * f64::from(w));
        let slopes: Vec<f64> = slopes.collect();
        for (name, device) in devices() {
            let device = device.autodiff();
            let tensor = |values: &[f32]| {
                Tensor::<2>::from_data(TensorData::new(values.to_vec(), shape), &device)
            };
            let x = tensor(&x).require_grad();
            // A view whose values do not lie in order.
            let out = leaky_relu(x.clone().transpose(), slope);
            let gradients = (out.clone() * tensor(&weight).transpose()).sum().backward();
            close(name, &values(out.transpose()), &expected, 1e-7);
            close(name, &values(x.grad(&gradients).unwrap()), &slopes, 1e-7);
        }
    }
}
