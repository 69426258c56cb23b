//! An endpoint as the API shows it.

use gancho_domain::{
    common::{
        ids::EndpointId,
        mask::{self, Known},
        secret::Secret,
        workspace::Role,
    },
    outbound::endpoint::{Endpoint, Limits, Policy, Preset},
};
use gancho_edge::http::Pair;
use jiff::Timestamp;
use serde::Serialize;

use super::{
    settings::bare,
    state::{StateView, States},
};

/// The settings of an endpoint.
#[derive(Debug, Serialize)]
pub(super) struct EndpointSettings<'a> {
    name: &'a str,
    url: String,
    preset: Option<Preset>,
    policy: Policy,
    headers: Vec<Pair<String>>,
    limits: Limits,
}

/// An endpoint with its state and activity.
#[derive(Debug, Serialize)]
pub(crate) struct EndpointView<'a> {
    #[serde(flatten)]
    settings: EndpointSettings<'a>,
    id: EndpointId,
    secret_previous_until: Option<Timestamp>,
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(flatten)]
    state: StateView,
}

/// A new endpoint with its secret, `null` in a replay.
#[derive(Debug, Serialize)]
pub(super) struct NewEndpointView<'a> {
    #[serde(flatten)]
    pub(super) endpoint: &'a EndpointView<'a>,
    pub(super) secret: Option<&'a str>,
}

/// A new secret, `null` in a replay, and the time until which the previous one also signs.
#[derive(Debug, Serialize)]
pub(super) struct NewSecretView<'a> {
    secret: Option<&'a str>,
    previous_until: Option<Timestamp>,
}

impl<'a> EndpointSettings<'a> {
    /// The present settings, including secret header values. They must not be shown.
    pub(super) fn unmasked(endpoint: &'a Endpoint) -> Self {
        Self::with(endpoint, endpoint.url.as_str().to_owned(), endpoint.headers.clone())
    }

    /// The settings as a role sees them. Headers that look like secrets are masked; for those who
    /// may not change the endpoint, all headers and the URL's query are, and for viewers its path.
    pub(super) fn masked(endpoint: &'a Endpoint, role: Role) -> Self {
        let may_change = role >= Role::Admin;
        let url = match role {
            Role::Viewer => mask::host(endpoint.url.as_str()),
            Role::Operator => mask::url(endpoint.url.url()),
            Role::Admin | Role::Owner => endpoint.url.to_string(),
        };
        let own = endpoint.headers.iter().map(|(name, _)| name.as_str()).filter(|_| !may_change);
        let known = Known { names: own.collect(), values: Vec::new() };
        Self::with(endpoint, url, known.headers(endpoint.headers.clone()))
    }

    fn with(endpoint: &'a Endpoint, url: String, headers: Vec<(String, String)>) -> Self {
        Self {
            name: &endpoint.name,
            url,
            preset: endpoint.policy.preset,
            policy: bare(&endpoint.policy),
            headers: headers.into_iter().map(Pair::from).collect(),
            limits: endpoint.limits,
        }
    }
}

impl<'a> EndpointView<'a> {
    pub(super) fn of(endpoint: &'a Endpoint, states: &States, role: Role) -> Self {
        Self {
            settings: EndpointSettings::masked(endpoint, role),
            id: endpoint.id,
            secret_previous_until: endpoint.secret.previous_until(),
            version: endpoint.version,
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
            state: states.shown(endpoint),
        }
    }
}

impl<'a> NewSecretView<'a> {
    pub(super) fn of(secret: Option<&'a Secret>, previous_until: Option<Timestamp>) -> Self {
        Self { secret: secret.map(Secret::expose), previous_until }
    }
}
