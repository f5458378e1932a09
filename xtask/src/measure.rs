//! What a person waits for in the page, measured in the real browser.

use std::process::Command;

use anyhow::Result;

use crate::command::run;
use crate::project::Project;
use crate::{build, serve, sizes, tools};

/// Builds and serves the page, drives Chromium through a demo run, and prints the numbers.
pub fn run_in_browser(project: &Project) -> Result<()> {
    build(project)?;
    let folder = project.browser_tests();
    tools::install_packages(&folder)?;
    let chrome = tools::find_browser(&tools::CHROMIUM)?;
    let site = serve::start(&project.dist(), 0, "/")?;
    run(Command::new("node")
        .arg("measure.mjs")
        .env(tools::CHROMIUM.variable, chrome)
        .env("MOGE_PAGE", &site.address)
        .current_dir(&folder))?;
    sizes::print(project)
}
