//! The files of the application. Most names have a hash of the content, so that browsers keep them
//! for ever. An unknown name is 404, never the page: a missing script is not HTML.

use std::io::Read;

use flate2::read::GzDecoder;
use gancho_edge::{
    http::{Answer, header},
    problem::ApiError,
};
use lambda_http::{Body, Request, Response, http::Method};

use crate::{App, dist::Encoding, request};

/// `GET /console/assets/{name}`.
pub(crate) fn show(app: &App, request: &Request, name: &str) -> Answer {
    let accepted = request::text(request, "accept-encoding").unwrap_or_default();
    let (bytes, encoding) = if accepts(accepted, "br") {
        (app.dist.asset(name, Encoding::Brotli), Some("br"))
    } else if accepts(accepted, "gzip") {
        (app.dist.asset(name, Encoding::Gzip), Some("gzip"))
    } else {
        let packed = app.dist.asset(name, Encoding::Gzip);
        (packed.map(|packed| unpacked(&packed)).transpose()?, None)
    };
    let bytes = bytes.ok_or_else(ApiError::not_found)?;
    let is_head = request.method() == Method::HEAD;
    let mut response = Response::new(if is_head { Body::Empty } else { Body::Binary(bytes) });
    header(&mut response, "content-type", content_type(name));
    header(&mut response, "cache-control", lifetime(name));
    header(&mut response, "vary", "accept-encoding");
    if let Some(encoding) = encoding {
        header(&mut response, "content-encoding", encoding);
    }
    Ok(response)
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut bytes).map_err(ApiError::internal)?;
    Ok(bytes)
}

/// Reports whether `Accept-Encoding` has a coding with a weight above zero.
fn accepts(header: &str, coding: &str) -> bool {
    header.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.trim().parse::<f32>().ok());
        is_named && weight.is_none_or(|weight| weight > 0.0)
    })
}

/// The caching of a file. One without a hash, such as `licences.txt`, is another after a deployment.
fn lifetime(name: &str) -> &'static str {
    if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// The length of the hash that the bundler puts behind the last hyphen.
const HASH: usize = 8;

/// Reports whether a name has a hash of its content: `app-CkjQJWc2.js`. The hash can have hyphens.
fn is_hashed(name: &str) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let parts = stem.len().checked_sub(HASH + 1).and_then(|at| stem.split_at_checked(at));
    parts.and_then(|(_, hash)| hash.strip_prefix('-')).is_some_and(|hash| {
        hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_with_a_hash_is_kept_for_ever() {
        for name in ["app-CkjQJWc2.js", "rolldown-runtime-WkwZ5C-_.js", "a-y2LKSKs5.js"] {
            assert!(lifetime(name).ends_with("immutable"), "{name}");
        }
        for name in ["licences.txt", "app.js", "app-CkjQ.js", "appCkjQJWc2.js", "-é12345.js", ""] {
            assert_eq!(lifetime(name), "no-cache", "{name}");
        }
    }

    #[test]
    fn a_coding_is_accepted_unless_its_weight_is_zero() {
        for header in ["br", "gzip, deflate, br, zstd", "gzip;q=1.0, BR;q=0.1", " br ;q=1"] {
            assert!(accepts(header, "br"), "{header}");
        }
        for header in ["", "gzip", "brotli", "br;q=0", "br; q=0.0", "*"] {
            assert!(!accepts(header, "br"), "{header}");
        }
    }
}
