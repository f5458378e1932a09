//! What the heads of a system read of a pair: `x^ = [p_u || q_i]`, or in a *+Graph* variant the four
//! graph states `[h_u || h_i || hu~ || hi~]` (model.md 5.1 and 7).

use std::ops::Range;

use burn::tensor::Tensor;

use super::batch::Batch;
use super::channels::{GraphChannels, Side, pair_states};
use super::config::{GraphInput, ModelConfig, XHat};
use super::embedding::Embedding;
use super::parameters::{Builder, Parameters};
use crate::data::Dataset;
use crate::graph::Channel;
use crate::op::lookup::lookup;

/// The states of a pair, in the order in which a *+Graph* variant reads them.
pub const STATES: [(Channel, Side); 4] = [
    (Channel::UserItem, Side::User),
    (Channel::UserItem, Side::Item),
    (Channel::UserUser, Side::User),
    (Channel::ItemItem, Side::Item),
];

/// Embedding tables, and the graph network where there is one.
#[derive(Clone, Debug)]
pub struct Stem {
    embedding: Embedding,
    graph: Option<GraphChannels>,
    config: ModelConfig,
}

/// Node vectors and channel states of a batch's distinct nodes.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// p of the distinct users above q of the distinct items, `[users + items, d]`.
    pub nodes: Tensor<2>,
    /// Number of distinct users.
    pub users: u32,
    /// States of each channel's distinct roots, `[roots, state_width]`.
    pub states: [Option<Tensor<2>>; 3],
}

impl Stem {
    /// Creates the tables as `<prefix>embedding.*`, and the parameters of a graph network where
    /// `graph` asks for one.
    pub fn new(
        build: &mut Builder,
        prefix: &str,
        config: &ModelConfig,
        data: &Dataset,
        graph: bool,
    ) -> Self {
        Self {
            embedding: Embedding::new(build, prefix, config, data),
            graph: graph.then(|| GraphChannels::new(build, config)),
            config: config.clone(),
        }
    }

    /// The embedding tables.
    pub fn embedding(&self) -> &Embedding {
        &self.embedding
    }

    /// Which channels are on.
    pub fn channels(&self) -> [bool; 3] {
        self.graph.as_ref().map_or([false; 3], GraphChannels::on)
    }

    /// Width of `x^`.
    pub fn pair_width(&self) -> usize {
        match self.config.xhat {
            XHat::Transformed => 2 * self.config.d,
            XHat::Fields => self.embedding.fields().iter().sum::<usize>() * self.config.d,
        }
    }

    /// Width of [`Stem::input`].
    pub fn width(&self) -> usize {
        let states = STATES.len() * self.config.state_width();
        match (&self.graph, self.config.graph_input) {
            (None, _) => self.pair_width(),
            (Some(_), GraphInput::Replace) => states,
            (Some(_), GraphInput::Append) => self.pair_width() + states,
        }
    }

    /// Node vectors, and the states of the channels in `needs`.
    pub fn encode(&self, p: &Parameters, batch: &Batch, needs: [bool; 3]) -> Encoded {
        let nodes = self.embedding.nodes(p, batch);
        let states = std::array::from_fn(|c| {
            let graph = self.graph.as_ref().filter(|_| needs[c])?;
            graph.states(p, batch, c, nodes.clone(), None)
        });
        Encoded {
            nodes,
            users: batch.user_fields[0].len() as u32,
            states,
        }
    }

    /// See [`super::network::Network::attention`].
    pub fn attention(&self, p: &Parameters, batch: &Batch) -> [Vec<Tensor<1>>; 3] {
        let nodes = self.embedding.nodes(p, batch);
        std::array::from_fn(|c| {
            let mut attention = Vec::new();
            if let Some(graph) = &self.graph {
                graph.states(p, batch, c, nodes.clone(), Some(&mut attention));
            }
            attention
        })
    }

    /// `x^` of the pairs in `range`, `[rows, pair_width]`.
    pub fn pair_input(
        &self,
        p: &Parameters,
        batch: &Batch,
        encoded: &Encoded,
        range: Range<usize>,
    ) -> Tensor<2> {
        match self.config.xhat {
            XHat::Transformed => {
                let items = batch.pair_item[range.clone()]
                    .iter()
                    .map(|&i| i + encoded.users);
                let items: Vec<u32> = items.collect();
                let user = lookup(encoded.nodes.clone(), &batch.pair_user[range]);
                Tensor::cat(vec![user, lookup(encoded.nodes.clone(), &items)], 1)
            }
            XHat::Fields => Tensor::cat(self.embedding.pair_fields(p, batch, range), 1),
        }
    }

    /// What the heads read of the pairs in `range`, `[rows, width]`. The states of a channel that is
    /// off are zeros.
    pub fn input(
        &self,
        p: &Parameters,
        batch: &Batch,
        encoded: &Encoded,
        range: Range<usize>,
    ) -> Tensor<2> {
        if self.graph.is_none() {
            return self.pair_input(p, batch, encoded, range);
        }
        let device = encoded.nodes.device();
        let absent = || Tensor::zeros([range.len(), self.config.state_width()], &device);
        let mut parts = match self.config.graph_input {
            GraphInput::Replace => Vec::new(),
            GraphInput::Append => vec![self.pair_input(p, batch, encoded, range.clone())],
        };
        parts.extend(STATES.map(|(channel, side)| {
            pair_states(batch, &encoded.states, channel, side, range.clone()).unwrap_or_else(absent)
        }));
        Tensor::cat(parts, 1)
    }
}
