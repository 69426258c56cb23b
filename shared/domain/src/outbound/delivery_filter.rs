//! Which deliveries of a workspace does a reader want to see? (`FACTS S2.2, S2.4, S2.5, D16`)
//!
//! Read once at the door from the query of a request; inside, a [`DeliveryFilter`] is the proof
//! that it is valid. Days are the workspace's own, both included. A subject without a period means
//! the whole retention.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    common::{
        calendar::{Day, Period},
        ids::{EndpointId, IntegrationId, RuleId},
        workspace::Workspace,
    },
    inbound::filter::{
        FilterError, Format, LIMIT, bounds, each, invalid, once, parse_format, parse_limit,
    },
    outbound::{
        delivery::{Delivery, StateName},
        delivery_tally::Receiver,
        event::SUBJECT,
    },
};

/// Which deliveries are meant. An empty set means any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliveryFilter {
    /// The first moment of the period; a delivery belongs to the moment in which it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The first moment after the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// In any of these states.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub states: BTreeSet<StateName>,
    /// By any of these rules.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub rules: BTreeSet<RuleId>,
    /// To any of these endpoints, or of the integrations below.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub endpoints: BTreeSet<EndpointId>,
    /// To any of these integrations.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub integrations: BTreeSet<IntegrationId>,
    /// Of this business key, exactly (`CATALOGUE HI-15`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

impl DeliveryFilter {
    /// Whether a delivery is meant, its state aside.
    pub fn takes_but_for_state(&self, delivery: &Delivery) -> bool {
        self.takes_sender(delivery.rule, delivery.target.into())
            && self.period().holds(delivery.id.made_at())
            && self.subject.as_ref().is_none_or(|subject| *subject == delivery.subject)
    }

    /// Whether a delivery is meant.
    pub fn takes(&self, delivery: &Delivery) -> bool {
        self.takes_state(delivery.state.name()) && self.takes_but_for_state(delivery)
    }

    /// Whether deliveries of a state are meant.
    pub fn takes_state(&self, state: StateName) -> bool {
        self.states.is_empty() || self.states.contains(&state)
    }

    /// Whether deliveries of a rule to a receiver are meant.
    pub fn takes_sender(&self, rule: RuleId, receiver: Receiver) -> bool {
        let anybody = self.endpoints.is_empty() && self.integrations.is_empty();
        let named = || match receiver {
            Receiver::Endpoint(id) => self.endpoints.contains(&id),
            Receiver::Integration(id) => self.integrations.contains(&id),
        };
        (self.rules.is_empty() || self.rules.contains(&rule)) && (anybody || named())
    }

    /// The states that are meant.
    pub fn wanted(&self) -> impl Iterator<Item = StateName> + '_ {
        StateName::ALL.into_iter().filter(|state| self.takes_state(*state))
    }

    /// The period, open ends at the ends of time.
    pub fn period(&self) -> Period {
        Period { from: self.from.unwrap_or(Timestamp::MIN), to: self.to.unwrap_or(Timestamp::MAX) }
    }

    /// The same without what was made after `now`.
    #[must_use]
    pub fn until_now(self, now: Timestamp) -> Self {
        let end = now + SignedDuration::from_millis(1);
        Self { to: Some(self.to.map_or(end, |to| to.min(end))), ..self }
    }

    /// The same of one day only.
    #[must_use]
    pub fn within(&self, day: Day) -> Self {
        let (from, to) = (day.start(), day.after().start());
        Self {
            from: Some(self.from.map_or(from, |own| own.max(from))),
            to: Some(self.to.map_or(to, |own| own.min(to))),
            ..self.clone()
        }
    }

    /// One text for one filter: what a cursor belongs to.
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a filter alone, from a request's parameters.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        workspace: &Workspace,
    ) -> Result<Self, FilterError> {
        let mut draft = Draft::default();
        for (name, value) in pairs {
            if !draft.take(name, value)? {
                return Err(invalid(name, "unknown_field"));
            }
        }
        draft.finish(workspace)
    }
}

