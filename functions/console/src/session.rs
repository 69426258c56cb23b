//! The current session: who signed in, signing in, signing out.

use gancho_domain::common::{code::Code, ids::SessionId, secret::Secret, session::Session, token};
use gancho_edge::{
    http::{Answer, header, json},
    problem::ApiError,
};
use lambda_http::Request;
use serde::{Deserialize, Serialize};

use crate::{
    App,
    holder::{self, HolderView},
    key_sign_in, local, request, tries,
};

/// The credentials of one of the ways in.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Credentials {
    /// An API key.
    Key(Secret),
    /// The code of the local host's link.
    Link(Secret),
}

/// The way in that a deployment offers beside API keys.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum SignIn {
    Keys,
    Local,
}

/// The facts that the sign-in screen needs.
#[derive(Debug, Serialize)]
struct Deployment {
    sign_in: SignIn,
    version: &'static str,
}

#[derive(Debug, Serialize)]
struct SessionView {
    #[serde(flatten)]
    holder: HolderView,
    #[serde(flatten)]
    deployment: Deployment,
}

#[derive(Debug, Serialize)]
struct Ended {
    /// The address that ends the session at the issuer, too.
    end: Option<String>,
}

/// The session of the cookie, if it has not ended. Stores its use.
pub(crate) async fn current(app: &App, request: &Request) -> Result<Option<Session>, ApiError> {
    let Some(hash) = request::session_hash(request) else { return Ok(None) };
    let now = app.deps.clock.now();
    let Some(session) = app.store.session(&hash, now).await? else { return Ok(None) };
    if let Some(used) = session.used(now) {
        app.store.save_session(&used).await?;
        return Ok(Some(used));
    }
    Ok(Some(session))
}

/// Like [`current`]; 401 `session_ended` without one.
pub(crate) async fn required(app: &App, request: &Request) -> Result<Session, ApiError> {
    let session = current(app, request).await?;
    session.ok_or_else(|| ApiError::new(401, Code::SessionEnded))
}

/// `GET /console/session`.
pub(crate) async fn show(app: &App, request: &Request) -> Answer {
    let deployment = deployment(app);
    let Some(session) = current(app, request).await? else { return json(401, &deployment) };
    match holder::view(app, &session.holder).await? {
        Some(holder) => json(200, &SessionView { holder, deployment }),
        None => json(401, &deployment),
    }
}

fn deployment(app: &App) -> Deployment {
    let sign_in =
        if app.deps.settings.console.link_hash.is_some() { SignIn::Local } else { SignIn::Keys };
    Deployment { sign_in, version: env!("CARGO_PKG_VERSION") }
}

/// `POST /console/session`: a new session, in place of the one that the browser had.
pub(crate) async fn sign_in(app: &App, request: &Request) -> Answer {
    request::from_console(app, request)?;
    let credentials: Credentials = gancho_edge::json::read(request.body())?;
    let now = app.deps.clock.now();
    let tried = tries::begin(app, request, now).await?;
    let found = match &credentials {
        Credentials::Key(text) => key_sign_in::holder(app, text).await?,
        Credentials::Link(code) => local::holder(app, code).await?,
    };
    let Some(holder) = found else {
        tracing::info!(error.code = Code::CredentialsInvalid.as_str(), "sign-in refused");
        return Err(ApiError::new(401, Code::CredentialsInvalid));
    };
    tries::succeeded(app, &tried).await?;
    let secret = token::random(&app.deps.ids.secret());
    let agent = request::text(request, "user-agent").unwrap_or_default();
    let id = SessionId::new(now, &app.deps.ids.entropy());
    let session = Session::new(id, token::hash(secret.expose()), holder, (agent, now));
    app.store.create_session(&session).await?;
    if let Some(before) = current(app, request).await? {
        app.store.delete_session(&before).await?;
    }
    tracing::info!(session.id = %session.id, "signed in");
    let holder = holder::view(app, &session.holder).await?.ok_or_else(ApiError::not_found)?;
    let mut response = json(200, &SessionView { holder, deployment: deployment(app) })?;
    header(&mut response, "set-cookie", &request::cookie(request, &secret));
    Ok(response)
}

/// `DELETE /console/session`: ends the session and with it its tokens; removes the cookie.
pub(crate) async fn sign_out(app: &App, request: &Request) -> Answer {
    request::from_console(app, request)?;
    if let Some(session) = current(app, request).await? {
        app.store.delete_session(&session).await?;
        tracing::info!(session.id = %session.id, "signed out");
    }
    let mut response = json(200, &Ended { end: None })?;
    header(&mut response, "set-cookie", &request::no_cookie(request));
    Ok(response)
}
