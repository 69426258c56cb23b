//! Work messages in SQS. A message says that there is work, never what the work is: ids only,
//! and the author of a request for a run.
//!
//! This file is the only one that sends to a queue. [`Queues::wake_at`] answers "what schedules the
//! next attempt?": SQS delays a message by up to [`LONGEST_DELAY`]; a longer wait is a parked row,
//! which the timers of *suspension* enqueue when it is due.

use std::{collections::BTreeMap, sync::Arc};

use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    common::{
        by::By,
        ids::{DeliveryId, EndpointId, JobId, OriginId, WebhookId, WorkspaceId},
        job::{Kind, PartId},
    },
    inbound::webhook::WebhookKey,
    outbound::{
        delivery::Delivery,
        gate::{GateKey, Release},
        rule::Target,
    },
};
use gancho_store::{Store, StoreError, cause, parked::Parked};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::ids::Ids;

/// The longest delay of a message in SQS, in seconds.
pub const LONGEST_DELAY: i32 = 900;
/// Messages of one batch call; SQS accepts no more.
pub const BATCH: usize = 10;
/// Batch calls under way at once.
const AT_ONCE: usize = 4;

/// A queue of the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Queue {
    /// Runs of webhooks that *process* could not commit, and reprocesses.
    ProcessRetry,
    /// Messages of runs that failed repeatedly.
    ProcessDeadLetters,
    /// Parts of bulk reprocesses.
    ReprocessJobs,
    /// Parts of bulk resends.
    ResendJobs,
    /// Attempts of deliveries without a lane.
    Deliver,
    /// Attempts at slow endpoints.
    Slow,
    /// Messages of attempts that failed repeatedly, through a fault of Gancho.
    DeliverDeadLetters,
    /// FIFO: lanes that have work.
    Lanes,
    /// FIFO: messages of lanes that failed repeatedly.
    LanesDeadLetters,
    /// Gates whose held deliveries are released or discarded.
    Recover,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 10] = [
        Self::ProcessRetry,
        Self::ProcessDeadLetters,
        Self::ReprocessJobs,
        Self::ResendJobs,
        Self::Deliver,
        Self::Slow,
        Self::DeliverDeadLetters,
        Self::Lanes,
        Self::LanesDeadLetters,
        Self::Recover,
    ];

    /// The environment variable with its URL.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::ProcessRetry => "QUEUE_PROCESS_RETRY_URL",
            Self::ProcessDeadLetters => "QUEUE_PROCESS_DEAD_LETTERS_URL",
            Self::ReprocessJobs => "QUEUE_REPROCESS_JOBS_URL",
            Self::ResendJobs => "QUEUE_RESEND_JOBS_URL",
            Self::Deliver => "QUEUE_DELIVER_URL",
            Self::Slow => "QUEUE_SLOW_URL",
            Self::DeliverDeadLetters => "QUEUE_DELIVER_DEAD_LETTERS_URL",
            Self::Lanes => "QUEUE_LANES_URL",
            Self::LanesDeadLetters => "QUEUE_LANES_DEAD_LETTERS_URL",
            Self::Recover => "QUEUE_RECOVER_URL",
        }
    }

    /// The queue of a kind of job.
    pub const fn of_job(kind: Kind) -> Self {
        match kind {
            Kind::Reprocess => Self::ReprocessJobs,
            Kind::Resend => Self::ResendJobs,
        }
    }

    const fn is_fifo(self) -> bool {
        matches!(self, Self::Lanes | Self::LanesDeadLetters)
    }
}

/// The URLs of the queues that a deployment's environment names.
pub type QueueUrls = BTreeMap<Queue, String>;

/// A call to SQS failed; the cause is for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the queue failed: {0}")]
pub struct QueueError(pub(crate) String);

/// A work message.
pub trait Message: Serialize + Sync {
    /// The group within which a FIFO queue keeps order, and a standard queue shares fairly.
    fn group(&self) -> Option<String> {
        None
    }
}

/// The version that every message carries, and the only one so far.
pub const VERSION: u8 = 1;

