//! The face to JavaScript: one session object for the worker, plain messages
//! (`www/src/engine/protocol.ts` holds the same shapes in TypeScript).

mod import;
mod messages;

use std::sync::Arc;

use burn::tensor::Device;
use js_sys::{Float32Array, Function, Uint8Array, Uint32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::bench::{Stage, Workload, measure};
use crate::chart::{ChartSpec, FigureSpec};
use crate::data::{Dataset, TASKS};
use crate::engine::{Engine, EngineKind};
use crate::error::{Error, ErrorKind};
use crate::explain::{Removal, explain, trace};
use crate::graph::{CHANNELS, Channels, Construction, Layout};
use crate::model::card::models;
use crate::serve::pairs::score_csv;
use crate::serve::recommend::{Query, recommend};
use crate::train::Record;
use crate::train::checkpoint::Stored;
use crate::train::config::{Config, PRESETS};
use crate::train::run::{Loaded, Run};
use messages::{DatasetCard, RunInfo, object};

/// What a method gives to JavaScript; a failure becomes an `Error` with a message for people.
type Answer<T = JsValue> = Result<T, JsError>;

/// Steps of the trial that chooses an engine: the first compiles shaders, the best one counts.
const TRIAL_STEPS: usize = 4;

/// Seed of layouts that are computed here, and shares between two reports of their progress.
const LAYOUT_SEED: u64 = 1;
const REPORT_EVERY: f64 = 0.01;

#[cfg(feature = "webgpu")]
unsafe extern "C" {
    /// Runs the module's constructors, with which CubeCL registers its operations.
    fn __wasm_call_ctors();
}

/// Runs the constructors once. Were nothing to call them, the linker would run them whenever JavaScript
/// calls into the module, hundreds of times in a step.
#[cfg(feature = "webgpu")]
#[wasm_bindgen(start)]
fn start() {
    // SAFETY: the linker makes this function, and nothing has been called before.
    unsafe { __wasm_call_ctors() }
}

/// A dataset and at most one run.
#[wasm_bindgen]
pub struct Session {
    loaded: Option<Loaded>,
    construction: Construction,
    layout: Option<Layout>,
    run: Option<Run>,
}

#[wasm_bindgen]
impl Session {
    /// An empty session.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::new_without_default)] // JavaScript constructs it.
    pub fn new() -> Self {
        std::panic::set_hook(Box::new(|panic| {
            web_sys::console::error_1(&panic.to_string().into())
        }));
        Self {
            loaded: None,
            construction: Construction::default(),
            layout: None,
            run: None,
        }
    }

    /// The presets by name.
    pub fn presets() -> Answer {
        let entries = PRESETS.map(|name| Ok::<_, JsError>((name, plain(&Config::preset(name)?)?)));
        let entries: Result<Vec<_>, _> = entries.into_iter().collect();
        Ok(object(&entries?))
    }

    /// Measures training steps on a dataset made for it. `sizes` are those of a workload as JSON, `form`
    /// is `own` or `stock`; `progress` is called with the share of the steps that is done.
    pub async fn bench(sizes: String, engine: String, form: String, progress: Function) -> Answer {
        let sizes: Workload = serde_json::from_str(&sizes).map_err(|error| {
            Error::new(
                ErrorKind::Config,
                format!("the sizes to measure are wrong: {error}"),
                "Correct the address.",
            )
        })?;
        let engine = Engine::open(engine.parse()?).await?;
        // A listener that fails is no reason not to measure.
        let tell = |stage: Stage| {
            let _ = progress.call1(&JsValue::NULL, &stage.share().into());
        };
        plain(&measure(&sizes, engine, form.parse()?, tell).await?)
    }

    /// The systems that can be trained, as cards for people.
    pub fn models() -> Answer {
        plain(&models(&Device::flex().autodiff()))
    }

    /// A chart as SVG text.
    pub fn chart(spec: JsValue) -> Answer<String> {
        let spec: ChartSpec = serde_wasm_bindgen::from_value(spec)?;
        Ok(crate::chart::render(&spec)?)
    }

    /// A figure of means with whiskers as SVG text.
    pub fn figure(spec: JsValue) -> Answer<String> {
        let spec: FigureSpec = serde_wasm_bindgen::from_value(spec)?;
        Ok(crate::chart::figure(&spec)?)
    }

    /// Opens a prepared dataset and its layout; without one, or with one that does not fit, the
    /// layout is computed, and `progress` called with the share that is done. A failure leaves what was
    /// open as it was.
    pub fn open(
        &mut self,
        dataset: Vec<u8>,
        layout: Option<Vec<u8>>,
        progress: Option<Function>,
    ) -> Answer {
        let data = Dataset::from_bytes(&dataset)?;
        let channels = Channels::build(&data, &self.construction)?;
        let given = layout.and_then(|bytes| Layout::from_bytes(&bytes).ok());
        let layout = given.filter(|layout| layout.fits(&channels));
        let layout = layout.unwrap_or_else(|| lay_out(&channels, progress.as_ref()));
        let card = plain(&DatasetCard::new(&data, &channels))?;
        self.loaded = Some((Arc::new(data), Arc::new(channels)));
        self.layout = Some(layout);
        self.run = None;
        Ok(card)
    }

    /// The layout as a file, for other sessions that open this dataset.
    pub fn layout(&self) -> Answer<Vec<u8>> {
        let layout = self.layout.as_ref().ok_or_else(nothing_open)?;
        Ok(layout.to_bytes()?)
    }

    /// One channel, ready to draw.
    pub fn channel(&self, name: &str) -> Answer {
        let (data, channels) = self.loaded()?;
        let channel = CHANNELS.into_iter().find(|c| c.name() == name);
        let channel = channel.ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                format!("there is no channel \"{name}\""),
                "Report this as a defect.",
            )
        })?;
        let layout = self.layout.as_ref().ok_or_else(nothing_open)?;
        Ok(messages::channel_map(&data, &channels, layout, channel))
    }

    /// Builds a run, which replaces the current one. `engine` is `auto`, `webgpu`, `flex` or
    /// `ndarray`.
    pub async fn start(&mut self, config: JsValue, engine: String) -> Answer {
        let config = Config::from_json(serde_wasm_bindgen::from_value(config)?)?;
        let loaded = self.loaded_for(&config)?;
        let engine = if engine == "auto" {
            let trial = |engine| Run::trial(config.clone(), engine, loaded.clone(), TRIAL_STEPS);
            Engine::choose(trial).await?
        } else {
            Engine::open(engine.parse::<EngineKind>()?).await?
        };
        self.take(Run::new(config, engine, loaded)?)
    }

    /// One training step.
    pub async fn step(&mut self) -> Answer {
        plain(&self.run()?.train_step().await?)
    }

    /// Scores validation and test window.
    pub async fn evaluate(&mut self) -> Answer {
        let run = self.run()?;
        let evaluation = run.evaluate().await?;
        messages::evaluation(&evaluation, run.progress().ended.as_ref())
    }

    /// Gates and logits of the last evaluation.
    pub fn gates(&mut self) -> Answer {
        let run = self.run()?;
        let (data, channels) = run.loaded();
        let (scored, rows) = run.scored();
        if scored.logits.is_empty() {
            let what = "the run has not been evaluated yet";
            return Err(Error::new(ErrorKind::Config, what, "Evaluate it first.").into());
        }
        let test = &data.test;
        let of =
            |values: &[u32]| -> Vec<u32> { rows.iter().map(|&i| values[i as usize]).collect() };
        let labels = rows
            .iter()
            .flat_map(|&i| TASKS.map(|task| test.label(i as usize, task)));
        let labels: Vec<u8> = labels.collect();
        let user = of(&test.user);
        let degree = |&user: &u32| channels.user_item.degree(user) as u32;
        let degree: Vec<u32> = user.iter().map(degree).collect();
        let step = run
            .progress()
            .evaluations
            .last()
            .map_or(0, |evaluation| evaluation.step);
        Ok(object(&[
            ("step", JsValue::from(step as f64)),
            ("instance", Uint32Array::from(rows).into()),
            ("user", Uint32Array::from(&user[..]).into()),
            ("item", Uint32Array::from(&of(&test.item)[..]).into()),
            ("labels", Uint8Array::from(&labels[..]).into()),
            ("logits", Float32Array::from(&scored.logits[..]).into()),
            ("experts", (run.model().experts().len() as u32).into()),
            ("gates", Float32Array::from(&scored.gates[..]).into()),
            ("graph", Float32Array::from(&scored.graph[..]).into()),
            ("user_degree", Uint32Array::from(&degree[..]).into()),
        ]))
    }

    /// One test instance, explained, as it would be without some of its edges.
    pub async fn explain(&mut self, instance: usize, removed: JsValue) -> Answer {
        let removed: Vec<Removal> = serde_wasm_bindgen::from_value(removed)?;
        plain(&explain(self.run()?, instance, &removed).await?)
    }

    /// The vectors of one test instance on its way through MoGE.
    pub async fn trace(&mut self, instance: usize) -> Answer {
        plain(&trace(self.run()?, instance).await?)
    }

    /// Scores the pairs of a CSV with a header: user_id, item_id and optionally cat_id, seller_id,
    /// brand_id, age_range, gender. `progress` is called with the share of them that is done.
    pub async fn score(&mut self, csv: String, progress: Function) -> Answer {
        plain(&score_csv(self.run()?, &csv, |share| tell(&progress, share)).await?)
    }

    /// The `n` best items for a user by a task, with reasons.
    pub async fn recommend(&mut self, user_id: f64, n: usize, task: String) -> Answer {
        let query = Query {
            user: whole(user_id)?,
            n,
            task: task.parse()?,
            exclude_seen: false,
        };
        plain(&recommend(self.run()?, query).await?.items)
    }

    /// The whole run as one file.
    pub async fn checkpoint(&mut self) -> Answer<Vec<u8>> {
        Ok(self.run()?.checkpoint().await?)
    }

    /// Takes up a run from [`Session::checkpoint`]. A failure leaves the current run as it was.
    pub async fn resume(&mut self, checkpoint: Vec<u8>, engine: String) -> Answer {
        let engine = open_engine(&engine).await?;
        let loaded = self.loaded_for(Stored::read(&checkpoint)?.config())?;
        self.take(Run::resume(&checkpoint, engine, loaded)?)
    }

    /// The parameters as safetensors, as `moge train` writes them.
    pub async fn model(&mut self) -> Answer<Vec<u8>> {
        Ok(self.run()?.model_file().await?)
    }

    /// The run in plain numbers as JSON, as `moge train` writes it; `seconds` is what it took.
    pub fn record(&mut self, seconds: f64) -> Answer<String> {
        Ok(Record::of(self.run()?, seconds).json()?)
    }

    /// Takes up a run that was trained elsewhere from its parameters, to score and to explain. A
    /// failure leaves the current run as it was.
    pub async fn adopt(&mut self, model: Vec<u8>, engine: String) -> Answer {
        let engine = open_engine(&engine).await?;
        let stored = Stored::read(&model)?;
        let loaded = self.loaded_for(stored.config())?;
        self.take(Run::open(&stored, engine, loaded)?)
    }

    /// Makes a run the current one.
    fn take(&mut self, run: Run) -> Answer {
        let info = plain(&RunInfo::new(&run))?;
        self.run = Some(run);
        Ok(info)
    }

    /// The dataset with the channels that a configuration asks for.
    fn loaded_for(&mut self, config: &Config) -> Result<Loaded, Error> {
        let (data, mut channels) = self.loaded()?;
        if config.construction() != self.construction {
            channels = Arc::new(Channels::build(&data, &config.construction())?);
            self.construction = config.construction();
            self.loaded = Some((Arc::clone(&data), Arc::clone(&channels)));
        }
        Ok((data, channels))
    }

    fn loaded(&self) -> Result<Loaded, Error> {
        self.loaded.clone().ok_or_else(nothing_open)
    }

    fn run(&mut self) -> Result<&mut Run, Error> {
        self.run.as_mut().ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                "no run has been started",
                "Start one first.",
            )
        })
    }
}

