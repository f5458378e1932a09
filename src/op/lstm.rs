//! The LSTM cell's element-wise part as one operation of the CPU engines (model.md 5.2).
//!
//! ```text
//! c' = sigm(f) c + sigm(i) tanh(g)        h' = sigm(o) tanh(c')
//! ```
//!
//! Written with stock operations these two lines are some fifteen passes over memory with scalar
//! calls of `tanh` and `exp`, and take a third of a training step. Here they are one pass, with a
//! `tanh` that vectorises.

use std::sync::Arc;

#[cfg(feature = "flex")]
use burn::backend::Flex;
#[cfg(feature = "ndarray")]
use burn::backend::NdArray;
use burn::backend::autodiff::{
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use super::host::{floats, matrix};

/// New state and memory, `[rows, d]` each.
///
/// # Shapes
/// - `gates`: pre-activations in the order i, f, o, g, `[rows, 4 d]`; without memory the forget gate
///   has nothing to act on and is left out: `[rows, 3 d]`
/// - `memory`: `[rows, d]`
pub fn cell(gates: Tensor<2>, memory: Option<Tensor<2>>) -> (Tensor<2>, Tensor<2>) {
    let [_, width] = gates.dims();
    let d = width / if memory.is_some() { 4 } else { 3 };
    let memory = memory.unwrap_or_else(|| Tensor::zeros([1, d], &gates.device()));
    let out = <Dispatch as LstmBackend>::lstm_cell(gates.into_dispatch(), memory.into_dispatch());
    let out = Tensor::<2>::from_dispatch(out);
    (out.clone().narrow(1, 0, d), out.narrow(1, d, d))
}

/// The cell as one operation of a backend: `[h' || c']`, `[rows, 2 d]`. Gates of width `3 d`, where
/// d is the memory's width, mean that there is no memory.
#[backend_extension(Flex: cfg(feature = "flex"), NdArray: cfg(feature = "ndarray"), Autodiff)]
pub trait LstmBackend: Backend {
    /// See [`cell`].
    fn lstm_cell(gates: FloatTensor<Self>, memory: FloatTensor<Self>) -> FloatTensor<Self>;
}

#[cfg(feature = "flex")]
impl LstmBackend for Flex {
    fn lstm_cell(gates: FloatTensor<Self>, memory: FloatTensor<Self>) -> FloatTensor<Self> {
        Saved::forward::<Self>(gates, memory).1
    }
}

#[cfg(feature = "ndarray")]
impl LstmBackend for NdArray {
    fn lstm_cell(gates: FloatTensor<Self>, memory: FloatTensor<Self>) -> FloatTensor<Self> {
        Saved::forward::<Self>(gates, memory).1
    }
}

impl<B: Backend + LstmBackend, C: CheckpointStrategy> LstmBackend for Autodiff<B, C> {
    fn lstm_cell(gates: FloatTensor<Self>, memory: FloatTensor<Self>) -> FloatTensor<Self> {
        match CellBackward
            .prepare::<C>([gates.node(), memory.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let (saved, out) =
                    Saved::forward::<B>(gates.into_primitive(), memory.into_primitive());
                prep.finish(Arc::new(saved), out)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::lstm_cell(
                gates.into_primitive(),
                memory.into_primitive(),
            )),
        }
    }
}

/// What the forward pass keeps for the backward pass.
#[derive(Debug)]
struct Saved {
    /// Activated gates, in the layout of the pre-activations.
    gates: Vec<f32>,
    memory: Vec<f32>,
    /// `tanh(c')`
    tanh: Vec<f32>,
    d: usize,
    /// Gates per row: 4 with memory, 3 without.
    count: usize,
}

impl Saved {
    fn forward<B: Backend>(
        gates: FloatTensor<B>,
        memory: FloatTensor<B>,
    ) -> (Self, FloatTensor<B>) {
        let device = gates.device();
        let d = memory.shape()[1];
        let count = gates.shape()[1] / d;
        let mut gates = floats::<B>(gates);
        let memory = floats::<B>(memory);
        let rows = gates.len() / (count * d);
        let mut tanh_c = vec![0.0; rows * d];
        let mut out = vec![0.0; rows * 2 * d];
        for (t, gates) in gates.chunks_exact_mut(count * d).enumerate() {
            let (sigmoids, candidate) = gates.split_at_mut((count - 1) * d);
            sigmoids.iter_mut().for_each(|x| *x = sigmoid(*x));
            candidate.iter_mut().for_each(|x| *x = tanh(*x));
            let (input, output) = (&sigmoids[..d], &sigmoids[(count - 2) * d..]);
            let (h, c) = out[t * 2 * d..(t + 1) * 2 * d].split_at_mut(d);
            for ((c, i), g) in c.iter_mut().zip(input).zip(&*candidate) {
                *c = i * g;
            }
            if count == 4 {
                let kept = sigmoids[d..2 * d].iter().zip(&memory[t * d..(t + 1) * d]);
                c.iter_mut()
                    .zip(kept)
                    .for_each(|(c, (f, memory))| *c += f * memory);
            }
            let tanh_c = &mut tanh_c[t * d..(t + 1) * d];
            for (((h, c), o), tanh_c) in h.iter_mut().zip(c).zip(output).zip(tanh_c) {
                *tanh_c = tanh(*c);
                *h = o * *tanh_c;
            }
        }
        (
            Self {
                gates,
                memory,
                tanh: tanh_c,
                d,
                count,
            },
            matrix::<B>(out, 2 * d, &device),
        )
    }

    /// Gradients of the pre-activations and of the memory, from that of `[h' || c']`.
    fn backward(&self, grad: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let Self {
            gates,
            memory,
            tanh,
            d,
            count,
        } = self;
        let (d, count) = (*d, *count);
        let mut grad_gates = vec![0.0; gates.len()];
        let mut grad_memory = vec![0.0; memory.len()];
        for (t, grad_gates) in grad_gates.chunks_exact_mut(count * d).enumerate() {
            let gates = &gates[t * count * d..][..count * d];
            let (grad_h, grad_c) = grad[t * 2 * d..][..2 * d].split_at(d);
            let tanh = &tanh[t * d..][..d];
            let (output, candidate) = ((count - 2) * d, (count - 1) * d);
            for j in 0..d {
                let (i, o, g) = (gates[j], gates[output + j], gates[candidate + j]);
                let c = grad_c[j] + grad_h[j] * o * (1.0 - tanh[j] * tanh[j]);
                grad_gates[j] = c * g * i * (1.0 - i);
                grad_gates[output + j] = grad_h[j] * tanh[j] * o * (1.0 - o);
                grad_gates[candidate + j] = c * i * (1.0 - g * g);
                if count == 4 {
                    let f = gates[d + j];
                    grad_gates[d + j] = c * memory[t * d + j] * f * (1.0 - f);
                    grad_memory[t * d + j] = c * f;
                }
            }
        }
        (grad_gates, grad_memory)
    }
}

#[derive(Debug)]
struct CellBackward;

impl<B: Backend> Backward<B, 2> for CellBackward {
    type State = Arc<Saved>;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [gates, memory] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let device = grad.device();
        let saved = ops.state;
        let (grad_gates, grad_memory) = saved.backward(&floats::<B>(grad));
        if let Some(node) = gates {
            grads.register::<B>(
                node.id,
                matrix::<B>(grad_gates, saved.count * saved.d, &device),
            );
        }
        if let Some(node) = memory {
            grads.register::<B>(node.id, matrix::<B>(grad_memory, saved.d, &device));
        }
    }
}

/// `tanh` as a ratio of polynomials (the coefficients of Eigen's `ptanh`), within 4e-7 of the exact
/// value; without branches, so that it vectorises.
#[inline]
fn tanh(x: f32) -> f32 {
    const P: [f32; 7] = [
        4.893_524_6e-3,
        6.372_619_3e-4,
        1.485_722_4e-5,
        5.122_297e-8,
        -8.604_671_5e-11,
        2.000_188e-13,
        -2.760_768_5e-16,
    ];
    const Q: [f32; 4] = [4.893_525e-3, 2.268_434_6e-3, 1.185_347_1e-4, 1.198_258_4e-6];
    let x = x.clamp(-7.905_311, 7.905_311);
    let y = x * x;
    let p = ((((((P[6] * y + P[5]) * y + P[4]) * y + P[3]) * y + P[2]) * y + P[1]) * y + P[0]) * x;
    p / (((Q[3] * y + Q[2]) * y + Q[1]) * y + Q[0])
}

#[inline]
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
