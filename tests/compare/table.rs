//! Plans, cells, and what is written of them, by hand.

use std::collections::BTreeMap;

use moge::compare::store::Purpose;
use moge::compare::table::{Row, Users, Verdict, View, cells, correct};
use moge::compare::{Ablation, Plan, Population, Table, Tuning, write};
use moge::data::Task;
use moge::engine::EngineKind;
use moge::metric::Gauc;
use moge::model::System;
use moge::model::config::Kappa;
use moge::random::Key;
use moge::train::Config;
use moge::train::config::Uncertainty;
use moge::train::record::ParameterCount;

use crate::{common, origin};

/// GAUC of three arms with three seeds; the last is the reference.
fn by_hand() -> Vec<Vec<f64>> {
    vec![
        vec![0.60, 0.63, 0.63],
        vec![0.70, 0.70, 0.70],
        vec![0.71, 0.73, 0.75],
    ]
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn cells_by_hand() {
    let mut columns = [cells(by_hand(), 2, &[0, 1]).unwrap()];
    assert_eq!(correct(&mut columns), 2);
    let [a, b, reference] = columns[0].as_slice() else {
        panic!("one cell per arm");
    };
    // Means 0.62, 0.70, 0.73; the best baseline is the second.
    assert!(close(a.summary.unwrap().mean, 0.62));
    assert!(close(
        a.summary.unwrap().deviation.unwrap(),
        0.0003f64.sqrt()
    ));
    assert!(close(a.rela_impr.unwrap(), -40.0));
    assert!(close(b.rela_impr.unwrap(), 0.0));
    assert!(close(reference.rela_impr.unwrap(), 15.0));
    assert_eq!(reference.versus, None);
    // Differences -0.11, -0.10, -0.12: t = -0.11 sqrt(3) / 0.01, and with two degrees of freedom
    // p = 1 - t / sqrt(2 + t^2). The smaller of two p-values is doubled, the larger stays.
    let t = 11.0 * 3f64.sqrt();
    let p = 1.0 - t / (2.0 + t * t).sqrt();
    let versus = a.versus.as_ref().unwrap();
    assert!(close(versus.seeds.mean, -0.11));
    assert!(close(versus.p_seeds.unwrap(), 2.0 * p));
    assert_eq!(versus.seeds.p_sign_flip, 0.25);
    assert_eq!(versus.verdict(), Verdict::Worse);
    // Differences -0.01, -0.03, -0.05.
    let t = 1.5 * 3f64.sqrt();
    let versus = b.versus.as_ref().unwrap();
    assert!(close(
        versus.p_seeds.unwrap(),
        1.0 - t / (2.0 + t * t).sqrt()
    ));
    assert_eq!(versus.verdict(), Verdict::NotSignificant);

    // Below 0.5 there is no RelaImpr, with one seed no test, without a valid user nothing.
    let low = cells(vec![vec![0.49], vec![0.6]], 1, &[0]).unwrap();
    assert_eq!(low[1].rela_impr, None);
    assert_eq!(low[0].versus.as_ref().unwrap().verdict(), Verdict::Untested);
    let none = cells(vec![vec![], vec![]], 1, &[0]).unwrap();
    assert_eq!(none, [Default::default(), Default::default()]);
}

#[test]
fn a_table_on_paper_by_hand() {
    let users = |p| Users {
        low: -0.2,
        high: -0.05,
        p_merged: p / 2.0,
        p,
    };
    let mut columns = [by_hand(), by_hand()].map(|gauc| cells(gauc, 2, &[0, 1]).unwrap());
    let comparisons = correct(&mut columns);
    assert_eq!(comparisons, 4);
    // In the first column other users give the same order, in the second they need not.
    columns[0][0].versus.as_mut().unwrap().users = Some(users(0.01));
    columns[1][0].versus.as_mut().unwrap().users = Some(users(0.4));
    let [favourite, purchase] = columns;
    let base = Config::default();
    let systems = [System::Mlp, System::MmoeGraph, System::Moge];
    let plan = Plan::systems(&systems, System::Moge, &base, 3, vec![1e-3, 3e-3]).unwrap();
    assert_eq!((plan.reference, &plan.baselines[..]), (2, &[0, 1][..]));
    let row = |chosen| Row {
        tuning: Tuning {
            tried: vec![(1e-3, Some(0.6)), (3e-3, Some(0.7))],
            chosen,
        },
        parameters: ParameterCount {
            network: 10,
            tables: 20,
        },
        kept_step: 150.0,
        diverged: 1,
        seconds: 12.34,
    };
    let view = View {
        name: "all",
        title: "all test pairs",
        pairs: 1000,
        users: [30, 40],
        cells: favourite
            .into_iter()
            .zip(purchase)
            .map(|(a, b)| [a, b])
            .collect(),
        comparisons,
    };
    let table = Table {
        plan,
        purpose: Purpose::new(origin(), EngineKind::Flex, &base).unwrap(),
        rows: vec![row(3e-3); 3],
        views: [
            view.clone(),
            View {
                name: "warm",
                ..view
            },
        ],
    };
    let markdown = write::markdown(&table);
    for line in [
        "| MLP | 0.6200 ± 0.0173 | ▼ | -40.00 % | 0.6200 ± 0.0173 | ▼† | -40.00 % |",
        "| MMoE+Graph | 0.7000 ± 0.0000 | ≈ | +0.00 % | 0.7000 ± 0.0000 | ≈ | +0.00 % |",
        "| **MoGE** | 0.7300 ± 0.0200 |  | +15.00 % | 0.7300 ± 0.0200 |  | +15.00 % |",
        "| MLP | 0.003 (edge) | 0.001: 0.6000, 0.003: 0.7000 | 10 | 20 | 150 | 1 of 3 | 12.3 |",
        "| MLP | favourite | -0.1100 | 0.003 | 0.011 | 0.250 | -0.2000 to -0.0500 | 0.005 | 0.010 | worse |",
        "| MMoE+Graph | purchase | -0.0300 | 0.122 | 0.243 | 0.250 | - | - | - | not significant |",
    ] {
        assert!(
            markdown.contains(&format!("{line}\n")),
            "{line}\n{markdown}"
        );
    }
    let csv = write::csv(&table);
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let line: Vec<&str> = lines.nth(1).unwrap().split(',').collect();
    assert_eq!(lines.count(), 10);
    let field: BTreeMap<&str, &str> = names.iter().copied().zip(line).collect();
    for (name, value) in [
        ("arm", "mlp"),
        ("pairs", "all"),
        ("task", "purchase"),
        ("users", "40"),
        ("gauc_by_seed", "0.6;0.63;0.63"),
        ("p_sign_flip", "0.25"),
        ("p_users_holm", "0.4"),
        ("comparisons", "4"),
        ("verdict", "worse over seeds but not over users"),
        ("learning_rate", "0.003"),
        ("reference", "moge"),
        ("seconds_mean", "12.3"),
    ] {
        assert_eq!(field[name], value, "{name}");
    }
}

#[test]
fn warm_pairs_have_a_known_user_and_item() {
    let mut data = (*common::toy(6, 40, 3).0).clone();
    (data.users.known, data.items.known) = (5, 30);
    data.test.user[0] = 0;
    let [all, warm] = Population::both(&data);
    assert_eq!(all.rows.len(), data.test.len());
    let mut stream = Key::new(4).stream();
    let logits: Vec<f32> = (0..2 * data.test.len())
        .map(|_| stream.uniform() as f32)
        .collect();
    let (mut user, mut label, mut score, mut rows) = (vec![], vec![], vec![], vec![]);
    for i in 0..data.test.len() {
        let (u, item) = (data.test.user[i], data.test.item[i]);
        if (1..5).contains(&u) && (1..30).contains(&item) {
            rows.push(i as u32);
            user.push(u);
            label.push(data.test.labels[i] >> 1);
            score.push(logits[2 * i + 1]);
        }
    }
    assert_eq!(warm.rows, rows);
    assert!(rows.len() < data.test.len() && warm.groups(Task::Purchase).groups() > 0);
    let expected = Gauc::new(&user, &label).unwrap().evaluate(&score).unwrap();
    assert_eq!(warm.report(&logits).unwrap()[1], expected.into());
}

#[test]
fn arms_of_an_ablation_differ_in_one_thing() {
    let base = Config {
        steps: 77,
        ..Config::default()
    };
    let plan = |what| Plan::ablation(what, &base, 0.1, 2, Vec::new()).unwrap();
    let undo = |mut config: Config| {
        config.model.kappa = Kappa::Ep;
        config.model.experts = 4;
        config.uncertainty = Uncertainty::M2grl;
        config.collaboration = true;
        config.beta = 1e-6;
        config
    };
    for (what, arms, reference) in [
        (Ablation::Interaction, 4, "EP"),
        (Ablation::Loss, 4, "i+ii+iii"),
        (Ablation::Experts, 5, "m=4"),
    ] {
        let plan = plan(what);
        assert_eq!(plan.arms.len(), arms);
        assert_eq!(plan.arms[plan.reference].name, reference);
        let mut distinct: Vec<String> = plan
            .arms
            .iter()
            .map(|a| format!("{:?}", a.config))
            .collect();
        distinct.dedup();
        assert_eq!(distinct.len(), arms);
        assert!(plan.arms.iter().all(|arm| undo(arm.config.clone()) == base));
    }
    let loss = plan(Ablation::Loss);
    let of = |arm: usize| {
        let config = &loss.arms[arm].config;
        (config.uncertainty, config.collaboration, config.beta)
    };
    assert_eq!(of(0), (Uncertainty::Off, false, 0.1));
    assert_eq!(of(1), (Uncertainty::M2grl, false, 0.1));
    assert_eq!(of(2), (Uncertainty::Off, true, 0.1));
    assert_eq!(of(3), (Uncertainty::M2grl, true, 0.1));
    // Both seeds of all arms, at the preset's learning rate.
    let runs = loss.reported_runs(&[3e-3; 4]);
    let seeds: Vec<u64> = runs.iter().map(|run| run.seed).collect();
    assert_eq!(seeds, [1, 1, 1, 1, 2, 2, 2, 2]);
    assert!(loss.tuning_runs().is_empty());
}
