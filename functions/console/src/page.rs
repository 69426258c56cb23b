//! The page of the application: `index.html` with a new nonce, and the headers that bind it. While
//! the local host builds the pages, a small page shows the step and reloads itself.

use gancho_edge::{
    http::{Answer, header},
    problem::ApiError,
};
use lambda_http::{
    Body, Request, Response,
    http::{Method, StatusCode},
};

use crate::{App, dist::Index, request};

/// The place of the nonce in `index.html`.
const PLACE: &str = r#"<meta name="csp-nonce" content="">"#;
/// The policy, with `NONCE` for the nonce.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; \
    style-src-elem 'self' 'nonce-NONCE'; style-src-attr 'none'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
    base-uri 'none'; require-trusted-types-for 'script'; trusted-types gancho; \
    report-uri /console/csp";
/// The policy of the page while there is no other.
const WAITING_POLICY: &str = "default-src 'none'; script-src 'nonce-NONCE'; \
    style-src 'nonce-NONCE'; img-src data:; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'none'; report-uri /console/csp";
const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), clipboard-read=()";
/// The page while there is no other. It reloads itself. A refresh without a script would not: at an
/// address with a fragment, such as the local link's, it only goes to the fragment. `NONCE` and the
/// comments are filled in.
const WAITING: &str = include_str!("waiting.html");
/// The command that builds the pages.
const RUN: &str = "cargo xtask console";

/// `GET /`: browsers go to the console, and nobody else finds anything.
pub(crate) fn home(request: &Request) -> Answer {
    let accepted = request::text(request, "accept").unwrap_or_default();
    if accepted.contains("text/html") { Ok(redirect()) } else { Err(ApiError::not_found()) }
}

/// `GET /console`.
pub(crate) fn redirect() -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::FOUND;
    header(&mut response, "location", "/console/");
    response
}

/// Every page.
pub(crate) fn show(app: &App, request: &Request) -> Response<Body> {
    let nonce = hex::encode(app.deps.ids.secret::<16>());
    let (ready, html) = match app.dist.index() {
        Index::Ready(index) => {
            let filled = format!(r#"<meta name="csp-nonce" content="{nonce}">"#);
            (true, index.replacen(PLACE, &filled, 1))
        }
        Index::Building(step) => (false, waiting(&nonce, &step)),
        Index::Missing(reason) => (false, missing(&nonce, &reason)),
    };
    let policy = if ready { POLICY } else { WAITING_POLICY };
    let is_head = request.method() == Method::HEAD;
    let mut response = Response::new(if is_head { Body::Empty } else { Body::Text(html) });
    if !ready {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        header(&mut response, "retry-after", "2");
    }
    header(&mut response, "content-type", "text/html; charset=utf-8");
    header(&mut response, "content-security-policy", &policy.replace("NONCE", &nonce));
    header(&mut response, "cross-origin-opener-policy", "same-origin");
    header(&mut response, "referrer-policy", "no-referrer");
    header(&mut response, "permissions-policy", PERMISSIONS);
    response
}

fn waiting(nonce: &str, step: &str) -> String {
    let [pt, en] = ["O console está sendo montado…", "The console is being built…"];
    filled(nonce, [pt, en], step)
}

fn missing(nonce: &str, reason: &str) -> String {
    let pt = format!("O console não está montado. Execute <code>{RUN}</code>.");
    let en = format!("The console is not built. Run <code>{RUN}</code>.");
    filled(nonce, [&pt, &en], reason)
}

/// The detail comes last: it is not our text.
fn filled(nonce: &str, [pt, en]: [&str; 2], detail: &str) -> String {
    let page = WAITING.replace("NONCE", nonce).replace("<!--pt-->", pt).replace("<!--en-->", en);
    page.replacen("<!--detail-->", &escaped(detail), 1)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waiting_page_is_small_in_both_languages_and_shows_markup_as_text() {
        let page = waiting("00ff", "<script>a & b");
        assert!(page.len() < 1_300, "{} bytes", page.len());
        assert!(page.contains("<pre>&lt;script&gt;a &amp; b</pre>"), "{page}");
        assert!(page.contains("sendo montado") && page.contains("is being built"), "{page}");
        assert_eq!(page.matches("nonce=\"00ff\"").count(), 2, "{page}");
        assert!(page.contains("location.reload()") && !page.contains("<script>"), "{page}");
        let page = missing("00ff", "no Python");
        assert!(
            page.contains("location.reload()") && page.contains("<pre>no Python</pre>"),
            "{page}"
        );
    }
}
