//! The page: the bundled dataset put where the page fetches it, and Vite's build.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::command::run;
use crate::finished;
use crate::project::Project;
use crate::stamp::Stamp;
use crate::tools::npm;

/// Where the page's data are.
pub fn data(project: &Project) -> PathBuf {
    project.www().join("public/data")
}

/// Copies the bundled dataset files (`assets/*.moge`) to `www/public/data/`, and removes what is
/// there of former ones.
pub fn copy_data(project: &Project) -> Result<()> {
    let (from, to) = (project.root().join("assets"), data(project));
    fs::create_dir_all(&to).with_context(|| to.display().to_string())?;
    let mut kept = HashSet::from([to.join(finished::FILE)]);
    for entry in fs::read_dir(&from).with_context(|| from.display().to_string())? {
        let source = entry?.path();
        let Some(name) = source.file_name() else {
            continue;
        };
        if source
            .extension()
            .is_none_or(|extension| extension != "moge")
        {
            continue;
        }
        let copy = to.join(name);
        let bytes = fs::read(&source).with_context(|| source.display().to_string())?;
        if fs::read(&copy).ok().as_ref() != Some(&bytes) {
            fs::write(&copy, bytes).with_context(|| copy.display().to_string())?;
        }
        kept.insert(copy);
    }
    for entry in fs::read_dir(&to)? {
        let copy = entry?.path();
        if !kept.contains(&copy) {
            fs::remove_file(&copy).with_context(|| copy.display().to_string())?;
        }
    }
    Ok(())
}

/// Builds the page into `dist/` with relative addresses, so that it works from any path of any
/// static host.
pub fn build(project: &Project) -> Result<()> {
    let dist = project.dist();
    let stamp = Stamp::of(project, "page", &[project.www()])?;
    if stamp.is_fresh(&[dist.join("index.html")]) {
        return Ok(());
    }
    run(npm()
        .args([
            "exec",
            "--offline",
            "--",
            "vite",
            "build",
            "--base",
            "./",
            "--emptyOutDir",
        ])
        .arg("--outDir")
        .arg(&dist)
        .current_dir(project.www()))?;
    stamp.write()
}
