//! The pages of the web console: paths, headers, encodings, and the reports of browsers.

use std::{io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};
use gancho_edge::metrics::Metric;
use reqwest::{Method, RequestBuilder, Response, redirect::Policy};
use serde_json::json;
use tests::World;

const INDEX: &str = r#"<!doctype html><meta name="csp-nonce" content=""><div id="root"></div>"#;
const SCRIPT: &str = "console.log(1)";

fn gzip(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

/// A folder as `webbuild` leaves it. The brotli file is not looked into here.
fn built(folder: &Path) {
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    std::fs::write(folder.join("index.html"), INDEX).unwrap();
    for (name, text) in [("app-1a_b2-3d.js", SCRIPT), ("licences.txt", "MIT")] {
        std::fs::write(folder.join(format!("assets/{name}")), text).unwrap();
        std::fs::write(folder.join(format!("assets/{name}.br")), "brotli").unwrap();
        std::fs::write(folder.join(format!("assets/{name}.gz")), gzip(text)).unwrap();
    }
}

struct Pages {
    world: World,
    folder: tempfile::TempDir,
    http: reqwest::Client,
}

impl Pages {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        built(&folder.path().join("dist"));
        let (dist, build) = (folder.path().join("dist"), folder.path().join("build"));
        let world =
            World::with(|host| host.console_assets(dist).console_build(build).keep_metrics(true))
                .await;
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { world, folder, http }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.world.host.base_url()))
    }

    async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_browser_is_sent_to_the_console_and_nobody_else() {
    let pages = Pages::new().await;
    for (path, accept) in [("/", "text/html,*/*;q=0.8"), ("/console", "*/*")] {
        let answer =
            pages.request(Method::GET, path).header("accept", accept).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), header(&answer, "location")), (302, "/console/"));
        assert_eq!(header(&answer, "cache-control"), "no-store");
    }
    let answer = pages.request(Method::GET, "/").header("accept", "*/*").send().await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(header(&answer, "content-type"), "application/problem+json");
}

#[tokio::test]
async fn every_page_has_its_headers_and_a_nonce_of_its_own() {
    let pages = Pages::new().await;
    let mut nonces = std::collections::BTreeSet::new();
    let paths =
        ["/console/", "/console/sign-in", "/console/w/ws_1/origins/a%2Fb?q=%22", "/console/é"];
    for path in paths {
        let answer = pages.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        let policy = header(&answer, "content-security-policy").to_owned();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        assert_eq!(nonce.len(), 32, "128 bits");
        let expected = format!(
            "default-src 'none'; script-src 'self'; worker-src 'self'; \
             style-src-elem 'self' 'nonce-{nonce}'; style-src-attr 'none'; img-src 'self' data:; \
             font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
             base-uri 'none'; require-trusted-types-for 'script'; trusted-types gancho; \
             report-uri /console/csp"
        );
        assert_eq!(policy, expected);
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("permissions-policy", "camera=(), microphone=(), geolocation=(), clipboard-read=()"),
            // Plain http: browsers would ignore it.
            ("strict-transport-security", ""),
            ("access-control-allow-origin", ""),
        ] {
            assert_eq!(header(&answer, name), value, "{path} {name}");
        }
        let html = answer.text().await.unwrap();
        assert_eq!(html, INDEX.replace("content=\"\"", &format!("content=\"{nonce}\"")));
        nonces.insert(nonce);
    }
    assert_eq!(nonces.len(), paths.len());
    let head = pages.request(Method::HEAD, "/console/sign-in").send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), header(&head, "content-type")),
        (200, "text/html; charset=utf-8")
    );
    let posted = pages.request(Method::POST, "/console/w/ws_1").send().await.unwrap();
    assert_eq!((posted.status().as_u16(), header(&posted, "allow")), (405, "GET, HEAD"));
}

