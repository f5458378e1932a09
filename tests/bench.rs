//! Measuring a step: the workload is what was asked for, the multiply-adds are those of the blocks,
//! and the command says what it found.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use moge::bench::count::multiply_adds;
use moge::bench::{Report, Stage, Workload, dump, measure};
use moge::engine::{Engine, EngineKind};
use moge::graph::Block;
use moge::model::batch::ChannelBlock;
use moge::model::{Batch, ModelConfig};
use moge::op::form::{Form, with, within};
use moge::train::Run;
use pollster::block_on;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

fn tiny() -> Workload {
    Workload {
        users: 60,
        items: 90,
        edges: 400,
        batch: 8,
        fanout: vec![3, 2],
        d: 4,
        steps: 3,
        seed: 5,
    }
}

/// Two layers over a block of 3 distinct roots, 5 nodes within one hop and 6 within two, with the
/// products of every line added up by hand.
#[test]
fn multiply_adds_of_a_tiny_batch_are_those_counted_by_hand() {
    let config = ModelConfig {
        d: 2,
        expert_hidden: vec![3, 3],
        gate_hidden: vec![2],
        ..ModelConfig::default()
    };
    let block = Block {
        within: vec![3, 5, 6],
        ..Block::default()
    };
    let found = || {
        Some(ChannelBlock {
            block: block.clone(),
            rows: Vec::new(),
        })
    };
    let fold = 2 * 2 * 2; // the attention's two matrices, which both layers share
    let first = 5 * 2 * 2     // queries of the 5 targets
        + 5 * 2 * 2           // messages
        + 2 * (5 * 2 * 6); // gates i, o, g from message and state
    let second = 3 * 2 * 2 + 3 * 2 * 2 + 2 * (3 * 2 * 8);
    let channel = fold + first + second;
    let experts = 2 * 4 * (4 * 3) + 4 * (2 * 3 * 3);
    let gates = 2 * 4 * (2 * 2) + 2 * (2 * 2 * 4);
    let scores = (4 * 2) * 3 * 2 + 4 * (2 * 2 * 2);
    let heads = experts + gates + scores;
    let count = |channels: usize| {
        let batch = Batch {
            pairs: 2,
            blocks: std::array::from_fn(|c| (c < channels).then(found).flatten()),
            ..Batch::default()
        };
        multiply_adds(&config, &batch)
    };
    // Each product comes back twice in the backward pass.
    assert_eq!(count(1), 3 * (channel + heads));
    assert_eq!(count(3), 3 * (3 * channel + heads));
    assert_eq!(channel + heads, 600);
}

#[test]
fn the_workload_has_the_sizes_that_were_asked_for() {
    let (data, channels) = Workload::default().load().unwrap();
    assert_eq!((data.users.len(), data.items.len()), (3001, 8001));
    assert_eq!(data.edges.iter().collect::<HashSet<_>>().len(), 60_000);
    assert!(data.edges.iter().all(|&(u, i)| u > 0 && i > 0));
    assert_eq!(data.train.len(), 100_000);
    assert_eq!(channels.user_item.targets.len(), 120_000);
    // Log-normal with deviation 1: the tenth of the items with most edges has about
    // Phi(1 - 1.2816) = 39 % of them, where equal items would have about 16 %.
    let mut degrees: Vec<usize> = (0..8001)
        .map(|i| channels.user_item.degree(3001 + i))
        .collect();
    degrees.sort_unstable_by(|a, b| b.cmp(a));
    let share = degrees[..800].iter().sum::<usize>() as f64 / 60_000.0;
    assert!((0.36..0.46).contains(&share), "{share}");
    // Every node selects ten others where it has as many.
    let busy = (1..3001).filter(|&u| channels.user_user.degree(u) >= 10);
    assert!(busy.count() > 2900);
    for (nodes, known) in [(&data.users, 3001), (&data.items, 8001)] {
        assert_eq!(nodes.known, known);
        for node in 0..known as u32 {
            let features = nodes.features(node).iter().zip(&nodes.fields);
            assert!(
                features
                    .clone()
                    .all(|(&value, field)| (value as usize) < field.vocabulary)
            );
            assert_eq!(
                features.filter(|(value, _)| **value == 0).count() > 0,
                node == 0
            );
        }
    }
}

