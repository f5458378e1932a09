//! Simpler models that MoGE contains (identities 1, 2, 3 and 9 of model.md 11).

use moge::graph::{Channels, Draw, Sampling};
use moge::model::ModelConfig;
use moge::model::config::{Attention, Cell, Features, Kappa, Message, Readout, ZNorm};
use moge::model::parameters::Kind;
use moge::train::Config;

use crate::case::{Case, close, dataset, small, values};
use crate::common;
use crate::host::{add, bce, dot, lrelu, multiplied, scaled, softmax, times};

/// MMoE by plain loops over the named parameters of a case: `v_k` is cut to the experts' width.
/// Returns the logits `[B, K]`.
fn mmoe(case: &Case) -> Vec<f64> {
    let m = &case.config.model;
    let r = case.reference();
    let part = |name: &str, inputs: usize, n: usize, member: usize, outputs: usize| -> Vec<f64> {
        // First layers are stored as [inputs, n, outputs], later ones as [n, inputs, outputs].
        let all = r.get(name);
        let row = |i: usize| match name.ends_with('1') {
            true => &all[(i * n + member) * outputs..][..outputs],
            false => &all[(member * inputs + i) * outputs..][..outputs],
        };
        (0..inputs).flat_map(row).copied().collect()
    };
    let bias =
        |name: &str, member: usize, width: usize| r.get(name)[member * width..][..width].to_vec();
    let [e1, e2] = m.expert_hidden[..] else {
        panic!("two layers per expert")
    };
    let [g1] = m.gate_hidden[..] else {
        panic!("one hidden layer per gate")
    };
    let width = r.get("head.weight").len() / 2;
    let mut logits = Vec::new();
    for (&u, &i) in case.users.iter().zip(&case.items) {
        let p = r.transformed(&case.data.users, u as usize);
        let q = r.transformed(&case.data.items, i as usize);
        let x = [p, q].concat();
        let expert = |n: usize| {
            let hidden = times(&x, &part("expert.weight1", x.len(), 4, n, e1));
            let hidden = lrelu(&add(&hidden, &bias("expert.bias1", n, e1)), 0.2);
            let out = times(&hidden, &part("expert.weight2", e1, 4, n, e2));
            lrelu(&add(&out, &bias("expert.bias2", n, e2)), 0.2)
        };
        let experts: Vec<Vec<f64>> = (0..4).map(expert).collect();
        for k in 0..2 {
            let hidden = times(&x, &part("gate.weight1", x.len(), 2, k, g1));
            let hidden = lrelu(&add(&hidden, &bias("gate.bias1", k, g1)), 0.2);
            let scores = times(&hidden, &part("gate.weight2", g1, 2, k, 4));
            let gate = softmax(&add(&scores, &bias("gate.bias2", k, 4)));
            let mut mixed = vec![0.0; e2];
            for n in 0..4 {
                mixed = add(&mixed, &scaled(&experts[n], gate[n]));
            }
            let v = &r.get("head.weight")[k * width..][..e2];
            logits.push(dot(v, &mixed) + r.get("head.bias")[k]);
        }
    }
    logits
}

/// A case whose loss is the plain sum of the cross-entropies.
fn plain(mut config: Config) -> Case {
    config.lambda = 0.0;
    config.beta = 0.0;
    Case::new(config)
}

/// Whether every gradient of the graph networks is exactly zero.
fn assert_graph_is_still(case: &Case) {
    for (name, gradient) in case.gradients() {
        if name.starts_with("mgnn.") || name.starts_with("kappa") {
            let zero = gradient.iter().flatten().all(|&g| g == 0.0);
            assert!(zero, "{name} has a gradient");
        }
    }
}

fn without_interactions() -> Config {
    let config = small();
    Config {
        model: ModelConfig {
            experts: 0,
            ..config.model
        },
        ..config
    }
}

#[test]
fn mmoe_without_interactions() {
    let case = plain(without_interactions());
    let expected = mmoe(&case);
    close("logits", &values(case.output().logits), &expected, 1e-6);
    assert_graph_is_still(&case);
    let loss = |k: usize| -> f64 {
        let terms = expected.iter().zip(&case.labels).skip(k).step_by(2);
        terms.map(|(&z, &y)| bce(z, f64::from(y))).sum::<f64>() / case.users.len() as f64
    };
    close(
        "C",
        &values(case.loss().cross_entropy),
        &[loss(0), loss(1)],
        1e-6,
    );
}

#[test]
fn mmoe_with_a_head_that_ignores_interactions() {
    let mut ignoring = plain(small());
    let width = ignoring.config.model.expert_width() + ignoring.config.model.interaction_width();
    let e = ignoring.config.model.expert_width();
    ignoring.change("head.weight", |i, x| if i % width < e { x } else { 0.0 });
    close(
        "logits",
        &values(ignoring.output().logits),
        &mmoe(&ignoring),
        1e-6,
    );
    assert_graph_is_still(&ignoring);

    // Everything outside the graph learns as in MMoE.
    let without = plain(without_interactions());
    let expected = without.gradients();
    for (name, gradient) in ignoring.gradients() {
        if name.starts_with("mgnn.") {
            continue;
        }
        let (found, expected) = (gradient.unwrap(), expected[&name].clone().unwrap());
        if name == "head.weight" {
            // The graph part of v has a gradient here, and none where Z is zero.
            for (i, (f, x)) in found.iter().zip(&expected).enumerate() {
                let agree = if i % width < e {
                    (f - x).abs() < 1e-6
                } else {
                    *x == 0.0 && *f != 0.0
                };
                assert!(agree, "d head.weight[{i}] is {f}, without interactions {x}");
            }
        } else {
            close(&name, &found, &expected, 1e-6);
        }
    }
}

