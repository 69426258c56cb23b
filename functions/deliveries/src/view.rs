//! The JSON views of deliveries, attempts and totals.

use std::collections::BTreeMap;

use gancho_domain::{
    common::{
        code::Language,
        ids::{EndpointId, IntegrationId, RuleId, WorkspaceId},
    },
    outbound::{
        delivery::{Attempt, Delivery, Outcome, State, StateName, Trigger},
        delivery_tally::{StateCounts, percent},
        rule::Target,
    },
};
use gancho_edge::problem::ApiError;
use serde_json::{Map, Value, json};

use crate::App;

/// The names of rules, endpoints and integrations; the last name of a deleted one (`FACTS D20`).
#[derive(Debug, Default)]
pub(crate) struct Names {
    rules: BTreeMap<RuleId, Option<String>>,
    endpoints: BTreeMap<EndpointId, Option<String>>,
    integrations: BTreeMap<IntegrationId, Option<String>>,
}

impl Names {
    /// Reads the names that the views of some deliveries need.
    pub(crate) async fn of<'a>(
        app: &App,
        ws: WorkspaceId,
        deliveries: impl IntoIterator<Item = &'a Delivery>,
    ) -> Result<Self, ApiError> {
        let mut names = Self::default();
        names.learn(app, ws, deliveries).await?;
        Ok(names)
    }

    /// Reads the names that are not known yet.
    pub(crate) async fn learn<'a>(
        &mut self,
        app: &App,
        ws: WorkspaceId,
        deliveries: impl IntoIterator<Item = &'a Delivery>,
    ) -> Result<(), ApiError> {
        let (mut rules, mut endpoints, mut integrations) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for delivery in deliveries {
            let rule = delivery.rule;
            if !self.rules.contains_key(&rule) {
                rules.entry(rule).or_insert_with(|| rule_name(app, ws, rule));
            }
            match delivery.target {
                Target::Endpoint(id) if !self.endpoints.contains_key(&id) => {
                    endpoints.entry(id).or_insert_with(|| endpoint_name(app, ws, id));
                }
                Target::Integration { integration: id, .. }
                    if !self.integrations.contains_key(&id) =>
                {
                    integrations.entry(id).or_insert_with(|| integration_name(app, ws, id));
                }
                Target::Endpoint(_) | Target::Integration { .. } => {}
            }
        }
        self.rules.extend(futures::future::try_join_all(rules.into_values()).await?);
        self.endpoints.extend(futures::future::try_join_all(endpoints.into_values()).await?);
        self.integrations.extend(futures::future::try_join_all(integrations.into_values()).await?);
        Ok(())
    }

    /// The name of an endpoint that is not the target of a delivery at hand, as in a notice.
    pub(crate) async fn endpoint(
        &mut self,
        app: &App,
        ws: WorkspaceId,
        id: EndpointId,
    ) -> Result<Option<String>, ApiError> {
        if let Some(known) = self.endpoints.get(&id) {
            return Ok(known.clone());
        }
        let (id, name) = endpoint_name(app, ws, id).await?;
        self.endpoints.insert(id, name.clone());
        Ok(name)
    }

    /// The rule's name.
    pub(crate) fn rule(&self, delivery: &Delivery) -> Option<&str> {
        self.rules.get(&delivery.rule).and_then(Option::as_deref)
    }

    /// The name of the delivery's target.
    pub(crate) fn receiver(&self, delivery: &Delivery) -> Option<&str> {
        let name = match delivery.target {
            Target::Endpoint(id) => self.endpoints.get(&id),
            Target::Integration { integration, .. } => self.integrations.get(&integration),
        };
        name.and_then(Option::as_deref)
    }

    /// A delivery as a list shows it (`FACTS S2.6`).
    pub(crate) fn item(&self, delivery: &Delivery) -> Value {
        Value::Object(self.summary(delivery))
    }

    /// The fields that the list and the details have in common.
    pub(crate) fn summary(&self, delivery: &Delivery) -> Map<String, Value> {
        let receiver = self.receiver(delivery);
        let (endpoint, integration) = match delivery.target {
            Target::Endpoint(id) => (json!({ "id": id, "name": receiver }), Value::Null),
            Target::Integration { origin, integration } => {
                (Value::Null, json!({ "id": integration, "name": receiver, "origin": origin }))
            }
        };
        let last = delivery.attempts.last();
        let summary = json!({
            "id": delivery.id,
            "subject": delivery.subject,
            "subject_status": delivery.subject_status,
            "type": delivery.event_type,
            "event": delivery.event,
            "created_at": delivery.id.made_at(),
            "trigger": trigger(delivery.trigger),
            "resend_of": resend_of(delivery),
            "rule": {
                "id": delivery.rule,
                "name": self.rule(delivery),
                "version": delivery.rule_version,
            },
            "endpoint": endpoint,
            "integration": integration,
            "state": delivery.state.name(),
            "reason": reason(&delivery.state),
            "next_at": next_at(&delivery.state),
            "state_since": since(&delivery.state),
            "url": last.map(|attempt| &attempt.url),
            "attempts": delivery.attempts.len(),
            "last": last.map(outcome),
            "expires_at": delivery.expires_at,
        });
        if let Value::Object(map) = summary { map } else { Map::new() }
    }
}

