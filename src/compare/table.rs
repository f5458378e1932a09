//! The numbers of a comparison: means and spreads over seeds, RelaImpr, and two tests of every
//! difference, one over seeds and one over users.

use std::thread;

use super::plan::Plan;
use super::population::Population;
use super::store::{Purpose, Store};
use super::tuning::Tuning;
use crate::data::{Dataset, TASKS, Task};
use crate::error::Result;
use crate::metric::{Paired, Summary, bootstrap, holm, merged, paired, rela_impr};
use crate::model::moge::K;
use crate::random::Key;
use crate::train::record::ParameterCount;
use crate::train::run::End;

/// Resamples of a bootstrap over users.
pub const RESAMPLES: usize = 4000;

/// A difference counts as significant when its corrected p-value is below this.
pub const LEVEL: f64 = 0.05;

/// Names the users that a bootstrap draws.
const DRAWS: u64 = 0x7573_6572;

/// A finished comparison.
#[derive(Clone, Debug)]
pub struct Table {
    /// What was compared.
    pub plan: Plan,
    /// On what, and how.
    pub purpose: Purpose,
    /// One row per arm.
    pub rows: Vec<Row>,
    /// All test pairs, then the warm ones.
    pub views: [View; 2],
}

/// What an arm cost.
#[derive(Clone, Debug)]
pub struct Row {
    /// How its learning rate was chosen.
    pub tuning: Tuning,
    /// Number of trained scalars.
    pub parameters: ParameterCount,
    /// Mean over seeds of the step whose parameters were kept.
    pub kept_step: f64,
    /// Number of seeds whose loss diverged.
    pub diverged: usize,
    /// Mean wall time of a run.
    pub seconds: f64,
}

/// The results over some test pairs.
#[derive(Clone, Debug)]
pub struct View {
    /// `all` or `warm`.
    pub name: &'static str,
    /// What it holds.
    pub title: &'static str,
    /// Number of pairs.
    pub pairs: usize,
    /// Users with a positive and a negative pair, per task.
    pub users: [usize; K],
    /// One row per arm, one cell per task.
    pub cells: Vec<[Cell; K]>,
    /// Number of differences that were tested, and for which p-values are corrected.
    pub comparisons: usize,
}

/// An arm's results on one task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// GAUC of seeds 1, 2, ...; empty where it is undefined.
    pub gauc: Vec<f64>,
    /// Its mean and spread.
    pub summary: Option<Summary>,
    /// Relative improvement of the mean over the best baseline's, in percent. `None` where that is not
    /// above 0.5.
    pub rela_impr: Option<f64>,
    /// The difference from the reference; `None` for the reference itself.
    pub versus: Option<Versus>,
}

/// The difference of an arm from the reference, arm minus reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Versus {
    /// Over seeds.
    pub seeds: Paired,
    /// The t-test's p-value, corrected. `None` for a single seed.
    pub p_seeds: Option<f64>,
    /// Over users.
    pub users: Option<Users>,
}

/// The bootstrap over users, made within every seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Users {
    /// Lower end of the 95 % interval, mean over seeds.
    pub low: f64,
    /// Upper end of the 95 % interval, mean over seeds.
    pub high: f64,
    /// The seeds' p-values merged into one.
    pub p_merged: f64,
    /// The same, corrected.
    pub p: f64,
}

/// What may be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Significantly above the reference.
    Better,
    /// Significantly below the reference.
    Worse,
    /// Neither.
    NotSignificant,
    /// One seed tells nothing about seeds.
    Untested,
}

impl Versus {
    /// By the corrected t-test over seeds.
    pub fn verdict(&self) -> Verdict {
        match self.p_seeds {
            None => Verdict::Untested,
            Some(p) if p >= LEVEL => Verdict::NotSignificant,
            Some(_) if self.seeds.mean > 0.0 => Verdict::Better,
            Some(_) => Verdict::Worse,
        }
    }

    /// Whether the users of the test window suffice to tell the arms apart: the corrected bootstrap is
    /// significant.
    pub fn holds_over_users(&self) -> bool {
        self.users.is_some_and(|users| users.p < LEVEL)
    }
}

impl Table {
    /// The table of a plan whose runs are all in the store.
    ///
    /// # Errors
    ///
    /// When a run is missing or its scores are damaged.
    pub fn new(plan: Plan, store: &Store, data: &Dataset, tunings: Vec<Tuning>) -> Result<Self> {
        let populations = Population::both(data);
        let mut rows = Vec::new();
        let mut logits = Vec::new();
        for (arm, tuning) in tunings.into_iter().enumerate() {
            let configs = (1..=plan.seeds).map(|seed| plan.run(arm, tuning.chosen, seed));
            let configs: Vec<_> = configs.collect();
            let scores = configs.iter().map(|c| store.logits(c, data.test.len() * K));
            logits.push(scores.collect::<Result<Vec<_>>>()?);
            let runs: Vec<_> = configs.iter().filter_map(|c| store.find(c)).collect();
            let mean =
                |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / runs.len() as f64;
            let diverged = |how: &End| *how == End::Diverged;
            rows.push(Row {
                tuning,
                parameters: runs[0].run.parameters,
                kept_step: mean(&mut runs.iter().map(|run| run.run.kept_step() as f64)),
                diverged: (runs.iter())
                    .filter(|run| run.run.ended.as_ref().is_some_and(|e| diverged(&e.how)))
                    .count(),
                seconds: mean(&mut runs.iter().map(|run| run.run.seconds)),
            });
        }
        let views = thread::scope(|scope| {
            let views = populations.each_ref().map(|population| {
                let (plan, logits) = (&plan, &logits);
                scope.spawn(move || view(plan, population, logits))
            });
            views.map(|view| view.join().expect("a table is computed without panic"))
        });
        let [all, warm] = views;
        Ok(Self {
            purpose: store.purpose().clone(),
            rows,
            views: [all?, warm?],
            plan,
        })
    }

