//! Messages that are not already plain structs of another room.

use js_sys::{Float32Array, Float64Array, Object, Reflect, Uint8Array, Uint32Array};
use serde::Serialize;
use wasm_bindgen::{JsError, JsValue};

use super::plain;
use crate::data::{Dataset, Statistics};
use crate::graph::{Channel, Channels, Layout};
use crate::model::moge::K;
use crate::train::Evaluation;
use crate::train::config::Config;
use crate::train::run::{Ended, Run};

/// A JavaScript object with the given fields.
pub fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &JsValue::from_str(name), value)
            .expect("a plain object takes any field");
    }
    object.into()
}

/// What a run is made of.
#[derive(Serialize)]
pub struct RunInfo {
    system: &'static str,
    engine: &'static str,
    reason: String,
    parameters: usize,
    embedding_parameters: usize,
    step: u64,
    /// What each task's gate weighs; empty without gates.
    experts: Vec<String>,
    config: Config,
    /// Every evaluation so far, oldest first.
    evaluations: Vec<Evaluation>,
    /// Set when the run has ended.
    ended: Option<Ended>,
}

impl RunInfo {
    /// The information of a run.
    pub fn new(run: &Run) -> Self {
        let (parameters, embedding_parameters) = run.parameter_count();
        Self {
            system: run.config().model.system.name(),
            engine: run.engine().kind.name(),
            reason: run.engine().reason.clone(),
            parameters,
            embedding_parameters,
            step: run.step_count(),
            experts: run.model().experts(),
            config: run.config().clone(),
            evaluations: run.progress().evaluations.clone(),
            ended: run.progress().ended.clone(),
        }
    }
}

/// What the dataset card shows: the paper's Table 1 and Figure 1, the edges of the channels, and how
/// many users GAUC is made of.
#[derive(Serialize)]
pub struct DatasetCard {
    name: String,
    synthetic: bool,
    provenance: String,
    users: u64,
    items: u64,
    merchants: u64,
    categories: u64,
    brands: u64,
    edges: Edges,
    instances: Parts,
    /// Share of positive labels in the training window, per task.
    positives: [f64; K],
    /// Valid groups of the test window, per task.
    valid_groups: [u64; K],
    long_tail: LongTail,
}

/// Edges of G, and directed edges of Gu and Gi.
#[derive(Serialize)]
struct Edges {
    user_item: u64,
    user_user: usize,
    item_item: usize,
}

#[derive(Serialize)]
struct Parts {
    train: u64,
    valid: u64,
    test: u64,
}

#[derive(Serialize)]
struct LongTail {
    users: Histogram,
    items: Histogram,
}

/// `count[i]` nodes have `degree[i]` edges of G.
#[derive(Serialize)]
struct Histogram {
    degree: Vec<u32>,
    count: Vec<u32>,
}

impl DatasetCard {
    /// The card of a dataset.
    pub fn new(data: &Dataset, channels: &Channels) -> Self {
        let statistics = Statistics::of(data);
        let histogram = |of: &str| {
            let found = statistics.degrees.iter().find(|degrees| degrees.of == of);
            let (degree, count) = found
                .iter()
                .flat_map(|d| d.degrees.histogram.iter().copied())
                .unzip();
            Histogram { degree, count }
        };
        let long_tail = LongTail {
            users: histogram("user"),
            items: histogram("item"),
        };
        let [train, valid, test] = &statistics.windows_statistics;
        Self {
            edges: Edges {
                user_item: statistics.edges,
                user_user: channels.user_user.targets.len(),
                item_item: channels.item_item.targets.len(),
            },
            instances: Parts {
                train: train.instances,
                valid: valid.instances,
                test: test.instances,
            },
            positives: [0, 1]
                .map(|k| train.tasks[k].positives as f64 / train.instances.max(1) as f64),
            valid_groups: [0, 1].map(|k| test.tasks[k].valid_groups),
            long_tail,
            name: statistics.name,
            synthetic: statistics.synthetic,
            provenance: statistics.provenance,
            users: statistics.users,
            items: statistics.items,
            merchants: statistics.merchants,
            categories: statistics.categories,
            brands: statistics.brands,
        }
    }
}

/// An evaluation, with the run's end where it has ended.
pub fn evaluation(evaluation: &Evaluation, ended: Option<&Ended>) -> Result<JsValue, JsError> {
    let message = plain(evaluation)?;
    if let Some(ended) = ended {
        Reflect::set(&message, &"ended".into(), &plain(ended)?)
            .expect("a plain object takes any field");
    }
    Ok(message)
}

/// One channel, ready to draw: `positions [nodes, 2]`, `edges [edges, 2]` undirected, and the nodes'
/// kinds, degrees and raw ids.
pub fn channel_map(
    data: &Dataset,
    channels: &Channels,
    layout: &Layout,
    channel: Channel,
) -> JsValue {
    let graph = channels.get(channel);
    let (mut edges, mut weights) = (Vec::new(), Vec::new());
    for node in 0..graph.len() as u32 {
        for edge in graph.row(node) {
            // The cap can leave an edge in one direction only, so both are looked at once.
            let other = graph.targets[edge];
            if node < other || !graph.targets[graph.row(other)].contains(&node) {
                edges.extend([node, other]);
                weights.push(graph.weights[edge]);
            }
        }
    }
    let nodes = 0..graph.len() as u32;
    let is_item = |node: u32| match channel {
        Channel::UserItem => node >= channels.users as u32,
        Channel::UserUser => false,
        Channel::ItemItem => true,
    };
    let raw = |node: u32| match (channel, is_item(node)) {
        (Channel::UserItem, true) => data.items.raw[node as usize - channels.users] as f64,
        (_, true) => data.items.raw[node as usize] as f64,
        (_, false) => data.users.raw[node as usize] as f64,
    };
    let kind: Vec<u8> = nodes.clone().map(|n| u8::from(is_item(n))).collect();
    let degree: Vec<u32> = nodes.clone().map(|n| graph.degree(n) as u32).collect();
    let raw: Vec<f64> = nodes.map(raw).collect();
    object(&[
        ("channel", channel.name().into()),
        (
            "positions",
            Float32Array::from(layout.positions(channel)).into(),
        ),
        ("kind", Uint8Array::from(&kind[..]).into()),
        ("degree", Uint32Array::from(&degree[..]).into()),
        ("raw", Float64Array::from(&raw[..]).into()),
        ("edges", Uint32Array::from(&edges[..]).into()),
        ("weights", Float32Array::from(&weights[..]).into()),
    ])
}
