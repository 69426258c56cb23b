//! The configuration API, and the contacts and deals.
//!
//! Each resource has its own folder, or a file if it is only listed. Shared by all:
//! - `posts`: every `POST`, executed once for an `Idempotency-Key`.
//! - `version`: `ETag` and `If-Match`. `patch`: the semantics of `PATCH`.
//! - `find`: the resource that a request names.
//! - `delivery_stats`: the recent deliveries of endpoints and rules.

mod applications;
mod contacts;
mod deals;
mod delivery_stats;
mod endpoints;
mod event_types;
mod find;
mod integrations;
mod keys;
mod me;
mod origins;
mod patch;
mod posts;
mod rules;
mod version;
mod workspaces;

use gancho_domain::common::ids::Entropy;
use gancho_edge::{
    Deps,
    http::{Answer, Call, serve},
    idempotency::Reservation,
    queue::{Queue, Queues},
    routes::Manage,
    telemetry,
};
use gancho_store::Store;
use jiff::Timestamp;
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;

use self::posts::post;

/// The queues that the function uses.
pub const QUEUES: &[Queue] = &[Queue::Recover];

/// The state that is kept between invocations.
#[derive(Debug, Clone)]
pub struct App {
    deps: Deps,
    store: Store,
    queues: Queues,
}

impl App {
    /// Creates the state from the dependencies that every function gets.
    pub fn new(deps: Deps) -> Self {
        let (store, queues) = (deps.store(), deps.queues());
        Self { deps, store, queues }
    }

    /// The id of a new resource; see [`Reservation::id`].
    fn id<T>(
        &self,
        reservation: &Reservation,
        new: fn(Timestamp, &Entropy) -> T,
        derived: fn(Timestamp, &[&str]) -> T,
    ) -> T {
        let workspace = reservation.workspace.key();
        reservation.id(new, derived, (self.deps.ids.entropy(), &[&workspace]))
    }
}

/// Answers an API request.
pub async fn handle(
    app: &App,
    event: LambdaEvent<LambdaRequest>,
) -> Result<impl Serialize + use<>, Error> {
    let context = event.context.clone();
    let work = serve(event, |operation, call| async move { route(app, operation, &call).await });
    let reply = telemetry::invocation(&app.deps.metrics, &context, work).await?;
    Ok(serde_json::to_value(reply)?)
}

#[expect(clippy::too_many_lines, reason = "one line for each operation")]
async fn route(app: &App, operation: Manage, call: &Call) -> Answer {
    match operation {
        Manage::CreateWorkspace => post(app, call, workspaces::create).await,
        Manage::ShowWorkspace => workspaces::show(app, call).await,
        Manage::ChangeWorkspace => workspaces::change(app, call).await,
        Manage::ResendConfirmation => post(app, call, workspaces::recipients::resend).await,
        Manage::ShowMe => me::show(app, call).await,
        Manage::ListApplications => applications::list(call),
        Manage::ShowApplicationIcon => applications::icon(call),
        Manage::ListOrigins => origins::list(app, call).await,
        Manage::CreateOrigin => post(app, call, origins::create).await,
        Manage::ShowOrigin => origins::show(app, call).await,
        Manage::ChangeOrigin => origins::change(app, call).await,
        Manage::DeleteOrigin => origins::delete(app, call).await,
        Manage::ListIntegrations => integrations::list(app, call).await,
        Manage::CreateIntegration => post(app, call, integrations::create).await,
        Manage::ShowIntegration => integrations::show(app, call).await,
        Manage::ChangeIntegration => integrations::change(app, call).await,
        Manage::DeleteIntegration => integrations::delete(app, call).await,
        Manage::DuplicateIntegration => post(app, call, integrations::duplicate).await,
        Manage::ShowUrl => integrations::ingest_url::show(app, call).await,
        Manage::RotateUrl => post(app, call, integrations::ingest_url::rotate).await,
        Manage::ListRefused => integrations::rejections::list(app, call).await,
        Manage::ListMappings => integrations::mappings::list(app, call).await,
        Manage::Preview => integrations::preview::preview(app, call).await,
        Manage::ListKeys => keys::list(app, call).await,
        Manage::CreateKey => post(app, call, keys::create).await,
        Manage::ShowKey => keys::show(app, call).await,
        Manage::ChangeKey => keys::change(app, call).await,
        Manage::DeleteKey => keys::delete(app, call).await,
        Manage::ListContacts => contacts::list(app, call).await,
        Manage::ShowContact => contacts::show(app, call).await,
        Manage::ListDeals => deals::list(app, call).await,
        Manage::ShowDeal => deals::show(app, call).await,
        Manage::ChangeDeal => deals::change(app, call).await,
        Manage::ListEventTypes => event_types::list(app, call).await,
        Manage::ListEndpoints => endpoints::list(app, call).await,
        Manage::CreateEndpoint => post(app, call, endpoints::create).await,
        Manage::ShowEndpoint => endpoints::show(app, call).await,
        Manage::ChangeEndpoint => endpoints::change(app, call).await,
        Manage::DeleteEndpoint => endpoints::delete(app, call).await,
        Manage::EnableEndpoint => post(app, call, endpoints::actions::enable).await,
        Manage::DisableEndpoint => post(app, call, endpoints::actions::disable).await,
        Manage::RotateSecret => post(app, call, endpoints::rotate).await,
        Manage::DuplicateEndpoint => post(app, call, endpoints::duplicate).await,
        Manage::ListRules => rules::list(app, call).await,
        Manage::CreateRule => post(app, call, rules::create).await,
        Manage::ShowRule => rules::show(app, call).await,
        Manage::ListRuleVersions => rules::versions::list(app, call).await,
        Manage::ChangeRule => rules::change(app, call).await,
        Manage::DeleteRule => rules::delete(app, call).await,
        Manage::DuplicateRule => post(app, call, rules::duplicate).await,
    }
}
