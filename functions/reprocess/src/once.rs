//! A request with an `Idempotency-Key` that comes again is answered as it was (`CATALOGUE RE-05`).
//!
//! One that was killed halfway is gone on with by its repetition: what it makes has names that
//! derive from the key and from the time at which the request came first.

use gancho_domain::{code::Code, ids::WorkspaceId, webhook::WebhookKey};
use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
};
use gancho_store::idempotency::{Begun, KeptAnswer, Once};
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    App,
    many::{self, Wanted},
    one,
};

/// The longest key.
const LONGEST: usize = 255;

/// The right to do what a request asks for.
#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    /// When it was asked for first.
    pub(crate) at: Timestamp,
    /// The text of the key.
    pub(crate) key: Option<String>,
}

/// What was done: a status and a body. A `status_url` in it becomes the `Location`.
pub(crate) type Done = (u16, Value);

/// What a request asks for.
#[derive(Debug)]
pub(crate) enum Asked {
    /// One run more of a webhook.
    Run(WebhookKey),
    /// A job.
    Job(Box<Wanted>),
}

/// Does what a request asks for, unless it was done or is under way.
pub(crate) async fn once(app: &App, call: &Call, ws: WorkspaceId, asked: Asked) -> Answer {
    let now = app.clock.now();
    let Some(once) = key(app, call, ws)? else {
        return make(app, call, asked, Ticket { at: now, key: None }).await.and_then(answer);
    };
    match app.store.begin_once(&once, now).await? {
        Begun::First(at) => {
            let ticket = Ticket { at, key: Some(once.key.clone()) };
            let made = make(app, call, asked, ticket).await;
            end(app, &once, made).await
        }
        Begun::Done(kept) => {
            let mut response = answer((kept.status, kept.body))?;
            http::header(&mut response, "idempotent-replayed", "true");
            Ok(response)
        }
        Begun::Mismatch => Err(ApiError::new(409, Code::IdempotencyMismatch)),
        Begun::Running => Err(ApiError::new(409, Code::IdempotencyInProgress)),
    }
}

async fn make(app: &App, call: &Call, asked: Asked, ticket: Ticket) -> Result<Done, ApiError> {
    match asked {
        Asked::Run(key) => one::reprocess(app, key, ticket).await,
        Asked::Job(wanted) => many::create(app, call, *wanted, ticket).await,
    }
}

async fn end(app: &App, once: &Once, made: Result<Done, ApiError>) -> Answer {
    match made {
        Ok((status, body)) => {
            let kept = KeptAnswer { status, body: body.clone(), version: None };
            // It is done; a repetition finds what it made by its derived name.
            if let Err(error) = app.store.finish_once(once, &kept).await {
                tracing::warn!(error.cause = %error, "an answer was not kept for its key");
            }
            answer((status, body))
        }
        // A fault of ours leaves open what happened: the key stays taken until its time is over.
        Err(error) if error.status >= 500 => Err(error),
        Err(error) => {
            app.store.abandon_once(once).await?;
            Err(error)
        }
    }
}

fn answer((status, body): Done) -> Answer {
    let mut response = http::json(status, &body)?;
    if let Some(place) = body.get("status_url").and_then(Value::as_str) {
        http::header(&mut response, "location", place);
    }
    Ok(response)
}

fn key(app: &App, call: &Call, ws: WorkspaceId) -> Result<Option<Once>, ApiError> {
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
    Ok(Some(Once::new(ws, key, &asked, app.writer())))
}