/// What a request for a list of deliveries asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// Which deliveries.
    pub filter: DeliveryFilter,
    /// How many on a page, 1 to 200.
    pub limit: u16,
    /// Where the page begins.
    pub cursor: Option<String>,
    /// In which form.
    pub format: Format,
}

impl DeliveryQuery {
    /// Reads the parameters of a request: decoded, in order, repeated ones more than once.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        workspace: &Workspace,
    ) -> Result<Self, FilterError> {
        let mut draft = Draft::default();
        let (mut limit, mut cursor, mut format) = (None, None, None);
        for (name, value) in pairs {
            match name {
                "limit" => once(&mut limit, name, parse_limit(value)?)?,
                "cursor" => once(&mut cursor, name, value.to_owned())?,
                "format" => once(&mut format, name, parse_format(value)?)?,
                _ if draft.take(name, value)? => {}
                _ => return Err(invalid(name, "unknown_field")),
            }
        }
        Ok(Self {
            filter: draft.finish(workspace)?,
            limit: limit.unwrap_or(LIMIT),
            cursor,
            format: format.unwrap_or_default(),
        })
    }
}

/// Parameters as they came, before the workspace gives them their meaning.
#[derive(Debug, Default)]
struct Draft {
    from: Option<String>,
    to: Option<String>,
    filter: DeliveryFilter,
}

impl Draft {
    /// Takes a parameter, if it is one of a filter.
    fn take(&mut self, name: &str, value: &str) -> Result<bool, FilterError> {
        let filter = &mut self.filter;
        match name {
            "from" => once(&mut self.from, name, value.to_owned())?,
            "to" => once(&mut self.to, name, value.to_owned())?,
            "subject" => once(&mut filter.subject, name, subject(value)?)?,
            "state" => each(&mut filter.states, name, value, StateName::parse)?,
            "rule" => each(&mut filter.rules, name, value, |id| id.parse().ok())?,
            "endpoint" => each(&mut filter.endpoints, name, value, |id| id.parse().ok())?,
            "integration" => each(&mut filter.integrations, name, value, |id| id.parse().ok())?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn finish(self, workspace: &Workspace) -> Result<DeliveryFilter, FilterError> {
        let (from, to) = bounds(self.from.as_deref(), self.to.as_deref(), &workspace.zone())?;
        Ok(DeliveryFilter { from, to, ..self.filter })
    }
}

/// A business key that somebody typed.
fn subject(text: &str) -> Result<String, FilterError> {
    match text.trim() {
        "" => Err(invalid("subject", "required")),
        text if text.chars().count() > SUBJECT => Err(invalid("subject", "too_long")),
        text if text.contains('\0') => Err(invalid("subject", "nul")),
        text => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    fn read(pairs: &[(&str, &str)]) -> Result<DeliveryQuery, FilterError> {
        DeliveryQuery::from_pairs(pairs.iter().copied(), &workspace())
    }

    #[test]
    fn s2_2_a_period_is_of_whole_days_in_the_workspaces_zone() {
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
        let wanted: Vec<_> = one.filter.wanted().collect();
        assert_eq!(wanted, [StateName::Retrying, StateName::Failure]);
        assert_eq!(read(&[]).unwrap().filter.wanted().count(), 6);
    }

    #[test]
    fn te_05_what_is_not_known_is_refused_with_its_name() {
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
            let wanted = FilterError::Invalid { path: path.to_owned(), reason };
            assert_eq!(read(&[pair]), Err(wanted), "{pair:?}");
        }
        let twice = read(&[("subject", "a"), ("subject", "b")]);
        assert!(matches!(twice, Err(FilterError::Invalid { .. })));
        let reversed = read(&[("from", "2026-11-21"), ("to", "2026-11-20")]);
        assert_eq!(reversed, Err(FilterError::BadPeriod));
    }
}
