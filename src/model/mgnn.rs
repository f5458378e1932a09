//! One channel of the multi-channel graph network (paper section 4.1; model.md 5.2).
//!
//! ```text
//! a_t   = sum_s alpha(t, s) h_s          attention over the sampled neighbours
//! msg_t = lrelu(a_t W)
//! h'_t  = f(h_t, msg_t)                  LSTM-like cell with memory c_t
//! ```

use std::sync::Arc;

use burn::tensor::Tensor;
use burn::tensor::activation::{leaky_relu, sigmoid, tanh};

use super::config::{Attention, Cell, Message, ModelConfig, Readout};
use super::parameters::{Builder, Id, Kind, Parameters};
use crate::graph::Block;
use crate::op::lstm;
use crate::op::neighbor::{self, Adjacency, Padded, masked_softmax};

/// The network of one channel.
#[derive(Clone, Debug)]
pub struct Mgnn {
    config: ModelConfig,
    /// One entry per layer; the same weights again where layers share them.
    layers: Vec<Layer>,
}

#[derive(Clone, Debug)]
struct Layer {
    attention: AttentionWeights,
    message: Option<Id>,
    cell: CellWeights,
}

#[derive(Clone, Debug)]
enum AttentionWeights {
    Dot { query: Id, key: Id },
    Genie { target: Id, source: Id, score: Id },
    Gat { project: Id, target: Id, source: Id },
    Fixed,
}

#[derive(Clone, Debug)]
enum CellWeights {
    /// Gates in the order i, f, o, g (LSTM) or r, z, n (GRU): message and hidden weights `[d, ..]`.
    Gated {
        input: Id,
        hidden: Id,
        bias: Id,
    },
    Ngcf {
        sum: Id,
        sum_bias: Id,
        product: Id,
        product_bias: Id,
    },
    None,
}

impl Mgnn {
    /// Creates `mgnn.<name>.*`, or `mgnn.<name>.layer<l>.*` where layers do not share.
    pub fn new(build: &mut Builder, name: &str, config: &ModelConfig) -> Self {
        let layers = if config.share_layers {
            vec![Layer::new(build, &format!("mgnn.{name}"), config); config.layers]
        } else {
            let layer = |l| Layer::new(build, &format!("mgnn.{name}.layer{}", l + 1), config);
            (0..config.layers).map(layer).collect()
        };
        Self {
            config: config.clone(),
            layers,
        }
    }

    /// States of the block's distinct roots, from `h0 = [nodes, d]` to `[within[0], state_width]`.
    ///
    /// `fused` chooses the CPU operations for dot attention and the LSTM cell. `attention`, where given, receives the
    /// last layer's weights: one tensor per distinct root, with the weights of its row's edges and
    /// then zeros up to a common width.
    pub fn forward(
        &self,
        p: &Parameters,
        block: &Block,
        h0: Tensor<2>,
        fused: bool,
        mut attention: Option<&mut Vec<Tensor<1>>>,
    ) -> Tensor<2> {
        let layers = self.layers.len();
        let roots = block.within[0];
        let mut h = h0.clone();
        let mut memory = match self.config.cell {
            Cell::LstmH0 => Some(h0.clone()),
            _ => None,
        };
        let mut readout = vec![h0.narrow(0, 0, roots)];
        for (l, layer) in self.layers.iter().enumerate() {
            let targets = block.targets(l + 1);
            let rows = Rows::new(block, targets, self.config.sim_bias);
            let wanted = attention.as_deref_mut().filter(|_| l + 1 == layers);
            let aggregated = layer.attend(p, &self.config, &rows, h.clone(), fused, wanted);
            let message = match layer.message {
                Some(w) => leaky_relu(aggregated.matmul(p.get(w)), self.config.slope),
                None => aggregated,
            };
            let state = h.narrow(0, 0, targets);
            let memory_in = memory.take().map(|c| c.narrow(0, 0, targets));
            (h, memory) = layer.update(p, &self.config, state, message, memory_in, fused);
            if self.config.readout == Readout::Concat {
                let output = h.clone().narrow(0, 0, roots);
                readout.push(unit_rows(output));
            }
        }
        match self.config.readout {
            Readout::Last => h,
            Readout::Concat => Tensor::cat(readout, 1),
        }
    }
}

/// The neighbour rows of one layer's targets.
struct Rows<'a> {
    block: &'a Block,
    adjacency: Arc<Adjacency>,
}

