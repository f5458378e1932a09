//! The engine as WebAssembly: two binaries of one crate, as ES modules for the page's worker.
//!
//! The GPU stack is about ten times the size of the CPU engine, so the page fetches the full
//! binary only where it is wanted.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::command::run;
use crate::project::{Project, cargo};
use crate::stamp::Stamp;

/// One binary: its folder under `www/engine-wasm/`, the engines in it, and its profile in
/// `Cargo.toml`. Each has a profile of its own because cargo names both files alike.
pub struct Binary {
    pub name: &'static str,
    features: &'static str,
    profile: &'static str,
}

/// What a first visit loads.
pub const CPU: Binary = Binary {
    name: "cpu",
    features: "flex",
    profile: "wasm",
};

pub const FULL: Binary = Binary {
    name: "full",
    features: "flex,ndarray,webgpu",
    profile: "wasm-full",
};

pub const BINARIES: [Binary; 2] = [CPU, FULL];

const TARGET: &str = "wasm32-unknown-unknown";

impl Binary {
    /// The folder of its ES module.
    pub fn folder(&self, project: &Project) -> PathBuf {
        project.www().join("engine-wasm").join(self.name)
    }

    /// The finished binary.
    pub fn file(&self, project: &Project) -> PathBuf {
        self.folder(project).join("moge_bg.wasm")
    }

    /// Brings the binary up to date.
    pub fn build(&self, project: &Project) -> Result<()> {
        println!("engine ({}): {}", self.name, self.features);
        run(cargo()
            .args([
                "rustc",
                "--package",
                "moge",
                "--lib",
                "--crate-type",
                "cdylib",
            ])
            .args(["--target", TARGET, "--profile", self.profile])
            .args(["--no-default-features", "--features", self.features])
            .current_dir(project.root()))?;
        let compiled = project
            .target()
            .join(TARGET)
            .join(self.profile)
            .join("moge.wasm");
        let name = format!("engine-{}", self.name);
        let stamp = Stamp::of(project, &name, std::slice::from_ref(&compiled))?;
        let folder = self.folder(project);
        let outputs = ["moge.js", "moge.d.ts", "moge_bg.wasm"].map(|file| folder.join(file));
        if stamp.is_fresh(&outputs) {
            return Ok(());
        }
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Bindgen::new()
            .input_path(&compiled)
            .out_name("moge")
            .web(true)?
            .typescript(true)
            .omit_default_module_path(true)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate(&folder)
            .with_context(|| format!("wasm-bindgen refused {}", compiled.display()))?;
        stamp.write()
    }
}
