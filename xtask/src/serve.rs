//! A static server for the built page, reachable from this machine only.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Redirect;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// A running server; it stops when this is dropped.
pub struct Site {
    /// Where the page is, ending in a slash.
    pub address: String,
    runtime: Runtime,
    server: JoinHandle<io::Result<()>>,
}

/// Serves until the person stops the program.
pub fn until_interrupted(dist: &Path, port: u16, open_browser: bool) -> Result<()> {
    let Site {
        address,
        runtime,
        server,
    } = start(dist, port, "/")?;
    println!("\n  {address}\n\nPress Ctrl+C to stop.");
    if open_browser && let Err(error) = open::that_detached(&address) {
        println!("The browser could not be opened ({error}): open the address yourself.");
    }
    runtime.block_on(server)?.context("the server stopped")
}

/// Serves `dist` under the path `base` (which begins and ends with a slash) of 127.0.0.1. Port 0
/// takes any free port.
pub fn start(dist: &Path, port: u16, base: &str) -> Result<Site> {
    let index = dist.join("index.html");
    let page = fs::read_to_string(&index).with_context(|| index.display().to_string())?;
    let pages = router(dist, base, security_policy(&page).as_deref())?;
    let runtime = Runtime::new().context("the server cannot start")?;
    let listening = runtime.block_on(TcpListener::bind(("127.0.0.1", port)));
    let listener = listening.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            anyhow!("port {port} is in use by another program. Choose another: `--port {}`, or `--port 0` for any free one", port.saturating_add(1))
        }
        _ => anyhow!("port {port} cannot be used: {error}"),
    })?;
    let ip = listener.local_addr()?;
    let server = runtime.spawn(async move { axum::serve(listener, pages).await });
    Ok(Site {
        address: format!("http://{ip}{base}"),
        runtime,
        server,
    })
}

/// The files of the page under `base`, and the headers they are sent with.
fn router(dist: &Path, base: &str, policy: Option<&str>) -> Result<Router> {
    let files = ServeDir::new(dist);
    let router = match base.trim_end_matches('/') {
        "" => Router::new().fallback_service(files),
        outer => {
            let to = base.to_owned();
            Router::new()
                .route(outer, get(|| async move { Redirect::permanent(&to) }))
                .nest_service(base, files)
        }
    };
    let headers = [
        (header::CACHE_CONTROL, Some("no-cache")),
        (header::X_CONTENT_TYPE_OPTIONS, Some("nosniff")),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    let sent = headers.into_iter();
    let mut sent = sent.filter_map(|(name, value)| Some((name, value?)));
    sent.try_fold(router, |router, (name, value)| {
        let value = HeaderValue::from_str(value).context("the page's policy is no header")?;
        Ok(router.layer(SetResponseHeaderLayer::overriding(name, value)))
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

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
    fn answers_all_who_come_at_once() {
        let dist = std::env::temp_dir().join(format!("moge-crowd-{}", std::process::id()));
        fs::create_dir_all(&dist).unwrap();
        fs::write(dist.join("index.html"), PAGE).unwrap();
        let site = start(&dist, 0, "/").unwrap();
        let host = site.address.split('/').nth(2).unwrap();
        // A browser opens six connections at once and keeps them.
        let connect = |_| TcpStream::connect(host).unwrap();
        let mut visitors: Vec<TcpStream> = (0..48).map(connect).collect();
        for visitor in &mut visitors {
            write!(visitor, "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
            visitor
                .set_read_timeout(Some(Duration::from_secs(20)))
                .unwrap();
        }
        for visitor in &mut visitors {
            let mut status = [0; 12];
            visitor.read_exact(&mut status).expect("an answer");
            assert_eq!(&status, b"HTTP/1.1 200");
        }
        fs::remove_dir_all(dist).unwrap();
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
            page.contains("content-security-policy: default-src 'self'; script-src 'self';"),
            "{page}"
        );
        assert!(page.contains("cache-control: no-cache"), "{page}");
        assert!(page.contains("x-content-type-options: nosniff"), "{page}");
        assert!(page.ends_with("<p>page"), "{page}");
        let wasm = get(&site.address, "/some/path/assets/a.wasm");
        assert!(wasm.contains("content-type: application/wasm"), "{wasm}");
        assert!(get(&site.address, "/some/path").contains("location: /some/path/"));
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
