//! `moge recommend`: the best items for a user, with reasons.

use std::path::PathBuf;

use pollster::block_on;

use crate::data::Task;
use crate::engine::{Engine, EngineKind};
use crate::error::{Error, ErrorKind, Result};
use crate::serve::load::load;
use crate::serve::recommend::{Query, Recommendations, recommend};

/// Options of `moge recommend`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder written by `moge train`, or a checkpoint of the page.
    #[arg(long)]
    run: PathBuf,
    /// Folder of the dataset of the run, or of one that `moge refresh` made from it.
    #[arg(long)]
    data: PathBuf,
    /// Id of the user in the log.
    #[arg(long)]
    user: u64,
    /// Number of items.
    #[arg(short, default_value_t = 10)]
    n: usize,
    /// What ranks the items: favourite or purchase.
    #[arg(long, default_value = "purchase")]
    task: Task,
    /// Leave out what the user favourited or bought in the graph or in the training window.
    #[arg(long)]
    exclude_seen: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// flex, ndarray or webgpu.
    #[arg(long, default_value = "flex")]
    engine: EngineKind,
}

/// Runs the command.
///
/// # Errors
///
/// What the run, the dataset or the engine report.
pub fn run(args: Args) -> Result<()> {
    let engine = block_on(Engine::open(args.engine))?;
    let mut run = load(&args.run, &args.data, engine)?;
    let query = Query {
        user: args.user,
        n: args.n,
        task: args.task,
        exclude_seen: args.exclude_seen,
    };
    let found = block_on(recommend(&mut run, query))?;
    if args.json {
        let json = serde_json::to_string_pretty(&found).map_err(|e| {
            Error::new(ErrorKind::Format, e.to_string(), "Report this as a defect.")
        })?;
        println!("{json}");
    } else {
        print(&found);
    }
    Ok(())
}

fn print(found: &Recommendations) {
    println!("{}\n", found.basis);
    for item in &found.items {
        let [favourite, purchase] = item.probabilities;
        println!(
            "{:>3}. item {}   favourite {favourite:.3}, purchase {purchase:.3}",
            item.rank, item.item_id
        );
        for reason in &item.reasons {
            println!("     {reason}");
        }
    }
    println!(
        "\nRanked by {}. A reason is a fact of the graph or a part of the score, not a cause.",
        found.task
    );
}
