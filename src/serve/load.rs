//! Taking up a run from its folder, with the dataset it is to be served on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::data::{Dataset, FILE_NAME};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Channels;
use crate::train::Run;
use crate::train::checkpoint::Stored;
use crate::train::record::FORMAT;

/// The parameters in a run's folder.
const MODEL: &str = "model.safetensors";
/// The record in a run's folder.
const RECORD: &str = "run.json";

/// The file of a run: `run` itself, or the parameters in the folder `run`.
///
/// # Errors
///
/// When the folder is not one that `moge train` writes, says that it has another format, or the file
/// cannot be read.
pub fn read(run: &Path) -> Result<Vec<u8>> {
    let file = if run.is_dir() {
        file_in(run)?
    } else {
        run.to_path_buf()
    };
    std::fs::read(&file).map_err(|e| {
        let what = format!("the run cannot be read ({e})");
        Error::new(ErrorKind::Io, what, GIVE_A_RUN).in_file(file.display())
    })
}

const GIVE_A_RUN: &str = "Give a folder written by `moge train`, or a checkpoint of the page.";

fn file_in(folder: &Path) -> Result<PathBuf> {
    let refuse = |what: String| {
        Err(Error::new(ErrorKind::Format, what, GIVE_A_RUN).in_file(folder.display()))
    };
    if let Ok(record) = std::fs::read(folder.join(RECORD)) {
        let record: Value = serde_json::from_slice(&record).unwrap_or(Value::Null);
        match record["format"].as_u64() {
            Some(format) if format == u64::from(FORMAT) => {}
            Some(format) => {
                return refuse(format!(
                    "its {RECORD} has format {format}, expected {FORMAT}"
                ));
            }
            None => return refuse(format!("its {RECORD} is not the record of a run")),
        }
    }
    let model = folder.join(MODEL);
    if model.is_file() {
        return Ok(model);
    }
    if folder.join(FILE_NAME).is_file() {
        return refuse(format!("it holds {FILE_NAME}: it is a dataset, not a run"));
    }
    refuse(format!("there is no {MODEL} in this folder"))
}

/// Takes up a run from the bytes of its file, with the channels that its configuration asks for.
///
/// # Errors
///
/// As [`Run::open`].
pub fn open(bytes: &[u8], data: Dataset, engine: Engine) -> Result<Run> {
    let stored = Stored::read(bytes)?;
    let channels = Channels::build(&data, &stored.config().construction())?;
    Run::open(&stored, engine, (Arc::new(data), Arc::new(channels)))
}

/// Takes up the run in a folder or a file on the dataset in a folder or a file.
///
/// # Errors
///
/// As [`read`], [`Dataset::load`] and [`open`].
pub fn load(run: &Path, data: &Path, engine: Engine) -> Result<Run> {
    open(&read(run)?, Dataset::load(data)?, engine).map_err(|e| match e.kind() {
        ErrorKind::Format => e.in_file(run.display()),
        _ => e,
    })
}
