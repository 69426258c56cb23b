//! Makes an attempt by HTTP.

use gancho_domain::{
    common::{ids::EndpointId, workspace::Workspace},
    outbound::{
        delivery::{Attempt, Discarded, Failed, State},
        endpoint::Endpoint,
        event::Event,
        gate::GateKey,
        retry,
        rule::Rule,
    },
};
use gancho_edge::sender::Message;
use jiff::SignedDuration;
use std::sync::Arc;

use crate::{
    App, Error,
    claim::{AttemptResult, ClaimedDelivery},
    outage,
};

/// The data that a request is built from.
struct Loaded {
    workspace: Arc<Workspace>,
    endpoint: Arc<Endpoint>,
    rule: Arc<Rule>,
    event: Event,
}

/// Sends a claimed delivery to its endpoint, if its gates are open.
pub(crate) async fn attempt(
    app: &App,
    claimed: &ClaimedDelivery,
    to: EndpointId,
) -> Result<AttemptResult, Error> {
    let loaded = match load(app, claimed, to).await? {
        Ok(loaded) => loaded,
        Err(end) => return claimed.record_state(app, end).await,
    };
    // Read after the claim and never cached: an endpoint suspended before this gets no request.
    let gates = app.store.gates(claimed.workspace, &GateKey::of(&loaded.endpoint)).await?;
    let now = app.now();
    if !gates.iter().all(|gate| gate.admits(claimed.delivery.id)) {
        // A delivery that was held before keeps its start time.
        let before = claimed.delivery.state;
        let since = if let State::Held { since } = before { since } else { now };
        return claimed.record_state(app, State::Held { since }).await;
    }
    let policy = &loaded.endpoint.policy;
    if !claimed.has_room(now, SignedDuration::from_millis(policy.timeout_ms.into())) {
        return Err(Error::NoRoom);
    }
    let message = Message {
        workspace: claimed.workspace,
        plain_http: loaded.workspace.plain_http,
        endpoint: &loaded.endpoint,
        rule: &loaded.rule,
        event: &loaded.event,
        delivery: &claimed.delivery,
    };
    let answer = app.sender.deliver(&message, now).await;
    let attempt = answer.into_attempt(claimed.delivery.next_attempt(), now);
    // Lanes have their own concurrency: the slow queue is not for them.
    if claimed.delivery.slot.is_none() {
        app.response_times.record((claimed.workspace, to), attempt.duration_ms, app.now());
    }
    let not_counted = outage::excuses(app, claimed, to, &attempt).await;
    let attempt = Attempt { not_counted, ..attempt };
    let before = &claimed.delivery.attempts;
    let ended = (app.now(), app.deps.ids.jitter());
    let state = retry::after_attempt(policy, before, &attempt, ended);
    claimed.made(app, attempt, state, &loaded.event.cause).await
}

/// Loads the data of the request. `Err`: a part was deleted, and the delivery ends in this state.
async fn load(
    app: &App,
    claimed: &ClaimedDelivery,
    to: EndpointId,
) -> Result<Result<Loaded, State>, Error> {
    let (now, ws, delivery) = (app.now(), claimed.workspace, &claimed.delivery);
    let (workspace, endpoint, rule, event) = futures::try_join!(
        app.configs.workspace(&app.store, ws, now),
        app.configs.endpoint(&app.store, (ws, to), now),
        app.configs.rule(&app.store, (ws, delivery.rule, delivery.rule_version), now),
        app.store.event(ws, &delivery.subject, delivery.event, now),
    )?;
    let discarded = |reason| Ok(Err(State::Discarded { at: now, reason }));
    let (Some(workspace), Some(endpoint)) = (workspace, endpoint) else {
        return discarded(Discarded::EndpointDeleted);
    };
    let Some(rule) = rule else { return discarded(Discarded::RuleDeleted) };
    let Some(event) = event else {
        return Ok(Err(State::Failure { at: now, reason: Failed::Expired }));
    };
    Ok(Ok(Loaded { workspace, endpoint, rule, event }))
}
