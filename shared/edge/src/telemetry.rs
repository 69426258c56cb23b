//! Log lines: one JSON object a line, fields dotted by entity, the unit in the name.

use tracing_subscriber::EnvFilter;

/// Starts logging for a function's process. `LOG_LEVEL` or `AWS_LAMBDA_LOG_LEVEL` sets the level.
pub fn start() {
    let filter = EnvFilter::try_from_env("LOG_LEVEL")
        .or_else(|_| EnvFilter::try_from_env("AWS_LAMBDA_LOG_LEVEL"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    // A second start (tests in one process) changes nothing.
    drop(
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_target(false)
            .with_env_filter(filter)
            .try_init(),
    );
}
