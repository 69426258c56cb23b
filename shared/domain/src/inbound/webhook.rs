//! One received request, its runs, and the status that follows from them.
//!
//! The request's row never changes. A run is a row of its own beside it, written once; no run row
//! yet means pending (`FACTS S1.5`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::common::{
    code::Code,
    ids::{ContactId, DealId, IntegrationId, JobId, OriginId, WebhookId, WorkspaceId},
};

/// What a list shows of a webhook (`FACTS S1.5`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Received, not processed yet.
    Pending,
    /// Its last run did what it should.
    Success,
    /// Its last run did not.
    Error,
}

/// Which webhook: enough to find its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WebhookKey {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The scope of the history.
    pub origin: OriginId,
    /// The webhook.
    pub webhook: WebhookId,
}

/// One received request, as it came. Its body lies beside it.
#[derive(Debug, Clone)]
pub struct Received {
    /// Where its row lies.
    pub key: WebhookKey,
    /// The integration whose URL it came to.
    pub integration: IntegrationId,
    /// The integration's name at the moment of receipt.
    pub integration_name: String,
    /// The integration's application at the moment of receipt.
    pub application: String,
    /// Whether the integration was active at the moment of receipt (`FACTS S1.6`).
    pub active: bool,
    /// The method.
    pub method: String,
    /// The query as it came, without `?`.
    pub query: String,
    /// The headers, secrets masked, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The address that the gateway saw.
    pub source_ip: String,
    /// The sender's own id of the delivery, where a header names it.
    pub delivery_id: Option<String>,
    /// Bytes of the body.
    pub body_size: usize,
    /// SHA-256 of the body.
    pub body_sha256: [u8; 32],
    /// Calendar months that it is kept.
    pub months: u8,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Received {
    /// When it came.
    pub fn received_at(&self) -> Timestamp {
        self.key.webhook.made_at()
    }
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Did what it should.
    Success,
    /// Did nothing.
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

/// Why a run was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The webhook came.
    Received,
    /// A person asked.
    Reprocess,
    /// A bulk job did.
    Job(JobId),
}

/// Whether a run made something or changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrmAction {
    /// It is new.
    Created,
    /// It was changed.
    Updated,
    /// It was found as it should be.
    Unchanged,
}

/// A failure, or a remark on a run: a stable code and what its sentence needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The stable code.
    pub code: Code,
    /// What the sentence names: the field, the path, the line.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}

impl Remark {
    /// A remark without parameters.
    pub fn new(code: Code) -> Self {
        Self { code, params: BTreeMap::new() }
    }

    /// The same with a parameter more.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "callers give literals and numbers")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

/// One processing of a webhook: the idempotency marker, the status and the record in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// 1, 2, ... without gaps.
    pub number: u32,
    /// The webhook's status before it.
    pub previous: Status,
    /// What it came to.
    pub verdict: Verdict,
    /// Why it was made.
    pub cause: Cause,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Remark>,
    /// What a person should know all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Remark>,
    /// The contact that it made, changed or found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<(ContactId, CrmAction)>,
    /// The deal that it made or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<(DealId, CrmAction)>,
    /// The webhook that had this delivery id first (`FACTS D18`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<WebhookId>,
    /// The sender's own id of the delivery, where it stands in the payload and not in a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_id: Option<String>,
    /// The version of the mapping that was used (`FACTS D15`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping_version: Option<u32>,
    /// When it ended.
    pub finished_at: Timestamp,
    /// What finds this webhook by search: `email:…`, `phone:…`, `key:…`.
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
