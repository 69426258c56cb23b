//! Events from any producer.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

use gancho_edge::{
    Deps,
    http::{Call, serve},
    problem::ApiError,
};
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;

/// What the function keeps between invocations.
#[derive(Debug)]
pub struct App {
    _deps: Deps,
}

impl App {
    /// Made once per process.
    pub fn new(deps: Deps) -> Self {
        Self { _deps: deps }
    }
}

/// Answers a request of the API.
pub async fn handle<'a>(
    _app: &'a App,
    event: LambdaEvent<LambdaRequest>,
) -> Result<impl Serialize + use<'a>, Error> {
    serve(event, |_: Call| async { Err(ApiError::not_found()) }).await
}
