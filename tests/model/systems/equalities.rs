//! Systems that are one another at certain parameters (identities 1 to 3, 17 and 18 of model.md 11).

use moge::model::System;
use moge::model::config::{Attention, Cell, Kappa, Message, ModelConfig, Readout, Stitch, ZNorm};
use moge::train::Config;

use super::{plain, task_prefixes, with};
use crate::case::{Case, close, values};

/// Copies every parameter of `from` whose name `to` has, in the same number of values.
fn copy_common(from: &Case, to: &mut Case) {
    for (name, _) in to.names() {
        let known = from.p.iter().any(|p| p.name == name);
        if known && from.get(&name).len() == to.get(&name).len() {
            to.set(&name, &from.get(&name));
        }
    }
}

fn logits(case: &Case) -> Vec<f64> {
    values(case.output().logits)
}

/// The first `e` of every `width` values.
fn cut(values: &[f64], width: usize, e: usize) -> Vec<f64> {
    values
        .chunks(width)
        .flat_map(|row| &row[..e])
        .copied()
        .collect()
}

/// MMoE with the parameters of a MoGE whose interactions do not count, and both gradients.
fn mmoe_agrees(moge: &Case) {
    let mut mmoe = plain(with(System::Mmoe, |_| {}));
    copy_common(moge, &mut mmoe);
    let e = moge.config.model.expert_width();
    let width = e + moge.config.model.interaction_width();
    mmoe.set("head.weight", &cut(&moge.get("head.weight"), width, e));
    let expected = logits(moge);
    assert!(expected.iter().any(|z| (z - expected[0]).abs() > 0.1));
    close("logits", &logits(&mmoe), &expected, 1e-6);

    let (mut found, mut compared) = (mmoe.gradients(), 0);
    for (name, gradient) in moge.gradients() {
        let still = name.starts_with("mgnn.") || name == "log_variance";
        let mut gradient = gradient.unwrap_or_default();
        if still {
            assert!(gradient.iter().all(|&g| g == 0.0), "{name} has a gradient");
            continue;
        }
        if name == "head.weight" {
            gradient = cut(&gradient, width, e);
        }
        close(
            &name,
            &found.remove(&name).unwrap().unwrap(),
            &gradient,
            1e-6,
        );
        compared += 1;
    }
    assert!(
        found.is_empty() && compared > 15,
        "{compared} gradients compared"
    );
}

/// MoGE that trains with loss (i) alone.
fn moge(change: impl FnOnce(&mut ModelConfig)) -> Case {
    plain(Config {
        uncertainty: moge::train::config::Uncertainty::Off,
        ..with(System::Moge, change)
    })
}

#[test]
fn moge_without_interactions_is_mmoe() {
    // Identity 1.
    mmoe_agrees(&moge(|m| m.experts = 0));
}

#[test]
fn moge_with_a_head_that_ignores_interactions_is_mmoe() {
    // Identity 2.
    let mut case = moge(|_| {});
    let e = case.config.model.expert_width();
    let width = e + case.config.model.interaction_width();
    case.change("head.weight", |i, x| if i % width < e { x } else { 0.0 });
    mmoe_agrees(&case);
}

#[test]
fn ngcf_is_one_expert_of_the_bipartite_channel() {
    // Identity 3, with the weights of either task.
    let ngcf = Case::new(with(System::Ngcf, |_| {}));
    let scores = logits(&ngcf);
    assert!(scores.iter().any(|s| s.abs() > 1.0));
    for (k, prefix) in task_prefixes().iter().enumerate() {
        let mut case = moge(|m| {
            m.channels = [true, false, false];
            m.experts = 1;
            (m.attention, m.message, m.cell) = (Attention::Symnorm, Message::Plain, Cell::Ngcf);
            (m.share_layers, m.readout) = (false, Readout::Concat);
            (m.z_norm, m.kappa) = (ZNorm::None, Kappa::Ep);
        });
        for (name, _) in case.names() {
            let theirs = match name.strip_prefix("mgnn.user_item.") {
                Some(rest) => format!("{prefix}ngcf.{rest}"),
                None => format!("{prefix}{name}"),
            };
            if name.starts_with("mgnn.") || name.starts_with("embedding.") {
                case.set(&name, &ngcf.get(&theirs));
            }
        }
        // The gate takes the first expert alone, v reads its interaction, and b is the task's.
        case.change("gate.weight2", |_, _| 0.0);
        case.change("gate.bias2", |i, _| if i % 4 == 0 { 200.0 } else { 0.0 });
        let e = case.config.model.expert_width();
        let width = e + 3 * case.config.model.d;
        case.change("head.weight", |i, _| f32::from(i % width >= e));
        let bias = ngcf.get(&format!("{prefix}head.bias"))[0];
        case.set("head.bias", &[bias; 2]);
        let own: Vec<f64> = scores.iter().skip(k).step_by(2).copied().collect();
        for task in 0..2 {
            let found: Vec<f64> = logits(&case).into_iter().skip(task).step_by(2).collect();
            close(&format!("{prefix} as task {task}"), &found, &own, 1e-5);
        }
    }
}

