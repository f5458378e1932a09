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
/// A browser that drives the page.
pub struct Browser {
    name: &'static str,
    /// The environment variable that names the program.
    pub variable: &'static str,
    /// Where it is looked for otherwise.
    paths: &'static [&'static str],
    /// Its Debian package.
    package: &'static str,
    address: &'static str,
}

pub const CHROMIUM: Browser = Browser {
    name: "Chromium or Chrome",
    variable: "CHROME",
    paths: &[
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
        "/usr/bin/google-chrome-stable",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "C:/Program Files/Google/Chrome/Application/chrome.exe",
    ],
    package: "chromium",
    address: "https://www.google.com/chrome",
};

pub const FIREFOX: Browser = Browser {
    name: "Firefox",
    variable: "FIREFOX",
    paths: &[
        "/usr/bin/firefox-esr",
        "/usr/bin/firefox",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        "C:/Program Files/Mozilla Firefox/firefox.exe",
    ],
    package: "firefox-esr",
    address: "https://www.mozilla.org/firefox",
};

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

/// Finds a browser, and installs it with apt where that is allowed.
pub fn find_browser(browser: &Browser) -> Result<PathBuf> {
    let Browser {
        name,
        variable,
        package,
        address,
        ..
    } = browser;
    if let Some(program) = std::env::var_os(variable).map(PathBuf::from) {
        if !program.exists() {
            bail!(
                "{variable} names {}, which does not exist",
                program.display()
            );
        }
        return Ok(program);
    }
    let find = || {
        browser
            .paths
            .iter()
            .map(PathBuf::from)
            .find(|program| program.exists())
    };
    if let Some(program) = find() {
        return Ok(program);
    }
    install_by_apt(package)?;
    find().with_context(|| {
        format!(
            "{name} was not found. Install it (on Debian: `sudo apt-get install {package}`; elsewhere: \
             {address}), or set the environment variable {variable} to the program's path"
        )
    })
}

/// Makes sure that there is a font with Chinese characters, without which pictures show boxes.
pub fn install_chinese_font() -> Result<()> {
    provide("font with Chinese characters", "fonts-wqy-microhei", || {
        ask("fc-list", &[":lang=zh"]).is_some_and(|fonts| !fonts.is_empty())
    })
}

/// Makes sure that there is a Vulkan driver, of the processor where of no GPU: WebGPU runs on it.
pub fn install_vulkan() -> Result<()> {
    provide("Vulkan driver", "mesa-vulkan-drivers", || {
        ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"]
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok())
            .any(|mut drivers| drivers.next().is_some())
    })
}

/// Installs on Linux what is not found; other systems bring it.
fn provide(what: &str, package: &str, found: impl Fn() -> bool) -> Result<()> {
    if !cfg!(target_os = "linux") || found() {
        return Ok(());
    }
    install_by_apt(package)?;
    if !found() {
        bail!("no {what} was found. Install one (on Debian: `sudo apt-get install {package}`)");
    }
    Ok(())
}

/// Installs a Debian package where this user may; does nothing otherwise.
fn install_by_apt(package: &str) -> Result<()> {
    let root = ask("id", &["-u"]).is_some_and(|id| id == "0");
    if !root || ask("apt-get", &["--version"]).is_none() {
        return Ok(());
    }
    println!("installing {package} with apt");
    let apt = |arguments: &[&str]| {
        run(Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "-qq"])?;
    apt(&["install", "-y", "-qq", "--no-install-recommends", package])
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
