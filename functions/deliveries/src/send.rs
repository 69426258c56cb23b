//! `POST /v1/deliveries/send`: sends a stored event by hand (`FACTS S2.7`).
//!
//! - Subject and type: the newest stored event of both, by every active rule that takes it.
//! - Subject and rule: the newest event of the subject that the rule takes, even if the rule is not
//!   active, because the request names it.
//! - All three: the newest event of subject and type that the rule takes.
//!
//! New deliveries are dated now; older ones do not change. They contain the subject's present
//! status: the status of the deal, or else of the subject's newest event. `preview` returns the
//! requests and writes nothing.

use std::sync::Arc;

use gancho_domain::{
    common::{
        code::Code,
        ids::{DeliveryId, RuleId, WorkspaceId},
        workspace::{Role, Workspace},
    },
    outbound::{
        delivery::{Delivery, Trigger},
        event::{self, Event, EventType, SUBJECT},
        rule::{self, Filter, Method, Rule},
    },
};
use gancho_edge::{
    http::{self, Answer, Call},
    idempotency::{self, Reply, Reservation},
    problem::ApiError,
    query::Query,
    validate,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    App,
    create::{self, ManualDelivery, Receiver},
    request::{self, Parts},
    view::Names,
};

/// The number of events of one read, and the maximum number of reads.
const EVENTS: usize = 50;
const PAGES: usize = 20;

/// The body of a request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SendRequest {
    subject: String,
    #[serde(default, rename = "type")]
    event_type: Option<String>,
    #[serde(default)]
    rule: Option<RuleId>,
    #[serde(default)]
    preview: bool,
}

/// A request, validated, with its workspace and rule.
struct Order {
    workspace: Arc<Workspace>,
    subject: String,
    event_type: Option<EventType>,
    rule: Option<Rule>,
}

/// The event to send, the subject's status, and the rules with the event type that each sends.
struct Plan {
    event: Event,
    status: Option<String>,
    rules: Vec<(Rule, EventType)>,
}

/// `POST /v1/deliveries/send`: 201 with the new deliveries, or 200 with a preview.
pub(crate) async fn post(app: &App, call: &Call) -> Answer {
    let ws = call.workspace(Role::Operator)?;
    Query::of(call, &[])?;
    let requested: SendRequest = call.json()?;
    let preview = requested.preview;
    let order = order(app, ws, requested).await?;
    if preview {
        let plan = plan(app, &order).await?;
        return http::json(200, &self::preview(app, &order, &plan).await?);
    }
    let request = |reservation| {
        let order = &order;
        async move { send(app, order, &reservation).await }
    };
    let now = app.clock.now();
    idempotency::execute(&app.store, (call, ws), (app.ids.token(), now), request).await
}

async fn order(app: &App, ws: WorkspaceId, requested: SendRequest) -> Result<Order, ApiError> {
    let subject = validate::text("subject", &requested.subject, SUBJECT)?;
    if requested.event_type.is_none() && requested.rule.is_none() {
        return Err(ApiError::invalid("type", "required"));
    }
    let event_type = requested.event_type.as_deref().map(EventType::parse).transpose();
    let event_type = event_type.map_err(|_| ApiError::invalid("type", "unknown_value"))?;
    let workspace = app.workspace(ws).await?;
    let rule = match requested.rule {
        None => None,
        Some(id) => Some(app.store.rule(ws, id).await?.ok_or_else(ApiError::not_found)?),
    };
    Ok(Order { workspace, subject, event_type, rule })
}

impl Order {
    /// The type under which the request includes an event; `None` if it does not.
    fn fits(&self, event: &Event) -> Option<EventType> {
        match (&self.rule, &self.event_type) {
            (Some(rule), name) => takes(rule, name.as_ref(), event),
            (None, Some(name)) => event.types.contains(name).then(|| name.clone()),
            (None, None) => None,
        }
    }

