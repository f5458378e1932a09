//! What a visitor downloads: the page, each engine and the data, raw and compressed.

use std::process::Command;

use anyhow::{Result, bail};

use crate::command::output;
use crate::project::Project;
use crate::wasm::BINARIES;

/// Prints the sizes of the built page.
pub fn print(project: &Project) -> Result<()> {
    print!("{}", text(project)?);
    Ok(())
}

/// The sizes of the built page as a table. Node compresses, as it brings gzip and brotli.
pub fn text(project: &Project) -> Result<String> {
    if !project.dist().join("index.html").exists() {
        bail!("dist/ is empty. Run `cargo xtask build` first");
    }
    output(
        Command::new("node")
            .arg(project.root().join("xtask/sizes.mjs"))
            .arg(project.dist())
            .args(BINARIES.iter().map(|binary| binary.file(project))),
    )
}
