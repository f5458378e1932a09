//! The folder of a comparison. A run enters it whole or not at all, so that a comparison can be
//! interrupted at any moment.
//!
//! `settings.json` says what the folder was made for; `runs/NAME/` holds a finished run: `run.json`
//! and `scores.f32`, the logits `[test, K]` as little-endian 32-bit floats. Runs are found by what they
//! are (dataset, engine, settings), not by their name, and shared by all tables of the folder.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::record::Finished;
use crate::engine::EngineKind;
use crate::error::{Error, ErrorKind, Result};
use crate::train::Config;
use crate::train::record::{FORMAT, Origin};

const SETTINGS: &str = "settings.json";
const RUNS: &str = "runs";
const RECORD: &str = "run.json";
const SCORES: &str = "scores.f32";
/// Prefix of the folders of runs that are being written.
const UNFINISHED: &str = ".unfinished-";

/// What a folder was made for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Purpose {
    /// The dataset.
    pub dataset: Origin,
    /// The engine.
    pub engine: EngineKind,
    /// What all runs have in common. Seed, system and learning rate are those of the defaults.
    pub config: Value,
}

impl Purpose {
    /// Of comparisons under the settings of `base`.
    pub fn new(dataset: Origin, engine: EngineKind, base: &Config) -> Result<Self> {
        let mut config = json(base)?;
        let default = json(&Config::default())?;
        for name in ["seed", "system", "learning_rate"] {
            config[name] = default[name].clone();
        }
        Ok(Self {
            dataset,
            engine,
            config,
        })
    }

    /// What keeps a folder made for `self` from being used for `other`, in words.
    fn conflict(&self, other: &Self) -> Option<String> {
        if self.dataset.fingerprint != other.dataset.fingerprint {
            let short = |o: &Origin| format!("\"{}\" ({:.12})", o.name, o.fingerprint);
            let (made, now) = (short(&self.dataset), short(&other.dataset));
            return Some(format!("the dataset {made}, not {now}"));
        }
        if self.engine != other.engine {
            return Some(format!("the {} engine, not {}", self.engine, other.engine));
        }
        let default = json(&Config::default()).ok()?;
        let settings = other.config.as_object()?;
        let differing: Vec<String> = settings
            .iter()
            .filter_map(|(name, now)| {
                let made = self.config.get(name).or_else(|| default.get(name))?;
                (made != now).then(|| format!("{name} = {made}, not {now}"))
            })
            .collect();
        (!differing.is_empty()).then(|| differing.join("; "))
    }
}

/// An open folder.
pub struct Store {
    folder: PathBuf,
    purpose: Purpose,
    runs: Mutex<Vec<(PathBuf, Arc<Finished>)>>,
    /// Held while the folder is open; the system lets go of it when the process dies.
    _lock: File,
}

impl Store {
    /// Opens a folder, or makes it.
    ///
    /// # Errors
    ///
    /// When it was made for something else, another process works in it, or a file in it cannot be
    /// read or written.
    pub fn open(folder: &Path, purpose: Purpose) -> Result<Self> {
        let runs = folder.join(RUNS);
        fs::create_dir_all(&runs).map_err(|e| unwritable(&runs, &e))?;
        let lock = lock(folder)?;
        let settings = folder.join(SETTINGS);
        if settings.exists() {
            let made: Purpose = parse(&settings)?;
            if let Some(conflict) = made.conflict(&purpose) {
                return Err(Error::new(
                    ErrorKind::Config,
                    format!("the folder was made for {conflict}"),
                    "Choose another --out folder, or the dataset and the settings that this one was made for.",
                )
                .in_file(folder.display()));
            }
        } else {
            let new = folder.join(".settings.json");
            write(&new, &pretty(&purpose)?)?;
            fs::rename(&new, &settings).map_err(|e| unwritable(&settings, &e))?;
        }
        let mut store = Self {
            folder: folder.to_owned(),
            purpose,
            runs: Mutex::default(),
            _lock: lock,
        };
        let mut found = Vec::new();
        for entry in fs::read_dir(&runs).map_err(|e| unreadable(&runs, &e))? {
            let path = entry.map_err(|e| unreadable(&runs, &e))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with(UNFINISHED) {
                fs::remove_dir_all(&path).map_err(|e| unwritable(&path, &e))?;
            } else if path.is_dir() {
                let finished: Finished = parse(&path.join(RECORD))?;
                found.push((path, Arc::new(finished)));
            }
        }
        store.runs = Mutex::new(found);
        Ok(store)
    }

    /// What the folder is for.
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// The finished run with these settings.
    pub fn find(&self, config: &Config) -> Option<Arc<Finished>> {
        self.find_with_path(config).map(|(_, run)| run)
    }

