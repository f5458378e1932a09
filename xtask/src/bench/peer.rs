//! The same step in PyTorch (`benches/peer`), which is installed only when it is asked for.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::entry;
use crate::command::{output, run};
use crate::project::Project;

/// The Python of a virtual environment with what `requirements.txt` names, which is some 3 GB on
/// Linux: the PyPI wheel brings CUDA.
pub fn install(project: &Project) -> Result<PathBuf> {
    let folder = project.target().join("peer");
    let python = folder.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--requirement"])
        .arg(sources(project).join("requirements.txt")))?;
    Ok(python)
}

/// The figures of the peer on the steps that `moge bench` measures.
pub fn measure(project: &Project, moge: &Path, python: &Path) -> Result<Value> {
    let dump = project.target().join("peer-dump");
    run(Command::new(moge).args(["bench", "--dump"]).arg(&dump))?;
    let printed = output(
        Command::new(python)
            .arg(sources(project).join("step.py"))
            .arg(&dump),
    )?;
    let figures = serde_json::from_str(&printed).context("step.py")?;
    Ok(entry(
        "moge bench --dump DIR; python benches/peer/step.py DIR".into(),
        figures,
    ))
}

fn sources(project: &Project) -> PathBuf {
    project.root().join("benches/peer")
}
