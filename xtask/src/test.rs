//! The tests, in stages; a stage that fails does not keep the next from running.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::command::{self, run_tests};
use crate::project::{Project, cargo};
use crate::summary::Counts;
use crate::{build, serve, tools};

/// Where the browser tests find the page: not at the top, because it must work from any path.
const SUB_PATH: &str = "/some/sub/path/";

/// One kind of test.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// `cargo test` of the workspace
    Rust,
    /// The tensor operations on WebGPU, by a software adapter where there is no GPU; only where it is
    /// named, because burn is compiled once more for it
    Gpu,
    /// Type checks and unit tests of the page
    Page,
    /// The built page in Chromium, and its core in Firefox
    Browser,
}

impl Stage {
    fn run(self, project: &Project) -> Result<(bool, Counts)> {
        match self {
            Self::Rust => run_tests(
                cargo()
                    .args(["test", "--workspace", "--no-fail-fast"])
                    .current_dir(project.root()),
            ),
            Self::Gpu => gpu(project),
            Self::Page => page(project),
            Self::Browser => browser(project),
        }
    }
}

/// Runs the stages, prints how each went, and closes with the number of tests.
pub fn run(project: &Project, only: Option<Stage>) -> Result<ExitCode> {
    let mut total = Counts::default();
    let mut report = String::new();
    for stage in Stage::value_variants().iter().filter(|&&stage| match only {
        Some(only) => only == stage,
        None => stage != Stage::Gpu,
    }) {
        let name = stage
            .to_possible_value()
            .context("every stage has a name")?;
        let name = name.get_name();
        println!("\n=== {name} tests ===");
        let start = Instant::now();
        let (ok, mut counts) = stage.run(project).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            (false, Counts::default())
        });
        // A stage that failed before it came to a test must not read as if nothing had failed.
        if !ok && counts.failed == 0 {
            counts.failed = 1;
        }
        let how = if ok { "passed" } else { "FAILED" };
        report += &format!(
            "{name:<8} {how}  {:>12}   {counts}\n",
            minutes(start.elapsed())
        );
        total += counts;
    }
    println!("\n{report}\n{total}");
    Ok(if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn gpu(project: &Project) -> Result<(bool, Counts)> {
    tools::install_vulkan()?;
    run_tests(
        cargo()
            .args(["test", "--features", "webgpu", "--test", "op"])
            .current_dir(project.root()),
    )
}

/// The checks and unit tests that the page's `package.json` names; they do without the engine.
fn page(project: &Project) -> Result<(bool, Counts)> {
    tools::check_node()?;
    tools::install_packages(&project.www())?;
    let mut all = (true, Counts::default());
    for script in ["check", "test"] {
        let (ok, counts) = run_tests(
            tools::npm()
                .args(["run", script, "--if-present"])
                .current_dir(project.www()),
        )?;
        all.0 &= ok;
        all.1 += counts;
    }
    Ok(all)
}

fn browser(project: &Project) -> Result<(bool, Counts)> {
    build(project)?;
    command::run(
        cargo()
            .args(["build", "--quiet", "--workspace", "--bin", "moge"])
            .current_dir(project.root()),
    )?;
    let folder = project.browser_tests();
    tools::install_packages(&folder)?;
    let chrome = tools::find_browser(&tools::CHROMIUM)?;
    let firefox = tools::find_browser(&tools::FIREFOX)?;
    let site = serve::start(&project.dist(), 0, SUB_PATH)?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect()
        })
        .with_context(|| folder.display().to_string())?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    run_tests(
        Command::new("node")
            .args(["--test", "--test-concurrency=1", "--test-reporter=spec"])
            .args(&files)
            .env(tools::CHROMIUM.variable, chrome)
            .env(tools::FIREFOX.variable, firefox)
            .env("MOGE_PAGE", &site.address)
            .env("MOGE", project.target().join("debug/moge"))
            .env("MOGE_SCREENSHOTS", project.target().join("screenshots"))
            .current_dir(&folder),
    )
}

fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}
