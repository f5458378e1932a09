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

/// New state of every row above new memory of the first `kept` rows, `[rows + kept, d]`: one tensor, so
/// that who reads the states by their place need not cut them out.
///
/// # Shapes
/// - `gates`: pre-activations in the order i, f, o, g, `[rows, 4 d]`; without memory the forget gate
///   has nothing to act on and is left out: `[rows, 3 d]`
/// - `bias`: added to every row of them, `[1, 4 d]` or `[1, 3 d]`
/// - `memory`: `[rows, d]`
pub fn cell(
    gates: Tensor<2>,
    bias: Tensor<2>,
    memory: Option<Tensor<2>>,
    kept: usize,
) -> Tensor<2> {
    let d = gates.dims()[1] / if memory.is_some() { 4 } else { 3 };
    if Form::current() == Form::Stock {
        return stock(gates + bias, memory, kept, d);
    }
    let memory = memory.unwrap_or_else(|| Tensor::zeros([1, d], &gates.device()));
    Tensor::from_dispatch(<Dispatch as LstmBackend>::lstm_cell(
        gates.into_dispatch(),
        bias.into_dispatch(),
        memory.into_dispatch(),
        kept,
    ))
}

/// [`cell`] by burn's operations.
fn stock(gates: Tensor<2>, memory: Option<Tensor<2>>, kept: usize, d: usize) -> Tensor<2> {
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
    match kept {
        0 => state,
        _ => Tensor::cat(vec![state, memory.narrow(0, 0, kept)], 0),
    }
}

/// The cell as one operation of a backend. Gates of width `3 d`, where d is the memory's width, mean that
/// there is no memory.
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
        bias: FloatTensor<Self>,
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
        bias: FloatTensor<Self>,
        memory: FloatTensor<Self>,
        kept: usize,
    ) -> (FloatTensor<Self>, Self::Kept);

    /// Gradients of the pre-activations, of the bias and of the memory.
    fn backward(grad: FloatTensor<Self>, kept: Self::Kept) -> [FloatTensor<Self>; 3];
}

impl<B: LstmKernel> LstmBackend for B {
    fn lstm_cell(
        gates: FloatTensor<B>,
        bias: FloatTensor<B>,
        memory: FloatTensor<B>,
        kept: usize,
    ) -> FloatTensor<B> {
        B::forward(gates, bias, memory, kept).0
    }
}

impl<B: LstmKernel, C: CheckpointStrategy> LstmBackend for Autodiff<B, C> {
    fn lstm_cell(
        gates: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        memory: FloatTensor<Self>,
        kept: usize,
    ) -> FloatTensor<Self> {
        let nodes = [gates.node(), bias.node(), memory.node()];
        let [gates, bias, memory] = [gates, bias, memory].map(|tensor| tensor.into_primitive());
        let (out, saved) = B::forward(gates, bias, memory, kept);
        match CellBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(saved, out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }
}

#[derive(Debug)]
struct CellBackward;

impl<B: LstmKernel> Backward<B, 3> for CellBackward {
    type State = B::Kept;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
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
    /// Activated gates, in the layout of the pre-activations, and their width.
    gates: Arc<Vec<f32>>,
    width: usize,
    memory: FloatTensor<B>,
    /// `tanh(c')`
    tanh: Arc<Vec<f32>>,
}

impl<B: Host> LstmKernel for B {
    type Kept = Saved<B>;

    fn forward(
        gates: FloatTensor<B>,
        bias: FloatTensor<B>,
        memory: FloatTensor<B>,
        kept: usize,
    ) -> (FloatTensor<B>, Saved<B>) {
        let device = gates.device();
        let d = memory.shape()[1];
        let mut gates = B::take(gates);
        let [out, tanh] = forward(&mut gates, &B::view(&bias), &B::view(&memory), d, kept);
        let saved = Saved {
            gates: Arc::new(gates),
            width: bias.shape()[1],
            memory,
            tanh: Arc::new(tanh),
        };
        (matrix::<B>(out, d, &device), saved)
    }

