//! Explanations of single pairs against whole evaluations, graphs that lack the edges, and sums by hand.

use std::sync::Arc;

use moge::explain::{Explanation, Neighbor, Removal, explain, trace};
use moge::graph::{CHANNELS, Channel, Channels, Csr};
use moge::model::System;
use moge::model::channels::Side;
use moge::model::config::{Attention, ModelConfig};
use moge::train::checkpoint::Stored;
use moge::train::{Config, Run};
use pollster::block_on;

use crate::{engine, message, small, toy, trained};

fn explained(run: &mut Run, instance: usize, removed: &[Removal]) -> Explanation {
    block_on(explain(run, instance, removed)).unwrap()
}

fn near(what: &str, found: f64, expected: f64) {
    let same = (found - expected).abs() < 1e-5 * expected.abs().max(1.0);
    assert!(same, "{what}: {found}, expected {expected}");
}

fn weighted(weights: &[f64], values: &[f64]) -> f64 {
    weights.iter().zip(values).map(|(w, x)| w * x).sum()
}

#[test]
fn the_graphs_part_of_every_logit_is_that_of_its_explanation() {
    for system in [System::Moge, System::Cgc, System::Esmm] {
        let mut run = trained(small(system), toy(50, 60, 4));
        block_on(run.evaluate()).unwrap();
        let (scored, rows) = run.scored();
        let (scored, rows) = (scored.clone(), rows.to_vec());
        if system == System::Esmm {
            assert!(scored.graph.is_empty(), "its logits do not split");
            continue;
        }
        assert_eq!(scored.graph.len(), scored.logits.len());
        for at in (0..rows.len()).step_by(rows.len() / 7) {
            let explanation = explained(&mut run, rows[at] as usize, &[]);
            for (k, task) in explanation.tasks.iter().enumerate() {
                let graph = f64::from(scored.graph[2 * at + k]);
                near("graph", graph, weighted(&task.gate, &task.graph));
                let logit = task.bias + weighted(&task.gate, &task.expert) + graph;
                near("logit", f64::from(scored.logits[2 * at + k]), logit);
                assert_eq!(graph != 0.0, system == System::Moge);
            }
        }
    }
}

/// The same parameters on another graph.
fn on_graph(run: &Run, change: impl FnOnce(&mut Channels)) -> Run {
    let (data, channels) = run.loaded();
    let mut channels = Channels::clone(&channels);
    change(&mut channels);
    let bytes = block_on(run.model_file()).unwrap();
    let stored = Stored::read(&bytes).unwrap();
    Run::open(&stored, engine(), (data, Arc::new(channels))).unwrap()
}

/// Drops directed edges.
fn drop_edges(graph: &mut Csr, gone: impl Fn(u32, u32) -> bool) {
    let mut left = Csr {
        offsets: vec![0],
        ..Csr::default()
    };
    for node in 0..graph.len() as u32 {
        for edge in graph.row(node).filter(|&e| !gone(node, graph.targets[e])) {
            left.targets.push(graph.targets[edge]);
            left.weights.push(graph.weights[edge]);
        }
        left.offsets.push(left.targets.len() as u32);
    }
    *graph = left;
}

fn graph(channels: &mut Channels, channel: Channel) -> &mut Csr {
    match channel {
        Channel::UserItem => &mut channels.user_item,
        Channel::UserUser => &mut channels.user_user,
        Channel::ItemItem => &mut channels.item_item,
    }
}

/// The same logits, attention and neighbours.
fn same(what: &str, found: &Explanation, expected: &Explanation) {
    for (a, b) in found.tasks.iter().zip(&expected.tasks) {
        assert!(a.logit.is_finite(), "{what}: {}", a.logit);
        near(what, a.logit, b.logit);
    }
    let names = |e: &Explanation| -> Vec<_> { e.neighbors.iter().map(name).collect() };
    assert_eq!(names(found), names(expected), "{what}");
    for (a, b) in found.neighbors.iter().zip(&expected.neighbors) {
        near(what, a.attention, b.attention);
    }
}

fn name(neighbor: &Neighbor) -> (&'static str, &'static str, u32) {
    (neighbor.channel, neighbor.of, neighbor.node)
}

fn moved(a: &Explanation, b: &Explanation) -> bool {
    let change = |k: usize| (a.tasks[k].logit - b.tasks[k].logit).abs();
    change(0).max(change(1)) > 1e-4
}

/// Systems, and kinds of rows, that take absent edges differently. No row is cut.
fn kinds() -> [Config; 4] {
    let whole = |system, change: fn(&mut ModelConfig)| {
        let mut config = Config {
            fan_out: vec![200, 200],
            ..small(system)
        };
        change(&mut config.model);
        config
    };
    [
        whole(System::Moge, |_| {}),
        whole(System::Moge, |m| m.self_loop = true),
        whole(System::CgcGraph, |m| m.attention = Attention::Mean),
        whole(System::Ngcf, |_| {}),
    ]
}

