//! `POST /v1/origins/{origin}/webhooks/{webhook}/reprocess`: reprocesses one webhook.

use gancho_domain::{
    common::{by::By, code::Code, ids::WebhookId, job},
    inbound::webhook::WebhookKey,
};
use gancho_edge::{
    by,
    http::{Answer, Call},
    idempotency::{self, Reply, Reservation},
    problem::ApiError,
};
use gancho_store::{keys::sha256_hex, leases::Lease};
use serde::Serialize;

use crate::{App, messages};

/// The response: the number of the enqueued run, and the path of its webhook.
#[derive(Debug, Serialize)]
struct EnqueuedRun {
    webhook: WebhookId,
    run: u32,
    status_url: String,
}

/// Answers 202 with the run's number; 409 while a run is in progress, or if none is possible.
pub(crate) async fn post(app: &App, call: &Call) -> Answer {
    let workspace = call.workspace;
    let key = WebhookKey { workspace, origin: call.id("origin")?, webhook: call.id("webhook")? };
    let request = async |reservation| {
        let by = by::of(&app.store, call).await?;
        reprocess(app, (key, by), reservation).await
    };
    let now = app.deps.clock.now();
    idempotency::execute(&app.store, call, (app.deps.ids.token(), now), request).await
}

/// Enqueues the next run, or the run that a killed execution of the same request had reserved.
async fn reprocess(
    app: &App,
    (key, by): (WebhookKey, Option<By>),
    reservation: Reservation,
) -> Result<Reply, ApiError> {
    let now = app.deps.clock.now();
    let found = app.store.webhook(&key, now).await?.ok_or_else(ApiError::not_found)?;
    let writer = writer(&reservation);
    if let Some(run) = reserved_run(app, key, &reservation, &writer).await? {
        messages::run(app, key, run, by).await?;
        return done(key, run);
    }
    let received = &found.webhook.received;
    let integration = app.store.integration(key.workspace, received.integration).await?;
    let run = job::next_run(received, &found.runs, integration.as_ref(), now);
    let run = run.map_err(|code| ApiError::new(409, code))?;
    let lease = Lease { run, writer };
    let place = (key.workspace, key.webhook);
    if !app.store.take_lease(place, &lease, now).await? {
        return Err(ApiError::new(409, Code::ReprocessInProgress));
    }
    if let Err(error) = messages::run(app, key, run, by).await {
        // A lease that cannot be freed expires.
        if let Err(error) = app.store.free_lease(place, &lease).await {
            tracing::warn!(webhook.id = %key.webhook, error.cause = %error, "a lease was not freed");
        }
        return Err(error.into());
    }
    tracing::info!(
        workspace.id = %key.workspace, webhook.id = %key.webhook, run.number = run,
        "run enqueued"
    );
    done(key, run)
}

/// The writer id of a request; a repetition of the request has the same one.
fn writer(reservation: &Reservation) -> String {
    match reservation.key() {
        None => reservation.writer.clone(),
        Some(key) => sha256_hex(format!("{}#{key}", reservation.at.as_millisecond()).as_bytes()),
    }
}

/// The run that a killed execution of the same request had leased.
async fn reserved_run(
    app: &App,
    key: WebhookKey,
    reservation: &Reservation,
    writer: &str,
) -> Result<Option<u32>, ApiError> {
    if reservation.key().is_none() {
        return Ok(None);
    }
    let lease = app.store.lease(key.workspace, key.webhook).await?;
    Ok(lease.filter(|lease| lease.writer == writer).map(|lease| lease.run))
}

fn done(key: WebhookKey, run: u32) -> Result<Reply, ApiError> {
    let status_url = format!("/v1/origins/{}/webhooks/{}", key.origin, key.webhook);
    Reply::of(202, &EnqueuedRun { webhook: key.webhook, run, status_url })
}
