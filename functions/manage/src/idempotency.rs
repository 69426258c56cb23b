//! A `POST` with an `Idempotency-Key` that comes again is answered as it was (`CATALOGUE RE-05`).
//!
//! - The same key and the same request: the same answer, for 24 hours, with
//!   `idempotent-replayed: true`. What is shown only once (an API key, a generated secret) is `null`
//!   then: it is kept nowhere in clear.
//! - The same key and another request: 409 `idempotency_mismatch`.
//! - While the first one runs: 409 `idempotency_in_progress` with `Retry-After`. One that was killed
//!   is over after 30 s; ids derive from the key, so that going on for it makes nothing twice.
//! - A refused request frees its key.

use gancho_domain::common::{
    code::Code,
    ids::{Entropy, WorkspaceId},
    workspace::Role,
};
use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
};
use gancho_store::idempotency::{IdempotencyKey, KeptAnswer, KeyState};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use serde_json::Value;

use crate::{
    App, endpoint_actions, endpoints, ingest_url, integrations, keys, origins, rules, version,
    workspaces,
};

/// The longest key.
const LONGEST: usize = 255;

/// What a `POST` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Post {
    Workspace,
    Origin,
    Integration,
    Duplicate,
    RotateUrl,
    Key,
    Endpoint,
    DuplicateEndpoint,
    Enable,
    Disable,
    RotateSecret,
    Rule,
    DuplicateRule,
}

/// What was made.
#[derive(Debug)]
pub(crate) struct Created {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The answer.
    pub(crate) body: Value,
    /// The answer without what is shown only once.
    pub(crate) kept: Value,
    /// The version of the thing.
    pub(crate) version: Option<u64>,
}

impl Created {
    /// Something new, with nothing to hide.
    pub(crate) fn plain(body: Value, version: u64) -> Self {
        Self { status: 201, kept: body.clone(), body, version: Some(version) }
    }
}

/// The right to do what a request asks for, now.
#[derive(Debug)]
pub(crate) struct Reservation {
    once: Option<IdempotencyKey>,
    /// When it was asked for first.
    pub(crate) at: Timestamp,
    /// Whose it is; the zero id stands for the deployment.
    pub(crate) ws: WorkspaceId,
    /// What the rows say about who wrote them.
    pub(crate) writer: String,
}

impl Reservation {
    /// The id of what is made: the same again when the same request goes on.
    pub(crate) fn id<T>(
        &self,
        app: &App,
        new: fn(Timestamp, &Entropy) -> T,
        derived: fn(Timestamp, &[&str]) -> T,
    ) -> T {
        match &self.once {
            None => new(self.at, &app.ids.entropy()),
            Some(once) => derived(self.at, &["once", &self.ws.key(), &once.key]),
        }
    }

    async fn end(self, app: &App, made: Result<Created, ApiError>) -> Answer {
        let Some(once) = &self.once else { return made.and_then(|made| made.answer()) };
        match made {
            Ok(made) => {
                let (status, body) = (made.status, made.kept.clone());
                let kept = KeptAnswer { status, body, version: made.version };
                // It is done; an answer that is not kept is found again by its derived id.
                if let Err(error) = app.store.finish_idempotent(once, &kept).await {
                    tracing::warn!(error.cause = %error, "an answer was not kept for its key");
                }
                made.answer()
            }
            // A fault of ours leaves open what happened: the key stays taken until its time is over.
            Err(error) if error.status >= 500 => Err(error),
            Err(error) => {
                app.store.abandon_idempotent(once).await?;
                Err(error)
            }
        }
    }
}

impl Created {
    fn answer(&self) -> Answer {
        match self.version {
            Some(version) => version::answer(self.status, &self.body, version),
            None => http::json(self.status, &self.body),
        }
    }
}

