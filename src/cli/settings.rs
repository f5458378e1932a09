//! The options that say how runs are trained, shared by the commands that train.

use serde_json::Value;

use crate::engine::EngineKind;
use crate::error::{Error, ErrorKind, Result};
use crate::train::Config;

/// Options of every command that trains.
#[derive(Debug, clap::Args)]
pub struct Settings {
    /// demo, demo-cpu or paper.
    #[arg(long, default_value = "demo")]
    preset: String,
    /// flex, ndarray or webgpu.
    #[arg(long, default_value = "flex")]
    pub engine: EngineKind,
    /// Largest number of training steps.
    #[arg(long)]
    steps: Option<u64>,
    /// Any setting of the configuration, as NAME=JSON; may be repeated: --set kappa='"mlp"' --set d=32.
    #[arg(long = "set", value_name = "NAME=JSON")]
    settings: Vec<String>,
}

impl Settings {
    /// The preset with the options on top. `given` holds settings that the command has options of its
    /// own for: where it names a value, that is taken, and `--set` may not name them.
    ///
    /// # Errors
    ///
    /// Names the option or the setting that is wrong.
    pub fn config(&self, given: &[Given]) -> Result<Config> {
        let mut json = serde_json::to_value(Config::preset(&self.preset)?).map_err(|e| {
            Error::new(ErrorKind::Config, e.to_string(), "Report this as a defect.")
        })?;
        if let Some(steps) = self.steps {
            json["steps"] = steps.into();
        }
        for setting in &self.settings {
            let Some((name, value)) = setting.split_once('=') else {
                return Err(Error::new(
                    ErrorKind::Config,
                    format!("--set {setting} has no \"=\""),
                    "Write --set NAME=VALUE, for example --set d=32.",
                ));
            };
            if let Some(given) = given.iter().find(|given| given.name == name) {
                return Err(Error::new(
                    ErrorKind::Config,
                    format!("--set {setting} has no effect here"),
                    given.instead,
                ));
            }
            // A bare word is a string: kappa=mlp.
            json[name] = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        }
        for Given { name, value, .. } in given {
            if let Some(value) = value {
                json[name] = value.clone();
            }
        }
        Config::from_json(json)
    }
}

/// A setting that the command decides.
pub struct Given {
    /// Its name.
    pub name: &'static str,
    /// Its value, if it has one for all runs.
    pub value: Option<Value>,
    /// What to do instead of `--set`, a sentence.
    pub instead: &'static str,
}
