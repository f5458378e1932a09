//! What is refused, and with what sentence.

use std::fs;
use std::path::PathBuf;

use moge::ErrorKind;
use moge::model::System;
use moge::serve::load::load;
use moge::serve::pairs::score_csv;
use pollster::block_on;
use serde_json::json;

use crate::{engine, message, scores_of, small, toy, trained};

/// A new folder for one test.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("moge-serve-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn tables_of_pairs() {
    let mut run = trained(small(System::Moge), toy(50, 60, 21));
    let mut refused = |csv: &str, expected: &str| {
        let message = message(block_on(score_csv(&mut run, csv, |_| {})));
        assert!(message.contains(expected), "{csv:?}: {message}");
        assert!(message.starts_with("the pairs"), "{message}");
    };
    refused(
        "",
        "the file is empty. Give a table with the header user_id,item_id",
    );
    refused("\n", "the file is empty");
    refused("user_id,item_id\n", "a header and no rows");
    refused(
        "user,item\n1,2\n",
        "line 1: there is no column user_id (found: user, item)",
    );
    refused(
        "user_id,cat_id\n1,2\n",
        "line 1: there is no column item_id",
    );
    refused(
        "user_id,item_id\n1,2\nbob,3\n",
        "line 3: user_id is \"bob\", expected a whole number",
    );
    refused(
        "user_id,item_id\n1,\n",
        "line 2: item_id is \"\", expected a whole number",
    );
    refused("user_id,item_id\n1,-4\n", "line 2: item_id is \"-4\"");
    refused("user_id,item_id\n1,2.5\n", "line 2: item_id is \"2.5\"");
    refused(
        "user_id,item_id\n1,2,3\n",
        "line 2: the row has 3 fields, the header 2",
    );
    refused(
        "user_id,item_id,cat_id\n1,2,shoes\n",
        "line 2: cat_id is \"shoes\"",
    );
    refused(
        "user_id,item_id,age_range\n1,2,9\n",
        "line 2: age_range is 9, expected 0 to 8 or nothing",
    );
    refused(
        "user_id,item_id,gender\n1,2,3\n",
        "line 2: gender is 3, expected 0, 1, 2 or nothing",
    );

    // Unknown ids and columns are no mistake.
    let odd = "label,item_id,user_id\n1,9,999999\n0,0,0\n";
    let scores = block_on(score_csv(&mut run, odd, |_| {})).unwrap();
    assert!(scores.rows.iter().all(|row| !row.user_known));
    assert!(scores.rows[0].item_known);
    assert!(
        scores.notes.last().unwrap().contains("not read: label"),
        "{:?}",
        scores.notes
    );
    let unknown = scores_of(&mut run, &[(0, 9), (0, 0)], moge::graph::Draw::Evaluate).logits;
    assert_eq!(
        scores.rows.iter().map(|row| row.logits).collect::<Vec<_>>(),
        unknown
    );
}

#[test]
fn runs_and_datasets() {
    let data = toy(50, 60, 22);
    let run = trained(small(System::Moge), data.clone());
    let dir = folder("runs");
    let (good, other) = (dir.join("data"), dir.join("other"));
    data.save(&good).unwrap();
    toy(50, 60, 23).save(&other).unwrap();
    let model = block_on(run.model_file()).unwrap();
    let folder = dir.join("run");
    fs::create_dir(&folder).unwrap();
    let refused = |run: &std::path::Path, data: &std::path::Path, expected: &str| {
        let message = message(load(run, data, engine()));
        assert!(message.contains(expected), "{message}");
    };
    refused(
        &folder,
        &good,
        "there is no model.safetensors in this folder. Give a folder written by",
    );
    refused(&dir.join("nowhere"), &good, "the run cannot be read");
    refused(&good, &good, "it is a dataset, not a run");

    fs::write(folder.join("model.safetensors"), &model).unwrap();
    assert!(
        load(&folder, &good, engine()).is_ok(),
        "parameters are enough"
    );
    fs::write(folder.join("run.json"), json!({"format": 1}).to_string()).unwrap();
    assert!(load(&folder, &good, engine()).is_ok());
    fs::write(folder.join("run.json"), json!({"format": 9}).to_string()).unwrap();
    refused(&folder, &good, "its run.json has format 9, expected 1");
    fs::write(folder.join("run.json"), "{").unwrap();
    refused(&folder, &good, "its run.json is not the record of a run");
    fs::remove_file(folder.join("run.json")).unwrap();
    refused(&folder, &other, "trained on another dataset than \"toy\"");
    refused(&folder, &dir, "dataset cannot be read");

    let file = dir.join("file");
    for length in [0, 8, 100, model.len() - 1] {
        fs::write(&file, &model[..length]).unwrap();
        refused(&file, &good, "file: this is not a run that can be taken up");
    }
    let text = String::from_utf8_lossy(&model[8..]);
    let at = 8 + text.find("\\\"version\\\":1").unwrap() + 12;
    let mut newer = model.clone();
    newer[at] = b'7';
    fs::write(&file, &newer).unwrap();
    refused(&file, &good, "its version is 7, expected 1");
    // A checkpoint scores as the run does.
    fs::write(&file, block_on(run.checkpoint()).unwrap()).unwrap();
    assert!(load(&file, &good, engine()).is_ok());
    let error = load(&folder, &other, engine()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Data);
    fs::remove_dir_all(&dir).unwrap();
}
