//! The finished run that the page shows before its engine is there: trained by the built engine when
//! the engine or the data have changed, and drawn when the page has.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::run;
use crate::page;
use crate::project::Project;
use crate::stamp::Stamp;
use crate::wasm::CPU;

/// The page's file of it, among its data.
pub const FILE: &str = "finished.moge";
/// The sources that say what is kept of a run.
const RECORDER: [&str; 4] = ["record.ts", "small.ts", "numbers.ts", "pack.ts"];

/// Brings the page's file up to date.
pub fn build(project: &Project) -> Result<()> {
    let script = project.root().join("xtask/finished.mjs");
    let engine = CPU.file(project);
    let data = ["dataset.moge", "layout.moge"].map(|name| project.root().join("assets").join(name));
    let sources = project.www().join("src");
    let trained = project.target().join("xtask/finished-run.moge");

    let mut inputs = vec![script.clone(), engine.clone()];
    inputs.extend(data.clone());
    inputs.extend(RECORDER.map(|name| sources.join("finished").join(name)));
    let stamp = Stamp::of(project, "finished-run", &inputs)?;
    if !stamp.is_fresh(std::slice::from_ref(&trained)) {
        let folder = trained.parent().context("the run lies in a folder")?;
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        println!("finished run: trains the page's first run to its end, which takes some minutes");
        run(Command::new("node")
            .arg(&script)
            .arg("train")
            .args(&data)
            .arg(&trained))?;
        stamp.write()?;
    }

    let file = page::data(project).join(FILE);
    let stamp = Stamp::of(
        project,
        "finished",
        &[script.clone(), engine, trained.clone(), sources],
    )?;
    if stamp.is_fresh(std::slice::from_ref(&file)) {
        return Ok(());
    }
    run(Command::new("node")
        .arg(&script)
        .arg("draw")
        .args([&trained, &file]))?;
    stamp.write()
}
