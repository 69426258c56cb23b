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
        by::By,
        code::Code,
        expression::Budget,
        ids::{DeliveryId, RuleId},
        workspace::Workspace,
    },
    outbound::{
        delivery::{Delivery, Trigger},
        event::{self, Event, EventType, SUBJECT},
        rule::{self, Filter, Method, Rule},
    },
};
use gancho_edge::{
    by,
    http::{self, Answer, Call, Pair},
    idempotency::{self, Reply, Reservation},
    problem::ApiError,
    query::Query,
    validate,
};
use serde::{Deserialize, Serialize};

use crate::{
    App,
    create::{self, ManualDelivery, Receiver},
    request::{self, Parts, ShownRequest},
    view::{ListedDelivery, Names},
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

/// The new deliveries, and the rules whose target refused.
#[derive(Debug, Serialize)]
struct Sent<'a> {
    items: Vec<ListedDelivery<'a>>,
    refused: Vec<RefusedRule>,
}

#[derive(Debug, Serialize)]
struct RefusedRule {
    rule: RuleId,
    code: Code,
}

/// The requests as they would be sent now.
#[derive(Debug, Serialize)]
struct Preview<'a> {
    requests: Vec<PreviewedRequest<'a>>,
}

/// A delivery that is not written, its request, and the data of a `GET`.
#[derive(Debug, Serialize)]
struct PreviewedRequest<'a> {
    delivery: ListedDelivery<'a>,
    request: ShownRequest,
    query: Option<Vec<Pair<String>>>,
}

/// A request, validated, with its workspace and rule.
struct Order {
    workspace: Arc<Workspace>,
    subject: String,
    event_type: Option<EventType>,
    rule: Option<Rule>,
    by: Option<By>,
}

/// The event to send, the subject's status, and the rules with the event type that each sends.
struct Plan {
    event: Event,
    status: Option<String>,
    rules: Vec<(Rule, EventType)>,
}

/// `POST /v1/deliveries/send`: 201 with the new deliveries, or 200 with a preview.
pub(crate) async fn post(app: &App, call: &Call) -> Answer {
    Query::of(call, &[])?;
    let requested: SendRequest = call.json()?;
    let preview = requested.preview;
    let order = order(app, call, requested).await?;
    if preview {
        let plan = plan(app, &order).await?;
        return self::preview(app, &order, &plan).await;
    }
    let request = |reservation| {
        let order = &order;
        async move { send(app, order, &reservation).await }
    };
    let now = app.deps.clock.now();
    idempotency::execute(&app.store, call, (app.deps.ids.token(), now), request).await
}

async fn order(app: &App, call: &Call, requested: SendRequest) -> Result<Order, ApiError> {
    let ws = call.workspace;
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
    let by = by::of(&app.store, call).await?;
    Ok(Order { workspace, subject, event_type, rule, by })
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
        let (ws, now) = (self.workspace.id, app.deps.clock.now());
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
    let rule = Rule { active: true, filter, ..rule.clone() };
    // There is one rule, so each event has a whole budget.
    let taken = rule::takes(&rule, event, &mut Budget::WHOLE.clone())?;
    taken.is_decided.then_some(taken.event_type)
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
    let newest = app.store.events_of(ws, &order.subject, app.deps.clock.now(), None, 1).await?;
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
        by: order.by.clone(),
    };
    create::delivery(&order.workspace, manual, receiver, app.deps.clock.now())
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
    let items = sent.iter().map(|delivery| names.item(delivery)).collect();
    let refused =
        refused.iter().map(|(rule, error)| RefusedRule { rule: *rule, code: error.code }).collect();
    Reply::of(201, &Sent { items, refused })
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
    let id = reservation.id(DeliveryId::new, DeliveryId::derived, (app.deps.ids.entropy(), &cause));
    let delivery = made(app, order, plan, (rule, name, &receiver), id);
    create::create(app, ws, delivery, &receiver).await
}

/// 200 with the requests as they would be sent now.
async fn preview(app: &App, order: &Order, plan: &Plan) -> Answer {
    let (ws, now) = (order.workspace.id, app.deps.clock.now());
    let mut all = Vec::new();
    for (rule, name) in &plan.rules {
        let receiver = create::receiver(app, ws, rule, &plan.event).await?;
        let id = DeliveryId::new(now, &app.deps.ids.entropy());
        let delivery = made(app, order, plan, (rule, name, &receiver), id);
        all.push((rule, receiver, delivery));
    }
    let names = Names::of(app, ws, all.iter().map(|(_, _, delivery)| delivery)).await?;
    let requests = all.iter().map(|(rule, receiver, delivery)| {
        let (workspace, endpoint) = (&order.workspace, receiver.endpoint());
        let parts = Parts { workspace, endpoint, rule, event: &plan.event, delivery };
        let in_url = rule.method == Method::Get && endpoint.is_some();
        PreviewedRequest {
            delivery: names.item(delivery),
            request: request::shown(&parts, now),
            query: in_url.then(|| request::query(&parts)),
        }
    });
    http::json(200, &Preview { requests: requests.collect() })
}
