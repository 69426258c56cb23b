//! SDK clients of this host's services.

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, retry::RetryConfig};
use gancho_edge::metrics::{Metrics, Sink, unavailable::Unavailable};

use crate::emulator::{arns::REGION, faults::ClientFactory};

/// The services' addresses and the connections to them.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) factory: ClientFactory,
    pub(crate) dynamo_url: String,
    pub(crate) sqs_url: String,
    pub(crate) sns_url: String,
    pub(crate) resolver: gancho_edge::deps::Resolver,
    /// The sink of the functions' metrics.
    pub(crate) metrics: Sink,
}

impl Clients {
    /// A DynamoDB client, recorded under the name of a function.
    pub(crate) fn dynamo(&self, function: &str, metrics: &Metrics) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(credentials())
            .retry_config(retries())
            .timeout_config(gancho_edge::aws::timeouts())
            .endpoint_url(&self.dynamo_url)
            .http_client(self.factory.client(function))
            .interceptor(Unavailable(metrics.clone()))
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }

    /// An SNS client, recorded under the name of a function.
    pub(crate) fn sns(&self, function: &str, metrics: &Metrics) -> aws_sdk_sns::Client {
        let config = aws_sdk_sns::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(credentials())
            .retry_config(retries())
            .timeout_config(gancho_edge::aws::timeouts())
            .endpoint_url(&self.sns_url)
            .http_client(self.factory.client(function))
            .interceptor(Unavailable(metrics.clone()))
            .build();
        aws_sdk_sns::Client::from_conf(config)
    }

    /// An SQS client, recorded under the name of a function.
    pub(crate) fn sqs(&self, function: &str, metrics: &Metrics) -> aws_sdk_sqs::Client {
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(credentials())
            .retry_config(retries())
            .timeout_config(gancho_edge::aws::timeouts())
            .endpoint_url(&self.sqs_url)
            .http_client(self.factory.client(function))
            .interceptor(Unavailable(metrics.clone()))
            .build();
        aws_sdk_sqs::Client::from_conf(config)
    }
}

fn credentials() -> Credentials {
    Credentials::from_keys("local", "local", None)
}

/// The retries of AWS's SDK with shorter waits, as the services are near.
fn retries() -> RetryConfig {
    gancho_edge::aws::retries().with_initial_backoff(std::time::Duration::from_millis(5))
}
