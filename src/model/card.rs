//! The systems as a list for people: `moge models` and the page's chips.

use burn::tensor::Device;
use serde::Serialize;

use super::config::ModelConfig;
use super::parameters::Builder;
use super::system::System;
use crate::data::{Dataset, Field, Nodes};
use crate::model::moge::K;

/// A system, described.
#[derive(Clone, Debug, Serialize)]
pub struct ModelCard {
    /// Name in settings.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Name of the system that a *+Graph* variant is made from; its own otherwise.
    pub base: &'static str,
    /// Whether it is a *+Graph* variant.
    pub graph: bool,
    /// Whether it trains one network per task.
    pub single_task: bool,
    /// The channels it reads when all are on: G, Gu, Gi.
    pub channels: [bool; 3],
    /// Scalars of the network at the default settings, without embedding tables.
    pub parameters: usize,
    /// `shared`, or `per task`.
    pub embeddings: &'static str,
    /// The losses it trains with.
    pub losses: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

/// All systems at the default settings, in the order of the paper's Table 2. Their networks are built
/// on `device`, which must record gradients, to be counted.
pub fn models(device: &Device) -> Vec<ModelCard> {
    let card = |system: System| ModelCard {
        name: system.name(),
        title: system.title(),
        base: system.base().name(),
        graph: system.graph(),
        single_task: system.single_task(),
        channels: system.channels(),
        parameters: network_parameters(system, device),
        embeddings: match system.single_task() {
            true => "per task",
            false => "shared",
        },
        losses: system.losses(),
        description: system.description(),
        source: system.source(),
    };
    System::ALL.map(card).to_vec()
}

/// Counted by building the system on nodes with one field of one value.
fn network_parameters(system: System, device: &Device) -> usize {
    let nodes = |name: &str| Nodes {
        fields: vec![Field {
            name: name.into(),
            vocabulary: 1,
        }],
        values: vec![0],
        raw: vec![0],
        known: 1,
    };
    let data = Dataset {
        name: String::new(),
        synthetic: true,
        provenance: String::new(),
        origin: Default::default(),
        windows: Default::default(),
        users: nodes("user_id"),
        items: nodes("item_id"),
        edges: Vec::new(),
        train: Default::default(),
        valid: Default::default(),
        test: Default::default(),
    };
    let config = ModelConfig {
        system,
        ..ModelConfig::default()
    };
    let mut build = Builder::new(device, 0);
    system.build(&mut build, &config, &data, [0.5; K]);
    build.finish().count().0
}
