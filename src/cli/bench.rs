//! `moge bench`: the time of a training step and what it is made of.

use std::path::PathBuf;

use pollster::block_on;

use crate::bench::{Workload, dump, measure};
use crate::engine::{Engine, EngineKind};
use crate::error::{Error, ErrorKind, Result};
use crate::op::form::Form;

/// Measure training steps on a synthetic dataset of a given size.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// flex, ndarray or webgpu.
    #[arg(long, default_value = "flex")]
    engine: EngineKind,
    #[command(flatten)]
    sizes: Sizes,
    /// own, or stock: burn's operations alone.
    #[arg(long, default_value_t = Form::Own)]
    form: Form,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Measure nothing, but write the parameters and the batches of the steps to a folder.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["json", "form"])]
    dump: Option<PathBuf>,
}

/// What is measured, with the defaults of [`Workload`].
#[derive(Debug, clap::Args)]
struct Sizes {
    /// Users of the dataset.
    #[arg(long, default_value_t = Workload::default().users)]
    users: usize,
    /// Items of the dataset.
    #[arg(long, default_value_t = Workload::default().items)]
    items: usize,
    /// Edges between them.
    #[arg(long, default_value_t = Workload::default().edges)]
    edges: usize,
    /// Pairs per step.
    #[arg(long, default_value_t = Workload::default().batch)]
    batch: usize,
    /// Neighbours drawn per node at each hop, as many numbers as the network has layers.
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_values_t = Workload::default().fanout)]
    fanout: Vec<usize>,
    /// Embedding width.
    #[arg(long, default_value_t = Workload::default().d)]
    d: usize,
    /// Steps that are measured.
    #[arg(long, default_value_t = Workload::default().steps)]
    steps: u64,
    /// Seed of the dataset and of the run.
    #[arg(long, default_value_t = Workload::default().seed)]
    seed: u64,
}

impl From<Sizes> for Workload {
    fn from(sizes: Sizes) -> Self {
        let Sizes {
            users,
            items,
            edges,
            batch,
            fanout,
            d,
            steps,
            seed,
        } = sizes;
        Self {
            users,
            items,
            edges,
            batch,
            fanout,
            d,
            steps,
            seed,
        }
    }
}

/// Runs the command.
///
/// # Errors
///
/// When the workload cannot be made or this build lacks the engine.
pub fn run(args: Args) -> Result<()> {
    let workload = Workload::from(args.sizes);
    let engine = block_on(Engine::open(args.engine))?;
    if let Some(dir) = args.dump {
        return block_on(dump(&workload, engine, &dir));
    }
    let report = block_on(measure(&workload, engine, args.form, |stage| {
        eprintln!("{stage}")
    }))?;
    if args.json {
        let json = serde_json::to_string_pretty(&report).map_err(|e| {
            Error::new(ErrorKind::Format, e.to_string(), "Report this as a defect.")
        })?;
        println!("{json}");
    } else {
        print!("{report}");
    }
    Ok(())
}
