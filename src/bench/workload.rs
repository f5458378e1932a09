//! The workload of a measurement: a synthetic dataset of a given size with log-normal degrees, and
//! the demo run on it. No row is real, and nothing can be learned from it but time.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::{Dataset, Field, Instances, Nodes};
use crate::error::{Error, ErrorKind, Result, thousands};
use crate::graph::Channels;
use crate::model::ModelConfig;
use crate::random::{Key, Stream};
use crate::train::Config;
use crate::train::run::Loaded;

/// Training pairs, whatever the size of the graph.
const TRAINING_PAIRS: usize = 100_000;
/// Pairs of the validation and test windows, which a run must have and a measurement does not touch.
const OTHER_PAIRS: usize = 100;
/// Standard deviation of the logarithm of a node's expected degree.
const DEVIATION: f64 = 1.0;
/// Share of positive labels, per task.
const POSITIVE: f64 = 0.1;
/// Edges are at most this share of all pairs, so that distinct ones are found soon.
const DENSEST: usize = 10;
/// Items per value of each of their attributes, about those of the bundled dataset.
const ITEM_ATTRIBUTES: [(&str, usize); 3] = [("cat_id", 80), ("seller_id", 60), ("brand_id", 40)];
/// Values of the users' attributes besides the unknown one.
const USER_ATTRIBUTES: [(&str, usize); 2] = [("age_range", 8), ("gender", 2)];

/// Sizes of a workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Workload {
    /// Users besides the unknown one.
    pub users: usize,
    /// Items besides the unknown one.
    pub items: usize,
    /// Distinct edges of G.
    pub edges: usize,
    /// Pairs per step.
    pub batch: usize,
    /// Neighbours drawn per node at each hop, one entry per layer.
    pub fanout: Vec<usize>,
    /// Embedding width.
    pub d: usize,
    /// Steps that are measured.
    pub steps: u64,
    /// Seed of the dataset and of the run.
    pub seed: u64,
}

impl Default for Workload {
    fn default() -> Self {
        Self {
            users: 3000,
            items: 8000,
            edges: 60_000,
            batch: 256,
            fanout: vec![8, 4],
            d: 64,
            steps: 50,
            seed: 1,
        }
    }
}

impl Workload {
    /// The run that is measured: MoGE at the demo preset, with `extra` steps besides the measured.
    ///
    /// # Errors
    ///
    /// Names the setting that is out of its range.
    pub fn config(&self, extra: u64) -> Result<Config> {
        let demo = Config::default();
        let config = Config {
            seed: self.seed,
            model: ModelConfig {
                d: self.d,
                layers: self.fanout.len(),
                ..demo.model
            },
            batch: self.batch,
            fan_out: self.fanout.clone(),
            steps: self.steps.saturating_add(extra),
            ..demo
        };
        config.validate()?;
        Ok(config)
    }

    /// The dataset and its channels: top-10 cosine similarity, as in a run.
    ///
    /// # Errors
    ///
    /// When there is no such graph, or no such run on it.
    pub fn load(&self) -> Result<Loaded> {
        self.check()?;
        let construction = self.config(0)?.construction();
        let (users, items) = (self.popularity(USERS), self.popularity(ITEMS));
        let mut stream = self.key(EDGES).stream();
        let mut pair = || (users.draw(&mut stream), items.draw(&mut stream));
        let mut edges = Vec::with_capacity(self.edges);
        while edges.len() < self.edges {
            edges.extend((edges.len()..self.edges).map(|_| pair()));
            edges.sort_unstable();
            edges.dedup();
        }
        let mut stream = self.key(PAIRS).stream();
        let mut instances = |n: usize, day: u8| {
            let mut rows: Vec<(u32, u32)> = (0..n)
                .map(|_| (users.draw(&mut stream), items.draw(&mut stream)))
                .collect();
            rows.sort_unstable();
            let mut label = || u8::from(stream.uniform() < POSITIVE);
            Instances {
                user: rows.iter().map(|row| row.0).collect(),
                item: rows.iter().map(|row| row.1).collect(),
                labels: rows.iter().map(|_| label() | label() << 1).collect(),
                day: vec![day; n],
                sampled: vec![false; n],
            }
        };
        let data = Dataset {
            name: "bench".into(),
            synthetic: true,
            provenance: "Synthetic: made to be measured; no row is real.".into(),
            origin: Default::default(),
            windows: Default::default(),
            train: instances(TRAINING_PAIRS, 92),
            valid: instances(OTHER_PAIRS, 105),
            test: instances(OTHER_PAIRS, 106),
            users: self.nodes("user_id", self.users, &USER_ATTRIBUTES),
            items: self.nodes(
                "item_id",
                self.items,
                &ITEM_ATTRIBUTES.map(|(name, per_value)| (name, self.items.div_ceil(per_value))),
            ),
            edges,
        };
        let channels = Channels::build(&data, &construction)?;
        Ok((Arc::new(data), Arc::new(channels)))
    }