    /// The logits `[rows, K]` of the finished run with these settings.
    ///
    /// # Errors
    ///
    /// When there is no such run, or its file does not hold that many finite numbers.
    pub fn logits(&self, config: &Config, numbers: usize) -> Result<Vec<f32>> {
        let Some((path, _)) = self.find_with_path(config) else {
            return Err(Error::new(
                ErrorKind::Data,
                format!("there is no finished run {}", self.name(config)?),
                "Train it first.",
            ));
        };
        let path = path.join(SCORES);
        let bytes = fs::read(&path).map_err(|e| unreadable(&path, &e))?;
        let logits: Vec<f32> = bytes
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        if bytes.len() != 4 * numbers || logits.iter().any(|x| !x.is_finite()) {
            let what = format!(
                "{} bytes were found, expected {numbers} finite 32-bit floats",
                bytes.len()
            );
            return Err(damaged(&path, what));
        }
        Ok(logits)
    }

    /// Puts a finished run into the folder.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn insert(&self, finished: Finished, logits: &[f32]) -> Result<Arc<Finished>> {
        let name = self.name(&finished.run.config)?;
        let runs = self.folder.join(RUNS);
        let (unfinished, path) = (runs.join(format!("{UNFINISHED}{name}")), runs.join(&name));
        fs::create_dir_all(&unfinished).map_err(|e| unwritable(&unfinished, &e))?;
        let bytes: Vec<u8> = logits.iter().flat_map(|x| x.to_le_bytes()).collect();
        write(&unfinished.join(SCORES), &bytes)?;
        write(&unfinished.join(RECORD), &pretty(&finished)?)?;
        fs::rename(&unfinished, &path).map_err(|e| unwritable(&path, &e))?;
        let finished = Arc::new(finished);
        self.lock_runs().push((path, Arc::clone(&finished)));
        Ok(finished)
    }

    /// The name of a run's folder: system, seed and the beginning of a hash of all that it is.
    ///
    /// # Errors
    ///
    /// Never with a valid configuration.
    pub fn name(&self, config: &Config) -> Result<String> {
        let Purpose {
            dataset, engine, ..
        } = &self.purpose;
        let identity = format!("{}\n{engine}\n{}", dataset.fingerprint, json(config)?);
        let hash: String = Sha256::digest(identity)
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let (system, seed) = (config.model.system.name(), config.seed);
        Ok(format!("{system}-seed{seed}-{hash}"))
    }

    fn find_with_path(&self, config: &Config) -> Option<(PathBuf, Arc<Finished>)> {
        let Purpose {
            dataset, engine, ..
        } = &self.purpose;
        let same = |(_, finished): &&(PathBuf, Arc<Finished>)| {
            let run = &finished.run;
            run.config == *config
                && run.engine == *engine
                && run.dataset.fingerprint == dataset.fingerprint
        };
        self.lock_runs().iter().find(same).cloned()
    }

    fn lock_runs(&self) -> MutexGuard<'_, Vec<(PathBuf, Arc<Finished>)>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes sure that one process at a time works in a folder.
fn lock(folder: &Path) -> Result<File> {
    let path = folder.join(".lock");
    let file = File::create(&path).map_err(|e| unwritable(&path, &e))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Error::new(
            ErrorKind::Io,
            "another moge works in this folder",
            "Wait for it, or choose another --out folder.",
        )
        .in_file(folder.display())),
        // Where the file system knows no locks, runs are still written whole.
        _ => Ok(file),
    }
}

fn json<T: Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value).map_err(|e| defect(&e))
}

fn pretty<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(|e| defect(&e))
}

fn parse<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T> {
    let bytes = fs::read(path).map_err(|e| unreadable(path, &e))?;
    serde_json::from_slice(&bytes).map_err(|e| damaged(path, e.to_string()))
}

/// Writes a file and waits until it is on the disk.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = File::create(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|e| unwritable(path, &e))
}

fn defect(error: &serde_json::Error) -> Error {
    Error::new(
        ErrorKind::Format,
        error.to_string(),
        "Report this as a defect.",
    )
}

fn damaged(path: &Path, what: String) -> Error {
    let remedy = format!(
        "The file is damaged or of another version (this one writes format {FORMAT}): remove its folder to train \
         the run again."
    );
    Error::new(ErrorKind::Format, what, remedy).in_file(path.display())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let what = format!("cannot be read: {error}");
    Error::new(ErrorKind::Io, what, "Check the folder and its permissions.").in_file(path.display())
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    let what = format!("cannot be written: {error}");
    Error::new(ErrorKind::Io, what, "Choose another --out folder.").in_file(path.display())
}
