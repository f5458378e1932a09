//! Scores of pairs, known and unknown.

use moge::data::{Dataset, Nodes};
use moge::explain::explain;
use moge::graph::Draw;
use moge::model::System;
use moge::model::config::Features;
use moge::serve::pairs::{score_csv, score_table};
use moge::train::Run;
use pollster::block_on;

use crate::{close, moved, scores_of, small, toy, trained};

/// `user_id,item_id` of some test instances.
fn table(data: &Dataset, rows: impl Iterator<Item = usize>) -> String {
    let raw = |row: usize| {
        let (user, item) = (data.test.user[row] as usize, data.test.item[row] as usize);
        format!("{},{}\n", data.users.raw[user], data.items.raw[item])
    };
    "user_id,item_id\n".to_string() + &rows.map(raw).collect::<String>()
}

fn logits(run: &mut Run, csv: &str, draw: Draw) -> Vec<[f32; 2]> {
    let scores = block_on(score_table(run, "pairs", csv.as_bytes(), draw, |_| {})).unwrap();
    scores.rows.iter().map(|row| row.logits).collect()
}

/// Appends a node without an id row.
fn append(nodes: &mut Nodes, raw: u64, attributes: &[u32]) {
    nodes.raw.push(raw);
    nodes.values.push(0);
    nodes.values.extend(attributes);
}

#[test]
fn known_pairs_score_as_in_evaluation() {
    // Raw ids that are not the indices, so that a mix-up shows.
    let mut data = toy(60, 80, 1);
    data.users.raw[1..]
        .iter_mut()
        .for_each(|raw| *raw = 7000 - 11 * *raw);
    data.items.raw[1..]
        .iter_mut()
        .for_each(|raw| *raw = 13 * *raw + 5);
    let mut run = trained(small(System::Moge), data.clone());
    block_on(run.evaluate()).unwrap();
    let evaluated = run.scored().0.logits.clone();
    let evaluated = evaluated.as_chunks::<2>().0;
    let fully = block_on(run.score_test_fully()).unwrap().logits;
    let fully = fully.as_chunks::<2>().0;

    let whole = table(&data, 0..data.test.len());
    let scores = block_on(score_csv(&mut run, &whole, |_| {})).unwrap();
    let found: Vec<[f32; 2]> = scores.rows.iter().map(|row| row.logits).collect();
    close("evaluation", &found, evaluated, 1e-6);
    close(
        "all neighbours",
        &logits(&mut run, &whole, Draw::Full),
        fully,
        1e-6,
    );
    assert!(
        found
            .iter()
            .zip(fully)
            .any(|(a, b)| (a[0] - b[0]).abs() > 1e-4),
        "fan-out matters"
    );
    assert!(scores.notes.is_empty(), "{:?}", scores.notes);

    // In any order, any selection.
    let some = (0..data.test.len()).rev().step_by(7);
    let found = logits(&mut run, &table(&data, some.clone()), Draw::Evaluate);
    let expected: Vec<[f32; 2]> = some.map(|row| evaluated[row]).collect();
    close("some backwards", &found, &expected, 1e-6);

    let mut csv = csv::Reader::from_reader(scores.csv.as_bytes());
    let header: Vec<_> = csv.headers().unwrap().iter().map(String::from).collect();
    let expected = "user_id,item_id,user_known,item_known,logit_favourite,logit_purchase,p_favourite,p_purchase";
    assert_eq!(header.join(","), expected);
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), scores.rows.len());
    for (at, (record, row)) in rows.iter().zip(&scores.rows).enumerate() {
        assert_eq!(row.line as usize, at + 2);
        let user = data.test.user[at] as usize;
        assert_eq!(record[0], data.users.raw[user].to_string());
        assert_eq!((&record[2], &record[3]), ("1", "1"));
        for k in 0..2 {
            assert_eq!(record[4 + k].parse::<f32>().unwrap(), row.logits[k]);
            let p: f64 = record[6 + k].parse().unwrap();
            assert!((p - 1.0 / (1.0 + f64::from(-row.logits[k]).exp())).abs() < 1e-6);
            assert!((p - row.probabilities[k]).abs() < 1e-6);
        }
    }
}

