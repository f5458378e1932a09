//! What is compared: the arms, the seeds, and the learning rates that are tried.

use clap::ValueEnum;

use crate::error::{Error, ErrorKind, Result};
use crate::model::System;
use crate::model::config::{EXPERTS, Kappa};
use crate::train::Config;
use crate::train::config::Uncertainty;

/// The seed under which learning rates are tried. It is not among the reported ones.
pub const TUNING_SEED: u64 = 0;

/// Most seeds, as many as the permutation test can count through.
pub const MOST_SEEDS: u64 = 20;

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Name in the CSV.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Its settings; seed and learning rate are set by [`Plan::run`].
    pub config: Config,
}

/// A comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What it is, a title for people.
    pub title: String,
    /// Stem of the files' names.
    pub stem: String,
    /// The lines of the table.
    pub arms: Vec<Arm>,
    /// The arm that the others are tested against.
    pub reference: usize,
    /// The arms whose best is RelaImpr's base.
    pub baselines: Vec<usize>,
    /// Reported are the seeds `1..=seeds`.
    pub seeds: u64,
    /// Learning rates to try with every arm; when empty all use the preset's.
    pub grid: Vec<f64>,
    /// What a reader has to know, in sentences.
    pub notes: Vec<String>,
}

/// The paper's ablations (model.md 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ablation {
    /// The interaction function kappa: EP, CON, ADD, MLP.
    Interaction,
    /// The losses: i, i+ii, i+iii, i+ii+iii.
    Loss,
    /// The graph experts one by one: m = 0 to 4.
    Experts,
}

impl Ablation {
    /// `interaction`, `loss` or `experts`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interaction => "interaction",
            Self::Loss => "loss",
            Self::Experts => "experts",
        }
    }
}

impl Plan {
    /// A comparison of systems under the settings of `base`, tested against `reference`.
    ///
    /// # Errors
    ///
    /// When a system does not fit the settings, appears twice, or `reference` is not among them.
    pub fn systems(
        systems: &[System],
        reference: System,
        base: &Config,
        seeds: u64,
        grid: Vec<f64>,
    ) -> Result<Self> {
        let place = systems.iter().position(|&system| system == reference);
        let Some(place) = place else {
            return Err(Error::new(
                ErrorKind::Config,
                format!("{reference} is not among the models to compare"),
                "Add it to --models, or name another with --reference.",
            ));
        };
        if let Some(twice) = (1..systems.len()).find(|&i| systems[..i].contains(&systems[i])) {
            return Err(Error::new(
                ErrorKind::Config,
                format!("the model {} is named twice", systems[twice].name()),
                "Name every model once.",
            ));
        }
        let arms = systems.iter().map(|&system| {
            let mut config = base.clone();
            config.model.system = system;
            config.validate().map_err(|e| e.in_file(system))?;
            Ok(Arm {
                name: system.name().into(),
                title: system.title().into(),
                config,
            })
        });
        let arms = arms.collect::<Result<Vec<_>>>()?;
        let others = (0..systems.len()).filter(|&i| i != place && systems[i] != System::Moge);
        Ok(Self {
            title: "Comparison of systems".into(),
            stem: "comparison".into(),
            arms,
            reference: place,
            baselines: others.collect(),
            seeds,
            grid,
            notes: Vec::new(),
        })
    }

    /// An ablation of MoGE under the settings of `base`, tested against the paper's arm; `beta` is the
    /// coefficient of loss (iii) in the arms of [`Ablation::Loss`].
    ///
    /// # Errors
    ///
    /// When an arm's settings contradict each other.
    pub fn ablation(
        what: Ablation,
        base: &Config,
        beta: f64,
        seeds: u64,
        grid: Vec<f64>,
    ) -> Result<Self> {
        type Change = Box<dyn Fn(&mut Config)>;
        let arm = |name: &str, change: Change| -> Result<Arm> {
            let mut config = base.clone();
            config.model.system = System::Moge;
            change(&mut config);
            config.validate().map_err(|e| e.in_file(name))?;
            Ok(Arm {
                name: name.into(),
                title: name.into(),
                config,
            })
        };
        let mut notes = Vec::new();
        let (title, reference, arms): (_, _, Result<Vec<Arm>>) = match what {
            Ablation::Interaction => {
                let kappas = [Kappa::Ep, Kappa::Con, Kappa::Add, Kappa::Mlp];
                let arms = ["EP", "CON", "ADD", "MLP"].into_iter().zip(kappas);
                let arms = arms.map(|(name, kappa)| {
                    arm(name, Box::new(move |config| config.model.kappa = kappa))
                });
                ("Ablation of the interaction function", 0, arms.collect())
            }
            Ablation::Loss => {
                notes.push(inertness(beta));
                let weights = match base.uncertainty {
                    Uncertainty::Off => Uncertainty::M2grl,
                    form => form,
                };
                let losses = [
                    ("i", Uncertainty::Off, false),
                    ("i+ii", weights, false),
                    ("i+iii", Uncertainty::Off, true),
                    ("i+ii+iii", weights, true),
                ];
                let arms = losses
                    .into_iter()
                    .map(|(name, uncertainty, collaboration)| {
                        let change = move |config: &mut Config| {
                            config.uncertainty = uncertainty;
                            config.collaboration = collaboration;
                            config.beta = beta;
                        };
                        arm(name, Box::new(change))
                    });
                ("Ablation of the losses", 3, arms.collect())
            }
            Ablation::Experts => {
                notes.push(
                    "m graph experts keep their interaction, from left to right; m = 0 is MMoE."
                        .into(),
                );
                let arms = (0..=EXPERTS).map(|m| {
                    arm(
                        &format!("m={m}"),
                        Box::new(move |config| config.model.experts = m),
                    )
                });
                ("Ablation of the graph experts", EXPERTS, arms.collect())
            }
        };
        Ok(Self {
            title: title.into(),
            stem: format!("ablation-{}", what.name()),
            arms: arms?,
            reference,
            baselines: vec![reference],
            seeds,
            grid,
            notes,
        })
    }

    /// The settings of one run of an arm.
    pub fn run(&self, arm: usize, learning_rate: f64, seed: u64) -> Config {
        Config {
            learning_rate,
            seed,
            ..self.arms[arm].config.clone()
        }
    }

    /// The runs that choose the learning rates: every arm at every rate of the grid.
    pub fn tuning_runs(&self) -> Vec<Config> {
        let rates = |arm| (self.grid.iter()).map(move |&rate| self.run(arm, rate, TUNING_SEED));
        (0..self.arms.len()).flat_map(rates).collect()
    }

    /// The reported runs at the arms' chosen learning rates, one seed after the other.
    pub fn reported_runs(&self, rates: &[f64]) -> Vec<Config> {
        let arms = |seed| (0..rates.len()).map(move |arm| self.run(arm, rates[arm], seed));
        (1..=self.seeds).flat_map(arms).collect()
    }
}

/// What loss (iii) can do at this coefficient (decision C6): with 4 experts and 2 tasks it lies between
/// -0.75 beta and 0.
fn inertness(beta: f64) -> String {
    let most = 0.75 * beta;
    if beta <= 1e-5 {
        format!(
            "Loss (iii), the expert balancing, has beta = {beta:e}: it is at most {most:.1e} beside a cross-entropy of \
             some tenths, so it is inert. What i+iii differs from i by, and i+ii+iii from i+ii, is rounding and \
             luck. Give --beta 0.1 to see it act."
        )
    } else {
        format!(
            "Loss (iii), the expert balancing, has beta = {beta:e} here. At the paper's value, 1e-6, it is inert."
        )
    }
}
