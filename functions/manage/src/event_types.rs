//! The catalogue of event types, with the workspace's custom fields.

use gancho_domain::outbound::event_types;
use gancho_edge::{
    http::{Answer, Call},
    page::Page,
    query::Query,
};
use serde_json::{Value, json};

use crate::{App, find};

/// `GET /v1/event-types`: the event types with their grouped fields and an example (`FACTS S3.13`).
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let own = find::workspace(app, ws).await?.custom_fields;
    let shown = |kind: &'static event_types::Kind| {
        let example = kind.example().map(|example| {
            json!({
                "subject": { "key": example.subject, "status": example.status },
                "data": example.data,
            })
        });
        json!({
            "type": kind.name,
            "entity": kind.entity,
            "label": kind.label,
            "groups": kind.groups(&own),
            "example": example,
        })
    };
    Page::<Value>::complete(event_types::all().iter().map(shown).collect()).answer()
}
