//! Starts a function's process, before Lambda sends the first event.
//!
//! Lambda gives a function full CPU speed while it starts, so the connection that the first event
//! would wait for is opened here.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{error::SdkError, types::AttributeValue};
use gancho_store::{Tables, cause};

use crate::{
    aws::{Aws, Trust},
    deps::Deps,
    queue::Queue,
    settings::{Settings, SettingsError},
    telemetry,
};

/// The timeout of the first call. Lambda allows ten seconds for the whole start.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts logging, reads the environment, creates the clients and opens a connection.
///
/// `reads` is a table from which the function's role may read a row. `queues` are those that the
/// function uses: it refuses to start if the URL of one is missing.
pub async fn start(reads: fn(&Tables) -> &str, queues: &[Queue]) -> Result<Deps, SettingsError> {
    telemetry::start();
    let settings = Settings::from_env()?;
    settings.require(queues)?;
    let deps = Deps::new(settings, &Aws::from_env(Trust::Amazon));
    if warm(&deps, reads(&deps.settings.tables)).await {
        return Ok(deps);
    }
    // The services may use another root than when this was built.
    let deps = Deps::new(deps.settings, &Aws::from_env(Trust::System));
    warm(&deps, reads(&deps.settings.tables)).await;
    Ok(deps)
}

/// Reads a row that does not exist. True if the service responded, even with an error.
async fn warm(deps: &Deps, table: &str) -> bool {
    let missing = || AttributeValue::S("warm".to_owned());
    let key = HashMap::from([("pk".to_owned(), missing()), ("sk".to_owned(), missing())]);
    let call = deps.dynamo.get_item().table_name(table).set_key(Some(key)).send();
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => {
            tracing::debug!(error.cause = cause(&error), "no connection at start");
            matches!(error, SdkError::ServiceError(_))
        }
        Err(_) => {
            tracing::debug!("no connection at start: no answer in {PATIENCE:?}");
            false
        }
    }
}
