//! The JSON of a request to an endpoint, with secrets masked.

use gancho_domain::{
    common::mask::Known,
    outbound::{endpoint::Endpoint, rule::Method, sign},
};
use serde::Serialize;

use super::Composed;
use crate::http::Pair;

/// A request as it is or was sent. Method and URL are `null` if it goes to an integration.
#[derive(Debug, Serialize)]
pub struct RequestView {
    method: Option<&'static str>,
    /// The URL, with the values of its query masked.
    pub url: Option<String>,
    headers: Vec<Pair<String>>,
    body: Option<String>,
}

impl RequestView {
    /// The view of a request. All headers that are configured for the endpoint are masked, because
    /// each may be secret, and the signature, with which anybody could repeat the request.
    pub fn of(request: &Composed, endpoint: &Endpoint) -> Self {
        let own = endpoint.headers.iter().map(|(name, _)| name.as_str());
        let names = own.chain([sign::SIGNATURE]).collect();
        let known = Known { names, values: endpoint.secret.all().collect() };
        let headers = known.headers(request.headers().to_vec()).into_iter();
        Self {
            method: Some(Method::as_str(request.method())),
            url: Some(request.shown().to_owned()),
            headers: headers.map(Pair::from).collect(),
            body: request.body().map(|body| String::from_utf8_lossy(body).into_owned()),
        }
    }

    /// The view of a body that an integration receives without HTTP.
    pub fn internal(body: String) -> Self {
        Self { method: None, url: None, headers: Vec::new(), body: Some(body) }
    }
}
