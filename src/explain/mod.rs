//! One sample, explained: its gates, the exact contribution of every expert to each logit, and the
//! neighbours it was scored with.
//!
//! `logit_k = b_k + sum_n g^k_n (expert^k_n + graph^k_n)` holds exactly (model.md 5.4). A gate is not
//! a contribution, and attention is not importance.

mod removal;
mod trace;

pub use removal::Removal;
pub use trace::{Trace, trace};

use serde::Serialize;

use crate::data::{Dataset, Day, Nodes, TASKS, Task};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{CHANNELS, Channel, Channels};
use crate::model::moge::K;
use crate::train::Run;
use crate::train::evaluation::{read, read_some};

/// Everything known about one test instance.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// Its place in the test window.
    pub instance: usize,
    /// Its user.
    pub user: NodeCard,
    /// Its item.
    pub item: NodeCard,
    /// The day it belongs to, for people.
    pub day: String,
    /// Favourite and purchase.
    pub tasks: [TaskExplanation; K],
    /// The sampled neighbours of user and item in the channels, with the last layer's attention.
    pub neighbors: Vec<Neighbor>,
}

/// A user or an item.
#[derive(Clone, Debug, Serialize)]
pub struct NodeCard {
    /// Dense index.
    pub node: u32,
    /// Id in the log.
    pub raw: u64,
    /// Its feature fields.
    pub fields: Vec<FieldValue>,
    /// Its degree in G.
    pub degree: usize,
}

/// The value of one field; `unknown` for index 0.
#[derive(Clone, Debug, Serialize)]
pub struct FieldValue {
    /// Column name in the log.
    pub name: String,
    /// For people.
    pub value: String,
}

/// One task's logit and its exact parts.
#[derive(Clone, Debug, Serialize)]
pub struct TaskExplanation {
    /// `favourite` or `purchase`.
    pub task: &'static str,
    /// 0 or 1.
    pub label: u8,
    /// The score.
    pub logit: f64,
    /// `sigm(logit)`.
    pub probability: f64,
    /// `b_k`.
    pub bias: f64,
    /// `g^k_n`; empty, like the next three, where the system has no gates.
    pub gate: Vec<f64>,
    /// `<v_k, f^n>`: the expert's part of its score; empty behind towers.
    pub expert: Vec<f64>,
    /// `<v_k, Z^n>`: the graph's part of its score; empty behind towers.
    pub graph: Vec<f64>,
    /// `g^k_n (expert_n + graph_n)`; they and the bias add up to the logit. Empty behind towers.
    pub contribution: Vec<f64>,
}

/// A neighbour of the sample's user or item.
#[derive(Clone, Debug, Serialize)]
pub struct Neighbor {
    /// Name of the channel.
    pub channel: &'static str,
    /// `user` or `item`: whose neighbour it is.
    pub of: &'static str,
    /// `user` or `item`: what it is.
    pub kind: &'static str,
    /// Dense index among its kind.
    pub node: u32,
    /// Id in the log.
    pub raw: u64,
    /// Attention in the last layer.
    pub attention: f64,
    /// Similarity in Gu and Gi, 1 in G.
    pub weight: f32,
}

