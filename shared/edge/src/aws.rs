//! AWS clients, built by hand from the variables that Lambda sets in a function's environment.
//!
//! The SDK's default loader also looks for profiles, containers, instance metadata and web
//! identities, and links an STS client for them. A function has none of these: its credentials are
//! three variables that do not change while its process lives.

use std::time::Duration;

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

/// The retries of every client: at most five attempts within the few seconds that a sender waits.
pub fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(5)
        .with_initial_backoff(Duration::from_millis(50))
        .with_max_backoff(Duration::from_secs(1))
}

/// The timeouts of every client: for the connection, for an attempt and for the whole call.
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(4))
        .operation_timeout(Duration::from_secs(10))
        .build()
}

/// The roots that Amazon Trust Services documents for all its services: the Amazon roots 1 to 4,
/// and the Starfield root that signs them.
const AMAZON: &[u8] = include_bytes!("aws_roots.pem");

/// The certificate authorities that an AWS client trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Amazon's own roots: five to parse instead of the system's hundred and more.
    Amazon,
    /// The system's roots.
    System,
}

/// The configuration of all clients.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    region: Option<Region>,
    keys: Option<SharedCredentialsProvider>,
    endpoints: Endpoints,
    http: SharedHttpClient,
}

/// The endpoint URLs of the services, if they differ from those of AWS: emulators.
#[derive(Debug, Clone)]
struct Endpoints {
    dynamo: Option<String>,
    sqs: Option<String>,
    sns: Option<String>,
}

impl Aws {
    /// Reads the region, the credentials and the endpoint URLs through `var`, which returns a
    /// variable's value.
    pub(crate) fn from_vars(var: impl Fn(&str) -> Option<String>, trust: Trust) -> Self {
        let text = |name: &str| var(name).filter(|value| !value.is_empty());
        let every = text("AWS_ENDPOINT_URL");
        let url = |name: &str| text(name).or_else(|| every.clone());
        let keys = text("AWS_ACCESS_KEY_ID").zip(text("AWS_SECRET_ACCESS_KEY"));
        let keys = keys.map(|(id, secret)| {
            let keys = Credentials::new(id, secret, text("AWS_SESSION_TOKEN"), None, "environment");
            SharedCredentialsProvider::new(keys)
        });
        Self {
            region: text("AWS_REGION").or_else(|| text("AWS_DEFAULT_REGION")).map(Region::new),
            keys,
            endpoints: Endpoints {
                dynamo: url("AWS_ENDPOINT_URL_DYNAMODB"),
                sqs: url("AWS_ENDPOINT_URL_SQS"),
                sns: url("AWS_ENDPOINT_URL_SNS"),
            },
            http: http(trust),
        }
    }

    /// Reads the configuration from the process's environment.
    #[expect(clippy::disallowed_methods, reason = "keys and region are AWS's, no settings of ours")]
    pub(crate) fn from_env(trust: Trust) -> Self {
        Self::from_vars(|name| std::env::var(name).ok(), trust)
    }

    /// The settings of a DynamoDB client.
    pub(crate) fn dynamo(&self) -> aws_sdk_dynamodb::config::Builder {
        let mut config = aws_sdk_dynamodb::Config::builder();
        config.set_credentials_provider(self.keys.clone());
        config.set_endpoint_url(self.endpoints.dynamo.clone());
        config
            .behavior_version(BehaviorVersion::latest())
            .region(self.region.clone())
            .retry_config(retries())
            .timeout_config(timeouts())
            .http_client(self.http.clone())
    }

    /// The settings of an SQS client.
    pub(crate) fn sqs(&self) -> aws_sdk_sqs::config::Builder {
        let mut config = aws_sdk_sqs::Config::builder();
        config.set_credentials_provider(self.keys.clone());
        config.set_endpoint_url(self.endpoints.sqs.clone());
        config
            .behavior_version(BehaviorVersion::latest())
            .region(self.region.clone())
            .retry_config(retries())
            .timeout_config(timeouts())
            .http_client(self.http.clone())
    }

    /// The settings of an SNS client.
    pub(crate) fn sns(&self) -> aws_sdk_sns::config::Builder {
        let mut config = aws_sdk_sns::Config::builder();
        config.set_credentials_provider(self.keys.clone());
        config.set_endpoint_url(self.endpoints.sns.clone());
        config
            .behavior_version(BehaviorVersion::latest())
            .region(self.region.clone())
            .retry_config(retries())
            .timeout_config(timeouts())
            .http_client(self.http.clone())
    }
}

/// The HTTP client that all AWS clients of a process share, so that the roots are parsed only once.
fn http(trust: Trust) -> SharedHttpClient {
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    let context = match trust {
        Trust::Amazon => {
            let roots = TrustStore::empty().with_pem_certificate(AMAZON);
            TlsContext::builder().with_trust_store(roots).build()
        }
        Trust::System => TlsContext::builder().build(),
    };
    match context {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(error) => {
            tracing::warn!(error.cause = %error, "trusting the system's certificate authorities");
            builder.build_https()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_url_of_one_service_overrides_the_url_of_all() {
        let vars = |name: &str| match name {
            "AWS_ENDPOINT_URL" => Some("http://all".to_owned()),
            "AWS_ENDPOINT_URL_SQS" => Some("http://queues".to_owned()),
            "AWS_ENDPOINT_URL_SNS" => Some(String::new()),
            _ => None,
        };
        let endpoints = Aws::from_vars(vars, Trust::Amazon).endpoints;
        assert_eq!(endpoints.dynamo.as_deref(), Some("http://all"));
        assert_eq!(endpoints.sqs.as_deref(), Some("http://queues"));
        assert_eq!(endpoints.sns.as_deref(), Some("http://all"));
    }

    #[test]
    fn credentials_need_the_id_and_the_secret() {
        let half = |name: &str| (name == "AWS_ACCESS_KEY_ID").then(|| "id".to_owned());
        assert!(Aws::from_vars(half, Trust::System).keys.is_none());
        let both = |_: &str| Some("text".to_owned());
        assert!(Aws::from_vars(both, Trust::System).keys.is_some());
    }
}
