//! Everything that is measured, in one run on one machine: writes `docs/performance.json`, and
//! `docs/performance.md` from it.

mod document;
mod peer;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::command::{ask, output, run};
use crate::project::{Project, cargo};
use crate::{build, serve, sizes, tools};

/// The engines that every machine has, and the forms of their operations.
const ENGINES: [&str; 2] = ["flex", "ndarray"];
const FORMS: [&str; 2] = ["own", "stock"];
/// Users, items and edges of the default workload, and how many times larger it is made.
const SIZES: [(&str, u64); 3] = [("users", 3000), ("items", 8000), ("edges", 60_000)];
const SCALES: [u64; 3] = [1, 4, 20];
/// Pairs per step.
const BATCHES: [u64; 4] = [256, 1024, 4096, 16_384];

/// Options of a measurement, by name.
type Options = Vec<(&'static str, String)>;

/// Builds what is needed, measures, and writes both files. `peer` measures PyTorch too.
pub fn measure(project: &Project, peer: bool) -> Result<()> {
    build(project)?;
    run(cargo()
        .args(["build", "--release", "--bin", "moge"])
        .current_dir(project.root()))?;
    let moge = project.target().join("release/moge");
    // What takes no measuring comes first.
    let python = peer.then(|| peer::install(project)).transpose()?;

    let forms = || {
        let pairs = ENGINES
            .iter()
            .flat_map(|&engine| FORMS.map(|form| (engine, form)));
        pairs.map(|(engine, form)| vec![("engine", engine.to_string()), ("form", form.to_string())])
    };
    let native = forms().map(|options| on_command_line(&moge, &options));
    let native = native.collect::<Result<Vec<_>>>()?;
    let peer = python
        .map(|python| peer::measure(project, &moge, &python))
        .transpose()?;
    let growth = SCALES
        .map(scaled)
        .map(|options| on_command_line(&moge, &options));
    let growth = growth.into_iter().collect::<Result<Vec<_>>>()?;
    let batches = BATCHES
        .map(|batch| batched("flex", batch))
        .map(|options| on_command_line(&moge, &options));
    let batches = batches.into_iter().collect::<Result<Vec<_>>>()?;

    let folder = project.browser_tests();
    tools::install_packages(&folder)?;
    let chrome = tools::find_browser(&tools::CHROMIUM)?;
    let site = serve::start(&project.dist(), 0, "/")?;
    let node = |arguments: &[String]| {
        output(
            Command::new("node")
                .args(arguments)
                .env(tools::CHROMIUM.variable, &chrome)
                .env("MOGE_PAGE", &site.address)
                .current_dir(&folder),
        )
    };
    let in_browser = |all: Vec<Options>| -> Result<Vec<Value>> {
        let queries: Vec<String> = all.iter().map(query).collect();
        let printed = node(&[&["bench.mjs".to_string()], &queries[..]].concat())?;
        let found: Vec<Value> = serde_json::from_str(&printed).context("bench.mjs")?;
        Ok(queries
            .iter()
            .zip(found)
            .map(|(query, figures)| entry(format!("?{query}"), figures))
            .collect())
    };
    let webgpu = vec![("engine", "webgpu".to_string())];
    let wasm = in_browser(forms().chain([webgpu]).collect())?;
    let wasm_growth = in_browser(SCALES.map(scaled).to_vec())?;
    let batches_of = |engine| in_browser(BATCHES.map(|batch| batched(engine, batch)).to_vec());
    let (wasm_batches, gpu_batches) = (batches_of("flex")?, batches_of("webgpu")?);
    let page = node(&["measure.mjs".to_string()])?;

    let result = json!({
        "machine": machine(project)?,
        "native": native,
        "wasm": wasm,
        "peer": peer,
        "growth": { "scales": SCALES, "native": growth, "wasm": wasm_growth },
        "batches": {
            "sizes": BATCHES, "native": batches, "wasm": wasm_batches, "webgpu": gpu_batches,
        },
        "page": { "command": "cargo xtask measure", "rows": rows(&page) },
        "sizes": { "command": "cargo xtask sizes", "text": sizes::text(project)? },
    });
    let docs = project.root().join("docs");
    let text = serde_json::to_string_pretty(&result)? + "\n";
    write(&docs.join("performance.json"), &text)?;
    let document = docs.join("performance.md");
    let before = fs::read_to_string(&document).unwrap_or_default();
    write(&document, &document::render(&result, &before))?;
    println!("written: docs/performance.json and docs/performance.md");
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| path.display().to_string())
}

/// The default workload so many times larger.
fn scaled(scale: u64) -> Options {
    SIZES
        .iter()
        .map(|&(name, size)| (name, (scale * size).to_string()))
        .collect()
}

/// The default workload with so many pairs per step.
fn batched(engine: &str, batch: u64) -> Options {
    vec![("engine", engine.to_string()), ("batch", batch.to_string())]
}

/// What `moge bench` prints with these options.
fn on_command_line(moge: &Path, options: &Options) -> Result<Value> {
    let options: Vec<String> = options
        .iter()
        .flat_map(|(name, value)| [format!("--{name}"), value.clone()])
        .collect();
    let command = format!("moge bench --json {}", options.join(" "));
    eprintln!("{command}");
    let printed = output(Command::new(moge).args(["bench", "--json"]).args(&options))?;
    Ok(entry(
        command,
        serde_json::from_str(&printed).context("moge bench")?,
    ))
}

fn query(options: &Options) -> String {
    let given = options
        .iter()
        .map(|(name, value)| format!("&{name}={value}"));
    std::iter::once("bench".to_string()).chain(given).collect()
}

/// Figures with the command that gives them.
fn entry(command: String, figures: Value) -> Value {
    json!({ "command": command, "figures": figures })
}

/// The rows of the Markdown table that `measure.mjs` prints: what, and how much.
fn rows(table: &str) -> Vec<[&str; 2]> {
    table
        .lines()
        .skip(2)
        .filter_map(|line| {
            let (what, value) = line.trim_matches(['|', ' ']).split_once(" | ")?;
            Some([what, value])
        })
        .collect()
}

/// Where and of what it was measured.
fn machine(project: &Project) -> Result<Value> {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let chrome = tools::find_browser(&tools::CHROMIUM)?;
    let root = project.root().display().to_string();
    Ok(json!({
        "processor": model,
        "cores": std::thread::available_parallelism().map(usize::from).ok(),
        "browser": ask(&chrome.display().to_string(), &["--version"]),
        "rust": ask("rustc", &["--version"]),
        "commit": ask("git", &["-C", &root, "rev-parse", "--short", "HEAD"]),
        "date": ask("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_table_is_read_back() {
        let table = "| what | measured |\n|---|---|\n| play to step | 0.3 s |\n| tasks | 1 over 50 ms, the longest 85 ms |\n";
        let expected = [
            ["play to step", "0.3 s"],
            ["tasks", "1 over 50 ms, the longest 85 ms"],
        ];
        assert_eq!(rows(table), expected);
    }

    #[test]
    fn options_become_a_query() {
        assert_eq!(
            query(&scaled(4)),
            "bench&users=12000&items=32000&edges=240000"
        );
    }
}
