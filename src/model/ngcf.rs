//! NGCF: neural graph collaborative filtering (Wang et al., SIGIR 2019; model.md 7.1), a network per
//! task.
//!
//! ```text
//! m_t   = sum_s e_s / sqrt(deg(t) deg(s))
//! e'_t  = lrelu((e_t + m_t) W1 + b1 + (e_t * m_t) W2 + b2)
//! out   = e^0 || e^1 / |e^1| || e^2 / |e^2|
//! score = <out_u, out_i> + b
//! ```
//!
//! It is the graph network of MoGE with one channel, fixed weights, no transformed message and
//! another cell, so it is built from the same parts. Two things are its own: `m_t` of a sampled row
//! is scaled by `deg(t) / |row|`, so that its expectation is that of the whole row, and `e'_t` passes
//! through dropout in training. This is the form of the paper and of RecBole, not that of the
//! original code, whose adjacency is normalised by rows. The original trains by ranking pairs; here
//! every system trains by the cross-entropy of the same instances.

use std::ops::Range;

use burn::tensor::Tensor;

use super::batch::Batch;
use super::channels::{Side, pair_states};
use super::config::{Attention, Cell, Message, ModelConfig, Readout};
use super::embedding::Embedding;
use super::head::Bias;
use super::mgnn::{Mgnn, Regularity};
use super::moge::K;
use super::network::{Network, Output};
use super::parameters::{Builder, Parameters};
use super::stem::{Encoded, Stem};
use crate::data::{Dataset, TASKS};
use crate::graph::Channel;
use crate::op::lookup::lookup;
use crate::random::Key;

/// The system.
#[derive(Clone, Debug)]
pub struct Ngcf {
    tasks: Vec<Propagation>,
}

#[derive(Clone, Debug)]
struct Propagation {
    stem: Stem,
    network: Mgnn,
    bias: Bias,
}

impl Ngcf {
    /// Creates `favourite.*` and `purchase.*`; see [`super::System::build`].
    pub fn new(
        build: &mut Builder,
        config: &ModelConfig,
        data: &Dataset,
        base_rates: [f64; K],
    ) -> Self {
        let config = ModelConfig {
            attention: Attention::Symnorm,
            self_loop: false,
            message: Message::Plain,
            cell: Cell::Ngcf,
            share_layers: false,
            readout: Readout::Concat,
            ..config.clone()
        };
        let task = |(k, &rate): (usize, &f64)| {
            let prefix = format!("{}.", TASKS[k].name());
            Propagation {
                stem: Stem::new(build, &prefix, &config, data, false),
                network: Mgnn::new(build, &format!("{prefix}ngcf"), &config).with(Regularity {
                    rescale: true,
                    dropout: config.message_dropout,
                }),
                bias: Bias::new(build, &prefix, &config, &[rate]),
            }
        };
        Self {
            tasks: base_rates.iter().enumerate().map(task).collect(),
        }
    }
}

impl Network for Ngcf {
    fn embeddings(&self) -> Vec<&Embedding> {
        self.tasks
            .iter()
            .map(|task| task.stem.embedding())
            .collect()
    }

    fn channels(&self) -> [bool; 3] {
        [true, false, false]
    }

    fn encode(&self, p: &Parameters, batch: &Batch) -> Vec<Encoded> {
        let tasks = self.tasks.iter().zip(0..);
        let encode = tasks.map(|(task, k): (_, u64)| {
            let mut encoded = task.stem.encode(p, batch, [false; 3]);
            let noise = batch.noise.map(|key| key.with(DROPOUT).with(k));
            encoded.states[Channel::UserItem as usize] =
                task.states(p, batch, encoded.nodes.clone(), noise, None);
            encoded
        });
        encode.collect()
    }

    fn score(
        &self,
        p: &Parameters,
        batch: &Batch,
        encoded: &[Encoded],
        range: Range<usize>,
    ) -> Output {
        let logits = self.tasks.iter().zip(encoded).map(|(task, encoded)| {
            let state = |side| {
                let channel = Channel::UserItem;
                pair_states(batch, &encoded.states, channel, side, range.clone())
                    .expect("the batch has a block of G")
            };
            let score = (state(Side::User) * state(Side::Item)).sum_dim(1);
            task.bias.add_to(p, score)
        });
        Output::of_logits(Tensor::cat(logits.collect(), 1))
    }

    fn bias(&self, p: &Parameters) -> Tensor<2> {
        Tensor::cat(self.tasks.iter().map(|task| task.bias.get(p)).collect(), 1)
    }

    /// The weights of a row's edges, the same for both tasks.
    fn attention(&self, p: &Parameters, batch: &Batch) -> [Vec<Tensor<1>>; 3] {
        let (task, mut attention) = (&self.tasks[0], Vec::new());
        let nodes = task.stem.embedding().nodes(p, batch);
        task.states(p, batch, nodes, None, Some(&mut attention));
        [attention, Vec::new(), Vec::new()]
    }
}

/// Names the draws of the dropout.
const DROPOUT: u64 = 0x6472_6f70;

impl Propagation {
    fn states(
        &self,
        p: &Parameters,
        batch: &Batch,
        nodes: Tensor<2>,
        noise: Option<Key>,
        attention: Option<&mut Vec<Tensor<1>>>,
    ) -> Option<Tensor<2>> {
        let found = batch.blocks[Channel::UserItem as usize].as_ref()?;
        let h0 = lookup(nodes, &found.rows);
        Some(self.network.forward(p, &found.block, h0, noise, attention))
    }
}
