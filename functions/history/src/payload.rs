//! A webhook's body: the exact bytes as received, or the tree that a mapping reads
//! (`FACTS S1.11`, `CATALOGUE I2, HI-11`).
//!
//! The bytes are a stranger's: they are answered as a download that no browser shows or runs,
//! whatever they claim to be. An answer holds at most [`PART`] bytes, for Lambda takes 6 MB and
//! base64 makes three bytes four; what is longer is answered in parts (206, `content-range`, and a
//! `link` to the next).

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

/// Bytes of one answer.
pub(crate) const PART: usize = 4_400_000;

/// What of a payload is wanted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Variant {
    tree: bool,
    offset: usize,
    length: Option<usize>,
}

impl Variant {
    fn read(query: &[(String, String)]) -> Result<Self, ApiError> {
        let mut wanted = Self::default();
        for (name, value) in query {
            let number = || value.parse().map_err(|_| ApiError::invalid(name, "out_of_range"));
            match (name.as_str(), value.as_str()) {
                ("view", "json") => wanted.tree = true,
                ("view", "raw") => wanted.tree = false,
                ("view", _) => return Err(ApiError::invalid("view", "unknown_value")),
                ("offset", _) => wanted.offset = number()?,
                ("length", _) => wanted.length = Some(number()?).filter(|n| *n > 0),
                _ => return Err(ApiError::invalid(name, "unknown_field")),
            }
        }
        Ok(wanted)
    }
}

/// `GET /v1/origins/{origin}/webhooks/{webhook}/payload`
pub(crate) async fn payload(app: &App, call: &Call) -> Answer {
    let (key, wanted) = (key(call)?, Variant::read(&call.query)?);
    let found = app.store.webhook(&key, app.clock.now()).await?;
    let WebhookAndRuns { mut webhook, .. } = found.ok_or_else(ApiError::not_found)?;
    let body = match app.store.body(&mut webhook).await {
        Ok(body) => body,
        Err(error) => return Err(ApiError::new(410, damage(error)?)),
    };
    let received = &webhook.received;
    if !wanted.tree {
        let mut answer = part(&body, &wanted, received)?;
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
    let mut answer = part(&tree(received, &body, sniff)?, &wanted, received)?;
    header(&mut answer, "content-type", "application/json");
    // Else lambda_http sends it as text: quotes would count twice, and a part may end in a letter.
    header(&mut answer, "content-encoding", "identity");
    Ok(answer)
}

/// The tree as JSON, numbers and keys as they came.
fn tree(received: &Received, body: &[u8], sniff: bool) -> Result<Vec<u8>, ApiError> {
    let values = |name: &str| -> Vec<&str> {
        let mine = received.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        mine.map(|(_, value)| value.as_str()).collect()
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

/// A part of some bytes that fits in an answer, and headers that say which.
fn part(bytes: &[u8], wanted: &Variant, received: &Received) -> Result<Response<Body>, ApiError> {
    let total = bytes.len();
    let length = wanted.length.unwrap_or(PART).min(PART);
    let end = wanted.offset.saturating_add(length).min(total);
    let slice = bytes.get(wanted.offset..end);
    let slice = slice.ok_or_else(|| ApiError::invalid("offset", "out_of_range"))?;
    let whole = slice.len() == total;
    let mut answer = Response::new(Body::Binary(slice.to_vec()));
    if !whole {
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
        let last = end.saturating_sub(1);
        header(&mut answer, "content-range", &format!("bytes {}-{last}/{total}", wanted.offset));
    }
    if end < total {
        header(&mut answer, "link", &next(received, wanted, end));
    }
    header(&mut answer, "x-content-type-options", "nosniff");
    header(&mut answer, "content-security-policy", "sandbox; default-src 'none'");
    header(&mut answer, "cache-control", "private, no-store");
    Ok(answer)
}

fn next(received: &Received, wanted: &Variant, offset: usize) -> String {
    let (origin, webhook) = (received.key.origin, received.key.webhook);
    let view = if wanted.tree { "json" } else { "raw" };
    let length = wanted.length.map(|length| format!("&length={length}")).unwrap_or_default();
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
    fn a_part_is_asked_for_by_offset_and_length() {
        let wanted = read(&[("offset", "10"), ("length", "5")]).unwrap();
        assert_eq!(wanted, Variant { tree: false, offset: 10, length: Some(5) });
        for bad in [("offset", "-1"), ("length", "x"), ("view", "html"), ("page", "1")] {
            assert_eq!(read(&[bad]).unwrap_err().status, 422, "{bad:?}");
        }
    }
}
