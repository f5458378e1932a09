//! Skipping work whose inputs have not changed since it last succeeded.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use crate::project::Project;

/// Remembers the inputs with which a piece of work last succeeded: the path, size and time of
/// change of every file.
pub struct Stamp {
    file: PathBuf,
    inputs: String,
}

impl Stamp {
    /// The present state of the input files and folders of the work called `name`. Folders are
    /// walked; `node_modules` is left out.
    pub fn of(project: &Project, name: &str, inputs: &[PathBuf]) -> Result<Self> {
        let mut files = Vec::new();
        for input in inputs {
            collect(input, &mut files)?;
        }
        files.sort();
        let mut hasher = DefaultHasher::new();
        for file in files {
            let about = fs::metadata(&file).with_context(|| file.display().to_string())?;
            let changed = about
                .modified()?
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            (file, about.len(), changed.as_nanos()).hash(&mut hasher);
        }
        Ok(Self {
            file: project.target().join("xtask").join(name),
            inputs: format!("{:016x}", hasher.finish()),
        })
    }

    /// Whether the work was done with these inputs and its outputs are still there.
    pub fn is_fresh(&self, outputs: &[PathBuf]) -> bool {
        outputs.iter().all(|output| output.exists())
            && fs::read_to_string(&self.file).is_ok_and(|done| done == self.inputs)
    }

    /// Notes that the work has succeeded with these inputs.
    pub fn write(&self) -> Result<()> {
        let folder = self.file.parent().context("a stamp lies in a folder")?;
        fs::create_dir_all(folder)?;
        fs::write(&self.file, &self.inputs).with_context(|| self.file.display().to_string())
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        if path.exists() {
            files.push(path.to_path_buf());
        }
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| path.display().to_string())? {
        let entry = entry?.path();
        if entry.file_name().is_some_and(|name| name != "node_modules") {
            collect(&entry, files)?;
        }
    }
    Ok(())
}
