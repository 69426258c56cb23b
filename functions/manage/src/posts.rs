//! Every `POST` that changes something, executed once for an `Idempotency-Key` (`CATALOGUE RE-05`).

use gancho_domain::common::{code::Code, ids::WorkspaceId, workspace::Role};
use gancho_edge::{
    http::{Answer, Call},
    idempotency::{self, Reply, Reservation},
    problem::ApiError,
};

use crate::{
    App, endpoint_actions, endpoints, ingest_url, integrations, keys, origins, rules, workspaces,
};

/// The operation of a `POST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Post {
    Workspace,
    Origin,
    Integration,
    Duplicate,
    RotateUrl,
    Key,
    Endpoint,
    DuplicateEndpoint,
    Enable,
    Disable,
    RotateSecret,
    Rule,
    DuplicateRule,
}

/// Executes a `POST`, or replies with the stored response.
pub(crate) async fn post(app: &App, call: &Call, what: Post) -> Answer {
    let ws = scope(call, what)?;
    gancho_edge::query::Query::of(call, &[])?;
    let request = |reservation| execute(app, call, what, reservation);
    let now = app.clock.now();
    idempotency::execute(&app.store, (call, ws), (app.ids.token(), now), request).await
}

async fn execute(
    app: &App,
    call: &Call,
    what: Post,
    reservation: Reservation,
) -> Result<Reply, ApiError> {
    let reservation = &reservation;
    match what {
        Post::Workspace => workspaces::create(app, call, reservation).await,
        Post::Origin => origins::create(app, call, reservation).await,
        Post::Integration => integrations::create(app, call, reservation).await,
        Post::Duplicate => integrations::duplicate(app, call, reservation).await,
        Post::RotateUrl => ingest_url::rotate(app, call, reservation).await,
        Post::Key => keys::create(app, call, reservation).await,
        Post::Endpoint => endpoints::create(app, call, reservation).await,
        Post::DuplicateEndpoint => endpoints::duplicate(app, call, reservation).await,
        Post::Enable => endpoint_actions::enable(app, call, reservation).await,
        Post::Disable => endpoint_actions::disable(app, call, reservation).await,
        Post::RotateSecret => endpoints::rotate(app, call, reservation).await,
        Post::Rule => rules::create(app, call, reservation).await,
        Post::DuplicateRule => rules::duplicate(app, call, reservation).await,
    }
}

/// The workspace of the request, if the caller's role allows the operation.
fn scope(call: &Call, what: Post) -> Result<WorkspaceId, ApiError> {
    if what != Post::Workspace {
        return call.workspace(Role::Admin);
    }
    match call.caller.role {
        Role::Owner => Ok(WorkspaceId::from_bytes([0; 16])),
        Role::Viewer | Role::Operator | Role::Admin => {
            Err(ApiError::new(403, Code::Forbidden).with("role", "owner"))
        }
    }
}
