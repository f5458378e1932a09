//! The LSTM cell as one operation.

use burn::tensor::{Tensor, TensorData};
use moge::op::lstm::cell;
use moge::random::Key;

use crate::{close, devices, slopes, values};

/// Which outputs the scalar reads whose gradients are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reads {
    State,
    Memory,
    Both,
}

/// New states and memories, `[rows, d]` each, as the formula of model.md 5.2 says. Gates stand in the
/// order i, f, o, g; without memory there is no f.
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

/// Values and gradients on random gates of the given size.
fn check(rows: usize, d: usize, with_memory: bool, size: f64, reads: Reads) {
    let mut stream = Key::new(9).with((rows * d) as u64).stream();
    let mut normal = |n: usize, size: f64| -> Vec<f32> {
        (0..n).map(|_| (size * stream.normal()) as f32).collect()
    };
    let count = if with_memory { 4 } else { 3 };
    let gates = normal(rows * count * d, size);
    let memory = with_memory.then(|| normal(rows * d, 1.5));
    let weights = [Reads::Memory, Reads::State].map(|other| match reads == other {
        true => vec![0.0; rows * d],
        false => normal(rows * d, 1.0),
    });

    let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
    let (wide_gates, wide_memory) = (wide(&gates), memory.as_deref().map(wide));
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
    let of_memory = wide_memory
        .as_ref()
        .map(|memory| slopes(memory, &|memory| scalar(&wide_gates, Some(memory))));
    let (state, next) = naive(&wide_gates, wide_memory.as_deref(), d);

    for (name, device) in devices() {
        let device = device.autodiff();
        let matrix = |x: &[f32]| {
            Tensor::<2>::from_data(TensorData::new(x.to_vec(), [rows, x.len() / rows]), &device)
        };
        let gates = matrix(&gates).require_grad();
        let memory = memory.as_deref().map(|c| matrix(c).require_grad());
        let (found_state, found_next) = cell(gates.clone(), memory.clone());
        let [of_state, of_next] = weights.each_ref().map(|w| matrix(w));
        let gradients = match reads {
            Reads::State => (found_state.clone() * of_state).sum(),
            Reads::Memory => (found_next.clone() * of_next).sum(),
            Reads::Both => (found_state.clone() * of_state + found_next.clone() * of_next).sum(),
        };
        let gradients = gradients.backward();
        let what = format!("{name}, {rows} x {d}, memory {with_memory}, size {size}, {reads:?}");
        close(&format!("{what}: h"), &values(found_state), &state, 2e-6);
        close(&format!("{what}: c"), &values(found_next), &next, 2e-6);
        close(
            &format!("{what}: d gates"),
            &values(gates.grad(&gradients).unwrap()),
            &of_gates,
            4e-6,
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
            for reads in [Reads::State, Reads::Memory, Reads::Both] {
                check(rows, d, with_memory, 1.5, reads);
            }
        }
    }
}

#[test]
fn saturated_gates_are_exact() {
    for with_memory in [false, true] {
        check(4, 6, with_memory, 40.0, Reads::Both);
    }
}
