//! MoGE: mixture of graph enhanced expert networks (paper sections 4.1 and 4.2; model.md 5).
//!
//! ```text
//! Z^1 = kappa(h_u, h_i)    Z^2 = kappa(h_u, hi~)    Z^3 = kappa(hu~, h_i)    Z^4 = kappa(hu~, hi~)
//! f^n     = expert_n(x^)           g^k = softmax(gate_k(x^))           x^ = [p_u || q_i]
//! s^k_n   = <v_k, [f^n || Z^n]>
//! logit_k = sum_n g^k_n s^k_n + b_k
//! ```

use std::ops::Range;

use burn::tensor::Tensor;

use super::batch::Batch;
use super::channels::{Side, pair_states};
use super::config::{EXPERTS, Kappa, ModelConfig};
use super::embedding::Embedding;
use super::mixture::Mixture;
use super::network::{Network, Output};
use super::parameters::{Builder, Id, Kind, Parameters};
use super::stack::Stack;
use super::stem::{Encoded, STATES, Stem};
use crate::data::{Dataset, TASKS};
use crate::graph::Channel;
use crate::op::lookup::lookup;

/// Number of tasks K.
pub const K: usize = TASKS.len();

/// For every expert, the channel of its user state and of its item state.
pub const PAIRINGS: [(Channel, Channel); EXPERTS] = [
    (Channel::UserItem, Channel::UserItem),
    (Channel::UserItem, Channel::ItemItem),
    (Channel::UserUser, Channel::UserItem),
    (Channel::UserUser, Channel::ItemItem),
];

/// The system.
#[derive(Clone, Debug)]
pub struct Moge {
    config: ModelConfig,
    stem: Stem,
    mixture: Mixture,
    kappa: Vec<Stack>,
    log_variance: Id,
}

impl Moge {
    /// Creates the system's parameters; see [`super::System::build`].
    pub fn new(
        build: &mut Builder,
        config: &ModelConfig,
        data: &Dataset,
        base_rates: [f64; K],
    ) -> Self {
        let stem = Stem::new(build, "", config, data, true);
        let all: Vec<usize> = (0..EXPERTS).collect();
        let of_task = [all.clone(), all];
        let dz = config.interaction_width();
        let mixture = Mixture::new(build, config, stem.pair_width(), of_task, dz, base_rates);
        let (slope, joined) = (config.slope, 2 * config.state_width());
        let kappa = |name: String, build: &mut Builder| {
            Stack::new(build, &name, 1, joined, &[config.d, config.d], slope, true)
        };
        let kappa = match (config.kappa, config.kappa_shared) {
            (Kappa::Mlp, true) => vec![kappa("kappa".into(), build); EXPERTS],
            (Kappa::Mlp, false) => (1..=EXPERTS)
                .map(|n| kappa(format!("kappa{n}"), build))
                .collect(),
            _ => Vec::new(),
        };
        let log_variance = build.constant("log_variance", Kind::LogVariance, &[K], vec![0.0; K]);
        Self {
            config: config.clone(),
            stem,
            mixture,
            kappa,
            log_variance,
        }
    }

    /// The embedding tables.
    pub fn embedding(&self) -> &Embedding {
        self.stem.embedding()
    }

    /// Which experts' interactions are in use: those among the first `experts` whose two channels are
    /// both on.
    pub fn active(&self) -> [bool; EXPERTS] {
        let on = self.stem.channels();
        std::array::from_fn(|n| {
            let (user, item) = PAIRINGS[n];
            n < self.config.experts && on[user as usize] && on[item as usize]
        })
    }

    /// `Z^n` of the pairs in `range` for every expert, `[rows, dz]`; none where it is not in use.
    fn interactions(
        &self,
        p: &Parameters,
        batch: &Batch,
        encoded: &Encoded,
        range: Range<usize>,
    ) -> [Option<Tensor<2>>; EXPERTS] {
        let states = |side| {
            [Channel::UserItem, Channel::UserUser, Channel::ItemItem]
                .map(|c| pair_states(batch, &encoded.states, c, side, range.clone()))
        };
        let (of_users, of_items) = (states(Side::User), states(Side::Item));
        std::array::from_fn(|n| {
            let (of_user, of_item) = PAIRINGS[n];
            let a = of_users[of_user as usize].clone()?;
            let b = of_items[of_item as usize].clone()?;
            self.active()[n].then(|| match self.config.kappa {
                Kappa::Ep => a * b,
                Kappa::Add => a + b,
                Kappa::Con => Tensor::cat(vec![a, b], 1),
                Kappa::Mlp => self.kappa[n]
                    .forward(p, Tensor::cat(vec![a, b], 1))
                    .squeeze_dim(0),
            })
        })
    }
}