/// NGCF on the whole of G by plain loops: `<out_u, out_i>` of every pair.
fn ngcf(case: &Case) -> Vec<f64> {
    let r = case.reference();
    let (users, nodes) = (
        case.data.users.len(),
        case.data.users.len() + case.data.items.len(),
    );
    let mut neighbors = vec![Vec::new(); nodes];
    for &(u, i) in &case.data.edges {
        neighbors[u as usize].push(users + i as usize);
        neighbors[users + i as usize].push(u as usize);
    }
    let start = |n: usize| match n < users {
        true => r.transformed(&case.data.users, n),
        false => r.transformed(&case.data.items, n - users),
    };
    let mut e: Vec<Vec<f64>> = (0..nodes).map(start).collect();
    let mut out = e.clone();
    for l in 1..=2 {
        let get = |part: &str| r.get(&format!("mgnn.user_item.layer{l}.{part}"));
        let next = |t: usize| {
            let mut m = vec![0.0; e[t].len()];
            for &s in &neighbors[t] {
                let p = 1.0 / ((neighbors[t].len() * neighbors[s].len()) as f64).sqrt();
                m = add(&m, &scaled(&e[s], p));
            }
            let sum = add(&times(&add(&e[t], &m), get("w_sum")), get("bias_sum"));
            let product = times(&multiplied(&e[t], &m), get("w_product"));
            lrelu(&add(&sum, &add(&product, get("bias_product"))), 0.2)
        };
        e = (0..nodes).map(next).collect();
        for (out, e) in out.iter_mut().zip(&e) {
            out.extend(scaled(e, 1.0 / dot(e, e).sqrt()));
        }
    }
    let pairs = case.users.iter().zip(&case.items);
    pairs
        .map(|(&u, &i)| dot(&out[u as usize], &out[users + i as usize]))
        .collect()
}

#[test]
fn ngcf_is_one_expert_of_the_bipartite_channel() {
    let config = small();
    let mut case = Case::new(Config {
        model: ModelConfig {
            channels: [true, false, false],
            experts: 1,
            attention: Attention::Symnorm,
            message: Message::Plain,
            cell: Cell::Ngcf,
            share_layers: false,
            readout: Readout::Concat,
            z_norm: ZNorm::None,
            kappa: Kappa::Ep,
            ..config.model
        },
        ..config
    });
    // The gate takes the first expert alone, v reads its interaction, and b is 0.
    case.change("gate.weight2", |_, _| 0.0);
    case.change("gate.bias2", |i, _| if i % 4 == 0 { 200.0 } else { 0.0 });
    let (e, dz) = (case.config.model.expert_width(), 3 * case.config.model.d);
    case.change(
        "head.weight",
        |i, _| if i % (e + dz) < e { 0.0 } else { 1.0 },
    );
    case.change("head.bias", |_, _| 0.0);
    let expected: Vec<f64> = ngcf(&case)
        .iter()
        .flat_map(|&score| [score, score])
        .collect();
    assert!(expected.iter().any(|s| s.abs() > 1.0));
    close("scores", &values(case.output().logits), &expected, 1e-5);
}

#[test]
fn a_large_enough_fan_out_is_the_whole_graph() {
    let (data, channels) = common::toy(60, 80, 3);
    let graphs = [
        &channels.user_item,
        &channels.user_user,
        &channels.item_item,
    ];
    let degree = |g: &moge::graph::Csr| (0..g.len() as u32).map(|n| g.degree(n)).max().unwrap();
    let most = graphs.map(degree).into_iter().max().unwrap();
    assert!(most > 8, "the toy is dense enough to matter");
    let config = Config {
        model: ModelConfig {
            d: 16,
            ..ModelConfig::default()
        },
        ..Config::default()
    };
    let mut case = Case::on(config, (*data).clone(), true);
    assert_eq!(case.channels, Channels::clone(&channels));
    case.users = data.test.user.iter().step_by(20).copied().collect();
    case.items = data.test.item.iter().step_by(20).copied().collect();
    case.labels = vec![0.0; 2 * case.users.len()];

    let scored = case.reference().score(&case.users, &case.items);
    let expected: Vec<f64> = scored.iter().flat_map(|pair| pair.logits).collect();
    let draws = [Draw::Full, Draw::Evaluate, Draw::Train { seed: 5, step: 9 }];
    for draw in draws {
        let batch = case.drawn(Sampling::uniform(&[most, most]), draw);
        let logits = values(case.score(&batch).logits);
        close(&format!("{draw:?}"), &logits, &expected, 1e-5);
    }
    // A smaller fan-out is another model.
    let few = values(
        case.score(&case.drawn(Sampling::uniform(&[2, 2]), draws[2]))
            .logits,
    );
    assert!(few.iter().zip(&expected).any(|(a, b)| (a - b).abs() > 1e-3));
}

#[test]
fn switching_parts_off_leaves_the_other_initial_values() {
    let whole = Case::new(small());
    let part = Case::new(without_interactions());
    let ids = Case::new(Config {
        model: ModelConfig {
            features: Features::Ids,
            ..small().model
        },
        ..small()
    });
    for (case, fewer) in [(&part, 0), (&ids, 5)] {
        let names = case.names();
        assert_eq!(whole.names().len(), names.len() + fewer);
        for (name, _) in &names {
            assert_eq!(
                case.reference().get(name),
                whole.reference().get(name),
                "{name}"
            );
        }
    }
    assert!(
        whole
            .names()
            .iter()
            .filter(|(_, kind)| *kind == Kind::Table)
            .count()
            == 7
    );
    assert_eq!(
        dataset().users.fields.len() + dataset().items.fields.len(),
        7
    );
}
