//! Tokens towards the API: short, kept by the page in memory, each for one workspace.

use gancho_domain::common::{
    ids::{SessionTokenId, WorkspaceId},
    session::{SessionToken, TOKEN},
    token,
    workspace::Role,
};
use gancho_edge::{
    http::{Answer, json},
    problem::ApiError,
};
use jiff::Timestamp;
use lambda_http::Request;
use serde::{Deserialize, Serialize};

use crate::{App, holder, request, session};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    workspace: WorkspaceId,
}

#[derive(Debug, Serialize)]
struct TokenView<'a> {
    token: &'a str,
    expires_at: Timestamp,
    role: Role,
}

/// `POST /console/session/token`: 403 where the session's key or person has no role.
pub(crate) async fn create(app: &App, request: &Request) -> Answer {
    request::from_console(app, request)?;
    let NewToken { workspace } = gancho_edge::json::read(request.body())?;
    let session = session::required(app, request).await?;
    let found = holder::role(app, &session.holder, workspace).await?;
    let (_, role) = found.ok_or_else(|| ApiError::forbidden(Role::Viewer))?;
    let now = app.deps.clock.now();
    let id = SessionTokenId::new(now, &app.deps.ids.entropy());
    let text = token::session_token(workspace, id, &app.deps.ids.secret());
    let ends = now.checked_add(TOKEN).unwrap_or(Timestamp::MAX);
    let expires_at = ends.min(session.ends_at());
    let hash = token::hash(text.expose());
    let (holder, session) = (session.holder, session.hash);
    let row = SessionToken { hash, holder, session, expires_at };
    app.store.create_session_token((workspace, id), &row).await?;
    json(200, &TokenView { token: text.expose(), expires_at, role })
}