impl Network for Moge {
    fn embeddings(&self) -> Vec<&Embedding> {
        vec![self.stem.embedding()]
    }

    /// The channels that an active interaction reads.
    fn channels(&self) -> [bool; 3] {
        let mut read = [false; 3];
        for (n, _) in self.active().iter().enumerate().filter(|(_, on)| **on) {
            read[PAIRINGS[n].0 as usize] = true;
            read[PAIRINGS[n].1 as usize] = true;
        }
        read
    }

    fn encode(&self, p: &Parameters, batch: &Batch) -> Vec<Encoded> {
        vec![self.stem.encode(p, batch, self.channels())]
    }

    fn score(
        &self,
        p: &Parameters,
        batch: &Batch,
        encoded: &[Encoded],
        range: Range<usize>,
    ) -> Output {
        let x = self.stem.pair_input(p, batch, &encoded[0], range.clone());
        let interactions = self.interactions(p, batch, &encoded[0], range);
        self.mixture.score(p, x, &interactions)
    }

    fn bias(&self, p: &Parameters) -> Tensor<2> {
        self.mixture.bias(p)
    }

    fn attention(&self, p: &Parameters, batch: &Batch) -> [Vec<Tensor<1>>; 3] {
        self.stem.attention(p, batch)
    }

    fn trace(&self, p: &Parameters, batch: &Batch) -> Vec<(String, Tensor<1>)> {
        let encoded = &self.encode(p, batch)[0];
        let mut found = Vec::new();
        let mut add = |name: String, value: Tensor<1>| found.push((name, value));
        let nodes = [
            ("p_u", batch.pair_user[0]),
            ("q_i", encoded.users + batch.pair_item[0]),
        ];
        for (name, row) in nodes {
            add(
                name.into(),
                lookup(encoded.nodes.clone(), &[row]).flatten(0, 1),
            );
        }
        for (name, (channel, side)) in ["h_u", "h_i", "hu~", "hi~"].into_iter().zip(STATES) {
            if let Some(state) = pair_states(batch, &encoded.states, channel, side, 0..1) {
                add(name.into(), state.flatten(0, 1));
            }
        }
        let x = self.stem.pair_input(p, batch, encoded, 0..1);
        let z = self.interactions(p, batch, encoded, 0..1);
        for (n, z) in z.iter().enumerate() {
            if let Some(z) = z {
                add(format!("Z{}", n + 1), z.clone().flatten(0, 1));
            }
        }
        let [gates, experts, mixed] = self.mixture.trace(p, x, &z);
        let of = |all: &Tensor<3>, at| all.clone().narrow(0, at, 1).flatten(0, 2);
        for n in 0..EXPERTS {
            add(format!("f{}", n + 1), of(&experts, n));
        }
        for (name, all) in [("g", gates), ("o", mixed)] {
            for task in TASKS {
                add(format!("{name}_{}", task.name()), of(&all, task as usize));
            }
        }
        let output = self.score(p, batch, std::slice::from_ref(encoded), 0..1);
        add("logit".into(), output.logits.flatten(0, 1));
        found
    }

    fn log_variance(&self, p: &Parameters) -> Option<Tensor<2>> {
        Some(p.get(self.log_variance))
    }

    /// The pairing of each expert: the channel of the user's state and that of the item's.
    fn experts(&self) -> Vec<String> {
        let sign = |channel| match channel {
            Channel::UserItem => "G",
            Channel::UserUser => "Gu",
            Channel::ItemItem => "Gi",
        };
        PAIRINGS
            .map(|(user, item)| format!("{} × {}", sign(user), sign(item)))
            .to_vec()
    }
}
