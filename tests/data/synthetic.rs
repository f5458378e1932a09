//! The generator: seeded, calibrated, learnable, and the bundled file is what it makes.

use std::path::Path;

use moge::data::{
    Dataset, LogStatisticsBuilder, PrepareConfig, Row, Statistics, Synth, SynthConfig, TASKS,
    Windows, bundled,
};
use moge::metric::Gauc;

fn bundled_file() -> Dataset {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    Dataset::load(assets.join("dataset.moge")).unwrap()
}

#[test]
fn the_bundled_file_is_what_its_seed_generates() {
    let config = bundled::synth();
    let synth = Synth::new(config).unwrap();
    let made = synth.prepare(bundled::prepare(config)).unwrap().dataset;
    let file = bundled_file();
    assert_eq!(file.fingerprint(), made.fingerprint());
    assert_eq!(file, made);

    // Chance leaves room below the true taste, and popularity is no substitute for it.
    for task in TASKS {
        let rows: Vec<u32> = (0..file.test.len() as u32).collect();
        let gauc = Gauc::of_users(&file.test, &rows, task);
        let score = |scores: Vec<f64>| gauc.evaluate(&scores).unwrap().gauc.unwrap();
        let test = &file.test;
        let taste = score(
            (0..test.len())
                .map(|i| {
                    let user = file.users.raw[test.user[i] as usize];
                    let item = file.items.raw[test.item[i] as usize];
                    synth.taste(user, item)[task as usize]
                })
                .collect(),
        );
        let mut sold = vec![0.0; file.items.len()];
        for i in 0..file.train.len() {
            sold[file.train.item[i] as usize] += f64::from(file.train.label(i, task));
        }
        let popularity = score(test.item.iter().map(|&i| sold[i as usize]).collect());
        assert!(
            (0.80..0.85).contains(&taste),
            "{}: taste {taste}",
            task.name()
        );
        assert!(
            (0.50..0.63).contains(&popularity),
            "{}: popularity {popularity}",
            task.name()
        );
    }
}

#[test]
fn the_bundled_file_has_the_size_it_should() {
    let statistics = Statistics::of(&bundled_file());
    assert!(statistics.synthetic);
    assert!(statistics.provenance.contains("Synthetic"));
    assert!((2_000..=4_000).contains(&statistics.users));
    assert!((5_000..=20_000).contains(&statistics.items));
    assert!((100_000..=300_000).contains(&statistics.instances));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/dataset.moge");
    assert!(std::fs::metadata(path).unwrap().len() <= 2_000_000);
}

#[test]
fn rows_are_a_function_of_the_seed_and_users_of_their_number() {
    let rows = |seed, users| {
        let config = SynthConfig {
            seed,
            users,
            items: 400,
            activity: 1.0,
        };
        let mut rows: Vec<Row> = Vec::new();
        Synth::new(config)
            .unwrap()
            .rows(|row| {
                rows.push(*row);
                Ok(())
            })
            .unwrap();
        rows
    };
    let thirty = rows(1, 30);
    assert_eq!(thirty, rows(1, 30));
    assert_ne!(thirty, rows(2, 30));
    // More users leave the others as they are.
    let fifty = rows(1, 50);
    assert_eq!(thirty, fifty[..thirty.len()]);
    assert!(fifty.is_sorted_by_key(|row| (row.user, row.day)));
}

/// The real values are those of the contest's public totals and of `user_log_dated.csv.gz`; see
/// `docs/data.md`.
#[test]
fn marginals_and_overlaps_are_those_of_the_contest() {
    let config = SynthConfig {
        seed: 2,
        users: 5_000,
        items: 11_000,
        activity: 1.0,
    };
    let synth = Synth::new(config).unwrap();
    let mut builder = LogStatisticsBuilder::new(Windows::default());
    synth.rows(|row| builder.push(row)).unwrap();
    synth.users().for_each(|info| builder.push_info(info));
    let log = builder.finish();
    #[track_caller]
    fn near(what: &str, value: f64, real: f64, tolerance: f64) {
        assert!(
            (value - real).abs() <= tolerance,
            "{what}: {value}, real {real}"
        );
    }
    let rows: u64 = log.rows.iter().sum();
    let share = |action: usize| log.rows[action] as f64 / rows as f64;
    near("clicks", share(0), 0.884, 0.03);
    near("purchases", share(2), 0.060, 0.02);
    near("favourites", share(3), 0.055, 0.015);
    near(
        "women",
        log.genders[1] as f64 / 5_000.0,
        285_638.0 / 424_170.0,
        0.02,
    );
    near(
        "age 3",
        log.ages[3] as f64 / 5_000.0,
        111_654.0 / 424_170.0,
        0.02,
    );
    for (name, mean, gini, sigma) in [
        ("purchases per user", 8.90, 0.264, 0.45),
        ("favourites per user", 10.39, 0.500, 1.05),
        ("edges of G per user", 5.98, 0.429, 0.82),
        ("edges of G per item", 5.38, 0.523, 0.94),
    ] {
        let found = &log
            .distributions
            .iter()
            .find(|(n, _)| *n == name)
            .unwrap()
            .1;
        near(name, found.mean, mean, 0.25 * mean);
        near(name, found.gini, gini, 0.06);
        near(name, found.log_sigma, sigma, 0.2);
    }
    let overlap = |name: &str| log.overlaps.iter().find(|(n, _)| *n == name).unwrap().1;
    near(
        "P(buy|fav)",
        overlap("P(purchase given favourite)"),
        0.149,
        0.03,
    );
    near(
        "P(fav|buy)",
        overlap("P(favourite given purchase)"),
        0.118,
        0.03,
    );
    near(
        "P(click|buy)",
        overlap("P(click given purchase)"),
        0.897,
        0.03,
    );
    near(
        "P(click|fav)",
        overlap("P(click given favourite)"),
        0.464,
        0.05,
    );
    near("never favourite", log.never_favourite, 0.32, 0.05);
    near("same day", log.lag[1], 0.32, 0.08);
    let test = &log.windows[2];
    near("test favourites in G", test.in_graph[0], 0.53, 0.1);
    near("test purchases in G", test.in_graph[1], 0.47, 0.1);
}

#[test]
fn impossible_settings_are_refused() {
    let with = |users, items, activity| {
        Synth::new(SynthConfig {
            seed: 0,
            users,
            items,
            activity,
        })
    };
    assert!(with(0, 100, 1.0).is_err());
    assert!(with(10, 3, 1.0).is_err());
    assert!(with(10, 100, f64::NAN).is_err());
    let config = SynthConfig {
        seed: 0,
        users: 1,
        items: 50,
        activity: 1.0,
    };
    let alone = Synth::new(config)
        .unwrap()
        .prepare(PrepareConfig::default());
    assert!(alone.is_ok() || alone.unwrap_err().to_string().contains("window"));
}
