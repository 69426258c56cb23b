//! The beginning of a function's process, before Lambda hands it the first event.
//!
//! What happens here runs at the full speed that Lambda lends a function while it starts, so the
//! connection that the first event would wait for is opened here.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{error::SdkError, types::AttributeValue};
use gancho_store::{Tables, cause};

use crate::{
    aws::{Aws, Trust},
    deps::Deps,
    settings::{Settings, SettingsError},
    telemetry,
};

/// The longest that the first call may take. Lambda allows ten seconds for all of the start.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts logging, reads the environment, makes the clients and opens a connection with them.
///
/// `reads` is a table that the function's role may read a row of.
pub async fn start(reads: fn(&Tables) -> &str) -> Result<Deps, SettingsError> {
    telemetry::start();
    let settings = Settings::from_env()?;
    let deps = Deps::new(settings, &Aws::from_env(Trust::Amazon));
    if warm(&deps, reads(&deps.settings.tables)).await {
        return Ok(deps);
    }
    // Perhaps the services stand under another root than they did when this was built.
    let deps = Deps::new(deps.settings, &Aws::from_env(Trust::System));
    warm(&deps, reads(&deps.settings.tables)).await;
    Ok(deps)
}

/// Asks for a row that does not exist. Whether the service answered, be it with a refusal.
async fn warm(deps: &Deps, table: &str) -> bool {
    let nobody = || AttributeValue::S("warm".to_owned());
    let key = HashMap::from([("pk".to_owned(), nobody()), ("sk".to_owned(), nobody())]);
    let asked = deps.dynamo.get_item().table_name(table).set_key(Some(key)).send();
    match tokio::time::timeout(PATIENCE, asked).await {
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