/// Member `k` of two from weights `[inputs, 2, outputs]`.
fn member(values: &[f64], k: usize, outputs: usize) -> Vec<f64> {
    let rows = values.chunks(2 * outputs);
    rows.flat_map(|row| &row[k * outputs..][..outputs])
        .copied()
        .collect()
}

/// Half `k` of two.
fn half(values: &[f64], k: usize) -> &[f64] {
    &values[k * values.len() / 2..][..values.len() / 2]
}

#[test]
fn cross_stitch_with_the_identity_is_two_networks() {
    // Identity 17.
    for stitch in [Stitch::Scalar, Stitch::PerChannel, Stitch::Full] {
        let mut case = Case::new(with(System::CrossStitch, |m| m.stitch = stitch));
        let widths = case.config.model.expert_hidden.clone();
        for (l, &width) in widths.iter().enumerate() {
            case.change(&format!("stitch{}", l + 1), |i, _| match stitch {
                Stitch::Scalar => f32::from(i / 2 == i % 2),
                Stitch::PerChannel => f32::from(i / width / 2 == i / width % 2),
                Stitch::Full => f32::from(i / (2 * width) == i % (2 * width)),
            });
        }
        let mut apart = Case::new(with(System::Mlp, |m| m.tower_mlp = widths.clone()));
        for (k, prefix) in task_prefixes().iter().enumerate() {
            for (name, _) in case.names() {
                if name.starts_with("embedding.") {
                    apart.set(&format!("{prefix}{name}"), &case.get(&name));
                }
            }
            for (l, &width) in (1..).zip(&widths) {
                let weight = member(&case.get(&format!("column{l}.weight1")), k, width);
                apart.set(&format!("{prefix}tower.weight{l}"), &weight);
                let bias = case.get(&format!("column{l}.bias1"));
                apart.set(&format!("{prefix}tower.bias{l}"), half(&bias, k));
            }
            for part in ["head.weight", "head.bias"] {
                apart.set(&format!("{prefix}{part}"), half(&case.get(part), k));
            }
        }
        let expected = logits(&apart);
        assert!(expected.iter().any(|z| (z - expected[0]).abs() > 0.1));
        close(&format!("{stitch:?}"), &logits(&case), &expected, 1e-6);
    }
}

#[test]
fn the_tasks_of_single_task_systems_share_nothing() {
    for system in [System::Mlp, System::Ngcf] {
        let mut case = Case::new(with(system, |_| {}));
        let before = logits(&case);
        for (name, _) in case.names() {
            let part = name.starts_with("purchase.");
            assert!(part || name.starts_with("favourite."), "{name}");
            if part {
                case.change(&name, |i, x| 1.3 * x + 0.1 * (i % 3) as f32);
            }
        }
        let after = logits(&case);
        for (before, after) in before.chunks(2).zip(after.chunks(2)) {
            assert_eq!(before[0], after[0], "{system}");
            assert_ne!(before[1], after[1], "{system}");
        }
    }
}

#[test]
fn shared_bottom_is_mmoe_that_reads_all_experts() {
    // Identity 17: the head's block n reads expert n; no gates.
    for system in [System::SharedBottom, System::SharedBottomGraph] {
        let case = Case::new(with(system, |_| {}));
        let other = match system.graph() {
            true => System::MmoeGraph,
            false => System::Mmoe,
        };
        let mut mmoe = Case::new(with(other, |_| {}));
        copy_common(&case, &mut mmoe);
        for (name, _) in case.names() {
            if let Some(part) = name.strip_prefix("bottom.") {
                mmoe.set(&format!("expert.{part}"), &case.get(&name));
            }
        }
        let (e, v) = (case.config.model.expert_width(), case.get("head.weight"));
        let mut expected = [0.0; 20];
        for n in 0..4 {
            let block = v.chunks(4 * e).flat_map(|v| &v[n * e..][..e]);
            mmoe.set("head.weight", &block.copied().collect::<Vec<_>>());
            let scores = values(mmoe.output().scores.unwrap().expert.permute([1, 0, 2]));
            for (at, sum) in expected.iter_mut().enumerate() {
                *sum += scores[at * 4 + n];
            }
        }
        let bias = case.get("head.bias");
        let expected: Vec<f64> = (0..20).map(|at| expected[at] + bias[at % 2]).collect();
        close(&format!("{system}"), &logits(&case), &expected, 1e-6);
    }
}

#[test]
fn cgc_without_experts_of_its_own_is_mmoe() {
    // Identity 18.
    for (system, other) in [
        (System::Cgc, System::Mmoe),
        (System::CgcGraph, System::MmoeGraph),
    ] {
        let case = plain(with(system, |m| (m.n_shared, m.n_specific) = (4, 0)));
        let mut mmoe = plain(with(other, |_| {}));
        assert_eq!(case.names(), mmoe.names());
        copy_common(&case, &mut mmoe);
        close(&format!("{system}"), &logits(&case), &logits(&mmoe), 1e-6);
        let gates = |case: &Case| values(case.output().gates.unwrap());
        close(
            &format!("{system}: gates"),
            &gates(&case),
            &gates(&mmoe),
            1e-6,
        );
        let expected = mmoe.gradients();
        for (name, gradient) in case.gradients() {
            close(
                &name,
                &gradient.unwrap(),
                expected[&name].as_ref().unwrap(),
                1e-6,
            );
        }
    }
}
