//! The catalogue of applications that send webhooks, and their icons.

use gancho_domain::inbound::applications;
use gancho_edge::{
    http::{Answer, Call, header},
    page::Page,
    problem::ApiError,
    query::Query,
};
use lambda_http::{Body, Response};
use serde_json::{Value, json};

/// `GET /v1/applications`: all applications, the plain webhook first. The list is the same for all
/// workspaces.
pub(crate) fn list(call: &Call) -> Answer {
    Query::of(call, &[])?;
    let language = call.language();
    let shown = |application: &applications::Application| {
        let mut view = serde_json::to_value(application).unwrap_or_default();
        if let Some(fields) = view.as_object_mut() {
            fields.insert("icon".to_owned(), json!(application.icon_path()));
            fields.insert("note".to_owned(), json!(application.note.of(language)));
        }
        view
    };
    Page::<Value>::complete(applications::all().iter().map(shown).collect()).answer()
}

/// `GET /v1/applications/{application}/icon`: the drawing, which clients keep for a day. A page that
/// shows it runs and loads nothing from it.
pub(crate) fn icon(call: &Call) -> Answer {
    Query::of(call, &[])?;
    let known = call.path.get("application").and_then(|key| applications::find(key));
    let mut answer =
        Response::new(Body::from(known.ok_or_else(ApiError::not_found)?.icon.as_str()));
    header(&mut answer, "content-type", "image/svg+xml");
    header(&mut answer, "cache-control", "private, max-age=86400");
    header(&mut answer, "x-content-type-options", "nosniff");
    header(
        &mut answer,
        "content-security-policy",
        "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    );
    Ok(answer)
}
