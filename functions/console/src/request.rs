//! Properties of a browser's request: its origin, its scheme, its address and its cookie.
//!
//! A request that changes something must come from a page of the console: other sites cannot set
//! `x-gancho` or the content type without the consent of CORS, and browsers state the origin.

use std::net::IpAddr;

use gancho_domain::common::{code::Code, secret::Secret, session::LONGEST_SECONDS, token};
use gancho_edge::{http::source_ip, problem::ApiError};
use lambda_http::Request;

use crate::App;

/// The largest body of a request, in bytes.
const LARGEST: usize = 8 * 1024;

/// Refuses a request that may not have been sent by a page of the console.
pub(crate) fn from_console(app: &App, request: &Request) -> Result<(), ApiError> {
    let kind = text(request, "content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let origin = text(request, "origin");
    let own = origin.is_none_or(|origin| is_own(app, request, origin));
    if !kind.eq_ignore_ascii_case("application/json")
        || text(request, "x-gancho") != Some("console")
        || !own
    {
        return Err(ApiError::new(403, Code::NotFromConsole));
    }
    small(request)
}

/// Refuses a large body.
pub(crate) fn small(request: &Request) -> Result<(), ApiError> {
    if request.body().len() > LARGEST {
        return Err(ApiError::new(413, Code::PayloadTooLarge).with("limit", LARGEST));
    }
    Ok(())
}

fn is_own(app: &App, request: &Request, origin: &str) -> bool {
    let host = text(request, "host").unwrap_or_default();
    let scheme = if is_https(request) { "https" } else { "http" };
    origin == format!("{scheme}://{host}")
        || app.deps.settings.public_base_url.as_deref() == Some(origin)
}

/// Reports whether the browser speaks TLS. The gateway sets the header itself, and a deployed API
/// has TLS only: plain http is the local host.
pub(crate) fn is_https(request: &Request) -> bool {
    text(request, "x-forwarded-proto") != Some("http")
}

/// The text of a header.
pub(crate) fn text<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// The address that tries to sign in are counted by: an IPv4 address, or the network of an IPv6
/// address, since a machine has a whole network of those.
pub(crate) fn address(request: &Request) -> String {
    let source = source_ip(request).unwrap_or_default().to_owned();
    match source.parse() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(_) | Err(_) => source,
    }
}

/// The hash of the session's secret in the cookie.
pub(crate) fn session_hash(request: &Request) -> Option<String> {
    let name = cookie_name(request);
    let cookies = text(request, "cookie")?.split(';').filter_map(|one| one.trim().split_once('='));
    let mut own = cookies.filter(|(key, _)| *key == name).map(|(_, value)| value);
    own.find(|value| token::is_random(value)).map(token::hash)
}

/// The `Set-Cookie` of a new session.
pub(crate) fn cookie(request: &Request, secret: &Secret) -> String {
    spelled(request, secret.expose(), LONGEST_SECONDS)
}

/// The `Set-Cookie` that removes the cookie.
pub(crate) fn no_cookie(request: &Request) -> String {
    spelled(request, "", 0)
}

/// Browsers take a `__Host-` cookie only over TLS, for the whole host, and from the host itself.
/// Cookies do not know ports, so that the local host's name has it.
fn cookie_name(request: &Request) -> String {
    if is_https(request) {
        return "__Host-gancho".to_owned();
    }
    let host = text(request, "host").unwrap_or_default();
    let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
    let digits: String = port.chars().filter(char::is_ascii_digit).collect();
    format!("gancho-{digits}")
}

fn spelled(request: &Request, value: &str, seconds: i64) -> String {
    let name = cookie_name(request);
    let secure = if is_https(request) { "Secure; " } else { "" };
    format!("{name}={value}; {secure}HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}")
}