#[tokio::test]
async fn files_come_in_the_best_encoding_and_an_unknown_one_is_never_the_page() {
    let pages = Pages::new().await;
    let get = |path: &'static str, accepted: &'static str| {
        pages.request(Method::GET, path).header("accept-encoding", accepted).send()
    };
    let gzipped = gzip(SCRIPT);
    let table: [(&str, &str, &[u8]); 4] = [
        ("gzip, deflate, br", "br", b"brotli"),
        ("gzip", "gzip", &gzipped),
        ("identity", "", SCRIPT.as_bytes()),
        ("br;q=0, gzip;q=0.5", "gzip", &gzipped),
    ];
    for (accepted, encoding, bytes) in table {
        let answer = get("/console/assets/app-1a_b2-3d.js", accepted).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "content-encoding"), encoding, "{accepted}");
        assert_eq!(header(&answer, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(header(&answer, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(header(&answer, "vary"), "accept-encoding");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(answer.bytes().await.unwrap(), bytes);
    }
    let licences = get("/console/assets/licences.txt", "br").await.unwrap();
    assert_eq!(header(&licences, "cache-control"), "no-cache");
    for path in [
        "/console/assets",
        "/console/assets/",
        "/console/assets/app-1a_b2-3d.js.map",
        "/console/assets/app-1a_b2-3d.js.br",
        "/console/assets/../index.html",
        "/console/assets/..%2Findex.html",
        "/console/assets/a/app-1a_b2-3d.js",
        "/console/assets/%00",
    ] {
        // The client itself would shorten the path with the dots.
        let answer = get(path, "br").await.unwrap();
        if answer.url().path().starts_with("/console/assets") {
            assert_eq!(answer.status(), 404, "{path}");
            assert_eq!(header(&answer, "content-type"), "application/problem+json", "{path}");
            assert_eq!(header(&answer, "cache-control"), "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn while_the_pages_are_built_a_page_shows_the_step() {
    let pages = Pages::new().await;
    let build = pages.folder.path().join("build");
    std::fs::write(&build, "building\nnpm ci").unwrap();
    let answer = pages.get("/console/w/ws_1").await;
    assert_eq!((answer.status().as_u16(), header(&answer, "retry-after")), (503, "2"));
    let policy = header(&answer, "content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'nonce-"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    let html = answer.text().await.unwrap();
    assert!(html.contains("<pre>npm ci</pre>") && asks_again(&html), "{html}");
    assert!(html.contains("sendo montado") && html.contains("is being built"), "{html}");
    assert_eq!(html.matches(&format!("nonce=\"{nonce}\"")).count(), 2, "{html}");
    std::fs::remove_file(&build).unwrap();
    assert_eq!(pages.get("/console/w/ws_1").await.status(), 200);
}

#[tokio::test]
async fn after_a_failed_build_a_page_shows_why_and_what_to_run_until_it_was_run() {
    let pages = Pages::new().await;
    let index = pages.folder.path().join("dist/index.html");
    std::fs::remove_file(&index).unwrap();
    std::fs::write(pages.folder.path().join("build"), "failed\nno <network>").unwrap();
    let answer = pages.get("/console/").await;
    assert_eq!(answer.status(), 503);
    let html = answer.text().await.unwrap();
    assert!(html.contains("<pre>no &lt;network&gt;</pre>") && asks_again(&html), "{html}");
    assert_eq!(html.matches("<code>cargo xtask console</code>").count(), 2, "{html}");
    std::fs::write(&index, INDEX).unwrap();
    assert_eq!(pages.get("/console/").await.status(), 200);
}

#[tokio::test]
async fn a_host_that_builds_no_pages_says_what_to_run() {
    let pages = Pages::new().await;
    std::fs::remove_file(pages.folder.path().join("dist/index.html")).unwrap();
    let answer = pages.get("/console/").await;
    assert_eq!(answer.status(), 503);
    let html = answer.text().await.unwrap();
    assert!(html.contains("cargo xtask console") && asks_again(&html), "{html}");
}

/// The page loads itself anew, with the fragment in its address and without a script too.
fn asks_again(html: &str) -> bool {
    html.contains("setTimeout(() => location.reload(), 2000)")
        && html.contains(r#"<noscript><meta http-equiv="refresh" content="2"></noscript>"#)
}

#[tokio::test]
async fn a_report_about_the_policy_is_counted_and_a_large_one_refused() {
    let pages = Pages::new().await;
    let send = |body: String| {
        let request = pages.request(Method::POST, "/console/csp");
        request.header("content-type", "application/csp-report").body(body).send()
    };
    let report = |directive: &str| {
        let report = json!({"effective-directive": directive, "blocked-uri": "https://evil.example/x",
            "document-uri": "https://a/console/?q=ana"});
        json!({"csp-report": report}).to_string()
    };
    assert_eq!(send(report("script-src-elem")).await.unwrap().status(), 204);
    assert_eq!(send(report("img-src")).await.unwrap().status(), 204);
    assert_eq!(send("not json".to_owned()).await.unwrap().status(), 204);
    assert_eq!(
        send(format!("{}{}", report("img-src"), " ".repeat(8_192))).await.unwrap().status(),
        413
    );
    assert_eq!(pages.world.host.metrics().sum(Metric::CspReports, None), 2);
}
