//! What does an endpoint make of an example? It is sent at once, whatever the endpoint's state;
//! nothing is kept, and it does not count against the endpoint's health.

use gancho_domain::{
    common::{
        ids::{DeliveryId, EventId, RuleId},
        workspace::{Role, Workspace},
    },
    inbound::mask,
    outbound::{
        delivery::{Delivery, Fault, Outcome, State, Trigger},
        endpoint::Endpoint,
        event::{About, Event, EventCause, EventType},
        event_types,
        rule::{Body, Filter, Method, Rule, Target},
    },
};
use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
    sender::{self, Composed, Message},
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{App, no_query};

/// What is sent where nobody says and no rule does.
const TYPE: &str = EventType::DEAL_CREATED;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleRequest {
    #[serde(default, rename = "type")]
    name: Option<EventType>,
    #[serde(default)]
    rule: Option<RuleId>,
}

/// `POST /v1/endpoints/{endpoint}/test`: as one of its rules would send it, the first by default.
pub(crate) async fn send(app: &App, call: &Call) -> Answer {
    let ws = call.workspace(Role::Operator)?;
    no_query(call)?;
    let empty = call.request.body().trim_ascii().is_empty();
    let wanted: SampleRequest = if empty { SampleRequest::default() } else { call.json()? };
    let workspace = app.workspace(ws).await?;
    let id = call.id("endpoint")?;
    let endpoint = app.store.endpoint(ws, id).await?.ok_or_else(ApiError::not_found)?;
    let now = app.deps.clock.now();
    let rule = rule(app, &workspace, (&endpoint, wanted.rule), now).await?;
    let name = wanted.name.or_else(|| rule.filter.types.first().cloned());
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
            told(&answer, &endpoint, &shown(&composed, &endpoint))
        }
        Err(fault) => told(&unsent(&message, fault), &endpoint, &Value::Null),
    }
}

fn told(answer: &sender::Answer, endpoint: &Endpoint, request: &Value) -> Answer {
    let (status, error) = match answer.outcome {
        Outcome::Status(status) => (Some(status), None),
        Outcome::Fault(fault) => (None, Some(fault.as_str())),
        Outcome::HandedOver(_) => (None, None),
    };
    let body = json!({
        "status": status,
        "error": error,
        "success": status.is_some_and(|status| endpoint.policy.takes(status)),
        "duration_ms": answer.duration_ms,
        "excerpt": answer.excerpt,
        "request": request,
    });
    http::json(200, &body)
}

/// For data that does not fit in a URL.
fn unsent(message: &Message<'_>, fault: Fault) -> sender::Answer {
    sender::Answer {
        outcome: Outcome::Fault(fault),
        duration_ms: 0,
        url: sender::shown(message),
        excerpt: String::new(),
        retry_after: None,
    }
}

/// The rule that makes the request: the one that is named, else the endpoint's first that is
/// active, else the plainest there is.
async fn rule(
    app: &App,
    workspace: &Workspace,
    (endpoint, wanted): (&Endpoint, Option<RuleId>),
    now: Timestamp,
) -> Result<Rule, ApiError> {
    let target = Target::Endpoint(endpoint.id);
    if let Some(id) = wanted {
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
    }))
}

/// An event as the catalogue has it; of a type that is not in it, one without data.
fn example(app: &App, workspace: &Workspace, name: EventType, now: Timestamp) -> Event {
    let known = event_types::find(name.as_str()).and_then(event_types::Kind::example);
    let (subject, status, data) = known.map_or(("example", None, json!({})), |example| {
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
    Delivery {
        id: DeliveryId::new(now, &app.deps.ids.entropy()),
        event: event.id,
        event_type,
        subject: event.subject.clone(),
        subject_status: event.subject_status.clone(),
        rule: rule.id,
        rule_version: rule.version,
        target: rule.target,
        trigger: Trigger::Manual,
        slot: None,
        state: State::Queued,
        attempts: Vec::new(),
        redrives: 0,
        hops: 0,
        expires_at: event.expires_at,
    }
}

/// The request as it was sent, but for secrets; the endpoint's own headers may all be secret.
fn shown(request: &Composed, endpoint: &Endpoint) -> Value {
    let own: Vec<&str> = endpoint.headers.iter().map(|(name, _)| name.as_str()).collect();
    let headers = mask::headers(request.headers().to_vec(), &own).into_iter();
    let headers = headers.map(|(name, value)| json!({ "name": name, "value": value }));
    json!({
        "method": request.method().as_str(),
        "url": request.shown(),
        "headers": headers.collect::<Vec<_>>(),
        "body": request.body().map(String::from_utf8_lossy),
    })
}
