//! What must hold whatever the parameters are (identities 4 to 6, 8, 10, 11 and 13 of model.md
//! 11).

use moge::data::{Dataset, Nodes};
use moge::graph::Channel;
use moge::model::ModelConfig;
use moge::model::config::{Attention, Cell, Features, Kappa, Message, ZNorm};
use moge::op::form::Form;
use moge::random::Key;
use moge::train::Config;
use moge::train::loss::balance;

use crate::case::{Case, close, dataset, small, values};
use crate::host::dot;
use crate::reference::{K, N};

const ATTENTIONS: [Attention; 5] = [
    Attention::Dot,
    Attention::Genie,
    Attention::Gat,
    Attention::Mean,
    Attention::Symnorm,
];

fn with(change: impl FnOnce(&mut ModelConfig)) -> Config {
    let mut config = small();
    change(&mut config.model);
    config
}

#[test]
fn logits_mix_the_experts_scores() {
    // Identity 4: a logit without its bias lies between the smallest and the largest score.
    let case = Case::new(small());
    let output = case.output();
    let bias = values(case.model.bias(&case.p));
    assert_eq!(bias, case.reference().get("head.bias"));
    let scores = output.scores.unwrap();
    let s = values((scores.expert + scores.graph).permute([1, 0, 2]));
    let gates = values(output.gates.unwrap().permute([1, 0, 2]));
    let logits = values(output.logits);
    for (row, ((s, g), logit)) in s.chunks(N).zip(gates.chunks(N)).zip(logits).enumerate() {
        let mixed = logit - bias[row % K];
        assert!((dot(s, g) - mixed).abs() < 1e-5);
        let (low, high) = s
            .iter()
            .fold((f64::MAX, f64::MIN), |(l, h), &s| (l.min(s), h.max(s)));
        assert!(
            low - 1e-6 < mixed && mixed < high + 1e-6,
            "{mixed} of {s:?}"
        );
        assert!(high - low > 1e-3, "the scores differ");
    }
}

#[test]
fn gates_and_balance() {
    // Identities 5 and 6.
    let mut case = Case::new(small());
    let gates = values(case.output().gates.unwrap());
    for gate in gates.chunks(N) {
        assert!((gate.iter().sum::<f64>() - 1.0).abs() < 1e-6);
        assert!(gate.iter().all(|&g| (0.0..=1.0).contains(&g)));
    }
    let pairs = case.users.len() as f64;
    let mut products = 0.0;
    let mut squares = 0.0;
    for gate in gates.chunks(N) {
        for n in 0..N {
            squares += gate[n] * gate[n];
            products += (n + 1..N).map(|m| gate[n] * gate[m]).sum::<f64>();
        }
    }
    let found = |case: &Case| values(balance(case.output().gates.unwrap()))[0];
    close("products", &[found(&case)], &[-products / pairs], 1e-6);
    close(
        "squares",
        &[found(&case)],
        &[-(K as f64 - squares / pairs) / 2.0],
        1e-6,
    );
    assert!((-0.375 * K as f64..=0.0).contains(&found(&case)));

    case.change("gate.weight2", |_, _| 0.0);
    case.change("gate.bias2", |_, _| 0.7);
    close("uniform gates", &[found(&case)], &[-0.375 * K as f64], 1e-6);
    case.change("gate.bias2", |i, _| if i % N == 2 { 200.0 } else { 0.0 });
    close("one-hot gates", &[found(&case)], &[0.0], 1e-6);
}

#[test]
fn order_of_neighbours_does_not_matter() {
    // Identity 8.
    for attention in ATTENTIONS {
        let case = Case::new(with(|m| {
            m.attention = attention;
            m.sim_bias = true;
        }));
        let batch = case.batch();
        let mut permuted = batch.clone();
        let mut stream = Key::new(8).stream();
        for block in permuted
            .blocks
            .iter_mut()
            .flatten()
            .map(|found| &mut found.block)
        {
            for t in 0..block.offsets.len() - 1 {
                let mut order: Vec<usize> = block.row(t).collect();
                stream.shuffle(&mut order);
                let moved: Vec<_> = order
                    .iter()
                    .map(|&e| (block.neighbors[e], block.weights[e]))
                    .collect();
                for (e, (neighbor, weight)) in block.row(t).zip(moved) {
                    (block.neighbors[e], block.weights[e]) = (neighbor, weight);
                }
            }
        }
        assert_ne!(
            batch.blocks[0].as_ref().unwrap().block,
            permuted.blocks[0].as_ref().unwrap().block
        );
        let expected = values(case.score(&batch).logits);
        close(
            &format!("{attention:?}"),
            &values(case.score(&permuted).logits),
            &expected,
            1e-6,
        );
    }
}

#[test]
fn isolated_nodes_depend_on_themselves_alone() {
    // Identity 10: user 7 and item 8 have no edge; pair 7 joins them.
    for attention in ATTENTIONS {
        for cell in [Cell::Lstm, Cell::LstmH0, Cell::Gru, Cell::Sum, Cell::Ngcf] {
            let mut case = Case::new(with(|m| {
                (m.attention, m.cell, m.features) = (attention, cell, Features::Ids);
            }));
            let before = values(case.output().logits);
            let d = case.config.model.d;
            for (table, own) in [("embedding.user_id", 7), ("embedding.item_id", 8)] {
                case.change(table, |i, x| if i / d == own { x } else { 0.5 - 2.0 * x });
            }
            let after = values(case.output().logits);
            let what = format!("{attention:?}, {cell:?}");
            assert!(before.iter().chain(&after).all(|x| x.is_finite()), "{what}");
            close(&what, &after[14..16], &before[14..16], 1e-6);
            let changed = |pair: usize| (after[2 * pair] - before[2 * pair]).abs() > 1e-4;
            assert!((0..6).all(changed), "{what}: connected pairs do change");
        }
    }
}

