//! Adam against its formula in double precision.

use burn::tensor::{Device, Gradients, Tensor, TensorData};
use moge::model::parameters::Id;
use moge::model::parameters::Kind;
use moge::model::{Builder, Parameters};
use moge::random::Key;
use moge::train::optimiser::{Optimiser, Updates};

use crate::case::{close, values};

const RATE: f64 = 0.01;

/// Three parameters; the last has no gradient.
fn parameters(device: &Device) -> Parameters {
    let mut build = Builder::new(device, 1);
    build.matrix("a", 3, 4);
    build.table("b", 2, 5);
    build.constant("still", Kind::Bias, &[2], vec![0.5, -0.5]);
    build.finish()
}

/// Gradients that are exactly the given numbers.
fn gradients(p: &Parameters, given: &[Vec<f64>]) -> Gradients {
    let terms = p.iter().zip(given).map(|(p, given)| {
        let given: Vec<f32> = given.iter().map(|&g| g as f32).collect();
        let factor = TensorData::new(given, p.value.dims());
        (p.value.clone() * Tensor::from_data(factor, &p.value.device())).sum()
    });
    terms.reduce(|a, b| a + b).unwrap().backward()
}

/// Gradients of the first two parameters at a step, from 1e-9 to 10 in size: the small ones are of
/// the order of epsilon.
fn given(step: u64) -> Vec<Vec<f64>> {
    let size = |i: usize| 10f64.powi(1 - (i % 11) as i32);
    let of = |n: usize, parameter: u64| {
        let mut stream = Key::new(step).with(parameter).stream();
        (0..n)
            .map(|i| f64::from((size(i) * (0.2 + stream.normal())) as f32))
            .collect()
    };
    vec![of(12, 0), of(10, 1)]
}

/// Adam as printed by Kingma and Ba, with epsilon outside the root.
#[derive(Clone)]
struct Adam {
    x: Vec<f64>,
    m: Vec<f64>,
    v: Vec<f64>,
    t: i32,
}

impl Adam {
    fn step(&mut self, gradient: &[f64]) {
        self.t += 1;
        for (i, g) in gradient.iter().enumerate() {
            self.m[i] = 0.9 * self.m[i] + 0.1 * g;
            self.v[i] = 0.999 * self.v[i] + 0.001 * g * g;
            let m = self.m[i] / (1.0 - 0.9f64.powi(self.t));
            let v = self.v[i] / (1.0 - 0.999f64.powi(self.t));
            self.x[i] -= RATE * m / (v.sqrt() + 1e-8);
        }
    }
}

fn read(p: &Parameters) -> Vec<Vec<f64>> {
    p.iter().map(|p| values(p.value.clone())).collect()
}

fn start(p: &Parameters) -> Vec<Adam> {
    let zero = |x: &Vec<f64>| vec![0.0; x.len()];
    read(p)
        .into_iter()
        .take(2)
        .map(|x| Adam {
            m: zero(&x),
            v: zero(&x),
            x,
            t: 0,
        })
        .collect()
}

/// burn's Adam, the CPU operation, and the same by rows of tables.
const UPDATES: [Updates; 3] = [Updates::Device, Updates::Host, Updates::Rows];

/// An update with gradients that are exactly the given numbers; every row of the table is read.
fn update(optimiser: &mut Optimiser, p: &mut Parameters, given: &[Vec<f64>], clip_norm: f64) {
    let lent = optimiser.lend(p, vec![(Id(1), vec![0, 1])]);
    let gradients = gradients(&lent.parameters, given);
    optimiser.step(p, lent, gradients, clip_norm);
}

#[test]
fn five_steps() {
    UPDATES.iter().copied().for_each(five_steps_with);
}

fn five_steps_with(updates: Updates) {
    let device = Device::flex().autodiff();
    let mut p = parameters(&device);
    let mut expected = start(&p);
    let before = read(&p);
    let mut optimiser = Optimiser::new(&p, updates, RATE);
    for step in 1..=5 {
        let given = given(step);
        update(&mut optimiser, &mut p, &given, 0.0);
        let found = read(&p);
        for (k, adam) in expected.iter_mut().enumerate() {
            adam.step(&given[k]);
            // A step is at most about the learning rate: compare the way gone, not the place.
            let gone = |x: &[f64]| -> Vec<f64> {
                x.iter()
                    .zip(&before[k])
                    .map(|(x, b)| (x - b) / RATE)
                    .collect()
            };
            close(
                &format!("step {step}"),
                &gone(&found[k]),
                &gone(&adam.x),
                1e-4,
            );
        }
        assert_eq!(found[2], before[2], "a parameter without gradient stays");
    }
    let moments = optimiser.moments(&p);
    assert!(moments[2].is_none());
    for (found, adam) in moments.into_iter().flatten().zip(&expected) {
        assert_eq!(found.time, 5);
        close("first", &values(found.first), &adam.m, 1e-5);
        // 1 - 0.999 in single precision is off by 1.3e-5 of itself.
        close("second", &values(found.second), &adam.v, 3e-5);
    }
}

#[test]
fn epsilon_is_small() {
    UPDATES.iter().copied().for_each(epsilon_is_small_with);
}

