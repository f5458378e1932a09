//! Comparisons: tables by hand, the folder of runs, and the real commands, killed, resumed and misused.

#[path = "../common/mod.rs"]
mod common;

mod commands;
mod interrupt;
mod store;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use moge::train::record::Origin;

/// A dataset that there is not.
pub fn origin() -> Origin {
    Origin {
        name: "toy".into(),
        synthetic: true,
        fingerprint: "0123456789abcdef".into(),
    }
}

/// An empty folder of this test's own.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("compare-{name}"));
    let _ = fs::remove_dir_all(&path);
    path
}

/// `moge` with arguments.
pub fn moge(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moge"));
    command.args(arguments);
    command
}

pub fn succeed(arguments: &[&str]) -> Output {
    let output = moge(arguments).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    output
}

pub fn refused(arguments: &[&str]) -> String {
    let output = moge(arguments).output().unwrap();
    assert!(!output.status.success(), "{arguments:?} succeeded");
    String::from_utf8(output.stderr).unwrap()
}

/// Settings that make a run cheap.
pub const CHEAP: [&str; 13] = [
    "--preset",
    "demo-cpu",
    "--set",
    "d=8",
    "--set",
    "batch=32",
    "--set",
    "evaluate_every=20",
    "--set",
    "fan_out=[2,2]",
    "--set",
    "k_sim=3",
    "--seeds",
];

/// A dataset of a few users.
pub fn dataset(name: &str, users: &str) -> String {
    let path = folder(name).display().to_string();
    let size = ["--items", "80", "--activity", "6", "--all", "--out", &path];
    succeed(&[&["synth", "--users", users][..], &size].concat());
    path
}

/// The finished runs of a folder with the time at which each was written.
pub fn finished(out: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let Ok(runs) = fs::read_dir(out.join("runs")) else {
        return BTreeMap::new();
    };
    let paths = runs.map(|run| run.unwrap().path().join("run.json"));
    paths
        .filter(|path| !path.to_string_lossy().contains(".unfinished"))
        .map(|path| {
            let written = fs::metadata(&path).unwrap().modified().unwrap();
            (path, written)
        })
        .collect()
}
