//! What a run leaves on disk besides its tensors: `run.json` (docs/formats.md).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::config::Config;
use super::evaluation::Evaluation;
use super::run::{Ended, Run};
use crate::data::Dataset;
use crate::engine::EngineKind;
use crate::error::{Error, ErrorKind, Result};

/// Version of the file.
pub const FORMAT: u32 = 1;

/// A run in plain numbers. With the dataset, `engine` and `config` determine all but the times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of the file.
    pub format: u32,
    /// What it was trained on.
    pub dataset: Origin,
    /// What it was trained with.
    pub engine: EngineKind,
    /// Every setting.
    #[serde(deserialize_with = "config")]
    pub config: Config,
    /// Number of trained scalars.
    pub parameters: ParameterCount,
    /// Training steps done.
    pub steps: u64,
    /// Wall time of training, evaluations included.
    pub seconds: f64,
    /// How it ended.
    pub ended: Option<Ended>,
    /// The evaluation whose parameters were kept; `None` without early stopping.
    pub best: Option<Best>,
    /// Every evaluation, oldest first.
    pub evaluations: Vec<Evaluation>,
}

/// Which dataset it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Its name for people.
    pub name: String,
    /// Whether its rows were generated.
    pub synthetic: bool,
    /// See [`Dataset::fingerprint`].
    pub fingerprint: String,
}

/// Number of scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterCount {
    /// Of the network.
    pub network: usize,
    /// Of the embedding tables.
    pub tables: usize,
}

/// The best evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Training steps done before it.
    pub step: u64,
    /// Mean validation GAUC of the tasks.
    pub validation_gauc: f64,
}

impl Origin {
    /// Of a dataset.
    pub fn of(data: &Dataset) -> Self {
        Self {
            name: data.name.clone(),
            synthetic: data.synthetic,
            fingerprint: data.fingerprint(),
        }
    }
}

impl Record {
    /// Of a run that took `seconds`.
    pub fn of(run: &Run, seconds: f64) -> Self {
        let (network, tables) = run.parameter_count();
        let progress = run.progress();
        Self {
            format: FORMAT,
            dataset: Origin::of(&run.loaded().0),
            engine: run.engine().kind,
            config: run.config().clone(),
            parameters: ParameterCount { network, tables },
            steps: run.step_count(),
            seconds,
            ended: progress.ended.clone(),
            best: progress.best.map(|(step, validation_gauc)| Best {
                step,
                validation_gauc,
            }),
            evaluations: progress.evaluations.clone(),
        }
    }

    /// The content of the file.
    ///
    /// # Errors
    ///
    /// When a number cannot be written.
    pub fn json(&self) -> Result<String> {
        serde_json::to_string_pretty(self)
            .map_err(|e| Error::new(ErrorKind::Format, e.to_string(), "Report this as a defect."))
    }

    /// Steps after which the kept parameters were reached.
    pub fn kept_step(&self) -> u64 {
        self.best.map_or(self.steps, |best| best.step)
    }

    /// The evaluation of the kept parameters.
    pub fn kept(&self) -> Option<&Evaluation> {
        let step = self.kept_step();
        self.evaluations.iter().find(|e| e.step == step)
    }

    /// Mean validation GAUC of the kept parameters over the tasks where it is defined.
    pub fn validation_gauc(&self) -> Option<f64> {
        self.kept()?.mean_validation()
    }
}

/// Settings that the file lacks, because it is older than they are, take their default.
fn config<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Config, D::Error> {
    let value = Value::deserialize(from)?;
    Config::from_json(value).map_err(serde::de::Error::custom)
}
