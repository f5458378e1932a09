//! Every field that defines a run, flat, with the presets of model.md section 14.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Construction, Similarity};
use crate::model::System;
use crate::model::config::{EXPERTS, Kappa, ModelConfig, ZNorm};

/// Whether loss terms are averaged or summed over the batch (decision C1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// Mean over the batch.
    Mean,
    /// Sum over the batch.
    Sum,
}

/// What the regulariser's coefficient is (decision C2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LambdaScale {
    /// lambda / B on the mean loss.
    Batch,
    /// lambda on the mean loss.
    Full,
}

/// Which parameters are regularised (decision C3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum L2Scope {
    /// The network's weights, and the embedding rows of the batch's pairs.
    Batch,
    /// The network's weights, and every embedding row.
    All,
}

/// How the two tasks' losses are weighed (decision C4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Uncertainty {
    /// Loss (i): the plain sum.
    Off,
    /// Loss (ii) as printed: `exp(-s) C + s`.
    M2grl,
    /// Kendall's: `exp(-s) C + s / 2`.
    Kendall,
}

/// The configuration of a run. With a dataset it determines every number of the run on an engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Seed of initialisation, batch order, neighbour draws and unknown-id substitution.
    pub seed: u64,
    /// The model.
    #[serde(flatten)]
    pub model: ModelConfig,
    /// Batch size B.
    pub batch: usize,
    /// Similarity of Gu and Gi (model.md 4.2).
    pub similarity: Similarity,
    /// Fewest common neighbours of a similar pair.
    pub min_common: u32,
    /// Most similar nodes that every node selects.
    pub k_sim: usize,
    /// Degree above which a node links its neighbours through a sample of this size.
    pub similarity_cap: usize,
    /// Neighbours drawn per node at each hop, one entry per layer.
    pub fan_out: Vec<usize>,
    /// Adam's learning rate; its other constants are 0.9, 0.999 and 1e-8 (decision C7).
    pub learning_rate: f64,
    /// Coefficient of the regulariser.
    pub lambda: f64,
    /// C2.
    pub lambda_scale: LambdaScale,
    /// C3.
    pub l2_scope: L2Scope,
    /// C1.
    pub reduction: Reduction,
    /// C4: loss (i) or (ii).
    pub uncertainty: Uncertainty,
    /// Whether loss (iii), the expert-balancing term, is added.
    pub collaboration: bool,
    /// C6: coefficient of loss (iii).
    pub beta: f64,
    /// Largest Euclidean length of the whole gradient; 0 for no clipping.
    pub clip_norm: f64,
    /// Probability that training replaces a user's or an item's id by the unknown id.
    pub unknown_id: f64,
    /// The run is finished after this many steps.
    pub steps: u64,
    /// Steps between evaluations.
    pub evaluate_every: u64,
    /// Test users that evaluation scores, a fixed subset; 0 for all of them.
    pub evaluate_users: usize,
    /// Evaluations without a better validation GAUC after which the run stops and goes back to the
    /// best parameters; 0 for never (decision C8).
    pub patience: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 1,
            model: ModelConfig::default(),
            batch: 256,
            similarity: Similarity::Cosine,
            min_common: 1,
            k_sim: 10,
            similarity_cap: 500,
            fan_out: vec![8, 4],
            learning_rate: 3e-3,
            lambda: 1e-3,
            lambda_scale: LambdaScale::Batch,
            l2_scope: L2Scope::Batch,
            reduction: Reduction::Mean,
            uncertainty: Uncertainty::M2grl,
            collaboration: true,
            beta: 1e-6,
            clip_norm: 0.0,
            unknown_id: 0.05,
            steps: 1200,
            evaluate_every: 100,
            evaluate_users: 0,
            patience: 3,
        }
    }
}

/// Names of the presets, in the order in which they are offered.
pub const PRESETS: [&str; 3] = ["demo", "demo-cpu", "paper"];

impl Config {
    /// A preset of model.md section 14.
    ///
    /// # Errors
    ///
    /// When there is no preset of that name.
    pub fn preset(name: &str) -> Result<Self> {
        let demo = Self::default();
        match name {
            "demo" => Ok(demo),
            "demo-cpu" => Ok(Self {
                model: ModelConfig {
                    d: 32,
                    ..demo.model
                },
                batch: 64,
                fan_out: vec![4, 2],
                ..demo
            }),
            "paper" => Ok(Self {
                model: ModelConfig {
                    z_norm: ZNorm::None,
                    ..demo.model
                },
                fan_out: vec![20, 20],
                learning_rate: 1e-4,
                unknown_id: 0.0,
                steps: 30_000,
                ..demo
            }),
            _ => Err(Error::new(
                ErrorKind::Config,
                format!("there is no preset \"{name}\""),
                format!("Choose one of {}.", PRESETS.join(", ")),
            )),
        }
    }

    /// Reads a configuration from JSON. Fields that are absent take their value from `demo`.
    ///
    /// # Errors
    ///
    /// Names a field that does not exist, or whose value does not fit.
    pub fn from_json(value: Value) -> Result<Self> {
        let Value::Object(given) = value else {
            return Err(Error::new(
                ErrorKind::Config,
                "a configuration is a JSON object",
                "Give an object such as {\"seed\": 1}.",
            ));
        };
        let Ok(Value::Object(mut whole)) = serde_json::to_value(Self::default()) else {
            unreachable!("a configuration serialises to an object")
        };
        for (name, value) in given {
            let Some(slot) = whole.get_mut(&name) else {
                let names = whole
                    .keys()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(", ");
                return Err(Error::new(
                    ErrorKind::Config,
                    format!("there is no setting \"{name}\""),
                    format!("The settings are {names}."),
                ));
            };
            let before = std::mem::replace(slot, value);
            let attempt = serde_json::from_value::<Self>(Value::Object(whole.clone()));
            if let Err(error) = attempt {
                let given = &whole[&name];
                return Err(Error::new(
                    ErrorKind::Config,
                    format!("setting \"{name}\" is {given}: {error}"),
                    format!("A valid value is, for example, {before}."),
                ));
            }
        }
        let config: Self = serde_json::from_value(Value::Object(whole)).map_err(|error| {
            Error::new(ErrorKind::Config, error.to_string(), "Correct the setting.")
        })?;
        config.validate()?;
        Ok(config)
    }

