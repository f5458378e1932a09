//! What a system says that its tasks share.

use moge::model::System;
use moge::model::config::Stitch;
use moge::model::network::Unit;

use super::with;
use crate::case::{Case, close, values};

fn units(case: &Case) -> Vec<Unit> {
    case.model.units(&case.p)
}

#[test]
fn cross_stitch_says_how_strongly_columns_mix() {
    for (stitch, system) in [
        (Stitch::Scalar, System::CrossStitch),
        (Stitch::PerChannel, System::CrossStitchGraph),
        (Stitch::Full, System::CrossStitch),
    ] {
        let case = Case::new(with(system, |m| m.stitch = stitch));
        let units = units(&case);
        let widths = case.config.model.expert_hidden.clone();
        assert_eq!(units.len(), widths.len());
        for (l, (found, width)) in units.into_iter().zip(widths).enumerate() {
            assert_eq!(found.name, format!("unit {}", l + 1));
            assert_eq!(found.rows, ["favourite", "purchase"]);
            assert_eq!(found.columns, found.rows);
            let unit = case.get(&format!("stitch{}", l + 1));
            let n = width as f64;
            // What task k receives from task j.
            let strength = |k: usize, j: usize| match stitch {
                Stitch::Scalar => unit[2 * k + j],
                Stitch::PerChannel => {
                    let entries = &unit[(2 * k + j) * width..][..width];
                    entries.iter().sum::<f64>() / n
                }
                Stitch::Full => {
                    let entry =
                        |a: usize, b: usize| unit[(j * width + a) * 2 * width + k * width + b];
                    let squares =
                        (0..width * width).map(|at| entry(at / width, at % width).powi(2));
                    (squares.sum::<f64>() / n).sqrt()
                }
            };
            let expected: Vec<f64> = (0..4).map(|at| strength(at / 2, at % 2)).collect();
            close(
                &format!("{stitch:?}"),
                &values(found.values),
                &expected,
                1e-6,
            );
            assert!(expected[1] != expected[2], "both directions are told apart");
        }
    }
}

#[test]
fn snr_says_how_open_its_connections_are() {
    let case = Case::new(with(System::SnrTransGraph, |_| {}));
    let [first, second] = &units(&case)[..] else {
        panic!("two routings");
    };
    let names = [&first.name, &second.name];
    assert_eq!(names, ["routing 1", "routing 2"]);
    assert_eq!((first.rows.len(), first.columns.len()), (4, 4));
    assert_eq!(second.columns, first.rows);
    assert_eq!(second.rows, ["favourite", "purchase"]);
    let reference = case.reference();
    for (unit, expected) in [
        (first, reference.connections(1, 4)),
        (second, reference.connections(2, 2)),
    ] {
        close(&unit.name, &values(unit.values.clone()), &expected, 1e-6);
    }
}

#[test]
fn others_share_no_matrix() {
    for system in System::ALL {
        let case = Case::new(with(system, |_| {}));
        let expected = match system.base() {
            System::CrossStitch | System::SnrTrans => 2,
            _ => 0,
        };
        assert_eq!(units(&case).len(), expected, "{system}");
        let bias = values(case.model.bias(&case.p));
        let names: &[&str] = match system.single_task() {
            true => &["favourite.head.bias", "purchase.head.bias"],
            false => &["head.bias"],
        };
        let own: Vec<f64> = names.iter().flat_map(|name| case.get(name)).collect();
        assert_eq!(bias, own, "{system}");
    }
}

#[test]
fn gates_and_scores_add_up_to_the_logits() {
    // Section 5.4, for every system with gates: logit = b + sum over n of g (expert + graph).
    for system in System::ALL {
        let case = Case::new(with(system, |_| {}));
        let output = case.output();
        let experts = case.model.experts().len();
        assert_eq!(output.gates.is_some(), experts > 0, "{system}");
        assert_eq!(output.scores.is_some(), experts > 0, "{system}");
        let (Some(gates), Some(scores)) = (output.gates, output.scores) else {
            continue;
        };
        let [gates, expert, graph] =
            [gates, scores.expert, scores.graph].map(|x| values(x.permute([1, 0, 2])));
        let bias = values(case.model.bias(&case.p));
        let logit = |at: usize| {
            let own = at * experts..(at + 1) * experts;
            bias[at % 2] + own.map(|i| gates[i] * (expert[i] + graph[i])).sum::<f64>()
        };
        let expected: Vec<f64> = (0..20).map(logit).collect();
        close(
            &format!("{system}"),
            &values(output.logits),
            &expected,
            1e-5,
        );
        let graphless = graph.iter().all(|&g| g == 0.0);
        assert_eq!(graphless, system != System::Moge, "{system}");
    }
}
