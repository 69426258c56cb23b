//! The catalogue of applications that send webhooks.

use gancho_domain::inbound::applications;
use gancho_edge::{
    http::{Answer, Call},
    page::Page,
    query::Query,
};
use serde_json::{Value, json};

/// `GET /v1/applications`: all applications, the plain webhook first. The list is the same for all
/// workspaces.
pub(crate) fn list(call: &Call) -> Answer {
    Query::of(call, &[])?;
    let language = call.language();
    let shown = |application: &applications::Application| {
        let mut view = serde_json::to_value(application).unwrap_or_default();
        if let Some(fields) = view.as_object_mut() {
            fields.insert("note".to_owned(), json!(application.note.of(language)));
        }
        view
    };
    Page::<Value>::complete(applications::all().iter().map(shown).collect()).answer()
}
