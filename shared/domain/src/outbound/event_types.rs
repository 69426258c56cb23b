//! The catalogue of event types: the name, the fields and an example of each.
//!
//! The catalogue is one file, `event_types.json`. A new type is a new entry of `types`, and a new
//! entity if no entity fits. Producers may publish types that are not in the catalogue.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    common::workspace::{CustomField, Entity, FieldKind},
    inbound::applications::Text,
    outbound::event::EventType,
};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    // A file that cannot be parsed gives an empty catalogue; a test proves that it can be.
    serde_json::from_str(include_str!("event_types.json")).unwrap_or_default()
});

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    envelope: Group,
    entities: Vec<About>,
    types: Vec<Kind>,
}

/// A type of event.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Its name.
    #[serde(rename = "type")]
    pub name: EventType,
    /// Its entity: the key of an [`About`].
    pub entity: String,
    /// Its display name.
    pub label: Text,
    /// The subject's status in the example, where it is not the entity's.
    #[serde(default)]
    status: Option<String>,
    /// The data of the example, where it is not the entity's.
    #[serde(default)]
    example: Option<Value>,
}

/// An entity that events are about.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Its key.
    pub key: String,
    /// Its display name.
    pub label: Text,
    /// An example of the business key that people search by.
    pub subject: String,
    /// The subject's status in the example.
    #[serde(default)]
    status: Option<String>,
    /// Its fields.
    groups: Vec<Group>,
    /// Data as it is delivered.
    example: Value,
}

/// Fields that belong together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its key.
    pub key: String,
    /// Its display name.
    pub label: Text,
    /// The fields.
    pub fields: Vec<Field>,
    /// The place of the workspace's custom fields of an entity.
    #[serde(default, skip_serializing)]
    custom: Option<Custom>,
}

/// The place of the workspace's custom fields.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Custom {
    entity: Entity,
    at: String,
}

/// A field of the standard body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its path: keys joined by dots, as a mapped body's `from` names it.
    pub path: String,
    /// The kind of its value: `text`, `number`, `date`, `boolean` or `list`.
    pub kind: String,
    /// Its display name.
    pub label: Text,
}

/// The parts of an example event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Example {
    /// The subject.
    pub subject: &'static str,
    /// Its status.
    pub status: Option<&'static str>,
    /// The data.
    pub data: &'static Value,
}

/// Every type, in the order in which people are shown them.
pub fn all() -> &'static [Kind] {
    &CATALOGUE.types
}

/// The type of this name.
pub fn find(name: &str) -> Option<&'static Kind> {
    all().iter().find(|kind| kind.name.as_str() == name)
}

impl Kind {
    /// Its entity.
    fn about(&self) -> Option<&'static About> {
        CATALOGUE.entities.iter().find(|entity| entity.key == self.entity)
    }

    /// An example of it.
    pub fn example(&'static self) -> Option<Example> {
        let about = self.about()?;
        Some(Example {
            subject: &about.subject,
            status: self.status.as_deref().or(about.status.as_deref()),
            data: self.example.as_ref().unwrap_or(&about.example),
        })
    }

    /// Its fields in groups: the envelope first, then those of the entity, with the workspace's
    /// custom fields (`FACTS S3.13`).
    pub fn groups(&self, own: &BTreeMap<String, CustomField>) -> Vec<Group> {
        let groups = self.about().map_or(&[][..], |about| about.groups.as_slice());
        let with_own = groups.iter().map(|group| {
            let mut group = group.clone();
            if let Some(custom) = group.custom.take() {
                let fields = own.iter().filter(|(_, field)| field.entity == custom.entity);
                group.fields.extend(fields.map(|(key, field)| own_field(&custom.at, key, field)));
            }
            group
        });
        std::iter::once(CATALOGUE.envelope.clone()).chain(with_own).collect()
    }
}

