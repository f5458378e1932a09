//! The LSTM cell's element-wise part as one operation (model.md 5.2).
//!
//! ```text
//! c' = sigm(f) c + sigm(i) tanh(g)        h' = sigm(o) tanh(c')
//! ```
//!
//! Written with stock operations these two lines are some fifteen passes over memory with scalar
//! calls of `tanh` and `exp`, and take a third of a training step on the CPU engines. Here they are one
//! pass, with a `tanh` that vectorises.

use std::fmt::Debug;
use std::sync::Arc;

use burn::backend::autodiff::{
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, activation};
use multiversion::multiversion;

use super::form::Form;
use super::host::{Host, add_scaled, matrix, tanh};

/// New state `[rows, d]`, and new memory of the first `kept` rows, `[kept, d]`; none of no rows.
///
/// # Shapes
/// - `gates`: pre-activations in the order i, f, o, g, `[rows, 4 d]`; without memory the forget gate
///   has nothing to act on and is left out: `[rows, 3 d]`
/// - `memory`: `[rows, d]`
pub fn cell(
    gates: Tensor<2>,
    memory: Option<Tensor<2>>,
    kept: usize,
) -> (Tensor<2>, Option<Tensor<2>>) {
    let [rows, width] = gates.dims();
    let d = width / if memory.is_some() { 4 } else { 3 };
    if Form::current() == Form::Stock {
        return stock(gates, memory, kept, d);
    }
    let memory = memory.unwrap_or_else(|| Tensor::zeros([1, d], &gates.device()));
    let out = Tensor::<2>::from_dispatch(<Dispatch as LstmBackend>::lstm_cell(
        gates.into_dispatch(),
        memory.into_dispatch(),
        kept,
    ));
    if kept == 0 {
        return (out, None);
    }
    let state = out.clone().narrow(0, 0, rows);
    (state, Some(out.narrow(0, rows, kept)))
}

/// [`cell`] by burn's operations.
fn stock(
    gates: Tensor<2>,
    memory: Option<Tensor<2>>,
    kept: usize,
    d: usize,
) -> (Tensor<2>, Option<Tensor<2>>) {
    let gate = |k: usize| gates.clone().narrow(1, k * d, d);
    let (old, output, candidate) = match memory {
        Some(memory) => (
            Some(activation::sigmoid(gate(1)) * memory),
            gate(2),
            gate(3),
        ),
        None => (None, gate(1), gate(2)),
    };
    let new = activation::sigmoid(gate(0)) * activation::tanh(candidate);
    let memory = match old {
        Some(old) => old + new,
        None => new,
    };
    let state = activation::sigmoid(output) * activation::tanh(memory.clone());
    (state, (kept > 0).then(|| memory.narrow(0, 0, kept)))
}

/// The cell as one operation of a backend: the new state above the kept rows of the new memory,
/// `[rows + kept, d]`. Gates of width `3 d`, where d is the memory's width, mean that there is no
/// memory.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "webgpu"),
    Autodiff
)]
pub trait LstmBackend: Backend {
    /// See [`cell`].
    fn lstm_cell(
        gates: FloatTensor<Self>,
        memory: FloatTensor<Self>,
        kept: usize,
    ) -> FloatTensor<Self>;
}

/// Both passes on an engine.
pub trait LstmKernel: Backend {
    /// What the forward pass keeps for the backward pass.
    type Kept: Clone + Debug + Send + Sync + 'static;

    /// As [`LstmBackend::lstm_cell`].
    fn forward(
        gates: FloatTensor<Self>,
        memory: FloatTensor<Self>,
        kept: usize,
    ) -> (FloatTensor<Self>, Self::Kept);

    /// Gradients of the pre-activations and of the memory.
    fn backward(grad: FloatTensor<Self>, kept: Self::Kept) -> [FloatTensor<Self>; 2];
}

impl<B: LstmKernel> LstmBackend for B {
    fn lstm_cell(gates: FloatTensor<B>, memory: FloatTensor<B>, kept: usize) -> FloatTensor<B> {
        B::forward(gates, memory, kept).0
    }
}

impl<B: LstmKernel, C: CheckpointStrategy> LstmBackend for Autodiff<B, C> {
    fn lstm_cell(
        gates: FloatTensor<Self>,
        memory: FloatTensor<Self>,
        kept: usize,
    ) -> FloatTensor<Self> {
        let nodes = [gates.node(), memory.node()];
        let (out, saved) = B::forward(gates.into_primitive(), memory.into_primitive(), kept);
        match CellBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(saved, out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }
}

#[derive(Debug)]
struct CellBackward;

impl<B: LstmKernel> Backward<B, 2> for CellBackward {
    type State = B::Kept;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let gradients = B::backward(grad, ops.state);
        for (node, gradient) in ops.parents.into_iter().zip(gradients) {
            if let Some(node) = node {
                grads.register::<B>(node.id, gradient);
            }
        }
    }
}

/// What a CPU engine keeps of a cell.
#[derive(Clone, Debug)]
pub struct Saved<B: Backend> {
    /// Activated gates, in the layout of the pre-activations.
    gates: Arc<Vec<f32>>,
    memory: FloatTensor<B>,
    /// `tanh(c')`
    tanh: Arc<Vec<f32>>,
}

impl<B: Host> LstmKernel for B {
    type Kept = Saved<B>;