    /// Whether a row is the one that the others are tested against.
    pub fn is_reference(&self, arm: usize) -> bool {
        arm == self.plan.reference
    }
}

/// The results over one population, from the logits `[arm][seed]`.
fn view(plan: &Plan, population: &Population, logits: &[Vec<Vec<f32>>]) -> Result<View> {
    let mut columns = Vec::new();
    for task in TASKS {
        let scores: Vec<Vec<Vec<f32>>> = logits
            .iter()
            .map(|seeds| seeds.iter().map(|l| population.scores(task, l)).collect())
            .collect();
        let groups = population.groups(task);
        let mut gauc = Vec::new();
        for seeds in &scores {
            let reports: Result<Vec<_>> = seeds.iter().map(|s| groups.evaluate(s)).collect();
            gauc.push(reports?.iter().filter_map(|report| report.gauc).collect());
        }
        let mut column = cells(gauc, plan.reference, &plan.baselines)?;
        for (arm, cell) in column.iter_mut().enumerate() {
            if let Some(versus) = &mut cell.versus {
                versus.users = over_users(population, task, &scores[arm], &scores[plan.reference])?;
            }
        }
        columns.push(column);
    }
    let comparisons = correct(&mut columns);
    let [favourite, purchase]: [Vec<Cell>; K] = columns.try_into().expect("one column per task");
    Ok(View {
        name: population.name,
        title: population.title,
        pairs: population.rows.len(),
        users: TASKS.map(|task| population.groups(task).groups()),
        cells: favourite
            .into_iter()
            .zip(purchase)
            .map(|(a, b)| [a, b])
            .collect(),
        comparisons,
    })
}

/// One task's cells from `gauc[arm][seed]`; p-values are not corrected yet, and nothing is said over
/// users. RelaImpr is against the highest mean among the `baselines`.
///
/// # Errors
///
/// When the arms have different numbers of seeds, or more than 20.
pub fn cells(gauc: Vec<Vec<f64>>, reference: usize, baselines: &[usize]) -> Result<Vec<Cell>> {
    let means: Vec<Option<Summary>> = gauc.iter().map(|seeds| Summary::of(seeds)).collect();
    let best = (baselines.iter().filter_map(|&arm| means[arm])).map(|summary| summary.mean);
    let best = best.reduce(f64::max);
    let cell = |arm: usize| {
        let versus = (arm != reference && !gauc[arm].is_empty()).then(|| {
            let seeds = paired(&gauc[arm], &gauc[reference])?;
            Ok(Versus {
                p_seeds: seeds.t_test.map(|t_test| t_test.p_value),
                seeds,
                users: None,
            })
        });
        Ok(Cell {
            summary: means[arm],
            rela_impr: means[arm]
                .zip(best)
                .and_then(|(s, best)| rela_impr(s.mean, best)),
            versus: versus.transpose()?,
            gauc: gauc[arm].clone(),
        })
    };
    (0..gauc.len()).map(cell).collect()
}

/// The bootstrap over users within every seed; the same users are drawn for every arm and seed.
fn over_users(
    population: &Population,
    task: Task,
    arm: &[Vec<f32>],
    reference: &[Vec<f32>],
) -> Result<Option<Users>> {
    let groups = population.groups(task);
    let key = Key::new(DRAWS).with(task as u64);
    let mut found = Vec::new();
    for (a, b) in arm.iter().zip(reference) {
        found.extend(bootstrap(groups, a, b, RESAMPLES, key)?);
    }
    let p_values: Vec<f64> = found.iter().map(|one| one.p_value).collect();
    let n = found.len() as f64;
    Ok(merged(&p_values).map(|p| Users {
        low: found.iter().map(|one| one.low).sum::<f64>() / n,
        high: found.iter().map(|one| one.high).sum::<f64>() / n,
        p_merged: p,
        p,
    }))
}

/// Corrects the p-values of all columns' differences together, those over seeds and those over users
/// apart (Holm). Returns the number of differences.
pub fn correct(columns: &mut [Vec<Cell>]) -> usize {
    let mut all: Vec<&mut Versus> = columns
        .iter_mut()
        .flatten()
        .filter_map(|cell| cell.versus.as_mut())
        .collect();
    let mut seeds: Vec<&mut f64> = Vec::new();
    let mut users: Vec<&mut f64> = Vec::new();
    for versus in &mut all {
        seeds.extend(versus.p_seeds.as_mut());
        users.extend(versus.users.as_mut().map(|users| &mut users.p));
    }
    for family in [seeds, users] {
        let adjusted = holm(&family.iter().map(|p| **p).collect::<Vec<_>>());
        family.into_iter().zip(adjusted).for_each(|(p, q)| *p = q);
    }
    all.len()
}
