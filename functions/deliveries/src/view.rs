//! The JSON of deliveries and attempts, and the names that it contains.

use std::collections::BTreeMap;

use gancho_domain::{
    common::{
        by::By,
        code::Language,
        ids::{
            DeliveryId, EndpointId, EventId, IntegrationId, OriginId, RuleId, WebhookId,
            WorkspaceId,
        },
        mask,
        workspace::Role,
    },
    outbound::{
        delivery::{Attempt, Delivery, Outcome, State, StateName, Trigger},
        event::EventType,
        rule::Target,
    },
};
use gancho_edge::problem::ApiError;
use jiff::Timestamp;
use serde::Serialize;

use crate::App;

/// A delivery as a list shows it, with its event's id and the number of its attempts
/// (`FACTS S2.6`).
pub(crate) type ListedDelivery<'a> = DeliveryView<'a, EventId, usize>;

/// The fields that the list and the details have in common. `E`: the event or its id. `A`: the
/// attempts or their number.
#[derive(Debug, Serialize)]
pub(crate) struct DeliveryView<'a, E, A> {
    id: DeliveryId,
    subject: &'a str,
    subject_status: Option<&'a str>,
    #[serde(rename = "type")]
    event_type: &'a EventType,
    event: E,
    created_at: Timestamp,
    trigger: &'static str,
    by: Option<&'a By>,
    resend_of: Option<DeliveryId>,
    rule: RuleView<'a>,
    endpoint: Option<EndpointView<'a>>,
    integration: Option<IntegrationView<'a>>,
    state: StateName,
    reason: Option<&'static str>,
    next_at: Option<Timestamp>,
    state_since: Option<Timestamp>,
    url: Option<&'a str>,
    attempts: A,
    last: Option<OutcomeView>,
    expires_at: Timestamp,
}

#[derive(Debug, Serialize)]
struct RuleView<'a> {
    id: RuleId,
    name: Option<&'a str>,
    version: u64,
}

/// An endpoint and its name; `null` if neither it nor its last name is known.
#[derive(Debug, Serialize)]
pub(crate) struct EndpointView<'a> {
    pub(crate) id: EndpointId,
    pub(crate) name: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct IntegrationView<'a> {
    id: IntegrationId,
    name: Option<&'a str>,
    origin: OriginId,
}

/// The result of an attempt: an HTTP status, an error, or the webhook that it was handed over as.
#[derive(Debug, Serialize)]
struct OutcomeView {
    at: Timestamp,
    status: Option<u16>,
    error: Option<&'static str>,
    webhook: Option<WebhookId>,
}

/// An attempt as the details show it.
#[derive(Debug, Serialize)]
pub(crate) struct AttemptView<'a> {
    #[serde(flatten)]
    outcome: OutcomeView,
    number: u32,
    duration_ms: u64,
    url: &'a str,
    excerpt: &'a str,
    retry_after: Option<u64>,
    counts_as_retry: bool,
}

/// Leaves of the URLs what a role may see: to viewers the host, because a path may hold a secret.
pub(crate) fn for_role(role: Role, delivery: &mut Delivery) {
    for attempt in &mut delivery.attempts {
        attempt.url = url_for_role(role, &attempt.url);
    }
}

/// The part of a request's URL that a role may see.
pub(crate) fn url_for_role(role: Role, url: &str) -> String {
    if role == Role::Viewer { mask::host(url) } else { url.to_owned() }
}

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

    /// Reads the name of an endpoint that is not the target of a delivery at hand, as in a notice.
    pub(crate) async fn learn_endpoint(
        &mut self,
        app: &App,
        ws: WorkspaceId,
        id: EndpointId,
    ) -> Result<(), ApiError> {
        if !self.endpoints.contains_key(&id) {
            let (id, name) = endpoint_name(app, ws, id).await?;
            self.endpoints.insert(id, name);
        }
        Ok(())
    }

    /// An endpoint with its name.
    pub(crate) fn endpoint(&self, id: EndpointId) -> EndpointView<'_> {
        EndpointView { id, name: self.endpoints.get(&id).and_then(Option::as_deref) }
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

    /// A delivery as a list shows it.
    pub(crate) fn item<'a>(&'a self, delivery: &'a Delivery) -> ListedDelivery<'a> {
        self.summary(delivery, delivery.event, delivery.attempts.len())
    }

    /// The fields that the list and the details have in common.
    pub(crate) fn summary<'a, E, A>(
        &'a self,
        delivery: &'a Delivery,
        event: E,
        attempts: A,
    ) -> DeliveryView<'a, E, A> {
        let (endpoint, integration) = match delivery.target {
            Target::Endpoint(id) => (Some(self.endpoint(id)), None),
            Target::Integration { origin, integration: id } => {
                (None, Some(IntegrationView { id, name: self.receiver(delivery), origin }))
            }
        };
        let (rule, version) = (delivery.rule, delivery.rule_version);
        let last = delivery.attempts.last();
        DeliveryView {
            id: delivery.id,
            subject: &delivery.subject,
            subject_status: delivery.subject_status.as_deref(),
            event_type: &delivery.event_type,
            event,
            created_at: delivery.id.made_at(),
            trigger: trigger(delivery.trigger),
            by: delivery.by.as_ref(),
            resend_of: resend_of(delivery),
            rule: RuleView { id: rule, name: self.rule(delivery), version },
            endpoint,
            integration,
            state: delivery.state.name(),
            reason: reason(&delivery.state),
            next_at: next_at(&delivery.state),
            state_since: since(&delivery.state),
            url: last.map(|attempt| attempt.url.as_str()),
            attempts,
            last: last.map(OutcomeView::of),
            expires_at: delivery.expires_at,
        }
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
pub(crate) fn resend_of(delivery: &Delivery) -> Option<DeliveryId> {
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
pub(crate) fn next_at(state: &State) -> Option<Timestamp> {
    match state {
        State::Retrying { next_at } => Some(*next_at),
        State::Queued
        | State::Held { .. }
        | State::Success { .. }
        | State::Failure { .. }
        | State::Discarded { .. } => None,
    }
}

fn since(state: &State) -> Option<Timestamp> {
    match state {
        State::Held { since } => Some(*since),
        State::Success { at } | State::Failure { at, .. } | State::Discarded { at, .. } => {
            Some(*at)
        }
        State::Queued | State::Retrying { .. } => None,
    }
}

impl OutcomeView {
    fn of(attempt: &Attempt) -> Self {
        let (status, error, webhook) = match attempt.outcome {
            Outcome::Status(status) => (Some(status), None, None),
            Outcome::Fault(fault) => (None, Some(fault.as_str()), None),
            Outcome::HandedOver(webhook) => (None, None, Some(webhook)),
        };
        Self { at: attempt.started_at, status, error, webhook }
    }
}

impl<'a> AttemptView<'a> {
    /// The view of an attempt.
    pub(crate) fn of(attempt: &'a Attempt) -> Self {
        Self {
            outcome: OutcomeView::of(attempt),
            number: attempt.number,
            duration_ms: attempt.duration_ms,
            url: &attempt.url,
            excerpt: &attempt.excerpt,
            retry_after: attempt.retry_after,
            counts_as_retry: !attempt.not_counted,
        }
    }
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