    fn check(&self) -> Result<()> {
        let wrong = |what: String, remedy: String| Err(Error::new(ErrorKind::Config, what, remedy));
        for (name, value) in [
            ("users", self.users),
            ("items", self.items),
            ("edges", self.edges),
        ] {
            if value == 0 || value > u32::MAX as usize / 2 {
                return wrong(
                    format!(
                        "{name} is {}, expected 1 to {}",
                        thousands(value as u64),
                        u32::MAX / 2
                    ),
                    format!("Choose another number of {name}."),
                );
            }
        }
        let most = self.users.saturating_mul(self.items) / DENSEST;
        if self.edges > most {
            return wrong(
                format!(
                    "{} edges among {} users and {} items are too dense, expected at most {}",
                    thousands(self.edges as u64),
                    thousands(self.users as u64),
                    thousands(self.items as u64),
                    thousands(most as u64)
                ),
                "Take fewer edges or more users and items.".into(),
            );
        }
        if self.batch > TRAINING_PAIRS {
            return wrong(
                format!(
                    "batch is {}, and there are {} training pairs",
                    thousands(self.batch as u64),
                    thousands(TRAINING_PAIRS as u64)
                ),
                "Take a smaller batch.".into(),
            );
        }
        Ok(())
    }

    fn key(&self, of: u64) -> Key {
        Key::new(self.seed).with(of)
    }

    fn popularity(&self, of: u64) -> Popularity {
        let n = if of == USERS { self.users } else { self.items };
        Popularity::log_normal(n, self.key(of))
    }

    /// The unknown node and `n` others, whose attributes have `count` values besides the unknown.
    fn nodes(&self, id: &str, n: usize, attributes: &[(&str, usize)]) -> Nodes {
        let mut stream = id
            .bytes()
            .fold(self.key(PAIRS), |key, byte| key.with(byte.into()))
            .stream();
        let field = |name: &str, vocabulary| Field {
            name: name.into(),
            vocabulary,
        };
        let own = std::iter::once(field(id, n + 1));
        let others = attributes
            .iter()
            .map(|&(name, count)| field(name, count + 1));
        let mut values = vec![0; 1 + attributes.len()];
        for node in 1..=n as u32 {
            values.push(node);
            let drawn = attributes
                .iter()
                .map(|&(_, count)| 1 + stream.below(count) as u32);
            values.extend(drawn);
        }
        Nodes {
            fields: own.chain(others).collect(),
            values,
            raw: (0..=n as u64).collect(),
            known: n + 1,
        }
    }
}

/// Names the draws of the users' popularity, the items' popularity, the edges, and the rest.
const USERS: u64 = 0;
const ITEMS: u64 = 1;
const EDGES: u64 = 2;
const PAIRS: u64 = 3;

/// How often each of the nodes `1..=n` is drawn.
struct Popularity {
    /// Sums of the weights up to each node.
    cumulative: Vec<f64>,
}

impl Popularity {
    fn log_normal(n: usize, key: Key) -> Self {
        let mut stream = key.stream();
        let mut total = 0.0;
        let mut next = || {
            total += (DEVIATION * stream.normal()).exp();
            total
        };
        Self {
            cumulative: (0..n).map(|_| next()).collect(),
        }
    }

    /// A node.
    fn draw(&self, stream: &mut Stream) -> u32 {
        let last = self.cumulative.len() - 1;
        let at = stream.uniform() * self.cumulative[last];
        let place = self.cumulative.partition_point(|&sum| sum <= at);
        1 + place.min(last) as u32
    }
}
