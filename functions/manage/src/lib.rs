//! The configuration API, and the contacts and deals.
//!
//! Each resource has its own file. Shared by all:
//! - `posts`: every `POST`, executed once for an `Idempotency-Key`.
//! - `version`: `ETag` and `If-Match`. `patch`: the semantics of `PATCH`.
//! - `find`: the resource that a request names.
//! - `gates`: enabling and disabling endpoints, for `endpoint_actions` and `endpoints`.

mod applications;
mod contacts;
mod deals;
mod delivery_stats;
mod endpoint_actions;
mod endpoint_settings;
mod endpoint_state;
mod endpoints;
mod event_types;
mod find;
mod gates;
mod inbound_stats;
mod ingest_url;
mod integration_settings;
mod integrations;
mod keys;
mod origins;
mod patch;
mod posts;
mod preview;
mod recipients;
mod rejections;
mod routes;
mod rule_settings;
mod rules;
mod version;
mod workspaces;

use gancho_domain::common::ids::Entropy;
use gancho_edge::{
    Deps,
    clock::Clock,
    http::{Answer, Call, serve},
    idempotency::Reservation,
    ids::Ids,
    metrics::Metrics,
    queue::{Queue, Queues},
    telemetry,
};
use gancho_store::Store;
use jiff::Timestamp;
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;

use self::posts::Post;

/// The queues that the function uses.
pub const QUEUES: &[Queue] = &[Queue::Recover];

/// The state that is kept between invocations.
#[derive(Debug, Clone)]
pub struct App {
    store: Store,
    clock: Clock,
    metrics: Metrics,
    ids: Ids,
    public_base_url: Option<String>,
    own_hosts: Vec<String>,
    exempt_hosts: Vec<String>,
    queues: Queues,
    sns: aws_sdk_sns::Client,
    notices_topic: Option<String>,
}

impl App {
    /// Creates the state from the dependencies that every function gets.
    pub fn new(deps: Deps) -> Self {
        Self {
            store: deps.store(),
            queues: deps.queues(),
            clock: deps.clock,
            metrics: deps.metrics,
            ids: deps.ids,
            public_base_url: deps.settings.public_base_url,
            own_hosts: deps.settings.own_hosts,
            exempt_hosts: deps.settings.exempt_hosts,
            sns: deps.sns,
            notices_topic: deps.settings.notices_topic,
        }
    }

    /// The id of a new resource; see [`Reservation::id`].
    fn id<T>(
        &self,
        reservation: &Reservation,
        new: fn(Timestamp, &Entropy) -> T,
        derived: fn(Timestamp, &[&str]) -> T,
    ) -> T {
        let workspace = reservation.workspace.key();
        reservation.id(new, derived, (self.ids.entropy(), &[&workspace]))
    }
}

/// Answers an API request.
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
        "POST /v1/workspaces" => posts::post(app, call, Post::Workspace).await,
        "POST /v1/origins" => posts::post(app, call, Post::Origin).await,
        "POST /v1/integrations" => posts::post(app, call, Post::Integration).await,
        "POST /v1/integrations/{integration}/duplicate" => {
            posts::post(app, call, Post::Duplicate).await
        }
        "POST /v1/integrations/{integration}/rotate-url" => {
            posts::post(app, call, Post::RotateUrl).await
        }
        "POST /v1/keys" => posts::post(app, call, Post::Key).await,
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
        "POST /v1/endpoints" => posts::post(app, call, Post::Endpoint).await,
        "POST /v1/endpoints/{endpoint}/duplicate" => {
            posts::post(app, call, Post::DuplicateEndpoint).await
        }
        "POST /v1/endpoints/{endpoint}/enable" => posts::post(app, call, Post::Enable).await,
        "POST /v1/endpoints/{endpoint}/disable" => posts::post(app, call, Post::Disable).await,
        "POST /v1/endpoints/{endpoint}/rotate-secret" => {
            posts::post(app, call, Post::RotateSecret).await
        }
        "POST /v1/rules" => posts::post(app, call, Post::Rule).await,
        "POST /v1/rules/{rule}/duplicate" => posts::post(app, call, Post::DuplicateRule).await,
        _ => routes::unknown(call),
    }
}
