//! Sends an example event to an endpoint immediately, whatever the endpoint's state. Nothing is
//! stored, and the result does not count for the endpoint's health.

use gancho_domain::{
    common::{
        ids::{DeliveryId, EventId, RuleId},
        workspace::Workspace,
    },
    outbound::{
        delivery::{Delivery, Fault, NewDelivery, Outcome, State, Trigger},
        endpoint::Endpoint,
        event::{About, Event, EventCause, EventType},
        event_types,
        rule::{Body, Filter, Method, Rule, Target},
    },
};
use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
    query::Query,
    sender::{self, Message, RequestView},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::App;

/// The event type if neither the request nor a rule names one.
const TYPE: &str = EventType::DEAL_CREATED;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleRequest {
    #[serde(default, rename = "type")]
    name: Option<EventType>,
    #[serde(default)]
    rule: Option<RuleId>,
}

/// `POST /v1/endpoints/{endpoint}/test`: sends an example as one of the endpoint's rules would,
/// the first by default.
pub(crate) async fn send(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let empty = call.request.body().trim_ascii().is_empty();
    let requested: SampleRequest = if empty { SampleRequest::default() } else { call.json()? };
    let workspace = app.workspace(ws).await?;
    let id = call.id("endpoint")?;
    let endpoint = app.store.endpoint(ws, id).await?.ok_or_else(ApiError::not_found)?;
    let now = app.deps.clock.now();
    let rule = rule(app, &workspace, (&endpoint, requested.rule), now).await?;
    let name = requested.name.or_else(|| rule.filter.types.first().cloned());
    let name = match name {
        Some(name) => name,
        None => EventType::parse(TYPE).map_err(ApiError::internal)?,
    };
    let event = example(app, &workspace, name.clone(), now);
    let delivery = delivery(app, (&event, name), &rule, now);
    let message = Message {
        workspace: ws,
        plain_http: workspace.plain_http,
        endpoint: &endpoint,
        rule: &rule,
        event: &event,
        delivery: &delivery,
    };
    match sender::compose(&message, now) {
        Ok(composed) => {
            let answer = app.sender.send(&composed, now).await;
            report(&answer, &endpoint, Some(RequestView::of(&composed, &endpoint)))
        }
        Err(fault) => report(&unsent(&message, fault), &endpoint, None),
    }
}

/// The result of a test.
#[derive(Debug, Serialize)]
struct TestResult<'a> {
    status: Option<u16>,
    error: Option<&'static str>,
    success: bool,
    duration_ms: u64,
    excerpt: &'a str,
    /// The request as it was sent, if it was.
    request: Option<RequestView>,
}

fn report(answer: &sender::Answer, endpoint: &Endpoint, request: Option<RequestView>) -> Answer {
    let (status, error) = match answer.outcome {
        Outcome::Status(status) => (Some(status), None),
        Outcome::Fault(fault) => (None, Some(fault.as_str())),
        Outcome::HandedOver(_) => (None, None),
    };
    let result = TestResult {
        status,
        error,
        success: status.is_some_and(|status| endpoint.policy.takes(status)),
        duration_ms: answer.duration_ms,
        excerpt: &answer.excerpt,
        request,
    };
    http::json(200, &result)
}

/// The result of a request that was not sent because its data does not fit in a URL.
fn unsent(message: &Message<'_>, fault: Fault) -> sender::Answer {
    sender::Answer {
        outcome: Outcome::Fault(fault),
        duration_ms: 0,
        url: sender::shown(message),
        excerpt: String::new(),
        retry_after: None,
    }
}

/// The rule of the request: the requested one, else the endpoint's first active rule, else any of
/// its rules, else a default rule.
async fn rule(
    app: &App,
    workspace: &Workspace,
    (endpoint, requested): (&Endpoint, Option<RuleId>),
    now: Timestamp,
) -> Result<Rule, ApiError> {
    let target = Target::Endpoint(endpoint.id);
    if let Some(id) = requested {
        let found = app.store.rule(workspace.id, id).await?.filter(|rule| rule.target == target);
        return found.ok_or_else(|| ApiError::not_found().with("path", "rule"));
    }
    let all = app.store.rules(workspace.id).await?;
    let mut own: Vec<Rule> = all.into_iter().filter(|rule| rule.target == target).collect();
    own.sort_by_key(|rule| (!rule.active, rule.id));
    Ok(own.into_iter().next().unwrap_or_else(|| Rule {
        id: RuleId::new(now, &app.deps.ids.entropy()),
        name: String::new(),
        active: true,
        filter: Filter::default(),
        target,
        method: Method::Post,
        body: Body::Standard,
        version: 1,
        created_at: now,
        updated_at: now,
        by: None,
    }))
}

/// The example event of the catalogue, or an event without data for a type that is not in it.
fn example(app: &App, workspace: &Workspace, name: EventType, now: Timestamp) -> Event {
    let known = event_types::find(name.as_str()).and_then(event_types::Kind::example);
    let (subject, status, data) = known.map_or(("example", None, Map::new().into()), |example| {
        (example.subject, example.status, example.data.clone())
    });
    Event {
        id: EventId::new(now, &app.deps.ids.entropy()),
        types: vec![name],
        subject: subject.to_owned(),
        subject_status: status.map(str::to_owned),
        occurred_at: now,
        about: About::default(),
        data,
        cause: EventCause::Test,
        hops: 0,
        expires_at: workspace.outbound_ends(now),
    }
}

fn delivery(
    app: &App,
    (event, event_type): (&Event, EventType),
    rule: &Rule,
    now: Timestamp,
) -> Delivery {
    let new = NewDelivery {
        id: DeliveryId::new(now, &app.deps.ids.entropy()),
        event_type,
        subject_status: event.subject_status.clone(),
        trigger: Trigger::Manual,
        by: None,
        state: State::first(true, now),
        expires_at: event.expires_at,
    };
    Delivery::new(event, rule, new)
}
