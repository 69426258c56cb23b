//! The dependencies of every function: clients, settings, a clock and randomness.

use std::sync::Arc;

use gancho_store::Store;

use crate::{
    aws::Aws,
    clock::Clock,
    ids::Ids,
    metrics::{Metrics, Sink, skew::Skew, unavailable::Unavailable},
    queue::Queues,
    settings::Settings,
};

/// Resolves a host name to addresses.
#[derive(Clone)]
pub struct Resolver(pub Arc<dyn reqwest::dns::Resolve>);

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolver")
    }
}

/// The dependencies of every function.
#[derive(Debug, Clone)]
pub struct Deps {
    /// The DynamoDB client.
    pub dynamo: aws_sdk_dynamodb::Client,
    /// The SQS client.
    pub sqs: aws_sdk_sqs::Client,
    /// The SNS client.
    pub sns: aws_sdk_sns::Client,
    /// Resolves the host names of outbound requests. `None`: the system's resolver.
    pub resolver: Option<Resolver>,
    /// The clock.
    pub clock: Clock,
    /// The source of randomness.
    pub ids: Ids,
    /// The settings of the deployment.
    pub settings: Settings,
    /// The metrics.
    pub metrics: Metrics,
}

impl Deps {
    /// The dependencies of a function on AWS; see [`crate::start()`].
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

    /// The queues.
    pub fn queues(&self) -> Queues {
        Queues::new(self.sqs.clone(), self.settings.queues.clone(), self.ids)
    }

    /// The tables.
    pub fn store(&self) -> Store {
        Store::new(self.dynamo.clone(), self.settings.tables.clone())
    }
}
