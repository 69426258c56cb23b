//! Serves the web console: its page, its files, and the sessions of those who sign in to it. It has
//! no authorizer. Everything else that the console shows comes from the API, which it calls with the
//! tokens that are made here.
//!
//! - [`routes`]: the paths. `request`: the headers that a request must have, and its cookie.
//! - `page`: index.html with a new nonce, its headers, and the page while it is being built.
//! - `assets`: the hashed files. `dist`: where both come from.
//! - `key_sign_in`, `local`: the two ways in, by API key and by the local host's link. `tries`: their
//!   limit.
//! - `session`: the current session and its end. `token`: tokens towards the API. `mine`: all
//!   sessions of a person or key. `holder`: what a session's key or person may do.
//! - `csp`: reports of browsers about the content security policy.

mod assets;
mod csp;
mod dist;
mod holder;
mod key_sign_in;
mod local;
mod mine;
mod page;
mod request;
pub mod routes;
mod session;
mod token;
mod tries;

use gancho_edge::{
    Deps,
    http::{Answer, header, language, method_not_allowed, problem, serve_open},
    queue::Queue,
    telemetry,
};
use gancho_store::Store;
use lambda_http::{Body, Request, RequestExt, Response, request::LambdaRequest};
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;

use self::{dist::Dist, routes::Route};

/// The queues that the function uses: none.
pub const QUEUES: &[Queue] = &[];

/// The state that is kept between invocations.
#[derive(Debug, Clone)]
pub struct App {
    deps: Deps,
    store: Store,
    dist: Dist,
}

impl App {
    /// Creates the state from the dependencies that every function gets.
    pub fn new(deps: Deps) -> Self {
        let (store, settings) = (deps.store(), deps.settings.console.clone());
        Self { deps, store, dist: Dist::new(settings.assets, settings.build) }
    }
}

/// Answers a request of a browser.
pub async fn handle(app: &App, event: LambdaEvent<LambdaRequest>) -> Result<Value, Error> {
    let context = event.context.clone();
    let work = serve_open(event, |request| async move { Ok(answer(app, &request).await) });
    telemetry::invocation(&app.deps.metrics, &context, work).await
}

/// Answers with the headers that every response has.
async fn answer(app: &App, request: &Request) -> Response<Body> {
    let answered = dispatch(app, request).await;
    let mut response = answered.unwrap_or_else(|error| problem(&error, language(request)));
    header(&mut response, "x-content-type-options", "nosniff");
    if request::is_https(request) {
        header(&mut response, "strict-transport-security", "max-age=31536000");
    }
    response
}

async fn dispatch(app: &App, request: &Request) -> Answer {
    match Route::of(request.method().as_str(), request.raw_http_path()) {
        Route::Home => page::home(request),
        Route::Redirect => Ok(page::redirect()),
        Route::Page => Ok(page::show(app, request)),
        Route::Asset(name) => assets::show(app, request, name),
        Route::ShowSession => session::show(app, request).await,
        Route::SignIn => session::sign_in(app, request).await,
        Route::SignOut => session::sign_out(app, request).await,
        Route::CreateToken => token::create(app, request).await,
        Route::ListSessions => mine::list(app, request).await,
        Route::EndSession(id) => mine::end(app, request, id).await,
        Route::ReportViolation => csp::report(app, request),
        Route::OtherMethod(methods) => Ok(method_not_allowed(language(request), methods)),
    }
}
