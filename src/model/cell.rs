//! The update function f(h, message) of a graph layer (decision A3; model.md 5.2).

use burn::tensor::Tensor;
use burn::tensor::activation::{sigmoid, tanh};

use super::config::{Cell, ModelConfig};
use super::parameters::{Builder, Id, Kind, Parameters};
use crate::op::host::on_gpu;
use crate::op::leaky_relu::leaky_relu;
use crate::op::linear::linear_sum;
use crate::op::lstm;

/// The weights of one cell.
#[derive(Clone, Debug)]
pub enum CellWeights {
    /// Gates in the order i, f, o, g (LSTM) or r, z, n (GRU): message and hidden weights `[d, ..]`.
    Gated { input: Id, hidden: Id, bias: Id },
    /// NGCF's two transformations.
    Ngcf {
        sum: Id,
        sum_bias: Id,
        product: Id,
        product_bias: Id,
    },
    /// A cell without weights.
    None,
}

impl CellWeights {
    /// Creates `<name>.w_input`, `.w_hidden`, `.bias`, or what the cell has instead.
    pub fn new(build: &mut Builder, name: &str, config: &ModelConfig) -> Self {
        let d = config.d;
        match config.cell {
            Cell::Lstm | Cell::LstmH0 => {
                // Gates i, f, o, g; the forget gate opens with memory h^0 (model.md section 10).
                let open = if config.cell == Cell::LstmH0 {
                    1.0
                } else {
                    0.0
                };
                let bias = [0.0, open, 0.0, 0.0]
                    .iter()
                    .flat_map(|&b| vec![b; d])
                    .collect();
                Self::Gated {
                    input: build.weight(format!("{name}.w_input"), &[d, 4 * d], d, d),
                    hidden: build.weight(format!("{name}.w_hidden"), &[d, 4 * d], d, d),
                    bias: build.constant(format!("{name}.bias"), Kind::Bias, &[4 * d], bias),
                }
            }
            Cell::Gru => Self::Gated {
                input: build.weight(format!("{name}.w_input"), &[d, 3 * d], d, d),
                hidden: build.weight(format!("{name}.w_hidden"), &[d, 3 * d], d, d),
                bias: build.bias(format!("{name}.bias"), &[3 * d]),
            },
            Cell::Ngcf => Self::Ngcf {
                sum: build.matrix(format!("{name}.w_sum"), d, d),
                sum_bias: build.bias(format!("{name}.bias_sum"), &[d]),
                product: build.matrix(format!("{name}.w_product"), d, d),
                product_bias: build.bias(format!("{name}.bias_product"), &[d]),
            },
            Cell::Sum => Self::None,
        }
    }

    /// `f(h, message)`: the new state of every target, and the memory of the first `kept` ones. Below the
    /// states, `[targets, d]`, there may stand more rows, of no meaning to who reads states.
    pub fn update(
        &self,
        p: &Parameters,
        config: &ModelConfig,
        h: Tensor<2>,
        message: Tensor<2>,
        memory: Option<Tensor<2>>,
        kept: usize,
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        let d = config.d;
        match self {
            Self::None => (h + message, None),
            Self::Ngcf {
                sum,
                sum_bias,
                product,
                product_bias,
            } => {
                let sum = (h.clone() + message.clone()).matmul(p.get(*sum)) + p.get(*sum_bias);
                let product = (h * message).matmul(p.get(*product)) + p.get(*product_bias);
                (leaky_relu(sum + product, config.slope), None)
            }
            Self::Gated {
                input,
                hidden,
                bias,
            } if config.cell == Cell::Gru => {
                let input = message.matmul(p.get(*input)) + p.get(*bias);
                let hidden = h.clone().matmul(p.get(*hidden));
                let part = |x: &Tensor<2>, k: usize| x.clone().narrow(1, k * d, d);
                let reset = sigmoid(part(&input, 0) + part(&hidden, 0));
                let keep = sigmoid(part(&input, 1) + part(&hidden, 1));
                let candidate = tanh(part(&input, 2) + reset * part(&hidden, 2));
                (candidate.clone() + keep * (h - candidate), None)
            }
            Self::Gated {
                input,
                hidden,
                bias,
            } => {
                // Without memory the forget gate has nothing to act on: its columns are left out. On a
                // GPU, where cutting them out takes longer, they act on zeros.
                let nothing = || Tensor::zeros(h.dims(), &h.device());
                let memory = memory.or_else(|| on_gpu(&h.device()).then(nothing));
                let columns = |x: Tensor<2>| match &memory {
                    Some(_) => x,
                    None => Tensor::cat(
                        vec![x.clone().narrow(1, 0, d), x.narrow(1, 2 * d, 2 * d)],
                        1,
                    ),
                };
                let targets = h.dims()[0];
                let gates = linear_sum(
                    [message, columns(p.get(*input))],
                    [h, columns(p.get(*hidden))],
                );
                let bias = columns(p.get(*bias));
                let states = lstm::cell(gates, bias, memory, kept);
                let memory = (kept > 0).then(|| states.clone().narrow(0, targets, kept));
                (states, memory)
            }
        }
    }
}
