//! Sending one request to a URL that a stranger named, and what came of it (`DESIGN 7`).
//!
//! - [`compose()`]: the exact request of a delivery: bytes, headers, signature.
//! - `guard`: which addresses are dialled. The literal in the URL is judged right before the
//!   request, every address of its name when it is resolved: a client skips its resolver for
//!   literals, and a name may change its mind.
//! - `answer`: what came back. `error`: why nothing did, in the few words that a customer is told.
//!
//! No redirects, no proxy, no try on its own account, no decompression, no connection used twice.

mod answer;
mod compose;
mod error;
mod guard;

use std::{sync::Arc, time::Duration};

use gancho_domain::outbound::{
    delivery::{Fault, Outcome},
    rule::Method,
    target_url::{BadUrl, UrlRules},
};
use jiff::Timestamp;
use reqwest::{Certificate, Client, Response, redirect, retry};
use tokio::time::Instant;

pub use self::{
    answer::Answer,
    compose::{Composed, Message, USER_AGENT, compose, shown},
};
use self::{answer::Heard, guard::Guard};
use crate::{deps::Resolver, settings::Settings};

/// The longest that making a connection may take: name, TCP and TLS.
const CONNECT: Duration = Duration::from_secs(3);
/// The longest that a request may take, whatever a policy says.
const LONGEST: Duration = Duration::from_secs(10);
/// The most bytes of an answer's body that are read.
const READ: usize = 16 * 1024;

/// Sends requests. Made once per process; clones share one client.
#[derive(Debug, Clone)]
pub struct Sender {
    client: Client,
    own_hosts: Arc<[String]>,
    exempt_hosts: Arc<[String]>,
}

impl Sender {
    /// A sender that finds addresses through `resolver`, or as the system does.
    pub fn new(settings: &Settings, resolver: Option<Resolver>) -> Self {
        Self::with_roots(settings, resolver, Vec::new())
    }

    /// The same, trusting these certificate authorities beside the system's.
    pub fn with_roots(
        settings: &Settings,
        resolver: Option<Resolver>,
        roots: Vec<Certificate>,
    ) -> Self {
        let exempt_hosts: Arc<[String]> = settings.exempt_hosts.clone().into();
        let guard = Guard::new(resolver, Arc::clone(&exempt_hosts));
        Self {
            client: client(guard, roots),
            own_hosts: settings.own_hosts.clone().into(),
            exempt_hosts,
        }
    }

    /// Which URLs this deployment may be given; the workspace says whether plain `http` is one.
    pub fn rules(&self, plain_http: bool) -> UrlRules<'_> {
        UrlRules { plain_http, own_hosts: &self.own_hosts, exempt_hosts: &self.exempt_hosts }
    }

    /// Composes a delivery's request as it stands at `now` and sends it.
    pub async fn deliver(&self, message: &Message<'_>, now: Timestamp) -> Answer {
        match compose(message, now) {
            Ok(composed) => self.send(&composed, now).await,
            Err(fault) => Answer::unsent(shown(message), fault),
        }
    }

    /// Sends a request once. `now` is when it begins: dates in the answer are counted from it.
    pub async fn send(&self, request: &Composed, now: Timestamp) -> Answer {
        let begun = Instant::now();
        let limit = request.timeout().min(LONGEST);
        let heard = match tokio::time::timeout(limit, self.exchange(request, now)).await {
            Ok(heard) => heard,
            Err(_) => Err(Fault::Timeout),
        };
        let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let url = request.shown().to_owned();
        match heard {
            Ok(heard) => Answer {
                outcome: Outcome::Status(heard.status),
                duration_ms,
                url,
                excerpt: heard.excerpt,
                retry_after: heard.retry_after,
            },
            Err(fault) => Answer { duration_ms, ..Answer::unsent(url, fault) },
        }
    }

    async fn exchange(&self, request: &Composed, now: Timestamp) -> Result<Heard, Fault> {
        self.judge(request)?;
        let method = match request.method() {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
        };
        let mut call = self.client.request(method, request.url().clone());
        for (name, value) in request.headers() {
            call = call.header(name, value);
        }
        if let Some(body) = request.body() {
            call = call.body(body.to_vec());
        }
        let response = call.send().await.map_err(|error| {
            let fault = error::of(&error);
            error::note(error, fault);
            fault
        })?;
        hear(response, now).await
    }

    /// The literal in the URL, right before it is dialled: the row may have been edited.
    fn judge(&self, request: &Composed) -> Result<(), Fault> {
        let rules = self.rules(request.plain_http());
        request.target().check(&rules).map_err(|bad| match bad {
            BadUrl::NotAllowed => Fault::UrlNotAllowed,
            BadUrl::Forbidden => Fault::TargetIpForbidden,
        })
    }
}

fn client(guard: Guard, roots: Vec<Certificate>) -> Client {
    let plain = |guard: Guard| {
        Client::builder()
            .dns_resolver(Arc::new(guard))
            .connect_timeout(CONNECT)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .http1_only()
            .pool_max_idle_per_host(0)
            .tls_backend_rustls()
    };
    match plain(guard.clone()).tls_certs_merge(roots).build() {
        Ok(client) => client,
        Err(error) => {
            // The system trusts nobody: then nor do we, and every handshake fails.
            tracing::error!(error.cause = %error, "no certificate authorities; trusting none");
            untrusting(plain(guard).tls_certs_only([]))
        }
    }
}

#[expect(clippy::expect_used, reason = "what can fail is reading roots, and there are none")]
fn untrusting(builder: reqwest::ClientBuilder) -> Client {
    builder.build().expect("a client without roots")
}

/// Reads an answer's headers and the beginning of its body. Once the headers are complete a body
/// that breaks changes nothing (`CATALOGUE OU-11`).
async fn hear(mut response: Response, now: Timestamp) -> Result<Heard, Fault> {
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
                error::note(error, Fault::ConnectFailed);
                break;
            }
        }
    }
    Ok(Heard { status, retry_after, excerpt: answer::excerpt(&body) })
}
