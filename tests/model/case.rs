//! A graph small enough to follow by eye, and a model on it with every number within reach.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use moge::data::{Dataset, Field, Nodes};
use moge::graph::{Channels, Construction, Draw, Sampling};
use moge::model::parameters::{Kind, Parameter};
use moge::model::{Assembler, Batch, Builder, ModelConfig, Network, Output, Parameters};
use moge::op::form::{Form, with};
use moge::random::Key;
use moge::train::Config;
use moge::train::loss::{Loss, loss};

use crate::reference::Reference;

/// Pairs that meet all kinds of nodes: user 1 and item 8 occur twice; user 6 and item 7 have only
/// each other; user 7 and item 8 have no edge; 0 is the unknown node.
pub const USERS: [u32; 10] = [1, 1, 2, 3, 4, 5, 6, 7, 0, 2];
pub const ITEMS: [u32; 10] = [1, 5, 2, 4, 8, 6, 7, 8, 0, 3];
/// Labels `[B, K]`.
pub const LABELS: [f32; 20] = [
    1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0,
    0.0,
];
const EDGES: [(u32, u32); 12] = [
    (1, 1),
    (1, 2),
    (1, 3),
    (2, 1),
    (2, 2),
    (3, 2),
    (3, 4),
    (4, 4),
    (4, 5),
    (5, 5),
    (5, 6),
    (6, 7),
];

/// The dataset of [`EDGES`]: 8 users and 9 items, the unknown ones included.
pub fn dataset() -> Dataset {
    Dataset {
        name: "case".into(),
        synthetic: true,
        provenance: "written by hand for a test".into(),
        origin: Default::default(),
        windows: Default::default(),
        users: nodes(8, &[("user_id", 8), ("age_range", 4), ("gender", 3)]),
        items: nodes(
            9,
            &[
                ("item_id", 9),
                ("cat_id", 5),
                ("seller_id", 4),
                ("brand_id", 3),
            ],
        ),
        edges: EDGES.to_vec(),
        train: Default::default(),
        valid: Default::default(),
        test: Default::default(),
    }
}

/// Nodes whose first field is their number; attributes repeat among them.
fn nodes(n: usize, fields: &[(&str, usize)]) -> Nodes {
    let value = |node: usize, f: usize| match (node, f) {
        (0, _) => 0,
        (_, 0) => node,
        _ => 1 + (node * (f + 1) + node / 3) % (fields[f].1 - 1),
    };
    Nodes {
        values: (0..n)
            .flat_map(|i| (0..fields.len()).map(move |f| value(i, f) as u32))
            .collect(),
        fields: fields
            .iter()
            .map(|&(name, vocabulary)| Field {
                name: name.into(),
                vocabulary,
            })
            .collect(),
        raw: (0..n as u64).collect(),
        known: n,
    }
}

/// A model of width 4 with two layers and small experts.
pub fn small() -> Config {
    Config {
        model: ModelConfig {
            d: 4,
            expert_hidden: vec![5, 3],
            gate_hidden: vec![4],
            ..ModelConfig::default()
        },
        ..Config::default()
    }
}

/// A model on a dataset, with parameters far from their initial values.
pub struct Case {
    pub config: Config,
    pub data: Dataset,
    pub channels: Channels,
    pub model: Box<dyn Network>,
    pub p: Parameters,
    pub users: Vec<u32>,
    pub items: Vec<u32>,
    pub labels: Vec<f32>,
    /// Of the operations.
    form: Form,
    device: Device,
}

impl Case {
    /// A case on [`dataset`].
    pub fn new(config: Config) -> Self {
        Self::on(config, dataset(), Form::Own)
    }

    /// A case on a dataset.
    pub fn on(config: Config, data: Dataset, form: Form) -> Self {
        Self::at(&Device::flex(), config, data, form)
    }

    /// A case on a dataset and a device.
    pub fn at(device: &Device, config: Config, data: Dataset, form: Form) -> Self {
        let channels = Channels::build(&data, &Construction::default()).unwrap();
        let device = device.clone().autodiff();
        let mut build = Builder::new(&device, config.seed);
        let system = config.model.system;
        let model = system.build(&mut build, &config.model, &data, [0.3, 0.1]);
        let p = build.finish();
        let (users, items) = (USERS.to_vec(), ITEMS.to_vec());
        let labels = LABELS.to_vec();
        let mut case = Self {
            config,
            data,
            channels,
            model,
            p,
            users,
            items,
            labels,
            form,
            device,
        };
        // Biases and log variances start at 0 and tables small: shake them so that all matter.
        for (name, kind) in case.names() {
            let mut stream = name
                .bytes()
                .fold(Key::new(7), |key, b| key.with(u64::from(b)))
                .stream();
            case.change(&name, |_, x| match kind {
                Kind::Weight => x,
                Kind::Table => 6.0 * x,
                _ => x + 0.3 * stream.normal() as f32,
            });
        }
        case
    }

