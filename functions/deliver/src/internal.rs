//! Hands the event to an integration of the same workspace, without HTTP. It appears in both
//! histories (`FACTS D19`).

use gancho_domain::{
    common::{
        calendar,
        ids::{IntegrationId, OriginId},
        workspace::Workspace,
    },
    inbound::{
        integration::DedupeSource,
        webhook::{Received, WebhookKey},
    },
    outbound::{
        delivery::{Attempt, Delivery, Discarded, Failed, Outcome, State},
        event::Event,
        render,
        rule::Rule,
        sign,
    },
};
use gancho_store::StoreError;
use sha2::{Digest, Sha256};

use crate::{
    App, Error,
    claim::{AttemptResult, ClaimedDelivery},
    config::Inbound,
};

/// The header that names the event.
const EVENT: &str = "gancho-event";
/// The source address of such a webhook.
const SOURCE: &str = "gancho";

/// Writes a claimed delivery into the history of its integration.
pub(crate) async fn attempt(
    app: &App,
    claimed: &ClaimedDelivery,
    origin: OriginId,
    integration: IntegrationId,
) -> Result<AttemptResult, Error> {
    let (now, ws, delivery) = (app.now(), claimed.workspace, &claimed.delivery);
    let (workspace, inbound, rule, event) = futures::try_join!(
        app.configs.workspace(&app.store, ws, now),
        app.configs.inbound(&app.store, (ws, origin, integration), now),
        app.configs.rule(&app.store, (ws, delivery.rule, delivery.rule_version), now),
        app.store.event(ws, &delivery.subject, delivery.event, now),
    )?;
    let (Some(workspace), Some(inbound)) = (workspace, inbound) else {
        let reason = Discarded::EndpointDeleted;
        return claimed.record_state(app, State::Discarded { at: now, reason }).await;
    };
    let Some(rule) = rule else {
        let reason = Discarded::RuleDeleted;
        return claimed.record_state(app, State::Discarded { at: now, reason }).await;
    };
    let Some(event) = event else {
        return claimed
            .record_state(app, State::Failure { at: now, reason: Failed::Expired })
            .await;
    };
    let (received, body) = received(&workspace, &inbound, (&rule, &event, delivery));
    let webhook = received.key.webhook;
    match app.store.put_webhook(&received, &body, webhook.key()).await {
        // A failed condition: an earlier execution has written the same webhook.
        Ok(()) | Err(StoreError::Condition) => {}
        Err(error) => return Err(error.into()),
    }
    let attempt = Attempt {
        number: delivery.next_attempt(),
        started_at: now,
        duration_ms: u64::try_from(app.now().duration_since(now).as_millis()).unwrap_or(0),
        url: integration.to_string(),
        outcome: Outcome::HandedOver(webhook),
        excerpt: String::new(),
        retry_after: None,
        not_counted: false,
    };
    claimed.made(app, attempt, State::Success { at: app.now() }, &event.cause).await
}

/// Builds the webhook for the integration's history, and its body.
fn received(
    workspace: &Workspace,
    inbound: &Inbound,
    (rule, event, delivery): (&Rule, &Event, &Delivery),
) -> (Received, Vec<u8>) {
    let Inbound { origin, integration } = inbound;
    let body = render::body(workspace.id, event, delivery, &rule.body).to_string().into_bytes();
    // Derived from the delivery's own time and bytes: a second execution writes the same row.
    let shard = delivery.id.shard() % origin.write_shards.max(1);
    let at = delivery.id.made_at();
    let webhook = delivery.webhook_id(origin.id, integration.id, (at, shard));
    let headers = headers(event, delivery);
    let received = Received {
        key: WebhookKey { workspace: workspace.id, origin: origin.id, webhook },
        integration: integration.id,
        integration_name: integration.name.clone(),
        application: integration.application.clone(),
        active: integration.active,
        test: None,
        method: rule.method.as_str().to_owned(),
        query: String::new(),
        delivery_id: named_by(integration.dedupe.as_ref().map(|d| &d.source), &headers),
        headers,
        source_ip: SOURCE.to_owned(),
        body_size: body.len(),
        body_sha256: Sha256::digest(&body).into(),
        months: workspace.inbound_months,
        expires_at: calendar::expires_at(at, workspace.inbound_months),
    };
    (received, body)
}

fn headers(event: &Event, delivery: &Delivery) -> Vec<(String, String)> {
    let hops = delivery.hops.saturating_add(1).to_string();
    [
        ("content-type", "application/json".to_owned()),
        (sign::ID, delivery.id.to_string()),
        (render::HOPS, hops),
        (EVENT, event.id.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// The deduplication id, if the integration deduplicates by a header that is sent.
fn named_by(source: Option<&DedupeSource>, headers: &[(String, String)]) -> Option<String> {
    let Some(DedupeSource::Header(name)) = source else { return None };
    let header = headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
    header.map(|(_, value)| value.clone())
}
