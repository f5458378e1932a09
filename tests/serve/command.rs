//! The commands, from files to files.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::bad_input::folder;
use crate::toy;

/// Runs `moge` in a folder; its standard output, or its standard error where it fails.
fn moge(dir: &Path, arguments: &str) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moge"));
    let output = command
        .args(arguments.split(' '))
        .current_dir(dir)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    match output.status.success() {
        true => Ok(text(output.stdout)),
        false => Err(text(output.stderr)),
    }
}

#[test]
fn a_trained_run_is_scored_refreshed_and_asked() {
    let dir = folder("command");
    let data = toy(50, 60, 31);
    data.save(dir.join("DATA")).unwrap();
    let train =
        "train --data DATA --out RUN --steps 10 --scores --set d=8 --set batch=64 --set patience=0";
    moge(&dir, train).unwrap();

    let mut pairs = "user_id,item_id\n".to_string();
    for i in 0..data.test.len() {
        pairs += &format!("{},{}\n", data.test.user[i], data.test.item[i]);
    }
    fs::write(dir.join("pairs.csv"), pairs).unwrap();
    let logits = |csv: &str| -> Vec<[f32; 2]> {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let rows = reader.records().map(|row| row.unwrap());
        rows.map(|row| [4, 5].map(|at| row[at].parse().unwrap()))
            .collect()
    };
    let printed = moge(&dir, "score --run RUN --data DATA --pairs pairs.csv --full").unwrap();
    let trained = fs::read_to_string(dir.join("RUN/scores.csv")).unwrap();
    crate::close("scores.csv", &logits(&printed), &logits(&trained), 1e-6);
    let said = moge(
        &dir,
        "score --run RUN --data DATA --pairs pairs.csv --full --out scores.csv",
    )
    .unwrap();
    assert!(
        said.contains("pairs scored; written to scores.csv"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(dir.join("scores.csv")).unwrap(), printed);

    let log = "user_id,item_id,cat_id,seller_id,brand_id,time_stamp,action_type\n\
               1,60,100,100,100,1020,2\n900,60,100,100,100,1020,3\n900,61,100,100,100,1024,3\n";
    fs::write(dir.join("new.csv"), log).unwrap();
    fs::write(dir.join("info.csv"), "user_id,age_range,gender\n900,3,1\n").unwrap();
    let refresh = "refresh --run RUN --data DATA --log new.csv --info info.csv --out FRESH";
    let said = moge(&dir, refresh).unwrap();
    assert!(said.contains("3 rows of 1020 to 1024"), "{said}");
    assert!(said.contains("1 users and 1 items are new"), "{said}");
    assert!(
        said.contains("1 rows are of the test window or later"),
        "{said}"
    );
    let record = fs::read_to_string(dir.join("FRESH/refresh.json")).unwrap();
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["growth"]["users"], 1);
    let overwrite = moge(
        &dir,
        "refresh --run RUN --data FRESH --log new.csv --out ./FRESH",
    );
    assert!(
        overwrite
            .unwrap_err()
            .contains("--out is the folder of --data")
    );

    let ask = "recommend --run RUN --data FRESH --user 900 -n 3 --task favourite --json";
    let found: Value = serde_json::from_str(&moge(&dir, ask).unwrap()).unwrap();
    assert_eq!(found["items"].as_array().unwrap().len(), 3);
    assert!(
        found["basis"]
            .as_str()
            .unwrap()
            .contains("2 edges in the graph"),
        "{found}"
    );
    let text = moge(&dir, "recommend --run RUN --data DATA --user 2").unwrap();
    assert!(
        text.contains(" 10. item ") && text.contains("Ranked by purchase"),
        "{text}"
    );
    let wrong = moge(
        &dir,
        "recommend --run RUN --data DATA --user 2 --task basket",
    );
    assert!(wrong.unwrap_err().contains("Choose favourite or purchase"));
    fs::remove_dir_all(&dir).unwrap();
}
