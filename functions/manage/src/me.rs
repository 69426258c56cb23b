//! The caller itself: its workspace, its role, and the key or the person that it is.

use gancho_domain::common::{
    ids::{KeyId, PersonId, WorkspaceId},
    workspace::Role,
};
use gancho_edge::{
    http::{Answer, Call, json},
    problem::ApiError,
    query::Query,
};
use jiff::Timestamp;
use serde::Serialize;

use crate::{App, find};

#[derive(Debug, Serialize)]
struct MeView<'a> {
    workspace: WorkspaceView<'a>,
    role: Role,
    caller: CallerView,
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct WorkspaceView<'a> {
    id: WorkspaceId,
    name: &'a str,
    time_zone: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Key,
    Person,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum CallerId {
    Key(KeyId),
    Person(PersonId),
}

#[derive(Debug, Serialize)]
struct CallerView {
    kind: Kind,
    id: CallerId,
    name: String,
    email: Option<String>,
}

/// `GET /v1/me`.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    Query::of(call, &[])?;
    let workspace = find::workspace(app, call.workspace).await?;
    let view = MeView {
        workspace: WorkspaceView {
            id: workspace.id,
            name: &workspace.name,
            time_zone: &workspace.time_zone,
        },
        role: call.caller.role,
        caller: caller(app, call).await?,
        expires_at: call.caller.expires_at,
    };
    json(200, &view)
}

/// The key or the person. 404 where it was deleted within the minute that the gateway remembers it.
async fn caller(app: &App, call: &Call) -> Result<CallerView, ApiError> {
    let ws = call.workspace;
    if let Some(person) = call.caller.person {
        let member = app.store.member(ws, person).await?.ok_or_else(ApiError::not_found)?;
        let (id, name, email) = (CallerId::Person(person), member.name, Some(member.email));
        return Ok(CallerView { kind: Kind::Person, id, name, email });
    }
    let id = call.caller.key.ok_or_else(ApiError::not_found)?;
    let key = app.store.api_key(ws, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(CallerView { kind: Kind::Key, id: CallerId::Key(id), name: key.name, email: None })
}
