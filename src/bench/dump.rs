//! The measured steps as files, for another implementation of the same step: the parameters at the
//! start, every step's batch, and the losses that follow from them.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde::Serialize;

use super::count::multiply_adds;
use super::report::{WARM_UP, median};
use super::workload::Workload;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::CHANNELS;
use crate::model::Batch;
use crate::model::moge::K;
use crate::train::{Config, Run};

/// `steps.json`
#[derive(Serialize)]
struct Steps<'a> {
    workload: &'a Workload,
    config: &'a Config,
    /// Steps before those that are measured.
    warm_up: u64,
    /// What was minimised in every step, before its update.
    losses: Vec<f64>,
    /// [`super::Report::gflop_per_step`]
    gflop: f64,
}

/// Writes `parameters.safetensors`, `step-<n>.safetensors` with the batch of every step from 0, the
/// warm-up included, and `steps.json` into a folder; creates it when absent.
///
/// A batch file holds `labels` `[B, K]`; `user_fields` and `item_fields`, `[fields, nodes]` each;
/// `pair_user` and `pair_item`, `[B]` each; and for every channel `<channel>.rows` `[nodes]`, `.roots`,
/// `.within` `[L + 1]`, `.offsets` and `.neighbors` as in [`crate::graph::Block`]. Whole numbers are
/// I64.
///
/// # Errors
///
/// When the workload cannot be made or the folder cannot be written.
pub async fn dump(workload: &Workload, engine: Engine, dir: &Path) -> Result<()> {
    let config = workload.config(WARM_UP)?;
    let mut run = Run::new(config, engine, workload.load()?)?;
    fs::create_dir_all(dir).map_err(|e| unwritable(dir, &e))?;
    write(dir, "parameters.safetensors", &run.model_file().await?)?;
    let model = run.config().model.clone();
    let (mut losses, mut counts) = (Vec::new(), Vec::new());
    for step in 0..WARM_UP + workload.steps {
        let batch = run.batch_of(step);
        write(dir, &format!("step-{step}.safetensors"), &file(&batch)?)?;
        losses.push(run.train_step().await?.total);
        counts.extend((step >= WARM_UP).then(|| 2e-9 * multiply_adds(&model, &batch) as f64));
    }
    let steps = Steps {
        workload,
        config: run.config(),
        warm_up: WARM_UP,
        losses,
        gflop: median(counts),
    };
    let json = serde_json::to_vec_pretty(&steps).map_err(|e| unwritable(dir, &e))?;
    write(dir, "steps.json", &json)
}

/// A batch as safetensors.
fn file(batch: &Batch) -> Result<Vec<u8>> {
    let floats = |values: &[f32]| values.iter().flat_map(|x| x.to_le_bytes()).collect();
    let mut arrays = Arrays::default();
    let labels = floats(&batch.labels);
    arrays
        .0
        .insert("labels".into(), (Dtype::F32, vec![batch.pairs, K], labels));
    for (name, fields) in [
        ("user_fields", &batch.user_fields),
        ("item_fields", &batch.item_fields),
    ] {
        arrays.whole(name, &[fields.len(), fields[0].len()], fields.concat());
    }
    arrays.list("pair_user", &batch.pair_user);
    arrays.list("pair_item", &batch.pair_item);
    for (channel, found) in CHANNELS.iter().zip(&batch.blocks) {
        let Some(found) = found else { continue };
        let within: Vec<u32> = found.block.within.iter().map(|&n| n as u32).collect();
        for (part, values) in [
            ("rows", &found.rows),
            ("roots", &found.block.roots),
            ("within", &within),
            ("offsets", &found.block.offsets),
            ("neighbors", &found.block.neighbors),
        ] {
            arrays.list(&format!("{}.{part}", channel.name()), values);
        }
    }
    let views = arrays.0.iter().map(|(name, (dtype, shape, bytes))| {
        TensorView::new(*dtype, shape.clone(), bytes).map(|view| (name, view))
    });
    let views = views.collect::<std::result::Result<Vec<_>, _>>();
    let bytes = views.and_then(|views| safetensors::serialize(views, None));
    bytes.map_err(|e| Error::new(ErrorKind::Format, e.to_string(), "Report this as a defect."))
}

/// Arrays by name: type, shape and bytes.
#[derive(Default)]
struct Arrays(HashMap<String, (Dtype, Vec<usize>, Vec<u8>)>);

impl Arrays {
    fn whole(&mut self, name: &str, shape: &[usize], values: Vec<u32>) {
        let bytes = values
            .iter()
            .flat_map(|&x| i64::from(x).to_le_bytes())
            .collect();
        self.0
            .insert(name.into(), (Dtype::I64, shape.to_vec(), bytes));
    }

    fn list(&mut self, name: &str, values: &[u32]) {
        self.whole(name, &[values.len()], values.to_vec());
    }
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = dir.join(name);
    fs::write(&path, bytes).map_err(|e| unwritable(&path, &e))
}

fn unwritable(path: &Path, error: &dyn std::fmt::Display) -> Error {
    let what = format!("cannot be written: {error}");
    Error::new(ErrorKind::Io, what, "Choose another folder.").in_file(path.display())
}
