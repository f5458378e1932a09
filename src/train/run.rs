//! A training run: a state machine that steps, evaluates, stops itself, and can be put away and
//! taken up again. It is a pure function of its configuration, dataset and engine.

use std::sync::Arc;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use web_time::Instant;

use super::config::{Config, L2Scope};
use super::evaluation::{Evaluation, Scored, Sharing, Window, gate_statistics, read, score};
use super::loss::loss;
use super::optimiser::{Lent, Optimiser, Updates};
use super::phases::{Lap, Phases};
use crate::data::{Dataset, TASKS};
use crate::engine::{Engine, Trial};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Channels, Draw};
use crate::model::moge::K;
use crate::model::{Assembler, Batch, Builder, Network, Parameters};
use crate::op::host::on_cpu;
use crate::random::Key;

/// Names the draws of the batch order.
const ORDER: u64 = 0x6f72_6465;

/// A dataset with its channels, shared by runs.
pub type Loaded = (Arc<Dataset>, Arc<Channels>);

/// A run.
pub struct Run {
    config: Config,
    engine: Engine,
    data: Arc<Dataset>,
    channels: Arc<Channels>,
    model: Box<dyn Network>,
    /// As the optimiser left them: rows of tables may be behind.
    pub(super) parameters: Parameters,
    pub(super) optimiser: Optimiser,
    assembler: Assembler,
    /// Scratch memory of [`Batch::localise`].
    position: Vec<u32>,
    windows: [Window; 2],
    /// The order of the training instances in the current epoch.
    order: (u64, Vec<u32>),
    pub(super) step: u64,
    pub(super) progress: Progress,
    pub(super) best: Option<Parameters>,
    scored: Scored,
}

/// What a run remembers besides its parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Every evaluation so far, oldest first.
    pub evaluations: Vec<Evaluation>,
    /// Step and mean validation GAUC of the best evaluation.
    pub best: Option<(u64, f64)>,
    /// Evaluations since then.
    pub stale: usize,
    /// How the run ended, if it did.
    pub ended: Option<Ended>,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// Why it ended.
    pub how: End,
    /// The explanation for people.
    pub why: String,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// All steps were done.
    Finished,
    /// The validation GAUC stopped rising.
    EarlyStopped,
    /// The loss was not finite.
    Diverged,
}

/// One training step, as reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    /// Steps done, this one included.
    pub step: u64,
    /// Epochs begun before this step's batch.
    pub epoch: u64,
    /// C_k of this batch.
    pub cross_entropy: [f64; K],
    /// Balancing term.
    pub collaboration: f64,
    /// Sum of squares over Theta.
    pub regulariser: f64,
    /// What was minimised.
    pub total: f64,
    /// Log variances s_k before the update; 0 where the system learns no task weights.
    pub log_variance: [f64; K],
    /// Task weights exp(-s_k).
    pub task_weight: [f64; K],
    /// Wall time, sampling included.
    pub milliseconds: f64,
    /// What the wall time went into; not part of what is stored or sent.
    #[serde(skip)]
    pub phases: Phases,
    /// Pairs trained per second in this step.
    pub samples_per_second: f64,
    /// Set when this step ended the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

