//! Everything that people configure, and the contacts and deals that came of it.
//!
//! One file a resource; what they share:
//! - `idempotency`: the same `POST` sent again is answered the same.
//! - `version`: `ETag` and `If-Match`. `patch`: what a `PATCH` means.
//! - `query`, `page`: the parameters of a list, and its pages. `validate`: limits of texts.

mod applications;
mod contacts;
mod deals;
mod delivery_stats;
mod endpoint_actions;
mod endpoint_settings;
mod endpoint_state;
mod endpoints;
mod event_types;
mod idempotency;
mod inbound_stats;
mod ingest_url;
mod integration_settings;
mod integrations;
mod keys;
mod origins;
mod page;
mod patch;
mod preview;
mod query;
mod recipients;
mod rejections;
mod routes;
mod rule_settings;
mod rules;
mod validate;
mod version;
mod workspaces;

use gancho_edge::{
    Deps,
    clock::Clock,
    http::{Answer, Call, serve},
    ids::Ids,
    metrics::Metrics,
    telemetry,
};
use gancho_store::Store;
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;

use self::idempotency::Post;

/// What the function needs, made once per process.
#[derive(Debug, Clone)]
pub struct App {
    store: Store,
    clock: Clock,
    metrics: Metrics,
    ids: Ids,
    public_base_url: Option<String>,
    own_hosts: Vec<String>,
    exempt_hosts: Vec<String>,
    sqs: aws_sdk_sqs::Client,
    recover_queue: Option<String>,
    sns: aws_sdk_sns::Client,
    notices_topic: Option<String>,
}

impl App {
    /// With what every function is given.
    pub fn new(deps: Deps) -> Self {
        Self {
            store: deps.store(),
            clock: deps.clock,
            metrics: deps.metrics,
            ids: deps.ids,
            public_base_url: deps.settings.public_base_url,
            own_hosts: deps.settings.own_hosts,
            exempt_hosts: deps.settings.exempt_hosts,
            sqs: deps.sqs,
            recover_queue: deps.settings.recover_queue,
            sns: deps.sns,
            notices_topic: deps.settings.notices_topic,
        }
    }

    /// What the rows of one request say about who wrote them.
    fn writer(&self) -> String {
        gancho_domain::common::ids::KeyId::from_bytes(self.ids.secret()).key()
    }
}

/// Answers one request of the API.
pub async fn handle(
    app: &App,
    event: LambdaEvent<LambdaRequest>,
) -> Result<impl Serialize + use<>, Error> {
    let context = event.context.clone();
    let work = serve(event, |call| async move { route(app, &call).await });
    let reply = telemetry::invocation(&app.metrics, &context, work).await?;
    Ok(serde_json::to_value(reply)?)
}

async fn route(app: &App, call: &Call) -> Answer {
    match call.route.as_str() {
        "GET /v1/workspace" => workspaces::show(app, call).await,
        "PATCH /v1/workspace" => workspaces::change(app, call).await,
        "GET /v1/applications" => applications::list(call),
        "GET /v1/origins" => origins::list(app, call).await,
        "GET /v1/origins/{origin}" => origins::show(app, call).await,
        "PATCH /v1/origins/{origin}" => origins::change(app, call).await,
        "DELETE /v1/origins/{origin}" => origins::delete(app, call).await,
        "GET /v1/integrations" => integrations::list(app, call).await,
        "GET /v1/integrations/{integration}" => integrations::show(app, call).await,
        "PATCH /v1/integrations/{integration}" => integrations::change(app, call).await,
        "DELETE /v1/integrations/{integration}" => integrations::delete(app, call).await,
        "GET /v1/integrations/{integration}/url" => ingest_url::show(app, call).await,
        "GET /v1/integrations/{integration}/refused" => rejections::list(app, call).await,
        "POST /v1/integrations/{integration}/preview" => preview::preview(app, call).await,
        "GET /v1/keys" => keys::list(app, call).await,
        "GET /v1/keys/{key}" => keys::show(app, call).await,
        "PATCH /v1/keys/{key}" => keys::change(app, call).await,
        "DELETE /v1/keys/{key}" => keys::delete(app, call).await,
        "GET /v1/contacts" => contacts::list(app, call).await,
        "GET /v1/contacts/{contact}" => contacts::show(app, call).await,
        "GET /v1/deals" => deals::list(app, call).await,
        "GET /v1/deals/{deal}" => deals::show(app, call).await,
        "PATCH /v1/deals/{deal}" => deals::change(app, call).await,
        "POST /v1/workspaces" => idempotency::post(app, call, Post::Workspace).await,
        "POST /v1/origins" => idempotency::post(app, call, Post::Origin).await,
        "POST /v1/integrations" => idempotency::post(app, call, Post::Integration).await,
        "POST /v1/integrations/{integration}/duplicate" => {
            idempotency::post(app, call, Post::Duplicate).await
        }
        "POST /v1/integrations/{integration}/rotate-url" => {
            idempotency::post(app, call, Post::RotateUrl).await
        }
        "POST /v1/keys" => idempotency::post(app, call, Post::Key).await,
        _ => outbound(app, call).await,
    }
}

/// The routes of the outbound half.
async fn outbound(app: &App, call: &Call) -> Answer {
    match call.route.as_str() {
        "GET /v1/event-types" => event_types::list(app, call).await,
        "GET /v1/endpoints" => endpoints::list(app, call).await,
        "GET /v1/endpoints/{endpoint}" => endpoints::show(app, call).await,
        "PATCH /v1/endpoints/{endpoint}" => endpoints::change(app, call).await,
        "DELETE /v1/endpoints/{endpoint}" => endpoints::delete(app, call).await,
        "GET /v1/rules" => rules::list(app, call).await,
        "GET /v1/rules/{rule}" => rules::show(app, call).await,
        "PATCH /v1/rules/{rule}" => rules::change(app, call).await,
        "DELETE /v1/rules/{rule}" => rules::delete(app, call).await,
        "POST /v1/endpoints" => idempotency::post(app, call, Post::Endpoint).await,
        "POST /v1/endpoints/{endpoint}/duplicate" => {
            idempotency::post(app, call, Post::DuplicateEndpoint).await
        }
        "POST /v1/endpoints/{endpoint}/enable" => idempotency::post(app, call, Post::Enable).await,
        "POST /v1/endpoints/{endpoint}/disable" => {
            idempotency::post(app, call, Post::Disable).await
        }
        "POST /v1/endpoints/{endpoint}/rotate-secret" => {
            idempotency::post(app, call, Post::RotateSecret).await
        }
        "POST /v1/rules" => idempotency::post(app, call, Post::Rule).await,
        "POST /v1/rules/{rule}/duplicate" => {
            idempotency::post(app, call, Post::DuplicateRule).await
        }
        _ => routes::unknown(call),
    }
}
