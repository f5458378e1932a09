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
use burn::tensor::activation::softmax;

use super::batch::Batch;
use super::config::{EXPERTS, Kappa, ModelConfig, XHat, ZNorm};
use super::embedding::{Embedding, lookup};
use super::mgnn::{Mgnn, unit_rows};
use super::parameters::{Builder, Id, Kind, Parameters};
use super::stack::Stack;
use crate::data::{Dataset, TASKS};
use crate::graph::{CHANNELS, Channel};

/// Number of tasks K.
pub const K: usize = TASKS.len();

/// For every expert, the channel of its user state and of its item state.
pub const PAIRINGS: [(Channel, Channel); EXPERTS] = [
    (Channel::UserItem, Channel::UserItem),
    (Channel::UserItem, Channel::ItemItem),
    (Channel::UserUser, Channel::UserItem),
    (Channel::UserUser, Channel::ItemItem),
];

/// The system; its parameters live apart, in [`Parameters`].
#[derive(Clone, Debug)]
pub struct Moge {
    config: ModelConfig,
    embedding: Embedding,
    channels: [Option<Mgnn>; 3],
    experts: Stack,
    gates: Stack,
    kappa: Vec<Stack>,
    head: Head,
    bias: Option<Id>,
    log_variance: Id,
    fused: bool,
}

#[derive(Clone, Debug)]
enum Head {
    /// The output vectors v, `[K, e + dz]` or `[1, e + dz]`.
    Linear(Id),
    /// A tower per task (decision B11).
    Tower(Stack),
}

/// Node vectors and channel states of a batch's distinct nodes.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// p of the distinct users above q of the distinct items, `[users + items, d]`.
    nodes: Tensor<2>,
    users: u32,
    /// Scaled last-layer states of each channel's distinct roots.
    states: [Option<Tensor<2>>; 3],
}

/// What the model says of some pairs.
#[derive(Clone, Debug)]
pub struct Output {
    /// `[B, K]`
    pub logits: Tensor<2>,
    /// Softmax gates `g^k_n`, `[K, B, N]`.
    pub gates: Tensor<3>,
    /// The exact parts of every expert's score `s^k_n`; none behind towers, where the logit is not
    /// additive.
    pub scores: Option<Scores>,
}

/// `s^k_n` = expert part + graph part (model.md 5.4).
#[derive(Clone, Debug)]
pub struct Scores {
    /// `<v_k, f^n>`, `[K, B, N]`.
    pub expert: Tensor<3>,
    /// `<v_k, Z^n>`, `[K, B, N]`.
    pub graph: Tensor<3>,
}

impl Moge {
    /// Creates the system's parameters in `build`.
    ///
    /// `base_rates` are the training shares of positive labels, for the output biases; `fused`
    /// chooses the CPU neighbour operation and must be false on WebGPU.
    pub fn new(
        build: &mut Builder,
        config: &ModelConfig,
        data: &Dataset,
        base_rates: [f64; K],
        fused: bool,
    ) -> Self {
        let embedding = Embedding::new(build, config, data);
        let shared = config
            .share_channels
            .then(|| Mgnn::new(build, "shared", config));
        let channels = std::array::from_fn(|c| {
            let own = |build: &mut Builder| Mgnn::new(build, CHANNELS[c].name(), config);
            config.channels[c].then(|| shared.clone().unwrap_or_else(|| own(build)))
        });

        let inputs = match config.xhat {
            XHat::Transformed => 2 * config.d,
            XHat::Fields => embedding.fields().iter().sum::<usize>() * config.d,
        };
        let (slope, e) = (config.slope, config.expert_width());
        let last = config.expert_last_linear;
        let experts = Stack::new(
            build,
            "expert",
            EXPERTS,
            inputs,
            &config.expert_hidden,
            slope,
            last,
        );
        let gate = [&config.gate_hidden[..], &[EXPERTS]].concat();
        let gates = Stack::new(build, "gate", K, inputs, &gate, slope, true);
        let joined = 2 * config.state_width();
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
        let width = e + config.interaction_width();
        let head = if config.tower_hidden.is_empty() {
            let rows = if config.shared_output { 1 } else { K };
            Head::Linear(build.weight("head.weight", &[rows, width], width, 1))
        } else {
            let widths = [&config.tower_hidden[..], &[1]].concat();
            Head::Tower(Stack::new(build, "tower", K, width, &widths, slope, true))
        };
        let bias = config.output_bias.then(|| {
            let logit = |rate: f64| {
                let rate = rate.clamp(1e-6, 1.0 - 1e-6);
                (rate / (1.0 - rate)).ln() as f32
            };
            let values = base_rates.map(|r| if config.prior_bias { logit(r) } else { 0.0 });
            build.constant("head.bias", Kind::Bias, &[K], values.to_vec())
        });
        let log_variance = build.constant("log_variance", Kind::LogVariance, &[K], vec![0.0; K]);
        let config = config.clone();
        Self {
            config,
            embedding,
            channels,
            experts,
            gates,
            kappa,
            head,
            bias,
            log_variance,
            fused,
        }
    }