/// Explains the test instance at a place of the test window, with evaluation's neighbourhoods less
/// the edges that are `removed`; the neighbours are those that are left.
///
/// # Errors
///
/// When there is no such instance, a removal is not complete, or the device was lost.
pub async fn explain(run: &mut Run, instance: usize, removed: &[Removal]) -> Result<Explanation> {
    let (data, channels) = run.loaded();
    let test = &data.test;
    let (user, item) = pair(&data, instance)?;
    let mut batch = run.pair(user, item);
    for removal in removed {
        removal.apply(&mut batch, channels.users)?;
    }
    let (model, p) = (run.model(), run.parameters().detached());
    let encoded = model.encode(&p, &batch);
    let output = model.score(&p, &batch, &encoded, 0..1);
    let experts = model.experts().len();
    let (expert, graph) = output.scores.map(|s| (s.expert, s.graph)).unzip();
    let [gates, expert, graph] = [output.gates, expert, graph].map(|x| x.map(|x| x.flatten(0, 2)));
    let logits = Some(output.logits.flatten(0, 1));
    let bias = Some(model.bias(&p).flatten(0, 1));
    let [logits, bias, gates, expert, graph] =
        read_some([logits, bias, gates, expert, graph]).await?;
    let tasks = TASKS.map(|task| {
        let k = task as usize;
        let slot = k * experts..(k + 1) * experts;
        let of = |values: &[f32]| {
            let own = values.get(slot.clone()).unwrap_or(&[]);
            own.iter().map(|&x| f64::from(x)).collect::<Vec<_>>()
        };
        let (gate, expert, graph) = (of(&gates), of(&expert), of(&graph));
        let contribution = gate
            .iter()
            .zip(expert.iter().zip(&graph))
            .map(|(g, (e, z))| g * (e + z));
        let logit = f64::from(logits[k]);
        TaskExplanation {
            task: Task::name(task),
            label: test.label(instance, task),
            logit,
            probability: 1.0 / (1.0 + (-logit).exp()),
            bias: f64::from(bias[k]),
            contribution: contribution.collect(),
            gate,
            expert,
            graph,
        }
    });

    let mut neighbors = Vec::new();
    let attention = model.attention(&p, &batch);
    for ((found, attention), channel) in batch.blocks.iter().zip(attention).zip(CHANNELS) {
        let Some(found) = found else { continue };
        let block = &found.block;
        for (t, alpha) in attention.into_iter().enumerate() {
            let [alpha] = read([alpha]).await?;
            let of = match channel {
                Channel::UserItem => ["user", "item"][t],
                Channel::UserUser => "user",
                Channel::ItemItem => "item",
            };
            for (edge, attention) in block.row(t).zip(alpha) {
                let node = block.nodes[block.neighbors[edge] as usize];
                let (kind, node) = kind_and_index(&channels, channel, node);
                let table = if kind == "user" {
                    &data.users
                } else {
                    &data.items
                };
                neighbors.push(Neighbor {
                    channel: channel.name(),
                    of,
                    kind,
                    node,
                    raw: table.raw[node as usize],
                    attention: f64::from(attention),
                    weight: block.weights[edge],
                });
            }
        }
    }
    let day = data.windows.origin().number() + u16::from(test.day[instance]);
    let degree = |node: u32| channels.user_item.degree(node);
    Ok(Explanation {
        instance,
        user: card(&data.users, user, degree(user)),
        item: card(&data.items, item, degree(item + channels.users as u32)),
        day: Day::from_number(day)
            .map(|day| day.to_string())
            .unwrap_or_default(),
        tasks,
        neighbors,
    })
}

/// The user and the item of a test instance.
fn pair(data: &Dataset, instance: usize) -> Result<(u32, u32)> {
    let test = &data.test;
    if instance >= test.len() {
        let what = format!("there is no test instance {instance}, only {}", test.len());
        return Err(Error::new(
            ErrorKind::Data,
            what,
            "Choose a smaller number.",
        ));
    }
    Ok((test.user[instance], test.item[instance]))
}

/// What a node of a channel is, and its index among its kind.
fn kind_and_index(channels: &Channels, channel: Channel, node: u32) -> (&'static str, u32) {
    let users = channels.users as u32;
    match channel {
        Channel::UserItem if node >= users => ("item", node - users),
        Channel::UserItem | Channel::UserUser => ("user", node),
        Channel::ItemItem => ("item", node),
    }
}

fn card(nodes: &Nodes, node: u32, degree: usize) -> NodeCard {
    let values = nodes
        .fields
        .iter()
        .zip(nodes.features(node))
        .map(|(field, &value)| FieldValue {
            name: field.name.clone(),
            value: if value == 0 {
                "unknown".into()
            } else {
                value.to_string()
            },
        });
    NodeCard {
        node,
        raw: nodes.raw[node as usize],
        fields: values.collect(),
        degree,
    }
}
