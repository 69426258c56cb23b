//! Stores a webhook as one row, byte for byte, before the response.

use gancho_domain::{
    common::{calendar, ids::WebhookId, mask::Known},
    inbound::{
        integration::{Dedupe, DedupeSource, Integration},
        verify::{Check, Place},
        webhook::{Received, Test, WebhookKey},
    },
};
use gancho_edge::{metrics::Metric, problem::ApiError};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{App, target::Target, trigger::Incoming};

/// The longest delivery id that is stored, in characters.
const DELIVERY_ID: usize = 512;

/// The id of a new webhook, in a random shard of its origin.
pub(crate) fn new_id(app: &App, target: &Target, now: Timestamp) -> WebhookId {
    let entropy = app.deps.ids.entropy();
    let shard = entropy.first().map_or(0, |byte| byte % target.write_shards);
    WebhookId::in_shard(now, shard, &entropy)
}

/// Stores the webhook. The body is not parsed here (`FACTS D13`).
pub(crate) async fn keep(
    app: &App,
    target: &Target,
    incoming: Incoming,
    (webhook, test): (WebhookId, Option<Test>),
) -> Result<(), ApiError> {
    let (received, body) = received(target, (webhook, test), incoming);
    app.store.put_webhook(&received, &body, webhook.key()).await?;
    app.deps.metrics.one(Metric::WebhooksAccepted);
    tracing::info!(
        workspace.id = %target.workspace,
        webhook.id = %webhook,
        integration.id = %received.integration,
        webhook.body_bytes = received.body_size,
        webhook.active = received.active,
        webhook.test = received.test.is_some(),
        "webhook accepted"
    );
    Ok(())
}

fn received(
    target: &Target,
    (webhook, test): (WebhookId, Option<Test>),
    incoming: Incoming,
) -> (Received, Vec<u8>) {
    let integration = &target.integration;
    let delivery_id = delivery_id(integration, &incoming.headers);
    let secrets = Known {
        names: integration.verification.iter().filter_map(secret_name).collect(),
        values: integration.verification.iter().flat_map(Check::secrets).collect(),
    };
    let Incoming { method, query, headers, source_ip, body, .. } = incoming;
    let received = Received {
        key: WebhookKey { workspace: target.workspace, origin: integration.origin, webhook },
        integration: integration.id,
        integration_name: integration.name.clone(),
        application: integration.application.clone(),
        active: integration.active,
        test,
        method,
        query: secrets.query(&query),
        headers: secrets.headers(headers),
        source_ip,
        delivery_id,
        body_size: body.len(),
        body_sha256: Sha256::digest(&body).into(),
        months: target.months,
        expires_at: calendar::expires_at(webhook.made_at(), target.months),
    };
    (received, body)
}

/// The header or query parameter from which a check reads a plain secret. A signature is not one.
fn secret_name(check: &Check) -> Option<&str> {
    match check {
        Check::Token(token) => Some(match &token.place {
            Place::Header(name) => name.as_str(),
            Place::Query(name) => name.as_str(),
        }),
        Check::Hotmart(hotmart) => Some(hotmart.header.as_str()),
        Check::Basic(_)
        | Check::Hmac(_)
        | Check::StandardWebhooks(_)
        | Check::Github(_)
        | Check::Stripe(_)
        | Check::Shopify(_)
        | Check::Meta(_)
        | Check::RespondIo(_) => None,
    }
}

/// The sender's own id of the delivery, if a header holds it. An id in the body is read later.
fn delivery_id(integration: &Integration, headers: &[(String, String)]) -> Option<String> {
    let Dedupe { source: DedupeSource::Header(name), .. } = integration.dedupe.as_ref()? else {
        return None;
    };
    let value = headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
    value
        .map(|(_, value)| value.chars().take(DELIVERY_ID).collect())
        .filter(|v: &String| !v.is_empty())
}