/// The engine by its name; `auto` is the one that runs everywhere.
async fn open_engine(name: &str) -> Result<Engine, Error> {
    let kind = match name {
        "auto" => EngineKind::Flex,
        name => name.parse()?,
    };
    Engine::open(kind).await
}

/// A layout that is computed here.
fn lay_out(channels: &Channels, progress: Option<&Function>) -> Layout {
    let mut told = 0.0;
    Layout::compute(channels, LAYOUT_SEED, |share| {
        if let Some(progress) = progress
            && share >= told + REPORT_EVERY
        {
            told = share;
            tell(progress, share);
        }
    })
}

/// Calls a listener with the share that is done; one that fails is no reason to stop.
fn tell(progress: &Function, share: f64) {
    let _ = progress.call1(&JsValue::NULL, &share.into());
}

fn nothing_open() -> Error {
    Error::new(ErrorKind::Config, "no dataset is open", "Open one first.")
}

/// An id as JavaScript gives it.
fn whole(id: f64) -> Result<u64, Error> {
    let largest = 9_007_199_254_740_991.0;
    if id.fract() == 0.0 && (0.0..=largest).contains(&id) {
        return Ok(id as u64);
    }
    let what = format!("{id} is not the id of a user");
    Err(Error::new(ErrorKind::Data, what, "Give a whole number."))
}

/// A value as plain JavaScript objects.
fn plain(value: &impl Serialize) -> Answer {
    Ok(value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
}
