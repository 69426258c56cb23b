//! Composes the exact request of a delivery, for sending and for the preview.
//!
//! Body and id are the same at every attempt; time and signature are new (`CATALOGUE I11`).

use std::time::Duration;

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    common::mask,
    outbound::{
        delivery::{Delivery, Fault},
        endpoint::Endpoint,
        event::Event,
        render,
        rule::{Method, Rule},
        sign,
        target_url::TargetUrl,
    },
};
use jiff::Timestamp;
use reqwest::Url;

/// The `User-Agent` of every request.
pub const USER_AGENT: &str = concat!("Gancho/", env!("CARGO_PKG_VERSION"));

/// The most characters of a URL that an attempt stores.
const SHOWN: usize = 2_048;

/// The inputs of a request.
#[derive(Debug, Clone, Copy)]
pub struct Message<'m> {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// True if the tenant's endpoints may use plain `http`.
    pub plain_http: bool,
    /// The endpoint that receives the request.
    pub endpoint: &'m Endpoint,
    /// The rule, with method and body.
    pub rule: &'m Rule,
    /// The event that the request reports.
    pub event: &'m Event,
    /// The delivery.
    pub delivery: &'m Delivery,
}

/// A request, complete and signed.
#[derive(Clone)]
pub struct Composed {
    receiver: (WorkspaceId, EndpointId),
    target: TargetUrl,
    url: Url,
    plain_http: bool,
    method: Method,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    shown: String,
    timeout: Duration,
}

impl std::fmt::Debug for Composed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Composed").field("url", &self.shown).finish_non_exhaustive()
    }
}

impl Composed {
    /// The endpoint whose connections the request may use.
    pub fn receiver(&self) -> (WorkspaceId, EndpointId) {
        self.receiver
    }

    /// The endpoint's URL, which is checked before the request is sent.
    pub fn target(&self) -> &TargetUrl {
        &self.target
    }

    /// The URL of the request, with the data of a `GET`.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// True if the URL may use plain `http`.
    pub fn plain_http(&self) -> bool {
        self.plain_http
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The headers, in the order in which they are sent. The endpoint's own headers may be secret.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The bytes of the body; a `GET` has none.
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// The URL with the values of its query masked.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The timeout of the whole request.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }
}

/// Composes the request of a delivery as it would be sent at `now`.
pub fn compose(message: &Message<'_>, now: Timestamp) -> Result<Composed, Fault> {
    let Message { endpoint, rule, event, delivery, .. } = message;
    let value = render::body(message.workspace, event, delivery, &rule.body);
    let mut url = endpoint.url.url().clone();
    let body = match rule.method {
        Method::Get => {
            append(&mut url, &render::query(&value));
            if url.as_str().len() > render::URL_CAP {
                return Err(Fault::UrlTooLong);
            }
            None
        }
        Method::Post | Method::Put | Method::Patch => Some(value.to_string().into_bytes()),
    };
    let signed = body.as_deref().unwrap_or_else(|| url.query().unwrap_or_default().as_bytes());
    Ok(Composed {
        receiver: (message.workspace, endpoint.id),
        target: endpoint.url.clone(),
        plain_http: message.plain_http,
        method: rule.method,
        headers: headers(message, signed, now),
        shown: masked(&url),
        url,
        body,
        timeout: Duration::from_millis(endpoint.policy.timeout_ms.into()),
    })
}

/// The endpoint's URL with the values of its query masked.
pub fn shown(message: &Message<'_>) -> String {
    masked(message.endpoint.url.url())
}

/// Appends the data to the URL's own query.
fn append(url: &mut Url, data: &str) {
    let query = match url.query() {
        Some(own) if !own.is_empty() && !data.is_empty() => format!("{own}&{data}"),
        Some(own) if !own.is_empty() => own.to_owned(),
        _ => data.to_owned(),
    };
    url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
}

fn headers(message: &Message<'_>, signed: &[u8], now: Timestamp) -> Vec<(String, String)> {
    let Message { endpoint, rule, delivery, .. } = message;
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: String| all.push((name.to_owned(), value));
    if rule.method != Method::Get {
        add("content-type", "application/json".to_owned());
    }
    add("user-agent", USER_AGENT.to_owned());
    let id = delivery.id.to_string();
    let signatures = sign::signatures(&endpoint.secret, &id, now, signed);
    add(sign::ID, id);
    add(sign::TIMESTAMP, now.as_second().to_string());
    if let Some(signatures) = signatures {
        add(sign::SIGNATURE, signatures);
    }
    add(render::HOPS, delivery.hops.saturating_add(1).to_string());
    let own = endpoint.headers.iter().filter(|(name, value)| render::may_be_set(name, value));
    all.extend(own.cloned());
    all
}

/// The beginning of a URL, with the values of its query masked.
fn masked(url: &Url) -> String {
    cut(&mask::url(url))
}

fn cut(text: &str) -> String {
    let mut cut: String = text.chars().take(SHOWN).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}
