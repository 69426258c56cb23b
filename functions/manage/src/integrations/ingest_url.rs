//! The URL of an integration for senders. It is derived, so it can be shown again, and it can be
//! rotated if it has leaked.

use gancho_domain::{
    common::{ids::IntegrationId, token, workspace::Workspace},
    inbound::integration::Integration,
};
use gancho_edge::{
    http::{self, Answer, Call},
    idempotency::{Reply, Reservation},
    problem::ApiError,
    query::Query,
};
use gancho_store::{
    StoreError,
    config_write::{Rotation, Writing},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{App, find, patch, version};

/// The default time in hours that the previous URL stays valid.
const OVERLAP: u16 = 24;
/// The maximum time in hours that the previous URL stays valid.
const LONGEST: u16 = 168;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    #[serde(default = "overlap")]
    overlap_hours: u16,
}

fn overlap() -> u16 {
    OVERLAP
}

/// The URL, `null` in a replay, and the end of the previous one.
#[derive(Debug, Serialize)]
struct UrlView {
    url: Option<String>,
    previous_until: Option<Timestamp>,
}

/// `GET /v1/integrations/{integration}/url`.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let integration = find::integration(app, ws, call.id("integration")?).await?;
    let workspace = find::workspace(app, ws).await?;
    http::json(200, &view(app, call, &workspace, &integration))
}

/// `POST /v1/integrations/{integration}/rotate-url`.
pub(crate) async fn rotate(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let requested: Rotate = patch::read(&Value::Object(patch::optional_body(call)?))?;
    if requested.overlap_hours > LONGEST {
        return Err(ApiError::invalid("overlap_hours", "out_of_range"));
    }
    let read = find::integration(app, reservation.workspace, call.id("integration")?).await?;
    version::check(call, read.version)?;
    let workspace = find::workspace(app, reservation.workspace).await?;
    let now = app.deps.clock.now();
    let until = now + SignedDuration::from_hours(i64::from(requested.overlap_hours));
    let changed = Integration {
        token_generation: read.token_generation + 1,
        previous_token_until: Some(until).filter(|until| now < *until),
        version: read.version + 1,
        updated_at: now,
        ..read.clone()
    };
    let new = token(&workspace, read.id, changed.token_generation);
    let old = token(&workspace, read.id, read.token_generation);
    let tokens = Rotation { new: &new, old: &old, old_until: until };
    let by = Writing { ws: reservation.workspace, writer: &reservation.writer };
    match app.store.rotate_token(&changed, read.version, &tokens, by).await {
        Ok(()) => {
            let body = view(app, call, &workspace, &changed);
            let kept = UrlView { url: None, previous_until: changed.previous_token_until };
            version::reply(200, &body, &kept, changed.version)
        }
        Err(StoreError::Condition) => {
            let now = find::integration(app, reservation.workspace, read.id).await?;
            Err(version::conflict(now.version))
        }
        Err(error) => Err(error.into()),
    }
}

fn view(app: &App, call: &Call, workspace: &Workspace, integration: &Integration) -> UrlView {
    let token = token(workspace, integration.id, integration.token_generation);
    let now = app.deps.clock.now();
    UrlView {
        url: Some(spelled(app, call, &token)),
        previous_until: integration.previous_token_until.filter(|until| now < *until),
    }
}

/// The token of an integration's generation.
pub(crate) fn token(workspace: &Workspace, id: IntegrationId, generation: u32) -> String {
    token::ingest(&workspace.secret, workspace.id, id, generation)
}

/// The complete URL, under the deployment's public base URL or else the host of this request.
pub(crate) fn spelled(app: &App, call: &Call, token: &str) -> String {
    let base = app.deps.settings.public_base_url.clone().unwrap_or_else(|| {
        let scheme = match call.header("x-forwarded-proto") {
            Some("http") => "http",
            Some(_) | None => "https",
        };
        format!("{scheme}://{}", call.header("host").unwrap_or("localhost"))
    });
    format!("{}/in/{token}", base.trim_end_matches('/'))
}
