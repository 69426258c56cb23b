//! The view of a request: exact, except for secrets and the values in the URL of a `GET`.

use gancho_domain::{
    common::workspace::{Role, Workspace},
    outbound::{delivery::Delivery, endpoint::Endpoint, event::Event, render, rule::Rule},
};
use gancho_edge::{
    http::Pair,
    sender::{self, Message, RequestView},
};
use jiff::Timestamp;
use serde::Serialize;

use crate::view::url_for_role;

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

/// A request, or the reason that none can be built.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum ShownRequest {
    Request(RequestView),
    Unsendable {
        error: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
}

impl ShownRequest {
    /// Sets the URL that the request was sent to.
    pub(crate) fn sent_to(&mut self, to: &str) {
        *self.url() = Some(to.to_owned());
    }

    /// Leaves of the URL what a role may see.
    pub(crate) fn for_role(&mut self, role: Role) {
        if let Some(url) = self.url() {
            *url = url_for_role(role, url);
        }
    }

    fn url(&mut self) -> &mut Option<String> {
        let (Self::Request(RequestView { url, .. }) | Self::Unsendable { url, .. }) = self;
        url
    }
}

/// The request as it is or was sent at a given time.
pub(crate) fn shown(parts: &Parts<'_>, at: Timestamp) -> ShownRequest {
    let Parts { workspace, rule, event, delivery, .. } = *parts;
    let Some(endpoint) = parts.endpoint else {
        let body = render::body(workspace.id, event, delivery, &rule.body);
        return ShownRequest::Request(RequestView::internal(body.to_string()));
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
        Err(fault) => ShownRequest::Unsendable { error: fault.as_str(), url: None },
        Ok(composed) => ShownRequest::Request(RequestView::of(&composed, endpoint)),
    }
}

/// The data of a `GET` as name-value pairs, for a preview, because the URL shows no values.
pub(crate) fn query(parts: &Parts<'_>) -> Vec<Pair<String>> {
    let body = render::body(parts.workspace.id, parts.event, parts.delivery, &parts.rule.body);
    render::pairs(&body).into_iter().map(Pair::from).collect()
}
