//! API keys: shown only on creation, stored as a hash, revoked by deletion.

mod view;

use gancho_domain::common::{
    code::Code,
    ids::{KeyId, WorkspaceId},
    secret::Secret,
    token,
    workspace::Role,
};
use gancho_edge::{
    by,
    http::{Answer, Call},
    idempotency::{Reply, Reservation},
    page::{List, cut},
    problem::ApiError,
    query::Query,
    validate,
};
use gancho_store::{
    StoreError,
    config_write::{ApiKey, Writing},
    keys::config,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

pub(crate) use self::view::NewKeyView;
use self::view::{KeySettings, KeyView};
use crate::{App, find, patch, version};

/// The maximum number of keys of a workspace.
const MOST: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    name: String,
    role: NewRole,
}

/// The roles of a workspace's keys. The owner's key belongs to the deployment.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum NewRole {
    Viewer,
    Operator,
    Admin,
}

impl From<NewRole> for Role {
    fn from(role: NewRole) -> Self {
        match role {
            NewRole::Viewer => Self::Viewer,
            NewRole::Operator => Self::Operator,
            NewRole::Admin => Self::Admin,
        }
    }
}

/// Creates a key: its text, and the record that is stored.
pub(crate) fn made(
    app: &App,
    ws: WorkspaceId,
    (id, name, role): (KeyId, String, Role),
    created_at: Timestamp,
) -> (Secret, ApiKey) {
    let text = token::api_key(ws, id, &app.deps.ids.secret());
    let hash = token::hash(text.expose());
    (text, ApiKey { id, name, role, hash, created_by: None, version: 1, created_at })
}

/// `POST /v1/keys`.
pub(crate) async fn create(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let new: NewKey = patch::read(&Value::Object(patch::body(call)?))?;
    let name = validate::text("name", &new.name, validate::NAME)?;
    let id = app.id(reservation, KeyId::new, KeyId::derived);
    let all: Vec<ApiKey> =
        app.store.configured_list(reservation.workspace, config::API_KEYS).await?;
    if all.len() >= MOST && all.iter().all(|key| key.id != id) {
        return Err(ApiError::new(422, Code::LimitReached).with("limit", MOST));
    }
    let (text, key) = made(app, reservation.workspace, (id, name, new.role.into()), reservation.at);
    let key = ApiKey { created_by: by::of(&app.store, call).await?, ..key };
    let by = Writing { ws: reservation.workspace, writer: &reservation.writer };
    let new = |text| NewKeyView::of(&key, text);
    match app.store.save_api_key(&key, None, by).await {
        Ok(()) => version::created(&new(Some(&text)), &new(None), key.version),
        Err(StoreError::Condition) => version::created(&new(None), &new(None), key.version),
        Err(error) => Err(error.into()),
    }
}

/// `GET /v1/keys`.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let query = Query::of(call, &["limit", "cursor"])?;
    let workspace = find::workspace(app, ws).await?;
    let list = List { secret: &workspace.secret, name: &["keys"] };
    let after = list.after(&query, KeyId::from_bytes)?;
    let all: Vec<ApiKey> = app.store.configured_list(ws, config::API_KEYS).await?;
    let page = cut(all, |key| key.id, after, query.limit()?);
    list.page(&page, page.items.iter().map(KeyView::of).collect()).answer()
}

/// `GET /v1/keys/{key}`.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let key = find(app, ws, call.id("key")?).await?;
    version::answer(200, &KeyView::of(&key), key.version)
}

/// `PATCH /v1/keys/{key}`: changes the name and the role. A new role takes effect within 60 s.
pub(crate) async fn change(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let patch = patch::body(call)?;
    let read = find(app, ws, call.id("key")?).await?;
    version::check(call, read.version)?;
    let settings = patch::object(&KeySettings { name: &read.name, role: read.role })?;
    let requested: NewKey = patch::over(settings, patch)?;
    let changed = ApiKey {
        name: validate::text("name", &requested.name, validate::NAME)?,
        role: requested.role.into(),
        version: read.version + 1,
        ..read.clone()
    };
    if changed.role != Role::Admin {
        not_the_last_admin(app, ws, &read).await?;
    }
    let writer = app.deps.ids.token();
    let by = Writing { ws, writer: &writer };
    match app.store.save_api_key(&changed, Some(read.version), by).await {
        Ok(()) => version::answer(200, &KeyView::of(&changed), changed.version),
        Err(StoreError::Condition) => Err(version::conflict(find(app, ws, read.id).await?.version)),
        Err(error) => Err(error.into()),
    }
}

/// `DELETE /v1/keys/{key}`: revokes it.
pub(crate) async fn delete(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let read = find(app, ws, call.id("key")?).await?;
    version::check(call, read.version)?;
    not_the_last_admin(app, ws, &read).await?;
    match app.store.delete_api_key(ws, &read).await {
        Ok(()) => Ok(version::gone()),
        Err(StoreError::Condition) => Err(version::conflict(find(app, ws, read.id).await?.version)),
        Err(error) => Err(error.into()),
    }
}

async fn find(app: &App, ws: WorkspaceId, id: KeyId) -> Result<ApiKey, ApiError> {
    app.store.api_key(ws, id).await?.ok_or_else(ApiError::not_found)
}

/// Refuses to change the last admin key: without one, no further keys could be created.
async fn not_the_last_admin(app: &App, ws: WorkspaceId, key: &ApiKey) -> Result<(), ApiError> {
    let all: Vec<ApiKey> = app.store.configured_list(ws, config::API_KEYS).await?;
    let others = all.iter().any(|other| other.role == Role::Admin && other.id != key.id);
    if others || key.role != Role::Admin {
        return Ok(());
    }
    let used = "the workspace, as its only admin key";
    Err(ApiError::new(409, Code::HasDependents).with("dependents", used))
}
