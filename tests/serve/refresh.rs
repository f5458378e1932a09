//! Newer rows in the graph of a trained run.

use std::collections::BTreeSet;

use moge::data::{Action, Dataset, Day, Row, UserInfo};
use moge::graph::{Channels, Draw};
use moge::metric::Gauc;
use moge::model::System;
use moge::serve::refresh::{Growth, Refresher};
use moge::serve::rescore::compare;
use moge::train::Run;
use pollster::block_on;

use crate::{engine, message, moved, scores_of, small, toy, trained};

fn row(user: u64, item: u64, action: Action) -> Row {
    Row {
        user,
        item,
        category: 300,
        merchant: 12345,
        brand: 0,
        day: Day::from_mmdd(1020).unwrap(),
        action,
    }
}

fn refreshed(data: &Dataset, rows: &[Row]) -> (Dataset, Growth) {
    let mut refresher = Refresher::new(data, false);
    refresher.push_info(UserInfo {
        user: 900,
        age: 4,
        gender: 1,
    });
    rows.iter().for_each(|row| refresher.push(row));
    refresher.finish("rows.csv")
}

fn logits(run: &mut Run) -> Vec<f32> {
    block_on(run.score_test_fully()).unwrap().logits
}

/// Rows of old and new users and items, in no order; 950 and 800 only look.
fn rows() -> Vec<Row> {
    let mut rows = vec![
        row(900, 5, Action::Purchase),
        row(3, 800, Action::Click),
        row(2, 700, Action::Favourite),
        row(900, 700, Action::Favourite),
        row(950, 6, Action::Cart),
        row(2, 700, Action::Favourite),
    ];
    rows.extend((10..30).map(|user| row(user, 1 + user % 7, Action::Purchase)));
    rows[1].brand = 200;
    rows
}

#[test]
fn without_new_rows_nothing_changes() {
    let data = toy(50, 60, 5);
    let mut run = trained(small(System::Moge), data.clone());
    let (same, growth) = refreshed(&data, &[]);
    assert_eq!((&same, growth), (&data, Growth::default()));
    // A row that the graph holds already adds nothing either.
    let (user, item) = data.edges[17];
    let known = row(user.into(), item.into(), Action::Purchase);
    let (same, growth) = refreshed(&data, &[known, row(1, 1, Action::Click)]);
    assert_eq!(same, data);
    assert_eq!((growth.rows, growth.edges), (2, 0));

    let before = logits(&mut run);
    let after = logits(&mut moved(&run, same));
    assert_eq!(before, after, "to the last bit");
}

#[test]
fn the_channels_are_those_of_all_edges_and_old_nodes_keep_their_place() {
    let data = toy(50, 60, 6);
    let (grown, growth) = refreshed(&data, &rows());
    assert_eq!(growth.rows, rows().len() as u64);
    assert_eq!((growth.users, growth.items), (2, 2));
    // Three brand-new items' values: merchant 12345 twice (700 and 800); brand 200 exists.
    assert_eq!(growth.unmapped, 2);
    let day = Day::from_mmdd(1020).unwrap();
    assert_eq!((growth.days, growth.late_rows), (Some((day, day)), 0));

    let (users, items) = (data.users.len(), data.items.len());
    assert_eq!(grown.users.raw[..users], data.users.raw);
    assert_eq!(grown.users.raw[users..], [900, 950]);
    assert_eq!(grown.items.raw[items..], [700, 800]);
    assert_eq!(grown.users.features(users as u32), [0, 4, 1]);
    assert_eq!(grown.users.features(users as u32 + 1), [0, 0, 0]);
    assert_eq!(grown.items.features(items as u32), [0, 3, 0, 0]);
    assert_eq!(grown.items.features(items as u32 + 1), [0, 3, 0, 2]);
    for node in 0..items as u32 {
        assert_eq!(grown.items.features(node), data.items.features(node));
    }
    assert_eq!((grown.users.known, grown.items.known), (users, items));
    assert_eq!(
        (&grown.train, &grown.valid, &grown.test),
        (&data.train, &data.valid, &data.test)
    );

    let mut union: BTreeSet<(u32, u32)> = data.edges.iter().copied().collect();
    union.extend([(51, 5), (2, 61), (51, 61)]);
    union.extend((10..30).map(|user| (user, 1 + user % 7)));
    assert_eq!(growth.edges, union.len() - data.edges.len());
    let union: Vec<(u32, u32)> = union.into_iter().collect();
    let settings = small(System::Moge).construction();
    let scratch = Channels::from_edges(53, 63, &union, &settings).unwrap();
    assert_eq!(Channels::build(&grown, &settings).unwrap(), scratch);

    // It is written and read back, and can be refreshed again.
    let read = Dataset::from_bytes(&grown.to_bytes().unwrap()).unwrap();
    assert_eq!(read, grown);
    assert_eq!(grown.origin.ancestors, [data.fingerprint()]);
    assert!(
        grown
            .provenance
            .contains("Refreshed with 26 rows of rows.csv"),
        "{}",
        grown.provenance
    );
    let (again, growth) = refreshed(&grown, &[row(950, 800, Action::Favourite)]);
    assert_eq!((growth.users, growth.items, growth.edges), (0, 0, 1));
    assert_eq!(
        again.origin.ancestors,
        [data.fingerprint(), grown.fingerprint()]
    );
    assert_eq!(again.edges.last(), Some(&(52, 62)));

    // Only with the permission of an ancestor do nodes without an id row have edges.
    let orphan = Dataset {
        origin: data.origin.clone(),
        ..grown
    };
    assert!(Dataset::from_bytes(&orphan.to_bytes().unwrap()).is_err());
}

