//! The systems of model.md 7 in double precision, as plain loops from the formulas.

use moge::graph::Channel;
use moge::model::System;
use moge::model::config::{GraphInput, Readout, Stitch};

use super::task_prefixes;
use crate::host::{add, dot, lrelu, scaled, sigmoid, softmax, times};
use crate::reference::{K, Parts, Reference, products};

/// What a system says of one pair.
pub struct Said {
    pub logits: [f64; K],
    pub probabilities: [f64; K],
    /// Gates by task; empty without them.
    pub gates: Vec<Vec<f64>>,
}

impl Said {
    fn of_logits(logits: [f64; K]) -> Self {
        Self {
            logits,
            probabilities: logits.map(sigmoid),
            gates: Vec::new(),
        }
    }
}

impl Reference<'_> {
    /// What the system says of some pairs.
    pub fn said(&self, users: &[u32], items: &[u32]) -> Vec<Said> {
        let pairs = || {
            users
                .iter()
                .zip(items)
                .map(|(&u, &i)| (u as usize, i as usize))
        };
        match self.model().system.base() {
            System::Mlp => pairs().map(|(u, i)| self.mlp(u, i)).collect(),
            System::Ngcf => {
                let scores: [Vec<f64>; K] = std::array::from_fn(|k| {
                    let prefix = &task_prefixes()[k];
                    let (out, bias) = (self.ngcf(k), self.task_bias(prefix, 0));
                    let item = |i: usize| &out[self.channels.users + i];
                    pairs().map(|(u, i)| dot(&out[u], item(i)) + bias).collect()
                });
                let each = (0..users.len()).map(|b| [scores[0][b], scores[1][b]]);
                each.map(Said::of_logits).collect()
            }
            system => {
                let states = self.graph_states();
                let said = pairs().map(|(u, i)| {
                    let x = self.system_input(&states, u, i);
                    match system {
                        System::SharedBottom => self.shared_bottom(&x),
                        System::CrossStitch => self.cross_stitch(&x),
                        System::Esmm => self.esmm(&x),
                        System::Mmoe => self.mixture(&x, 4, &[vec![0, 1, 2, 3], vec![0, 1, 2, 3]]),
                        System::SnrTrans => self.snr(&x),
                        System::Cgc => self.cgc(&x),
                        _ => panic!("{system} is elsewhere"),
                    }
                });
                said.collect()
            }
        }
    }

    /// The loss (i) of labelled pairs, with SNR's penalty.
    pub fn loss_of_system(&self, users: &[u32], items: &[u32], labels: &[f32]) -> Parts {
        let pairs = users.len() as f64;
        let (mut cross_entropy, mut collaboration) = ([0.0; K], 0.0);
        for (said, labels) in self.said(users, items).iter().zip(labels.chunks(K)) {
            for k in 0..K {
                let (p, y) = (said.probabilities[k], f64::from(labels[k]));
                cross_entropy[k] -= (y * p.ln() + (1.0 - y) * (1.0 - p).ln()) / pairs;
            }
            collaboration -= said.gates.iter().map(|gate| products(gate)).sum::<f64>() / pairs;
        }
        let system = self.model().system;
        let penalty = match system.base() {
            System::SnrTrans => self.model().snr_lambda * self.open_connections(),
            _ => 0.0,
        };
        let prefixes = task_prefixes();
        let regulariser = match system.single_task() {
            true => self.squares(&prefixes.each_ref().map(String::as_str), users, items),
            false => self.squares(&[""], users, items),
        };
        let main = cross_entropy.iter().sum::<f64>() + penalty;
        Parts {
            cross_entropy,
            collaboration,
            regulariser,
            total: self.total(main, regulariser, pairs),
        }
    }

    /// States of all nodes in the channels that are on; none where the system reads no graph.
    fn graph_states(&self) -> [Option<Vec<Vec<f64>>>; 3] {
        let m = self.model();
        [Channel::UserItem, Channel::UserUser, Channel::ItemItem].map(|channel| {
            let on = m.system.graph() && m.channels[channel as usize];
            on.then(|| self.states(channel).0)
        })
    }

    /// What a multi-task system reads of a pair.
    fn system_input(&self, states: &[Option<Vec<Vec<f64>>>; 3], u: usize, i: usize) -> Vec<f64> {
        let m = self.model();
        let own = self.pair_input("", u, i);
        if !m.system.graph() {
            return own;
        }
        let width = match m.readout {
            Readout::Last => m.d,
            Readout::Concat => (m.layers + 1) * m.d,
        };
        let [g, gu, gi] = states;
        let of = |states: &Option<Vec<Vec<f64>>>, node: usize| match states {
            Some(states) => states[node].clone(),
            None => vec![0.0; width],
        };
        let graph = [
            of(g, u),
            of(g, self.channels.users + i),
            of(gu, u),
            of(gi, i),
        ];
        match m.graph_input {
            GraphInput::Replace => graph.concat(),
            GraphInput::Append => [own, graph.concat()].concat(),
        }
    }

    /// `<v, x> + b` of a task whose head is `<prefix>head.*`.
    fn linear(&self, prefix: &str, row: usize, x: &[f64]) -> f64 {
        let v = &self.get(&format!("{prefix}head.weight"))[row * x.len()..][..x.len()];
        dot(v, x) + self.task_bias(prefix, row)
    }

    fn task_bias(&self, prefix: &str, row: usize) -> f64 {
        match self.model().output_bias {
            true => self.get(&format!("{prefix}head.bias"))[row],
            false => 0.0,
        }
    }

    fn mlp(&self, u: usize, i: usize) -> Said {
        Said::of_logits(task_prefixes().map(|prefix| {
            let x = self.pair_input(&prefix, u, i);
            let tower = format!("{prefix}tower");
            let hidden = self.perceptron((&tower, 0, 1), &self.model().tower_mlp, false, &x);
            self.linear(&prefix, 0, &hidden)
        }))
    }

    fn shared_bottom(&self, x: &[f64]) -> Said {
        let m = self.model();
        let (n, widths) = match m.bottom.is_empty() {
            true => (4, &m.expert_hidden),
            false => (1, &m.bottom),
        };
        let part = |j| self.perceptron(("bottom", j, n), widths, m.expert_last_linear, x);
        let joined: Vec<f64> = (0..n).flat_map(part).collect();
        Said::of_logits([0, 1].map(|k| self.linear("", k, &joined)))
    }

    fn cross_stitch(&self, x: &[f64]) -> Said {
        let m = self.model();
        let mut columns = [x.to_vec(), x.to_vec()];
        for (l, &width) in m.expert_hidden.iter().enumerate() {
            let (name, last) = (format!("column{}", l + 1), l + 1 == m.expert_hidden.len());
            let linear = last && m.expert_last_linear;
            let hidden =
                [0, 1].map(|k| self.perceptron((&name, k, K), &[width], linear, &columns[k]));
            let unit = self.get(&format!("stitch{}", l + 1));
            for (k, column) in columns.iter_mut().enumerate() {
                let entry = |c: usize| -> f64 {
                    match m.stitch {
                        Stitch::Scalar => (0..K).map(|j| unit[k * K + j] * hidden[j][c]).sum(),
                        Stitch::PerChannel => (0..K)
                            .map(|j| unit[(k * K + j) * width + c] * hidden[j][c])
                            .sum(),
                        // Rows are what gives: channel `from` of task j; columns what receives.
                        Stitch::Full => (0..K * width)
                            .map(|from| {
                                let given = hidden[from / width][from % width];
                                given * unit[from * K * width + k * width + c]
                            })
                            .sum(),
                    }
                };
                *column = (0..width).map(entry).collect();
            }
        }
        Said::of_logits([0, 1].map(|k| self.linear("", k, &columns[k])))
    }

    /// The towers' logits a and b.
    pub fn esmm_towers(&self, x: &[f64]) -> [f64; K] {
        [0, 1].map(|k| {
            let hidden = self.perceptron(("tower", k, K), &self.model().tower_mlp, false, x);
            self.linear("", k, &hidden)
        })
    }

    fn esmm(&self, x: &[f64]) -> Said {
        let [favourite, given] = self.esmm_towers(x).map(sigmoid);
        let probabilities = [favourite, favourite * given];
        Said {
            logits: probabilities.map(|p| p.ln() - (1.0 - p).ln()),
            probabilities,
            gates: Vec::new(),
        }
    }

    fn mixture(&self, x: &[f64], experts: usize, of_task: &[Vec<usize>; K]) -> Said {
        let m = self.model();
        let outputs: Vec<Vec<f64>> = (0..experts)
            .map(|n| {
                let expert = ("expert", n, experts);
                self.perceptron(expert, &m.expert_hidden, m.expert_last_linear, x)
            })
            .collect();
        let gates = [0, 1].map(|k| {
            let widths = [&m.gate_hidden[..], &[of_task[k].len()]].concat();
            softmax(&self.perceptron(("gate", k, K), &widths, true, x))
        });
        let logits = [0, 1].map(|k| {
            let mut mixed = vec![0.0; outputs[0].len()];
            for (g, &n) in gates[k].iter().zip(&of_task[k]) {
                mixed = add(&mixed, &scaled(&outputs[n], *g));
            }
            if !m.tower_hidden.is_empty() {
                let widths = [&m.tower_hidden[..], &[1]].concat();
                let tower = self.perceptron(("tower", k, K), &widths, true, &mixed);
                return tower[0] + self.task_bias("", k);
            }
            let row = if m.shared_output { 0 } else { k };
            let v = &self.get("head.weight")[row * mixed.len()..][..mixed.len()];
            dot(v, &mixed) + self.task_bias("", k)
        });
        Said {
            gates: gates.to_vec(),
            ..Said::of_logits(logits)
        }
    }

    fn cgc(&self, x: &[f64]) -> Said {
        let (own, shared) = (self.model().n_specific, self.model().n_shared);
        let of_task = [0, 1].map(|k| {
            let own = (0..own).map(|n| k * own + n);
            own.chain((0..shared).map(|n| K * self.model().n_specific + n))
                .collect()
        });
        self.mixture(x, K * own + shared, &of_task)
    }

    fn snr(&self, x: &[f64]) -> Said {
        let m = self.model();
        let width = *m.expert_hidden.last().unwrap();
        let level =
            |name: &str, j: usize, x: &[f64]| self.perceptron((name, j, 4), &[width], false, x);
        let first: Vec<Vec<f64>> = (0..4).map(|j| level("level1", j, x)).collect();
        let routed = self.routed(1, 4, &first);
        let second: Vec<Vec<f64>> = (0..4).map(|i| level("level2", i, &routed[i])).collect();
        let routed = self.routed(2, K, &second);
        Said::of_logits([0, 1].map(|k| self.linear("", k, &routed[k])))
    }

    /// `sum_j z_ij (u_j T_ij)` for every i.
    fn routed(&self, routing: u64, to: usize, u: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let width = u[0].len();
        let transform = self.get(&format!("routing{routing}.transform"));
        let z = self.connections(routing, to);
        let output = |i: usize| {
            let mut sum = vec![0.0; width];
            for (j, u) in u.iter().enumerate() {
                let entry = |at: usize| {
                    let (a, b) = (at / width, at % width);
                    transform[(j * width + a) * to * width + i * width + b]
                };
                let t: Vec<f64> = (0..width * width).map(entry).collect();
                sum = add(&sum, &scaled(&times(u, &t), z[i * 4 + j]));
            }
            sum
        };
        (0..to).map(output).collect()
    }

    /// The hard-concrete gates of a routing layer, `[to, 4]`.
    pub fn connections(&self, routing: u64, to: usize) -> Vec<f64> {
        let log_alpha = self.log_alpha(routing);
        let s: Vec<f64> = match &self.training {
            None => log_alpha.into_iter().map(sigmoid).collect(),
            Some(training) => {
                let draws = training.connections(routing, to * 4);
                let s = log_alpha.iter().zip(draws);
                s.map(|(la, e)| sigmoid((e.ln() - (1.0 - e).ln() + la) / 0.9))
                    .collect()
            }
        };
        s.into_iter()
            .map(|s| (s * (1.1 + 0.1) - 0.1).clamp(0.0, 1.0))
            .collect()
    }

    fn log_alpha(&self, routing: u64) -> Vec<f64> {
        let values = self.get(&format!("routing{routing}.log_alpha"));
        let bounded = values.iter().map(|la| la.clamp(0.01f64.ln(), 100f64.ln()));
        bounded.collect()
    }

    /// The expected number of open connections.
    fn open_connections(&self) -> f64 {
        let all = [1, 2].map(|routing| self.log_alpha(routing)).concat();
        let open = all.iter().map(|la| sigmoid(la - 0.9 * (0.1f64 / 1.1).ln()));
        open.sum()
    }

    /// NGCF of a task on the whole of G, or on a training step's sample of it: the read-out of every
    /// node.
    pub fn ngcf(&self, k: usize) -> Vec<Vec<f64>> {
        let (m, users, prefix) = (self.model(), self.channels.users, &task_prefixes()[k]);
        let whole = &self.channels.user_item;
        let sample = self
            .training
            .as_ref()
            .map(|t| (t, t.sample.as_ref().unwrap()));
        let row = |t: usize| -> Vec<usize> {
            let drawn = sample.and_then(|(_, sample)| sample.row(t));
            let all = || {
                whole.targets[whole.row(t as u32)]
                    .iter()
                    .map(|&s| s as usize)
            };
            drawn.unwrap_or_else(|| all().collect())
        };
        let degree = |n: usize| whole.row(n as u32).len() as f64;
        let start = |n: usize| match n < users {
            true => self.transformed_by(prefix, &self.data.users, n),
            false => self.transformed_by(prefix, &self.data.items, n - users),
        };
        let mut e: Vec<Vec<f64>> = (0..whole.len()).map(start).collect();
        let mut out = e.clone();
        for l in 0..m.layers {
            let get = |part: &str| self.get(&format!("{prefix}ngcf.layer{}.{part}", l + 1));
            let masks = sample.filter(|_| m.message_dropout > 0.0);
            let masks = masks.map(|(t, _)| t.dropout(k, l, m.d, m.message_dropout));
            let next = |t: usize| {
                let (mut message, row) = (vec![0.0; m.d], row(t));
                for &s in &row {
                    let p = 1.0 / (degree(t) * degree(s)).sqrt();
                    let scale = degree(t) / row.len() as f64;
                    message = add(&message, &scaled(&e[s], p * scale));
                }
                let product: Vec<f64> = e[t].iter().zip(&message).map(|(e, m)| e * m).collect();
                let sum = add(&times(&add(&e[t], &message), get("w_sum")), get("bias_sum"));
                let product = add(&times(&product, get("w_product")), get("bias_product"));
                let state = lrelu(&add(&sum, &product), m.slope);
                match masks.as_ref().and_then(|masks| masks.get(&t)) {
                    Some(mask) => state.iter().zip(mask).map(|(x, m)| x * m).collect(),
                    None => state,
                }
            };
            e = (0..e.len()).map(next).collect();
            for (out, e) in out.iter_mut().zip(&e) {
                out.extend(scaled(e, 1.0 / dot(e, e).sqrt().max(1e-6)));
            }
        }
        out
    }
}