impl Run {
    /// Prepares a run; nothing is trained yet.
    ///
    /// # Errors
    ///
    /// When the configuration is invalid or the dataset has too few training instances or no test
    /// instance.
    pub fn new(config: Config, engine: Engine, (data, channels): Loaded) -> Result<Self> {
        config.validate()?;
        if data.train.is_empty() || data.test.is_empty() {
            let window = if data.train.is_empty() {
                "training"
            } else {
                "test"
            };
            return Err(Error::new(
                ErrorKind::Data,
                format!("the dataset \"{}\" has no {window} instance", data.name),
                "Prepare it from a log that covers the training and test windows.",
            ));
        }
        let rates = TASKS.map(|task| {
            let positives = (0..data.train.len())
                .filter(|&i| data.train.label(i, task) == 1)
                .count();
            positives as f64 / data.train.len() as f64
        });
        let mut build = Builder::new(&engine.device, config.seed);
        let system = config.model.system;
        let model = system.build(&mut build, &config.model, &data, rates);
        let parameters = build.finish();
        let sampling = system.sampling(&config.model, &config.fan_out);
        let fields = model.embeddings()[0].fields();
        let assembler = Assembler::new(model.channels(), sampling, fields, config.unknown_id);
        let windows = [&data.valid, &data.test].map(|w| Window::new(w, config.evaluate_users));
        // A regulariser over whole tables gives every row a gradient.
        let updates = match (on_cpu(&engine.device), config.l2_scope) {
            (false, _) => Updates::Device,
            (true, L2Scope::All) => Updates::Host,
            (true, L2Scope::Batch) => Updates::Rows,
        };
        Ok(Self {
            optimiser: Optimiser::new(&parameters, updates, config.learning_rate),
            config,
            engine,
            data,
            channels,
            model,
            parameters,
            assembler,
            position: Vec::new(),
            windows,
            order: (u64::MAX, Vec::new()),
            step: 0,
            progress: Progress::default(),
            best: None,
            scored: Scored::default(),
        })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The dataset and its channels.
    pub fn loaded(&self) -> Loaded {
        (Arc::clone(&self.data), Arc::clone(&self.channels))
    }

    /// The model.
    pub fn model(&self) -> &dyn Network {
        &*self.model
    }

    /// The parameters, on the run's device.
    pub fn parameters(&self) -> Parameters {
        self.optimiser.settled(&self.parameters)
    }

    /// Number of scalars outside embedding tables, and inside them.
    pub fn parameter_count(&self) -> (usize, usize) {
        self.parameters.count()
    }

    /// The parameters, to change: what a knock-out or a test sets before it scores.
    pub fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    /// Steps done.
    pub fn step_count(&self) -> u64 {
        self.step
    }

    /// Evaluations, the best of them, and how the run ended.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Logits and gates of the last evaluation, and the places of its rows in the test window.
    pub fn scored(&self) -> (&Scored, &[u32]) {
        (&self.scored, &self.windows[1].rows)
    }

    /// Batches per epoch; the instances left over join another epoch's batches.
    fn batches(&self) -> u64 {
        (self.data.train.len() / self.batch_size()).max(1) as u64
    }

    fn batch_size(&self) -> usize {
        self.config.batch.min(self.data.train.len())
    }

    /// The instances of a step: a slice of its epoch's random order.
    fn picks(&mut self, step: u64) -> Vec<u32> {
        let (epoch, batch) = (step / self.batches(), (step % self.batches()) as usize);
        if self.order.0 != epoch {
            let mut order: Vec<u32> = (0..self.data.train.len() as u32).collect();
            Key::new(self.config.seed)
                .with(ORDER)
                .with(epoch)
                .stream()
                .shuffle(&mut order);
            self.order = (epoch, order);
        }
        let size = self.batch_size();
        self.order.1[batch * size..(batch + 1) * size].to_vec()
    }

    /// The batch that the step after `step` others trains on.
    pub fn batch_of(&mut self, step: u64) -> Batch {
        let picks = self.picks(step);
        let seed = self.config.seed;
        let (data, channels) = (&self.data, &self.channels);
        let draw = Draw::Train { seed, step };
        self.assembler
            .instances(data, channels, &data.train, &picks, draw)
    }

    /// One training step. A loss that is not finite ends the run before anything is updated.
    ///
    /// # Errors
    ///
    /// When the run has ended or the device was lost.
    pub async fn train_step(&mut self) -> Result<StepReport> {
        if let Some(ended) = &self.progress.ended {
            let what = format!("the run has ended: {}", ended.why);
            return Err(Error::new(
                ErrorKind::Config,
                what,
                "Reset it to train again.",
            ));
        }
        let (start, mut lap, mut phases) = (Instant::now(), Lap::start(), Phases::default());
        let epoch = self.step / self.batches();
        let mut batch = self.batch_of(self.step);
        phases.sampling = lap.read();
        let lent = self.lend(&mut batch);
        phases.update = lap.read();

        let p = &lent.parameters;
        let encoded = self.model.encode(p, &batch);
        let output = self.model.score(p, &batch, &encoded, 0..batch.pairs);
        let loss = loss(&self.config, &*self.model, p, &batch, &output);
        let mut parts = vec![
            loss.cross_entropy,
            loss.collaboration,
            loss.regulariser,
            loss.total.clone(),
        ];
        let s = self.model.log_variance(p);
        parts.extend(s.map(|s| s.flatten(0, 1)));
        let [parts] = read([Tensor::cat(parts, 0).inner()]).await?;
        let part = |i: usize| f64::from(parts[i]);
        let finite = parts.iter().all(|x| x.is_finite());
        phases.forward = lap.read();
        if finite {
            let gradients = loss.total.backward();
            phases.backward = lap.read();
            let clip_norm = self.config.clip_norm;
            self.optimiser
                .step(&mut self.parameters, lent, gradients, clip_norm);
            phases.update += lap.read();
            self.step += 1;
        }
        if !finite {
            self.end(End::Diverged, format!(
                "the loss of step {} is not a finite number (favourite {}, purchase {}); the parameters are \
                 those of the step before. A smaller learning rate usually helps",
                self.step + 1, part(0), part(1)
            ));
        } else if self.step >= self.config.steps {
            self.end(
                End::Finished,
                format!("all {} steps are done", self.config.steps),
            );
        }
        let milliseconds = start.elapsed().as_secs_f64() * 1e3;
        let log_variance = [5, 6].map(|i| parts.get(i).map_or(0.0, |&s| f64::from(s)));
        Ok(StepReport {
            step: self.step,
            epoch,
            cross_entropy: [part(0), part(1)],
            collaboration: part(2),
            regulariser: part(3),
            total: part(4),
            log_variance,
            task_weight: log_variance.map(|s| (-s).exp()),
            milliseconds,
            phases,
            samples_per_second: batch.pairs as f64 / milliseconds * 1e3,
            ended: self.progress.ended.clone(),
        })
    }

    /// The parameters for a training step on a batch, which is made to read them.
    fn lend(&mut self, batch: &mut Batch) -> Lent {
        let mut rows = Vec::new();
        if self.optimiser.by_rows() {
            let distinct = batch.localise(&mut self.position);
            for embedding in self.model.embeddings() {
                let tables = embedding.tables().into_iter().zip(&distinct);
                rows.extend(tables.flat_map(|(ids, rows)| ids.iter().copied().zip(rows.clone())));
            }
        }
        self.optimiser.lend(&mut self.parameters, rows)
    }

    fn end(&mut self, how: End, why: String) {
        self.progress.ended = Some(Ended { how, why });
    }

    /// Scores validation and test window with deterministic neighbourhoods, remembers the best
    /// parameters by validation, and ends the run when they have not improved for `patience`
    /// evaluations. An ended run goes back to its best parameters.
    ///
    /// # Errors
    ///
    /// When the device was lost.
    pub async fn evaluate(&mut self) -> Result<Evaluation> {
        let start = Instant::now();
        let p = self.parameters().detached();
        let valid = self.score(&p, 0, Draw::Evaluate).await?;
        let test = self.score(&p, 1, Draw::Evaluate).await?;
        let metrics = |window: &Window, scored: &Scored| {
            let [a, b] = TASKS.map(|task| window.report(task, &scored.logits));
            Ok::<_, Error>([a?, b?])
        };
        let validation = metrics(&self.windows[0], &valid)?.map(|report| report.gauc);
        let tasks = metrics(&self.windows[1], &test)?.map(Into::into);
        let gates = gate_statistics(&test.gates, self.model.experts().len());
        let sharing = self.sharing(&p, &gates.mean).await?;
        let evaluation = Evaluation {
            step: self.step,
            tasks,
            validation,
            gate_mean: gates.mean,
            gate_std: gates.std,
            gate_entropy: gates.entropy,
            sharing,
            instances: self.windows[1].rows.len(),
            complete: self.windows[1].complete,
            milliseconds: start.elapsed().as_secs_f64() * 1e3,
        };
        self.progress.evaluations.push(evaluation.clone());
        self.scored = test;
        self.judge(&evaluation);
        Ok(evaluation)
    }

    /// What the tasks share: the system's units, and its mean gates.
    async fn sharing(&self, p: &Parameters, gates: &[Vec<f64>]) -> Result<Vec<Sharing>> {
        let mut sharing = Vec::new();
        for unit in self.model.units(p) {
            sharing.push(Sharing::read(unit).await?);
        }
        if !gates.is_empty() {
            sharing.push(Sharing {
                name: "mean gate".into(),
                rows: TASKS.map(|task| task.name().to_string()).to_vec(),
                columns: self.model.experts(),
                values: gates.concat(),
            });
        }
        Ok(sharing)
    }

    async fn score(&mut self, p: &Parameters, window: usize, draw: Draw) -> Result<Scored> {
        let (data, rows) = (&*self.data, &self.windows[window].rows);
        let instances = [&data.valid, &data.test][window];
        score(
            &*self.model,
            p,
            &mut self.assembler,
            (data, &self.channels),
            instances,
            rows,
            draw,
        )
        .await
    }

    /// The batch of one pair, with evaluation's deterministic neighbourhoods.
    pub fn pair(&mut self, user: u32, item: u32) -> Batch {
        self.pairs(&[user], &[item], Draw::Evaluate)
    }

    /// The batch of some pairs, without labels.
    pub fn pairs(&mut self, users: &[u32], items: &[u32], draw: Draw) -> Batch {
        self.assembler
            .pairs(&self.data, &self.channels, users, items, draw)
    }

    /// Scores every test instance under full neighbourhoods.
    ///
    /// # Errors
    ///
    /// When the device was lost.
    pub async fn score_test_fully(&mut self) -> Result<Scored> {
        let p = self.parameters().detached();
        let rows: Vec<u32> = (0..self.data.test.len() as u32).collect();
        let (data, channels) = (&*self.data, &*self.channels);
        score(
            &*self.model,
            &p,
            &mut self.assembler,
            (data, channels),
            &data.test,
            &rows,
            Draw::Full,
        )
        .await
    }

    fn judge(&mut self, evaluation: &Evaluation) {
        if self.config.patience == 0 {
            return;
        }
        let Some(mean) = evaluation.mean_validation() else {
            return;
        };
        if self.progress.best.is_none_or(|(_, best)| mean > best) {
            self.progress.best = Some((self.step, mean));
            self.progress.stale = 0;
            self.best = Some(self.parameters());
        } else {
            self.progress.stale += 1;
        }
        if self.progress.ended.is_none() && self.progress.stale >= self.config.patience {
            let (step, best) = self
                .progress
                .best
                .expect("a stale run has a best evaluation");
            self.end(End::EarlyStopped, format!(
                "the validation GAUC has not risen for {} evaluations; its best was {best:.3} at step {step}, \
                 and the parameters are those of that step",
                self.config.patience
            ));
        }
        if self.progress.ended.is_some()
            && let Some(best) = &self.best
        {
            self.parameters = best.clone();
            self.optimiser.forget_missed();
        }
    }

    /// Trains a few steps of a fresh run, to compare engines: losses, and the time of a warm step.
    ///
    /// # Errors
    ///
    /// As [`Run::new`] and [`Run::train_step`].
    pub async fn trial(
        config: Config,
        engine: Engine,
        loaded: Loaded,
        steps: usize,
    ) -> Result<Trial> {
        let mut run = Self::new(config, engine, loaded)?;
        let mut trial = Trial {
            losses: Vec::new(),
            milliseconds: f64::INFINITY,
        };
        for _ in 0..steps {
            let start = Instant::now();
            let report = run.train_step().await?;
            trial.losses.push(report.total);
            trial.milliseconds = trial.milliseconds.min(start.elapsed().as_secs_f64() * 1e3);
        }
        Ok(trial)
    }
}
