//! A repeated `POST` with the same `Idempotency-Key` gets the first response (`CATALOGUE RE-05`).
//!
//! - The same key and the same request: the first response, for 24 hours, with
//!   `idempotent-replayed: true`. A value that is shown only once (an API key, a generated secret)
//!   is `null` in a replay, because it is not stored in clear.
//! - The same key and another request: 409 `idempotency_mismatch`.
//! - The first request is still running: 409 `idempotency_in_progress` with `Retry-After`. The
//!   reservation of a killed request ends after 30 s. Ids are derived from the key and from the
//!   time of the first request ([`Reservation::id`]), so a repeated request creates nothing twice.
//! - A refused request releases its key.

use gancho_domain::common::{
    code::Code,
    ids::{Entropy, WorkspaceId},
};
use gancho_store::{
    Store,
    idempotency::{IdempotencyKey, KeptAnswer, KeyState},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    http::{self, Answer, Call},
    problem::ApiError,
};

/// The maximum length of a key in bytes.
const LONGEST: usize = 255;

/// The response of a request that was executed.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body. Its `status_url`, if any, becomes the header `Location`.
    pub body: Value,
    /// The body that is stored for replays, without values that are shown only once.
    pub kept: Value,
    /// The version of the resource, for the header `ETag`.
    pub version: Option<u64>,
}

impl Reply {
    /// A response without values that are shown only once.
    pub fn new(status: u16, body: Value) -> Self {
        Self { status, kept: body.clone(), body, version: None }
    }

    /// A response with a typed body, without values that are shown only once.
    pub fn of(status: u16, body: &impl Serialize) -> Result<Self, ApiError> {
        serde_json::to_value(body).map(|body| Self::new(status, body)).map_err(ApiError::internal)
    }

    /// 201 for a new resource without values that are shown only once.
    pub fn created(body: Value, version: u64) -> Self {
        Self { version: Some(version), ..Self::new(201, body) }
    }

    /// The HTTP response.
    pub fn answer(&self) -> Answer {
        let mut response = http::json(self.status, &self.body)?;
        if let Some(version) = self.version {
            http::header(&mut response, "etag", &http::etag(version));
        }
        if let Some(place) = self.body.get("status_url").and_then(Value::as_str) {
            http::header(&mut response, "location", place);
        }
        Ok(response)
    }
}

/// The right to execute a request.
#[derive(Debug, Clone)]
pub struct Reservation {
    key: Option<IdempotencyKey>,
    /// The time of the first request with the key.
    pub at: Timestamp,
    /// The workspace; the zero id stands for the deployment.
    pub workspace: WorkspaceId,
    /// The random token of the request, which marks the rows that it writes.
    pub writer: String,
}

impl Reservation {
    /// The text of the key.
    pub fn key(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.key.as_str())
    }

    /// The id of a new resource. With a key it is derived from the key and `cause`: a repeated
    /// request gets the same id. Without a key it is new.
    pub fn id<T>(
        &self,
        new: impl FnOnce(Timestamp, &Entropy) -> T,
        derived: impl FnOnce(Timestamp, &[&str]) -> T,
        (entropy, cause): (Entropy, &[&str]),
    ) -> T {
        match self.key() {
            None => new(self.at, &entropy),
            Some(key) => {
                let mut all = vec!["once", key];
                all.extend(cause);
                derived(self.at, &all)
            }
        }
    }
}

/// Executes a request, or replies with the response that is stored for its `Idempotency-Key`.
/// `writer` is a new random token.
pub async fn execute(
    store: &Store,
    call: &Call,
    (writer, now): (String, Timestamp),
    request: impl AsyncFnOnce(Reservation) -> Result<Reply, ApiError>,
) -> Answer {
    let workspace = call.workspace;
    let key = header(call)?.map(|key| {
        let (path, body) = (call.request.uri().path(), call.request.body());
        let route = format!("{} {}", call.route.method, call.route.path);
        let content = [route.as_bytes(), path.as_bytes(), body.as_ref()];
        IdempotencyKey::new(workspace, key, &content, writer.clone())
    });
    execute_with(store, (key, workspace), (writer, now), request).await
}

/// Executes a request whose key the caller chose, as [`execute`] does.
pub async fn execute_with(
    store: &Store,
    (key, workspace): (Option<IdempotencyKey>, WorkspaceId),
    (writer, now): (String, Timestamp),
    request: impl AsyncFnOnce(Reservation) -> Result<Reply, ApiError>,
) -> Answer {
    let reservation = Reservation { key, at: now, workspace, writer };
    let Some(key) = reservation.key.clone() else { return request(reservation).await?.answer() };
    match store.begin_idempotent(&key, reservation.at).await? {
        KeyState::First(at) => {
            let result = request(Reservation { at, ..reservation }).await;
            end(store, &key, result).await
        }
        KeyState::Done(kept) => {
            let KeptAnswer { status, body, version } = kept;
            let mut response = Reply { status, body, kept: Value::Null, version }.answer()?;
            http::header(&mut response, "idempotent-replayed", "true");
            Ok(response)
        }
        KeyState::Mismatch => Err(ApiError::new(409, Code::IdempotencyMismatch)),
        KeyState::Running => Err(ApiError::new(409, Code::IdempotencyInProgress)),
    }
}

/// Responds, and stores the response for repeated requests.
async fn end(store: &Store, key: &IdempotencyKey, result: Result<Reply, ApiError>) -> Answer {
    match result {
        Ok(reply) => {
            let (status, body) = (reply.status, reply.kept.clone());
            let kept = KeptAnswer { status, body, version: reply.version };
            // If the response cannot be stored, a repeated request finds the resource by its
            // derived id.
            if let Err(error) = store.finish_idempotent(key, &kept).await {
                tracing::warn!(error.cause = %error, "the response was not stored for its key");
            }
            reply.answer()
        }
        // After an internal error the outcome is unknown: the reservation stays until it expires.
        Err(error) if error.status >= 500 => Err(error),
        Err(error) => {
            store.abandon_idempotent(key).await?;
            Err(error)
        }
    }
}

/// The header `Idempotency-Key`: 1 to 255 printable ASCII characters. A route of the table that is
/// not idempotent ignores it.
pub fn header(call: &Call) -> Result<Option<&str>, ApiError> {
    if !call.route.idempotent || !call.request.headers().contains_key("idempotency-key") {
        return Ok(None);
    }
    let key = call.header("idempotency-key").unwrap_or_default().trim();
    check(key).map(|()| Some(key))
}

fn check(key: &str) -> Result<(), ApiError> {
    if key.is_empty() {
        return Err(ApiError::invalid("Idempotency-Key", "required"));
    }
    if key.len() > LONGEST {
        return Err(ApiError::invalid("Idempotency-Key", "too_long").with("limit", LONGEST));
    }
    if !key.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(ApiError::invalid("Idempotency-Key", "unknown_value"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn re_05_a_malformed_key_is_refused_with_its_reason() {
        let reason = |key: &str| check(key).err().map(|error| error.params["reason"].clone());
        assert_eq!(reason("0123-abc"), None);
        assert_eq!(reason(&"k".repeat(LONGEST)), None);
        assert_eq!(reason("").as_deref(), Some("required"));
        assert_eq!(reason(&"k".repeat(LONGEST + 1)).as_deref(), Some("too_long"));
        for key in ["a\tb", "ação", "a\u{7f}"] {
            assert_eq!(reason(key).as_deref(), Some("unknown_value"), "{key:?}");
        }
    }
}
