//! Which rules take an event?

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

use aws_lambda_events::dynamodb::Event;
use gancho_edge::{Deps, batch::BatchReply};
use lambda_runtime::{Error, LambdaEvent};

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

/// Handles a batch.
pub async fn handle(_app: &App, _event: LambdaEvent<Event>) -> Result<BatchReply, Error> {
    Ok(BatchReply::default())
}
