//! What an engine makes of a step's matrix products alone: every shape, forward and backward, again
//! and again on warm operands. It bounds what a step can reach.

use std::collections::BTreeMap;
use std::hint::black_box;

use burn::tensor::{Device, Tensor, TensorData};
use web_time::Instant;

use super::count::Product;
use super::report::median;
use crate::error::Result;
use crate::random::{Key, Stream};
use crate::train::evaluation::read;

/// A timing covers as many repetitions of a product as take about this long, milliseconds: browsers
/// round their clock to 0.1 ms.
const LONG_ENOUGH: f64 = 2.0;
/// Timings of a product, of which the median counts.
const TIMINGS: usize = 5;

/// GFLOP/s over all products of a step's forward pass and their gradients, each in the time that it
/// takes alone.
///
/// # Errors
///
/// When the device was lost.
pub async fn rate(products: &[Product], device: &Device) -> Result<f64> {
    let device = device.clone().without_autodiff();
    let mut counts = BTreeMap::new();
    for product in products {
        *counts.entry(*product).or_insert(0u32) += 1;
    }
    let mut stream = Key::new(0).stream();
    let (mut milliseconds, mut multiply_adds) = (0.0, 0);
    for (product, count) in counts {
        let Product { batch, m, k, n } = product;
        let mut random = |rows, columns| random([batch, rows, columns], &mut stream, &device);
        let (x, w, grad) = (random(m, k), random(k, n), random(m, n));
        let one = time(|| x.clone().matmul(w.clone())).await?
            + time(|| grad.clone().matmul(w.clone().swap_dims(1, 2))).await?
            + time(|| x.clone().swap_dims(1, 2).matmul(grad.clone())).await?;
        milliseconds += f64::from(count) * one;
        multiply_adds += u64::from(count) * product.all();
    }
    Ok(gflops(multiply_adds, milliseconds))
}

/// GFLOP/s of so many multiply-adds in so many milliseconds; one multiply-add is two operations.
pub fn gflops(multiply_adds: u64, milliseconds: f64) -> f64 {
    2.0 * multiply_adds as f64 / milliseconds / 1e6
}

fn random(shape: [usize; 3], stream: &mut Stream, device: &Device) -> Tensor<3> {
    let values = (0..shape.iter().product()).map(|_| stream.normal() as f32);
    Tensor::from_data(TensorData::new(values.collect::<Vec<_>>(), shape), device)
}

/// The median time of a product in milliseconds.
async fn time(product: impl Fn() -> Tensor<3>) -> Result<f64> {
    let mut repetitions = 1;
    while repeat(&product, repetitions).await? < LONG_ENOUGH {
        repetitions *= 2;
    }
    let mut times = Vec::new();
    for _ in 0..TIMINGS {
        times.push(repeat(&product, repetitions).await? / f64::from(repetitions));
    }
    Ok(median(times))
}

/// The time of some repetitions; one value of the last result is read, which waits for all of them.
async fn repeat(product: impl Fn() -> Tensor<3>, repetitions: u32) -> Result<f64> {
    let start = Instant::now();
    for _ in 1..repetitions {
        black_box(product());
    }
    let one = product().narrow(0, 0, 1).narrow(1, 0, 1).narrow(2, 0, 1);
    read([one.flatten(0, 2)]).await?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}
