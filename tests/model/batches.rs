//! Batch assembly: rows point at the right features, and a pair's score is its own.

use std::collections::{BTreeMap, BTreeSet};

use burn::tensor::Device;
use moge::data::{Dataset, TASKS};
use moge::graph::{CHANNELS, Channel, Channels, Draw, Sampling};
use moge::model::{Assembler, Batch, Builder, ModelConfig, Network, Parameters, System};

use crate::case::{close, values};
use crate::common;

const DRAWS: [Draw; 3] = [
    Draw::Full,
    Draw::Evaluate,
    Draw::Train { seed: 4, step: 17 },
];

fn assembler(unknown_id: f64) -> Assembler {
    Assembler::new([true; 3], Sampling::uniform(&[3, 2]), [3, 4], unknown_id)
}

/// A node of the dataset: whether it is an item, and its index.
type Node = (bool, u32);

/// The node behind every row of [distinct users, distinct items], as told by pairs and blocks;
/// fails when they disagree.
fn nodes(batch: &Batch, channels: &Channels, users: &[u32], items: &[u32]) -> BTreeMap<u32, Node> {
    let distinct_users = batch.user_fields[0].len() as u32;
    let mut nodes = BTreeMap::new();
    let mut tell = |row: u32, node: Node| {
        assert_eq!(
            node.0,
            row >= distinct_users,
            "row {row} is of the wrong kind"
        );
        let known = *nodes.entry(row).or_insert(node);
        assert_eq!(known, node, "row {row} serves two nodes");
    };
    for (b, (&u, &i)) in users.iter().zip(items).enumerate() {
        tell(batch.pair_user[b], (false, u));
        tell(batch.pair_item[b] + distinct_users, (true, i));
    }
    for (found, channel) in batch.blocks.iter().zip(CHANNELS) {
        let found = found.as_ref().expect("every channel is in use");
        assert_eq!(found.rows.len(), found.block.nodes.len());
        for (&row, &n) in found.rows.iter().zip(&found.block.nodes) {
            let first_item = channels.users as u32;
            tell(
                row,
                match channel {
                    Channel::UserItem if n >= first_item => (true, n - first_item),
                    Channel::UserItem | Channel::UserUser => (false, n),
                    Channel::ItemItem => (true, n),
                },
            );
        }
    }
    nodes
}

/// The feature values in a row.
fn features(batch: &Batch, row: u32) -> Vec<u32> {
    let users = batch.user_fields[0].len();
    match (row as usize).checked_sub(users) {
        None => batch
            .user_fields
            .iter()
            .map(|field| field[row as usize])
            .collect(),
        Some(item) => batch.item_fields.iter().map(|field| field[item]).collect(),
    }
}

fn expected(data: &Dataset, (is_item, node): Node) -> &[u32] {
    if is_item {
        data.items.features(node)
    } else {
        data.users.features(node)
    }
}

#[test]
fn rows_lead_to_the_features_of_their_nodes() {
    let (data, channels) = common::toy(40, 60, 1);
    let picks: Vec<u32> = (0..30).map(|i| i * 97 % data.train.len() as u32).collect();
    let users: Vec<u32> = picks.iter().map(|&i| data.train.user[i as usize]).collect();
    let items: Vec<u32> = picks.iter().map(|&i| data.train.item[i as usize]).collect();
    let mut assembler = assembler(0.0);
    for draw in DRAWS {
        let batch = assembler.instances(&data, &channels, &data.train, &picks, draw);
        assert_eq!(batch.pairs, picks.len());
        let nodes = nodes(&batch, &channels, &users, &items);
        let rows = batch.user_fields[0].len() + batch.item_fields[0].len();
        assert_eq!(nodes.len(), rows, "every row has a node");
        assert_eq!(
            nodes.values().collect::<BTreeSet<_>>().len(),
            rows,
            "no node has two rows"
        );
        for (&row, &node) in &nodes {
            assert_eq!(
                features(&batch, row),
                expected(&data, node),
                "{draw:?}, {node:?}"
            );
        }
        // Roots are the pairs' users, then items.
        for (found, channel) in batch.blocks.iter().flatten().zip(CHANNELS) {
            let root = |r: &u32| found.block.nodes[*r as usize];
            let roots: Vec<u32> = found.block.roots.iter().map(root).collect();
            let shifted: Vec<u32> = items.iter().map(|i| i + channels.users as u32).collect();
            match channel {
                Channel::UserItem => assert_eq!(roots, [&users[..], &shifted].concat()),
                Channel::UserUser => assert_eq!(roots, users),
                Channel::ItemItem => assert_eq!(roots, items),
            }
        }
        for (b, &pick) in picks.iter().enumerate() {
            for (k, task) in TASKS.into_iter().enumerate() {
                let label = f32::from(data.train.label(pick as usize, task));
                assert_eq!(batch.labels[2 * b + k], label);
            }
        }
    }
}

