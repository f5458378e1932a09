//! A comparison that is killed again and again comes to the same tables as one that is left alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::SystemTime;

use moge::random::Key;

use crate::{CHEAP, dataset, finished, folder, moge};

/// The tables of a folder, without wall times.
fn tables(out: &Path) -> Vec<String> {
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let timeless = |text: String, last: &str| -> String {
        let cut = |line: &str| match line.contains(last) {
            true => line
                .trim_end_matches(" |")
                .rsplit_once(last)
                .unwrap()
                .0
                .to_owned(),
            false => line.to_owned(),
        };
        text.lines().map(|line| cut(line) + "\n").collect()
    };
    vec![
        timeless(read("comparison.csv"), ","),
        timeless(read("comparison.md"), " of 2 | "),
        read("comparison.svg"),
        read("comparison-warm.svg"),
    ]
}

#[test]
fn killed_and_resumed_gives_the_same_tables() {
    let data = dataset("data", "60");
    let [whole, broken] = ["whole", "broken"].map(folder);
    let arguments = |out: &Path| {
        let fixed = ["2", "--steps", "100", "--grid", "1e-3,1e-2", "--jobs", "2"];
        let models = ["--models", "mmoe,esmm_graph,moge", "--data", &data, "--out"];
        let all = [&["compare"][..], &CHEAP, &fixed, &models].concat();
        let mut all: Vec<String> = all.into_iter().map(String::from).collect();
        all.push(out.display().to_string());
        all
    };
    let start = SystemTime::now();
    assert!(
        moge(&[])
            .args(arguments(&whole))
            .output()
            .unwrap()
            .status
            .success()
    );
    let alone = start.elapsed().unwrap();

    let mut stream = Key::new(11).stream();
    let mut before = BTreeMap::new();
    let mut killed = 0;
    loop {
        let mut command = moge(&[]);
        command
            .args(arguments(&broken))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // Between the start and a third of what the whole takes; later each time, so that a machine
        // that has become slower gets on, too.
        let patience = 1.0 + f64::from(killed) / 8.0;
        sleep(alone.mul_f64((0.02 + 0.3 * stream.uniform()) * patience));
        let ended = child.try_wait().unwrap();
        child.kill().unwrap();
        let status = child.wait().unwrap();
        let after = finished(&broken);
        assert!(
            before
                .iter()
                .all(|(run, written)| after.get(run) == Some(written)),
            "a finished run was lost or trained again"
        );
        before = after;
        if ended.is_some() {
            assert!(status.success());
            break;
        }
        killed += 1;
        assert!(killed < 60, "the comparison does not get on");
        // What a run that was being written leaves behind.
        let half = broken.join("runs/.unfinished-mmoe-seed1-000000000000");
        fs::create_dir_all(&half).unwrap();
        fs::write(half.join("scores.f32"), [0; 7]).unwrap();
    }
    println!("killed {killed} times; a whole comparison takes {alone:?}");
    assert!(killed >= 3, "killed {killed} times only");
    // Three arms: two rates each, then two seeds each.
    assert_eq!(before.len(), 12);
    assert_eq!(tables(&broken), tables(&whole));

    // More seeds train the new ones only; less trains nothing.
    let more = |seeds: &'static str| {
        let mut arguments = arguments(&broken);
        arguments[CHEAP.len() + 1] = seeds.into();
        let before = finished(&broken);
        assert!(moge(&[]).args(arguments).output().unwrap().status.success());
        let after = finished(&broken);
        after
            .iter()
            .filter(|&(run, written)| before.get(run) != Some(written))
            .count()
    };
    assert_eq!((more("3"), more("2")), (3, 0));
    assert_eq!(tables(&broken), tables(&whole));
}
