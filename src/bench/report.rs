//! The measurement, and what it gives.

use std::fmt;

use serde::{Deserialize, Serialize};
use web_time::Instant;

use super::count::{multiply_adds, products};
use super::gemm::{gflops, rate};
use super::memory::peak_mib;
use super::workload::Workload;
use crate::engine::{Engine, EngineKind};
use crate::error::Result;
use crate::op::form::{Form, with, within};
use crate::train::run::Run;
use crate::train::{Phases, StepReport};

/// Steps before those that are measured: allocators and caches fill, shaders compile.
pub const WARM_UP: u64 = 5;

/// What a measurement is at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stage {
    /// Making the dataset and its channels.
    Dataset,
    /// So many of so many steps are done.
    Steps(u64, u64),
    /// Timing the matrix products alone.
    Products,
}

impl Stage {
    /// The share of the steps that is done.
    pub fn share(self) -> f64 {
        match self {
            Self::Dataset => 0.0,
            Self::Steps(done, of) => done as f64 / of as f64,
            Self::Products => 1.0,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dataset => f.write_str("making the dataset"),
            Self::Steps(done, of) => write!(f, "step {done} of {of}"),
            Self::Products => f.write_str("matrix products alone"),
        }
    }
}

/// What a measurement gives. Times are medians over the measured steps, each for itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What was measured.
    #[serde(flatten)]
    pub workload: Workload,
    /// The engine: `flex`, `ndarray` or `webgpu`.
    pub engine: String,
    /// Whether the crate's own operations ran, or burn's stock ones.
    pub form: Form,
    /// `native`, or `wasm` in a browser.
    pub target: String,
    /// A whole training step, sampling included.
    pub step_ms: f64,
    /// Choosing pairs, drawing neighbourhoods, assembling the batch; none on WebGPU, where only whole
    /// steps can be timed.
    pub sampling_ms: Option<f64>,
    /// Model and loss.
    pub forward_ms: Option<f64>,
    /// Gradients.
    pub backward_ms: Option<f64>,
    /// Adam.
    pub update_ms: Option<f64>,
    /// Pairs trained per second.
    pub samples_per_s: f64,
    /// 10^9 operations in the step's matrix products, forward and backward: two per multiply-add.
    pub gflop_per_step: f64,
    /// The step's matrix products over its whole time.
    pub gflops: f64,
    /// The same products over the time that they take alone on this engine, in this process.
    pub gemm_gflops: f64,
    /// `gflops / gemm_gflops`
    pub gemm_share: f64,
    /// The most memory the process has held, workload and preparation included; none where the
    /// system does not say.
    pub peak_mib: Option<f64>,
    /// Making the dataset and its channels.
    pub load_ms: f64,
}

/// Measures training steps on an engine with one form of the operations. `progress` is told of every
/// stage, and of every tenth step.
///
/// # Errors
///
/// When the workload cannot be made, or the device was lost.
pub async fn measure(
    workload: &Workload,
    engine: Engine,
    form: Form,
    mut progress: impl FnMut(Stage),
) -> Result<Report> {
    workload.config(0)?;
    let config = workload.config(WARM_UP)?;
    progress(Stage::Dataset);
    let start = Instant::now();
    let loaded = workload.load()?;
    let load_ms = start.elapsed().as_secs_f64() * 1e3;
    let kind = engine.kind;
    let mut run = with(form, || Run::new(config, engine, loaded))?;
    let mut reports = Vec::new();
    for step in 0..WARM_UP + workload.steps {
        if step.is_multiple_of(10) {
            progress(Stage::Steps(step, WARM_UP + workload.steps));
        }
        let report = within(form, run.train_step()).await?;
        reports.extend((step >= WARM_UP).then_some(report));
    }
    let peak_mib = peak_mib();

    progress(Stage::Products);
    let model = &run.config().model.clone();
    let mut batches: Vec<_> = (WARM_UP..WARM_UP + workload.steps)
        .map(|step| {
            let batch = run.batch_of(step);
            (multiply_adds(model, &batch), products(model, &batch))
        })
        .collect();
    batches.sort_by_key(|(count, _)| *count);
    let (count, products) = batches.swap_remove(batches.len() / 2);
    let gemm_gflops = rate(&products, &run.engine().device).await?;

    let all = |value: fn(&StepReport) -> f64| median(reports.iter().map(value).collect());
    let phase = |value: fn(&Phases) -> f64| {
        let values = reports.iter().map(|report| value(&report.phases));
        (kind != EngineKind::Webgpu).then(|| median(values.collect()))
    };
    let step_ms = all(|report| report.milliseconds);
    let gflops = gflops(count, step_ms);
    Ok(Report {
        workload: workload.clone(),
        engine: kind.name().into(),
        form,
        target: if cfg!(target_family = "wasm") {
            "wasm"
        } else {
            "native"
        }
        .into(),
        step_ms,
        sampling_ms: phase(|phases| phases.sampling),
        forward_ms: phase(|phases| phases.forward),
        backward_ms: phase(|phases| phases.backward),
        update_ms: phase(|phases| phases.update),
        samples_per_s: workload.batch as f64 / step_ms * 1e3,
        gflop_per_step: 2.0 * count as f64 / 1e9,
        gflops,
        gemm_gflops,
        gemm_share: gflops / gemm_gflops,
        peak_mib,
        load_ms,
    })
}

/// The middle of some values, of which there is at least one; the upper of the two middle ones.
pub fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Workload {
            users,
            items,
            edges,
            batch,
            fanout,
            d,
            steps,
            seed,
        } = &self.workload;
        writeln!(
            f,
            "{} ({}, {} operations), median of {steps} steps",
            self.engine, self.target, self.form
        )?;
        writeln!(
            f,
            "{users} users, {items} items, {edges} edges; batch {batch}, fan-out {fanout:?}, d {d}, seed {seed}"
        )?;
        let mut row =
            |name: &str, value: f64, unit: &str| writeln!(f, "  {name:<22}{value:>12.2} {unit}");
        row("step", self.step_ms, "ms")?;
        for (name, value) in [
            ("  sampling", self.sampling_ms),
            ("  forward", self.forward_ms),
            ("  backward", self.backward_ms),
            ("  update", self.update_ms),
        ] {
            value.map_or(Ok(()), |value| row(name, value, "ms"))?;
        }
        row("samples", self.samples_per_s, "per second")?;
        row("matrix products", self.gflop_per_step, "GFLOP per step")?;
        row("in the step", self.gflops, "GFLOP/s")?;
        row("alone", self.gemm_gflops, "GFLOP/s")?;
        row("share", 100.0 * self.gemm_share, "%")?;
        self.peak_mib
            .map_or(Ok(()), |peak| row("peak memory", peak, "MiB"))?;
        row("preparation", self.load_ms, "ms")
    }
}
