//! One channel of the multi-channel graph network (paper section 4.1; model.md 5.2).
//!
//! ```text
//! a_t   = sum_s alpha(t, s) h_s          attention over the sampled neighbours
//! msg_t = lrelu(a_t W)
//! h'_t  = f(h_t, msg_t)                  LSTM-like cell with memory c_t
//! ```

use burn::tensor::{Tensor, TensorData};

use super::attention::{AttentionWeights, Rows};
use super::cell::CellWeights;
use super::config::{Cell, Message, ModelConfig, Readout};
use super::parameters::{Builder, Id, Parameters};
use crate::graph::Block;
use crate::op::leaky_relu::leaky_relu;
use crate::op::linear::linear;
use crate::op::scale_rows::scale_rows;
use crate::random::Key;

/// The network of one channel.
#[derive(Clone, Debug)]
pub struct Mgnn {
    config: ModelConfig,
    /// One entry per layer; the same weights again where layers share them.
    layers: Vec<Layer>,
    regularity: Regularity,
}

/// What NGCF does besides (model.md 7.1); nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Regularity {
    /// Whether symmetric weights of a sampled row are scaled by `deg(t) / |row|`, so that the sum's
    /// expectation is that of the whole row.
    pub rescale: bool,
    /// Probability that training drops an entry of a layer's output; the others are scaled up.
    pub dropout: f64,
}

#[derive(Clone, Debug)]
struct Layer {
    attention: Option<AttentionWeights>,
    message: Option<Id>,
    cell: CellWeights,
}

impl Mgnn {
    /// Creates `<name>.*`, or `<name>.layer<l>.*` where layers do not share.
    pub fn new(build: &mut Builder, name: &str, config: &ModelConfig) -> Self {
        let layers = if config.share_layers {
            vec![Layer::new(build, name, config); config.layers]
        } else {
            let layer = |l| Layer::new(build, &format!("{name}.layer{}", l + 1), config);
            (0..config.layers).map(layer).collect()
        };
        Self {
            config: config.clone(),
            layers,
            regularity: Regularity::default(),
        }
    }

    /// The same network with what NGCF does besides.
    pub fn with(self, regularity: Regularity) -> Self {
        Self { regularity, ..self }
    }

    /// States of the block's distinct roots, from `h0 = [nodes, d]` to `[within[0], state_width]`.
    ///
    /// `noise` names the draws of a training step. `attention`, where given, receives the last layer's
    /// weights: one tensor per distinct root, with the weights of its row's edges and then zeros up to a
    /// common width.
    pub fn forward(
        &self,
        p: &Parameters,
        block: &Block,
        h0: Tensor<2>,
        noise: Option<Key>,
        mut attention: Option<&mut Vec<Tensor<1>>>,
    ) -> Tensor<2> {
        let layers = self.layers.len();
        let roots = block.within[0];
        let concat = self.config.readout == Readout::Concat;
        let mut readout = Vec::new();
        if concat {
            readout.push(first_rows(h0.clone(), roots));
        }
        let mut memory = match self.config.cell {
            Cell::LstmH0 => Some(h0.clone()),
            _ => None,
        };
        let mut h = h0;
        let mut folded = None;
        for (l, layer) in self.layers.iter().enumerate() {
            let targets = block.targets(l + 1);
            let rows = Rows::new(block, targets, &self.config, self.regularity.rescale);
            let state = first_rows(h.clone(), targets);
            let wanted = attention.as_deref_mut().filter(|_| l + 1 == layers);
            // Once for all layers that share it.
            if !self.config.share_layers || l == 0 {
                folded = layer
                    .attention
                    .as_ref()
                    .map(|own| own.fold(p, &self.config));
            }
            let aggregated = match &folded {
                Some(attention) => attention.attend(&rows, [state.clone(), h], wanted),
                None => rows.sum(h, wanted),
            };
            let message = match layer.message {
                Some(w) => leaky_relu(linear(aggregated, p.get(w)), self.config.slope),
                None => aggregated,
            };
            let memory_in = memory.take().map(|c| first_rows(c, targets));
            let kept = if l + 1 < layers {
                block.targets(l + 2)
            } else {
                0
            };
            let cell = &layer.cell;
            (h, memory) = cell.update(p, &self.config, state, message, memory_in, kept);
            if let Some(key) = noise.filter(|_| self.regularity.dropout > 0.0) {
                h = dropout(h, self.regularity.dropout, key.with(l as u64));
            }
            if concat {
                readout.push(unit_rows(first_rows(h.clone(), roots)));
            }
        }
        if concat { Tensor::cat(readout, 1) } else { h }
    }
}

impl Layer {
    fn new(build: &mut Builder, name: &str, config: &ModelConfig) -> Self {
        let d = config.d;
        Self {
            attention: AttentionWeights::new(build, name, config),
            message: (config.message == Message::Transform)
                .then(|| build.matrix(format!("{name}.w_message"), d, d)),
            cell: CellWeights::new(build, name, config),
        }
    }
}

/// Entries dropped with probability `rate`, the others divided by `1 - rate`.
fn dropout(x: Tensor<2>, rate: f64, key: Key) -> Tensor<2> {
    let shape = x.dims();
    let mut stream = key.stream();
    let kept = (1.0 / (1.0 - rate)) as f32;
    let mask = (0..shape[0] * shape[1]).map(|_| if stream.uniform() < rate { 0.0 } else { kept });
    let mask = TensorData::new(mask.collect::<Vec<f32>>(), shape);
    let mask = Tensor::from_data(mask, &x.device());
    x * mask
}

/// The first rows of a matrix; itself where these are all.
fn first_rows(x: Tensor<2>, rows: usize) -> Tensor<2> {
    if x.dims()[0] == rows {
        x
    } else {
        x.narrow(0, 0, rows)
    }
}

/// Every row divided by its Euclidean length.
pub fn unit_rows(x: Tensor<2>) -> Tensor<2> {
    scale_rows(x, 1.0, 1e-12)
}
