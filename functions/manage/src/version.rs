//! `ETag` and `If-Match`: the quoted version of a resource.
//!
//! A write without `If-Match` is conditional on the version that it read itself. Of two concurrent
//! writes, one gets 409 in either case (`CATALOGUE TE-06`).

use gancho_domain::common::{
    by::{By, Changed},
    code::Code,
};
use gancho_edge::{
    http::{self, Answer, Call},
    idempotency::Reply,
    problem::ApiError,
};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use serde::Serialize;

/// A version in a list, with the time and author of the change that made it.
#[derive(Debug, Serialize)]
pub(crate) struct VersionView {
    version: u64,
    at: Option<Timestamp>,
    by: Option<By>,
}

impl VersionView {
    pub(crate) fn of(version: u64, changed: Option<Changed>) -> Self {
        let (at, by) = changed.map(|it| (it.at, it.by)).unzip();
        Self { version, at, by: by.flatten() }
    }

    /// Its place for a cursor.
    pub(crate) fn cursor(&self) -> [u8; 16] {
        u128::from(self.version).to_be_bytes()
    }
}

/// The version below which a page of versions begins.
pub(crate) fn of_cursor(place: [u8; 16]) -> u64 {
    u64::try_from(u128::from_be_bytes(place)).unwrap_or(0)
}

/// Refuses a request whose `If-Match` names another version.
pub(crate) fn check(call: &Call, version: u64) -> Result<(), ApiError> {
    match expected(call.header("if-match"))? {
        Some(expected) if expected != version => Err(conflict(version)),
        Some(_) | None => Ok(()),
    }
}

/// 409 `conflict`: the resource now has `version`.
pub(crate) fn conflict(version: u64) -> ApiError {
    ApiError::new(409, Code::Conflict).with("version", version)
}

/// A response with a resource and its `ETag`.
pub(crate) fn answer(status: u16, body: &impl Serialize, version: u64) -> Answer {
    let mut response = http::json(status, body)?;
    http::header(&mut response, "etag", &http::etag(version));
    Ok(response)
}

/// 201 for a new resource: `body`, and `kept` for replays, without the values shown only once.
pub(crate) fn created(
    body: &impl Serialize,
    kept: &impl Serialize,
    version: u64,
) -> Result<Reply, ApiError> {
    reply(201, body, kept, version)
}

/// A response to a `POST` with a resource and its version.
pub(crate) fn reply(
    status: u16,
    body: &impl Serialize,
    kept: &impl Serialize,
    version: u64,
) -> Result<Reply, ApiError> {
    let kept = serde_json::to_value(kept).map_err(ApiError::internal)?;
    Ok(Reply { kept, version: Some(version), ..Reply::of(status, body)? })
}

/// 204 without a body, for a deleted resource.
pub(crate) fn gone() -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = lambda_http::http::StatusCode::NO_CONTENT;
    response
}

fn expected(header: Option<&str>) -> Result<Option<u64>, ApiError> {
    let Some(text) = header.map(str::trim).filter(|text| *text != "*") else { return Ok(None) };
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let number = bare.parse().ok().filter(|_| bare.bytes().all(|b| b.is_ascii_digit()));
    number.map(Some).ok_or_else(|| ApiError::invalid("If-Match", "unknown_value"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn te_06_if_match_is_a_version_quoted_or_not() {
        assert_eq!(expected(None).unwrap(), None);
        assert_eq!(expected(Some("*")).unwrap(), None);
        assert_eq!(expected(Some("\"12\"")).unwrap(), Some(12));
        assert_eq!(expected(Some(" 12 ")).unwrap(), Some(12));
        for wrong in
            ["", "\"", "\"\"", "W/\"1\"", "+1", "-1", "1.0", "\"1\", \"2\"", "99999999999999999999"]
        {
            assert_eq!(expected(Some(wrong)).unwrap_err().params["path"], "If-Match", "{wrong}");
        }
    }
}
