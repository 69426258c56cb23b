//! Sends one request to an untrusted URL and returns its result (`DESIGN 7`).
//!
//! - [`compose()`]: the exact request of a delivery: body, headers, signature.
//! - `guard`: refuses names with non-public addresses. An address literal in the URL is checked
//!   right before the request. A name is resolved and its addresses are checked for each request,
//!   because they may change.
//! - `connections`: keeps connections open for the next request to the same endpoint. `tls`: whom
//!   they trust.
//! - [`RequestView`]: the JSON of a request, with secrets masked.
//! - `answer`: the result. `error`: the fault of a request without a response, as customers see it.
//!
//! The client follows no redirects, uses no proxy and does not decompress. It sends a request again
//! only if a kept connection was closed before it was answered (`CATALOGUE OU-16`).

mod answer;
mod compose;
mod connections;
mod error;
mod guard;
mod tls;
mod view;

use std::{sync::Arc, time::Duration};

use gancho_domain::outbound::{
    delivery::{Fault, Outcome},
    rule::Method,
    target_url::{BadUrl, UrlRules},
};
use jiff::Timestamp;
use reqwest::{Client, Response};
use rustls::pki_types::CertificateDer;
use tokio::time::Instant;

pub use self::{
    answer::Answer,
    compose::{Composed, Message, USER_AGENT, compose, shown},
    view::RequestView,
};
use self::{
    answer::Received,
    connections::{Clients, Peer},
    guard::Guard,
};
use crate::{deps::Resolver, settings::Settings};

/// The maximum timeout of a request, whatever a policy sets.
const LONGEST: Duration = Duration::from_secs(10);
/// The most bytes of a response body that are read.
const READ: usize = 16 * 1024;

/// Sends requests. Created once per process; clones share their connections.
#[derive(Debug, Clone)]
pub struct Sender {
    clients: Arc<Clients>,
    guard: Guard,
    own_hosts: Arc<[String]>,
    exempt_hosts: Arc<[String]>,
}

impl Sender {
    /// A sender that resolves names with `resolver`, or with the system's resolver.
    pub fn new(settings: &Settings, resolver: Option<Resolver>) -> Self {
        Self::with_roots(settings, resolver, Vec::new())
    }

    /// A sender that trusts `roots` in addition to the system's certificate authorities.
    pub fn with_roots(
        settings: &Settings,
        resolver: Option<Resolver>,
        roots: Vec<CertificateDer<'static>>,
    ) -> Self {
        let exempt_hosts: Arc<[String]> = settings.exempt_hosts.clone().into();
        Self {
            clients: Arc::new(Clients::new(tls::config(roots))),
            guard: Guard::new(resolver, Arc::clone(&exempt_hosts)),
            own_hosts: settings.own_hosts.clone().into(),
            exempt_hosts,
        }
    }

    /// The rules for URLs of endpoints in this deployment. The workspace sets `plain_http`.
    pub fn rules(&self, plain_http: bool) -> UrlRules<'_> {
        UrlRules { plain_http, own_hosts: &self.own_hosts, exempt_hosts: &self.exempt_hosts }
    }

    /// Composes a delivery's request at `now` and sends it.
    pub async fn deliver(&self, message: &Message<'_>, now: Timestamp) -> Answer {
        match compose(message, now) {
            Ok(composed) => self.send(&composed, now).await,
            Err(fault) => Answer::unsent(shown(message), fault),
        }
    }

    /// Sends a request once. A date in `Retry-After` is counted from `now`, the start
    /// of the request.
    pub async fn send(&self, request: &Composed, now: Timestamp) -> Answer {
        let started = Instant::now();
        let limit = request.timeout().min(LONGEST);
        let received = match tokio::time::timeout(limit, self.exchange(request, now)).await {
            Ok(received) => received,
            Err(_) => Err(Fault::Timeout),
        };
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let url = request.shown().to_owned();
        match received {
            Ok(received) => Answer {
                outcome: Outcome::Status(received.status),
                duration_ms,
                url,
                excerpt: received.excerpt,
                retry_after: received.retry_after,
            },
            Err(fault) => Answer { duration_ms, ..Answer::unsent(url, fault) },
        }
    }

    async fn exchange(&self, request: &Composed, now: Timestamp) -> Result<Received, Fault> {
        self.check(request)?;
        let addresses = self.guard.addresses(request.url()).await.map_err(Fault::from)?;
        let peer = Peer::new(request.receiver(), addresses);
        let response = self.response(&peer, request).await.map_err(|error| {
            let fault = error::of(&error);
            error::log(error, fault);
            fault
        })?;
        read(response, now).await
    }

    /// The response to a request, which is sent on a kept connection if there is one. If that was
    /// closed before any answer, the request is sent once more, on a new connection.
    async fn response(&self, peer: &Peer, request: &Composed) -> Result<Response, reqwest::Error> {
        let mut connections = self.clients.of(peer)?;
        let mut sent = call(&connections.client, request).await;
        if connections.may_be_kept() && sent.as_ref().is_err_and(error::closed_unanswered) {
            tracing::debug!("kept connection was closed; request is sent on a new one");
            connections = self.clients.renewed(peer)?;
            sent = call(&connections.client, request).await;
        }
        sent.inspect(|_| connections.answered())
    }

    /// Checks the URL and its address literal right before the request, because the row may have
    /// been edited.
    fn check(&self, request: &Composed) -> Result<(), Fault> {
        let rules = self.rules(request.plain_http());
        request.target().check(&rules).map_err(|bad| match bad {
            BadUrl::NotAllowed => Fault::UrlNotAllowed,
            BadUrl::Forbidden => Fault::TargetIpForbidden,
        })
    }
}

/// Sends a request and waits for the headers of the response.
async fn call(client: &Client, request: &Composed) -> Result<Response, reqwest::Error> {
    let method = match request.method() {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
    };
    let mut call = client.request(method, request.url().clone());
    for (name, value) in request.headers() {
        call = call.header(name, value);
    }
    if let Some(body) = request.body() {
        call = call.body(body.to_vec());
    }
    call.send().await
}

/// Reads a response's headers and the beginning of its body. A body that breaks off after complete
/// headers does not change the outcome (`CATALOGUE OU-11`).
async fn read(mut response: Response, now: Timestamp) -> Result<Received, Fault> {
    let status = response.status().as_u16();
    match status {
        200..=299 | 400..=599 => {}
        300..=399 => return Err(Fault::RedirectRefused),
        _ => return Err(Fault::ProtocolError),
    }
    let retry_after = answer::retry_after(response.headers(), now);
    let mut body = Vec::new();
    while body.len() < READ {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend(chunk.iter().take(READ - body.len())),
            Ok(None) => break,
            Err(error) => {
                error::log(error, Fault::ConnectFailed);
                break;
            }
        }
    }
    Ok(Received { status, retry_after, excerpt: answer::excerpt(&body) })
}
