//! Windows, labels, nodes, negatives and the core, against values worked out by hand.

use std::collections::{HashMap, HashSet};

use moge::data::{
    Action, Actions, CoreSize, Dataset, Instances, PrepareConfig, Statistics, Synth, SynthConfig,
    Task, Unit, bundled,
};

use crate::{HEADER, prepare};

/// Users 5, 9, 7 and items 30, 20, 40, 50; rows out of order, `.0` and empty brands, days with and
/// without a leading zero, and rows outside every window.
const ROWS: &str = "\
9,30,3,700,,0829,3
5,20,3,700,88.0,709,2
5,30,3.0,700.0,77.0,1008,0
5,30,3,700,77,1008,2
9,30,3,700,77,0901,2
5,40,4,,,1009,0
5,40,4,,,1011,3
5,40,4,,,1010,0
9,20,3,700,88,1022,2
9,20,3,700,88,1022,2
9,40,4,,,1022,0
9,30,3,700,77,1023,0
9,50,6,900,99,1025,1
9,50,6,900,99,1024,2
7,20,3,700,88,1025,3
5,20,3,700,88,0708,3
5,99,9,9,9,1026,2
";

const USERS: &str = "user_id,age_range,gender\n5,3,0\n9,,2\n1,8,1\n";

/// (user, item, labels, day) of every instance.
fn rows(part: &Instances) -> Vec<(u32, u32, u8, u8)> {
    (0..part.len())
        .map(|i| (part.user[i], part.item[i], part.labels[i], part.day[i]))
        .collect()
}

fn tiny(config: PrepareConfig) -> Dataset {
    let log = format!("{HEADER}{ROWS}");
    prepare(log.as_bytes(), Some(USERS.as_bytes()), config)
        .unwrap()
        .dataset
}

#[test]
fn a_tiny_log_gives_exactly_its_nodes_edges_and_instances() {
    let data = tiny(PrepareConfig::default());
    // Known: users 5, 9 and items 20, 30, 40; met in the test window only: user 7, item 50.
    assert_eq!(data.users.raw, [0, 5, 9, 7]);
    assert_eq!(data.items.raw, [0, 20, 30, 40, 50]);
    assert_eq!((data.users.known, data.items.known), (3, 4));
    // Fields: id, age_range, gender (0 unknown, 1 female, 2 male).
    let users: Vec<&[u32]> = (0..4).map(|u| data.users.features(u)).collect();
    assert_eq!(users, [[0, 0, 0], [1, 3, 1], [2, 0, 0], [0, 0, 0]]);
    // Categories 3, 4 are 1, 2; merchant 700 is 1; brands 77, 88 are 1, 2. Item 30's brand comes
    // from its later rows. Category 6, merchant 900 and brand 99 are met on a cold item only.
    let items: Vec<&[u32]> = (0..5).map(|i| data.items.features(i)).collect();
    assert_eq!(
        items,
        [
            [0, 0, 0, 0],
            [1, 1, 1, 2],
            [2, 1, 1, 1],
            [3, 2, 0, 0],
            [0, 0, 0, 0]
        ]
    );
    let vocabularies = |fields: &[moge::data::Field]| -> Vec<(String, usize)> {
        fields
            .iter()
            .map(|f| (f.name.clone(), f.vocabulary))
            .collect()
    };
    let expect = |fields: &[(&str, usize)]| -> Vec<(String, usize)> {
        fields
            .iter()
            .map(|&(name, n)| (name.to_string(), n))
            .collect()
    };
    assert_eq!(
        vocabularies(&data.users.fields),
        expect(&[("user_id", 3), ("age_range", 9), ("gender", 3)])
    );
    assert_eq!(
        vocabularies(&data.items.fields),
        expect(&[
            ("item_id", 4),
            ("cat_id", 3),
            ("seller_id", 2),
            ("brand_id", 3)
        ])
    );
    // G: 5 bought 20 and 30, 9 marked and bought 30 (one edge). The row of 0708 is outside.
    assert_eq!(data.edges, [(1, 1), (1, 2), (2, 2)]);
    // Days count from 0709: 1009 is day 92, 1022 is 105, 1023 is 106.
    assert_eq!(rows(&data.train), [(1, 3, 0b01, 92)]);
    assert_eq!(rows(&data.valid), [(2, 1, 0b10, 105), (2, 3, 0b00, 105)]);
    assert_eq!(
        rows(&data.test),
        [(2, 2, 0b00, 106), (2, 4, 0b10, 107), (3, 1, 0b01, 108)]
    );
    assert!(data.train.sampled.iter().all(|&sampled| !sampled));
    assert_eq!(data.test.label(1, Task::Purchase), 1);
    assert_eq!(data.test.label(1, Task::Favourite), 0);
}