async fn rule_name(
    app: &App,
    ws: WorkspaceId,
    id: RuleId,
) -> Result<(RuleId, Option<String>), ApiError> {
    if let Some(rule) = app.store.rule(ws, id).await? {
        return Ok((id, Some(rule.name)));
    }
    Ok((id, app.store.deleted_rule(ws, id).await?))
}

async fn endpoint_name(
    app: &App,
    ws: WorkspaceId,
    id: EndpointId,
) -> Result<(EndpointId, Option<String>), ApiError> {
    if let Some(endpoint) = app.store.endpoint(ws, id).await? {
        return Ok((id, Some(endpoint.name)));
    }
    Ok((id, app.store.deleted_endpoint(ws, id).await?))
}

async fn integration_name(
    app: &App,
    ws: WorkspaceId,
    id: IntegrationId,
) -> Result<(IntegrationId, Option<String>), ApiError> {
    if let Some(integration) = app.store.integration(ws, id).await? {
        return Ok((id, Some(integration.name)));
    }
    Ok((id, app.store.deleted(ws, id).await?.map(|deleted| deleted.name)))
}

fn trigger(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Event => "event",
        Trigger::Manual => "manual",
        Trigger::Resend(_) => "resend",
    }
}

/// The original of a resend.
pub(crate) fn resend_of(delivery: &Delivery) -> Option<gancho_domain::common::ids::DeliveryId> {
    match delivery.trigger {
        Trigger::Resend(of) => Some(of),
        Trigger::Event | Trigger::Manual => None,
    }
}

/// The reason for a permanent failure or a discard.
pub(crate) fn reason(state: &State) -> Option<&'static str> {
    match state {
        State::Failure { reason, .. } => Some(reason.as_str()),
        State::Discarded { reason, .. } => Some(reason.as_str()),
        State::Queued | State::Retrying { .. } | State::Held { .. } | State::Success { .. } => None,
    }
}

/// The time of the next attempt.
pub(crate) fn next_at(state: &State) -> Option<jiff::Timestamp> {
    match state {
        State::Retrying { next_at } => Some(*next_at),
        State::Queued
        | State::Held { .. }
        | State::Success { .. }
        | State::Failure { .. }
        | State::Discarded { .. } => None,
    }
}

fn since(state: &State) -> Option<jiff::Timestamp> {
    match state {
        State::Held { since } => Some(*since),
        State::Success { at } | State::Failure { at, .. } | State::Discarded { at, .. } => {
            Some(*at)
        }
        State::Queued | State::Retrying { .. } => None,
    }
}

/// The result of an attempt: an HTTP status, an error, or the webhook that it was handed over as.
fn outcome(attempt: &Attempt) -> Value {
    let (status, error, webhook) = match attempt.outcome {
        Outcome::Status(status) => (Some(status), None, None),
        Outcome::Fault(fault) => (None, Some(fault.as_str()), None),
        Outcome::HandedOver(webhook) => (None, None, Some(webhook)),
    };
    json!({ "at": attempt.started_at, "status": status, "error": error, "webhook": webhook })
}

/// An attempt as the details show it.
pub(crate) fn attempt(attempt: &Attempt) -> Value {
    let mut view = outcome(attempt);
    if let Some(map) = view.as_object_mut() {
        map.insert("number".to_owned(), json!(attempt.number));
        map.insert("duration_ms".to_owned(), json!(attempt.duration_ms));
        map.insert("url".to_owned(), json!(attempt.url));
        map.insert("excerpt".to_owned(), json!(attempt.excerpt));
        map.insert("retry_after".to_owned(), json!(attempt.retry_after));
        map.insert("counts_as_retry".to_owned(), json!(!attempt.not_counted));
    }
    view
}

/// The totals of the tabs (`FACTS S2.4, D7`).
///
/// *With error* counts failures and deliveries that failed and will be retried. *All* counts those
/// with error and those that succeeded. Deliveries without a response are not part of *all*, so the
/// tabs do not add up. Percentages refer to *all*: errors / (success + errors).
pub(crate) fn totals(counts: &StateCounts) -> Value {
    let of = |state| counts.of(state);
    let (with_error, all) = (counts.with_error(), counts.answered());
    let succeeded = of(StateName::Success);
    json!({
        "with_error": {
            "count": with_error,
            "percent": percent(with_error, all),
            "failure": of(StateName::Failure),
            "retrying": of(StateName::Retrying),
        },
        "in_process": { "count": of(StateName::Queued) },
        "succeeded": { "count": succeeded, "percent": percent(succeeded, all) },
        "all": { "count": all },
        "held": { "count": of(StateName::Held) },
        "discarded": { "count": of(StateName::Discarded) },
    })
}

/// The display name of a state.
pub(crate) fn state_word(state: StateName, language: Language) -> &'static str {
    let (english, portuguese) = match state {
        StateName::Queued => ("Queued", "Na fila"),
        StateName::Retrying => ("Retrying", "Tentando de novo"),
        StateName::Held => ("Held", "Retido"),
        StateName::Success => ("Success", "Sucesso"),
        StateName::Failure => ("Failure", "Falha"),
        StateName::Discarded => ("Discarded", "Descartado"),
    };
    match language {
        Language::English => english,
        Language::Portuguese => portuguese,
    }
}