/// The part of a message that every version has.
#[derive(Deserialize)]
struct Versioned {
    v: u8,
}

/// Reads a message; one of an unknown version is `None`.
pub fn read<T: DeserializeOwned>(body: &str) -> Option<T> {
    let known = serde_json::from_str(body).is_ok_and(|message: Versioned| message.v == VERSION);
    known.then(|| serde_json::from_str(body).ok())?
}

/// Seconds from `now` until `due`, rounded up, never negative.
pub fn seconds_until(due: Timestamp, now: Timestamp) -> i32 {
    let wait = due.duration_since(now).max(SignedDuration::ZERO);
    let seconds = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

/// Process this run of this webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessMessage {
    /// The version of this shape.
    pub v: u8,
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The scope of the history.
    pub origin: OriginId,
    /// The webhook.
    pub webhook: WebhookId,
    /// The number of the run.
    pub run: u32,
    /// The job that requested it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// The author of the request, with the name at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

impl ProcessMessage {
    /// The message for a run, requested by a job and an author if it is not the first.
    pub fn of(key: WebhookKey, run: u32, (job, by): (Option<JobId>, Option<By>)) -> Self {
        let WebhookKey { workspace, origin, webhook } = key;
        Self { v: VERSION, workspace, origin, webhook, run, job, by }
    }
}

impl Message for ProcessMessage {}

/// Execute this part of this job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobMessage {
    /// The version of this shape.
    pub v: u8,
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The job.
    pub job: JobId,
    /// The day and shard of the history: `20261121#00`.
    pub part: String,
}

impl JobMessage {
    /// The message for a part.
    pub fn of(workspace: WorkspaceId, job: JobId, part: PartId) -> Self {
        Self { v: VERSION, workspace, job, part: part.to_string() }
    }
}

impl Message for JobMessage {}

/// Make this attempt of this delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverMessage {
    /// The version of this shape.
    pub v: u8,
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The delivery.
    pub delivery: DeliveryId,
    /// The number of the attempt; a message for an attempt that was made has no effect.
    pub attempt: u32,
    /// The id of the endpoint or integration: the queue is shared fairly between them, so that a
    /// busy one does not delay the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// True in the queue of slow endpoints: it is not moved there again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub slow: bool,
}

impl DeliverMessage {
    /// The message for an attempt of a delivery.
    pub fn of(workspace: WorkspaceId, delivery: &Delivery, attempt: u32) -> Self {
        let group = match delivery.target {
            Target::Endpoint(id) => id.to_string(),
            Target::Integration { integration, .. } => integration.to_string(),
        };
        let (v, delivery, group) = (VERSION, delivery.id, Some(group));
        Self { v, workspace, delivery, attempt, group, slow: false }
    }
}

impl Message for DeliverMessage {
    fn group(&self) -> Option<String> {
        self.group.clone()
    }
}

/// This lane of this endpoint has work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneMessage {
    /// The version of this shape.
    pub v: u8,
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The lane.
    pub lane: u16,
}

impl Message for LaneMessage {
    fn group(&self) -> Option<String> {
        Some(format!("{}-{}", self.endpoint, self.lane))
    }
}

/// Release or discard the held deliveries of this gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverMessage {
    /// The version of this shape.
    pub v: u8,
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The gate.
    pub gate: GateKey,
    /// The gate's generation when this was sent; with any other the message has no effect.
    pub generation: u64,
    /// The treatment of the held deliveries.
    pub release: Release,
    /// The number of steps of the ramp that were made.
    #[serde(default)]
    pub step: u32,
}

impl RecoverMessage {
    /// The first message of a recovery.
    pub fn of(workspace: WorkspaceId, gate: GateKey, generation: u64, release: Release) -> Self {
        Self { v: VERSION, workspace, gate, generation, release, step: 0 }
    }
}

impl Message for RecoverMessage {}

/// The queues of the deployment, through one client. Clones share it.
#[derive(Debug, Clone)]
pub struct Queues {
    sqs: Client,
    urls: Arc<QueueUrls>,
    ids: Ids,
}

