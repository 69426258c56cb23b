//! Receives webhooks: finds the integration, verifies the request, stores it and responds.
//!
//! - `trigger`: parses the event. `target`: the integration of a token. `receive`: stores the webhook.
//! - `sample`: a test of an integration, which takes the same road.
//!
//! With cached configuration a request makes one AWS call: the put of the webhook's row. The
//! response is sent only after that commit. A refused request is counted and not stored.

mod receive;
mod sample;
mod target;
mod trigger;

use std::net::IpAddr;

use gancho_domain::{
    common::{
        code::{Code, Language},
        ids::WebhookId,
    },
    inbound::{
        integration::Method,
        verify::{self, Refusal},
        webhook::Test,
    },
};
use gancho_edge::{
    Deps, http::serve, metrics::Metric, problem::ApiError, routes::Ingest, telemetry,
};
use gancho_store::Store;
use jiff::Timestamp;
use lambda_http::request::LambdaRequest;
use lambda_runtime::LambdaEvent;
use serde_json::json;

pub use self::trigger::{Answer, Event, Received, Reply};
use self::{
    target::{Target, Targets},
    trigger::Incoming,
};

/// The queues that the function uses: none.
pub const QUEUES: &[gancho_edge::queue::Queue] = &[];

/// The state that the function keeps between requests.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    targets: Targets,
}

impl App {
    /// Creates the state, once per process.
    pub fn new(deps: Deps) -> Self {
        let store = deps.store();
        Self { deps, store, targets: Targets::new() }
    }
}

/// Handles one request. A request to an ingest URL never fails: an error becomes a response.
pub async fn handle(app: &App, event: LambdaEvent<Event>) -> Result<Answer, lambda_runtime::Error> {
    let LambdaEvent { payload, context } = event;
    let work = async {
        match payload {
            Event::Ingest(received) => Ok(Answer::Ingest(ingest(app, received).await)),
            Event::Api(request) => api(app, LambdaEvent::new(*request, context.clone())).await,
        }
    };
    telemetry::invocation(&app.deps.metrics, &context, work).await
}

async fn api(
    app: &App,
    event: LambdaEvent<LambdaRequest>,
) -> Result<Answer, lambda_runtime::Error> {
    let reply = serve(event, |operation, call| async move {
        match operation {
            Ingest::TestIntegration => sample::send(app, &call).await,
        }
    });
    Ok(Answer::Api(serde_json::to_value(Box::pin(reply).await?)?))
}

async fn ingest(app: &App, received: Received) -> Reply {
    let language = received.language();
    let outcome = match received.into_incoming() {
        Some(incoming) => answer(app, incoming).await,
        None => Err(ApiError::new(400, Code::BadRequest)),
    };
    outcome.unwrap_or_else(|error| refusal(app, &error, language))
}

async fn answer(app: &App, incoming: Incoming) -> Result<Reply, ApiError> {
    let now = app.deps.clock.now();
    let (token, path) = match incoming.token.split_once('/') {
        Some((token, path)) => (token, Some(path)),
        None => (incoming.token.as_str(), None),
    };
    let target = app.targets.find(&app.store, token, now).await?;
    // The same response for unknown, wrong and deleted tokens (`CATALOGUE IN-26, IN-30`).
    let unknown = || ApiError::new(404, Code::UnknownIngestUrl);
    let target = target.ok_or_else(unknown)?;
    if path.is_some() {
        count(app, &target, &incoming, (404, Code::PathAfterToken)).await;
        return Err(unknown());
    }
    if matches!(incoming.method.as_str(), "HEAD" | "OPTIONS") {
        return Ok(allow(Reply::new(204, "text/plain", String::new()), &target));
    }
    if let Some(reply) = handshake(&target, &incoming) {
        if let Err(error) = &reply {
            count(app, &target, &incoming, (error.status, error.code)).await;
        }
        return reply;
    }
    let language = incoming.language();
    let webhook = receive::new_id(app, &target, now);
    match take(app, &target, incoming, (webhook, None), now).await {
        Ok(()) => Ok(accepted(target.integration.success_status, webhook)),
        Err(error) if error.code == Code::MethodNotAllowed => {
            Ok(allow(refusal(app, &error, language), &target))
        }
        Err(error) => Err(error),
    }
}

