//! Events: a change of a deal or a contact, or an event that a producer publishes.
//!
//! One change is one event with one or more types: a new deal is `deal.created`,
//! `deal.entered_stage` and `deal.updated`. A rule that takes several of these types still sends
//! once for the change (`FACTS D12`).

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::{
    common::ids::{DealId, EventId, OriginId, StageId, WebhookId},
    crm::{Contact, Deal},
    inbound::origin::Origin,
};

/// The longest business key, in characters.
pub const SUBJECT: usize = 256;
/// The most bytes of an event's data as JSON.
pub const DATA: usize = 256 * 1024;

/// The type of an event: lower-case words joined by dots (`deal.stage_changed`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct EventType(String);

/// The error for a text that is not an event type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an event type")]
pub struct BadEventType;

impl EventType {
    /// A deal was created.
    pub const DEAL_CREATED: &str = "deal.created";
    /// A deal entered a stage, also by its creation.
    pub const DEAL_ENTERED_STAGE: &str = "deal.entered_stage";
    /// A deal moved from one stage to another.
    pub const DEAL_STAGE_CHANGED: &str = "deal.stage_changed";
    /// A deal's status changed.
    pub const DEAL_STATUS_CHANGED: &str = "deal.status_changed";
    /// A deal was created or changed in any way.
    pub const DEAL_UPDATED: &str = "deal.updated";
    /// A contact was created.
    pub const CONTACT_CREATED: &str = "contact.created";
    /// A contact was created or changed.
    pub const CONTACT_UPDATED: &str = "contact.updated";

    /// Parses a type: 1 to 64 characters of `a-z`, `0-9`, `_`, in parts joined by single dots.
    pub fn parse(text: &str) -> Result<Self, BadEventType> {
        let part = |part: &str| {
            let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            !part.is_empty() && part.bytes().all(good)
        };
        let good = (1..=64).contains(&text.len()) && text.split('.').all(part);
        if good { Ok(Self(text.to_owned())) } else { Err(BadEventType) }
    }

    /// As it is spelled.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn known(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// An event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its id, which holds the time at which it was recorded.
    pub id: EventId,
    /// Its types, the most specific first; never empty.
    pub types: Vec<EventType>,
    /// The business key that people search by: a deal's id, an order number.
    pub subject: String,
    /// The subject's status at that time (`open`, `in_transit`, ...).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_status: Option<String>,
    /// The time of the event, as its producer reports it.
    pub occurred_at: Timestamp,
    /// The attributes of the deal that rules filter by.
    #[serde(default)]
    pub about: About,
    /// The whole entity, without empty fields (`FACTS S4.1`).
    pub data: Value,
    /// Its cause.
    pub cause: EventCause,
    /// The number of times that Gancho has passed it on to itself (`FACTS D19`).
    #[serde(default)]
    pub hops: u8,
    /// The end of its retention.
    pub expires_at: Timestamp,
}

/// The attributes of a deal that rules filter by; all empty for any other event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<OriginId>,
    /// The stage after the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageId>,
    /// The status after the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// The cause of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventCause {
    /// A run of a webhook.
    Webhook(WebhookId),
    /// A person who changed a deal.
    Person,
    /// A producer, through the API.
    Producer,
    /// A person who sent an example event.
    Test,
}

impl EventCause {
    /// The webhook, if it was one.
    pub fn webhook(&self) -> Option<WebhookId> {
        match self {
            Self::Webhook(id) => Some(*id),
            Self::Person | Self::Producer | Self::Test => None,
        }
    }
}

/// The circumstances of a change.
#[derive(Debug, Clone)]
pub struct Moment {
    /// The time of the change; the event's id holds it.
    pub at: Timestamp,
    /// The key of the cause, for the derived id: a run, a version, an idempotency key.
    pub cause_key: String,
    /// The cause of the change.
    pub cause: EventCause,
    /// The number of times that Gancho passed the cause on to itself.
    pub hops: u8,
    /// The end of the event's retention.
    pub expires_at: Timestamp,
}

