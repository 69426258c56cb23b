//! A webhook's body: the exact bytes as received, or the tree that a mapping reads
//! (`FACTS S1.11`, `CATALOGUE I2, HI-11`).
//!
//! The bytes are untrusted: the response is a download that no browser shows or runs, whatever its
//! original content type. A response holds at most [`PART`] bytes, because Lambda allows 6 MB and
//! base64 turns three bytes into four. A longer body is returned in parts (206, `content-range`,
//! and a `link` to the next).

use gancho_domain::inbound::{
    payload::{self, Request},
    webhook::Received,
};
use gancho_edge::{
    http::{Answer, Call, header},
    problem::ApiError,
};
use gancho_store::history::WebhookAndRuns;
use lambda_http::{Body, Response, http::StatusCode};

use crate::{
    App,
    show::{damage, header_of, key},
};

/// The most bytes of one response.
pub(crate) const PART: usize = 4_400_000;

/// The requested view and part of a payload.
#[derive(Debug, Default, PartialEq, Eq)]
struct Variant {
    tree: bool,
    offset: usize,
    length: Option<usize>,
}

impl Variant {
    fn read(query: &[(String, String)]) -> Result<Self, ApiError> {
        let mut variant = Self::default();
        for (name, value) in query {
            let number = || value.parse().map_err(|_| ApiError::invalid(name, "out_of_range"));
            match (name.as_str(), value.as_str()) {
                ("view", "json") => variant.tree = true,
                ("view", "raw") => variant.tree = false,
                ("view", _) => return Err(ApiError::invalid("view", "unknown_value")),
                ("offset", _) => variant.offset = number()?,
                ("length", _) => variant.length = Some(number()?).filter(|n| *n > 0),
                _ => return Err(ApiError::invalid(name, "unknown_field")),
            }
        }
        Ok(variant)
    }
}

/// `GET /v1/origins/{origin}/webhooks/{webhook}/payload`
pub(crate) async fn payload(app: &App, call: &Call) -> Answer {
    let (key, variant) = (key(call)?, Variant::read(&call.query)?);
    let found = app.store.webhook(&key, app.deps.clock.now()).await?;
    let WebhookAndRuns { mut webhook, .. } = found.ok_or_else(ApiError::not_found)?;
    let body = match app.store.body(&mut webhook).await {
        Ok(body) => body,
        Err(error) => return Err(ApiError::new(410, damage(error)?)),
    };
    let received = &webhook.received;
    if !variant.tree {
        let mut answer = part(&body, &variant, received)?;
        header(&mut answer, "content-type", "application/octet-stream");
        let file = format!("attachment; filename=\"{}.bin\"", key.webhook);
        header(&mut answer, "content-disposition", &file);
        if let Some(original) = header_of(received, "content-type") {
            header(&mut answer, "x-original-content-type", original);
        }
        return Ok(answer);
    }
    let integration = app.store.integration(key.workspace, received.integration).await?;
    let sniff = integration.is_some_and(|integration| integration.sniff_json);
    let mut answer = part(&tree(received, &body, sniff)?, &variant, received)?;
    header(&mut answer, "content-type", "application/json");
    // Otherwise lambda_http sends it as text: quotes would need two bytes, and a part may end
    // within a character.
    header(&mut answer, "content-encoding", "identity");
    Ok(answer)
}

/// The tree as JSON, with numbers and keys as received.
fn tree(received: &Received, body: &[u8], sniff: bool) -> Result<Vec<u8>, ApiError> {
    let values = |name: &str| -> Vec<&str> {
        let named = received.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    };
    let request = Request {
        content_types: &values("content-type"),
        content_encodings: &values("content-encoding"),
        query: &received.query,
        body,
        sniff,
    };
    let parsed = payload::parse(&request)
        .map_err(|error| ApiError { params: error.params(), ..ApiError::new(422, error.code()) })?;
    serde_json::to_vec(payload::view(&parsed)).map_err(ApiError::internal)
}

/// A response with the requested part of the bytes, and the headers that describe the part.
fn part(bytes: &[u8], variant: &Variant, received: &Received) -> Result<Response<Body>, ApiError> {
    let total = bytes.len();
    let length = variant.length.unwrap_or(PART).min(PART);
    let end = variant.offset.saturating_add(length).min(total);
    let slice = bytes.get(variant.offset..end);
    let slice = slice.ok_or_else(|| ApiError::invalid("offset", "out_of_range"))?;
    let whole = slice.len() == total;
    let mut answer = Response::new(Body::Binary(slice.to_vec()));
    if !whole {
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
        let last = end.saturating_sub(1);
        header(&mut answer, "content-range", &format!("bytes {}-{last}/{total}", variant.offset));
    }
    if end < total {
        header(&mut answer, "link", &next(received, variant, end));
    }
    header(&mut answer, "x-content-type-options", "nosniff");
    header(&mut answer, "content-security-policy", "sandbox; default-src 'none'");
    header(&mut answer, "cache-control", "private, no-store");
    Ok(answer)
}

fn next(received: &Received, variant: &Variant, offset: usize) -> String {
    let (origin, webhook) = (received.key.origin, received.key.webhook);
    let view = if variant.tree { "json" } else { "raw" };
    let length = variant.length.map(|length| format!("&length={length}")).unwrap_or_default();
    let query = format!("view={view}&offset={offset}{length}");
    format!("</v1/origins/{origin}/webhooks/{webhook}/payload?{query}>; rel=\"next\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Variant, ApiError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Variant::read(&pairs.iter().map(owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_part_is_selected_by_offset_and_length() {
        let variant = read(&[("offset", "10"), ("length", "5")]).unwrap();
        assert_eq!(variant, Variant { tree: false, offset: 10, length: Some(5) });
        for bad in [("offset", "-1"), ("length", "x"), ("view", "html"), ("page", "1")] {
            assert_eq!(read(&[bad]).unwrap_err().status, 422, "{bad:?}");
        }
    }
}