#[test]
fn instance_units_split_or_merge_the_same_rows() {
    let by_day = tiny(PrepareConfig {
        unit: Unit::PairDay,
        ..PrepareConfig::default()
    });
    assert_eq!(
        rows(&by_day.train),
        [(1, 3, 0b00, 92), (1, 3, 0b00, 93), (1, 3, 0b01, 94)]
    );
    assert_eq!(rows(&by_day.test).len(), 4);
    let by_row = tiny(PrepareConfig {
        unit: Unit::Row,
        ..PrepareConfig::default()
    });
    assert_eq!(
        rows(&by_row.valid),
        [(2, 1, 0b10, 105), (2, 1, 0b10, 105), (2, 3, 0b00, 105)]
    );
}

#[test]
fn edge_actions_and_the_validation_day_are_choices() {
    let purchases = Actions::of(&[Action::Purchase]);
    let data = tiny(PrepareConfig {
        edge_actions: Actions::ALL,
        validation: false,
        ..PrepareConfig::default()
    });
    assert_eq!(data.edges, [(1, 1), (1, 2), (2, 2)]);
    assert_eq!(
        rows(&data.train),
        [(1, 3, 0b01, 92), (2, 1, 0b10, 105), (2, 3, 0b00, 105)]
    );
    assert!(data.valid.is_empty());
    let data = tiny(PrepareConfig {
        edge_actions: purchases,
        ..PrepareConfig::default()
    });
    assert_eq!(data.edges.len(), 3);
}

#[test]
fn the_diagnostic_counts_every_unit_and_edge_rule() {
    let log = format!("{HEADER}{ROWS}");
    let diagnostic = prepare(log.as_bytes(), None, PrepareConfig::default())
        .unwrap()
        .diagnostic;
    assert_eq!(diagnostic.rows, [5, 1, 7, 4]);
    assert_eq!(diagnostic.rows_in_windows, 15);
    let units: Vec<(u64, u64)> = diagnostic.units.iter().map(|u| (u.train, u.test)).collect();
    // row; pair_day; pair_window
    assert_eq!(units, [(6, 4), (5, 4), (3, 3)]);
    let edges: Vec<(u64, u64, u64)> = diagnostic
        .edges
        .iter()
        .map(|e| (e.pairs, e.graph_nodes, e.all_nodes))
        .collect();
    // Edges join 2 users and 2 items; with the other windows 3 users and 4 items.
    assert_eq!(edges, [(3, 4, 7); 3]);
    assert_eq!(diagnostic.matches_published(), None);
}

#[test]
fn statistics_of_the_tiny_log() {
    let statistics = Statistics::of(&tiny(PrepareConfig::default()));
    assert_eq!(
        (statistics.users, statistics.items, statistics.edges),
        (3, 4, 3)
    );
    assert_eq!(
        (
            statistics.merchants,
            statistics.categories,
            statistics.brands
        ),
        (1, 2, 2)
    );
    // User 7 has no row in the user table, user 9 only unknown values; item 50 is cold.
    assert_eq!(statistics.without_features, [2, 1]);
    let [_, valid, test] = &statistics.windows_statistics;
    assert_eq!(
        (valid.tasks[0].valid_groups, valid.tasks[1].valid_groups),
        (0, 1)
    );
    assert_eq!((test.tasks[0].positives, test.tasks[1].positives), (1, 1));
    // User 9 bought one of two items; user 7 has one instance only.
    assert_eq!(
        (test.tasks[0].valid_groups, test.tasks[1].valid_groups),
        (0, 1)
    );
    assert!((test.tasks[1].share_in_valid_groups - 2.0 / 3.0).abs() < 1e-12);
    assert!((test.cold_users - 0.5).abs() < 1e-12);
    assert!((test.cold_items - 1.0 / 3.0).abs() < 1e-12);
    let degrees = |of: &str| {
        let found = statistics.degrees.iter().find(|d| d.of == of).unwrap();
        found.degrees.histogram.clone()
    };
    assert_eq!(degrees("user"), [(1, 1), (2, 1)]);
    assert_eq!(degrees("item"), [(1, 1), (2, 1)]);
    assert_eq!(degrees("merchant"), [(3, 1)]);
}

#[test]
fn both_spellings_and_any_order_of_columns_are_read() {
    let mut lines = vec![
        "action_type,merchant_id,extra,item_id,user_id,time_stamp,brand_id,cat_id".to_string(),
    ];
    for row in ROWS.lines() {
        let f: Vec<&str> = row.split(',').collect();
        lines.push(format!(
            "{},{},x,{},{},{},{},{}",
            f[6], f[3], f[1], f[0], f[5], f[4], f[2]
        ));
    }
    let log = format!("\u{feff}{}\r\n", lines.join("\r\n"));
    let other = prepare(
        log.as_bytes(),
        Some(USERS.as_bytes()),
        PrepareConfig::default(),
    );
    assert_eq!(other.unwrap().dataset, tiny(PrepareConfig::default()));
}

