//! `GET /v1/subjects/{subject}` and `GET /v1/subjects?key=`: everything about an order number, a deal
//! or a contact, inbound and outbound, newest first. An e-mail address or a phone number also finds
//! the webhooks of its contact.
//!
//! The ids of events, deliveries and webhooks contain their time. A page merges the newest items of
//! each kind below the cursor.

use std::{cmp::Reverse, collections::BTreeSet};

use gancho_domain::{
    common::ids::{
        ContactId, DealId, DeliveryId, EventId, IntegrationId, OriginId, WebhookId, WorkspaceId,
    },
    inbound::{
        filter,
        origin::Origin,
        webhook::{CrmAction, Status, status_of},
    },
    outbound::{
        delivery::Delivery,
        event::{Event, SUBJECT},
    },
};
use gancho_edge::{
    http::{self, Answer, Call},
    page::{List, Page, gather},
    problem::ApiError,
    query::Query,
    validate,
};
use gancho_store::{history::WebhookAndRuns, keys::config::ORIGINS};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    App,
    show::EventView,
    view::{ListedDelivery, Names, for_role},
};

/// A page of items with the subject.
#[derive(Debug, Serialize)]
struct SubjectPage<'a> {
    subject: &'a str,
    #[serde(flatten)]
    page: Page<SubjectItem<'a>>,
}

/// An item as the page shows it.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum SubjectItem<'a> {
    Event { at: Timestamp, event: EventView<'a> },
    Delivery { at: Timestamp, delivery: Box<ListedDelivery<'a>> },
    Webhook { at: Timestamp, webhook: WebhookView<'a> },
}

#[derive(Debug, Serialize)]
struct WebhookView<'a> {
    id: WebhookId,
    origin: OriginId,
    integration: IntegrationView<'a>,
    application: &'a str,
    status: Status,
    contact: Option<Effect<ContactId>>,
    deal: Option<Effect<DealId>>,
}

#[derive(Debug, Serialize)]
struct IntegrationView<'a> {
    id: IntegrationId,
    name: &'a str,
}

/// A contact or deal, and the action of the last run on it.
#[derive(Debug, Serialize)]
struct Effect<I> {
    id: I,
    action: CrmAction,
}

/// An item as it is read.
enum Item {
    Event(Event),
    Delivery(Delivery),
    Webhook(WebhookAndRuns),
}

/// A business key, and the lookup terms of the webhooks that name it.
#[derive(Debug, Clone, Copy)]
struct Subject<'a> {
    workspace: WorkspaceId,
    key: &'a str,
    terms: &'a BTreeSet<String>,
}

/// `GET /v1/subjects/{subject}`: a page of items. 404 for a text that no event can have.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let subject = call.path.get("subject").map_or("", String::as_str);
    let subject = validate::text("subject", subject, SUBJECT).map_err(|_| ApiError::not_found())?;
    page(app, call, Query::of(call, &["limit", "cursor"])?, &subject).await
}

/// `GET /v1/subjects?key=`: the same page. 422 for a text that no event can have.
pub(crate) async fn find(app: &App, call: &Call) -> Answer {
    let query = Query::of(call, &["key", "limit", "cursor"])?;
    let key = validate::text("key", query.text("key").unwrap_or_default(), SUBJECT)?;
    page(app, call, query, &key).await
}

async fn page(app: &App, call: &Call, query: Query<'_>, subject: &str) -> Answer {
    let ws = call.workspace;
    let workspace = app.workspace(ws).await?;
    let list = List { secret: &workspace.secret, name: &["subject", subject] };
    let below = list.after(&query, |bytes| bytes)?;
    let terms = filter::terms(subject, &workspace.default_region);
    let requested = Subject { workspace: ws, key: subject, terms: &terms };
    let fetch = |below, limit| newest(app, requested, below, limit);
    let mut slice = gather((below, query.limit()?), fetch, Item::id, |_| true).await?;
    for item in &mut slice.items {
        if let Item::Delivery(delivery) = item {
            for_role(call.caller.role, delivery);
        }
    }
    let names = Names::of(app, ws, slice.items.iter().filter_map(Item::delivery)).await?;
    let items = slice.items.iter().map(|item| item.view(&names)).collect();
    http::json(200, &SubjectPage { subject, page: list.page(&slice, items) })
}