    /// The embedding tables.
    pub fn embedding(&self) -> &Embedding {
        &self.embedding
    }

    /// The log variances s of the uncertainty loss, `[1, K]`.
    pub fn log_variance(&self, p: &Parameters) -> Tensor<2> {
        p.get(self.log_variance)
    }

    /// The output biases b, `[1, K]`; zeros where logits have none.
    pub fn bias(&self, p: &Parameters) -> Tensor<2> {
        self.bias
            .map_or_else(|| self.log_variance(p).zeros_like(), |bias| p.get(bias))
    }

    /// Which experts' interactions are in use: those among the first `experts` whose two channels are
    /// both on.
    pub fn active(&self) -> [bool; EXPERTS] {
        std::array::from_fn(|n| {
            let (user, item) = PAIRINGS[n];
            n < self.config.experts
                && [user, item]
                    .iter()
                    .all(|&c| self.channels[c as usize].is_some())
        })
    }

    /// Node vectors, and the states of every channel that an active interaction reads.
    pub fn encode(&self, p: &Parameters, batch: &Batch) -> Encoded {
        let nodes = self.embedding.nodes(p, batch);
        let states = std::array::from_fn(|c| {
            self.needs(c)
                .then(|| self.states(p, batch, c, nodes.clone(), None))
                .flatten()
        });
        Encoded {
            nodes,
            users: batch.user_fields[0].len() as u32,
            states,
        }
    }

    /// The last layer's attention in each channel: for every distinct root of the block, the weights
    /// of its row's edges and then zeros up to a common width.
    pub fn attention(&self, p: &Parameters, batch: &Batch) -> [Vec<Tensor<1>>; 3] {
        let nodes = self.embedding.nodes(p, batch);
        std::array::from_fn(|c| {
            let mut attention = Vec::new();
            self.states(p, batch, c, nodes.clone(), Some(&mut attention));
            attention
        })
    }

    /// Whether an active interaction reads channel `c`.
    fn needs(&self, c: usize) -> bool {
        let reads = |n: usize| PAIRINGS[n].0 as usize == c || PAIRINGS[n].1 as usize == c;
        self.active()
            .iter()
            .enumerate()
            .any(|(n, &active)| active && reads(n))
    }

    fn states(
        &self,
        p: &Parameters,
        batch: &Batch,
        c: usize,
        nodes: Tensor<2>,
        attention: Option<&mut Vec<Tensor<1>>>,
    ) -> Option<Tensor<2>> {
        let (network, found) = (self.channels[c].as_ref()?, batch.blocks[c].as_ref()?);
        let device = nodes.device();
        let h0 = lookup(nodes, &found.rows, &device);
        let states = network.forward(p, &found.block, h0, self.fused, attention);
        Some(match self.config.z_norm {
            ZNorm::None => states,
            ZNorm::L2 => unit_rows(states),
            ZNorm::Rms => {
                let scale = (states.clone().square().mean_dim(1) + 1e-6).sqrt();
                states / scale
            }
        })
    }

