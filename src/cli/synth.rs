//! `moge synth`: generate a synthetic dataset, or the raw files it comes from.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::data::{FILE_NAME, PrepareConfig, Row, Synth, SynthConfig, UserInfo, bundled};
use crate::{Error, ErrorKind, Result};

/// Arguments of `moge synth`. The defaults make the bundled dataset.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Seed: the same seed gives the same rows.
    #[arg(long, default_value_t = bundled::SEED)]
    seed: u64,
    /// Folder for dataset.moge, or for the raw files.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Users in the log.
    #[arg(long, value_name = "N", default_value_t = bundled::USERS)]
    users: usize,
    /// Items in the catalogue.
    #[arg(long, value_name = "N", default_value_t = bundled::ITEMS)]
    items: usize,
    /// How many times as active as the contest's average user the users are.
    #[arg(long, value_name = "X", default_value_t = bundled::ACTIVITY)]
    activity: f64,
    /// Keep every user, not only the dense core of those with a valid test group.
    #[arg(long)]
    all: bool,
    /// Write user_log_format1.csv and user_info_format1.csv instead of a dataset.
    #[arg(long)]
    raw: bool,
}

/// Runs `moge synth`.
pub fn run(args: Args) -> Result<()> {
    let Args {
        seed,
        users,
        items,
        activity,
        ..
    } = args;
    let config = SynthConfig {
        seed,
        users,
        items,
        activity,
    };
    let synth = Synth::new(config)?;
    if args.raw {
        return write_raw(&synth, &args.out);
    }
    let mut how = bundled::prepare(config);
    if args.all {
        how = PrepareConfig { core: None, ..how };
    }
    let prepared = synth.prepare(how)?;
    println!("{}\n", prepared.diagnostic);
    super::save(&prepared.dataset, &args.out)?;
    let file = args.out.join(FILE_NAME);
    println!(
        "{}: fingerprint {}",
        file.display(),
        prepared.dataset.fingerprint()
    );
    Ok(())
}

/// One line of user_log_format1.csv. What is unknown is empty, as in the contest's file.
#[derive(Serialize)]
struct LogLine {
    user_id: u64,
    item_id: u64,
    cat_id: Option<u64>,
    seller_id: Option<u64>,
    brand_id: Option<u64>,
    time_stamp: u16,
    action_type: u8,
}

/// One line of user_info_format1.csv.
#[derive(Serialize)]
struct InfoLine {
    user_id: u64,
    age_range: u8,
    gender: u8,
}

impl From<&Row> for LogLine {
    fn from(row: &Row) -> Self {
        let known = |value| Some(value).filter(|&value| value != 0);
        Self {
            user_id: row.user,
            item_id: row.item,
            cat_id: known(row.category),
            seller_id: known(row.merchant),
            brand_id: known(row.brand),
            time_stamp: row.day.mmdd(),
            action_type: row.action as u8,
        }
    }
}

impl From<UserInfo> for InfoLine {
    fn from(info: UserInfo) -> Self {
        let gender = [2, 0, 1][usize::from(info.gender)];
        Self {
            user_id: info.user,
            age_range: info.age,
            gender,
        }
    }
}

fn write_raw(synth: &Synth, out: &Path) -> Result<()> {
    let path = |name: &str| out.join(name);
    let (log, info) = (path("user_log_format1.csv"), path("user_info_format1.csv"));
    fs::create_dir_all(out).map_err(|e| unwritable(out, &e))?;
    let mut lines = create(&log)?;
    synth.rows(|row| {
        lines
            .serialize(LogLine::from(row))
            .map_err(|e| unwritable(&log, &e))
    })?;
    lines.flush().map_err(|e| unwritable(&log, &e))?;
    let mut lines = create(&info)?;
    for user in synth.users() {
        lines
            .serialize(InfoLine::from(user))
            .map_err(|e| unwritable(&info, &e))?;
    }
    lines.flush().map_err(|e| unwritable(&info, &e))?;
    println!("{}\n{}", log.display(), info.display());
    Ok(())
}

fn create(path: &Path) -> Result<csv::Writer<File>> {
    csv::Writer::from_path(path).map_err(|e| unwritable(path, &e))
}

fn unwritable(path: &Path, error: &dyn std::fmt::Display) -> Error {
    let what = format!("the file cannot be written ({error})");
    Error::new(ErrorKind::Io, what, "Check the folder and its permissions.").in_file(path.display())
}