const INSTANCE: usize = 21;

#[test]
fn a_removed_channel_is_a_graph_without_its_edges() {
    for config in kinds() {
        let mut run = trained(config, toy(50, 60, 4));
        let whole = explained(&mut run, INSTANCE, &[]);
        for channel in CHANNELS {
            let what = format!("{:?} without {channel:?}", run.config().model.system);
            let removal = Removal {
                channel,
                of: None,
                node: None,
            };
            let found = explained(&mut run, INSTANCE, &[removal]);
            let mut without = on_graph(&run, |c| drop_edges(graph(c, channel), |_, _| true));
            same(&what, &found, &explained(&mut without, INSTANCE, &[]));
            let used = whole.neighbors.iter().any(|n| n.channel == channel.name());
            assert_eq!(moved(&found, &whole), used, "{what}");
        }
        let all = CHANNELS.map(|channel| Removal {
            channel,
            of: None,
            node: None,
        });
        let bare = explained(&mut run, INSTANCE, &all);
        let mut without = on_graph(&run, |c| {
            for channel in CHANNELS {
                drop_edges(graph(c, channel), |_, _| true);
            }
        });
        same("no edge", &bare, &explained(&mut without, INSTANCE, &[]));
    }
}

#[test]
fn a_removed_neighbour_is_a_directed_edge_less() {
    for config in kinds() {
        let mut run = trained(config, toy(50, 60, 4));
        let (_, channels) = run.loaded();
        let whole = explained(&mut run, INSTANCE, &[]);
        let mut seen = Vec::new();
        for neighbor in &whole.neighbors {
            // The first neighbour of each side in each channel; a row's self loop is none.
            let side = (neighbor.channel, neighbor.of);
            let (of, root, users) = match neighbor.of {
                "user" => (Side::User, whole.user.node, 0),
                _ => (Side::Item, whole.item.node, channels.users as u32),
            };
            if seen.contains(&side) || (neighbor.kind == neighbor.of && neighbor.node == root) {
                continue;
            }
            seen.push(side);
            let channel = CHANNELS.into_iter().find(|c| c.name() == side.0).unwrap();
            let removal = Removal {
                channel,
                of: Some(of),
                node: Some(neighbor.node),
            };
            let what = format!("{:?} without {removal:?}", run.config().model.system);
            let found = explained(&mut run, INSTANCE, &[removal]);
            // In G, items stand behind the users.
            let bipartite = channel == Channel::UserItem;
            let root = root + if bipartite { users } else { 0 };
            let behind = bipartite && of == Side::User;
            let node = neighbor.node + if behind { channels.users as u32 } else { 0 };
            let mut without = on_graph(&run, |c| {
                drop_edges(graph(c, channel), |a, b| a == root && b == node);
            });
            same(&what, &found, &explained(&mut without, INSTANCE, &[]));
            assert!(moved(&found, &whole), "{what}");
            let left = whole
                .neighbors
                .iter()
                .map(name)
                .filter(|n| *n != name(neighbor));
            assert!(found.neighbors.iter().map(name).eq(left), "{what}");
        }
        let expected = if run.model().channels()[1] { 4 } else { 2 };
        assert_eq!(seen.len(), expected, "the pair has neighbours everywhere");
    }
}

#[test]
fn a_removed_side_is_a_root_without_edges() {
    let mut run = trained(kinds()[0].clone(), toy(50, 60, 4));
    let whole = explained(&mut run, INSTANCE, &[]);
    let (_, channels) = run.loaded();
    for (channel, of) in [
        (Channel::UserItem, Side::User),
        (Channel::UserItem, Side::Item),
        (Channel::UserUser, Side::User),
        (Channel::ItemItem, Side::Item),
    ] {
        let removal = Removal {
            channel,
            of: Some(of),
            node: None,
        };
        let found = explained(&mut run, INSTANCE, &[removal]);
        let root = match (channel, of) {
            (_, Side::User) => whole.user.node,
            (Channel::UserItem, Side::Item) => whole.item.node + channels.users as u32,
            (_, Side::Item) => whole.item.node,
        };
        let mut without = on_graph(&run, |c| drop_edges(graph(c, channel), |a, _| a == root));
        let what = format!("{removal:?}");
        same(&what, &found, &explained(&mut without, INSTANCE, &[]));
        assert!(moved(&found, &whole), "{what}");
    }
}

