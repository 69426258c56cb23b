//! `POST /v1/origins/{origin}/webhooks/{webhook}/reprocess`: one run more.

use gancho_domain::{
    common::{code::Code, job, workspace::Role},
    inbound::webhook::WebhookKey,
};
use gancho_edge::{
    http::{Answer, Call},
    problem::ApiError,
};
use gancho_store::{keys::sha256_hex, leases::Lease};
use serde_json::json;

use crate::{
    App,
    idempotency::{Done, Request, Reservation, once},
    messages,
};

/// 202 with the run's number; 409 while a run is under way, or where none can be made.
pub(crate) async fn post(app: &App, call: &Call) -> Answer {
    let workspace = call.workspace(Role::Operator)?;
    let key = WebhookKey { workspace, origin: call.id("origin")?, webhook: call.id("webhook")? };
    once(app, call, workspace, Request::Run(key)).await
}

/// Rings the next run, or the one that this very request had enqueued before it was killed.
pub(crate) async fn reprocess(
    app: &App,
    key: WebhookKey,
    reservation: Reservation,
) -> Result<Done, ApiError> {
    let now = app.clock.now();
    let found = app.store.webhook(&key, now).await?.ok_or_else(ApiError::not_found)?;
    let writer = writer(app, &reservation);
    if let Some(run) = asked_before(app, key, &reservation, &writer).await? {
        messages::run(app, key, run).await?;
        return Ok(done(key, run));
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
    if let Err(error) = messages::run(app, key, run).await {
        // A lease that cannot be given back ends by itself.
        if let Err(error) = app.store.free_lease(place, &lease).await {
            tracing::warn!(webhook.id = %key.webhook, error.cause = %error, "a lease was not freed");
        }
        return Err(error.into());
    }
    tracing::info!(
        workspace.id = %key.workspace, webhook.id = %key.webhook, run.number = run,
        "a run was asked for"
    );
    Ok(done(key, run))
}

/// Who asks: one for each request, the same for the same request again.
fn writer(app: &App, reservation: &Reservation) -> String {
    match &reservation.key {
        None => app.writer(),
        Some(key) => sha256_hex(format!("{}#{key}", reservation.at.as_millisecond()).as_bytes()),
    }
}

/// The run that a killed try of the same request had the lease of.
async fn asked_before(
    app: &App,
    key: WebhookKey,
    reservation: &Reservation,
    writer: &str,
) -> Result<Option<u32>, ApiError> {
    if reservation.key.is_none() {
        return Ok(None);
    }
    let lease = app.store.lease(key.workspace, key.webhook).await?;
    Ok(lease.filter(|lease| lease.writer == writer).map(|lease| lease.run))
}

fn done(key: WebhookKey, run: u32) -> Done {
    let status_url = format!("/v1/origins/{}/webhooks/{}", key.origin, key.webhook);
    (202, json!({ "webhook": key.webhook, "run": run, "status_url": status_url }))
}