/// Verifies a request and stores it as this webhook: the road of senders' requests and of tests. A
/// refused request is counted.
async fn take(
    app: &App,
    target: &Target,
    incoming: Incoming,
    (webhook, test): (WebhookId, Option<Test>),
    now: Timestamp,
) -> Result<(), ApiError> {
    if let Err(error) = admit(target, &incoming, now) {
        count(app, target, &incoming, (error.status, error.code)).await;
        return Err(error);
    }
    receive::keep(app, target, incoming, (webhook, test)).await
}

/// Meta's registration: the challenge as plain text, or an error (`CATALOGUE AU-12`).
fn handshake(target: &Target, incoming: &Incoming) -> Option<Result<Reply, ApiError>> {
    if incoming.method != "GET" {
        return None;
    }
    let query = decoded(&incoming.query);
    let answer = verify::handshake(&target.integration.verification, &query)?;
    Some(
        answer
            .map_err(api_error)
            .map(|challenge| Reply::new(200, "text/plain; charset=utf-8", challenge)),
    )
}

/// Checks that a request may become a webhook. Signatures are verified over the raw bytes.
fn admit(target: &Target, incoming: &Incoming, now: Timestamp) -> Result<(), ApiError> {
    let integration = &target.integration;
    if target.suspended {
        return Err(ApiError::new(403, Code::WorkspaceSuspended));
    }
    if !integration.methods.iter().any(|method| method.as_str() == incoming.method) {
        return Err(ApiError::new(405, Code::MethodNotAllowed));
    }
    let address: Option<IpAddr> = incoming.source_ip.parse().ok();
    let allowed = |net: &ipnet::IpNet| address.is_some_and(|address| net.contains(&address));
    if !integration.allowed_ips.is_empty() && !integration.allowed_ips.iter().any(allowed) {
        return Err(ApiError::new(403, Code::IpNotAllowed));
    }
    let query = decoded(&incoming.query);
    let request = verify::Incoming {
        method: &incoming.method,
        headers: &incoming.headers,
        query: &query,
        body: &incoming.body,
    };
    verify::verify(&integration.verification, &request, now).map_err(api_error)
}

fn decoded(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn api_error(refusal: Refusal) -> ApiError {
    ApiError::new(refusal.status(), refusal.code())
}

fn allow(reply: Reply, target: &Target) -> Reply {
    let methods: Vec<_> = target.integration.methods.iter().map(|m| Method::as_str(*m)).collect();
    reply.with("allow", methods.join(", "))
}

/// Counts a refusal of the integration. The response waits at most 500 ms for the count and does not
/// depend on its success.
async fn count(app: &App, target: &Target, incoming: &Incoming, (status, code): (u16, Code)) {
    let integration = (target.workspace, target.integration.id);
    let now = app.deps.clock.now();
    let count = app.store.count_refusal(integration, code, &incoming.source_ip, now);
    let counted = tokio::time::timeout(std::time::Duration::from_millis(500), count).await;
    tracing::info!(
        workspace.id = %target.workspace,
        integration.id = %target.integration.id,
        http.status = status,
        error.code = code.as_str(),
        refusal.counted = matches!(counted, Ok(Ok(()))),
        "webhook refused"
    );
}

/// The response for an error. Counts the refusal and logs a 5xx.
fn refusal(app: &App, error: &ApiError, language: Language) -> Reply {
    app.deps.metrics.one_by(Metric::WebhooksRefused, error.code.as_str());
    if error.status >= 500 {
        tracing::error!(
            http.status = error.status,
            error.code = error.code.as_str(),
            error.cause = error.cause,
            "webhook not stored"
        );
    }
    let body = error.to_problem(language).to_string();
    let reply = Reply::new(error.status, "application/problem+json", body);
    if error.status == 503 {
        reply.with("retry-after", gancho_edge::problem::UNAVAILABLE)
    } else {
        reply
    }
}

/// The response to an accepted webhook.
fn accepted(status: u16, id: WebhookId) -> Reply {
    let body = if status == 204 { String::new() } else { json!({ "id": id }).to_string() };
    Reply::new(status, "application/json", body).with("x-gancho-id", id.to_string())
}