#[test]
fn what_is_not_there_takes_nothing_away() {
    let mut run = trained(small(System::Moge), toy(50, 60, 4));
    let whole = explained(&mut run, INSTANCE, &[]);
    for absent in [
        r#"{"channel": "user_user", "of": "item"}"#,
        r#"{"channel": "item_item", "of": "item", "node": 4000}"#,
    ] {
        let removal = serde_json::from_str(absent).unwrap();
        let found = explained(&mut run, INSTANCE, &[removal]);
        assert_eq!(
            serde_json::to_string(&found).unwrap(),
            serde_json::to_string(&whole).unwrap()
        );
    }
    let vague = serde_json::from_str(r#"{"channel": "user_item", "node": 3}"#).unwrap();
    let refused = message(block_on(explain(&mut run, INSTANCE, &[vague])));
    assert!(refused.contains("the user's or the item's"), "{refused}");
}

#[test]
fn a_trace_adds_up_by_hand() {
    let mut run = trained(small(System::Moge), toy(50, 60, 4));
    let found = block_on(trace(&mut run, INSTANCE)).unwrap();
    let explanation = explained(&mut run, INSTANCE, &[]);
    let get = |name: &str| -> Vec<f64> {
        let tensor = found.tensors.iter().find(|t| t.name == name);
        let tensor = tensor.unwrap_or_else(|| panic!("there is no {name}"));
        assert_eq!(tensor.shape, [tensor.values.len()], "{name}");
        tensor.values.iter().map(|&x| f64::from(x)).collect()
    };
    let all = |what: &str, found: &[f64], expected: &[f64]| {
        assert_eq!(found.len(), expected.len(), "{what}");
        for (a, b) in found.iter().zip(expected) {
            near(what, *a, *b);
        }
    };
    let weights = |name: &str| -> Vec<f64> {
        let parameters = run.parameters();
        let mut named = parameters.iter().filter(|p| p.name == name);
        let value = named.next().unwrap().value.clone();
        let values: Vec<f32> = value.into_data().try_into_vec().unwrap();
        values.into_iter().map(f64::from).collect()
    };

    let d = run.config().model.d;
    let (data, _) = run.loaded();
    for (name, nodes, node) in [
        ("p_u", &data.users, explanation.user.node),
        ("q_i", &data.items, explanation.item.node),
    ] {
        let mut sum = vec![0.0; d];
        for (field, &value) in nodes.fields.iter().zip(nodes.features(node)) {
            let table = weights(&format!("embedding.{}", field.name));
            let row = &table[value as usize * d..][..d];
            sum.iter_mut().zip(row).for_each(|(s, x)| *s += x);
        }
        all(name, &get(name), &sum);
    }

    let states = ["h_u", "h_i", "hu~", "hi~"].map(get);
    for state in &states {
        // The default norm: a root mean square of 1, a little less where states are tiny.
        let square = weighted(state, state) / d as f64;
        assert!((0.9..1.0001).contains(&square), "{square}");
    }
    let (v, bias) = (weights("head.weight"), weights("head.bias"));
    let pairings = [(0, 1), (0, 3), (2, 1), (2, 3)];
    for (k, task) in explanation.tasks.iter().enumerate() {
        let gate = get(&format!("g_{}", task.task));
        near("gate", gate.iter().sum(), 1.0);
        all("gate", &gate, &task.gate);
        let v = &v[k * (32 + d)..][..32 + d];
        let mut mixed = vec![0.0; 32 + d];
        for n in 0..4 {
            let (user, item) = (&states[pairings[n].0], &states[pairings[n].1]);
            let product: Vec<f64> = user.iter().zip(item).map(|(a, b)| a * b).collect();
            let (expert, z) = (get(&format!("f{}", n + 1)), get(&format!("Z{}", n + 1)));
            all("interaction", &z, &product);
            near("expert", weighted(&v[..32], &expert), task.expert[n]);
            near("graph", weighted(&v[32..], &z), task.graph[n]);
            let joined = expert.iter().chain(&z);
            mixed
                .iter_mut()
                .zip(joined)
                .for_each(|(o, x)| *o += gate[n] * x);
        }
        all("mixture", &get(&format!("o_{}", task.task)), &mixed);
        near("logit", weighted(v, &mixed) + bias[k], task.logit);
        near("logit", get("logit")[k], task.logit);
    }
}

#[test]
fn a_trace_leaves_out_what_is_off() {
    let mut config = small(System::Moge);
    config.model.experts = 1;
    let mut run = trained(config, toy(50, 60, 4));
    let found = block_on(trace(&mut run, INSTANCE)).unwrap();
    let names: Vec<&str> = found.tensors.iter().map(|t| t.name.as_str()).collect();
    let expected =
        "p_u q_i h_u h_i Z1 f1 f2 f3 f4 g_favourite g_purchase o_favourite o_purchase logit";
    assert_eq!(names, expected.split(' ').collect::<Vec<_>>());

    let mut run = trained(small(System::MmoeGraph), toy(50, 60, 4));
    let refused = message(block_on(trace(&mut run, INSTANCE)));
    assert!(refused.contains("cannot be looked into"), "{refused}");
    let refused = message(block_on(trace(&mut run, usize::MAX)));
    assert!(refused.contains("there is no test instance"), "{refused}");
}
