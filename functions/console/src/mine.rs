//! All sessions of the person or key that signed in.

use gancho_domain::common::ids::SessionId;
use gancho_edge::{
    http::{Answer, json, no_content},
    problem::ApiError,
};
use jiff::Timestamp;
use lambda_http::Request;
use serde::Serialize;

use crate::{App, request, session};

#[derive(Debug, Serialize)]
struct SessionRow {
    id: SessionId,
    /// True for the session of this browser.
    current: bool,
    created_at: Timestamp,
    /// Up to an hour old.
    used_at: Timestamp,
    ends_at: Timestamp,
    user_agent: String,
}

#[derive(Debug, Serialize)]
struct Sessions {
    items: Vec<SessionRow>,
}

/// `GET /console/sessions`: oldest first.
pub(crate) async fn list(app: &App, request: &Request) -> Answer {
    let own = session::required(app, request).await?;
    let all = app.store.sessions_of(&own.holder, app.deps.clock.now()).await?;
    let items = all.into_iter().map(|one| SessionRow {
        id: one.id,
        current: one.id == own.id,
        created_at: one.made_at,
        used_at: one.used_at,
        ends_at: one.ends_at(),
        user_agent: one.agent,
    });
    json(200, &Sessions { items: items.collect() })
}

/// `DELETE /console/sessions/{session}`: ends one of them; another holder's is 404.
pub(crate) async fn end(app: &App, request: &Request, id: &str) -> Answer {
    request::from_console(app, request)?;
    let own = session::required(app, request).await?;
    let id: SessionId = id.parse().map_err(|_| ApiError::not_found())?;
    let all = app.store.sessions_of(&own.holder, app.deps.clock.now()).await?;
    let found = all.iter().find(|one| one.id == id).ok_or_else(ApiError::not_found)?;
    app.store.delete_session(found).await?;
    tracing::info!(session.id = %id, "session ended");
    Ok(no_content())
}