/// The event types of a deal's change; empty if nothing changed (`FACTS S3.10, D12`).
pub fn of_deal(before: Option<&Deal>, after: &Deal) -> Vec<EventType> {
    let mut names = Vec::new();
    match before {
        None => names.extend([EventType::DEAL_CREATED, EventType::DEAL_ENTERED_STAGE]),
        Some(before) => {
            if before.stage != after.stage {
                names.extend([EventType::DEAL_STAGE_CHANGED, EventType::DEAL_ENTERED_STAGE]);
            }
            if before.status != after.status {
                names.push(EventType::DEAL_STATUS_CHANGED);
            }
        }
    }
    if before.is_none_or(|before| !before.is_like(after)) {
        names.push(EventType::DEAL_UPDATED);
    }
    names.into_iter().map(EventType::known).collect()
}

/// The event of a changed deal. `None`: nothing changed.
pub fn deal_event(before: Option<&Deal>, after: &Deal, moment: &Moment) -> Option<Event> {
    let types = of_deal(before, after);
    if types.is_empty() {
        return None;
    }
    let status = serde_json::to_value(after.status).ok()?;
    let status = status.as_str().map(str::to_owned);
    Some(Event {
        id: moment.id("deal", &after.id.key()),
        types,
        subject: after.id.to_string(),
        subject_status: status.clone(),
        occurred_at: moment.at,
        about: About { origin: Some(after.origin), stage: Some(after.stage), status },
        data: filled(public(after)?),
        cause: moment.cause.clone(),
        hops: moment.hops,
        expires_at: moment.expires_at,
    })
}

/// The most times that Gancho passes an event on to itself (`FACTS D19`).
pub const MAX_HOPS: u8 = 3;

impl Event {
    /// True if the event has reached [`MAX_HOPS`]: nothing more is sent for it, neither to an
    /// integration nor to an external URL, which may lead back here by a name that Gancho does not
    /// know as its own (`CATALOGUE OF-06`).
    pub fn has_looped(&self) -> bool {
        self.hops >= MAX_HOPS
    }

    /// Adds the deal's related data: the names of its origin and stage, and its contact in place of
    /// the contact's id. A receiver needs no further request.
    #[must_use]
    pub fn around(mut self, origin: &Origin, contact: Option<&Contact>) -> Self {
        let Some(data) = self.data.as_object_mut() else { return self };
        let stage = origin.stages.iter().find(|stage| Some(stage.id) == self.about.stage);
        data.insert("origin_name".to_owned(), origin.name.clone().into());
        if let Some(stage) = stage {
            data.insert("stage_name".to_owned(), stage.name.clone().into());
        }
        if let Some(contact) = contact.and_then(person) {
            data.insert("contact".to_owned(), contact);
        }
        self
    }
}

/// A row as events show it: without its source times.
fn public(row: &impl Serialize) -> Option<Value> {
    let mut data = serde_json::to_value(row).ok()?;
    data.as_object_mut()?.remove("source_times");
    Some(data)
}

/// A contact as events show it: without the list of its deals.
fn person(contact: &Contact) -> Option<Value> {
    let mut data = public(contact)?;
    data.as_object_mut()?.remove("deals");
    Some(filled(data))
}

/// The event of a changed contact. A change of its list of deals alone is no event.
pub fn contact_event(before: Option<&Contact>, after: &Contact, moment: &Moment) -> Option<Event> {
    let names = match before {
        None => vec![EventType::CONTACT_CREATED, EventType::CONTACT_UPDATED],
        Some(before) if same_person(before, after) => return None,
        Some(_) => vec![EventType::CONTACT_UPDATED],
    };
    let data = person(after)?;
    Some(Event {
        id: moment.id("contact", &after.id.key()),
        types: names.into_iter().map(EventType::known).collect(),
        subject: after.id.to_string(),
        subject_status: None,
        occurred_at: moment.at,
        about: About::default(),
        data,
        cause: moment.cause.clone(),
        hops: moment.hops,
        expires_at: moment.expires_at,
    })
}

fn same_person(before: &Contact, after: &Contact) -> bool {
    (&before.name, &before.email, &before.phone, &before.custom)
        == (&after.name, &after.email, &after.phone, &after.custom)
}

impl Moment {
    fn id(&self, entity: &str, key: &str) -> EventId {
        EventId::derived(self.at, &["event", entity, key, &self.cause_key])
    }
}

