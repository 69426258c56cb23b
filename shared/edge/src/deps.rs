//! What every function is given: clients, settings, a clock and chance.

use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::config::{retry::RetryConfig, timeout::TimeoutConfig};
use gancho_store::Store;

use crate::{
    aws::Aws,
    clock::Clock,
    ids::Ids,
    metrics::{Metrics, Sink, skew::Skew, unavailable::Unavailable},
    settings::Settings,
};

/// How every client tries again: five tries within the few seconds that a sender waits.
pub fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(5)
        .with_initial_backoff(Duration::from_millis(50))
        .with_max_backoff(Duration::from_secs(1))
}

/// When every client gives up on a try, and on the call as a whole.
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(4))
        .operation_timeout(Duration::from_secs(10))
        .build()
}

/// Finds the addresses of a name.
#[derive(Clone)]
pub struct Resolver(pub Arc<dyn reqwest::dns::Resolve>);

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolver")
    }
}

/// What every function is given.
#[derive(Debug, Clone)]
pub struct Deps {
    /// The DynamoDB client.
    pub dynamo: aws_sdk_dynamodb::Client,
    /// The SQS client.
    pub sqs: aws_sdk_sqs::Client,
    /// The SNS client.
    pub sns: aws_sdk_sns::Client,
    /// Finds the addresses of names that requests go to; `None`: as the system does.
    pub resolver: Option<Resolver>,
    /// The clock.
    pub clock: Clock,
    /// Chance.
    pub ids: Ids,
    /// What the deployment sets.
    pub settings: Settings,
    /// What is counted and timed.
    pub metrics: Metrics,
}

impl Deps {
    /// For a function on AWS; see [`crate::start()`].
    pub(crate) fn new(settings: Settings, aws: &Aws) -> Self {
        let metrics = Metrics::new(&settings.stage, Sink::Output, Clock::System);
        let skew = Skew { metrics: metrics.clone(), clock: Clock::System };
        let unavailable = || Unavailable(metrics.clone());
        let dynamo = aws.dynamo().interceptor(unavailable()).interceptor(skew);
        let sqs = aws.sqs().interceptor(unavailable());
        let sns = aws.sns().interceptor(unavailable());
        Self {
            dynamo: aws_sdk_dynamodb::Client::from_conf(dynamo.build()),
            sqs: aws_sdk_sqs::Client::from_conf(sqs.build()),
            sns: aws_sdk_sns::Client::from_conf(sns.build()),
            resolver: None,
            clock: Clock::System,
            ids: Ids,
            settings,
            metrics,
        }
    }

    /// The tables.
    pub fn store(&self) -> Store {
        Store::new(self.dynamo.clone(), self.settings.tables.clone())
    }
}