    /// How the run's channels are derived from the edges of G.
    pub fn construction(&self) -> Construction {
        let Self {
            similarity,
            min_common,
            k_sim,
            similarity_cap: cap,
            ..
        } = *self;
        Construction {
            similarity,
            min_common,
            k_sim,
            cap,
        }
    }

    /// Checks ranges and combinations.
    ///
    /// # Errors
    ///
    /// Names the first setting that is out of its range, with the range.
    pub fn validate(&self) -> Result<()> {
        let m = &self.model;
        let whole = [
            ("d", m.d, 1, 512),
            ("layers", m.layers, 1, 4),
            ("batch", self.batch, 1, 65_536),
            ("min_common", self.min_common as usize, 1, 1000),
            ("k_sim", self.k_sim, 1, 1000),
            ("similarity_cap", self.similarity_cap, 2, 1_000_000),
            ("steps", self.steps as usize, 1, 10_000_000),
            (
                "evaluate_every",
                self.evaluate_every as usize,
                1,
                10_000_000,
            ),
        ];
        for (name, value, low, high) in whole {
            if !(low..=high).contains(&value) {
                return Err(out_of_range(
                    name,
                    value,
                    format!("a whole number from {low} to {high}"),
                ));
            }
        }
        if m.experts > EXPERTS {
            return Err(out_of_range(
                "experts",
                m.experts,
                format!("a whole number from 0 to {EXPERTS}"),
            ));
        }
        let real = [
            ("learning_rate", self.learning_rate, 1e-7, 1.0),
            ("lambda", self.lambda, 0.0, 10.0),
            ("beta", self.beta, 0.0, 100.0),
            ("clip_norm", self.clip_norm, 0.0, 1e6),
            ("unknown_id", self.unknown_id, 0.0, 1.0),
            ("slope", m.slope, 0.0, 1.0),
            ("message_dropout", m.message_dropout, 0.0, 0.99),
            ("snr_lambda", m.snr_lambda, 0.0, 10.0),
        ];
        for (name, value, low, high) in real {
            if !(low..=high).contains(&value) {
                return Err(out_of_range(
                    name,
                    value,
                    format!("a number from {low} to {high}"),
                ));
            }
        }
        if self.fan_out.len() != m.layers || self.fan_out.iter().any(|s| !(1..=1000).contains(s)) {
            let expected = format!(
                "one number from 1 to 1000 for each of the {} layers",
                m.layers
            );
            return Err(out_of_range(
                "fan_out",
                format!("{:?}", self.fan_out),
                expected,
            ));
        }
        for (name, widths, empty) in [
            ("expert_hidden", &m.expert_hidden, false),
            ("gate_hidden", &m.gate_hidden, true),
            ("tower_hidden", &m.tower_hidden, true),
            ("tower_mlp", &m.tower_mlp, false),
            ("bottom", &m.bottom, true),
        ] {
            let fits = widths.iter().all(|w| (1..=1024).contains(w)) && widths.len() <= 4;
            if !fits || (widths.is_empty() && !empty) {
                let expected = "up to 4 widths from 1 to 1024".to_string();
                return Err(out_of_range(name, format!("{widths:?}"), expected));
            }
        }
        if !(1..=16).contains(&(m.n_shared + m.n_specific)) {
            let expected = "from 1 to 16 experts with n_specific".to_string();
            return Err(out_of_range("n_shared", m.n_shared, expected));
        }
        if m.system.graph() && m.channels == [false; 3] {
            let expected = format!("at least one channel on: {} reads nothing else", m.system);
            return Err(out_of_range("channels", "all off", expected));
        }
        if m.system == System::Moge && m.kappa == Kappa::Mlp && m.experts == 0 {
            let expected = "at least 1 with kappa = mlp".to_string();
            return Err(out_of_range("experts", 0, expected));
        }
        Ok(())
    }
}

fn out_of_range(name: &str, value: impl std::fmt::Display, expected: String) -> Error {
    let what = format!("setting \"{name}\" is {value}, expected {expected}");
    Error::new(ErrorKind::Config, what, "Choose a value in that range.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn presets_are_valid_and_survive_json() {
        for name in PRESETS {
            let config = Config::preset(name).unwrap();
            config.validate().unwrap();
            let json = serde_json::to_value(&config).unwrap();
            assert_eq!(Config::from_json(json).unwrap(), config);
        }
        assert!(
            Config::preset("demonstration")
                .unwrap_err()
                .to_string()
                .contains("demo, demo-cpu, paper")
        );
    }

    #[test]
    fn wrong_settings_are_named() {
        let cases = [
            (json!({"sead": 3}), "no setting \"sead\""),
            (
                json!({"kappa": "product"}),
                "setting \"kappa\" is \"product\"",
            ),
            (
                json!({"batch": 0}),
                "setting \"batch\" is 0, expected a whole number from 1",
            ),
            (
                json!({"layers": 3}),
                "setting \"fan_out\" is [8, 4], expected one number",
            ),
            (
                json!({"learning_rate": -1.0}),
                "setting \"learning_rate\" is -1, expected",
            ),
            (json!([1]), "a configuration is a JSON object"),
        ];
        for (given, expected) in cases {
            let message = Config::from_json(given).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