fn own_field(at: &str, key: &str, field: &CustomField) -> Field {
    let kind = match field.kind {
        FieldKind::Text => "text",
        FieldKind::Number => "number",
        FieldKind::Date => "date",
        FieldKind::Boolean => "boolean",
    };
    let label = Text { pt: field.label.clone(), en: field.label.clone() };
    Field { path: format!("{at}.{key}"), kind: kind.to_owned(), label }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::condition;
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn s5_1_the_nine_events_and_every_other_are_there_once_with_an_example() {
        let names: Vec<&str> = all().iter().map(|kind| kind.name.as_str()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        for name in [
            "conversation.opened",
            "conversation.closed",
            "conversation.contact_created",
            "conversation.contact_updated",
            "message.incoming",
            "message.outgoing",
            "conversation.assignee_updated",
            "conversation.tag_updated",
            "comment.created",
            "order.dispatched",
            "tracking.updated",
            "pre_invoice.created",
            EventType::DEAL_CREATED,
            EventType::DEAL_ENTERED_STAGE,
            EventType::DEAL_STAGE_CHANGED,
            EventType::DEAL_STATUS_CHANGED,
            EventType::DEAL_UPDATED,
            EventType::CONTACT_CREATED,
            EventType::CONTACT_UPDATED,
            "source.created",
            "campaign.updated",
            "lost_reason.created",
        ] {
            let kind = find(name).unwrap_or_else(|| panic!("{name}"));
            assert!(kind.example().unwrap().data.is_object(), "{name}");
        }
        for kind in all() {
            assert!(kind.example().is_some(), "{}", kind.name);
            assert_ne!(kind.label.pt, "", "{}", kind.name);
        }
    }

    #[test]
    fn every_field_of_the_first_type_of_an_entity_has_a_unique_path_in_a_known_place() {
        let roots = ["id", "type", "occurred_at", "workspace", "subject", "data"];
        for kind in all() {
            let mut seen = BTreeSet::new();
            for field in kind.groups(&BTreeMap::new()).into_iter().flat_map(|group| group.fields) {
                assert!(roots.contains(&field.path.split('.').next().unwrap()), "{}", field.path);
                assert!(seen.insert(field.path.clone()), "{}: {}", kind.name, field.path);
            }
        }
    }

    #[test]
    fn s2_9_the_logistics_example_says_times_twice() {
        let data = find("tracking.updated").unwrap().example().unwrap().data;
        let at = |path: &str| condition::at(data, path).unwrap_or_else(|| panic!("{path}")).clone();
        let ms = at("history.created").as_i64().unwrap();
        let iso: jiff::Timestamp = at("history.created_iso").as_str().unwrap().parse().unwrap();
        assert_eq!(iso.as_millisecond(), ms);
        assert_eq!(at("order_number"), json!("1042"));
        assert!(at("invoice").is_object() && at("estimated_delivery_date").is_object());
    }

    #[test]
    fn s3_13_a_workspaces_own_fields_stand_with_their_entity() {
        let own = BTreeMap::from([
            (
                "segmento".to_owned(),
                CustomField {
                    label: "Segmento".to_owned(),
                    entity: Entity::Contact,
                    kind: FieldKind::Text,
                },
            ),
            (
                "prazo".to_owned(),
                CustomField {
                    label: "Prazo".to_owned(),
                    entity: Entity::Deal,
                    kind: FieldKind::Date,
                },
            ),
        ]);
        let paths = |name: &str| -> BTreeSet<String> {
            let groups = find(name).unwrap().groups(&own);
            groups.into_iter().flat_map(|group| group.fields).map(|field| field.path).collect()
        };
        assert!(paths("deal.created").contains("data.custom.prazo"));
        assert!(paths("deal.created").contains("data.contact.custom.segmento"));
        assert!(paths("contact.created").contains("data.custom.segmento"));
        assert!(!paths("contact.created").contains("data.custom.prazo"));
        assert!(!paths("order.dispatched").iter().any(|path| path.contains("custom")));
    }
}