    /// The newest stored event that the request includes, with its type.
    async fn newest(&self, app: &App) -> Result<Option<(Event, EventType)>, ApiError> {
        let (ws, now) = (self.workspace.id, app.clock.now());
        let mut before = None;
        for _ in 0..PAGES {
            let some = app.store.events_of(ws, &self.subject, now, before, EVENTS).await?;
            before = some.last().map(|event| event.id);
            let found = some.into_iter().find_map(|event| {
                let name = self.fits(&event)?;
                Some((event, name))
            });
            if found.is_some() || before.is_none() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

/// The type under which a rule, active or not, takes an event; restricted to `name` if it is given.
fn takes(rule: &Rule, name: Option<&EventType>, event: &Event) -> Option<EventType> {
    let requested = |types: &[EventType]| match name {
        None => types.to_vec(),
        Some(name) => types.iter().filter(|it| *it == name).cloned().collect(),
    };
    let filter = Filter { types: requested(&rule.filter.types), ..rule.filter.clone() };
    rule::takes(&Rule { active: true, filter, ..rule.clone() }, event)
}

async fn plan(app: &App, order: &Order) -> Result<Plan, ApiError> {
    let none = || ApiError::new(404, Code::NoEventForSubject);
    let (event, name) = order.newest(app).await?.ok_or_else(none)?;
    let rules = if let Some(rule) = &order.rule {
        vec![(rule.clone(), name)]
    } else {
        let all = app.store.rules(order.workspace.id).await?.into_iter();
        let active = all.filter(|rule| rule.active);
        let taken = |rule| takes(&rule, Some(&name), &event).map(|name| (rule, name));
        active.filter_map(taken).collect()
    };
    if rules.is_empty() {
        return Err(ApiError::new(409, Code::NoMatchingRule));
    }
    let status = status_now(app, order).await?;
    Ok(Plan { event, status, rules })
}

/// The subject's present status.
async fn status_now(app: &App, order: &Order) -> Result<Option<String>, ApiError> {
    let ws = order.workspace.id;
    if let Some(id) = event::deal_of(&order.subject)
        && let Some(deal) = app.store.deal(ws, id).await?
    {
        let status = serde_json::to_value(deal.status).map_err(ApiError::internal)?;
        return Ok(status.as_str().map(str::to_owned));
    }
    let newest = app.store.events_of(ws, &order.subject, app.clock.now(), None, 1).await?;
    Ok(newest.into_iter().next().and_then(|event| event.subject_status))
}

fn made(
    app: &App,
    order: &Order,
    plan: &Plan,
    (rule, name, receiver): (&Rule, &EventType, &Receiver),
    id: DeliveryId,
) -> Delivery {
    let manual = ManualDelivery {
        id,
        event: &plan.event,
        event_type: name.clone(),
        subject_status: plan.status.clone(),
        rule,
        trigger: Trigger::Manual,
    };
    create::delivery(&order.workspace, manual, receiver, app.clock.now())
}

/// Creates a delivery for each rule. The reply also lists the rules whose target refused. If every
/// target refused, the last error is returned.
async fn send(app: &App, order: &Order, reservation: &Reservation) -> Result<Reply, ApiError> {
    let ws = order.workspace.id;
    let plan = plan(app, order).await?;
    let (mut sent, mut refused) = (Vec::new(), Vec::new());
    for (rule, name) in &plan.rules {
        match send_by(app, order, &plan, (rule, name), reservation).await {
            Ok(delivery) => sent.push(delivery),
            Err(error) if error.status >= 500 => return Err(error),
            Err(error) => refused.push((rule.id, error)),
        }
    }
    if sent.is_empty()
        && let Some((_, error)) = refused.pop()
    {
        return Err(error);
    }
    let names = Names::of(app, ws, &sent).await?;
    let items: Vec<Value> = sent.iter().map(|delivery| names.item(delivery)).collect();
    let refused: Vec<Value> =
        refused.iter().map(|(rule, error)| json!({ "rule": rule, "code": error.code })).collect();
    Ok(Reply::new(201, json!({ "items": items, "refused": refused })))
}

async fn send_by(
    app: &App,
    order: &Order,
    plan: &Plan,
    (rule, name): (&Rule, &EventType),
    reservation: &Reservation,
) -> Result<Delivery, ApiError> {
    let ws = order.workspace.id;
    let receiver = create::receiver(app, ws, rule, &plan.event).await?;
    receiver.passable()?;
    let cause = ["send", &ws.key(), &rule.id.key(), &plan.event.id.key()];
    let id = reservation.id(DeliveryId::new, DeliveryId::derived, (app.ids.entropy(), &cause));
    let delivery = made(app, order, plan, (rule, name, &receiver), id);
    create::create(app, ws, delivery, &receiver).await
}

/// The requests as they would be sent now.
async fn preview(app: &App, order: &Order, plan: &Plan) -> Result<Value, ApiError> {
    let now = app.clock.now();
    let mut requests = Vec::new();
    for (rule, name) in &plan.rules {
        let receiver = create::receiver(app, order.workspace.id, rule, &plan.event).await?;
        let id = DeliveryId::new(now, &app.ids.entropy());
        let delivery = made(app, order, plan, (rule, name, &receiver), id);
        let names = Names::of(app, order.workspace.id, [&delivery]).await?;
        let parts = Parts {
            workspace: &order.workspace,
            endpoint: receiver.endpoint(),
            rule,
            event: &plan.event,
            delivery: &delivery,
        };
        let query = (rule.method == Method::Get && parts.endpoint.is_some())
            .then(|| request::query(&parts));
        requests.push(json!({
            "delivery": names.item(&delivery),
            "request": request::shown(&parts, now),
            "query": query,
        }));
    }
    Ok(json!({ "requests": requests }))
}
