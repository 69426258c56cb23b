//! Filters of a workspace's deliveries (`FACTS S2.2, S2.4, S2.5, D16`).
//!
//! The query of a request is parsed once, so that a [`DeliveryFilter`] is always valid. Days are in
//! the workspace's time zone, the first and the last included. A subject without a period selects
//! from the whole retention.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    common::{
        calendar::{Day, Period},
        ids::{EndpointId, IntegrationId, RuleId},
        list_query::{self, Criteria, FilterError, each, once, text},
        workspace::Workspace,
    },
    outbound::{
        answer::Answer,
        delivery::{Delivery, StateName},
        delivery_tally::Receiver,
        event::{EventType, SUBJECT},
    },
};

/// A filter of deliveries. An empty set matches any value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliveryFilter {
    /// The start of the period, inclusive; a delivery's creation time counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The end of the period, exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// Matches any of these states.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub states: BTreeSet<StateName>,
    /// Matches any of these rules.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub rules: BTreeSet<RuleId>,
    /// Matches any of these endpoints, or of the integrations below.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub endpoints: BTreeSet<EndpointId>,
    /// Matches any of these integrations.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub integrations: BTreeSet<IntegrationId>,
    /// Matches any of these event types. Counters do not know types.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub types: BTreeSet<EventType>,
    /// Matches any of these answers to the last attempt. Counters do not know answers.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub answers: BTreeSet<Answer>,
    /// Matches this business key exactly (`CATALOGUE HI-15`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

impl DeliveryFilter {
    /// `true` if not every delivery of the period matches, apart from the subject.
    pub fn narrows(&self) -> bool {
        let any_receiver = self.endpoints.is_empty() && self.integrations.is_empty();
        let counted = self.uncounted().is_none();
        !(self.states.is_empty() && self.rules.is_empty() && any_receiver && counted)
    }

    /// `true` if a delivery matches, apart from its state.
    pub fn takes_but_for_state(&self, delivery: &Delivery) -> bool {
        self.takes_sender(delivery.rule, delivery.target.into())
            && self.period().holds(delivery.id.made_at())
            && self.subject.as_ref().is_none_or(|subject| *subject == delivery.subject)
            && (self.types.is_empty() || self.types.contains(&delivery.event_type))
            && self.takes_answer(delivery)
    }

    fn takes_answer(&self, delivery: &Delivery) -> bool {
        let answer = delivery.attempts.last().and_then(Answer::of);
        self.answers.is_empty() || answer.is_some_and(|it| self.answers.contains(&it))
    }

