//! A static server for the built page, reachable from this machine only.

use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, anyhow};
use tiny_http::{Header, Method, Request, Response, Server};

/// Threads that answer; a page load asks for a few files at once.
const THREADS: usize = 4;

/// A running server; it stops with the program.
pub struct Site {
    /// Where the page is, ending in a slash.
    pub address: String,
    workers: Vec<thread::JoinHandle<()>>,
}

/// Serves until the person stops the program.
pub fn until_interrupted(dist: &Path, port: u16, open_browser: bool) -> Result<()> {
    let site = start(dist, port, "/")?;
    println!("\n  {}\n\nPress Ctrl+C to stop.", site.address);
    if open_browser && let Err(error) = open::that_detached(&site.address) {
        println!("The browser could not be opened ({error}): open the address yourself.");
    }
    for worker in site.workers {
        worker.join().map_err(|_| anyhow!("the server stopped"))?;
    }
    Ok(())
}

/// Serves `dist` under the path `base` (which begins and ends with a slash) of 127.0.0.1. Port 0
/// takes any free port.
pub fn start(dist: &Path, port: u16, base: &str) -> Result<Site> {
    let server = Server::http(("127.0.0.1", port)).map_err(|error| {
        let in_use = error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == ErrorKind::AddrInUse);
        if in_use {
            anyhow!("port {port} is in use by another program. Choose another: `--port {}`, or `--port 0` for any free one", port.saturating_add(1))
        } else {
            anyhow!("port {port} cannot be used: {error}")
        }
    })?;
    let ip = server
        .server_addr()
        .to_ip()
        .context("the server has no address")?;
    let folder = Arc::new(Folder::open(dist, base)?);
    let server = Arc::new(server);
    let workers = (0..THREADS)
        .map(|_| {
            let (server, folder) = (server.clone(), folder.clone());
            thread::spawn(move || {
                for request in server.incoming_requests() {
                    // A visitor who goes away in the middle of an answer is no failure.
                    let _ = folder.answer(request);
                }
            })
        })
        .collect();
    Ok(Site {
        address: format!("http://{ip}{base}"),
        workers,
    })
}

/// The files of the page and the headers they are sent with.
struct Folder {
    dist: PathBuf,
    base: String,
    policy: Option<String>,
}

impl Folder {
    fn open(dist: &Path, base: &str) -> Result<Self> {
        let index = dist.join("index.html");
        let page = fs::read_to_string(&index).with_context(|| index.display().to_string())?;
        let policy = security_policy(&page);
        Ok(Self {
            dist: dist.to_path_buf(),
            base: base.to_owned(),
            policy,
        })
    }

    fn answer(&self, request: Request) -> std::io::Result<()> {
        if !matches!(request.method(), Method::Get | Method::Head) {
            return request.respond(Response::empty(405));
        }
        let path = request
            .url()
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .to_owned();
        if path.len() + 1 == self.base.len() && self.base.starts_with(&path) {
            return request
                .respond(Response::empty(301).with_header(header("Location", &self.base)));
        }
        let Some((file, bytes)) = self.find(&path) else {
            return request.respond(Response::from_string("not found").with_status_code(404));
        };
        let mut response = Response::from_data(bytes)
            .with_header(header("Content-Type", media_type(&file)))
            .with_header(header("Cache-Control", "no-cache"))
            .with_header(header("X-Content-Type-Options", "nosniff"));
        if let Some(policy) = &self.policy {
            response.add_header(header("Content-Security-Policy", policy));
        }
        request.respond(response)
    }

    /// The file behind a path, if it lies under the base and in the folder.
    fn find(&self, path: &str) -> Option<(PathBuf, Vec<u8>)> {
        let inside = Path::new(path.strip_prefix(&self.base)?);
        if !inside
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            return None;
        }
        let mut file = self.dist.join(inside);
        if file.is_dir() {
            file.push("index.html");
        }
        let bytes = fs::read(&file).ok()?;
        Some((file, bytes))
    }
}

/// The page's own content security policy (its `meta` element), which as a header also holds for
/// its workers, and may forbid framing.
fn security_policy(page: &str) -> Option<String> {
    let meta = page
        .split("<meta")
        .find(|meta| meta.contains("Content-Security-Policy"))?;
    let meta = meta.split('>').next()?;
    let (_, content) = meta.split_once("content=")?;
    let quote = content
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    // An attribute may write its quotes as references; a header may not.
    let policy = content.split(quote).nth(1)?.replace("&#39;", "'");
    let policy = policy.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(format!(
        "{}; frame-ancestors 'none'",
        policy.trim_end_matches(';')
    ))
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("header names and the page's policy are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    const PAGE: &str = "<html><meta charset=utf-8><meta http-equiv=\"Content-Security-Policy\"\n  \
                        content=\"default-src 'self';\n script-src &#39;self&#39;;\"><p>page";

    fn get(address: &str, path: &str) -> String {
        let host = address
            .trim_start_matches("http://")
            .split('/')
            .next()
            .unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn the_policy_is_the_pages_own_and_forbids_frames() {
        assert_eq!(
            security_policy(PAGE).unwrap(),
            "default-src 'self'; script-src 'self'; frame-ancestors 'none'"
        );
        assert_eq!(security_policy("<html><meta charset=utf-8>"), None);
    }

    #[test]
    fn serves_the_folder_under_the_base_and_nothing_else() {
        let outer = std::env::temp_dir().join(format!("moge-serve-{}", std::process::id()));
        let dist = outer.join("dist");
        fs::create_dir_all(dist.join("assets")).unwrap();
        fs::write(outer.join("secret.txt"), "secret").unwrap();
        fs::write(dist.join("index.html"), PAGE).unwrap();
        fs::write(dist.join("assets/a.wasm"), "wasm").unwrap();
        let site = start(&dist, 0, "/some/path/").unwrap();

        let page = get(&site.address, "/some/path/?v=1");
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert!(
            page.contains("Content-Security-Policy: default-src 'self'; script-src 'self';"),
            "{page}"
        );
        assert!(page.ends_with("<p>page"), "{page}");
        let wasm = get(&site.address, "/some/path/assets/a.wasm");
        assert!(wasm.contains("Content-Type: application/wasm"), "{wasm}");
        assert!(get(&site.address, "/some/path").contains("Location: /some/path/"));
        for path in [
            "/",
            "/index.html",
            "/some/path/none",
            "/some/path/../secret.txt",
            "/some/path//etc/passwd",
        ] {
            assert!(
                get(&site.address, path).starts_with("HTTP/1.1 404"),
                "{path}"
            );
        }

        let port = site
            .address
            .split([':', '/'])
            .nth(4)
            .unwrap()
            .parse()
            .unwrap();
        let error = start(&dist, port, "/").err().unwrap().to_string();
        assert!(error.contains("in use by another program"), "{error}");
        fs::remove_dir_all(outer).unwrap();
    }
}
