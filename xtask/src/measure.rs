//! What a person waits for in the page, measured in the real browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::run;
use crate::project::Project;
use crate::{build, serve, sizes, tools};

/// Builds and serves the page, drives Chromium through a demo run, and prints the numbers; or opens a
/// person's `files` there, where there are any.
pub fn run_in_browser(project: &Project, files: &[PathBuf]) -> Result<()> {
    let files = files.iter().map(|file| {
        let found = Path::canonicalize(file);
        found.with_context(|| format!("{} cannot be opened", file.display()))
    });
    let files: Vec<PathBuf> = files.collect::<Result<_>>()?;
    if !files.is_empty() {
        return script(project, Command::new("node").arg("large.mjs").args(&files));
    }
    script(project, Command::new("node").arg("measure.mjs"))?;
    sizes::print(project)
}

/// Builds and serves the page, trains so many steps there on the software adapter of WebGPU, and prints the
/// memory that it takes on the way.
pub fn endurance(project: &Project, steps: u64) -> Result<()> {
    let steps = steps.to_string();
    script(
        project,
        Command::new("node").args(["endurance.mjs", &steps]),
    )
}

/// Runs a script of the browser tests on the page.
fn script(project: &Project, command: &mut Command) -> Result<()> {
    build(project)?;
    let folder = project.browser_tests();
    tools::install_packages(&folder)?;
    let chrome = tools::find_browser(&tools::CHROMIUM)?;
    let site = serve::start(&project.dist(), 0, "/")?;
    run(command
        .env(tools::CHROMIUM.variable, chrome)
        .env("MOGE_PAGE", &site.address)
        .current_dir(&folder))
}