    /// The parameter that the counters do not know, if there is one. With it deliveries are read one
    /// by one to count them.
    pub fn uncounted(&self) -> Option<&'static str> {
        let of_type = (!self.types.is_empty()).then_some("type");
        of_type.or_else(|| (!self.answers.is_empty()).then_some("answer"))
    }

    /// `true` if a delivery matches.
    pub fn takes(&self, delivery: &Delivery) -> bool {
        self.takes_state(delivery.state.name()) && self.takes_but_for_state(delivery)
    }

    /// `true` if a state matches.
    pub fn takes_state(&self, state: StateName) -> bool {
        self.states.is_empty() || self.states.contains(&state)
    }

    /// `true` if a rule and a receiver match.
    pub fn takes_sender(&self, rule: RuleId, receiver: Receiver) -> bool {
        let any_receiver = self.endpoints.is_empty() && self.integrations.is_empty();
        let named = || match receiver {
            Receiver::Endpoint(id) => self.endpoints.contains(&id),
            Receiver::Integration(id) => self.integrations.contains(&id),
        };
        (self.rules.is_empty() || self.rules.contains(&rule)) && (any_receiver || named())
    }

    /// The states that match.
    pub fn requested(&self) -> impl Iterator<Item = StateName> + '_ {
        StateName::ALL.into_iter().filter(|state| self.takes_state(*state))
    }

    /// The period; an open end is the first or last timestamp.
    pub fn period(&self) -> Period {
        list_query::period(self.from, self.to)
    }

    /// The same filter without deliveries created after `now`.
    #[must_use]
    pub fn until_now(self, now: Timestamp) -> Self {
        let end = now + SignedDuration::from_millis(1);
        Self { to: Some(self.to.map_or(end, |to| to.min(end))), ..self }
    }

    /// The same filter within one day.
    #[must_use]
    pub fn within(&self, day: Day) -> Self {
        let (from, to) = (day.start(), day.after().start());
        Self {
            from: Some(self.from.map_or(from, |own| own.max(from))),
            to: Some(self.to.map_or(to, |own| own.min(to))),
            ..self.clone()
        }
    }

    /// The canonical text of the filter, which binds a cursor to it.
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Criteria for DeliveryFilter {
    fn take(&mut self, name: &str, value: &str, _: &Workspace) -> Result<bool, FilterError> {
        match name {
            "subject" => {
                let text = text(name, value, |text| text.chars().count() > SUBJECT)?;
                once(&mut self.subject, name, text)?;
            }
            "type" => each(&mut self.types, name, value, |it| EventType::parse(it).ok())?,
            "answer" => each(&mut self.answers, name, value, Answer::parse)?,
            "state" => each(&mut self.states, name, value, StateName::parse)?,
            "rule" => each(&mut self.rules, name, value, |id| id.parse().ok())?,
            "endpoint" => each(&mut self.endpoints, name, value, |id| id.parse().ok())?,
            "integration" => each(&mut self.integrations, name, value, |id| id.parse().ok())?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_period(&mut self, from: Option<Timestamp>, to: Option<Timestamp>) {
        (self.from, self.to) = (from, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::list_query::{Format, ListQuery};
    use serde_json::json;

    fn workspace() -> Workspace {
        let at = "2026-01-01T00:00:00Z";
        serde_json::from_value(json!({
            "id": "ws_00000000000000000000000000000001", "name": "W",
            "time_zone": "America/Sao_Paulo", "default_region": "BR", "inbound_months": 3,
            "secret": "s", "version": 1, "created_at": at, "updated_at": at,
        }))
        .unwrap()
    }

    fn read(pairs: &[(&str, &str)]) -> Result<ListQuery<DeliveryFilter>, FilterError> {
        ListQuery::from_pairs(pairs.iter().copied(), &workspace())
    }

    #[test]
    fn s2_2_a_period_has_whole_days_in_the_workspaces_zone() {
        let query = read(&[("from", "2026-11-20"), ("to", "2026-11-21")]).unwrap();
        let period = query.filter.period();
        assert_eq!(period.from, "2026-11-20T03:00:00Z".parse().unwrap());
        assert_eq!(period.to, "2026-11-22T03:00:00Z".parse().unwrap());
        assert_eq!((query.limit, query.format), (50, Format::Json));
    }

    #[test]
    fn s2_4_several_states_are_one_parameter_or_several() {
        let one = read(&[("state", "failure,retrying")]).unwrap();
        let two = read(&[("state", "retrying"), ("state", "failure")]).unwrap();
        assert_eq!(one, two);
        let states: Vec<_> = one.filter.requested().collect();
        assert_eq!(states, [StateName::Retrying, StateName::Failure]);
        assert_eq!(read(&[]).unwrap().filter.requested().count(), 6);
    }

    #[test]
    fn te_05_an_unknown_parameter_or_value_is_refused_by_name() {
        let endpoint = "ep_00000000000000000000000000000001";
        let table = [
            (("state", "ok"), "state", "unknown_value"),
            (("rule", endpoint), "rule", "unknown_value"),
            (("endpoint", "1"), "endpoint", "unknown_value"),
            (("limit", "201"), "limit", "out_of_range"),
            (("limit", "-1"), "limit", "out_of_range"),
            (("format", "xml"), "format", "unknown_value"),
            (("from", "21/11/2026"), "from", "invalid_date"),
            (("subject", " "), "subject", "required"),
            (("subject", "a\0"), "subject", "nul"),
            (("q", "x"), "q", "unknown_field"),
        ];
        for (pair, path, reason) in table {
            let expected = FilterError::Invalid { path: path.to_owned(), reason };
            assert_eq!(read(&[pair]), Err(expected), "{pair:?}");
        }
        let twice = read(&[("subject", "a"), ("subject", "b")]);
        assert!(matches!(twice, Err(FilterError::Invalid { .. })));
        let reversed = read(&[("from", "2026-11-21"), ("to", "2026-11-20")]);
        assert_eq!(reversed, Err(FilterError::BadPeriod));
    }
}
