//! The view of a request: exact, except for secrets and the values in the URL of a `GET`.

use gancho_domain::{
    common::workspace::Workspace,
    inbound::mask,
    outbound::{delivery::Delivery, endpoint::Endpoint, event::Event, render, rule::Rule},
};
use gancho_edge::sender::{self, Message};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The parts of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) workspace: &'a Workspace,
    /// `None`: the delivery goes to an integration, without HTTP.
    pub(crate) endpoint: Option<&'a Endpoint>,
    pub(crate) rule: &'a Rule,
    pub(crate) event: &'a Event,
    pub(crate) delivery: &'a Delivery,
}

/// The request as it is or was sent at a given time.
pub(crate) fn shown(parts: &Parts<'_>, at: Timestamp) -> Value {
    let Parts { workspace, rule, event, delivery, .. } = *parts;
    let Some(endpoint) = parts.endpoint else {
        let body = render::body(workspace.id, event, delivery, &rule.body);
        return json!({ "method": null, "url": null, "headers": [], "body": body.to_string() });
    };
    let message = Message {
        workspace: workspace.id,
        plain_http: workspace.plain_http,
        endpoint,
        rule,
        event,
        delivery,
    };
    match sender::compose(&message, at) {
        Err(fault) => json!({ "error": fault.as_str() }),
        Ok(composed) => json!({
            "method": composed.method().as_str(),
            "url": composed.shown(),
            "headers": headers(composed.headers(), endpoint),
            "body": composed.body().map(String::from_utf8_lossy),
        }),
    }
}

/// The data of a `GET` as name-value pairs, for a preview, because the URL shows no values.
pub(crate) fn query(parts: &Parts<'_>) -> Value {
    let body = render::body(parts.workspace.id, parts.event, parts.delivery, &parts.rule.body);
    let pairs = render::pairs(&body).into_iter();
    pairs.map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

/// The headers, masked. All headers that are configured for the endpoint count as secret.
fn headers(all: &[(String, String)], endpoint: &Endpoint) -> Value {
    let own: Vec<&str> = endpoint.headers.iter().map(|(name, _)| name.as_str()).collect();
    let masked = mask::headers(all.to_vec(), &own).into_iter();
    masked.map(|(name, value)| json!({ "name": name, "value": value })).collect()
}