#[test]
fn an_assembler_forgets_the_batch_before() {
    let (data, channels) = common::toy(40, 60, 1);
    let mut used = assembler(0.2);
    for step in 0..5 {
        let picks: Vec<u32> = (0..20).map(|i| (i * 31 + step as u32 * 7) % 400).collect();
        let draw = Draw::Train { seed: 2, step };
        let found = used.instances(&data, &channels, &data.train, &picks, draw);
        let fresh = assembler(0.2).instances(&data, &channels, &data.train, &picks, draw);
        assert_eq!(format!("{found:?}"), format!("{fresh:?}"));
    }
}

#[test]
fn unknown_ids_replace_the_first_field_in_training_alone() {
    let (data, channels) = common::toy(40, 60, 1);
    let picks: Vec<u32> = (0..40).map(|i| i * 53 % data.train.len() as u32).collect();
    let users: Vec<u32> = picks.iter().map(|&i| data.train.user[i as usize]).collect();
    let items: Vec<u32> = picks.iter().map(|&i| data.train.item[i as usize]).collect();
    for p in [0.05, 0.5] {
        let mut assembler = assembler(p);
        // Ids seen and replaced, of users and of items.
        let (mut seen, mut replaced) = ([0.0; 2], [0.0; 2]);
        let mut ever = BTreeSet::new();
        for step in 0..100 {
            let draw = Draw::Train { seed: 1, step };
            let batch = assembler.instances(&data, &channels, &data.train, &picks, draw);
            for (row, node) in nodes(&batch, &channels, &users, &items) {
                let (found, whole) = (features(&batch, row), expected(&data, node));
                assert_eq!(found[1..], whole[1..], "attributes stay");
                assert!(found[0] == whole[0] || found[0] == 0);
                seen[usize::from(node.0)] += 1.0;
                if found[0] == 0 {
                    replaced[usize::from(node.0)] += 1.0;
                    ever.insert(node);
                }
            }
        }
        for kind in 0..2 {
            let deviation = (p * (1.0 - p) / seen[kind]).sqrt();
            let share: f64 = replaced[kind] / seen[kind];
            assert!(
                (share - p).abs() < 4.0 * deviation,
                "{share} of the ids, expected {p}"
            );
        }
        assert!(ever.len() > 80, "steps replace different ids");
        for draw in [Draw::Full, Draw::Evaluate] {
            let batch = assembler.instances(&data, &channels, &data.train, &picks, draw);
            assert!(
                batch.user_fields[0]
                    .iter()
                    .chain(&batch.item_fields[0])
                    .all(|&id| id != 0)
            );
        }
    }
}

/// Every system on the toy, and its parameters without recording.
fn systems(data: &Dataset) -> Vec<(System, Box<dyn Network>, Parameters)> {
    let device = Device::flex().autodiff();
    let built = System::ALL.map(|system| {
        let config = ModelConfig {
            system,
            d: 8,
            ..ModelConfig::default()
        };
        let mut build = Builder::new(&device, 3);
        let model = system.build(&mut build, &config, data, [0.3, 0.2]);
        (system, model, build.finish().detached())
    });
    built.into_iter().collect()
}

#[test]
fn evaluation_scores_a_pair_as_if_it_were_alone() {
    let (data, channels) = common::toy(60, 80, 2);
    for (system, model, p) in systems(&data) {
        let mut assembler = assembler(0.5);
        let mut score = |picks: &[u32]| {
            let batch = assembler.instances(&data, &channels, &data.test, picks, Draw::Evaluate);
            let encoded = model.encode(&p, &batch);
            values(model.score(&p, &batch, &encoded, 0..batch.pairs).logits)
        };
        let picks: Vec<u32> = (0..24).map(|i| i * 71 % data.test.len() as u32).collect();
        let together = score(&picks);
        for (pick, together) in picks.iter().zip(together.chunks(2)) {
            let what = format!("{system}, instance {pick}");
            close(&what, &score(&[*pick]), together, 1e-5);
        }
        let spread = together
            .iter()
            .fold(0.0f64, |m, z| m.max((z - together[0]).abs()));
        assert!(spread > 0.01, "{system}: the scores differ");
    }
}

#[test]
fn a_part_of_a_batch_scores_as_the_whole() {
    let (data, channels) = common::toy(60, 80, 2);
    let picks: Vec<u32> = (0..24).collect();
    let batch = assembler(0.0).instances(&data, &channels, &data.test, &picks, Draw::Evaluate);
    for (system, model, p) in systems(&data) {
        let encoded = model.encode(&p, &batch);
        let score = |range| values(model.score(&p, &batch, &encoded, range).logits);
        let parts = [score(0..7), score(7..8), score(8..24)].concat();
        close(&format!("{system}"), &parts, &score(0..24), 1e-6);
    }
}