impl Queues {
    /// The queues with these URLs.
    pub fn new(sqs: Client, urls: QueueUrls, ids: Ids) -> Self {
        Self { sqs, urls: Arc::new(urls), ids }
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.sqs
    }

    /// The URL of a queue. A function does not start without the URLs that it needs
    /// ([`crate::start()`]), so an error here is a queue missing from its `QUEUES`.
    pub fn url(&self, queue: Queue) -> Result<&str, QueueError> {
        let missing = || QueueError(format!("{} is not set", queue.variable()));
        self.urls.get(&queue).map(String::as_str).ok_or_else(missing)
    }

    /// Sends a message after `delay` seconds, at most [`LONGEST_DELAY`]. A FIFO queue has no delay
    /// for a single message and ignores it.
    pub async fn send<M: Message>(
        &self,
        queue: Queue,
        message: &M,
        delay: i32,
    ) -> Result<(), QueueError> {
        let call = self.sqs.send_message().queue_url(self.url(queue)?).message_body(text(message)?);
        let call = call.set_message_group_id(message.group());
        let call = if queue.is_fifo() {
            // New for every message: SQS would drop an equal one within five minutes.
            call.message_deduplication_id(self.ids.token())
        } else {
            call.delay_seconds(delay)
        };
        call.send().await.map(drop).map_err(|error| QueueError(cause(&error)))
    }

