//! `moge train`: a run from start to end, written to a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use pollster::block_on;

use super::settings::{Given, Settings};
use crate::data::{Dataset, TASKS};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Channels;
use crate::model::System;
use crate::model::moge::K;
use crate::train::evaluation::Scored;
use crate::train::{Evaluation, Record, Run};

/// Options of `moge train`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of a prepared dataset.
    #[arg(long)]
    data: PathBuf,
    /// Folder to write the run to; created when absent.
    #[arg(long)]
    out: PathBuf,
    /// The system to train; `moge models` lists them.
    #[arg(long, value_name = "NAME", default_value = "moge")]
    model: String,
    /// Seed of the run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    settings: Settings,
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
    let system: System = args.model.parse()?;
    let config = args.settings.config(&[
        Given {
            name: "system",
            value: Some(system.name().into()),
            instead: "Choose the system with --model.",
        },
        Given {
            name: "seed",
            value: Some(args.seed.into()),
            instead: "Choose the seed with --seed.",
        },
    ])?;
    let data = Arc::new(Dataset::load(&args.data)?);
    let channels = Arc::new(Channels::build(&data, &config.construction())?);
    let engine = block_on(Engine::open(args.settings.engine))?;
    let mut run = Run::new(config, engine, (Arc::clone(&data), channels))?;
    fs::create_dir_all(&args.out).map_err(|e| unwritable(&args.out, &e))?;

    let start = Instant::now();
    block_on(train(&mut run))?;
    let seconds = start.elapsed().as_secs_f64();

    let record = Record::of(&run, seconds);
    write(&args.out.join("run.json"), record.json()?.as_bytes())?;
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
        summary(&record),
        args.out.display()
    );
    Ok(())
}

/// Trains to the end, with a progress bar that shows the last evaluation.
async fn train(run: &mut Run) -> Result<()> {
    let bar = ProgressBar::new(run.config().steps).with_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} steps, {eta} left  {msg}")
            .expect("a valid template"),
    );
    run.complete(|step, evaluation| {
        bar.set_position(step);
        if let Some(evaluation) = evaluation {
            let message = line(evaluation);
            bar.println(format!("step {step:>6}  {message}"));
            bar.set_message(message);
        }
    })
    .await?;
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
fn summary(record: &Record) -> String {
    let ended = record.ended.as_ref().map_or("", |ended| &ended.why);
    let result = record.kept().map_or(String::new(), |evaluation| {
        format!(" (step {}: {})", evaluation.step, line(evaluation))
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
