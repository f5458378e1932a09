//! What `moge compare` and `moge ablate` have in common: options, progress, files.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::settings::{Given, Settings};
use crate::compare::plan::MOST_SEEDS;
use crate::compare::runner::missing;
use crate::compare::store::Purpose;
use crate::compare::{Event, Plan, Population, Store, Table, Tuning, figure, train_missing, write};
use crate::data::Dataset;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Channels;
use crate::train::Config;
use crate::train::record::Origin;
use crate::train::run::Loaded;

/// Options of both commands.
#[derive(Debug, clap::Args)]
pub struct Experiment {
    /// Folder of a prepared dataset.
    #[arg(long)]
    data: PathBuf,
    /// Folder for the runs and the tables; created when absent, gone on with when not.
    #[arg(long)]
    out: PathBuf,
    /// Number of seeds: 1, 2, ...
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=MOST_SEEDS))]
    seeds: u64,
    /// Runs at a time, each on one core; by default as many as there are cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    #[command(flatten)]
    settings: Settings,
}

/// Learning rates to try; none to take the preset's.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid(pub Vec<f64>);

impl FromStr for Grid {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if text == "none" {
            return Ok(Self(Vec::new()));
        }
        let rate = |part: &str| {
            let rate = part.trim().parse::<f64>().ok();
            rate.filter(|rate| (1e-7..=1.0).contains(rate))
                .ok_or(format!(
                    "{part:?} is not a learning rate from 1e-7 to 1 (write a list such as 1e-3,3e-3, or none)"
                ))
        };
        text.split(',')
            .map(rate)
            .collect::<std::result::Result<_, _>>()
            .map(Self)
    }
}

impl Experiment {
    /// Number of seeds.
    pub fn seeds(&self) -> u64 {
        self.seeds
    }

    /// The settings that all arms share.
    ///
    /// # Errors
    ///
    /// Names the setting that is wrong, or that another option decides.
    pub fn base(&self, grid: &[f64]) -> Result<Config> {
        let mut given = vec![
            Given {
                name: "system",
                value: None,
                instead: "Choose systems with moge compare --models.",
            },
            Given {
                name: "seed",
                value: None,
                instead: "Choose the number of seeds with --seeds.",
            },
        ];
        if !grid.is_empty() {
            given.push(Given {
                name: "learning_rate",
                value: None,
                instead: "The learning rates are those of --grid; --grid none takes this one for all.",
            });
        }
        self.settings.config(&given)
    }

    /// Trains what is missing and writes the tables.
    ///
    /// # Errors
    ///
    /// What the dataset, the folder or a run report.
    pub fn run(&self, plan: Plan, base: &Config) -> Result<()> {
        let data = Arc::new(Dataset::load(&self.data)?);
        let purpose = Purpose::new(Origin::of(&data), self.settings.engine, base)?;
        let store = Store::open(&self.out, purpose)?;
        let channels = Arc::new(Channels::build(&data, &base.construction())?);
        let loaded = (Arc::clone(&data), channels);
        let populations = Population::both(&data);

        let train = |what: &str, configs: &[Config]| {
            self.train(what, &store, configs, &loaded, &populations)
        };
        train("tuning", &plan.tuning_runs())?;
        let tunings = Tuning::choose(&plan, &store)?;
        let rates: Vec<f64> = tunings.iter().map(|tuning| tuning.chosen).collect();
        train("seeds", &plan.reported_runs(&rates))?;

        let table = Table::new(plan, &store, &data, tunings)?;
        let path = |end: &str| self.out.join(format!("{}{end}", table.plan.stem));
        let mut files = vec![
            (path(".csv"), write::csv(&table)),
            (path(".md"), write::markdown(&table)),
        ];
        for (end, view) in [".svg", "-warm.svg"].into_iter().zip(&table.views) {
            files.push((path(end), figure::svg(&table, view)?));
        }
        println!("{}", write::summary(&table));
        for (path, text) in files {
            fs::write(&path, text).map_err(|e| {
                let what = format!("cannot be written: {e}");
                Error::new(ErrorKind::Io, what, "Choose another --out folder.")
                    .in_file(path.display())
            })?;
            println!("{}", path.display());
        }
        Ok(())
    }

