//! What every function is given: clients, settings, a clock and chance.

use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader, retry::RetryConfig, timeout::TimeoutConfig};
use gancho_store::Store;

use crate::{clock::Clock, ids::Ids, settings::Settings};

/// How every client tries again and gives up: five tries within the few seconds that a sender
/// waits. The local host builds its clients with it too.
pub fn patient(loader: ConfigLoader) -> ConfigLoader {
    let retries = RetryConfig::standard()
        .with_max_attempts(5)
        .with_initial_backoff(Duration::from_millis(50))
        .with_max_backoff(Duration::from_secs(1));
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(4))
        .operation_timeout(Duration::from_secs(10));
    loader.retry_config(retries).timeout_config(timeouts.build())
}

/// What every function is given.
#[derive(Debug, Clone)]
pub struct Deps {
    /// The DynamoDB client.
    pub dynamo: aws_sdk_dynamodb::Client,
    /// The SQS client.
    pub sqs: aws_sdk_sqs::Client,
    /// The clock.
    pub clock: Clock,
    /// Chance.
    pub ids: Ids,
    /// What the deployment sets.
    pub settings: Settings,
}

impl Deps {
    /// For a function on AWS: clients from the environment.
    pub async fn from_env() -> Result<Self, crate::SettingsError> {
        let settings = Settings::from_env()?;
        let aws = patient(aws_config::defaults(BehaviorVersion::latest())).load().await;
        Ok(Self {
            dynamo: aws_sdk_dynamodb::Client::new(&aws),
            sqs: aws_sdk_sqs::Client::new(&aws),
            clock: Clock::System,
            ids: Ids,
            settings,
        })
    }

    /// The tables.
    pub fn store(&self) -> Store {
        Store::new(self.dynamo.clone(), self.settings.tables.clone())
    }
}
