//! One delivery: its attempts, its event, the exact request, and its resends.

use gancho_domain::{
    common::{
        ids::DeliveryId,
        workspace::{Role, Workspace},
    },
    outbound::{
        delivery::{Delivery, Trigger},
        event::Event,
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
use serde_json::{Value, json};

use crate::{
    App,
    request::{self, Parts},
    view::{Names, attempt},
};

/// The number of a subject's deliveries of one read.
const AT_ONCE: usize = 100;
/// The number of resends after which no further deliveries are read.
const RESENDS: usize = 200;

/// `GET /v1/deliveries/{delivery}`
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let ws = call.workspace(Role::Viewer)?;
    Query::of(call, &[])?;
    let (id, now) = (call.id("delivery")?, app.clock.now());
    let workspace = app.workspace(ws).await?;
    let found = app.store.delivery(ws, id, now).await?.ok_or_else(ApiError::not_found)?;
    let delivery = &found.delivery;
    let event = app.store.event(ws, &delivery.subject, delivery.event, now).await?;
    let request = request(app, &workspace, delivery, event.as_ref()).await?;
    let resends = resends(app, delivery, &workspace, now).await?;
    let names = Names::of(app, ws, [delivery]).await?;
    let mut view = names.summary(delivery);
    let attempts = delivery.attempts.iter().map(attempt).collect();
    view.insert("attempts".to_owned(), attempts);
    view.insert("attempt_under_way".to_owned(), json!(is_claimed(&found, now)));
    let kept = event.as_ref().map_or_else(|| json!({ "id": delivery.event }), event_view);
    view.insert("event".to_owned(), kept);
    view.insert("request".to_owned(), request);
    view.insert("resends".to_owned(), resends);
    view.insert("lane".to_owned(), json!(delivery.slot));
    http::json(200, &view)
}

fn is_claimed(stored: &StoredDelivery, now: Timestamp) -> bool {
    stored.claim.as_ref().is_some_and(|claim| now < claim.until)
}

/// The view of an event.
pub(crate) fn event_view(event: &Event) -> Value {
    json!({
        "id": event.id,
        "types": event.types,
        "subject": event.subject,
        "subject_status": event.subject_status,
        "occurred_at": event.occurred_at,
        "cause": event.cause,
        "data": event.data,
        "expires_at": event.expires_at,
    })
}

/// The request of the next attempt, or of the last attempt if none follows. `null` if the event,
/// the rule's version or the endpoint no longer exists.
async fn request(
    app: &App,
    workspace: &Workspace,
    delivery: &Delivery,
    event: Option<&Event>,
) -> Result<Value, ApiError> {
    let ws = workspace.id;
    let rule = app.store.rule_version(ws, delivery.rule, delivery.rule_version).await?;
    let endpoint = match delivery.target {
        Target::Endpoint(id) => app.store.endpoint(ws, id).await?,
        Target::Integration { .. } => None,
    };
    let gone = delivery.endpoint().is_some() && endpoint.is_none();
    let (Some(event), Some(rule), false) = (event, rule, gone) else { return Ok(Value::Null) };
    let parts = Parts { workspace, endpoint: endpoint.as_ref(), rule: &rule, event, delivery };
    let last = delivery.attempts.last().filter(|_| !delivery.state.is_open());
    let at = last.map_or_else(|| app.clock.now(), |last| last.started_at);
    let mut view = request::shown(&parts, at);
    // The endpoint's URL may have changed since (`FACTS D14`).
    if let (Some(map), Some(last)) = (view.as_object_mut(), last.filter(|it| !it.url.is_empty())) {
        map.insert("url".to_owned(), json!(last.url));
    }
    Ok(view)
}

/// The resends of a delivery, newest first, found among the later deliveries of its subject.
async fn resends(
    app: &App,
    delivery: &Delivery,
    workspace: &Workspace,
    now: Timestamp,
) -> Result<Value, ApiError> {
    let (ws, subject) = (workspace.id, delivery.subject.as_str());
    let mut found: Vec<Value> = Vec::new();
    let mut before: Option<DeliveryId> = None;
    while found.len() < RESENDS {
        let some = app.store.deliveries_of_subject(ws, subject, now, before, AT_ONCE).await?;
        let later = |it: &&StoredDelivery| it.delivery.id.made_at() >= delivery.id.made_at();
        let is_resend = |it: &&StoredDelivery| it.delivery.trigger == Trigger::Resend(delivery.id);
        found.extend(some.iter().filter(is_resend).map(|it| {
            let (id, state) = (it.delivery.id, it.delivery.state.name());
            json!({ "id": id, "created_at": id.made_at(), "state": state })
        }));
        match some.last().filter(later) {
            Some(last) => before = Some(last.delivery.id),
            None => break,
        }
    }
    Ok(Value::Array(found))
}
