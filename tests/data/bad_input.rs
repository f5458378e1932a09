//! Everything that can be wrong with a raw file: the message names file, line, value and remedy.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use moge::ErrorKind;
use moge::data::{InfoReader, LogReader, PrepareConfig, Windows};

use crate::{HEADER, message, prepare};

fn log(text: &[u8]) -> String {
    let read = || LogReader::new("log.csv", text)?.collect::<moge::Result<Vec<_>>>();
    message(read())
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

#[track_caller]
fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(
            message.contains(part),
            "\"{message}\" does not say \"{part}\""
        );
    }
}

#[test]
fn wrong_fields_are_named_with_their_line() {
    let row = |row: &str| log(format!("{HEADER}1,2,3,4,5,0829,0\n{row}\n").as_bytes());
    let remedy = "Correct the row, or remove it.";
    says(
        &row("1,2,3,4,5,0829,7"),
        &[
            "log.csv, line 3",
            "action_type is 7, expected 0 to 3",
            remedy,
        ],
    );
    says(
        &row("1,2,3,4,5,0230,0"),
        &["line 3", "time_stamp is 0230", "mmdd", remedy],
    );
    says(&row("1,2,3,4,5,1301,0"), &["time_stamp is 1301"]);
    says(
        &row("1,abc,3,4,5,0829,0"),
        &["item_id is \"abc\", expected a whole number", remedy],
    );
    says(&row(",2,3,4,5,0829,0"), &["user_id is \"\""]);
    says(&row("-1,2,3,4,5,0829,0"), &["user_id is \"-1\""]);
    says(
        &row("1,2,3,4,5.5,0829,0"),
        &["brand_id is \"5.5\"", "a whole number or nothing"],
    );
    says(&row("1,2,3,4,nan,0829,0"), &["brand_id is \"nan\""]);
    says(&row("99999999999999999999999,2,3,4,5,0829,0"), &["user_id"]);
    says(
        &row("1,2,3,4,5,0829"),
        &["line 3", "the row has 6 fields, the header 7", "cut"],
    );
    says(&row("1,2,3,4,5,0829,0,9"), &["the row has 8 fields"]);
}

#[test]
fn wrong_files_are_refused() {
    says(
        &log(b""),
        &["log.csv", "the file is empty", "user_log_format1.csv"],
    );
    says(&log(&gzip("")), &["the file is empty"]);
    says(&log(HEADER.as_bytes()), &["a header and no rows"]);
    says(
        &log(b"user_id,age_range,gender\n1,2,0\n"),
        &[
            "line 1",
            "no column item_id",
            "found: user_id, age_range, gender",
        ],
    );
    says(
        &log(b"user_id,item_id,cat_id,shop,brand_id,time_stamp,action_type\n"),
        &["seller_id or merchant_id"],
    );
    says(&log(b"PK\x03\x04\x00\xff\xfe\x00"), &["no column user_id"]);
}

#[test]
fn a_cut_or_damaged_gzip_is_recognised() {
    let rows: String = (0..5_000)
        .map(|i| format!("{i},{},3,4,5,0829,0\n", i * 7919 % 1000))
        .collect();
    let whole = gzip(&format!("{HEADER}{rows}"));
    let read =
        |bytes: &[u8]| LogReader::new("log.csv.gz", bytes)?.collect::<moge::Result<Vec<_>>>();
    assert_eq!(read(&whole).unwrap().len(), 5_000);
    for keep in [whole.len() - 4, whole.len() / 2, 20, 5, 3] {
        says(
            &message(read(&whole[..keep])),
            &["log.csv.gz", "ends in the middle", "download"],
        );
    }
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 0x55;
    let text = message(read(&damaged));
    assert!(text.contains("log.csv.gz"), "{text}");
}

#[test]
fn the_user_table_is_checked_too() {
    let info = |text: &str| {
        let read =
            || InfoReader::new("info.csv", text.as_bytes())?.collect::<moge::Result<Vec<_>>>();
        message(read())
    };
    let header = "user_id,age_range,gender\n";
    says(
        &info(""),
        &["info.csv", "the file is empty", "user_info_format1.csv"],
    );
    says(
        &info(&format!("{header}1,9,0\n")),
        &["info.csv, line 2", "age_range is 9"],
    );
    says(
        &info(&format!("{header}1,2,3\n")),
        &["gender is 3, expected 0, 1, 2 or nothing"],
    );
    says(&info(&format!("{header}x,2,1\n")), &["user_id is \"x\""]);
    says(&info(HEADER), &["no column age_range"]);
}

#[test]
fn a_log_without_one_of_the_windows_says_which() {
    let days = |days: &[&str]| {
        let rows: String = days
            .iter()
            .map(|day| format!("1,2,3,4,5,{day},2\n"))
            .collect();
        let log = format!("{HEADER}{rows}");
        message(prepare(log.as_bytes(), None, PrepareConfig::default()))
    };
    says(
        &days(&["0829", "1010"]),
        &[
            "no row falls into the test window 1023-1025",
            "0829 to 1010",
            "--test",
        ],
    );
    says(&days(&["0829", "1024"]), &["train window 1009-1022"]);
    says(&days(&["1010", "1024"]), &["graph window 0709-1008"]);
    says(
        &days(&["0829", "1022", "1024"]),
        &["no training instance", "the last day is the validation set"],
    );
}

#[test]
fn overlapping_windows_are_refused() {
    let windows = Windows {
        test: "1020-1025".parse().unwrap(),
        ..Windows::default()
    };
    let config = PrepareConfig {
        windows,
        ..PrepareConfig::default()
    };
    says(
        &message(prepare(b"", None, config)),
        &["1009-1022", "1020-1025", "overlap"],
    );
}

#[test]
fn a_log_too_large_for_memory_gives_up_clicks_first_and_then_says_so() {
    // 140,000 distinct pairs clicked in the graph window, one purchase per window.
    let mut text = String::from(HEADER);
    for i in 0..140_000 {
        text += &format!("{},{},3,4,5,0829,0\n", i % 100, i / 100);
    }
    for day in ["0829", "1010", "1024"] {
        text += &format!("1,2,3,4,5,{day},2\n");
    }
    let with = |memory_limit| {
        prepare(
            text.as_bytes(),
            None,
            PrepareConfig {
                memory_limit,
                ..PrepareConfig::default()
            },
        )
    };
    let roomy = with(64 << 20).unwrap();
    let tight = with(1 << 20).unwrap();
    assert_eq!(roomy.dataset, tight.dataset);
    assert_eq!(
        (roomy.diagnostic.edges.len(), tight.diagnostic.edges.len()),
        (3, 2)
    );
    assert_eq!(roomy.diagnostic.edges[2].pairs, 140_000);

    let error = with(1 << 10).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    says(&error.to_string(), &["memory", "--users", "--memory"]);
}
