//! `moge train`: a run from start to end, written to a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use pollster::block_on;
use serde_json::{Value, json};

use crate::data::{Dataset, TASKS};
use crate::engine::{Engine, EngineKind};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Channels;
use crate::model::moge::K;
use crate::train::evaluation::Scored;
use crate::train::{Config, Evaluation, Run};

/// Options of `moge train`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of a prepared dataset.
    #[arg(long)]
    data: PathBuf,
    /// Folder to write the run to; created when absent.
    #[arg(long)]
    out: PathBuf,
    /// demo, demo-cpu or paper.
    #[arg(long, default_value = "demo")]
    preset: String,
    /// Seed of the run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// flex, ndarray or webgpu.
    #[arg(long, default_value = "flex")]
    engine: EngineKind,
    /// Largest number of training steps.
    #[arg(long)]
    steps: Option<u64>,
    /// Any setting of the configuration, as NAME=JSON; may be repeated: --set kappa='"mlp"' --set d=32.
    #[arg(long = "set", value_name = "NAME=JSON")]
    settings: Vec<String>,
    /// Also write scores.csv: the test instances scored under full neighbourhoods.
    #[arg(long)]
    scores: bool,
}

/// Runs the command.
///
/// # Errors
///
/// What the dataset, the configuration, the engine or the run report.
pub fn run(args: Args) -> Result<()> {
    let config = configuration(&args)?;
    let data = Arc::new(Dataset::load(&args.data)?);
    let channels = Arc::new(Channels::build(&data, &config.construction())?);
    let engine = block_on(Engine::open(args.engine))?;
    let mut run = Run::new(config, engine, (Arc::clone(&data), channels))?;
    fs::create_dir_all(&args.out).map_err(|e| unwritable(&args.out, &e))?;

    let start = Instant::now();
    block_on(train(&mut run))?;
    let seconds = start.elapsed().as_secs_f64();

    let record = json!({
        "format": 1,
        "dataset": { "name": data.name, "synthetic": data.synthetic, "fingerprint": data.fingerprint() },
        "engine": run.engine().kind,
        "config": run.config(),
        "steps": run.step_count(),
        "seconds": seconds,
        "ended": run.progress().ended,
        "best": run.progress().best.map(|(step, gauc)| json!({ "step": step, "validation_gauc": gauc })),
        "evaluations": run.progress().evaluations,
    });
    let record = serde_json::to_string_pretty(&record)
        .map_err(|e| Error::new(ErrorKind::Format, e.to_string(), "Report this as a defect."))?;
    write(&args.out.join("run.json"), record.as_bytes())?;
    write(
        &args.out.join("model.safetensors"),
        &block_on(run.model_file())?,
    )?;
    if args.scores {
        let scored = block_on(run.score_test_fully())?;
        write(
            &args.out.join("scores.csv"),
            scores_csv(&data, &scored, run.model().experts().len()).as_bytes(),
        )?;
    }
    println!(
        "{} in {seconds:.0} s; written to {}",
        summary(&run),
        args.out.display()
    );
    Ok(())
}

/// The preset with the options on top.
fn configuration(args: &Args) -> Result<Config> {
    let mut json = serde_json::to_value(Config::preset(&args.preset)?)
        .map_err(|e| Error::new(ErrorKind::Config, e.to_string(), "Report this as a defect."))?;
    json["seed"] = args.seed.into();
    if let Some(steps) = args.steps {
        json["steps"] = steps.into();
    }
    for setting in &args.settings {
        let parsed = setting.split_once('=').map(|(name, value)| {
            // A bare word is a string: kappa=mlp.
            (
                name,
                serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)),
            )
        });
        let Some((name, value)) = parsed else {
            let what = format!("--set {setting} has no \"=\"");
            return Err(Error::new(
                ErrorKind::Config,
                what,
                "Write --set NAME=VALUE, for example --set d=32.",
            ));
        };
        json[name] = value;
    }
    Config::from_json(json)
}

/// Trains to the end, with a progress bar that shows the last evaluation.
async fn train(run: &mut Run) -> Result<()> {
    let config = run.config();
    let (steps, every) = (config.steps, config.evaluate_every);
    let bar = ProgressBar::new(steps).with_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} steps, {eta} left  {msg}")
            .expect("a valid template"),
    );
    bar.set_message(line(&run.evaluate().await?));
    while run.progress().ended.is_none() {
        let report = run.train_step().await?;
        bar.set_position(report.step);
        if report.step % every == 0 || report.ended.is_some() {
            let message = line(&run.evaluate().await?);
            bar.println(format!("step {:>6}  {message}", report.step));
            bar.set_message(message);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn line(evaluation: &Evaluation) -> String {
    let gauc = |k: usize| {
        evaluation.tasks[k]
            .gauc
            .map_or("undefined".into(), |gauc| format!("{gauc:.4}"))
    };
    format!("GAUC favourite {}, purchase {}", gauc(0), gauc(1))
}

/// What the run came to: its end, and the test GAUC of the parameters that were written.
fn summary(run: &Run) -> String {
    let progress = run.progress();
    let ended = progress
        .ended
        .as_ref()
        .map_or(String::new(), |ended| ended.why.clone());
    let kept = progress.best.map_or(run.step_count(), |(step, _)| step);
    let evaluation = progress
        .evaluations
        .iter()
        .find(|evaluation| evaluation.step == kept);
    let result = evaluation.map_or(String::new(), |evaluation| {
        format!(" (step {kept}: {})", line(evaluation))
    });
    format!("{ended}{result}")
}

/// One line per test instance, in the order of the dataset.
fn scores_csv(data: &Dataset, scored: &Scored, experts: usize) -> String {
    let gates = TASKS
        .iter()
        .flat_map(|task| (1..=experts).map(move |n| format!("gate_{}_{n}", task.name())));
    let header = [
        "user",
        "item",
        "y_favourite",
        "y_purchase",
        "logit_favourite",
        "logit_purchase",
    ];
    let header: Vec<String> = header.map(String::from).into_iter().chain(gates).collect();
    let mut csv = header.join(",") + "\n";
    let test = &data.test;
    for i in 0..test.len() {
        let labels = TASKS.map(|task| test.label(i, task));
        let logits = &scored.logits[i * K..(i + 1) * K];
        let gates = &scored.gates[i * K * experts..(i + 1) * K * experts];
        let numbers: Vec<String> = logits.iter().chain(gates).map(f32::to_string).collect();
        let [favourite, purchase] = labels;
        let (user, item) = (test.user[i], test.item[i]);
        csv += &format!(
            "{user},{item},{favourite},{purchase},{}\n",
            numbers.join(",")
        );
    }
    csv
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|e| unwritable(path, &e))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        ErrorKind::Io,
        format!("cannot be written: {error}"),
        "Choose another --out folder.",
    )
    .in_file(path.display())
}
