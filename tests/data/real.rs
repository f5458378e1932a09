//! Real rows of the contest, where they are at hand: `MOGE_REAL_DATA`, else `../shared/data/ijcai15`.
//! They may not be passed on, so these tests are skipped, with a message, where they are absent.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use moge::data::{
    CoreSize, Import, LogReader, LogStatistics, LogStatisticsBuilder, PrepareConfig, Prepared,
    Preparer, Statistics, Windows,
};

fn real(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("MOGE_REAL_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/ijcai15"),
        PathBuf::from,
    );
    let path = folder.join(file);
    if path.exists() {
        return Some(path);
    }
    eprintln!(
        "SKIPPED: there is no {}; set MOGE_REAL_DATA to the folder that holds it",
        path.display()
    );
    None
}

fn rows(path: &Path) -> LogReader<'static> {
    LogReader::new(path.display().to_string(), File::open(path).unwrap()).unwrap()
}

fn prepared(path: &Path, config: PrepareConfig) -> Prepared {
    let mut preparer = Preparer::new(config).unwrap();
    rows(path).try_for_each(|row| preparer.push(&row?)).unwrap();
    preparer.finish().unwrap()
}

fn statistics(path: &Path) -> LogStatistics {
    let mut builder = LogStatisticsBuilder::new(Windows::default());
    rows(path).try_for_each(|row| builder.push(&row?)).unwrap();
    builder.finish()
}

#[test]
fn dated_rows_have_the_counts_that_were_published_with_them() {
    let Some(path) = real("user_log_dated.csv.gz") else {
        return;
    };
    let Prepared {
        dataset,
        diagnostic,
    } = prepared(&path, PrepareConfig::default());
    assert_eq!(diagnostic.rows.iter().sum::<u64>(), 359_103);
    // The published count of edges, users and items includes carts.
    let carts = &diagnostic.edges[1];
    assert_eq!(carts.rule, "favourite+purchase+cart");
    assert_eq!((carts.pairs, carts.graph_nodes), (124_535, 20_815 + 23_159));
    assert_eq!(dataset.edges.len() as u64, diagnostic.edges[0].pairs);
    assert_eq!(dataset.edges.len(), 124_371);

    let statistics = Statistics::of(&dataset);
    let [train, valid, test] = &statistics.windows_statistics;
    assert_eq!(
        [test.tasks[0].positives, test.tasks[1].positives],
        [4_336, 3_852]
    );
    // A pair can be active before and on the validation day.
    assert!(train.tasks[0].positives + valid.tasks[0].positives >= 16_806);
    assert!(train.tasks[1].positives + valid.tasks[1].positives >= 16_119);
    // Both ends in a graph that counts carts: 2,281 and 1,823. Without carts a few less.
    let in_graph =
        |k: usize| (test.tasks[k].positives_in_graph * test.tasks[k].positives as f64).round();
    assert!(
        (2_270.0..=2_281.0).contains(&in_graph(0)),
        "{}",
        in_graph(0)
    );
    assert!(
        (1_815.0..=1_823.0).contains(&in_graph(1)),
        "{}",
        in_graph(1)
    );
    // Nothing but ids is known.
    assert_eq!(
        statistics.without_features,
        [statistics.users, statistics.items]
    );
}

#[test]
fn dated_rows_have_the_marginals_that_were_published_with_them() {
    let Some(path) = real("user_log_dated.csv.gz") else {
        return;
    };
    let log = statistics(&path);
    assert_eq!(log.users, 22_438);
    let pairs: Vec<[u64; 2]> = log.windows.iter().map(|window| window.pairs).collect();
    assert_eq!(pairs, [[60_884, 70_754], [16_806, 16_119], [4_336, 3_852]]);
    for (name, mean, quantiles, gini) in [
        ("purchases per user", 8.90, [6, 8, 11, 15, 26, 80], 0.264),
        ("purchases per item", 5.91, [2, 4, 7, 12, 33, 157], 0.467),
        ("favourites per user", 10.39, [3, 7, 14, 23, 52, 414], 0.500),
        ("favourites per item", 4.90, [2, 4, 6, 10, 22, 285], 0.442),
    ] {
        let found = &log
            .distributions
            .iter()
            .find(|(n, _)| *n == name)
            .unwrap()
            .1;
        assert_eq!(found.quantiles, quantiles, "{name}");
        assert!(
            (found.mean - mean).abs() < 0.006 && (found.gini - gini).abs() < 6e-4,
            "{name}"
        );
    }
    assert!((log.overlaps[0].1 - 0.149).abs() < 6e-4 && (log.overlaps[1].1 - 0.118).abs() < 6e-4);
    assert_eq!(log.lag_days, [2, 20]);
}

