//! `moge score`: what a trained run says of any pairs.

use std::path::PathBuf;

use pollster::block_on;

use super::prepare::open;
use crate::engine::{Engine, EngineKind};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Draw;
use crate::serve::load::load;
use crate::serve::pairs::score_table;

/// Options of `moge score`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder written by `moge train`, or a checkpoint of the page.
    #[arg(long)]
    run: PathBuf,
    /// Folder of the dataset of the run, or of one that `moge refresh` made from it.
    #[arg(long)]
    data: PathBuf,
    /// CSV with the columns user_id and item_id (ids of the log) and optionally cat_id, seller_id,
    /// brand_id, age_range and gender, which count for users and items unseen in training. Plain or
    /// gzip.
    #[arg(long)]
    pairs: PathBuf,
    /// File to write to [default: standard output].
    #[arg(long)]
    out: Option<PathBuf>,
    /// Use every neighbour of every node, as train --scores does, instead of evaluation's fan-out.
    #[arg(long)]
    full: bool,
    /// flex, ndarray or webgpu.
    #[arg(long, default_value = "flex")]
    engine: EngineKind,
}

/// Runs the command. The notes about unseen users and items go to standard error.
///
/// # Errors
///
/// What the run, the dataset, the table or the engine report.
pub fn run(args: Args) -> Result<()> {
    let engine = block_on(Engine::open(args.engine))?;
    let mut run = load(&args.run, &args.data, engine)?;
    let draw = if args.full {
        Draw::Full
    } else {
        Draw::Evaluate
    };
    let name = args.pairs.display().to_string();
    let pairs = open(&args.pairs)?;
    let scores = block_on(score_table(&mut run, &name, pairs, draw, |_| {}))?;
    for note in &scores.notes {
        eprintln!("{note}");
    }
    let Some(out) = &args.out else {
        print!("{}", scores.csv);
        return Ok(());
    };
    std::fs::write(out, &scores.csv).map_err(|e| {
        let what = format!("cannot be written: {e}");
        Error::new(ErrorKind::Io, what, "Choose another --out file.").in_file(out.display())
    })?;
    println!(
        "{} pairs scored; written to {}",
        scores.rows.len(),
        out.display()
    );
    Ok(())
}
