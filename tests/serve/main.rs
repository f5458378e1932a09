//! Serving: pairs, explanations, recommendations and refreshed graphs against what training's own evaluation, a
//! hand-built dataset or a plain loop gives, and every input that is refused.

#[path = "../common/mod.rs"]
mod common;

mod bad_input;
mod command;
mod explain;
mod open;
mod pairs;
mod recommend;
mod refresh;

use std::sync::Arc;

use moge::data::Dataset;
use moge::engine::{Engine, EngineKind};
use moge::graph::{Channels, Draw};
use moge::model::{ModelConfig, System};
use moge::serve::score::{Scores, Subject, score};
use moge::train::checkpoint::Stored;
use moge::train::{Config, Run};
use pollster::block_on;

/// A configuration that a test can afford.
pub fn small(system: System) -> Config {
    Config {
        model: ModelConfig {
            d: 8,
            system,
            ..ModelConfig::default()
        },
        batch: 64,
        fan_out: vec![4, 2],
        steps: 1000,
        ..Config::default()
    }
}

pub fn engine() -> Engine {
    block_on(Engine::open(EngineKind::Flex)).unwrap()
}

/// The toy dataset, whose items' attributes have the raw ids 100, 200, ...
pub fn toy(users: usize, items: usize, seed: u64) -> Dataset {
    let mut data = Arc::unwrap_or_clone(common::toy(users, items, seed).0);
    for field in &data.items.fields[1..] {
        let raw = (1..field.vocabulary as u64).map(|value| 100 * value);
        let raw_values = &mut data.origin.raw_values;
        raw_values.insert(field.name.clone(), raw.collect());
    }
    data
}

/// A run on a dataset after a few steps.
pub fn trained(config: Config, data: Dataset) -> Run {
    let channels = Channels::build(&data, &config.construction()).unwrap();
    let mut run = Run::new(config, engine(), (Arc::new(data), Arc::new(channels))).unwrap();
    for _ in 0..12 {
        block_on(run.train_step()).unwrap();
    }
    run
}

/// The same parameters on another dataset, which claims to descend from the run's.
pub fn moved(run: &Run, mut data: Dataset) -> Run {
    data.origin.ancestors = vec![run.loaded().0.fingerprint()];
    let bytes = block_on(run.model_file()).unwrap();
    let channels = Channels::build(&data, &run.config().construction()).unwrap();
    let stored = Stored::read(&bytes).unwrap();
    Run::open(&stored, engine(), (Arc::new(data), Arc::new(channels))).unwrap()
}

/// Scores nodes of the dataset.
pub fn scores_of(run: &mut Run, pairs: &[(u32, u32)], draw: Draw) -> Scores {
    let pairs = pairs.iter().map(|&(user, item)| (user.into(), item.into()));
    block_on(score(
        run,
        &pairs.collect::<Vec<(Subject, Subject)>>(),
        draw,
    ))
    .unwrap()
}

pub fn close(what: &str, found: &[[f32; 2]], expected: &[[f32; 2]], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (row, (a, b)) in found.iter().zip(expected).enumerate() {
        for k in 0..2 {
            let same = (a[k] - b[k]).abs() <= tolerance;
            assert!(same, "{what}, row {row}: {a:?}, expected {b:?}");
        }
    }
}

/// The message of an error, which there must be.
pub fn message<T>(result: moge::Result<T>) -> String {
    match result {
        Ok(_) => panic!("this should have been refused"),
        Err(error) => error.to_string(),
    }
}
