//! The catalogue of event types, with the workspace's custom fields.

use std::collections::BTreeMap;

use gancho_domain::{
    common::workspace::CustomField,
    inbound::applications::Text,
    outbound::{
        event::EventType,
        event_types::{self, Example, Group, Kind},
    },
};
use gancho_edge::{
    http::{Answer, Call},
    page::Page,
    query::Query,
};
use serde::Serialize;
use serde_json::Value;

use crate::{App, find};

/// An event type.
#[derive(Debug, Serialize)]
struct EventTypeView {
    #[serde(rename = "type")]
    name: &'static EventType,
    entity: &'static str,
    label: &'static Text,
    groups: Vec<Group>,
    example: Option<ExampleView>,
}

/// An example of an event.
#[derive(Debug, Serialize)]
struct ExampleView {
    subject: SubjectView,
    data: &'static Value,
}

#[derive(Debug, Serialize)]
struct SubjectView {
    key: &'static str,
    status: Option<&'static str>,
}

/// `GET /v1/event-types`: the event types with their grouped fields and an example (`FACTS S3.13`).
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let own = find::workspace(app, ws).await?.custom_fields;
    let view = |kind| EventTypeView::of(kind, &own);
    Page::complete(event_types::all().iter().map(view).collect()).answer()
}

impl EventTypeView {
    fn of(kind: &'static Kind, own: &BTreeMap<String, CustomField>) -> Self {
        let example = |example: Example| ExampleView {
            subject: SubjectView { key: example.subject, status: example.status },
            data: example.data,
        };
        Self {
            name: &kind.name,
            entity: &kind.entity,
            label: &kind.label,
            groups: kind.groups(own),
            example: kind.example().map(example),
        }
    }
}
