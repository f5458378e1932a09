//! What a visitor downloads: the page, each engine and the data, raw and compressed.

use std::process::Command;

use anyhow::{Result, bail};

use crate::command::run;
use crate::project::Project;
use crate::wasm::BINARIES;

/// Prints the sizes of the built page. Node compresses, as it brings gzip and brotli.
pub fn print(project: &Project) -> Result<()> {
    if !project.dist().join("index.html").exists() {
        bail!("dist/ is empty. Run `cargo xtask build` first");
    }
    run(Command::new("node")
        .arg(project.root().join("xtask/sizes.mjs"))
        .arg(project.dist())
        .args(BINARIES.iter().map(|binary| binary.file(project))))
}