#[test]
fn unseen_users_and_items_score_as_hand_built_nodes() {
    let data = toy(50, 60, 2);
    let csv = "user_id,item_id,cat_id,seller_id,brand_id,age_range,gender\n\
               3,9001,300,200,100,,\n\
               3,9001,300,200,100,,\n\
               9002,4,,,,6,1\n\
               9002,9001,300,200,100,6,1\n\
               3,5,,,,,\n\
               9003,9004,,,,,\n\
               9002,9005,777,,100,6,1\n";
    for system in System::ALL {
        let mut run = trained(small(system), data.clone());
        let found = block_on(score_table(
            &mut run,
            "pairs",
            csv.as_bytes(),
            Draw::Full,
            |_| {},
        ))
        .unwrap();
        let known: Vec<_> = found
            .rows
            .iter()
            .map(|r| (r.user_known, r.item_known))
            .collect();
        let (yes, no) = (true, false);
        assert_eq!(
            known,
            [
                (yes, no),
                (yes, no),
                (no, yes),
                (no, no),
                (yes, yes),
                (no, no),
                (no, no)
            ]
        );
        let notes = found.notes.join("\n");
        assert!(
            notes.contains("training did not see: 4 of 7; with such an item: 5"),
            "{notes}"
        );
        assert!(
            notes.contains("count as not given: 1 (no item that training saw"),
            "{notes}"
        );

        let mut grown = data.clone();
        append(&mut grown.users, 9002, &[6, 2]);
        append(&mut grown.users, 9003, &[0, 0]);
        append(&mut grown.items, 9001, &[3, 2, 1]);
        append(&mut grown.items, 9004, &[0, 0, 0]);
        append(&mut grown.items, 9005, &[0, 0, 1]);
        let mut by_hand = moved(&run, grown);
        let (u2, u3, i1, i4, i5) = (51, 52, 61, 62, 63);
        let pairs = [
            (3, i1),
            (3, i1),
            (u2, 4),
            (u2, i1),
            (3, 5),
            (u3, i4),
            (u2, i5),
        ];
        let expected = scores_of(&mut by_hand, &pairs, Draw::Full).logits;
        let found: Vec<[f32; 2]> = found.rows.iter().map(|row| row.logits).collect();
        close(system.name(), &found, &expected, 1e-5);
        if system.graph() || system == System::Ngcf {
            let sampled = logits(&mut run, csv, Draw::Evaluate);
            close(
                system.name(),
                &sampled[4..5],
                &scores_of(&mut run, &[(3, 5)], Draw::Evaluate).logits,
                1e-6,
            );
        }
        // Nodes that the dataset does hold need no attributes.
        let bare = "user_id,item_id\n9002,9001\n";
        let found = logits(&mut by_hand, bare, Draw::Full);
        close(system.name(), &found, &expected[3..4], 1e-5);
    }
}

#[test]
fn attributes_of_an_unseen_item_replace_those_of_the_dataset_and_leave_its_neighbours() {
    // One layer, and no edge between the two: no neighbour passes on what the dataset says of them.
    for (self_loop, features) in [
        (false, Features::IdsAttrs),
        (true, Features::IdsAttrs),
        (true, Features::Ids),
    ] {
        let mut config = small(System::Moge);
        config.model.layers = 1;
        config.model.self_loop = self_loop;
        config.model.features = features;
        config.fan_out = vec![50];
        let run = trained(config, toy(50, 60, 3));
        let mut grown = (*run.loaded().0).clone();
        append(&mut grown.items, 9001, &[3, 2, 1]);
        append(&mut grown.users, 9002, &[6, 2]);
        grown.edges.extend([(4, 61), (9, 61), (51, 7)]);
        grown.edges.sort_unstable();
        let mut changed = grown.clone();
        let end = changed.items.values.len();
        changed.items.values[end - 3..].copy_from_slice(&[5, 2, 4]);
        let end = changed.users.values.len();
        changed.users.values[end - 2..].copy_from_slice(&[1, 2]);
        let pairs = [(3, 61), (51, 2), (51, 61), (9, 60)];
        let expected = scores_of(&mut moved(&run, changed), &pairs, Draw::Evaluate).logits;

        let csv = "user_id,item_id,cat_id,brand_id,age_range\n\
                   3,9001,500,400,\n9002,2,,,1\n9002,9001,500,400,1\n9,60,500,400,1\n";
        let mut served = moved(&run, grown);
        // A known user and item keep what they were trained with, whatever the table says.
        let found = logits(&mut served, csv, Draw::Evaluate);
        close("replaced", &found[..3], &expected[..3], 1e-5);
        let before = scores_of(&mut served, &pairs, Draw::Evaluate).logits;
        close("known", &found[3..], &before[3..], 1e-6);
        let differs = (before[0][0] - found[0][0]).abs() > 1e-4;
        assert_eq!(differs, features == Features::IdsAttrs);
    }
}

#[test]
fn the_split_of_a_score_is_that_of_its_explanation() {
    for system in [System::Moge, System::Cgc, System::Esmm] {
        let mut run = trained(small(system), toy(50, 60, 4));
        let (data, _) = run.loaded();
        let pair = (data.test.user[11], data.test.item[11]);
        let scores = scores_of(&mut run, &[(1, 1), pair], Draw::Evaluate);
        let explained = block_on(explain(&mut run, 11, &[])).unwrap();
        assert_eq!(scores.parts.is_empty(), system == System::Esmm);
        for (k, task) in explained.tasks.iter().enumerate() {
            assert!((f64::from(scores.logits[1][k]) - task.logit).abs() < 1e-5);
            let Some(parts) = scores.parts.get(1) else {
                continue;
            };
            let weighted = |of: &[f64]| task.gate.iter().zip(of).map(|(g, s)| g * s).sum::<f64>();
            assert!((f64::from(parts[k].experts) - weighted(&task.expert)).abs() < 1e-5);
            assert!((f64::from(parts[k].graph) - weighted(&task.graph)).abs() < 1e-5);
            let sum = task.bias + f64::from(parts[k].experts + parts[k].graph);
            assert!((sum - task.logit).abs() < 1e-5);
        }
    }
}

#[test]
fn progress_ends_at_all_pairs() {
    let mut run = trained(small(System::Mlp), toy(50, 60, 4));
    let (data, _) = run.loaded();
    let csv = table(&data, (0..5000).map(|row| row % data.test.len()));
    let mut told = Vec::new();
    let scores = block_on(score_csv(&mut run, &csv, |share| told.push(share))).unwrap();
    assert_eq!(told, [4096.0 / 5000.0, 1.0]);
    // The last pairs, in the second part, were there before, in the first.
    let logits: Vec<[f32; 2]> = scores.rows.iter().map(|row| row.logits).collect();
    let before = 4900 - data.test.len();
    close(
        "again",
        &logits[4900..],
        &logits[before..before + 100],
        1e-6,
    );
}