/// Removes `null` and empty texts, lists and objects (`FACTS S4.1`).
pub fn filled(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().map(|(key, value)| (key, filled(value)));
            Value::Object(kept.filter(|(_, value)| !is_empty(value)).collect::<Map<_, _>>())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(filled).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The deal that an event's subject names, if any.
pub fn deal_of(subject: &str) -> Option<DealId> {
    subject.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crm::SourceTimes;
    use crate::{common::ids::ContactId, crm::DealStatus, inbound::origin::Stage};
    use serde_json::json;
    use std::collections::{BTreeMap, BTreeSet};

    fn deal(stage: u8, status: DealStatus) -> Deal {
        let at = Timestamp::UNIX_EPOCH;
        Deal {
            id: DealId::new(at, &[1; 10]),
            origin: OriginId::new(at, &[1; 10]),
            contact: None,
            title: "T".to_owned(),
            value: None,
            stage: StageId::new(at, &[stage; 10]),
            status,
            tags: BTreeSet::new(),
            custom: BTreeMap::new(),
            source_times: SourceTimes::default(),
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    fn names(before: Option<&Deal>, after: &Deal) -> Vec<String> {
        of_deal(before, after).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn d12_a_new_deal_has_entered_its_stage_and_is_updated_too() {
        let new = deal(1, DealStatus::Open);
        assert_eq!(names(None, &new), ["deal.created", "deal.entered_stage", "deal.updated"]);
    }

    #[test]
    fn s3_10_each_change_has_its_own_type_and_the_general_one() {
        let before = deal(1, DealStatus::Open);
        let stage = deal(2, DealStatus::Open);
        let expected = ["deal.stage_changed", "deal.entered_stage", "deal.updated"];
        assert_eq!(names(Some(&before), &stage), expected);
        let won = deal(1, DealStatus::Won);
        assert_eq!(names(Some(&before), &won), ["deal.status_changed", "deal.updated"]);
        let titled = Deal { title: "U".to_owned(), ..before.clone() };
        assert_eq!(names(Some(&before), &titled), ["deal.updated"]);
        assert!(names(Some(&before), &before.clone()).is_empty());
    }

    #[test]
    fn s3_13_a_deals_event_names_its_origin_its_stage_and_its_contact() {
        let at = Timestamp::UNIX_EPOCH;
        let after = deal(1, DealStatus::Open);
        let moment = Moment {
            at,
            cause_key: "k".to_owned(),
            cause: EventCause::Person,
            hops: 0,
            expires_at: at,
        };
        let origin = Origin {
            id: after.origin,
            name: "Vendas".to_owned(),
            stages: vec![Stage { id: after.stage, name: "Novo".to_owned() }],
            read_shards: 1,
            write_shards: 1,
            version: 1,
            created_at: at,
            updated_at: at,
        };
        let ana = Contact {
            id: ContactId::new(at, &[4; 10]),
            name: Some("Ana".to_owned()),
            email: None,
            phone: None,
            custom: BTreeMap::new(),
            deals: vec![after.as_named()],
            source_times: SourceTimes::default(),
            version: 1,
            created_at: at,
            updated_at: at,
        };
        let event = deal_event(None, &after, &moment).unwrap().around(&origin, Some(&ana));
        assert_eq!(
            (&event.data["origin_name"], &event.data["stage_name"]),
            (&json!("Vendas"), &json!("Novo"))
        );
        assert_eq!(event.data["contact"]["name"], "Ana");
        assert_eq!(event.data["contact"].get("deals"), None);
        let again = deal_event(None, &after, &moment).unwrap();
        assert_eq!(event.id, again.id, "the same cause makes the same event");
    }

    #[test]
    fn s4_1_data_holds_no_empty_fields() {
        let data = json!({"a": null, "b": "", "c": {"d": null}, "e": 0, "f": false, "g": [null]});
        assert_eq!(filled(data), json!({"e": 0, "f": false, "g": [null]}));
    }

    #[test]
    fn an_event_type_is_lower_case_words_joined_by_dots() {
        for good in ["order.dispatched", "a", "pre_invoice.created", "x1.y2.z3"] {
            assert!(EventType::parse(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "a.", ".a", "a..b", "A.b", "a b", "a#b", &"a".repeat(65)] {
            assert!(EventType::parse(bad).is_err(), "{bad}");
        }
    }
}