#[test]
fn dated_rows_become_a_dataset_with_negatives_and_a_core() {
    let Some(path) = real("user_log_dated.csv.gz") else {
        return;
    };
    let config = PrepareConfig {
        neg_ratio: 4,
        ..PrepareConfig::default()
    };
    let whole = prepared(&path, config.clone()).dataset;
    let positives = whole
        .test
        .labels
        .iter()
        .filter(|&&labels| labels != 0)
        .count() as u64;
    let whole = Statistics::of(&whole);
    let test = &whole.windows_statistics[2];
    // 7,923 pairs were marked or bought; 16 were only put in the cart.
    assert_eq!(
        (test.sampled, test.instances - test.sampled),
        (4 * 7_923, 7_939)
    );
    assert_eq!(positives, 7_923);
    assert!(test.tasks.iter().all(|task| task.valid_groups > 2_000));

    let core = Some(CoreSize {
        users: 3_000,
        items: 20_000,
        k: 2,
    });
    let core = Statistics::of(&prepared(&path, PrepareConfig { core, ..config }).dataset);
    assert!((500..=3_000).contains(&core.users) && core.items <= 20_000);
    assert!(core.edges / core.users > whole.edges / whole.users);
}

#[test]
fn raw_rows_with_all_columns_become_a_dataset() {
    let Some(path) = real("user_log_format1_head10000.csv.gz") else {
        return;
    };
    let log = statistics(&path);
    assert_eq!((log.rows.iter().sum::<u64>(), log.users), (10_000, 62));
    let share = |action: usize| log.rows[action] as f64 / 10_000.0;
    assert!((share(0) - 0.877).abs() < 0.003 && (share(2) - 0.068).abs() < 0.002);

    let Prepared {
        dataset,
        diagnostic,
    } = prepared(&path, PrepareConfig::default());
    assert_eq!(diagnostic.rows.iter().sum::<u64>(), 10_000);
    let statistics = Statistics::of(&dataset);
    assert!(statistics.merchants > 300 && statistics.categories > 100 && statistics.brands > 300);
    assert!(
        statistics.windows_statistics[2]
            .tasks
            .iter()
            .all(|task| task.valid_groups >= 4)
    );
}

#[test]
fn real_rows_in_chunks_become_the_dataset_of_the_file() {
    let core = CoreSize::of_users(3_000);
    // Without clicks negatives are sampled; ten thousand rows are few enough to be kept whole.
    for (file, neg_ratio, core_of_file) in [
        ("user_log_dated.csv.gz", 4, Some(core)),
        ("user_log_format1_head10000.csv.gz", 0, None),
    ] {
        let Some(path) = real(file) else {
            return;
        };
        let mut text = Vec::new();
        let packed = File::open(&path).unwrap();
        MultiGzDecoder::new(packed).read_to_end(&mut text).unwrap();
        let mut import = Import::new(file, "", core).unwrap();
        for chunk in text.chunks(10_007) {
            import.push_log(chunk).unwrap();
        }
        let found = import.finish().unwrap();
        let config = PrepareConfig {
            neg_ratio,
            core: core_of_file,
            ..PrepareConfig::default()
        };
        let of_file = prepared(&path, config);
        assert_eq!(found.diagnostic, of_file.diagnostic, "{file}");
        let fingerprint = found.dataset.fingerprint();
        assert_eq!(fingerprint, of_file.dataset.fingerprint(), "{file}");
    }
}