fn epsilon_is_small_with(updates: Updates) {
    // A first gradient of 1e-8 moves half the learning rate; with burn's own 1e-5, a thousandth.
    let device = Device::flex().autodiff();
    let mut p = parameters(&device);
    let before = read(&p);
    let given = vec![vec![1e-8; 12], vec![-1e-8; 10]];
    let mut optimiser = Optimiser::new(&p, updates, RATE);
    update(&mut optimiser, &mut p, &given, 0.0);
    let after = read(&p);
    for (k, direction) in [(0, -0.5), (1, 0.5)] {
        for (a, b) in after[k].iter().zip(&before[k]) {
            assert!(((a - b) / RATE - direction).abs() < 1e-3);
        }
    }
}

#[test]
fn clipping_scales_the_whole_gradient() {
    UPDATES
        .iter()
        .copied()
        .for_each(clipping_scales_the_whole_gradient_with);
}

fn clipping_scales_the_whole_gradient_with(updates: Updates) {
    let device = Device::flex().autodiff();
    let given = given(1);
    let length = given.iter().flatten().map(|g| g * g).sum::<f64>().sqrt();
    for limit in [length / 7.0, 2.0 * length] {
        let factor = (limit / length).min(1.0);
        let mut p = parameters(&device);
        let mut optimiser = Optimiser::new(&p, updates, RATE);
        update(&mut optimiser, &mut p, &given, limit);
        for (found, given) in optimiser.moments(&p).into_iter().flatten().zip(&given) {
            let expected: Vec<f64> = given.iter().map(|g| 0.1 * factor * g).collect();
            close(
                &format!("limit {limit}"),
                &values(found.first),
                &expected,
                1e-6,
            );
        }
    }
}

#[test]
fn a_restored_optimiser_goes_on() {
    UPDATES
        .iter()
        .copied()
        .for_each(a_restored_optimiser_goes_on_with);
}

fn a_restored_optimiser_goes_on_with(updates: Updates) {
    let device = Device::flex().autodiff();
    let mut p = parameters(&device);
    let mut optimiser = Optimiser::new(&p, updates, RATE);
    for step in 1..=3 {
        update(&mut optimiser, &mut p, &given(step), 0.0);
    }
    let mut other = p.clone();
    let mut restored = Optimiser::new(&p, updates, RATE);
    restored.restore(&mut other, optimiser.moments(&p));
    for (optimiser, p) in [(&mut optimiser, &mut p), (&mut restored, &mut other)] {
        update(optimiser, p, &given(4), 0.0);
    }
    assert_eq!(read(&p), read(&other));
}

/// Rows of the table of [`by_rows`], and its width: one gradient size a column.
const TABLE: [usize; 2] = [7, 5];

/// The rows that a step reads, and their gradients: row `r` about every `2^r`-th step, in sizes from
/// 10 to 1e-9, which is below epsilon.
fn read_by(step: u64) -> (Vec<u32>, Vec<f64>) {
    let mut stream = Key::new(7).with(step).stream();
    let rows = (0..TABLE[0] as u32).filter(|&r| step == 1 || stream.below(1 << r) == 0);
    let rows: Vec<u32> = rows.collect();
    let size = [10.0, 1e-2, 1e-4, 1e-7, 1e-9];
    let gradient = (0..rows.len() * TABLE[1]).map(|i| {
        let size: f64 = size[i % TABLE[1]];
        f64::from((size * (0.3 + stream.normal())) as f32)
    });
    let gradient = gradient.collect();
    (rows, gradient)
}

#[test]
fn rows_make_up_for_what_they_have_missed() {
    let device = Device::flex().autodiff();
    let mut build = Builder::new(&device, 1);
    let table = build.table("table", TABLE[0], TABLE[1]);
    let mut p = build.finish();
    let mut optimiser = Optimiser::new(&p, Updates::Rows, RATE);
    let mut dense = start(&p).remove(0);
    let before = read(&p).remove(0);
    let gone =
        |x: &[f64]| -> Vec<f64> { x.iter().zip(&before).map(|(x, b)| (x - b) / RATE).collect() };
    for step in 1..=600 {
        let (rows, gradient) = read_by(step);
        let mut whole = vec![0.0; before.len()];
        for (&row, gradient) in rows.iter().zip(gradient.chunks(TABLE[1])) {
            whole[row as usize * TABLE[1]..][..TABLE[1]].copy_from_slice(gradient);
        }
        dense.step(&whole);
        let lent = optimiser.lend(&mut p, vec![(table, rows)]);
        let gradients = gradients(&lent.parameters, &[gradient]);
        optimiser.step(&mut p, lent, gradients, 0.0);
        if step % 50 == 0 || step < 5 {
            // In learning rates: a value that gets a gradient every step goes hundreds of them.
            let found = gone(&read(&optimiser.settled(&p)).remove(0));
            for (i, (found, expected)) in found.iter().zip(gone(&dense.x)).enumerate() {
                let gap = (found - expected).abs();
                assert!(
                    gap < 4e-3,
                    "step {step}: value {i} went {found}, not {expected}"
                );
            }
        }
    }
    let behind = gone(&read(&p).remove(0));
    let apart = behind
        .iter()
        .zip(gone(&dense.x))
        .map(|(a, b)| (a - b).abs());
    assert!(
        apart.fold(0.0, f64::max) > 0.1,
        "some rows are behind, or nothing is tested"
    );
    // Moved to a device without rows, values and moments are those of dense updates.
    let mut moved = optimiser.settled(&p);
    let mut other = Optimiser::new(&moved, Updates::Host, RATE);
    other.restore(&mut moved, optimiser.moments(&p));
    let moments = other.moments(&moved).remove(0).unwrap();
    close("first", &values(moments.first), &dense.m, 1e-5);
    close("second", &values(moments.second), &dense.v, 1e-4);
}
