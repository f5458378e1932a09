//! The commands of the command line, one file each.

mod ablate;
mod bench;
mod compare;
mod experiment;
mod gauc;
mod graph;
mod models;
mod prepare;
mod progress;
mod recommend;
mod refresh;
mod score;
mod settings;
mod stats;
mod synth;
mod train;

use std::path::Path;

use clap::{Parser, Subcommand};

use crate::Result;
use crate::data::Dataset;
use crate::graph::{Channels, Construction, Layout};

/// Seed of the layouts that are written beside datasets.
const LAYOUT_SEED: u64 = 1;

/// MoGE: graph context enhanced multi-task recommendation, trained here or in the browser.
#[derive(Debug, Parser)]
#[command(name = "moge", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Turn raw IJCAI-15 logs into a dataset.
    Prepare(prepare::Args),
    /// Print the statistics of a dataset.
    Stats(stats::Args),
    /// Generate a synthetic dataset in the IJCAI-15 schema.
    Synth(synth::Args),
    /// Train a system on a dataset.
    Train(train::Args),
    /// Compare systems over seeds, with tests of every difference.
    Compare(compare::Args),
    /// Take MoGE apart: interaction function, losses, or graph experts.
    Ablate(ablate::Args),
    /// List the systems.
    Models(models::Args),
    /// Score pairs of users and items with a trained run.
    Score(score::Args),
    /// Grow the graph of a trained run with newer rows, and score again without training.
    Refresh(refresh::Args),
    /// List the best items for a user, with reasons.
    Recommend(recommend::Args),
    /// Write the three graph channels and the node tables as CSV.
    Graph(graph::Args),
    /// Compute GAUC from a CSV of user, label and score.
    Gauc(gauc::Args),
    /// Measure training steps.
    Bench(bench::Args),
}

/// Parses the process's arguments and runs the command.
///
/// # Errors
///
/// What the command reports; errors in the arguments themselves exit with clap's message.
pub fn run() -> Result<()> {
    match Cli::parse().command {
        Command::Prepare(args) => prepare::run(args),
        Command::Stats(args) => stats::run(args),
        Command::Synth(args) => synth::run(args),
        Command::Train(args) => train::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Ablate(args) => ablate::run(args),
        Command::Models(args) => models::run(args),
        Command::Score(args) => score::run(args),
        Command::Refresh(args) => refresh::run(args),
        Command::Recommend(args) => recommend::run(args),
        Command::Graph(args) => graph::run(args),
        Command::Gauc(args) => gauc::run(args),
        Command::Bench(args) => bench::run(args),
    }
}

/// Writes a dataset into a folder, and beside it the layout of its channels for the page's map.
fn save(dataset: &Dataset, dir: &Path) -> Result<()> {
    dataset.save(dir)?;
    let channels = Channels::build(dataset, &Construction::default())?;
    let bar = progress::of(100, "layout of the channels", "{percent} %");
    let layout = Layout::compute(&channels, LAYOUT_SEED, |share| {
        bar.set_position((100.0 * share) as u64);
    });
    bar.finish_and_clear();
    layout.save(dir)
}