    /// Logits and gates of the pairs in `range`.
    pub fn score(
        &self,
        p: &Parameters,
        batch: &Batch,
        encoded: &Encoded,
        range: Range<usize>,
    ) -> Output {
        let rows = range.len();
        let x = self.input(p, batch, encoded, range.clone());
        let gates = softmax(self.gates.forward(p, x.clone()), 2);
        let experts = self.experts.forward(p, x);
        let interactions: Vec<_> = (0..EXPERTS)
            .map(|n| self.interaction(p, batch, encoded, range.clone(), n))
            .collect();

        let (mut logits, scores) = match &self.head {
            Head::Linear(v) => {
                let scores = self.scores(p.get(*v), experts, interactions);
                let sum = gates.clone() * (scores.expert.clone() + scores.graph.clone());
                (sum.sum_dim(2).reshape([K, rows]).transpose(), Some(scores))
            }
            Head::Tower(towers) => {
                let width = self.config.interaction_width();
                let device = experts.device();
                let absent = || Tensor::zeros([rows, width], &device);
                let graph = interactions
                    .into_iter()
                    .map(|z| z.unwrap_or_else(absent))
                    .collect();
                let joined = Tensor::cat(vec![experts, Tensor::stack(graph, 0)], 2);
                // o^k = sum_n g^k_n [f^n || Z^n]
                let mixed = (0..K).map(|k| {
                    let gate = gates.clone().narrow(0, k, 1).permute([2, 1, 0]);
                    (gate * joined.clone()).sum_dim(0)
                });
                let mixed = Tensor::cat(mixed.collect(), 0);
                (
                    towers.forward_each(p, mixed).reshape([K, rows]).transpose(),
                    None,
                )
            }
        };
        if self.bias.is_some() {
            logits = logits + self.bias(p);
        }
        Output {
            logits,
            gates,
            scores,
        }
    }

    /// `x^`, the input of experts and gates.
    fn input(
        &self,
        p: &Parameters,
        batch: &Batch,
        encoded: &Encoded,
        range: Range<usize>,
    ) -> Tensor<2> {
        match self.config.xhat {
            XHat::Transformed => {
                let device = encoded.nodes.device();
                let items = batch.pair_item[range.clone()]
                    .iter()
                    .map(|&i| i + encoded.users);
                let items: Vec<u32> = items.collect();
                let user = lookup(encoded.nodes.clone(), &batch.pair_user[range], &device);
                Tensor::cat(
                    vec![user, lookup(encoded.nodes.clone(), &items, &device)],
                    1,
                )
            }
            XHat::Fields => Tensor::cat(self.embedding.pair_fields(p, batch, range), 1),
        }
    }

    /// `Z^n` of the pairs in `range`, `[rows, dz]`; none where it is not in use.
    fn interaction(
        &self,
        p: &Parameters,
        batch: &Batch,
        encoded: &Encoded,
        range: Range<usize>,
        n: usize,
    ) -> Option<Tensor<2>> {
        if !self.active()[n] {
            return None;
        }
        let state = |channel: Channel, first: usize| {
            let states = encoded.states[channel as usize].clone()?;
            let block = &batch.blocks[channel as usize].as_ref()?.block;
            let device = states.device();
            Some(lookup(
                states,
                &block.roots[first + range.start..first + range.end],
                &device,
            ))
        };
        let (of_user, of_item) = PAIRINGS[n];
        // In G the roots are all users, then all items; the other channels hold one kind alone.
        let items = if of_item == Channel::UserItem {
            batch.pairs
        } else {
            0
        };
        let (a, b) = (state(of_user, 0)?, state(of_item, items)?);
        Some(match self.config.kappa {
            Kappa::Ep => a * b,
            Kappa::Add => a + b,
            Kappa::Con => Tensor::cat(vec![a, b], 1),
            Kappa::Mlp => self.kappa[n]
                .forward(p, Tensor::cat(vec![a, b], 1))
                .squeeze_dim(0),
        })
    }

    /// `<v_k, f^n>` and `<v_k, Z^n>`, `[K, B, N]` each.
    fn scores(
        &self,
        v: Tensor<2>,
        experts: Tensor<3>,
        interactions: Vec<Option<Tensor<2>>>,
    ) -> Scores {
        let [n, rows, e] = experts.dims();
        let dz = self.config.interaction_width();
        let [heads, _] = v.dims();
        let of_expert = v.clone().narrow(1, 0, e).transpose();
        let of_graph = v.narrow(1, e, dz).transpose();
        let to_tasks = |x: Tensor<3>| x.permute([2, 1, 0]).expand([K, rows, n]);
        let expert = experts
            .reshape([n * rows, e])
            .matmul(of_expert)
            .reshape([n, rows, heads]);
        let device = expert.device();
        let graph = interactions.into_iter().map(|z| match z {
            Some(z) => z.matmul(of_graph.clone()),
            None => Tensor::zeros([rows, heads], &device),
        });
        Scores {
            expert: to_tasks(expert),
            graph: to_tasks(Tensor::stack(graph.collect(), 0)),
        }
    }
}