    fn forward(
        gates: FloatTensor<B>,
        memory: FloatTensor<B>,
        kept: usize,
    ) -> (FloatTensor<B>, Saved<B>) {
        let device = gates.device();
        let (d, width) = (memory.shape()[1], gates.shape()[1]);
        let mut gates = B::take(gates);
        let rows = gates.len() / width;
        let mut tanh = vec![0.0; rows * d];
        let mut out = vec![0.0; (rows + kept) * d];
        let (state, next) = out.split_at_mut(rows * d);
        let old = B::view(&memory);
        forward(&mut gates, &old, width, d, [&mut tanh, state, next]);
        drop(old);
        let saved = Saved {
            gates: Arc::new(gates),
            memory,
            tanh: Arc::new(tanh),
        };
        (matrix::<B>(out, d, &device), saved)
    }

    fn backward(grad: FloatTensor<B>, kept: Saved<B>) -> [FloatTensor<B>; 2] {
        let Saved {
            gates,
            memory,
            tanh,
        } = kept;
        let device = grad.device();
        let [rows, d] = [memory.shape()[0], memory.shape()[1]];
        let width = gates.len() / (tanh.len() / d).max(1);
        let mut grad_gates = vec![0.0; gates.len()];
        let mut grad_memory = vec![0.0; rows * d];
        let (memory, grad) = (B::view(&memory), B::view(&grad));
        let out: [&mut [f32]; 2] = [&mut grad_gates, &mut grad_memory];
        backward(&gates, &memory, &tanh, &grad, d, out);
        [(grad_gates, width), (grad_memory, d)]
            .map(|(values, columns)| matrix::<B>(values, columns, &device))
    }
}

/// Activates the gates, rows of `width`, and writes `tanh(c')`, the state and the first rows of the
/// memory.
#[multiversion(targets = "simd")]
fn forward(
    gates: &mut [f32],
    memory: &[f32],
    width: usize,
    d: usize,
    [tanh_of_next, state, next]: [&mut [f32]; 3],
) {
    let count = width / d;
    let mut c = vec![0.0; d];
    for (t, gates) in gates.chunks_exact_mut(width).enumerate() {
        let (sigmoids, candidate) = gates.split_at_mut((count - 1) * d);
        sigmoids.iter_mut().for_each(|x| *x = sigmoid(*x));
        candidate.iter_mut().for_each(|x| *x = tanh(*x));
        let (input, output) = (&sigmoids[..d], &sigmoids[(count - 2) * d..]);
        for ((c, i), g) in c.iter_mut().zip(input).zip(&*candidate) {
            *c = i * g;
        }
        if count == 4 {
            let kept = sigmoids[d..2 * d].iter().zip(&memory[t * d..]);
            for (c, (f, memory)) in c.iter_mut().zip(kept) {
                *c += f * memory;
            }
        }
        let row = t * d..(t + 1) * d;
        let (tanh_c, h) = (&mut tanh_of_next[row.clone()], &mut state[row.clone()]);
        for (((h, c), o), tanh_c) in h.iter_mut().zip(&c).zip(output).zip(tanh_c) {
            *tanh_c = tanh(*c);
            *h = o * *tanh_c;
        }
        if let Some(next) = next.get_mut(row) {
            next.copy_from_slice(&c);
        }
    }
}

/// Gradients of the pre-activations and of the memory, from those of the state and of the kept rows of
/// the new memory.
#[multiversion(targets = "simd")]
fn backward(
    gates: &[f32],
    memory: &[f32],
    tanh: &[f32],
    grad: &[f32],
    d: usize,
    [grad_gates, grad_memory]: [&mut [f32]; 2],
) {
    let rows = tanh.len() / d;
    let width = gates.len() / rows.max(1);
    let (output, candidate) = (width - 2 * d, width - d);
    let (grad_state, grad_next) = grad.split_at(rows * d);
    for t in 0..rows {
        let row = t * d..(t + 1) * d;
        let gates = &gates[t * width..][..width];
        let (i, o, g) = (&gates[..d], &gates[output..][..d], &gates[candidate..][..d]);
        let (grad_h, tanh) = (&grad_state[row.clone()], &tanh[row.clone()]);
        let out = &mut grad_gates[t * width..][..width];
        let (grad_i, rest) = out.split_at_mut(d);
        let (rest, grad_g) = rest.split_at_mut(candidate - d);
        let (grad_f, grad_o) = rest.split_at_mut(output - d);
        // The gradient of c' stands where that of g will.
        for j in 0..d {
            grad_o[j] = grad_h[j] * tanh[j] * o[j] * (1.0 - o[j]);
            grad_g[j] = grad_h[j] * o[j] * (1.0 - tanh[j] * tanh[j]);
        }
        if let Some(grad_c) = grad_next.get(row.clone()) {
            add_scaled(grad_g, 1.0, grad_c);
        }
        if width == 4 * d {
            let (f, memory) = (&gates[d..2 * d], &memory[row.clone()]);
            let grad_memory = &mut grad_memory[row];
            for j in 0..d {
                grad_f[j] = grad_g[j] * memory[j] * f[j] * (1.0 - f[j]);
                grad_memory[j] = grad_g[j] * f[j];
            }
        }
        for j in 0..d {
            grad_i[j] = grad_g[j] * g[j] * i[j] * (1.0 - i[j]);
            grad_g[j] *= i[j] * (1.0 - g[j] * g[j]);
        }
    }
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    0.5 + 0.5 * tanh(0.5 * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tanh_and_sigmoid_are_those_of_the_library() {
        for k in -20_000..=20_000 {
            let x = k as f32 * 1e-3;
            let exact = f64::from(x).tanh();
            assert!((f64::from(tanh(x)) - exact).abs() < 4e-7, "tanh({x})");
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            assert!((f64::from(sigmoid(x)) - exact).abs() < 4e-7, "sigmoid({x})");
        }
        assert!(tanh(f32::NAN).is_nan());
    }
}