impl<'a> Rows<'a> {
    fn new(block: &'a Block, targets: usize, sim_bias: bool) -> Self {
        let edges = block.offsets[targets] as usize;
        let bias = if sim_bias {
            block.weights[..edges]
                .iter()
                .map(|w| w.max(f32::MIN_POSITIVE).ln())
                .collect()
        } else {
            Vec::new()
        };
        let adjacency = Arc::new(Adjacency {
            offsets: block.offsets[..=targets].to_vec(),
            neighbors: block.neighbors[..edges].to_vec(),
            bias,
        });
        Self { block, adjacency }
    }

    /// Fixed weights of every slot, `[targets, width]`, from a function of target and edge.
    fn weights(&self, rows: &Padded, weight: impl Fn(usize, usize) -> f32) -> Tensor<2> {
        let mut values = vec![0f32; rows.targets * rows.width];
        for t in 0..rows.targets {
            for (slot, edge) in self.adjacency.row(rows.first + t).enumerate() {
                values[t * rows.width + slot] = weight(rows.first + t, edge);
            }
        }
        let data = burn::tensor::TensorData::new(values, [rows.targets, rows.width]);
        Tensor::from_data(data, &rows.mask.device())
    }
}

impl Layer {
    fn new(build: &mut Builder, name: &str, config: &ModelConfig) -> Self {
        let d = config.d;
        let attention = match config.attention {
            Attention::Dot => AttentionWeights::Dot {
                query: build.matrix(format!("{name}.w_query"), d, d),
                key: build.matrix(format!("{name}.w_key"), d, d),
            },
            Attention::Genie => AttentionWeights::Genie {
                target: build.matrix(format!("{name}.w_target"), d, d),
                source: build.matrix(format!("{name}.w_source"), d, d),
                score: build.matrix(format!("{name}.score"), d, 1),
            },
            Attention::Gat => AttentionWeights::Gat {
                project: build.matrix(format!("{name}.w_project"), d, d),
                target: build.matrix(format!("{name}.score_target"), d, 1),
                source: build.matrix(format!("{name}.score_source"), d, 1),
            },
            Attention::Mean | Attention::Symnorm => AttentionWeights::Fixed,
        };
        let message = (config.message == Message::Transform)
            .then(|| build.matrix(format!("{name}.w_message"), d, d));
        let cell = match config.cell {
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
                CellWeights::Gated {
                    input: build.weight(format!("{name}.w_input"), &[d, 4 * d], d, d),
                    hidden: build.weight(format!("{name}.w_hidden"), &[d, 4 * d], d, d),
                    bias: build.constant(format!("{name}.bias"), Kind::Bias, &[4 * d], bias),
                }
            }
            Cell::Gru => CellWeights::Gated {
                input: build.weight(format!("{name}.w_input"), &[d, 3 * d], d, d),
                hidden: build.weight(format!("{name}.w_hidden"), &[d, 3 * d], d, d),
                bias: build.bias(format!("{name}.bias"), &[3 * d]),
            },
            Cell::Ngcf => CellWeights::Ngcf {
                sum: build.matrix(format!("{name}.w_sum"), d, d),
                sum_bias: build.bias(format!("{name}.bias_sum"), &[d]),
                product: build.matrix(format!("{name}.w_product"), d, d),
                product_bias: build.bias(format!("{name}.bias_product"), &[d]),
            },
            Cell::Sum => CellWeights::None,
        };
        Self {
            attention,
            message,
            cell,
        }
    }

    /// The attended sum of every target, `[targets, d]`.
    fn attend(
        &self,
        p: &Parameters,
        config: &ModelConfig,
        rows: &Rows,
        h: Tensor<2>,
        fused: bool,
        mut wanted: Option<&mut Vec<Tensor<1>>>,
    ) -> Tensor<2> {
        let targets = rows.adjacency.targets();
        let state = h.clone().narrow(0, 0, targets);
        if let (AttentionWeights::Dot { query, key }, None) = (&self.attention, &wanted) {
            let fold = p.get(*query).matmul(p.get(*key).transpose()) / (config.d as f64).sqrt();
            return neighbor::dot(state.matmul(fold), h, &rows.adjacency, fused);
        }
        // Each node is projected once; edges gather the projections.
        let (of_target, of_source) = match &self.attention {
            AttentionWeights::Dot { query, key } => {
                let scale = (config.d as f64).sqrt();
                (
                    state.matmul(p.get(*query)) / scale,
                    h.clone().matmul(p.get(*key)),
                )
            }
            AttentionWeights::Genie { target, source, .. } => (
                state.matmul(p.get(*target)),
                h.clone().matmul(p.get(*source)),
            ),
            AttentionWeights::Gat {
                project,
                target,
                source,
            } => {
                let projected = h.clone().matmul(p.get(*project));
                let of_target = projected
                    .clone()
                    .narrow(0, 0, targets)
                    .matmul(p.get(*target));
                (of_target, projected.matmul(p.get(*source)))
            }
            AttentionWeights::Fixed => (state.clone(), state),
        };
        let device = h.device();
        let mut out = Vec::new();
        for padded in Padded::chunks(&rows.adjacency, config.d, &device) {
            let shape = [padded.targets, padded.width];
            let query = || {
                of_target
                    .clone()
                    .narrow(0, padded.first, padded.targets)
                    .unsqueeze_dim::<3>(1)
            };
            let score = match &self.attention {
                AttentionWeights::Dot { .. } => {
                    (query() * padded.gather(of_source.clone())).sum_dim(2)
                }
                AttentionWeights::Genie { score, .. } => {
                    let hidden = tanh(query() + padded.gather(of_source.clone()));
                    let hidden = hidden.reshape([shape[0] * shape[1], config.d]);
                    hidden
                        .matmul(p.get(*score))
                        .reshape([shape[0], shape[1], 1])
                }
                AttentionWeights::Gat { .. } => {
                    leaky_relu(query() + padded.gather(of_source.clone()), config.slope)
                }
                AttentionWeights::Fixed => padded.mask.clone().unsqueeze_dim(2),
            };
            let alpha = match config.attention {
                Attention::Mean => {
                    rows.weights(&padded, |t, _| 1.0 / rows.adjacency.row(t).len() as f32)
                }
                Attention::Symnorm => rows.weights(&padded, |t, edge| {
                    let degree = |node: usize| rows.block.degrees[node] as f32;
                    1.0 / (degree(t) * degree(rows.adjacency.neighbors[edge] as usize)).sqrt()
                }),
                _ => masked_softmax(
                    score.reshape(shape) + padded.bias.clone(),
                    padded.mask.clone(),
                ),
            };
            if let Some(wanted) = wanted.as_deref_mut() {
                let row = |t| alpha.clone().narrow(0, t, 1).reshape([padded.width]);
                wanted.extend((0..padded.targets).map(row));
            }
            out.push(padded.sum(alpha, padded.gather(h.clone())));
        }
        Tensor::cat(out, 0)
    }

    /// `f(h, message)`: the new state and memory, `[targets, d]`.
    fn update(
        &self,
        p: &Parameters,
        config: &ModelConfig,
        h: Tensor<2>,
        message: Tensor<2>,
        memory: Option<Tensor<2>>,
        fused: bool,
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        let d = config.d;
        match &self.cell {
            CellWeights::None => (h + message, None),
            CellWeights::Ngcf {
                sum,
                sum_bias,
                product,
                product_bias,
            } => {
                let sum = (h.clone() + message.clone()).matmul(p.get(*sum)) + p.get(*sum_bias);
                let product = (h * message).matmul(p.get(*product)) + p.get(*product_bias);
                (leaky_relu(sum + product, config.slope), None)
            }
            CellWeights::Gated {
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
            CellWeights::Gated {
                input,
                hidden,
                bias,
            } => {
                // Without memory the forget gate has nothing to act on: its columns are left out.
                let columns = |x: Tensor<2>| match &memory {
                    Some(_) => x,
                    None => Tensor::cat(
                        vec![x.clone().narrow(1, 0, d), x.narrow(1, 2 * d, 2 * d)],
                        1,
                    ),
                };
                let gates = message.matmul(columns(p.get(*input)))
                    + h.matmul(columns(p.get(*hidden)))
                    + columns(p.get(*bias));
                if fused {
                    let (state, memory) = lstm::cell(gates, memory);
                    return (state, Some(memory));
                }
                let gate = |k: usize| gates.clone().narrow(1, k * d, d);
                let (kept, output, candidate) = match memory {
                    Some(memory) => (Some(sigmoid(gate(1)) * memory), gate(2), gate(3)),
                    None => (None, gate(1), gate(2)),
                };
                let written = sigmoid(gate(0)) * tanh(candidate);
                let memory = match kept {
                    Some(kept) => kept + written,
                    None => written,
                };
                (sigmoid(output) * tanh(memory.clone()), Some(memory))
            }
        }
    }
}

/// Every row divided by its Euclidean length.
pub fn unit_rows(x: Tensor<2>) -> Tensor<2> {
    let length = (x.clone().square().sum_dim(1) + 1e-12).sqrt();
    x / length
}
