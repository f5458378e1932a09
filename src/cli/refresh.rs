//! `moge refresh`: newer rows for the graph of a trained run, without training again.

use std::path::{Path, PathBuf};

use pollster::block_on;
use serde_json::json;

use super::prepare::open as open_file;
use crate::data::{Dataset, InfoReader, LogReader};
use crate::engine::{Engine, EngineKind};
use crate::error::{Error, ErrorKind, Result, thousands};
use crate::serve::load::{open, read};
use crate::serve::refresh::{Growth, Refresher};
use crate::serve::rescore::{Rescored, compare};

/// Options of `moge refresh`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder written by `moge train`, or a checkpoint of the page.
    #[arg(long)]
    run: PathBuf,
    /// Folder of the dataset of the run, or of one that `moge refresh` made from it.
    #[arg(long)]
    data: PathBuf,
    /// The newer rows: a log as for `moge prepare`, plain or gzip.
    #[arg(long, value_name = "FILE")]
    log: PathBuf,
    /// The user table, for users that are new. Without it their age and gender are unknown.
    #[arg(long, alias = "user-info", value_name = "FILE")]
    info: Option<PathBuf>,
    /// Take only rows of users that the dataset holds.
    #[arg(long)]
    known_users: bool,
    /// Folder for the refreshed dataset and refresh.json.
    #[arg(long)]
    out: PathBuf,
    /// flex, ndarray or webgpu.
    #[arg(long, default_value = "flex")]
    engine: EngineKind,
}

/// Runs the command.
///
/// # Errors
///
/// What the run, the dataset, the rows or the engine report; when the refreshed dataset would
/// overwrite the one it is made from.
pub fn run(args: Args) -> Result<()> {
    let same = |a: &Path, b: &Path| {
        a.canonicalize()
            .ok()
            .is_some_and(|a| b.canonicalize().ok() == Some(a))
    };
    if same(&args.data, &args.out) {
        let what = "--out is the folder of --data";
        let remedy = "Choose another folder: the run needs the dataset it was trained on.";
        return Err(Error::new(ErrorKind::Config, what, remedy));
    }
    let bytes = read(&args.run)?;
    let data = Dataset::load(&args.data)?;
    let engine = block_on(Engine::open(args.engine))?;
    let mut run = open(&bytes, data, engine.clone())?;
    let (data, channels) = run.loaded();

    let mut refresher = Refresher::new(&data, args.known_users);
    if let Some(info) = &args.info {
        for user in InfoReader::new(info.display().to_string(), open_file(info)?)? {
            refresher.push_info(user?);
        }
    }
    for row in LogReader::new(args.log.display().to_string(), open_file(&args.log)?)? {
        refresher.push(&row?);
    }
    let name = args.log.file_name().unwrap_or_default().to_string_lossy();
    let (grown, growth) = refresher.finish(&name);
    super::save(&grown, &args.out)?;

    let before = block_on(run.score_test_fully())?;
    drop(run);
    let mut run = open(&bytes, grown, engine)?;
    let after = block_on(run.score_test_fully())?;
    let (grown, rebuilt) = run.loaded();
    let rescored = compare(&data, &before, &after)?;

    let channel = |of: &str, old: usize, new: usize| {
        format!(
            "{of} {} -> {}",
            thousands(old as u64),
            thousands(new as u64)
        )
    };
    let sizes = [
        channel("G", data.edges.len(), grown.edges.len()),
        channel(
            "Gu",
            channels.user_user.targets.len(),
            rebuilt.user_user.targets.len(),
        ),
        channel(
            "Gi",
            channels.item_item.targets.len(),
            rebuilt.item_item.targets.len(),
        ),
    ];
    print_growth(&growth, data.origin.raw_values.is_empty());
    println!("edges of the channels: {}", sizes.join(", "));
    print_rescored(&rescored, &growth);
    let record = json!({ "format": 1, "growth": growth, "rescored": rescored, "fingerprint": grown.fingerprint() });
    let path = args.out.join("refresh.json");
    std::fs::write(&path, format!("{record:#}\n")).map_err(|e| {
        let what = format!("cannot be written: {e}");
        Error::new(ErrorKind::Io, what, "Choose another --out folder.").in_file(path.display())
    })?;
    println!("written to {}", args.out.display());
    Ok(())
}

fn print_growth(growth: &Growth, no_raw_values: bool) {
    let days = growth.days.map_or(String::new(), |(first, last)| {
        format!(" of {first} to {last}")
    });
    let counts = [growth.edges, growth.users, growth.items].map(|n| thousands(n as u64));
    let [edges, users, items] = counts;
    let rows = thousands(growth.rows);
    println!("{rows} rows{days}: {edges} edges, {users} users and {items} items are new");
    if growth.rows_left_out > 0 {
        let left_out = thousands(growth.rows_left_out);
        println!("{left_out} rows of users that the dataset does not hold were left out");
    }
    if growth.unmapped > 0 {
        let why = if no_raw_values {
            "the dataset does not store raw ids; prepare it again to have them"
        } else {
            "no item that training saw has them"
        };
        let unmapped = thousands(growth.unmapped as u64);
        println!(
            "categories, merchants and brands of new items that are unknown: {unmapped} ({why})"
        );
    }
}

fn print_rescored(rescored: &Rescored, growth: &Growth) {
    println!(
        "{} test instances scored again under every neighbour, without training; {} changed",
        thousands(rescored.instances as u64),
        thousands(rescored.changed as u64)
    );
    for change in &rescored.logits {
        println!(
            "  logit of {:<9} changed by {:.4} on average, {:.4} at most",
            change.task, change.mean, change.largest
        );
    }
    let gauc = |value: Option<f64>| value.map_or("undefined".into(), |gauc| format!("{gauc:.4}"));
    for change in &rescored.gauc {
        let [favourite, purchase] =
            [0, 1].map(|k| format!("{} -> {}", gauc(change.before[k]), gauc(change.after[k])));
        println!(
            "  GAUC of {}, {}: favourite {favourite}, purchase {purchase}",
            change.title,
            thousands(change.instances as u64)
        );
    }
    if growth.late_rows > 0 {
        println!(
            "  {} rows are of the test window or later: the graph now holds test labels, and the GAUC \
             after is no measure of quality",
            thousands(growth.late_rows)
        );
    }
}
