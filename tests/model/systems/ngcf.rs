//! NGCF's sampling and dropout keep expectations (model.md 7.1).

use std::collections::BTreeMap;

use burn::tensor::Device;
use moge::graph::{Draw, Sampling};
use moge::model::config::Cell;
use moge::model::mgnn::{Mgnn, Regularity};
use moge::model::{Batch, Builder, System};
use moge::op::lookup::lookup;
use moge::random::Key;

use super::with;
use crate::case::{Case, close, values};

/// The weight of every edge (target, source) in the message of the last layer, for the roots.
fn message_weights(case: &Case, batch: &Batch) -> BTreeMap<(u32, u32), f64> {
    let block = &batch.blocks[0].as_ref().unwrap().block;
    let [attention, similar_users, similar_items] = case.model.attention(&case.p, batch);
    assert!(similar_users.is_empty() && similar_items.is_empty());
    let mut weights = BTreeMap::new();
    for (t, row) in attention.into_iter().enumerate() {
        for (edge, weight) in block.row(t).zip(values(row)) {
            let source = block.nodes[block.neighbors[edge] as usize];
            weights.insert((block.nodes[t], source), weight);
        }
    }
    weights
}

#[test]
fn sampled_messages_are_whole_on_average() {
    let case = Case::new(with(System::Ngcf, |m| m.layers = 1));
    let whole = message_weights(&case, &case.batch());
    for (&(t, s), weight) in &whole {
        let degree = |n| case.channels.user_item.degree(n) as f64;
        close(
            "weight",
            &[*weight],
            &[1.0 / (degree(t) * degree(s)).sqrt()],
            1e-6,
        );
    }
    let steps = 3000;
    let mut sums: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    let mut rescaled = 0;
    for step in 0..steps {
        let batch = case.drawn(Sampling::uniform(&[1]), Draw::Train { seed: 6, step });
        for (edge, weight) in message_weights(&case, &batch) {
            *sums.entry(edge).or_default() += weight / steps as f64;
            rescaled += usize::from((weight - whole[&edge]).abs() > 1e-6);
        }
    }
    assert!(rescaled > 1000);
    assert_eq!(sums.len(), whole.len(), "every edge is drawn sometimes");
    for (edge, mean) in sums {
        // A node of degree n takes this edge in one of n draws, with n times its weight.
        let n = case.channels.user_item.degree(edge.0) as f64;
        let deviation = whole[&edge] * ((n - 1.0) / steps as f64).sqrt();
        let gap = (mean - whole[&edge]).abs();
        assert!(
            gap <= 4.5 * deviation + 1e-6,
            "{edge:?}: {mean}, expected {}",
            whole[&edge]
        );
    }
}

#[test]
fn dropout_keeps_the_mean() {
    // One layer whose output is read as it is.
    let case = Case::new(with(System::Ngcf, |m| m.layers = 1));
    let config = with(System::Moge, |m| (m.layers, m.cell) = (1, Cell::Ngcf)).model;
    let device = Device::flex().autodiff();
    let mut build = Builder::new(&device, 3);
    let rate = 0.3;
    let network = Mgnn::new(&mut build, "layer", &config);
    let network = network.with(Regularity {
        dropout: rate,
        ..Regularity::default()
    });
    let p = build.finish().detached();
    let batch = case.batch();
    let found = batch.blocks[0].as_ref().unwrap();
    let nodes = case.model.embeddings()[0].nodes(&case.p, &batch).inner();
    let h0 = lookup(nodes, &found.rows);
    let states =
        |noise: Option<Key>| values(network.forward(&p, &found.block, h0.clone(), noise, None));
    let whole = states(None);
    let draws = 2000;
    let (mut mean, mut dropped) = (vec![0.0; whole.len()], 0);
    for draw in 0..draws {
        for (i, x) in states(Some(Key::new(draw))).into_iter().enumerate() {
            mean[i] += x / draws as f64;
            dropped += usize::from(x == 0.0);
            let kept = whole[i] / (1.0 - rate);
            assert!(x == 0.0 || (x - kept).abs() < 1e-5 * kept.abs().max(1.0));
        }
    }
    let n = (draws as usize * whole.len()) as f64;
    let share = dropped as f64 / n;
    let deviation = (rate * (1.0 - rate) / n).sqrt();
    assert!((share - rate).abs() < 4.0 * deviation, "{share} dropped");
    for (mean, whole) in mean.iter().zip(&whole) {
        let deviation = whole.abs() * (rate / (1.0 - rate) / draws as f64).sqrt();
        assert!(
            (mean - whole).abs() < 4.5 * deviation + 1e-6,
            "{mean}, expected {whole}"
        );
    }
    assert_eq!(states(Some(Key::new(1))), states(Some(Key::new(1))));
}

#[test]
fn evaluation_drops_nothing_and_tasks_drop_apart() {
    let case = Case::new(with(System::Ngcf, |m| m.message_dropout = 0.5));
    let without = Case::new(with(System::Ngcf, |m| m.message_dropout = 0.0));
    let score = |case: &Case, batch: &Batch| values(case.score(batch).logits);
    let sampling = Sampling::uniform(&[100, 100]);
    let evaluated = score(&case, &case.drawn(sampling.clone(), Draw::Evaluate));
    close(
        "evaluation",
        &evaluated,
        &score(&without, &without.batch()),
        1e-6,
    );
    let trained = score(&without, &without.in_training());
    close(
        "no dropout",
        &trained,
        &score(&without, &without.batch()),
        1e-6,
    );

    // With one set of weights for both tasks, their draws alone tell them apart.
    let mut twin = Case::new(with(System::Ngcf, |m| m.message_dropout = 0.5));
    for (name, _) in twin.names() {
        if let Some(part) = name.strip_prefix("purchase.") {
            let values = twin.get(&format!("favourite.{part}"));
            twin.set(&name, &values);
        }
    }
    let differ = |logits: Vec<f64>| logits.chunks(2).any(|z| (z[0] - z[1]).abs() > 1e-3);
    assert!(!differ(score(&twin, &twin.batch())));
    assert!(differ(score(&twin, &twin.in_training())));
}
