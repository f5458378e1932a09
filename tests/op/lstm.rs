//! The LSTM cell as one operation.

use burn::tensor::{Tensor, TensorData};
use moge::op::form::{Form, with};
use moge::op::lstm::cell;
use moge::random::Key;

use crate::{close, devices, slopes, values};

/// New states and memories, `[rows, d]` each, as the formula of model.md 5.2 says. Gates, with their bias
/// added, stand in the order i, f, o, g; without memory there is no f.
fn naive(gates: &[f64], memory: Option<&[f64]>, d: usize) -> (Vec<f64>, Vec<f64>) {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let count = if memory.is_some() { 4 } else { 3 };
    let (mut state, mut next) = (Vec::new(), Vec::new());
    for (t, gates) in gates.chunks(count * d).enumerate() {
        for j in 0..d {
            let gate = |k: usize| gates[k * d + j];
            let kept = memory.map_or(0.0, |c| sigmoid(gate(1)) * c[t * d + j]);
            next.push(kept + sigmoid(gate(0)) * gate(count - 1).tanh());
            state.push(sigmoid(gate(count - 2)) * next[t * d + j].tanh());
        }
    }
    (state, next)
}

/// Values and gradients on random gates of the given size, when `kept` rows of memory are wanted.
fn check(rows: usize, d: usize, kept: usize, with_memory: bool, size: f64) {
    let mut stream = Key::new(9).with((rows * d) as u64).stream();
    let mut normal = |n: usize, size: f64| -> Vec<f32> {
        (0..n).map(|_| (size * stream.normal()) as f32).collect()
    };
    let width = d * if with_memory { 4 } else { 3 };
    let gates = normal(rows * width, size);
    let bias = normal(width, 1.0);
    let memory = with_memory.then(|| normal(rows * d, 1.5));
    let weights = [normal(rows * d, 1.0), normal(kept * d, 1.0)];

    let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
    let sums = gates.iter().zip(bias.iter().cycle());
    let wide_gates: Vec<_> = sums.map(|(&x, &b)| f64::from(x) + f64::from(b)).collect();
    let wide_memory = memory.as_deref().map(wide);
    let wide_weights = weights.clone().map(|w| wide(&w));
    let scalar = |gates: &[f64], memory: Option<&[f64]>| -> f64 {
        let (state, next) = naive(gates, memory, d);
        let terms = state
            .iter()
            .zip(&wide_weights[0])
            .chain(next.iter().zip(&wide_weights[1]));
        terms.map(|(x, w)| x * w).sum()
    };
    let of_gates = slopes(&wide_gates, &|gates| scalar(gates, wide_memory.as_deref()));
    let of_bias: Vec<f64> = (0..width)
        .map(|j| of_gates.iter().skip(j).step_by(width).sum())
        .collect();
    let of_memory = wide_memory
        .as_ref()
        .map(|memory| slopes(memory, &|memory| scalar(&wide_gates, Some(memory))));
    let (state, mut next) = naive(&wide_gates, wide_memory.as_deref(), d);
    next.truncate(kept * d);

    let ways = devices().into_iter();
    for ((name, device), form) in
        ways.flat_map(|way| [Form::Own, Form::Stock].map(|f| (way.clone(), f)))
    {
        let device = device.autodiff();
        let matrix = |x: &[f32], columns: usize| {
            let data = TensorData::new(x.to_vec(), [x.len() / columns, columns]);
            Tensor::<2>::from_data(data, &device)
        };
        let leaf = |x: &[f32], columns| matrix(x, columns).require_grad();
        let (gates, bias) = (leaf(&gates, width), leaf(&bias, width));
        let memory = memory.as_deref().map(|c| leaf(c, d));
        let inputs = (gates.clone(), bias.clone(), memory.clone());
        let found = with(form, || cell(inputs.0, inputs.1, inputs.2, kept));
        let what =
            format!("{name}, {form}, {rows} x {d}, kept {kept}, memory {with_memory}, size {size}");
        let expected = [&state[..], &next].concat();
        close(
            &format!("{what}: h, c"),
            &values(found.clone()),
            &expected,
            2e-6,
        );
        let gradients = (found * matrix(&weights.concat(), d)).sum().backward();
        close(
            &format!("{what}: d gates"),
            &values(gates.grad(&gradients).unwrap()),
            &of_gates,
            4e-6,
        );
        close(
            &format!("{what}: d bias"),
            &values(bias.grad(&gradients).unwrap()),
            &of_bias,
            1e-5,
        );
        if let (Some(memory), Some(expected)) = (memory, &of_memory) {
            close(
                &format!("{what}: d c"),
                &values(memory.grad(&gradients).unwrap()),
                expected,
                4e-6,
            );
        }
    }
}

#[test]
fn agrees_with_plain_loops() {
    for (rows, d) in [(1, 1), (4, 3), (5, 8), (3, 11)] {
        for with_memory in [false, true] {
            for kept in [0, 1, rows / 2, rows] {
                check(rows, d, kept, with_memory, 1.5);
            }
        }
    }
}

#[test]
fn saturated_gates_are_exact() {
    for with_memory in [false, true] {
        check(4, 6, 3, with_memory, 40.0);
    }
}
