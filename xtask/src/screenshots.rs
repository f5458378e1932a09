//! Pictures of the page in its main states, for the README and for people who look over a change.

use std::process::Command;

use anyhow::Result;

use crate::command::run;
use crate::project::Project;
use crate::{build, serve, tools};

/// Builds and serves the page, drives Chromium through its states, and writes `docs/screenshots`.
pub fn take(project: &Project) -> Result<()> {
    build(project)?;
    let folder = project.browser_tests();
    tools::install_packages(&folder)?;
    let chrome = tools::find_browser(&tools::CHROMIUM)?;
    tools::install_chinese_font()?;
    let site = serve::start(&project.dist(), 0, "/")?;
    run(Command::new("node")
        .arg("screenshots.mjs")
        .env(tools::CHROMIUM.variable, chrome)
        .env("MOGE_PAGE", &site.address)
        .env("MOGE_SCREENSHOTS", project.root().join("docs/screenshots"))
        .current_dir(&folder))
}
