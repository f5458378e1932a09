//! Whole neighbourhoods (identity 9 of model.md 11), and models with parts switched off.

use moge::graph::{Channels, Draw, Sampling};
use moge::model::ModelConfig;
use moge::model::config::Features;
use moge::model::parameters::Kind;
use moge::op::form::Form;
use moge::train::Config;

use crate::case::{Case, close, dataset, small, values};
use crate::common;

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
    let mut case = Case::on(config, (*data).clone(), Form::Own);
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
    let part = Case::new(Config {
        model: ModelConfig {
            experts: 0,
            ..small().model
        },
        ..small()
    });
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

#[test]
fn without_the_graphs_part_logits_are_those_without_interactions() {
    // Identity 1: with no expert's interaction MoGE is MMoE.
    let whole = Case::new(small());
    let without = Case::new(Config {
        model: ModelConfig {
            experts: 0,
            ..small().model
        },
        ..small()
    });
    assert_eq!(without.model.channels(), [false; 3]);
    let output = whole.output();
    let [_, graph] = output.parts().expect("MoGE is additive");
    assert!(values(graph.clone()).iter().any(|x| x.abs() > 1e-2));
    let found = values(output.logits - graph);
    close("logits", &found, &values(without.output().logits), 1e-5);
}
