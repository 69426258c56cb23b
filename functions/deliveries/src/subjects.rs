//! `GET /v1/subjects/{subject}`: everything about an order number, a deal or a contact, inbound and
//! outbound, newest first.
//!
//! The ids of events, deliveries and webhooks contain their time. A page merges the newest items of
//! each kind below the cursor.

use std::cmp::Reverse;

use gancho_domain::{
    common::{
        ids::{DeliveryId, EventId, OriginId, WebhookId, WorkspaceId},
        workspace::Role,
    },
    inbound::{origin::Origin, webhook::status_of},
    outbound::event::SUBJECT,
};
use gancho_edge::{
    http::{self, Answer, Call},
    page::{List, Page, gather},
    problem::ApiError,
    query::Query,
};
use gancho_store::{deliveries::StoredDelivery, history::WebhookAndRuns, keys::config::ORIGINS};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{App, show::event_view, view::Names};

/// An item with the bytes of its id.
type Dated = ([u8; 16], Value);

/// A page of items with the subject.
#[derive(Serialize)]
struct SubjectPage<'a> {
    subject: &'a str,
    #[serde(flatten)]
    page: Page<Value>,
}

/// `GET /v1/subjects/{subject}`: a page of items.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let ws = call.workspace(Role::Viewer)?;
    let subject = call.path.get("subject").map_or("", String::as_str).trim();
    if subject.is_empty() || subject.chars().count() > SUBJECT {
        return Err(ApiError::not_found());
    }
    let query = Query::of(call, &["limit", "cursor"])?;
    let workspace = app.workspace(ws).await?;
    let list = List { secret: &workspace.secret, name: &["subject", subject] };
    let below = list.after(&query, |bytes| bytes)?;
    let fetch = |below, limit| newest(app, (ws, subject), below, limit);
    let slice = gather((below, query.limit()?), fetch, |(id, _)| *id, |_| true).await?;
    let items = slice.items.iter().map(|(_, item)| item.clone()).collect();
    http::json(200, &SubjectPage { subject, page: list.page(&slice, items) })
}

/// The newest items of every kind below an id.
async fn newest(
    app: &App,
    of: (WorkspaceId, &str),
    below: Option<[u8; 16]>,
    limit: usize,
) -> Result<Vec<Dated>, ApiError> {
    let (events, deliveries, webhooks) = futures::try_join!(
        events(app, of, below, limit),
        deliveries(app, of, below, limit),
        webhooks(app, of, below, limit),
    )?;
    let mut all: Vec<Dated> = events.into_iter().chain(deliveries).chain(webhooks).collect();
    all.sort_by_key(|(id, _)| Reverse(*id));
    all.truncate(limit);
    Ok(all)
}

async fn events(
    app: &App,
    (ws, subject): (WorkspaceId, &str),
    below: Option<[u8; 16]>,
    requested: usize,
) -> Result<Vec<Dated>, ApiError> {
    let (now, below) = (app.clock.now(), below.map(EventId::from_bytes));
    let found = app.store.events_of(ws, subject, now, below, requested).await?;
    let view =
        |event| json!({ "kind": "event", "at": event_at(&event), "event": event_view(&event) });
    Ok(found.into_iter().map(|event| (*event.id.as_bytes(), view(event))).collect())
}

fn event_at(event: &gancho_domain::outbound::event::Event) -> jiff::Timestamp {
    event.id.made_at()
}

async fn deliveries(
    app: &App,
    (ws, subject): (WorkspaceId, &str),
    below: Option<[u8; 16]>,
    requested: usize,
) -> Result<Vec<Dated>, ApiError> {
    let (now, below) = (app.clock.now(), below.map(DeliveryId::from_bytes));
    let found = app.store.deliveries_of_subject(ws, subject, now, below, requested).await?;
    let names = Names::of(app, ws, found.iter().map(|it| &it.delivery)).await?;
    let view = |StoredDelivery { delivery, .. }: &StoredDelivery| {
        let at = delivery.id.made_at();
        json!({ "kind": "delivery", "at": at, "delivery": names.item(delivery) })
    };
    Ok(found.iter().map(|it| (*it.delivery.id.as_bytes(), view(it))).collect())
}

async fn webhooks(
    app: &App,
    (ws, subject): (WorkspaceId, &str),
    below: Option<[u8; 16]>,
    requested: usize,
) -> Result<Vec<Dated>, ApiError> {
    let origins: Vec<Origin> = app.store.configured_list(ws, ORIGINS).await?;
    let origins: Vec<OriginId> = origins.into_iter().map(|origin| origin.id).collect();
    let page = (below.map(WebhookId::from_bytes), requested);
    let found = app.store.webhooks_of((ws, &origins), subject, page, app.clock.now()).await?;
    Ok(found.iter().map(webhook).collect())
}

fn webhook(found: &WebhookAndRuns) -> Dated {
    let received = &found.webhook.received;
    let last = found.runs.last();
    let view = json!({
        "kind": "webhook",
        "at": received.received_at(),
        "webhook": {
            "id": received.key.webhook,
            "origin": received.key.origin,
            "integration": { "id": received.integration, "name": received.integration_name },
            "application": received.application,
            "status": status_of(last),
            "contact": last.and_then(|run| run.contact).map(|(id, action)| json!({"id": id, "action": action})),
            "deal": last.and_then(|run| run.deal).map(|(id, action)| json!({"id": id, "action": action})),
        },
    });
    (*received.key.webhook.as_bytes(), view)
}