    /// Trains the missing runs of one stage, with a bar for each worker and one for all.
    fn train(
        &self,
        what: &str,
        store: &Store,
        configs: &[Config],
        loaded: &Loaded,
        populations: &[Population; 2],
    ) -> Result<()> {
        let missing = missing(store, configs);
        if missing.is_empty() {
            return Ok(());
        }
        let jobs = self.jobs.map_or_else(
            || thread::available_parallelism().map_or(1, Into::into),
            usize::from,
        );
        let display = Display::new(what, &missing);
        train_missing(
            store,
            &missing,
            loaded,
            populations,
            jobs,
            &|worker, event| {
                display.show(worker, event);
            },
        )?;
        display.finish();
        Ok(())
    }
}

/// The progress of a stage on the terminal; a line per finished run where there is none.
struct Display {
    bars: MultiProgress,
    all: ProgressBar,
    runs: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    done: usize,
    workers: HashMap<usize, ProgressBar>,
}

impl Display {
    fn new(what: &str, missing: &[Config]) -> Self {
        let bars = MultiProgress::new();
        let steps = missing.iter().map(|config| config.steps).sum();
        let all = ProgressBar::new(steps).with_style(style("{bar:30} {msg}, {eta} left"));
        let runs = missing.len();
        all.set_message(format!("{what}: 0 of {runs} runs"));
        Self {
            all: bars.add(all.with_prefix(what.to_owned())),
            bars,
            runs,
            state: Mutex::default(),
        }
    }

    fn show(&self, worker: usize, event: Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started(config) => {
                let bar = ProgressBar::new(config.steps)
                    .with_style(style("{bar:30} {prefix} {pos}/{len}  {msg}"))
                    .with_prefix(title(config));
                if let Some(old) = state.workers.insert(worker, self.bars.add(bar)) {
                    old.finish_and_clear();
                }
            }
            Event::Step(step, evaluation) => {
                let Some(bar) = state.workers.get(&worker) else {
                    return;
                };
                self.all.inc(step - bar.position());
                bar.set_position(step);
                if let Some(gauc) = evaluation.and_then(|e| e.mean_validation()) {
                    bar.set_message(format!("validation GAUC {gauc:.4}"));
                }
            }
            Event::Finished(finished) => {
                state.done += 1;
                let (run, done) = (&finished.run, state.done);
                // What early stopping saved.
                self.all.inc(run.config.steps - run.steps);
                let what = self.all.prefix();
                self.all
                    .set_message(format!("{what}: {done} of {} runs", self.runs));
                let gauc = run.validation_gauc();
                let line = format!(
                    "{what} {done}/{}: {}, {} steps, {:.0} s, validation GAUC {}",
                    self.runs,
                    title(&run.config),
                    run.steps,
                    run.seconds,
                    gauc.map_or("undefined".into(), |gauc| format!("{gauc:.4}"))
                );
                if self.bars.is_hidden() {
                    eprintln!("{line}");
                } else {
                    self.all.println(line);
                }
            }
        }
    }

    fn finish(self) {
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        state
            .workers
            .values()
            .for_each(ProgressBar::finish_and_clear);
        self.all.finish_and_clear();
    }
}

fn title(config: &Config) -> String {
    let (system, seed, rate) = (config.model.system, config.seed, config.learning_rate);
    format!("{system}, seed {seed}, rate {rate}")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a valid template")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_are_read_or_refused() {
        assert_eq!("none".parse(), Ok(Grid(Vec::new())));
        assert_eq!("1e-3, 0.01".parse(), Ok(Grid(vec![1e-3, 1e-2])));
        for wrong in ["", "fast", "1e-3,", "2", "-1e-3", "NaN"] {
            let message = wrong.parse::<Grid>().unwrap_err();
            assert!(message.contains("is not a learning rate"), "{message}");
        }
    }
}