impl Item {
    /// The bytes of its id, which begin with its time.
    fn id(&self) -> [u8; 16] {
        match self {
            Self::Event(event) => event.id.into(),
            Self::Delivery(delivery) => delivery.id.into(),
            Self::Webhook(found) => found.webhook.received.key.webhook.into(),
        }
    }

    fn delivery(&self) -> Option<&Delivery> {
        match self {
            Self::Delivery(delivery) => Some(delivery),
            Self::Event(_) | Self::Webhook(_) => None,
        }
    }

    fn view<'a>(&'a self, names: &'a Names) -> SubjectItem<'a> {
        match self {
            Self::Event(event) => {
                SubjectItem::Event { at: event.id.made_at(), event: EventView::of(event) }
            }
            Self::Delivery(delivery) => SubjectItem::Delivery {
                at: delivery.id.made_at(),
                delivery: Box::new(names.item(delivery)),
            },
            Self::Webhook(found) => SubjectItem::Webhook {
                at: found.webhook.received.received_at(),
                webhook: WebhookView::of(found),
            },
        }
    }
}

impl<'a> WebhookView<'a> {
    fn of(found: &'a WebhookAndRuns) -> Self {
        let (received, last) = (&found.webhook.received, found.runs.last());
        let (id, name) = (received.integration, received.integration_name.as_str());
        Self {
            id: received.key.webhook,
            origin: received.key.origin,
            integration: IntegrationView { id, name },
            application: &received.application,
            status: status_of(last),
            contact: last.and_then(|run| run.contact).map(|(id, action)| Effect { id, action }),
            deal: last.and_then(|run| run.deal).map(|(id, action)| Effect { id, action }),
        }
    }
}

/// The newest items of every kind below an id.
async fn newest(
    app: &App,
    requested: Subject<'_>,
    below: Option<[u8; 16]>,
    limit: usize,
) -> Result<Vec<Item>, ApiError> {
    let (ws, subject, now) = (requested.workspace, requested.key, app.deps.clock.now());
    let events = app.store.events_of(ws, subject, now, below.map(EventId::from_bytes), limit);
    let before = below.map(DeliveryId::from_bytes);
    let deliveries = app.store.deliveries_of_subject(ws, subject, now, before, limit);
    let webhooks = webhooks(app, requested, below, limit);
    let (events, deliveries, webhooks) = futures::try_join!(
        async { events.await.map_err(ApiError::from) },
        async { deliveries.await.map_err(ApiError::from) },
        webhooks,
    )?;
    let events = events.into_iter().map(Item::Event);
    let deliveries = deliveries.into_iter().map(|stored| Item::Delivery(stored.delivery));
    let mut all: Vec<Item> =
        events.chain(deliveries).chain(webhooks.into_iter().map(Item::Webhook)).collect();
    all.sort_by_key(|item| Reverse(item.id()));
    all.truncate(limit);
    Ok(all)
}

async fn webhooks(
    app: &App,
    requested: Subject<'_>,
    below: Option<[u8; 16]>,
    limit: usize,
) -> Result<Vec<WebhookAndRuns>, ApiError> {
    let ws = requested.workspace;
    let origins: Vec<Origin> = app.store.configured_list(ws, ORIGINS).await?;
    let origins: Vec<OriginId> = origins.into_iter().map(|origin| origin.id).collect();
    let page = (below.map(WebhookId::from_bytes), limit);
    Ok(app
        .store
        .webhooks_of((ws, &origins), (requested.key, requested.terms), page, app.deps.clock.now())
        .await?)
}
