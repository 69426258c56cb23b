//! A running host and its operations.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use gancho_domain::common::{
    ids::{PersonId, WorkspaceId},
    session::{LOCAL_ISSUER, LOCAL_OWNER, Member, Person},
    workspace::Role,
};
use gancho_edge::{
    Deps, Settings,
    clock::Clock,
    ids::Ids,
    metrics::{Kept, Metrics, Sink},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::emulator::{
    activity::Activity,
    clients::Clients,
    clock::HostClock,
    control_api::ControlApi,
    data_dir::DataDir,
    dynamo::Dynamo,
    error::HostError,
    faults::Faults,
    functions,
    gateway::Server,
    inbox::Inbox,
    lambda::{InvokeError, Lambda},
    schedule::Schedule,
    sns::Mailbox,
    sqs::{Queues, Source},
    streams::Mapping,
};

/// The longest time that [`Host::settle`] waits while no work begins. A busy machine is slow.
const PATIENCE: Duration = Duration::from_mins(1);
/// After so many times the patience, work that begins again and again will never end.
const ENDLESS: u32 = 5;

/// One process that runs the whole deployment: the gateway, every function, DynamoDB, SQS, streams
/// and schedules.
#[derive(Debug)]
pub struct Host {
    pub(crate) address: SocketAddr,
    pub(crate) clock: HostClock,
    pub(crate) activity: Activity,
    pub(crate) faults: Faults,
    pub(crate) dynamo: Dynamo,
    pub(crate) queues: Queues,
    pub(crate) control_api: ControlApi,
    pub(crate) clients: Clients,
    pub(crate) environments: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) lambdas: BTreeMap<String, Arc<Lambda>>,
    pub(crate) mappings: Vec<Arc<Mapping>>,
    pub(crate) sources: Vec<Arc<Source>>,
    pub(crate) schedules: Vec<Arc<Schedule>>,
    pub(crate) expiring: Vec<(String, String)>,
    pub(crate) server: Option<Server>,
    pub(crate) runtimes: Vec<Runtime>,
    pub(crate) folder: DataDir,
}

impl Host {
    /// `http://127.0.0.1:8787`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The clock of the host and of its functions.
    pub fn clock(&self) -> &Clock {
        self.clock.inner()
    }

    /// Moves a manual clock.
    pub fn advance(&self, by: SignedDuration) {
        if let Clock::Manual(hand) = self.clock.inner() {
            hand.advance(by);
        }
    }

    /// Faults between functions and services, and the record of calls.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The queues.
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// The messages that were published to topics.
    pub fn mailbox(&self) -> &Mailbox {
        &self.control_api.mailbox
    }

    /// The requests that were sent to names under `gancho.localhost`, and the replies to them.
    pub fn inbox(&self) -> &Inbox {
        &self.control_api.inbox
    }

    /// The embedded DynamoDB.
    pub fn dynamo(&self) -> &Dynamo {
        &self.dynamo
    }

    /// A DynamoDB client for tests (`test` in the record of calls).
    pub fn dynamo_client(&self) -> aws_sdk_dynamodb::Client {
        self.clients.dynamo("test", &Metrics::default())
    }

    /// The functions' metrics, with [`crate::Builder::keep_metrics`].
    pub fn metrics(&self) -> Kept {
        match &self.clients.metrics {
            Sink::Kept(kept) => kept.clone(),
            Sink::Nowhere | Sink::Output => Kept::default(),
        }
    }

    /// The dependencies of a function, with clients for tests.
    pub fn deps_for(&self, function: &str) -> Result<Deps, HostError> {
        self.deps(function, "test")
    }

    /// A resolved environment variable of a function.
    pub fn environment(&self, function: &str, name: &str) -> Option<&str> {
        self.environments.get(function)?.get(name).map(String::as_str)
    }