/// Answers a `POST`.
pub(crate) async fn post(app: &App, call: &Call, what: Post) -> Answer {
    let ws = scope(call, what)?;
    crate::query::Query::of(call, &[])?;
    let writer = app.writer();
    let now = app.clock.now();
    let Some(once) = once(call, ws, &writer)? else {
        let reservation = Reservation { once: None, at: now, ws, writer };
        let made = make(app, call, what, &reservation).await;
        return reservation.end(app, made).await;
    };
    match app.store.begin_idempotent(&once, now).await? {
        KeyState::First(at) => {
            let reservation = Reservation { once: Some(once), at, ws, writer };
            let made = make(app, call, what, &reservation).await;
            reservation.end(app, made).await
        }
        KeyState::Done(kept) => replayed(kept),
        KeyState::Mismatch => Err(ApiError::new(409, Code::IdempotencyMismatch)),
        KeyState::Running => Ok(in_progress(call)),
    }
}

async fn make(
    app: &App,
    call: &Call,
    what: Post,
    reservation: &Reservation,
) -> Result<Created, ApiError> {
    match what {
        Post::Workspace => workspaces::create(app, call, reservation).await,
        Post::Origin => origins::create(app, call, reservation).await,
        Post::Integration => integrations::create(app, call, reservation).await,
        Post::Duplicate => integrations::duplicate(app, call, reservation).await,
        Post::RotateUrl => ingest_url::rotate(app, call, reservation).await,
        Post::Key => keys::create(app, call, reservation).await,
        Post::Endpoint => endpoints::create(app, call, reservation).await,
        Post::DuplicateEndpoint => endpoints::duplicate(app, call, reservation).await,
        Post::Enable => endpoint_actions::enable(app, call, reservation).await,
        Post::Disable => endpoint_actions::disable(app, call, reservation).await,
        Post::RotateSecret => endpoints::rotate(app, call, reservation).await,
        Post::Rule => rules::create(app, call, reservation).await,
        Post::DuplicateRule => rules::duplicate(app, call, reservation).await,
    }
}

/// Whose request it is, when its role may make this.
fn scope(call: &Call, what: Post) -> Result<WorkspaceId, ApiError> {
    if what != Post::Workspace {
        return call.workspace(Role::Admin);
    }
    match call.caller.role {
        Role::Owner => Ok(WorkspaceId::from_bytes([0; 16])),
        Role::Viewer | Role::Operator | Role::Admin => {
            Err(ApiError::new(403, Code::Forbidden).with("role", "owner"))
        }
    }
}

fn once(call: &Call, ws: WorkspaceId, writer: &str) -> Result<Option<IdempotencyKey>, ApiError> {
    if !call.request.headers().contains_key("idempotency-key") {
        return Ok(None);
    }
    let key = call.header("idempotency-key").unwrap_or_default().trim();
    let good =
        (1..=LONGEST).contains(&key.len()) && key.bytes().all(|b| (b' '..=b'~').contains(&b));
    if !good {
        return Err(ApiError::invalid("Idempotency-Key", "unknown_value"));
    }
    let asked =
        [call.route.as_bytes(), call.request.uri().path().as_bytes(), call.request.body().as_ref()];
    Ok(Some(IdempotencyKey::new(ws, key, &asked, writer.to_owned())))
}

fn replayed(kept: KeptAnswer) -> Answer {
    let made =
        Created { status: kept.status, kept: Value::Null, body: kept.body, version: kept.version };
    let mut response = made.answer()?;
    http::header(&mut response, "idempotent-replayed", "true");
    Ok(response)
}

fn in_progress(call: &Call) -> Response<Body> {
    let error = ApiError::new(409, Code::IdempotencyInProgress);
    let mut response = Response::new(Body::Text(error.to_problem(call.language()).to_string()));
    *response.status_mut() = lambda_http::http::StatusCode::CONFLICT;
    http::header(&mut response, "content-type", "application/problem+json");
    http::header(&mut response, "retry-after", "2");
    response
}
