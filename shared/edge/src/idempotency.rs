//! A `POST` with an `Idempotency-Key` that comes again is answered as it was (`CATALOGUE RE-05`).
//!
//! - The same key and the same request: the same answer, for 24 hours, with
//!   `idempotent-replayed: true`.
//! - The same key and another request: 409 `idempotency_mismatch`.
//! - While the first one runs: 409 `idempotency_in_progress`. One that was killed is gone on with by
//!   its repetition: what it makes has ids that derive from the key and from the time at which the
//!   request came first ([`Reservation::id`]), so that nothing is made twice.
//! - A refused request frees its key.

use gancho_domain::common::{
    code::Code,
    ids::{Entropy, WorkspaceId},
};
use gancho_store::{
    Store,
    idempotency::{IdempotencyKey, KeptAnswer, KeyState},
};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use serde_json::Value;

use crate::{
    http::{self, Answer, Call},
    problem::ApiError,
};

/// The longest key.
const LONGEST: usize = 255;

/// What becomes of a request.
#[derive(Debug)]
pub enum Turn {
    /// It is to be done; [`Reservation::end`] gives the answer.
    Mine(Reservation),
    /// It was done before: this is the answer.
    Answered(Box<Response<Body>>),
}

/// The right to do what a request asks for.
#[derive(Debug)]
pub struct Reservation {
    once: Option<IdempotencyKey>,
    /// When it was asked for first.
    pub at: Timestamp,
}

/// What was done: a status and a body. A `status_url` in it becomes the `Location`.
pub type Done = (u16, Value);

/// Begins a request, unless it ran or runs. `writer` is new for every request.
pub async fn begin(
    store: &Store,
    call: &Call,
    ws: WorkspaceId,
    writer: &str,
    now: Timestamp,
) -> Result<Turn, ApiError> {
    let Some(once) = key(call, ws, writer)? else {
        return Ok(Turn::Mine(Reservation { once: None, at: now }));
    };
    match store.begin_idempotent(&once, now).await? {
        KeyState::First(at) => Ok(Turn::Mine(Reservation { once: Some(once), at })),
        KeyState::Done(kept) => {
            let mut response = answer(kept.status, &kept.body)?;
            http::header(&mut response, "idempotent-replayed", "true");
            Ok(Turn::Answered(Box::new(response)))
        }
        KeyState::Mismatch => Err(ApiError::new(409, Code::IdempotencyMismatch)),
        KeyState::Running => Err(ApiError::new(409, Code::IdempotencyInProgress)),
    }
}

impl Reservation {
    /// The text of the key.
    pub fn key(&self) -> Option<&str> {
        self.once.as_ref().map(|once| once.key.as_str())
    }

    /// The id of what is made of `cause`: the same again when the same request goes on, else a new
    /// one.
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

    /// Answers, and keeps the answer for whoever asks again.
    pub async fn end(self, store: &Store, made: Result<Done, ApiError>) -> Answer {
        let Some(once) = &self.once else {
            return made.and_then(|(status, body)| answer(status, &body));
        };
        match made {
            Ok((status, body)) => {
                let response = answer(status, &body);
                let kept = KeptAnswer { status, body, version: None };
                // It is done; a repetition finds what it made by its derived id.
                if let Err(error) = store.finish_idempotent(once, &kept).await {
                    tracing::warn!(error.cause = %error, "an answer was not kept for its key");
                }
                response
            }
            // A fault of ours leaves open what happened: the key stays taken until its time is over.
            Err(error) if error.status >= 500 => Err(error),
            Err(error) => {
                store.abandon_idempotent(once).await?;
                Err(error)
            }
        }
    }
}

fn answer(status: u16, body: &Value) -> Answer {
    let mut response = http::json(status, body)?;
    if let Some(place) = body.get("status_url").and_then(Value::as_str) {
        http::header(&mut response, "location", place);
    }
    Ok(response)
}

fn key(call: &Call, ws: WorkspaceId, writer: &str) -> Result<Option<IdempotencyKey>, ApiError> {
    if !call.request.headers().contains_key("idempotency-key") {
        return Ok(None);
    }
    let key = call.header("idempotency-key").unwrap_or_default().trim();
    let plain = key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if !plain || !(1..=LONGEST).contains(&key.len()) {
        return Err(ApiError::invalid("Idempotency-Key", "unknown_value"));
    }
    let (path, body) = (call.request.uri().path(), call.request.body());
    let asked = [call.route.as_bytes(), path.as_bytes(), body.as_ref()];
    Ok(Some(IdempotencyKey::new(ws, key, &asked, writer.to_owned())))
}
