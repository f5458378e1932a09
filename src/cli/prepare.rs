//! `moge prepare`: turn a raw log into a dataset.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::progress;
use crate::data::{
    ACTIONS, Action, Actions, CoreSize, FILE_NAME, InfoReader, LogReader, PrepareConfig, Preparer,
    Unit, Window, Windows,
};
use crate::error::thousands;
use crate::{Error, ErrorKind, Result};

/// Arguments of `moge prepare`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The log: user_log_format1.csv, plain or gzip.
    #[arg(long, value_name = "FILE")]
    log: PathBuf,
    /// The user table: user_info_format1.csv, plain or gzip. Without it age and gender are unknown.
    #[arg(long, value_name = "FILE")]
    info: Option<PathBuf>,
    /// Folder for dataset.moge.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A short name, shown wherever the data are shown [default: the log's file name].
    #[arg(long)]
    name: Option<String>,
    /// Cut out a dense core of at most this many users.
    #[arg(long, value_name = "N")]
    users: Option<usize>,
    /// Items of the dense core, the merchants with most edges per item first [default: 5 per user].
    #[arg(long, value_name = "N", requires = "users")]
    items: Option<usize>,
    /// Every user of the dense core is in this k-core of G.
    #[arg(long, value_name = "K", requires = "users", default_value_t = CoreSize::K)]
    core: u32,
    /// Days whose actions make the graph G.
    #[arg(long, value_name = "mmdd-mmdd", default_value_t = Windows::default().graph)]
    graph: Window,
    /// Days of the training instances; the last day is the validation set.
    #[arg(long, value_name = "mmdd-mmdd", default_value_t = Windows::default().train)]
    train: Window,
    /// Days of the test instances.
    #[arg(long, value_name = "mmdd-mmdd", default_value_t = Windows::default().test)]
    test: Window,
    /// What an instance is: pair_window, pair_day or row.
    #[arg(long, default_value = Unit::PairWindow.name())]
    unit: Unit,
    /// Sampled negatives per positive instance, for logs without clicks.
    #[arg(long, value_name = "R", default_value_t = 0)]
    neg_ratio: u32,
    /// Actions that make an edge of G: 0 click, 1 cart, 2 purchase, 3 favourite.
    #[arg(
        long,
        value_name = "CODES",
        value_delimiter = ',',
        default_value = "2,3"
    )]
    edge_actions: Vec<u64>,
    /// Train on the whole training window, without a validation day.
    #[arg(long)]
    no_validation: bool,
    /// Seed of the sampled negatives.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Memory for the rows that are kept, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = PrepareConfig::MEMORY_LIMIT >> 20)]
    memory: usize,
}

/// Runs `moge prepare`.
pub fn run(args: Args) -> Result<()> {
    let mut preparer = Preparer::new(args.config()?)?;
    if let Some(info) = &args.info {
        for user in InfoReader::new(info.display().to_string(), open(info)?)? {
            preparer.push_info(user?);
        }
    }
    for row in LogReader::new(args.log.display().to_string(), open(&args.log)?)? {
        preparer.push(&row?)?;
    }
    let prepared = preparer.finish()?;
    println!("{}\n", prepared.diagnostic);
    let dataset = prepared.dataset;
    super::save(&dataset, &args.out)?;
    println!(
        "{}: {} users, {} items, {} edges, {} training, {} validation and {} test instances",
        args.out.join(FILE_NAME).display(),
        thousands(dataset.users.len() as u64 - 1),
        thousands(dataset.items.len() as u64 - 1),
        thousands(dataset.edges.len() as u64),
        thousands(dataset.train.len() as u64),
        thousands(dataset.valid.len() as u64),
        thousands(dataset.test.len() as u64),
    );
    println!("fingerprint {}", dataset.fingerprint());
    Ok(())
}

impl Args {
    fn config(&self) -> Result<PrepareConfig> {
        let file = self
            .log
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let actions: Option<Vec<Action>> = self
            .edge_actions
            .iter()
            .map(|&code| Action::from_code(code))
            .collect();
        let actions = actions
            .filter(|actions| !actions.is_empty())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Config,
                    format!(
                        "--edge-actions {:?} is not a list of action codes",
                        self.edge_actions
                    ),
                    format!(
                        "Give some of {}, as in 2,3.",
                        ACTIONS.map(describe).join(", ")
                    ),
                )
            })?;
        Ok(PrepareConfig {
            name: self.name.clone().unwrap_or_else(|| file.clone()),
            synthetic: false,
            provenance: format!("Rows of {file}, prepared by `moge prepare`."),
            windows: Windows {
                graph: self.graph,
                train: self.train,
                test: self.test,
            },
            unit: self.unit,
            edge_actions: Actions::of(&actions),
            neg_ratio: self.neg_ratio,
            validation: !self.no_validation,
            core: self.users.map(|users| CoreSize {
                k: self.core,
                items: self.items.unwrap_or(CoreSize::of_users(users).items),
                users,
            }),
            seed: self.seed,
            memory_limit: self.memory.saturating_mul(1 << 20),
        })
    }
}

fn describe(action: Action) -> String {
    format!("{} ({})", action as u8, action.name())
}

/// Opens a file for reading, with a progress bar by its bytes.
pub(super) fn open(path: &Path) -> Result<impl Read> {
    let (file, length) = File::open(path)
        .and_then(|file| Ok((file.metadata()?.len(), file)))
        .map(|(length, file)| (file, length))
        .map_err(|e| {
            Error::new(
                ErrorKind::Io,
                format!("the file cannot be opened ({e})"),
                "Check its name and its permissions.",
            )
            .in_file(path.display())
        })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let bar = progress::of(length, name, "{bytes}/{total_bytes}");
    Ok(bar.wrap_read(file))
}