    /// The environment of a process that is this function on this host's services: Lambda's
    /// variables, the template's, and the services' addresses.
    pub fn process_environment(&self, function: &str) -> Vec<(String, String)> {
        let given = [
            ("AWS_LAMBDA_FUNCTION_NAME", function),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_REGION", crate::emulator::arns::REGION),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL_DYNAMODB", &self.clients.dynamo_url),
            ("AWS_ENDPOINT_URL_SQS", &self.clients.sqs_url),
            ("AWS_ENDPOINT_URL_SNS", &self.clients.sns_url),
        ];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let set = self.environments.get(function).cloned().unwrap_or_default();
        given.into_iter().chain(set).collect()
    }

    /// A function, by its folder.
    pub fn lambda(&self, function: &str) -> Result<&Arc<Lambda>, HostError> {
        let unknown = || HostError::NoSuchFunction(function.to_owned());
        self.lambdas.get(function).ok_or_else(unknown)
    }

    /// Invokes a function; dropping the future kills it.
    pub async fn invoke(&self, function: &str, event: Value) -> Result<Value, InvokeError> {
        match self.lambda(function) {
            Ok(lambda) => lambda.invoke(&event).await,
            Err(error) => Err(InvokeError::Failed(error.to_string())),
        }
    }

    /// Gives a function a new process, without what the old one cached.
    pub fn cold_start(&self, function: &str) -> Result<(), HostError> {
        let lambda = self.lambda(function)?;
        if let Some(code) = functions::make(function, self.deps(function, function)?)? {
            lambda.replace(code);
        }
        Ok(())
    }

    /// Kills every invocation of a function that is in progress, and gives it a new process.
    pub fn kill(&self, function: &str) -> Result<(), HostError> {
        self.lambda(function)?.kill();
        self.cold_start(function)
    }

    /// Runs a schedule now (`sweep`).
    pub async fn run_schedule(&self, name: &str) -> Result<Value, InvokeError> {
        match self.schedules.iter().find(|schedule| schedule.name().eq_ignore_ascii_case(name)) {
            Some(schedule) => schedule.run().await,
            None => Err(InvokeError::Failed(format!("no schedule is called {name}"))),
        }
    }

    /// Removes expired rows, as DynamoDB's TTL does; returns their number.
    pub async fn sweep_ttl(&self) -> Result<usize, HostError> {
        let client = self.dynamo_client();
        let now = self.clock.now().as_second();
        let mut removed = 0;
        for (table, attribute) in &self.expiring {
            for (pk, sk) in self.dynamo.expired_keys(table, attribute, now)? {
                self.dynamo.expect_expiry(table, &pk, &sk);
                removed +=
                    usize::from(remove_expired(&client, (table, attribute), (pk, sk), now).await?);
            }
        }
        Ok(removed)
    }

    /// Deletes everything of a workspace: its rows in every table, and its messages in every queue.
    /// Returns the number of rows. The host must have been started without event sources: a
    /// function that is at work could write more.
    pub fn remove_workspace(&self, workspace: WorkspaceId) -> Result<usize, HostError> {
        let rows = self.dynamo.remove_partitions(&workspace.key())?;
        self.queues.remove_messages_of(&workspace.to_string()).map_err(|error| HostError::Io {
            what: "the queues".to_owned(),
            source: std::io::Error::other(error),
        })?;
        Ok(rows)
    }

    /// Makes the one person of this host an administrator of workspaces, and owner of the deployment.
    /// The person signs in to the console with the code of [`crate::Builder::console_link`].
    pub async fn admit(&self, workspaces: &[WorkspaceId]) -> Result<(), HostError> {
        let now = self.clock.now();
        let person = Person {
            id: PersonId::derived(Timestamp::UNIX_EPOCH, &[LOCAL_ISSUER, LOCAL_OWNER]),
            issuer: LOCAL_ISSUER.to_owned(),
            sub: LOCAL_OWNER.to_owned(),
            email: "owner@localhost".to_owned(),
            name: "Local".to_owned(),
            owner: true,
        };
        let member = Member {
            person: person.id,
            role: Role::Admin,
            email: person.email.clone(),
            name: person.name.clone(),
            since: now,
        };
        let members: Vec<_> = workspaces.iter().map(|ws| (*ws, member.clone())).collect();
        let saved = self.deps_for("console")?.store().save_membership(&person, &members).await;
        saved.map_err(|error| HostError::Dynamo(error.to_string()))
    }

    /// Returns when every stream is read, every visible message is handled and nothing is in
    /// progress.
    pub async fn settle(&self) -> Result<(), HostError> {
        self.settle_within(PATIENCE).await
    }

    /// Like [`Host::settle`], with another limit of the time in which no work begins.
    pub async fn settle_within(&self, patience: Duration) -> Result<(), HostError> {
        let (start, mut begun) = (tokio::time::Instant::now(), self.activity.begun());
        let mut progress = start;
        loop {
            if begun != self.activity.begun() {
                (begun, progress) = (self.activity.begun(), tokio::time::Instant::now());
            }
            let before = self.activity.quiet();
            let open = match before {
                None => Some(format!("{} things under way", self.activity.open())),
                Some(_) => self.backlog()?,
            };
            if open.is_none() && before == self.activity.quiet() {
                return Ok(());
            }
            if progress.elapsed() >= patience || start.elapsed() >= patience * ENDLESS {
                let what = open.unwrap_or_default();
                return Err(HostError::Unsettled { seconds: patience.as_secs(), what });
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The open work, in words.
    fn backlog(&self) -> Result<Option<String>, HostError> {
        for mapping in &self.mappings {
            if let Some(backlog) = mapping.backlog()? {
                return Ok(Some(backlog));
            }
        }
        for source in &self.sources {
            if self.queues.is_ready(source.queue()).unwrap_or(false) {
                return Ok(Some(format!("messages in {}", source.queue())));
            }
        }
        let due = self.schedules.iter().find(|schedule| schedule.is_due());
        Ok(due.map(|schedule| format!("the schedule {}", schedule.name())))
    }

    /// Accepts no more work, finishes what is in progress, and stops.
    pub async fn shutdown(mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
        let end = tokio::time::Instant::now() + Duration::from_secs(5);
        while self.activity.open() > 0 && tokio::time::Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The dependencies of a function; its calls are recorded under `label`.
    pub(crate) fn deps(&self, function: &str, label: &str) -> Result<Deps, HostError> {
        let unknown = || HostError::NoSuchFunction(function.to_owned());
        let environment = self.environments.get(function).ok_or_else(unknown)?;
        make_deps(&self.clients, self.clock.inner(), environment, label)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        for runtime in self.runtimes.drain(..) {
            runtime.shutdown_background();
        }
        self.folder.release();
    }
}

/// The dependencies of a function with this environment.
pub(crate) fn make_deps(
    clients: &Clients,
    clock: &Clock,
    environment: &BTreeMap<String, String>,
    label: &str,
) -> Result<Deps, HostError> {
    let settings = Settings::from_vars(|name| environment.get(name).cloned())?;
    let metrics = Metrics::new(&settings.stage, clients.metrics.clone(), clock.clone());
    Ok(Deps {
        dynamo: clients.dynamo(label, &metrics),
        sqs: clients.sqs(label, &metrics),
        sns: clients.sns(label, &metrics),
        resolver: Some(clients.resolver.clone()),
        clock: clock.clone(),
        ids: Ids,
        settings,
        metrics,
    })
}

/// Removes one row unless its expiry was moved in the meantime.
async fn remove_expired(
    client: &aws_sdk_dynamodb::Client,
    (table, attribute): (&str, &str),
    (pk, sk): (String, String),
    now: i64,
) -> Result<bool, HostError> {
    use aws_sdk_dynamodb::types::AttributeValue;
    let deleted = client
        .delete_item()
        .table_name(table)
        .key("pk", AttributeValue::S(pk))
        .key("sk", AttributeValue::S(sk))
        .condition_expression("#expires <= :now")
        .expression_attribute_names("#expires", attribute)
        .expression_attribute_values(":now", AttributeValue::N(now.to_string()))
        .send()
        .await;
    match deleted.map_err(aws_sdk_dynamodb::Error::from) {
        Ok(_) => Ok(true),
        Err(aws_sdk_dynamodb::Error::ConditionalCheckFailedException(_)) => Ok(false),
        Err(error) => Err(HostError::Dynamo(error.to_string())),
    }
}
