//! Training end to end on a toy dataset: it learns, repeats itself, and agrees across engines.

mod common;

use moge::engine::{Engine, EngineKind};
use moge::model::ModelConfig;
use moge::train::run::Loaded;
use moge::train::{Config, Evaluation, Run};
use pollster::block_on;

/// A run that a test can afford.
fn small() -> Config {
    Config {
        model: ModelConfig { d: 16, ..ModelConfig::default() },
        batch: 64,
        fan_out: vec![4, 2],
        ..Config::default()
    }
}

fn start(config: &Config, kind: EngineKind, loaded: &Loaded) -> Run {
    let engine = block_on(Engine::open(kind)).unwrap();
    Run::new(config.clone(), engine, loaded.clone()).unwrap()
}

fn losses(run: &mut Run, steps: usize) -> Vec<f64> {
    (0..steps).map(|_| block_on(run.train_step()).unwrap().total).collect()
}

fn gauc(evaluation: &Evaluation) -> [f64; 2] {
    evaluation.tasks.map(|task| task.gauc.expect("the toy has valid groups"))
}

#[test]
fn moge_beats_itself_without_the_graph() {
    // Identity 22 of model.md 11: without any interaction MoGE is MMoE (identity 1).
    let loaded = common::toy(500, 700, 0);
    let mut results = Vec::new();
    for experts in [4, 0] {
        let config = Config { model: ModelConfig { experts, d: 32, ..ModelConfig::default() }, patience: 0, ..Config::default() };
        let mut run = start(&config, EngineKind::Flex, &loaded);
        let before = gauc(&block_on(run.evaluate()).unwrap());
        let t = std::time::Instant::now();
        losses(&mut run, 1200);
        eprintln!("{:?}", t.elapsed());
        let after = gauc(&block_on(run.evaluate()).unwrap());
        println!("experts {experts}: GAUC from {before:?} to {after:?}");
        assert!((0..2).all(|k| (before[k] - 0.5).abs() < 0.05), "untrained GAUC {before:?}");
        results.push(after);
    }
    for k in 0..2 {
        assert!(results[0][k] > results[1][k] + 0.03, "with graph {:?}, without {:?}", results[0], results[1]);
    }
}
