//! The programs that building and testing need: installs what it can, and says exactly how to get
//! the rest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{ask, run};

/// The oldest Node releases, of the lines with long-term support, that Vite runs on.
const NODE: [(u32, u32); 2] = [(20, 19), (22, 12)];
const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// Where Chromium or Chrome is looked for, after the environment variable `CHROME`.
const BROWSERS: [&str; 6] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
];

/// npm under the name this system gives it.
pub fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Checks that Node and npm are there and new enough.
pub fn check_node() -> Result<()> {
    let get = "Install Node 22.12 or newer (20.19 will do), which brings npm: from \
               https://nodejs.org, or on Debian and Ubuntu with `apt-get install nodejs npm`, or \
               on macOS with `brew install node`";
    let Some(version) = ask("node", &["--version"]) else {
        bail!("Node was not found. {get}");
    };
    if !is_enough(&version) {
        bail!("Node {version} does not run the page's tools. {get}");
    }
    if !npm()
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
    {
        bail!("npm was not found. {get}");
    }
    Ok(())
}

/// Whether a version as Node prints it (`v22.12.0`) is one of the releases in `NODE` or later.
fn is_enough(version: &str) -> bool {
    let mut parts = version
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    let (Some(major), Some(minor)) = (parts.next(), parts.next()) else {
        return false;
    };
    let newest = NODE
        .map(|(line, _)| line)
        .into_iter()
        .max()
        .unwrap_or_default();
    major > newest
        || NODE
            .iter()
            .any(|&(line, least)| major == line && minor >= least)
}

/// Makes sure that rustc can compile for the browser.
pub fn install_wasm_target() -> Result<()> {
    let libraries = ask(
        "rustc",
        &["--print", "target-libdir", "--target", WASM_TARGET],
    );
    if libraries.is_some_and(|folder| Path::new(&folder).exists()) {
        return Ok(());
    }
    println!("adding the Rust target {WASM_TARGET}");
    run(Command::new("rustup").args(["target", "add", WASM_TARGET])).with_context(|| {
        format!(
            "Rust cannot compile for {WASM_TARGET} here. Install Rust with rustup \
             (https://rustup.rs) and run `rustup target add {WASM_TARGET}`"
        )
    })
}

/// Installs the npm packages of a folder from its lock file, unless they are there already.
pub fn install_packages(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let locked = changed(&lock).with_context(|| {
        format!(
            "{} is missing: the checkout is not complete",
            lock.display()
        )
    })?;
    let installed = changed(&folder.join("node_modules/.package-lock.json"));
    if installed.is_ok_and(|installed| installed >= locked) {
        return Ok(());
    }
    println!("installing the npm packages of {}", folder.display());
    run(npm()
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder))
    .with_context(|| {
        format!(
            "the npm packages of {} could not be installed",
            folder.display()
        )
    })
}

/// Finds Chromium or Chrome, and installs it with apt where that is allowed.
pub fn find_browser() -> Result<PathBuf> {
    if let Some(browser) = std::env::var_os("CHROME").map(PathBuf::from) {
        if !browser.exists() {
            bail!("CHROME names {}, which does not exist", browser.display());
        }
        return Ok(browser);
    }
    let find = || {
        BROWSERS
            .iter()
            .map(PathBuf::from)
            .find(|browser| browser.exists())
    };
    if let Some(browser) = find() {
        return Ok(browser);
    }
    let root = ask("id", &["-u"]).is_some_and(|id| id == "0");
    if root && ask("apt-get", &["--version"]).is_some() {
        println!("installing Chromium with apt");
        let apt = |arguments: &[&str]| {
            run(Command::new("apt-get")
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive"))
        };
        apt(&["update", "-qq"])?;
        apt(&[
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            "chromium",
        ])?;
        if let Some(browser) = find() {
            return Ok(browser);
        }
    }
    bail!(
        "the browser tests need Chromium or Chrome, which was not found. Install it (on Debian: \
         `sudo apt-get install chromium`; elsewhere: https://www.google.com/chrome), or set the \
         environment variable CHROME to the program's path"
    )
}

fn changed(file: &Path) -> std::io::Result<std::time::SystemTime> {
    fs::metadata(file)?.modified()
}

#[cfg(test)]
mod tests {
    use super::is_enough;

    #[test]
    fn node_releases_are_judged_by_their_line() {
        for version in ["v20.19.0", "v20.20.2", "v22.12.0", "v23.0.0", "v24.1.3"] {
            assert!(is_enough(version), "{version}");
        }
        for version in ["v18.20.8", "v20.18.3", "v21.7.3", "v22.11.0", "", "node"] {
            assert!(!is_enough(version), "{version}");
        }
    }
}