#[test]
fn attention_of_the_last_layer() {
    // Identity 11: a single neighbour has weight 1, except under the symmetric normaliser.
    for attention in ATTENTIONS {
        let case = Case::new(with(|m| {
            m.attention = attention;
            m.sim_bias = true;
        }));
        let (batch, reference) = (case.batch(), case.reference());
        let found = case.model.attention(&case.p, &batch);
        let channels = [Channel::UserItem, Channel::UserUser, Channel::ItemItem];
        let mut single = 0;
        for (c, &channel) in channels.iter().enumerate() {
            let block = &batch.blocks[c].as_ref().unwrap().block;
            assert_eq!(found[c].len(), block.within[0], "one row per distinct root");
            let (_, expected) = reference.states(channel);
            for (row, &node) in found[c].iter().zip(&block.nodes) {
                let (row, expected) = (values(row.clone()), &expected[node as usize]);
                let (row, padding) = row.split_at(expected.len());
                let what = format!("{attention:?}, {channel:?}, node {node}");
                close(&what, row, expected, 1e-6);
                assert!(padding.iter().all(|&alpha| alpha == 0.0), "{what}");
                if row.len() == 1 && attention != Attention::Symnorm {
                    assert_eq!(row[0], 1.0, "{what}");
                }
                single += usize::from(row.len() == 1);
            }
        }
        assert!(single > 5, "the graph has nodes with one neighbour");
    }
}

/// `<v_k, Z^n>` as `[K, B, N]`.
fn graph_scores(case: &Case) -> Vec<f64> {
    values(case.output().scores.unwrap().graph)
}

#[test]
fn concatenation_can_read_the_user_alone() {
    // Identity 13.
    let mut case = Case::new(with(|m| m.kappa = Kappa::Con));
    let (e, d) = (case.config.model.expert_width(), case.config.model.d);
    case.change(
        "head.weight",
        |i, x| if i % (e + 2 * d) < e + d { x } else { 0.0 },
    );
    let found = graph_scores(&case);
    let reference = case.reference();
    let [(bipartite, _), (similar, _)] =
        [Channel::UserItem, Channel::UserUser].map(|channel| reference.states(channel));
    let v = reference.get("head.weight");
    let mut expected = Vec::new();
    for k in 0..K {
        for &u in &case.users {
            let v = &v[k * (e + 2 * d) + e..][..d];
            let (own, similar) = (dot(v, &bipartite[u as usize]), dot(v, &similar[u as usize]));
            expected.extend([own, own, similar, similar]);
        }
    }
    close("scores", &found, &expected, 1e-5);
    case.items.reverse();
    close(
        "scores with other items",
        &graph_scores(&case),
        &found,
        1e-6,
    );
}

#[test]
fn the_product_is_symmetric() {
    // Identity 13, for the whole graph network: with users and items exchanged everywhere, Z^1 and
    // Z^4 stay and Z^2 and Z^3 change places.
    let config = with(|m| m.share_channels = true);
    let case = Case::on(config.clone(), dataset(), Form::Own);
    let data = dataset();
    let mirrored = Dataset {
        users: data.items,
        items: data.users,
        edges: data.edges.iter().map(|&(u, i)| (i, u)).collect(),
        ..dataset()
    };
    let mut mirrored = Case::on(config, mirrored, Form::Own);
    (mirrored.users, mirrored.items) = (case.items.clone(), case.users.clone());
    let found = graph_scores(&mirrored);
    let expected: Vec<f64> = graph_scores(&case)
        .chunks(N)
        .flat_map(|s| [s[0], s[2], s[1], s[3]])
        .collect();
    close("scores", &found, &expected, 1e-5);
    assert!(expected.chunks(N).any(|s| (s[1] - s[2]).abs() > 1e-3));
}

#[test]
fn the_sum_of_opposite_states_vanishes() {
    // Identity 13, ADD: the graph is its own mirror image, the network linear, and an item's vector
    // the negative of its user's.
    let users = dataset().users;
    let mut items = Nodes {
        fields: users.fields.clone(),
        ..users.clone()
    };
    items.fields[0].name = "item_id".into();
    let pairs = [(1, 2), (1, 3), (2, 3), (3, 3), (4, 5), (6, 6)];
    let mut edges: Vec<(u32, u32)> = pairs.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).collect();
    edges.sort_unstable();
    edges.dedup();
    let config = with(|m| {
        m.features = Features::Ids;
        m.kappa = Kappa::Add;
        (m.attention, m.message, m.cell) = (Attention::Mean, Message::Plain, Cell::Sum);
        m.z_norm = ZNorm::Rms;
    });
    let mut case = Case::on(
        config,
        Dataset {
            users,
            items,
            edges,
            ..dataset()
        },
        Form::Own,
    );
    let table = case.reference().get("embedding.user_id").to_vec();
    case.change("embedding.item_id", |i, _| -table[i] as f32);
    case.items = case.users.clone();
    let found = graph_scores(&case);
    for s in found.chunks(N) {
        assert!(s[0].abs() < 1e-6 && s[3].abs() < 1e-6, "{s:?}");
        assert!((s[1] + s[2]).abs() < 1e-6, "{s:?}");
    }
    assert!(found.chunks(N).any(|s| s[1].abs() > 0.1));
}
