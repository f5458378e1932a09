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
    build(project)?;
    let folder = project.browser_tests();
    tools::install_packages(&folder)?;
    let chrome = tools::find_browser(&tools::CHROMIUM)?;
    let site = serve::start(&project.dist(), 0, "/")?;
    run(Command::new("node")
        .arg(if files.is_empty() {
            "measure.mjs"
        } else {
            "large.mjs"
        })
        .args(&files)
        .env(tools::CHROMIUM.variable, chrome)
        .env("MOGE_PAGE", &site.address)
        .current_dir(&folder))?;
    if files.is_empty() {
        sizes::print(project)?;
    }
    Ok(())
}
