//! The LSTM cell: one launch forward, one backward, which computes the activations again.

use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::{empty, grid, values};
use crate::op::lstm::LstmKernel;

#[cube]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// By the sigmoid: some drivers' `tanh` overflows.
#[cube]
pub(super) fn tanh(x: f32) -> f32 {
    2.0 * sigmoid(2.0 * x) - 1.0
}

/// The new state above the kept rows of the new memory; a unit per value of the state. Gates are in the
/// order i, f, o, g, or i, o, g without memory.
#[cube(launch)]
fn forward(
    gates: &[f32],
    memory: &[f32],
    out: &mut [f32],
    units: usize,
    d: usize,
    #[comptime] remembers: bool,
) {
    if ABSOLUTE_POS < units {
        let parts = comptime!(if remembers { 4 } else { 3 });
        let gate = ABSOLUTE_POS / d * parts * d + ABSOLUTE_POS % d;
        let mut c = sigmoid(gates[gate]) * tanh(gates[gate + (parts - 1) * d]);
        if remembers {
            c += sigmoid(gates[gate + d]) * memory[ABSOLUTE_POS];
        }
        out[ABSOLUTE_POS] = sigmoid(gates[gate + (parts - 2) * d]) * tanh(c);
        if units + ABSOLUTE_POS < out.len() {
            out[units + ABSOLUTE_POS] = c;
        }
    }
}

/// Gradients of the pre-activations and of the memory; a unit per value of the state.
#[cube(launch)]
fn backward(
    gates: &[f32],
    memory: &[f32],
    grad: &[f32],
    of_gates: &mut [f32],
    of_memory: &mut [f32],
    units: usize,
    d: usize,
    #[comptime] remembers: bool,
) {
    if ABSOLUTE_POS < units {
        let parts = comptime!(if remembers { 4 } else { 3 });
        let gate = ABSOLUTE_POS / d * parts * d + ABSOLUTE_POS % d;
        let i = sigmoid(gates[gate]);
        let o = sigmoid(gates[gate + (parts - 2) * d]);
        let g = tanh(gates[gate + (parts - 1) * d]);
        let mut c = i * g;
        if remembers {
            c += sigmoid(gates[gate + d]) * memory[ABSOLUTE_POS];
        }
        let tanh_c = tanh(c);
        let of_state = grad[ABSOLUTE_POS];
        let mut of_c = of_state * o * (1.0 - tanh_c * tanh_c);
        if units + ABSOLUTE_POS < grad.len() {
            of_c += grad[units + ABSOLUTE_POS];
        }
        of_gates[gate] = of_c * g * i * (1.0 - i);
        if remembers {
            let f = sigmoid(gates[gate + d]);
            of_gates[gate + d] = of_c * memory[ABSOLUTE_POS] * f * (1.0 - f);
            of_memory[ABSOLUTE_POS] = of_c * f;
        }
        of_gates[gate + (parts - 2) * d] = of_state * tanh_c * o * (1.0 - o);
        of_gates[gate + (parts - 1) * d] = of_c * i * (1.0 - g * g);
    }
}

/// Pre-activations and memory.
#[derive(Clone, Debug)]
pub struct Kept {
    gates: CubeTensor,
    memory: CubeTensor,
}

impl Kept {
    /// Rows, width of the memory and of the gates.
    fn sizes(&self) -> [usize; 3] {
        let (gates, memory) = (self.gates.shape(), self.memory.shape());
        [gates[0], memory[1], gates[1]]
    }
}

impl LstmKernel for CubeBackend {
    type Kept = Kept;

    fn forward(
        gates: CubeTensor,
        bias: CubeTensor,
        memory: CubeTensor,
        kept: usize,
    ) -> (CubeTensor, Kept) {
        let gates = Self::float_add(gates, bias);
        let saved = Kept { gates, memory };
        let [rows, d, width] = saved.sizes();
        let out = empty(&saved.gates, rows + kept, d);
        let (count, dim) = grid(&out.client, rows * d);
        forward::launch(
            &out.client,
            count,
            dim,
            values(saved.gates.clone()),
            values(saved.memory.clone()),
            out.clone().into_buffer_arg(),
            rows * d,
            d,
            width == 4 * d,
        );
        (out, saved)
    }

    fn backward(grad: CubeTensor, saved: Kept) -> [CubeTensor; 3] {
        let [rows, d, width] = saved.sizes();
        let of_gates = empty(&grad, rows, width);
        let of_memory = empty(&grad, saved.memory.shape()[0], d);
        let (count, dim) = grid(&grad.client, rows * d);
        backward::launch(
            &grad.client.clone(),
            count,
            dim,
            values(saved.gates),
            values(saved.memory),
            values(grad),
            of_gates.clone().into_buffer_arg(),
            of_memory.clone().into_buffer_arg(),
            rows * d,
            d,
            width == 4 * d,
        );
        let of_bias = Self::float_sum_dim(of_gates.clone(), 0);
        [of_gates, of_bias, of_memory]
    }
}