fn small_synth(config: PrepareConfig) -> Dataset {
    let synth = SynthConfig {
        seed: 3,
        users: 400,
        items: 600,
        activity: 3.0,
    };
    let base = bundled::prepare(synth);
    let config = PrepareConfig {
        name: base.name,
        synthetic: true,
        provenance: base.provenance,
        ..config
    };
    Synth::new(synth).unwrap().prepare(config).unwrap().dataset
}

#[test]
fn sampled_negatives_are_unobserved_flagged_and_known() {
    let plain = small_synth(PrepareConfig::default());
    let sampled = small_synth(PrepareConfig {
        neg_ratio: 3,
        ..PrepareConfig::default()
    });
    assert_eq!(plain.edges, sampled.edges);
    let active = |parts: [&Instances; 2]| -> HashSet<(u32, u32)> {
        parts
            .iter()
            .flat_map(|p| p.user.iter().copied().zip(p.item.iter().copied()))
            .collect()
    };
    let windows = [
        (
            &plain.train,
            &sampled.train,
            active([&plain.train, &plain.valid]),
        ),
        (
            &plain.valid,
            &sampled.valid,
            active([&plain.train, &plain.valid]),
        ),
        (
            &plain.test,
            &sampled.test,
            active([&plain.test, &plain.test]),
        ),
    ];
    for (before, after, active) in windows {
        let positives = before.labels.iter().filter(|&&labels| labels != 0).count();
        let drawn: Vec<usize> = (0..after.len()).filter(|&i| after.sampled[i]).collect();
        assert_eq!(drawn.len(), 3 * positives);
        assert_eq!(after.len(), before.len() + drawn.len());
        let mut seen = HashSet::new();
        for i in drawn {
            let pair = (after.user[i], after.item[i]);
            assert_eq!(after.labels[i], 0);
            assert!(!active.contains(&pair) && seen.insert(pair));
            assert!((pair.1 as usize) < sampled.items.known);
        }
    }
    let again = small_synth(PrepareConfig {
        neg_ratio: 3,
        ..PrepareConfig::default()
    });
    assert_eq!(again.fingerprint(), sampled.fingerprint());
    let other = small_synth(PrepareConfig {
        neg_ratio: 3,
        seed: 1,
        ..PrepareConfig::default()
    });
    assert_ne!(other.fingerprint(), sampled.fingerprint());
}

#[test]
fn every_user_of_a_dense_core_has_edges_and_a_valid_test_group() {
    let size = CoreSize {
        users: 60,
        items: 300,
        k: 3,
    };
    let whole = small_synth(PrepareConfig::default());
    let core = small_synth(PrepareConfig {
        core: Some(size),
        ..PrepareConfig::default()
    });
    assert!(
        (30..=60).contains(&(core.users.len() - 1)),
        "{} users",
        core.users.len() - 1
    );
    assert!(core.items.len() - 1 <= 300);
    let mut degrees = HashMap::new();
    core.edges
        .iter()
        .for_each(|&(u, _)| *degrees.entry(u).or_insert(0) += 1);
    for u in 1..core.users.len() as u32 {
        assert!(degrees[&u] >= 3);
        let mine: Vec<u8> = (0..core.test.len())
            .filter(|&i| core.test.user[i] == u)
            .map(|i| core.test.labels[i])
            .collect();
        let valid = |bit: u8| {
            mine.iter().any(|l| l >> bit & 1 == 1) && mine.iter().any(|l| l >> bit & 1 == 0)
        };
        assert!(valid(0) || valid(1));
    }
    // What is kept is what the whole log says about the kept users and items.
    let raw = |d: &Dataset| -> HashMap<(u64, u64), u8> {
        let test = &d.test;
        let key = |i: usize| {
            (
                d.users.raw[test.user[i] as usize],
                d.items.raw[test.item[i] as usize],
            )
        };
        (0..test.len()).map(|i| (key(i), test.labels[i])).collect()
    };
    let whole = raw(&whole);
    assert!(
        raw(&core)
            .iter()
            .all(|(pair, labels)| whole[pair] == *labels)
    );
}

#[test]
fn an_impossible_core_says_what_to_change() {
    let log = format!("{HEADER}{ROWS}");
    let config = PrepareConfig {
        core: Some(CoreSize::of_users(5)),
        ..PrepareConfig::default()
    };
    let message = crate::message(prepare(log.as_bytes(), None, config));
    assert!(
        message.contains("no edge of G is left") && message.contains("smaller k"),
        "{message}"
    );
}