    /// Sends messages to a standard queue, ten in a call.
    pub async fn send_all<M: Message>(
        &self,
        queue: Queue,
        messages: impl IntoIterator<Item = M>,
    ) -> Result<(), QueueError> {
        let messages: Vec<(M, i32)> = messages.into_iter().map(|message| (message, 0)).collect();
        let calls = messages.chunks(BATCH).map(|some| self.send_batch(queue, some));
        let calls = stream::iter(calls.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
        calls
            .try_for_each(|failed| {
                std::future::ready(
                    failed.into_iter().next().map_or(Ok(()), |(_, error)| Err(error)),
                )
            })
            .await
    }

    /// Sends at most ten messages in one call, each after its delay in seconds, at most
    /// [`LONGEST_DELAY`]. A FIFO queue has no delay for a single message and ignores it. Returns the
    /// places of those that the queue refused.
    pub async fn send_batch<M: Message>(
        &self,
        queue: Queue,
        messages: &[(M, i32)],
    ) -> Result<Vec<(usize, QueueError)>, QueueError> {
        let entries = messages.iter().enumerate().map(|(place, (message, delay))| {
            let entry = SendMessageBatchRequestEntry::builder().id(place.to_string());
            let entry = entry.message_body(text(message)?).set_message_group_id(message.group());
            let entry = if queue.is_fifo() {
                entry.message_deduplication_id(self.ids.token())
            } else {
                entry.delay_seconds(*delay)
            };
            entry.build().map_err(|error| QueueError(error.to_string()))
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let call = self.sqs.send_message_batch().queue_url(self.url(queue)?);
        let sent = call.set_entries(Some(entries)).send().await;
        let sent = sent.map_err(|error| QueueError(cause(&error)))?;
        let failed = sent.failed().iter();
        Ok(failed
            .map(|entry| (entry.id().parse().unwrap_or(0), QueueError(entry.code().to_owned())))
            .collect())
    }

    /// Hides a received message for `seconds`; SQS then delivers it again.
    pub async fn hide(&self, queue: Queue, receipt: &str, seconds: i32) -> Result<(), QueueError> {
        let call = self.sqs.change_message_visibility().queue_url(self.url(queue)?);
        let call = call.receipt_handle(receipt).visibility_timeout(seconds);
        call.send().await.map(drop).map_err(|error| QueueError(cause(&error)))
    }

    /// Enqueues the next attempt of a delivery after `delay` seconds; its lane, if it has one, at
    /// once.
    pub async fn next_attempt(
        &self,
        ws: WorkspaceId,
        delivery: &Delivery,
        delay: i32,
    ) -> Result<(), QueueError> {
        if let (Some(slot), Some(endpoint)) = (delivery.slot, delivery.endpoint()) {
            return self.lane(ws, endpoint, slot.lane).await;
        }
        let message = DeliverMessage::of(ws, delivery, delivery.next_attempt());
        self.send(Queue::Deliver, &message, delay).await
    }

    /// Enqueues a lane.
    pub async fn lane(
        &self,
        workspace: WorkspaceId,
        endpoint: EndpointId,
        lane: u16,
    ) -> Result<(), QueueError> {
        let message = LaneMessage { v: VERSION, workspace, endpoint, lane };
        self.send(Queue::Lanes, &message, 0).await
    }

    /// Schedules an attempt for `due`: a delayed message if that is at most [`LONGEST_DELAY`] away,
    /// else a parked row (`CATALOGUE OR-10`).
    pub async fn wake_at<E: From<StoreError> + From<QueueError>>(
        &self,
        store: &Store,
        message: &DeliverMessage,
        (due, now): (Timestamp, Timestamp),
    ) -> Result<(), E> {
        let delay = seconds_until(due, now);
        if delay <= LONGEST_DELAY {
            return Ok(self.send(Queue::Deliver, message, delay).await?);
        }
        let DeliverMessage { delivery, attempt, ref group, .. } = *message;
        let parked = Parked::Deliver { delivery, attempt, group: group.clone() };
        Ok(store.park(message.workspace, (due, now), &parked).await?)
    }
}

fn text(message: &impl Serialize) -> Result<String, QueueError> {
    serde_json::to_string(message).map_err(|e| QueueError(e.to_string()))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn te_11_a_message_is_identified_by_its_fields_and_an_unknown_version_is_rejected() {
        let at = Timestamp::UNIX_EPOCH;
        let workspace = WorkspaceId::new(at, &[1; 10]);
        let endpoint = EndpointId::new(at, &[2; 10]);
        let delivery = DeliveryId::new(at, &[3; 10]);
        let lane = LaneMessage { v: VERSION, workspace, endpoint, lane: 0 };
        let group = Some(endpoint.to_string());
        let deliver =
            DeliverMessage { v: VERSION, workspace, delivery, attempt: 1, group, slow: true };
        let (gate, release) = (GateKey::Endpoint(endpoint), Release::All);
        let recover =
            RecoverMessage { v: VERSION, workspace, gate, generation: 1, release, step: 0 };
        let text = |message: Result<String, _>| message.unwrap();
        let bodies = [
            text(serde_json::to_string(&lane)),
            text(serde_json::to_string(&deliver)),
            text(serde_json::to_string(&recover)),
        ];
        let kinds = |body: &str| {
            [
                read::<LaneMessage>(body).is_some(),
                read::<DeliverMessage>(body).is_some(),
                read::<RecoverMessage>(body).is_some(),
            ]
        };
        for (place, body) in bodies.iter().enumerate() {
            assert_eq!(kinds(body), [place == 0, place == 1, place == 2], "{body}");
            assert_eq!(kinds(&body.replace("\"v\":1", "\"v\":99")), [false; 3]);
        }
        assert_eq!(read::<DeliverMessage>(&bodies[1]), Some(deliver));
        assert_eq!(kinds("{ not JSON"), [false; 3]);
    }

    #[test]
    fn or_10_a_wait_is_rounded_up_to_seconds() {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        for (due, now, expected) in
            [(1_000, 1_000, 0), (1_000, 5_000, 0), (1_001, 1_000, 1), (900_000, 0, 900)]
        {
            assert_eq!(seconds_until(at(due), at(now)), expected, "{due} {now}");
        }
        assert!(seconds_until(at(900_001), at(0)) > LONGEST_DELAY);
        assert_eq!(seconds_until(Timestamp::MAX, at(0)), i32::MAX);
    }

    #[test]
    fn every_queue_is_listed_once_with_a_variable_of_its_own() {
        let names: std::collections::BTreeSet<_> = Queue::ALL.map(Queue::variable).into();
        assert_eq!(names.len(), Queue::ALL.len());
    }
}
