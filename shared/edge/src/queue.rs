//! Ringing work through SQS. A message says that there is work, never what the work is: ids only.

use aws_sdk_sqs::Client;
use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, JobId, OriginId, WebhookId, WorkspaceId},
    outbound::{
        delivery::Delivery,
        gate::{GateKey, Release},
        rule::Target,
    },
};
use gancho_store::cause;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A message could not be enqueued; its cause is for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the queue did not take the message: {0}")]
pub struct QueueError(String);

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
    /// The job that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
}

/// Work on this part of this job.
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

/// The version that is written, and the only one there was.
pub const VERSION: u8 = 1;

/// What every message has.
#[derive(Deserialize)]
struct Versioned {
    v: u8,
}

/// Reads a message; versions that are not known are not guessed at.
pub fn read<T: DeserializeOwned>(body: &str) -> Option<T> {
    let known = serde_json::from_str(body).is_ok_and(|message: Versioned| message.v == VERSION);
    known.then(|| serde_json::from_str(body).ok())?
}

/// Rings a message in a queue.
pub async fn enqueue<T: Serialize + Sync>(
    sqs: &Client,
    queue: &str,
    message: &T,
) -> Result<(), QueueError> {
    let body = serde_json::to_string(message).map_err(|e| QueueError(e.to_string()))?;
    let sent = sqs.send_message().queue_url(queue).message_body(body).send().await;
    sent.map(drop).map_err(|e| QueueError(cause(&e)))
}

/// Make this attempt of this delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverMessage {
    /// The version of this shape.
    pub v: u8,
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The delivery.
    pub delivery: DeliveryId,
    /// The number of the attempt; a message for one that was made already means nothing.
    pub attempt: u32,
    /// Whom it goes to: the id of an endpoint or of an integration. The queue is shared fairly between
    /// them, so that a noisy one does not delay the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// It lies in the queue of slow endpoints, and is not moved there again.
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

/// Let go what this gate held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverMessage {
    /// The version of this shape.
    pub v: u8,
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The gate.
    pub gate: GateKey,
    /// The generation that the gate had when this was enqueued; another one makes it mean nothing.
    pub generation: u64,
    /// What happens to what was held.
    pub release: Release,
    /// How many steps of the ramp were made.
    #[serde(default)]
    pub step: u32,
}

/// The longest delay of a message, in seconds.
pub const LONGEST_DELAY: i32 = 900;

/// Rings a message in a standard queue after a delay in seconds, at most [`LONGEST_DELAY`].
pub async fn enqueue_later<T: Serialize + Sync>(
    sqs: &Client,
    queue: &str,
    message: &T,
    delay: i32,
) -> Result<(), QueueError> {
    send(sqs, (queue, None), message, delay).await
}

/// Rings for an attempt after a delay in seconds, at most [`LONGEST_DELAY`].
pub async fn enqueue_attempt(
    sqs: &Client,
    queue: &str,
    message: &DeliverMessage,
    delay: i32,
) -> Result<(), QueueError> {
    send(sqs, (queue, message.group.clone()), message, delay).await
}

async fn send<T: Serialize + Sync>(
    sqs: &Client,
    (queue, group): (&str, Option<String>),
    message: &T,
    delay: i32,
) -> Result<(), QueueError> {
    let body = serde_json::to_string(message).map_err(|e| QueueError(e.to_string()))?;
    let call = sqs.send_message().queue_url(queue).message_body(body).delay_seconds(delay);
    let sent = call.set_message_group_id(group).send().await;
    sent.map(drop).map_err(|e| QueueError(cause(&e)))
}

/// Rings a lane's message in the FIFO queue. `ring` is new for every ring: a second one within five
/// minutes must not vanish.
pub async fn enqueue_lane(
    sqs: &Client,
    queue: &str,
    message: &LaneMessage,
    enqueue: &str,
) -> Result<(), QueueError> {
    let body = serde_json::to_string(message).map_err(|e| QueueError(e.to_string()))?;
    let group = format!("{}-{}", message.endpoint, message.lane);
    let call = sqs.send_message().queue_url(queue).message_body(body);
    let sent = call.message_group_id(group).message_deduplication_id(enqueue).send().await;
    sent.map(drop).map_err(|e| QueueError(cause(&e)))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn te_11_a_bell_is_told_apart_by_what_it_names_and_an_unknown_version_is_nothing() {
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
}
