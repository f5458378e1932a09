//! The reference's graph network: model.md 5.2 on whole graphs.

use moge::graph::Channel;
use moge::model::config::{Attention, Cell, Message, Readout, ZNorm};

use crate::host::{add, dot, lrelu, multiplied, scaled, sigmoid, softmax, times};
use crate::reference::Reference;

impl Reference<'_> {
    /// The scaled last-layer states of every node of a channel, and the last layer's attention.
    pub fn states(&self, channel: Channel) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let m = self.model();
        let nodes = self.channels.get(channel).len();
        let start = |n: usize| match channel {
            Channel::UserItem if n < self.channels.users => self.transformed(&self.data.users, n),
            Channel::UserItem => self.transformed(&self.data.items, n - self.channels.users),
            Channel::UserUser => self.transformed(&self.data.users, n),
            Channel::ItemItem => self.transformed(&self.data.items, n),
        };
        let mut h: Vec<Vec<f64>> = (0..nodes).map(start).collect();
        let mut memory = match m.cell {
            Cell::LstmH0 => h.clone(),
            _ => vec![vec![0.0; m.d]; nodes],
        };
        let mut side_by_side = h.clone();
        let mut attention = Vec::new();
        for l in 1..=m.layers {
            let owner = if m.share_channels {
                "shared"
            } else {
                channel.name()
            };
            let layer = if m.share_layers {
                String::new()
            } else {
                format!(".layer{l}")
            };
            let prefix = format!("mgnn.{owner}{layer}");
            attention = (0..nodes)
                .map(|t| self.attention(&prefix, channel, &h, t))
                .collect();
            let updated = (0..nodes).map(|t| {
                let row = self.row(channel, t);
                let mut sum = vec![0.0; m.d];
                for ((s, _), alpha) in row.into_iter().zip(&attention[t]) {
                    sum = add(&sum, &scaled(&h[s], *alpha));
                }
                let message = match m.message {
                    Message::Plain => sum,
                    Message::Transform => lrelu(
                        &times(&sum, self.get(&format!("{prefix}.w_message"))),
                        m.slope,
                    ),
                };
                self.cell(&prefix, &h[t], &message, &memory[t])
            });
            (h, memory) = updated.collect::<Vec<_>>().into_iter().unzip();
            for (out, h) in side_by_side.iter_mut().zip(&h) {
                out.extend(scaled(h, 1.0 / dot(h, h).sqrt().max(1e-6)));
            }
        }
        let states = match m.readout {
            Readout::Last => h,
            Readout::Concat => side_by_side,
        };
        let normed = states.into_iter().map(|h| match m.z_norm {
            ZNorm::None => h,
            ZNorm::L2 => scaled(&h, 1.0 / dot(&h, &h).sqrt().max(1e-6)),
            ZNorm::Rms => scaled(&h, 1.0 / (dot(&h, &h) / h.len() as f64 + 1e-6).sqrt()),
        });
        (normed.collect(), attention)
    }

    /// The neighbours of a node with their similarities.
    fn row(&self, channel: Channel, t: usize) -> Vec<(usize, f64)> {
        let graph = self.channels.get(channel);
        let own = self.model().self_loop.then_some((t, 1.0));
        let edge = |e: usize| (graph.targets[e] as usize, f64::from(graph.weights[e]));
        own.into_iter()
            .chain(graph.row(t as u32).map(edge))
            .collect()
    }

    fn attention(&self, prefix: &str, channel: Channel, h: &[Vec<f64>], t: usize) -> Vec<f64> {
        let m = self.model();
        let row = self.row(channel, t);
        let project =
            |part: &str, node: usize| times(&h[node], self.get(&format!("{prefix}.{part}")));
        let vector = |part: &str| self.get(&format!("{prefix}.{part}"));
        let score = |s: usize| match m.attention {
            Attention::Dot => {
                dot(&project("w_query", t), &project("w_key", s)) / (m.d as f64).sqrt()
            }
            Attention::Genie => {
                let hidden = add(&project("w_target", t), &project("w_source", s));
                let hidden: Vec<f64> = hidden.iter().map(|x| x.tanh()).collect();
                dot(vector("score"), &hidden)
            }
            Attention::Gat => {
                let target = dot(vector("score_target"), &project("w_project", t));
                let source = dot(vector("score_source"), &project("w_project", s));
                lrelu(&[target + source], m.slope)[0]
            }
            Attention::Mean | Attention::Symnorm => 0.0,
        };
        let degree = |node: usize| self.row(channel, node).len() as f64;
        match m.attention {
            Attention::Mean => vec![1.0 / row.len() as f64; row.len()],
            Attention::Symnorm => row
                .iter()
                .map(|&(s, _)| 1.0 / (degree(t) * degree(s)).sqrt())
                .collect(),
            _ => {
                let bias = |weight: f64| if m.sim_bias { weight.ln() } else { 0.0 };
                softmax(
                    &row.iter()
                        .map(|&(s, w)| score(s) + bias(w))
                        .collect::<Vec<_>>(),
                )
            }
        }
    }

    /// New state and memory.
    fn cell(
        &self,
        prefix: &str,
        h: &[f64],
        message: &[f64],
        memory: &[f64],
    ) -> (Vec<f64>, Vec<f64>) {
        let m = self.model();
        let d = m.d;
        let get = |part: &str| self.get(&format!("{prefix}.{part}"));
        match m.cell {
            Cell::Sum => (add(h, message), memory.to_vec()),
            Cell::Ngcf => {
                let sum = add(&times(&add(h, message), get("w_sum")), get("bias_sum"));
                let product = times(&multiplied(h, message), get("w_product"));
                let product = add(&product, get("bias_product"));
                (lrelu(&add(&sum, &product), m.slope), memory.to_vec())
            }
            Cell::Lstm | Cell::LstmH0 => {
                let input = times(message, get("w_input"));
                let gates = add(&add(&input, &times(h, get("w_hidden"))), get("bias"));
                let (mut state, mut next) = (vec![0.0; d], vec![0.0; d]);
                for j in 0..d {
                    let [i, f, o] = [0, 1, 2].map(|k| sigmoid(gates[k * d + j]));
                    next[j] = f * memory[j] + i * gates[3 * d + j].tanh();
                    state[j] = o * next[j].tanh();
                }
                (state, next)
            }
            Cell::Gru => {
                let input = add(&times(message, get("w_input")), get("bias"));
                let hidden = times(h, get("w_hidden"));
                let state = |j: usize| {
                    let reset = sigmoid(input[j] + hidden[j]);
                    let keep = sigmoid(input[d + j] + hidden[d + j]);
                    let candidate = (input[2 * d + j] + reset * hidden[2 * d + j]).tanh();
                    (1.0 - keep) * candidate + keep * h[j]
                };
                ((0..d).map(state).collect(), memory.to_vec())
            }
        }
    }
}
