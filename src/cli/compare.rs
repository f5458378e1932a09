//! `moge compare`: systems against each other, over seeds.

use super::experiment::{Experiment, Grid};
use crate::compare::Plan;
use crate::error::Result;
use crate::model::System;

/// Compare systems over seeds, with tests of every difference.
///
/// Trains every model with every seed, under the same instances, batches, neighbour draws, steps and
/// early stopping, each at the best learning rate of the same grid, and writes comparison.csv, .md and
/// .svg. An interrupted comparison goes on when the same command is given again; finished runs are never
/// trained twice.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// all, or names separated by commas; `moge models` lists them.
    #[arg(long, default_value = "all")]
    models: String,
    /// The model that the others are tested against; by default moge, or the last one where that is
    /// not compared.
    #[arg(long, value_name = "NAME")]
    reference: Option<String>,
    /// Learning rates to try with every model, separated by commas, or none for the preset's.
    #[arg(long, value_name = "LIST", default_value = "1e-3,3e-3,1e-2")]
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
    let models = if args.models == "all" {
        System::ALL.to_vec()
    } else {
        let names = args.models.split(',').map(|name| name.trim().parse());
        names.collect::<Result<Vec<System>>>()?
    };
    let reference = match &args.reference {
        Some(name) => name.parse()?,
        None if models.contains(&System::Moge) => System::Moge,
        None => *models.last().expect("split gives at least one name"),
    };
    let Grid(grid) = args.grid;
    let base = args.experiment.base(&grid)?;
    let plan = Plan::systems(&models, reference, &base, args.experiment.seeds(), grid)?;
    args.experiment.run(plan, &base)
}
