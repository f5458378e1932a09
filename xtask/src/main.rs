//! The build tool of the project: builds the engine's wasm and the page, serves them, runs every test
//! and measures. `cargo xtask --help` lists the commands.

mod bench;
mod command;
mod finished;
mod measure;
mod page;
mod project;
mod screenshots;
mod serve;
mod sizes;
mod stamp;
mod summary;
mod test;
mod tools;
mod wasm;

use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use project::Project;
use wasm::{BINARIES, CPU, FULL};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Builds, serves and tests the MoGE page and its engine"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the engine and the page into dist/, which any static host can serve from any path
    Build {
        /// Build only this binary of the engine, and not the page
        #[arg(long, value_parser = BINARIES.map(|binary| binary.name))]
        engine: Option<String>,
    },
    /// Build, serve the page on this machine only, and open it in the browser
    Serve {
        /// Port to listen on; 0 takes any free one
        #[arg(long, default_value_t = 4173)]
        port: u16,
        /// Do not open the browser
        #[arg(long)]
        no_open: bool,
    },
    /// Run every test: Rust, page and browser
    Test {
        /// Run one kind of test only
        #[arg(long)]
        only: Option<test::Stage>,
    },
    /// Measure in the browser what a person waits for, and print it with the sizes
    Measure {
        /// Open these files instead, a log with its user table or a dataset, and train on them
        files: Vec<PathBuf>,
        /// Train so many steps on WebGPU's software adapter instead, and print the memory on the way
        #[arg(long, conflicts_with = "files")]
        webgpu_steps: Option<u64>,
    },
    /// Measure training steps here, in the browser and beside PyTorch, with all of `measure`, and write
    /// docs/performance.md and docs/performance.json
    Bench {
        /// Measure the same step in PyTorch too; installs it from PyPI into target/peer
        #[arg(long)]
        peer: bool,
    },
    /// Take the pictures of docs/screenshots in the browser
    Screenshots,
    /// Print what the built page weighs: raw, gzip and brotli
    Sizes,
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<ExitCode> {
    let project = Project::find()?;
    match task {
        Task::Build { engine: Some(name) } => {
            let binary = BINARIES.iter().find(|binary| binary.name == name);
            binary.context("no such binary")?.build(&project)?;
        }
        Task::Build { engine: None } => {
            build(&project)?;
            sizes::print(&project)?;
        }
        Task::Serve { port, no_open } => {
            build(&project)?;
            serve::until_interrupted(&project.dist(), port, !no_open)?;
        }
        Task::Test { only } => return test::run(&project, only),
        Task::Measure {
            webgpu_steps: Some(steps),
            ..
        } => measure::endurance(&project, steps)?,
        Task::Measure { files, .. } => measure::run_in_browser(&project, &files)?,
        Task::Bench { peer } => bench::measure(&project, peer)?,
        Task::Screenshots => screenshots::take(&project)?,
        Task::Sizes => sizes::print(&project)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Brings `dist/` up to date; does only what has changed since the last time.
fn build(project: &Project) -> Result<()> {
    let start = Instant::now();
    tools::check_node()?;
    tools::install_wasm_target()?;
    tools::install_packages(&project.www())?;
    page::copy_data(project)?;
    // The link of the full binary keeps a single core busy for minutes: the rest goes on beside it.
    thread::scope(|scope| {
        let full = scope.spawn(|| FULL.build(project));
        CPU.build(project)?;
        finished::build(project)?;
        full.join().expect("a build does not panic")
    })?;
    page::build(project)?;
    println!("dist/ is up to date ({:.0?})", start.elapsed());
    Ok(())
}
