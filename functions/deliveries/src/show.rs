//! One delivery: its attempts, its event, the exact request, and its resends.

use gancho_domain::{
    common::{
        ids::{DeliveryId, EventId},
        workspace::Workspace,
    },
    outbound::{
        delivery::{Delivery, Slot, StateName, Trigger},
        event::{Event, EventCause, EventType},
        rule::Target,
    },
};
use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
    query::Query,
};
use gancho_store::deliveries::StoredDelivery;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    App,
    request::{self, Parts, ShownRequest},
    view::{AttemptView, DeliveryView, Names, for_role},
};

/// The number of a subject's deliveries of one read.
const AT_ONCE: usize = 100;
/// The number of resends after which no further deliveries are read.
const RESENDS: usize = 200;

/// A delivery as the details show it.
#[derive(Debug, Serialize)]
struct DeliveryDetail<'a> {
    #[serde(flatten)]
    delivery: DeliveryView<'a, StoredEvent<'a>, Vec<AttemptView<'a>>>,
    attempt_under_way: bool,
    request: Option<ShownRequest>,
    resends: Vec<ResendView>,
    lane: Option<Slot>,
}

/// The event of a delivery; only its id if it has expired.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum StoredEvent<'a> {
    Stored(EventView<'a>),
    Expired { id: EventId },
}

/// An event.
#[derive(Debug, Serialize)]
pub(crate) struct EventView<'a> {
    id: EventId,
    types: &'a [EventType],
    subject: &'a str,
    subject_status: Option<&'a str>,
    occurred_at: Timestamp,
    cause: &'a EventCause,
    data: &'a Value,
    expires_at: Timestamp,
}

/// A resend of a delivery.
#[derive(Debug, Serialize)]
struct ResendView {
    id: DeliveryId,
    created_at: Timestamp,
    state: StateName,
}

/// `GET /v1/deliveries/{delivery}`
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let (id, now) = (call.id("delivery")?, app.deps.clock.now());
    let workspace = app.workspace(ws).await?;
    let mut found = app.store.delivery(ws, id, now).await?.ok_or_else(ApiError::not_found)?;
    for_role(call.caller.role, &mut found.delivery);
    let delivery = &found.delivery;
    let event = app.store.event(ws, &delivery.subject, delivery.event, now).await?;
    let mut request = request(app, &workspace, delivery, event.as_ref()).await?;
    if let Some(request) = &mut request {
        request.for_role(call.caller.role);
    }
    let resends = resends(app, delivery, &workspace, now).await?;
    let names = Names::of(app, ws, [delivery]).await?;
    let expired = StoredEvent::Expired { id: delivery.event };
    let event = event.as_ref().map_or(expired, |event| StoredEvent::Stored(EventView::of(event)));
    let attempts = delivery.attempts.iter().map(AttemptView::of).collect();
    let detail = DeliveryDetail {
        delivery: names.summary(delivery, event, attempts),
        attempt_under_way: is_claimed(&found, now),
        request,
        resends,
        lane: delivery.slot,
    };
    http::json(200, &detail)
}

fn is_claimed(stored: &StoredDelivery, now: Timestamp) -> bool {
    stored.claim.as_ref().is_some_and(|claim| now < claim.until)
}

impl<'a> EventView<'a> {
    /// The view of an event.
    pub(crate) fn of(event: &'a Event) -> Self {
        Self {
            id: event.id,
            types: &event.types,
            subject: &event.subject,
            subject_status: event.subject_status.as_deref(),
            occurred_at: event.occurred_at,
            cause: &event.cause,
            data: &event.data,
            expires_at: event.expires_at,
        }
    }
}

/// The request of the next attempt, or of the last attempt if none follows. `None` if the event,
/// the rule's version or the endpoint no longer exists.
async fn request(
    app: &App,
    workspace: &Workspace,
    delivery: &Delivery,
    event: Option<&Event>,
) -> Result<Option<ShownRequest>, ApiError> {
    let ws = workspace.id;
    let rule = app.store.rule_version(ws, delivery.rule, delivery.rule_version).await?;
    let endpoint = match delivery.target {
        Target::Endpoint(id) => app.store.endpoint(ws, id).await?,
        Target::Integration { .. } => None,
    };
    let gone = delivery.endpoint().is_some() && endpoint.is_none();
    let (Some(event), Some(rule), false) = (event, rule, gone) else { return Ok(None) };
    let parts = Parts { workspace, endpoint: endpoint.as_ref(), rule: &rule, event, delivery };
    let last = delivery.attempts.last().filter(|_| !delivery.state.is_open());
    let at = last.map_or_else(|| app.deps.clock.now(), |last| last.started_at);
    let mut shown = request::shown(&parts, at);
    // The endpoint's URL may have changed since (`FACTS D14`).
    if let Some(last) = last.filter(|it| !it.url.is_empty()) {
        shown.sent_to(&last.url);
    }
    Ok(Some(shown))
}

/// The resends of a delivery, newest first, found among the later deliveries of its subject.
async fn resends(
    app: &App,
    delivery: &Delivery,
    workspace: &Workspace,
    now: Timestamp,
) -> Result<Vec<ResendView>, ApiError> {
    let (ws, subject) = (workspace.id, delivery.subject.as_str());
    let mut found: Vec<ResendView> = Vec::new();
    let mut before: Option<DeliveryId> = None;
    while found.len() < RESENDS {
        let some = app.store.deliveries_of_subject(ws, subject, now, before, AT_ONCE).await?;
        let later = |it: &&StoredDelivery| it.delivery.id.made_at() >= delivery.id.made_at();
        let is_resend = |it: &&StoredDelivery| it.delivery.trigger == Trigger::Resend(delivery.id);
        found.extend(some.iter().filter(is_resend).map(|it| {
            let (id, state) = (it.delivery.id, it.delivery.state.name());
            ResendView { id, created_at: id.made_at(), state }
        }));
        match some.last().filter(later) {
            Some(last) => before = Some(last.delivery.id),
            None => break,
        }
    }
    Ok(found)
}
