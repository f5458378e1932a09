//! The model of model.md 5 and its loss (section 6) in double precision, as plain loops over whole
//! graphs, node by node. Written from the formulas; it shares no code with the crate's forward pass.

use std::collections::BTreeMap;

use moge::data::{Dataset, Nodes};
use moge::graph::{Channel, Channels};
use moge::model::System;
use moge::model::config::{Features, Kappa, ModelConfig, Readout, XHat};
use moge::model::parameters::{Kind, Parameters};
use moge::train::Config;
use moge::train::config::{L2Scope, LambdaScale, Reduction, Uncertainty};

use crate::host::{add, bce, dot, lrelu, multiplied, scaled, softmax};
use crate::systems::training::Training;

/// Number of experts and of tasks.
pub const N: usize = 4;
pub const K: usize = 2;

/// A model whose neighbourhoods are whole.
pub struct Reference<'a> {
    pub config: &'a Config,
    pub data: &'a Dataset,
    pub channels: &'a Channels,
    pub weights: BTreeMap<String, (Kind, Vec<f64>)>,
    /// The draws of a training step, where it is one.
    pub training: Option<Training>,
}

/// What the model says of one pair. Behind towers a logit has no parts, and the scores stay 0.
#[derive(Clone, Debug, Default)]
pub struct Scored {
    pub gates: [[f64; N]; K],
    /// `<v_k, f^n>`
    pub expert: [[f64; N]; K],
    /// `<v_k, Z^n>`
    pub graph: [[f64; N]; K],
    pub logits: [f64; K],
}

/// The loss and its parts.
#[derive(Clone, Debug)]
pub struct Parts {
    pub cross_entropy: [f64; K],
    pub collaboration: f64,
    pub regulariser: f64,
    pub total: f64,
}

impl<'a> Reference<'a> {
    pub fn new(
        config: &'a Config,
        data: &'a Dataset,
        channels: &'a Channels,
        p: &Parameters,
    ) -> Self {
        let weights = p.iter().map(|p| {
            let values: Vec<f32> = p.value.clone().into_data().try_into_vec().unwrap();
            let values = values.into_iter().map(f64::from).collect();
            (p.name.clone(), (p.kind, values))
        });
        Self {
            config,
            data,
            channels,
            weights: weights.collect(),
            training: None,
        }
    }

    pub fn get(&self, name: &str) -> &[f64] {
        &self
            .weights
            .get(name)
            .unwrap_or_else(|| panic!("there is no {name}"))
            .1
    }