    /// In place: the gates turn into the gradients of their pre-activations, `tanh(c')` into that of the
    /// memory.
    fn backward(grad: FloatTensor<B>, kept: Saved<B>) -> [FloatTensor<B>; 3] {
        let Saved {
            gates,
            width,
            memory,
            tanh,
        } = kept;
        let device = grad.device();
        let d = memory.shape()[1];
        let [mut gates, mut tanh] = [gates, tanh].map(Arc::unwrap_or_clone);
        let [old, grad] = [&memory, &grad].map(B::view);
        let of_bias = backward(&mut gates, &mut tanh, &old, &grad, width, d);
        // Without memory a row of no meaning stands in its place.
        tanh.truncate(memory.shape().num_elements());
        [(gates, width), (of_bias, width), (tanh, d)]
            .map(|(values, columns)| matrix::<B>(values, columns, &device))
    }
}

/// Activates the gates; the state above the first `kept` rows of the new memory, and `tanh(c')`.
#[multiversion(targets = "simd")]
fn forward(
    gates: &mut [f32],
    bias: &[f32],
    memory: &[f32],
    d: usize,
    kept: usize,
) -> [Vec<f32>; 2] {
    let width = bias.len();
    let (rows, count) = (gates.len() / width, width / d);
    let mut out = Vec::with_capacity((rows + kept) * d);
    let mut tanh_of_next = Vec::with_capacity(rows * d);
    let mut next = Vec::with_capacity(kept * d);
    let mut c = vec![0.0; d];
    for (t, gates) in gates.chunks_exact_mut(width).enumerate() {
        add_scaled(gates, 1.0, bias);
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
        if t < kept {
            next.extend_from_slice(&c);
        }
        c.iter_mut().for_each(|c| *c = tanh(*c));
        tanh_of_next.extend_from_slice(&c);
        out.extend(output.iter().zip(&c).map(|(o, tanh_c)| o * tanh_c));
    }
    out.append(&mut next);
    [out, tanh_of_next]
}

/// Turns activated gates into the gradients of their pre-activations, and `tanh(c')` into that of the
/// memory, given those of the state and of the kept rows of the new memory; that of the bias.
#[multiversion(targets = "simd")]
fn backward(
    gates: &mut [f32],
    tanh: &mut [f32],
    memory: &[f32],
    grad: &[f32],
    width: usize,
    d: usize,
) -> Vec<f32> {
    let mut of_bias = vec![0.0; width];
    let (grad_state, grad_next) = grad.split_at(tanh.len());
    let rows = gates.chunks_exact_mut(width).zip(tanh.chunks_exact_mut(d));
    for (t, (gates, tanh)) in rows.enumerate() {
        let row = t * d..(t + 1) * d;
        let (i, rest) = gates.split_at_mut(d);
        let (f, rest) = rest.split_at_mut(width - 3 * d);
        let (o, g) = rest.split_at_mut(d);
        for ((grad, tanh), o) in grad_state[row.clone()].iter().zip(&mut *tanh).zip(o) {
            let of_c = grad * *o * (1.0 - *tanh * *tanh);
            *o = grad * *tanh * *o * (1.0 - *o);
            *tanh = of_c;
        }
        let of_c = tanh;
        if let Some(grad) = grad_next.get(row.clone()) {
            add_scaled(of_c, 1.0, grad);
        }
        for ((of_c, i), g) in of_c.iter().zip(i).zip(g) {
            let of_g = of_c * *i * (1.0 - *g * *g);
            *i = of_c * *g * *i * (1.0 - *i);
            *g = of_g;
        }
        if width == 4 * d {
            for ((of_c, f), memory) in of_c.iter_mut().zip(f).zip(&memory[row]) {
                let of_memory = *of_c * *f;
                *f = *of_c * memory * *f * (1.0 - *f);
                *of_c = of_memory;
            }
        }
        add_scaled(&mut of_bias, 1.0, gates);
    }
    of_bias
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