#[test]
fn a_workload_is_its_seed() {
    let load = |seed| Workload { seed, ..tiny() }.load().unwrap().0;
    assert_eq!(load(5), load(5));
    assert_ne!(load(5).edges, load(6).edges);
}

#[test]
fn a_measurement_adds_up() {
    let engine = || block_on(Engine::open(EngineKind::Flex)).unwrap();
    let mut said = Vec::new();
    let tell = |stage: Stage| said.push(stage);
    let report = block_on(measure(&tiny(), engine(), Form::Own, tell)).unwrap();
    assert_eq!(report.workload, tiny());
    assert_eq!(said, [Stage::Dataset, Stage::Steps(0, 8), Stage::Products]);

    // The steps that are measured follow the five of the warm-up.
    let config = tiny().config(0).unwrap();
    let mut run = Run::new(config.clone(), engine(), tiny().load().unwrap()).unwrap();
    let mut counts: Vec<u64> = (5..8)
        .map(|step| multiply_adds(&config.model, &run.batch_of(step)))
        .collect();
    counts.sort_unstable();
    assert_eq!(report.gflop_per_step, 2.0 * counts[1] as f64 / 1e9);
    let rate = report.gflop_per_step / report.step_ms * 1e3;
    assert!((report.gflops / rate - 1.0).abs() < 1e-9);
    assert!((report.gemm_share * report.gemm_gflops / rate - 1.0).abs() < 1e-9);
    assert!((report.samples_per_s * report.step_ms / 8000.0 - 1.0).abs() < 1e-9);

    // The phases are parts of the step, and leave little of it out.
    let step = block_on(run.train_step()).unwrap();
    let phases = step.phases;
    let parts = [
        phases.sampling,
        phases.forward,
        phases.backward,
        phases.update,
    ];
    assert!(parts.iter().all(|&part| part > 0.0), "{parts:?}");
    assert!(parts.iter().sum::<f64>() <= step.milliseconds);
}

/// What the step trains on is what can be asked for beforehand, whatever was asked for in between.
#[test]
fn the_batch_of_a_step_does_not_depend_on_what_was_asked_before() {
    let run = || {
        let engine = block_on(Engine::open(EngineKind::Flex)).unwrap();
        Run::new(tiny().config(0).unwrap(), engine, tiny().load().unwrap()).unwrap()
    };
    let (mut straight, mut wandering) = (run(), run());
    let losses = |run: &mut Run| block_on(run.train_step()).unwrap().total;
    for _ in 0..3 {
        // A step of a later epoch has another order.
        wandering.batch_of(20_000);
        assert_eq!(losses(&mut straight), losses(&mut wandering));
    }
}

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_moge"))
        .arg("bench")
        .args(arguments)
        .output()
        .expect("the command runs")
}

#[test]
fn the_command_prints_json_alone_on_its_output() {
    let sizes = [
        "--users", "60", "--items", "90", "--edges", "400", "--batch", "8", "--fanout", "3,2",
        "--d", "4", "--steps", "3", "--seed", "5",
    ];
    for engine in ["flex", "ndarray"] {
        let output = bench(&[&["--engine", engine, "--json"], &sizes[..]].concat());
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let report: Report = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report.workload, tiny());
        assert_eq!((&*report.engine, &*report.target), (engine, "native"));
        assert_eq!(report.form, Form::Own);
        assert!(String::from_utf8_lossy(&output.stderr).contains("step 0 of 8"));
    }
    let readable = bench(&sizes);
    let text = String::from_utf8_lossy(&readable.stdout);
    assert!(
        text.contains("sampling") && text.contains("GFLOP/s"),
        "{text}"
    );
}