#[test]
fn the_edge_rule_of_the_dataset_decides() {
    let mut data = toy(50, 60, 6);
    data.origin.edge_actions = moge::data::Actions::of(&[Action::Cart]);
    let (_, growth) = refreshed(&data, &rows());
    assert_eq!(growth.edges, 1, "the cart of user 950");
    let mut refresher = Refresher::new(&data, true);
    rows().iter().for_each(|row| refresher.push(row));
    let (grown, growth) = refresher.finish("rows.csv");
    assert_eq!(
        (growth.rows_left_out, growth.users, growth.edges),
        (3, 0, 0)
    );
    assert_eq!(grown.users, data.users);
}

#[test]
fn a_run_serves_descendants_of_its_dataset_and_no_other() {
    let data = toy(50, 60, 7);
    let mut run = trained(small(System::Moge), data.clone());
    let before = logits(&mut run);
    let (grown, _) = refreshed(&data, &rows());
    let (again, _) = refreshed(&grown, &[row(950, 800, Action::Favourite)]);
    let bytes = block_on(run.checkpoint()).unwrap();
    let open = |data: Dataset| moge::serve::load::open(&bytes, data, engine());
    let mut served = open(again.clone()).unwrap();
    let after = logits(&mut served);
    assert_ne!(before, after);
    // The parameters are the run's: in a graph of its own edges alone it scores as before.
    let bare = Dataset {
        edges: data.edges.clone(),
        ..again.clone()
    };
    assert_eq!(logits(&mut open(bare).unwrap()), before);
    // A new item is scored with its neighbours.
    let alone = Dataset {
        edges: again
            .edges
            .iter()
            .copied()
            .filter(|edge| edge.1 != 61)
            .collect(),
        ..again.clone()
    };
    let pair = [(2, 61)];
    let with = scores_of(&mut served, &pair, Draw::Full).logits[0];
    let without = scores_of(&mut open(alone).unwrap(), &pair, Draw::Full).logits[0];
    assert!((with[0] - without[0]).abs() > 1e-4);

    let foreign = toy(50, 60, 8);
    let (grown_foreign, _) = refreshed(&foreign, &rows());
    for other in [foreign, grown_foreign] {
        assert!(message(open(other)).contains("trained on another dataset"));
    }
    // Training goes on where it was: on the dataset itself.
    let channels = Channels::build(&again, &run.config().construction()).unwrap();
    let resumed = Run::resume(&bytes, engine(), (again.into(), channels.into()));
    assert!(message(resumed).contains("trained on another dataset"));
}

#[test]
fn the_change_of_scores_is_counted_plainly() {
    let mut data = toy(50, 60, 9);
    // The last items of the toy become unseen: they have test instances alone.
    let (known, fields) = (data.items.known - 9, data.items.fields.len());
    data.items.known = known;
    data.items.fields[0].vocabulary = known;
    for node in known..data.items.len() {
        data.items.values[node * fields] = 0;
    }
    data.edges.retain(|edge| (edge.1 as usize) < known);
    for window in [&mut data.train, &mut data.valid] {
        let seen: Vec<usize> = (0..window.len())
            .filter(|&i| (window.item[i] as usize) < known)
            .collect();
        let pick = |values: &[u8]| seen.iter().map(|&i| values[i]).collect();
        (window.labels, window.day) = (pick(&window.labels), pick(&window.day));
        let nodes = |values: &[u32]| seen.iter().map(|&i| values[i]).collect();
        (window.user, window.item) = (nodes(&window.user), nodes(&window.item));
        window.sampled = vec![false; seen.len()];
    }
    let mut run = trained(small(System::Moge), data.clone());
    let old = block_on(run.score_test_fully()).unwrap();
    let (grown, _) = refreshed(&data, &rows());
    let new = block_on(moved(&run, grown).score_test_fully()).unwrap();
    let found = compare(&data, &old, &new).unwrap();
    assert_eq!(found.instances, data.test.len());
    let all: Vec<u32> = (0..data.test.len() as u32).collect();
    let known = |&i: &u32| {
        let (user, item) = (data.test.user[i as usize], data.test.item[i as usize]);
        (user as usize) < data.users.known && (item as usize) < data.items.known
    };
    let warm: Vec<u32> = all.iter().copied().filter(known).collect();
    assert!(!warm.is_empty() && warm.len() < all.len());
    for k in 0..2 {
        let (task, change) = (moge::data::TASKS[k], &found.logits[k]);
        assert_eq!(change.task, task.name());
        let mut sum = 0.0;
        for row in 0..all.len() {
            let change_of_row =
                f64::from((old.logits[2 * row + k] - new.logits[2 * row + k]).abs());
            sum += change_of_row;
            assert!(change_of_row <= change.largest + 1e-6);
        }
        assert!((change.mean - sum / all.len() as f64).abs() < 1e-6);
        for (rows, change) in [&all, &warm].into_iter().zip(&found.gauc) {
            let groups = Gauc::of_users(&data.test, rows, task);
            let gauc = |logits: &[f32]| {
                let scores: Vec<f32> = rows.iter().map(|&i| logits[2 * i as usize + k]).collect();
                groups.evaluate(&scores).unwrap().gauc
            };
            assert_eq!(change.instances, rows.len());
            assert_eq!(change.before[k], gauc(&old.logits));
            assert_eq!(change.after[k], gauc(&new.logits));
        }
    }
    assert_eq!((found.gauc[0].pairs, found.gauc[1].pairs), ("all", "warm"));
    let same = compare(&data, &old, &old).unwrap();
    assert_eq!((same.changed, same.logits[0].largest), (0, 0.0));
}
