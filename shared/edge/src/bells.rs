//! Ringing work through SQS. A bell says that there is work, never what the work is: ids only.

use aws_sdk_sqs::{Client, error::DisplayErrorContext};
use gancho_domain::ids::{JobId, OriginId, WebhookId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// A bell could not be rung; its cause is for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the queue did not take the bell: {0}")]
pub struct BellError(String);

/// Process this run of this webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessBell {
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
pub struct JobBell {
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

/// Rings a bell in a queue.
pub async fn ring<T: Serialize + Sync>(
    sqs: &Client,
    queue: &str,
    bell: &T,
) -> Result<(), BellError> {
    let body = serde_json::to_string(bell).map_err(|e| BellError(e.to_string()))?;
    let sent = sqs.send_message().queue_url(queue).message_body(body).send().await;
    sent.map(drop).map_err(|e| BellError(DisplayErrorContext(&e).to_string()))
}
