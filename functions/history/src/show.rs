//! The details of one webhook (`FACTS S1.11`).

use gancho_domain::{
    common::code::Code,
    inbound::webhook::{Received, Run, WebhookKey},
};
use gancho_edge::{
    http::{self, Answer, Call, Pair},
    problem::ApiError,
    query::Query,
};
use gancho_store::{StoreError, history::WebhookAndRuns, keys};
use serde::Serialize;

use crate::{
    App,
    view::{Names, Requested, RunView, WebhookView},
};

/// A webhook as the details show it.
#[derive(Debug, Serialize)]
struct WebhookDetail<'a> {
    #[serde(flatten)]
    webhook: WebhookView<'a, Vec<RunView<'a>>>,
    headers: Vec<Pair<&'a str>>,
    query: &'a str,
    source_ip: &'a str,
    delivery_id: Option<&'a str>,
    retention_months: u8,
    seen: Option<u64>,
    payload: PayloadView<'a>,
}

/// The body: size, checksum, the path of its bytes, and the reason if they are lost or changed.
#[derive(Debug, Serialize)]
struct PayloadView<'a> {
    size: usize,
    sha256: String,
    content_type: Option<&'a str>,
    href: String,
    error: Option<Code>,
}

/// The webhook of the path, if the caller may read it.
pub(crate) fn key(call: &Call) -> Result<WebhookKey, ApiError> {
    let workspace = call.workspace;
    Ok(WebhookKey { workspace, origin: call.id("origin")?, webhook: call.id("webhook")? })
}

/// `GET /v1/origins/{origin}/webhooks/{webhook}`
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    Query::of(call, &[])?;
    let (key, now) = (key(call)?, app.deps.clock.now());
    let found = app.store.webhook(&key, now).await?.ok_or_else(ApiError::not_found)?;
    let WebhookAndRuns { mut webhook, runs } = found;
    // A webhook with a lost body is still shown; `payload.error` holds the reason.
    let unreadable = match app.store.body(&mut webhook).await {
        Ok(_) => None,
        Err(error) => Some(damage(error)?),
    };
    let received = &webhook.received;
    let mut names = Names::default();
    names.learn(app, key.workspace, std::iter::once(received)).await?;
    let requested = Requested::of(app, key.workspace, &[key.webhook]).await?;
    let language = call.language();
    let delivery_id = delivery_id(received, &runs);
    let shown = runs.iter().map(|it| RunView::new(it, language)).collect();
    let shown = (shown, requested.is_under_way(key.webhook, &runs));
    let detail = WebhookDetail {
        webhook: names.summary(received, &runs, shown, language),
        headers: received.headers.iter().map(Pair::from).collect(),
        query: &received.query,
        source_ip: &received.source_ip,
        delivery_id,
        retention_months: received.months,
        seen: seen(app, received, delivery_id).await?,
        payload: PayloadView::of(received, unreadable),
    };
    http::json(200, &detail)
}

/// The code of a lost or changed body. Other errors are API errors.
pub(crate) fn damage(error: StoreError) -> Result<Code, ApiError> {
    match error {
        StoreError::BodyMissing => Ok(Code::PayloadMissing),
        StoreError::BodyChanged => Ok(Code::ChecksumMismatch),
        StoreError::Condition
        | StoreError::Busy(_)
        | StoreError::TooLarge
        | StoreError::Corrupt(_)
        | StoreError::Unavailable(_) => Err(error.into()),
    }
}

/// The first value of a header.
pub(crate) fn header_of<'a>(received: &'a Received, name: &str) -> Option<&'a str> {
    let mut found = received.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.as_str())
}

impl<'a> PayloadView<'a> {
    fn of(received: &'a Received, error: Option<Code>) -> Self {
        let key = &received.key;
        Self {
            size: received.body_size,
            sha256: hex::encode(received.body_sha256),
            content_type: header_of(received, "content-type"),
            href: format!("/v1/origins/{}/webhooks/{}/payload", key.origin, key.webhook),
            error,
        }
    }
}

/// The sender's own id of the delivery: from a header, else from the last run that read one.
fn delivery_id<'a>(received: &'a Received, runs: &'a [Run]) -> Option<&'a str> {
    let read = || runs.iter().rev().find_map(|run| run.delivery_id.as_deref());
    received.delivery_id.as_deref().or_else(read)
}

/// The number of webhooks received with this delivery id while it was claimed, including this one
/// (`FACTS D18`). `None` for a duplicate and for a webhook without an id.
async fn seen(
    app: &App,
    received: &Received,
    delivery_id: Option<&str>,
) -> Result<Option<u64>, ApiError> {
    let (Some(id), false) = (delivery_id, app.store.tables().coordination.is_empty()) else {
        return Ok(None);
    };
    let key = keys::coordination::claim(received.key.workspace, received.integration, id);
    let claim = app.store.claim(&key, app.deps.clock.now()).await?;
    Ok(claim.filter(|claim| claim.webhook == received.key.webhook).map(|claim| claim.seen))
}