    pub fn model(&self) -> &'a ModelConfig {
        &self.config.model
    }

    /// One vector per field of a node, from the tables called `<prefix>embedding.*`.
    fn fields(&self, prefix: &str, nodes: &Nodes, node: usize) -> Vec<&[f64]> {
        let used = match self.model().features {
            Features::Ids => 1,
            Features::IdsAttrs => nodes.fields.len(),
        };
        let d = self.model().d;
        let row = |f: usize| {
            let value = nodes.features(node as u32)[f] as usize;
            &self.get(&format!("{prefix}embedding.{}", nodes.fields[f].name))[value * d..][..d]
        };
        (0..used).map(row).collect()
    }

    /// p_u or q_i from the tables called `<prefix>embedding.*`.
    pub fn transformed_by(&self, prefix: &str, nodes: &Nodes, node: usize) -> Vec<f64> {
        let zero = vec![0.0; self.model().d];
        self.fields(prefix, nodes, node)
            .into_iter()
            .fold(zero, |sum, row| add(&sum, row))
    }

    /// p_u or q_i.
    pub fn transformed(&self, nodes: &Nodes, node: usize) -> Vec<f64> {
        self.transformed_by("", nodes, node)
    }

    /// Member `member` of the `n` perceptrons called `name`.
    pub fn perceptron(
        &self,
        (name, member, n): (&str, usize, usize),
        widths: &[usize],
        last_linear: bool,
        x: &[f64],
    ) -> Vec<f64> {
        let mut x = x.to_vec();
        for (l, &width) in widths.iter().enumerate() {
            let weight = self.get(&format!("{name}.weight{}", l + 1));
            let bias = self.get(&format!("{name}.bias{}", l + 1));
            let output = |o: usize| {
                let at = |i: usize| match l {
                    0 => (i * n + member) * width + o,
                    _ => (member * x.len() + i) * width + o,
                };
                let sum: f64 = (0..x.len()).map(|i| x[i] * weight[at(i)]).sum();
                sum + bias[member * width + o]
            };
            let y: Vec<f64> = (0..width).map(output).collect();
            x = match l + 1 == widths.len() && last_linear {
                true => y,
                false => lrelu(&y, self.model().slope),
            };
        }
        x
    }

    /// `x^` of a pair.
    pub fn pair_input(&self, prefix: &str, user: usize, item: usize) -> Vec<f64> {
        let (users, items) = (&self.data.users, &self.data.items);
        match self.model().xhat {
            XHat::Transformed => {
                let p = self.transformed_by(prefix, users, user);
                [p, self.transformed_by(prefix, items, item)].concat()
            }
            XHat::Fields => {
                let fields = self.fields(prefix, users, user);
                [fields, self.fields(prefix, items, item)].concat().concat()
            }
        }
    }

    /// The outputs of the experts on a pair.
    pub fn experts(&self, user: usize, item: usize) -> Vec<Vec<f64>> {
        let (m, x) = (self.model(), self.pair_input("", user, item));
        let expert =
            |n| self.perceptron(("expert", n, N), &m.expert_hidden, m.expert_last_linear, &x);
        (0..N).map(expert).collect()
    }

    /// The gate of a task on a pair.
    pub fn gate(&self, task: usize, user: usize, item: usize) -> [f64; N] {
        let widths = [&self.model().gate_hidden[..], &[N]].concat();
        let scores = self.perceptron(
            ("gate", task, K),
            &widths,
            true,
            &self.pair_input("", user, item),
        );
        softmax(&scores).try_into().unwrap()
    }

    /// The output bias of a task.
    pub fn bias(&self, task: usize) -> f64 {
        if self.model().output_bias {
            self.get("head.bias")[task]
        } else {
            0.0
        }
    }

    /// Z^n from the states of its two channels; zeros where it is not in use.
    fn interaction(&self, n: usize, user: Option<&[f64]>, item: Option<&[f64]>) -> Vec<f64> {
        let m = self.model();
        let (Some(a), Some(b), true) = (user, item, n < m.experts) else {
            let layers = if m.readout == Readout::Concat {
                m.layers + 1
            } else {
                1
            };
            let width = match m.kappa {
                Kappa::Ep | Kappa::Add => layers * m.d,
                Kappa::Con => 2 * layers * m.d,
                Kappa::Mlp => m.d,
            };
            return vec![0.0; width];
        };
        match m.kappa {
            Kappa::Ep => multiplied(a, b),
            Kappa::Add => add(a, b),
            Kappa::Con => [a, b].concat(),
            Kappa::Mlp => {
                let name = if m.kappa_shared {
                    "kappa".into()
                } else {
                    format!("kappa{}", n + 1)
                };
                self.perceptron((&name, 0, 1), &[m.d, m.d], true, &[a, b].concat())
            }
        }
    }

    /// What the model says of some pairs.
    pub fn score(&self, users: &[u32], items: &[u32]) -> Vec<Scored> {
        let m = self.model();
        let channel = |c: usize| [Channel::UserItem, Channel::UserUser, Channel::ItemItem][c];
        let states = |c: usize| m.channels[c].then(|| self.states(channel(c)).0);
        let [g, gu, gi] = std::array::from_fn(|c| if m.experts > 0 { states(c) } else { None });
        let pairs = users.iter().zip(items).map(|(&user, &item)| {
            let (u, i) = (user as usize, item as usize);
            let of =
                |states: &'_ Option<Vec<Vec<f64>>>, n: usize| states.as_ref().map(|s| s[n].clone());
            let user_states = [of(&g, u), of(&gu, u)];
            let item_states = [of(&g, self.channels.users + i), of(&gi, i)];
            let z = |n: usize| {
                self.interaction(
                    n,
                    user_states[n / 2].as_deref(),
                    item_states[n % 2].as_deref(),
                )
            };
            let z: Vec<Vec<f64>> = (0..N).map(z).collect();
            let experts = self.experts(u, i);
            let mut scored = Scored::default();
            for k in 0..K {
                scored.gates[k] = self.gate(k, u, i);
                scored.logits[k] = self.bias(k) + self.head(k, &experts, &z, &mut scored);
            }
            scored
        });
        pairs.collect()
    }

    /// The logit of a task without its bias; fills the parts of the scores where they exist.
    fn head(&self, k: usize, experts: &[Vec<f64>], z: &[Vec<f64>], scored: &mut Scored) -> f64 {
        let m = self.model();
        let (e, width) = (experts[0].len(), experts[0].len() + z[0].len());
        if !m.tower_hidden.is_empty() {
            let mut mixed = vec![0.0; width];
            for n in 0..N {
                let joined = [&experts[n][..], &z[n]].concat();
                mixed = add(&mixed, &scaled(&joined, scored.gates[k][n]));
            }
            let widths = [&m.tower_hidden[..], &[1]].concat();
            return self.perceptron(("tower", k, K), &widths, true, &mixed)[0];
        }
        let row = if m.shared_output { 0 } else { k };
        let v = &self.get("head.weight")[row * width..][..width];
        let mut logit = 0.0;
        for n in 0..N {
            scored.expert[k][n] = dot(&v[..e], &experts[n]);
            scored.graph[k][n] = dot(&v[e..], &z[n]);
            logit += scored.gates[k][n] * (scored.expert[k][n] + scored.graph[k][n]);
        }
        logit
    }

    /// The loss of labelled pairs; labels `[B, K]`.
    pub fn loss(&self, users: &[u32], items: &[u32], labels: &[f32]) -> Parts {
        if self.model().system != System::Moge {
            return self.loss_of_system(users, items, labels);
        }
        let (c, pairs) = (self.config, users.len() as f64);
        let scored = self.score(users, items);
        let (mut cross_entropy, mut collaboration) = ([0.0; K], 0.0);
        for (b, pair) in scored.iter().enumerate() {
            for (k, sum) in cross_entropy.iter_mut().enumerate() {
                let y = f64::from(labels[b * K + k]);
                *sum += bce(pair.logits[k], y) / pairs;
                collaboration -= products(&pair.gates[k]) / pairs;
            }
        }
        let s = self.get("log_variance");
        let main = (0..K).map(|k| {
            let s = s[k].max(0.05f64.ln());
            match c.uncertainty {
                Uncertainty::Off => cross_entropy[k],
                Uncertainty::M2grl => (-s).exp() * cross_entropy[k] + s,
                Uncertainty::Kendall => (-s).exp() * cross_entropy[k] + s / 2.0,
            }
        });
        let beta = if c.collaboration { c.beta } else { 0.0 };
        let main = main.sum::<f64>() + beta * collaboration;
        let regulariser = self.squares(&[""], users, items);
        Parts {
            cross_entropy,
            collaboration,
            regulariser,
            total: self.total(main, regulariser, pairs),
        }
    }

    /// What is minimised: the main part, the regulariser, and the reduction.
    pub fn total(&self, main: f64, regulariser: f64, pairs: f64) -> f64 {
        let lambda = match self.config.lambda_scale {
            LambdaScale::Batch => self.config.lambda / pairs,
            LambdaScale::Full => self.config.lambda,
        };
        let mean = main + lambda * regulariser;
        match self.config.reduction {
            Reduction::Sum => mean * pairs,
            Reduction::Mean => mean,
        }
    }

    /// The squares of Theta (decision C3), with the embedding tables of these prefixes.
    pub fn squares(&self, prefixes: &[&str], users: &[u32], items: &[u32]) -> f64 {
        let all = self.config.l2_scope == L2Scope::All;
        let counts = |kind: &Kind| *kind == Kind::Weight || (all && *kind == Kind::Table);
        let network = self.weights.values().filter(|(kind, _)| counts(kind));
        let mut sum: f64 = network.map(|(_, values)| dot(values, values)).sum();
        if !all {
            for (prefix, (&u, &i)) in prefixes
                .iter()
                .flat_map(|prefix| users.iter().zip(items).map(move |pair| (prefix, pair)))
            {
                let user = self.fields(prefix, &self.data.users, u as usize);
                let item = self.fields(prefix, &self.data.items, i as usize);
                let rows = [user, item].concat();
                sum += rows.into_iter().map(|row| dot(row, row)).sum::<f64>();
            }
        }
        sum
    }
}

/// `sum over n < m of g_n g_m`.
pub fn products(gate: &[f64]) -> f64 {
    let later = |n: usize| gate[n + 1..].iter().sum::<f64>();
    (0..gate.len()).map(|n| gate[n] * later(n)).sum()
}
