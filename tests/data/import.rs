//! A log in chunks gives what the file reader makes of the whole, wherever the chunks are cut.

use moge::Result;
use moge::data::{CoreSize, Import, PrepareConfig, Prepared, Synth, SynthConfig};
use moge::random::Key;

use crate::{HEADER, message, prepare};

const CORE: CoreSize = CoreSize {
    users: 60,
    items: 400,
    k: 2,
};

fn synth() -> Synth {
    let config = SynthConfig {
        seed: 5,
        users: 150,
        items: 300,
        activity: 3.0,
    };
    Synth::new(config).unwrap()
}

/// A generated log as text, with or without its clicks.
fn log(clicks: bool) -> String {
    let mut text = HEADER.to_string();
    synth()
        .rows(|row| {
            if clicks || row.action as u8 > 0 {
                text.push_str(&format!(
                    "{},{},{},{},{},{:04},{}\r\n",
                    row.user,
                    row.item,
                    row.category,
                    row.merchant,
                    row.brand,
                    row.day.mmdd(),
                    row.action as u8
                ));
            }
            Ok(())
        })
        .unwrap();
    text
}

fn info() -> String {
    let synth = synth();
    let rows = synth
        .users()
        .map(|user| format!("{},{},\n", user.user, user.age));
    format!("user_id,age_range,gender\n{}", rows.collect::<String>())
}

fn import<'a>(log: impl Iterator<Item = &'a [u8]>, info: &[u8]) -> Result<Prepared> {
    import_core(log, info, CORE)
}

fn import_core<'a>(
    log: impl Iterator<Item = &'a [u8]>,
    info: &[u8],
    core: CoreSize,
) -> Result<Prepared> {
    let mut import = Import::new("log.csv", "info.csv", core)?;
    import.push_info(info)?;
    for chunk in log {
        import.push_log(chunk)?;
    }
    import.finish()
}

fn whole(log: &str, info: Option<&str>, neg_ratio: u32) -> Prepared {
    let config = PrepareConfig {
        core: Some(CORE),
        neg_ratio,
        ..PrepareConfig::default()
    };
    prepare(log.as_bytes(), info.map(str::as_bytes), config).unwrap()
}

#[test]
fn every_cut_gives_the_dataset_of_the_file() {
    let (log, info) = (log(true), info());
    assert!(log.len() > 3 << 16, "the log must not fit in one buffer");
    let file = whole(&log, Some(&info), 0);
    let same = |found: Prepared| {
        assert_eq!(found.diagnostic, file.diagnostic);
        assert_eq!(found.dataset.fingerprint(), file.dataset.fingerprint());
    };
    for length in [1, 7, 65_535, 65_536, 65_537, log.len()] {
        same(import(log.as_bytes().chunks(length), info.as_bytes()).unwrap());
    }
    let mut stream = Key::new(1).stream();
    let mut rest = log.as_bytes();
    let chunks = std::iter::from_fn(|| {
        let (chunk, others) = rest.split_at(rest.len().min(1 + stream.below(9_000)));
        rest = others;
        (!chunk.is_empty()).then_some(chunk)
    });
    same(import(chunks, info.as_bytes()).unwrap());
}

#[test]
fn two_chunks_cut_anywhere_give_the_dataset_of_the_file() {
    let log: String = log(true)
        .lines()
        .take(9_000)
        .flat_map(|l| [l, "\n"])
        .collect();
    let file = prepare(log.as_bytes(), None, PrepareConfig::default()).unwrap();
    let file = file.dataset.fingerprint();
    // Around the first byte at which rows are read before the end is known, and around line ends.
    for cut in (1..40).chain(65_500..65_580).chain([log.len() - 1]) {
        let (head, tail) = log.as_bytes().split_at(cut);
        let found = import([head, tail].into_iter(), b"").unwrap();
        assert_eq!(found.dataset.fingerprint(), file, "cut at {cut}");
    }
}

#[test]
fn without_clicks_negatives_are_sampled_and_the_dataset_says_so() {
    let log = log(false);
    let found = import([log.as_bytes()].into_iter(), b"").unwrap();
    assert_eq!(found.diagnostic.rows[0], 0);
    let file = whole(&log, None, 4).dataset;
    assert_eq!(found.dataset.fingerprint(), file.fingerprint());
    assert!(found.dataset.test.sampled.contains(&true));
    let why = &found.dataset.provenance;
    assert!(why.contains("no clicks: 4 items"), "{why}");
}

#[test]
fn a_log_that_is_small_enough_is_kept_whole() {
    let log = log(true);
    let whole = prepare(log.as_bytes(), None, PrepareConfig::default()).unwrap();
    let cut = |users, items| {
        let core = CoreSize { users, items, k: 3 };
        let found = import_core([log.as_bytes()].into_iter(), b"", core).unwrap();
        found.dataset.fingerprint()
    };
    let whole = whole.dataset.fingerprint();
    assert_eq!(cut(150, 300), whole);
    assert_ne!(cut(140, 300), whole);
    assert_ne!(cut(150, 200), whole);
}

#[test]
fn a_wrong_row_is_refused_by_its_line_before_the_rest_comes() {
    let mut lines: Vec<String> = log(true).lines().map(String::from).collect();
    lines[5_000] = "1,2,3,4,5,0829,7".into();
    let text = lines.join("\n");
    let mut import = Import::new("log.csv", "info.csv", CORE).unwrap();
    let refused = text
        .as_bytes()
        .chunks(1_000)
        .enumerate()
        .find_map(|(at, chunk)| Some((at, import.push_log(chunk).err()?)));
    let (at, error) = refused.expect("the row is refused");
    assert!(1_000 * at < text.len() - 100_000);
    let error = error.to_string();
    assert!(
        error.starts_with("log.csv, line 5,001: action_type is 7, expected 0 to 3"),
        "{error}"
    );
    assert_eq!(import.rows().iter().sum::<u64>(), 4_999);
}

#[test]
fn wrong_files_are_named() {
    let log = log(true);
    let chunks = |text: &'static str| import([text.as_bytes()].into_iter(), b"");
    assert!(message(chunks("")).starts_with("log.csv: the file is empty"));
    assert!(message(chunks("a,b\n1,2\n")).contains("log.csv, line 1: there is no column user_id"));
    let error = message(import([log.as_bytes()].into_iter(), b"user_id,age\n1,2\n"));
    assert!(
        error.starts_with("info.csv, line 1: there is no column age_range"),
        "{error}"
    );
    let error = message(import(
        [log.as_bytes()].into_iter(),
        b"user_id,age_range,gender\n1,9,0\n",
    ));
    assert!(
        error.starts_with("info.csv, line 2: age_range is 9"),
        "{error}"
    );
    let line = "x".repeat(70_000);
    let error = message(import([line.as_bytes(), &[b'x'; 70_000]].into_iter(), b""));
    assert!(
        error.contains("a row is longer than 65,536 bytes"),
        "{error}"
    );
}