/// Both forms take the same steps, by different roads: rounding tells them apart.
#[test]
fn the_stock_form_is_the_same_step_written_otherwise() {
    let losses = |form: Form| -> Vec<f64> {
        let engine = || block_on(Engine::open(EngineKind::Flex)).unwrap();
        let workload = Workload {
            batch: 64,
            d: 16,
            ..tiny()
        };
        let new = || {
            Run::new(
                workload.config(3).unwrap(),
                engine(),
                workload.load().unwrap(),
            )
        };
        let mut run = with(form, new).unwrap();
        let step = |_| block_on(within(form, run.train_step())).unwrap().total;
        (0..6).map(step).collect()
    };
    let (own, stock) = (losses(Form::Own), losses(Form::Stock));
    assert_eq!(own, losses(Form::Own));
    assert_ne!(own, stock);
    for (own, stock) in own.iter().zip(&stock) {
        assert!((own - stock).abs() < 1e-4 * own.abs(), "{own} {stock}");
    }
}

/// What is dumped is what the steps train on, and the losses are theirs.
#[test]
fn a_dump_holds_the_batches_of_the_steps() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dump");
    let engine = || block_on(Engine::open(EngineKind::Flex)).unwrap();
    block_on(dump(&tiny(), engine(), &dir)).unwrap();
    let steps: Value = serde_json::from_slice(&fs::read(dir.join("steps.json")).unwrap()).unwrap();
    let config = tiny().config(5).unwrap();
    let mut run = Run::new(config.clone(), engine(), tiny().load().unwrap()).unwrap();
    assert_eq!(steps["losses"].as_array().unwrap().len(), 8);
    for step in 0..8 {
        let batch = run.batch_of(step);
        let bytes = fs::read(dir.join(format!("step-{step}.safetensors"))).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let whole = |name: &str| -> Vec<u32> {
            let tensor = file.tensor(name).unwrap();
            assert_eq!(tensor.dtype(), Dtype::I64);
            let chunks = tensor.data().chunks_exact(8);
            chunks
                .map(|x| i64::from_le_bytes(x.try_into().unwrap()) as u32)
                .collect()
        };
        let labels = file.tensor("labels").unwrap().data().chunks_exact(4);
        let labels: Vec<f32> = labels
            .map(|x| f32::from_le_bytes(x.try_into().unwrap()))
            .collect();
        assert_eq!(labels, batch.labels);
        assert_eq!(whole("user_fields"), batch.user_fields.concat());
        assert_eq!(whole("item_fields"), batch.item_fields.concat());
        assert_eq!(whole("pair_user"), batch.pair_user);
        assert_eq!(whole("pair_item"), batch.pair_item);
        for (c, name) in ["user_item", "user_user", "item_item"]
            .into_iter()
            .enumerate()
        {
            let found = batch.blocks[c].as_ref().unwrap();
            assert_eq!(whole(&format!("{name}.rows")), found.rows);
            assert_eq!(whole(&format!("{name}.roots")), found.block.roots);
            assert_eq!(whole(&format!("{name}.offsets")), found.block.offsets);
            assert_eq!(whole(&format!("{name}.neighbors")), found.block.neighbors);
            let within = found.block.within.iter().map(|&n| n as u32);
            assert_eq!(whole(&format!("{name}.within")), within.collect::<Vec<_>>());
        }
        let loss = block_on(run.train_step()).unwrap().total;
        assert_eq!(steps["losses"][step as usize].as_f64().unwrap(), loss);
    }
}

#[test]
fn wrong_sizes_are_named() {
    let cases: [(&[&str], &str); 5] = [
        (
            &["--edges", "3000000"],
            "too dense, expected at most 2,400,000",
        ),
        (&["--users", "0"], "users is 0, expected 1 to"),
        (&["--batch", "200000"], "batch"),
        (&["--fanout", "8,0"], "\"fan_out\" is [8, 0]"),
        (&["--steps", "0"], "\"steps\" is 0"),
    ];
    for (arguments, expected) in cases {
        let output = bench(arguments);
        assert!(!output.status.success());
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains(expected), "{message}");
    }
}
