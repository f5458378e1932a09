//! `moge ablate`: MoGE without one of its parts, over seeds.

use super::experiment::{Experiment, Grid};
use crate::compare::{Ablation, Plan};
use crate::error::{Error, ErrorKind, Result};

/// Take MoGE apart: interaction function, losses, or graph experts.
///
/// The paper's three ablations. All arms share everything but the part in question; each is tested
/// against the paper's choice. Writes ablation-WHAT.csv, .md and .svg; goes on where it was interrupted,
/// and shares finished runs with other ablations and comparisons in the same folder.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which part.
    #[arg(long, value_enum)]
    what: Ablation,
    /// Coefficient of loss (iii) with --what loss. At the paper's value the term is inert.
    #[arg(long, value_name = "X", default_value_t = 1e-6)]
    beta: f64,
    /// Learning rates to try with every arm, separated by commas; by default all use the preset's.
    #[arg(long, value_name = "LIST", default_value = "none")]
    grid: Grid,
    #[command(flatten)]
    experiment: Experiment,
}

/// Runs the command.
///
/// # Errors
///
/// What the options, the dataset, the folder or a run report.
pub fn run(args: Args) -> Result<()> {
    if args.what != Ablation::Loss && args.beta != 1e-6 {
        return Err(Error::new(
            ErrorKind::Config,
            format!("--beta has no effect with --what {}", args.what.name()),
            "Use --set beta=X to change it in all arms.",
        ));
    }
    let Grid(grid) = args.grid;
    let base = args.experiment.base(&grid)?;
    let plan = Plan::ablation(args.what, &base, args.beta, args.experiment.seeds(), grid)?;
    args.experiment.run(plan, &base)
}