    /// Names and kinds of all parameters.
    pub fn names(&self) -> Vec<(String, Kind)> {
        self.p.iter().map(|p| (p.name.clone(), p.kind)).collect()
    }

    /// Replaces every value of a parameter by a function of its place and itself.
    pub fn change(&mut self, name: &str, mut f: impl FnMut(usize, f32) -> f32) {
        let known = self.p.iter_mut().find(|p| p.name == name);
        let parameter = known.unwrap_or_else(|| panic!("there is no {name}"));
        let shape = parameter.value.dims();
        let values: Vec<f32> = parameter.value.clone().into_data().try_into_vec().unwrap();
        let values: Vec<f32> = values
            .into_iter()
            .enumerate()
            .map(|(i, x)| f(i, x))
            .collect();
        let data = TensorData::new(values, shape);
        parameter.value = Tensor::from_data(data, &self.device).require_grad();
    }

    /// The pairs with whole neighbourhoods.
    pub fn batch(&self) -> Batch {
        self.drawn(
            Sampling::uniform(&vec![1; self.config.model.layers]),
            Draw::Full,
        )
    }

    /// The pairs with whole neighbourhoods in a training step, with its draws inside the system.
    pub fn in_training(&self) -> Batch {
        let sampling = Sampling::uniform(&vec![100; self.config.model.layers]);
        self.drawn(sampling, Draw::Train { seed: 3, step: 5 })
    }

    /// The pairs with sampled neighbourhoods.
    pub fn drawn(&self, sampling: Sampling, draw: Draw) -> Batch {
        let m = &self.config.model;
        let sampling = m.system.sampling(m, &sampling.fan_out);
        let fields = self.model.embeddings()[0].fields();
        let mut assembler = Assembler::new(self.model.channels(), sampling, fields, 0.0);
        let mut batch = assembler.pairs(&self.data, &self.channels, &self.users, &self.items, draw);
        batch.labels = self.labels.clone();
        batch
    }

    /// What the model says of a batch.
    pub fn score(&self, batch: &Batch) -> Output {
        with(self.form, || {
            let encoded = self.model.encode(&self.p, batch);
            self.model.score(&self.p, batch, &encoded, 0..batch.pairs)
        })
    }

    /// What the model says of the pairs with whole neighbourhoods.
    pub fn output(&self) -> Output {
        self.score(&self.batch())
    }

    /// The loss of the pairs with whole neighbourhoods.
    pub fn loss(&self) -> Loss {
        self.loss_of(&self.batch())
    }

    /// The loss of a batch.
    pub fn loss_of(&self, batch: &Batch) -> Loss {
        let output = self.score(batch);
        with(self.form, || {
            loss(&self.config, &*self.model, &self.p, batch, &output)
        })
    }

    /// Gradients of the total loss; none for parameters that it does not depend on.
    pub fn gradients(&self) -> BTreeMap<String, Option<Vec<f64>>> {
        self.gradients_of(self.loss().total)
    }

    /// Gradients of a scalar.
    pub fn gradients_of(&self, scalar: Tensor<1>) -> BTreeMap<String, Option<Vec<f64>>> {
        let gradients = scalar.backward();
        let of = |p: &Parameter| p.value.grad(&gradients).map(values);
        self.p.iter().map(|p| (p.name.clone(), of(p))).collect()
    }

    /// The values of a parameter.
    pub fn get(&self, name: &str) -> Vec<f64> {
        let known = self.p.iter().find(|p| p.name == name);
        values(
            known
                .unwrap_or_else(|| panic!("there is no {name}"))
                .value
                .clone(),
        )
    }

    /// Replaces every value of a parameter.
    pub fn set(&mut self, name: &str, values: &[f64]) {
        assert_eq!(self.get(name).len(), values.len(), "{name}");
        self.change(name, |i, _| values[i] as f32);
    }

    /// The same model in double precision.
    pub fn reference(&self) -> Reference<'_> {
        Reference::new(&self.config, &self.data, &self.channels, &self.p)
    }
}

pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    let values: Vec<f32> = tensor.into_data().try_into_vec().unwrap();
    values.into_iter().map(f64::from).collect()
}

/// Equality within `tolerance` of the largest expected value, or of 1 where that is smaller.
pub fn close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1.0f64, |m, x| m.max(x.abs()));
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        let gap = (f - e).abs();
        assert!(
            gap <= tolerance * scale,
            "{what}: entry {i} is {f}, expected {e}"
        );
    }
}
