//! One received request, its runs, and the status that follows from them.
//!
//! The request's row never changes. Each run has its own row, which is written once. A webhook
//! without a run is pending (`FACTS S1.5`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::common::{
    by::By,
    code::Code,
    ids::{ContactId, DealId, IntegrationId, JobId, OriginId, WebhookId, WorkspaceId},
};

/// The status of a webhook in lists (`FACTS S1.5`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Received, not processed yet.
    Pending,
    /// Its last run succeeded.
    Success,
    /// Its last run failed.
    Error,
}

/// The key of a webhook's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WebhookKey {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The scope of the history.
    pub origin: OriginId,
    /// The webhook.
    pub webhook: WebhookId,
}

/// One received request. Its body is stored separately.
#[derive(Debug, Clone)]
pub struct Received {
    /// The key of its row.
    pub key: WebhookKey,
    /// The integration that received it.
    pub integration: IntegrationId,
    /// The integration's name at the moment of receipt.
    pub integration_name: String,
    /// The integration's application at the moment of receipt.
    pub application: String,
    /// True if the integration was active at the moment of receipt (`FACTS S1.6`).
    pub active: bool,
    /// The mark of a test that Gancho sent itself; `None` for a sender's request.
    pub test: Option<Test>,
    /// The method.
    pub method: String,
    /// The query as received, without `?`.
    pub query: String,
    /// The headers in the order of receipt, with secrets masked.
    pub headers: Vec<(String, String)>,
    /// The source address seen by the gateway.
    pub source_ip: String,
    /// The sender's delivery id, if a header contains it.
    pub delivery_id: Option<String>,
    /// Bytes of the body.
    pub body_size: usize,
    /// SHA-256 of the body.
    pub body_sha256: [u8; 32],
    /// Its retention in calendar months.
    pub months: u8,
    /// The end of its retention.
    pub expires_at: Timestamp,
}

impl Received {
    /// Time of its receipt.
    pub fn received_at(&self) -> Timestamp {
        self.key.webhook.made_at()
    }
}

/// The kind of a test of an integration. It holds for every run of the webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Its runs are previews: they change no contact and no deal, and publish no event.
    Preview,
    /// It is applied as the webhook of a sender would be.
    Apply,
}

/// The result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The run applied the webhook.
    Success,
    /// The run failed and changed nothing.
    Error,
}

impl From<Verdict> for Status {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Success => Self::Success,
            Verdict::Error => Self::Error,
        }
    }
}

/// The cause of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The receipt of the webhook.
    Received,
    /// A request to reprocess the webhook.
    Reprocess,
    /// A bulk job.
    Job(JobId),
}

/// The action of a run on a contact or deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrmAction {
    /// Created.
    Created,
    /// Changed.
    Updated,
    /// Found without a difference.
    Unchanged,
}

/// The result of a run that changes nothing: the mapped fields, and the actions that a run which
/// applies them would take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The mapped fields of the contact, as JSON.
    pub contact: Value,
    /// The mapped fields of the deal, as JSON.
    pub deal: Value,
    /// The business keys.
    pub keys: Vec<String>,
    /// The action on the contact; `None` if there would be none.
    pub contact_action: Option<CrmAction>,
    /// The action on the deal; `None` if there would be none.
    pub deal_action: Option<CrmAction>,
}

/// A failure or warning of a run: a stable code and the parameters of its sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The stable code.
    pub code: Code,
    /// The parameters of the sentence: the field, the path, the line.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}

impl Remark {
    /// A remark without parameters.
    pub fn new(code: Code) -> Self {
        Self { code, params: BTreeMap::new() }
    }

    /// Adds a parameter.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "callers give literals and numbers")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

/// One processing of a webhook. Its row is idempotency marker, status and record in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// 1, 2, ... without gaps.
    pub number: u32,
    /// The webhook's status before it.
    pub previous: Status,
    /// Its result.
    pub verdict: Verdict,
    /// Its cause.
    pub cause: Cause,
    /// The author of the request; `None` on receipt, or if it was not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// The failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Remark>,
    /// Warnings for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Remark>,
    /// The contact that it created, changed or found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<(ContactId, CrmAction)>,
    /// The deal that it created or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<(DealId, CrmAction)>,
    /// The result of a preview. Such a run has no contact and no deal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
    /// The first webhook with this delivery id (`FACTS D18`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<WebhookId>,
    /// The sender's delivery id, if it is in the payload and not in a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_id: Option<String>,
    /// The version of the mapping that was used (`FACTS D15`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping_version: Option<u32>,
    /// Time of its end.
    pub finished_at: Timestamp,
    /// The search terms of this webhook: `email:…`, `phone:…`, `key:…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found_by: Vec<String>,
}

/// The status that follows from the last run.
pub fn status_of(last: Option<&Run>) -> Status {
    last.map_or(Status::Pending, |run| run.verdict.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_5_no_run_yet_is_pending() {
        assert_eq!(status_of(None), Status::Pending);
    }
}
