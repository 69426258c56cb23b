//! A tenant: what its people set for everything that is theirs.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::common::{ids::WorkspaceId, secret::Secret};

/// A tenant. Every key in every table begins with its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// The IANA zone in which a day begins and ends (`FACTS D16`).
    pub time_zone: String,
    /// The region that a phone number without a country code is read in (ISO 3166, two letters).
    pub default_region: String,
    /// Calendar months that new inbound webhooks are kept, 1 to 13 (`FACTS D1`).
    pub inbound_months: u8,
    /// Days that new events and deliveries are kept, 1 to 395 (`FACTS S2.3, D1`).
    #[serde(default = "thirty")]
    pub outbound_days: u16,
    /// Whether endpoints may be named by plain `http`.
    #[serde(default)]
    pub plain_http: bool,
    /// The e-mail addresses that are told of suspensions.
    #[serde(default)]
    pub notice_recipients: Vec<String>,
    /// The language that they are told in.
    #[serde(default)]
    pub notice_language: NoticeLanguage,
    /// Whether the workspace may use Gancho at all; a suspended one's senders get 403.
    #[serde(default)]
    pub suspended: bool,
    /// Fields of its own, by key.
    #[serde(default)]
    pub custom_fields: BTreeMap<String, CustomField>,
    /// The tags that it offers.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What its cursors are sealed with and its ingest tokens derived from; never shown.
    pub secret: Secret,
    /// Grows by one at every change (`If-Match`).
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

fn thirty() -> u16 {
    30
}

/// The language of a workspace's notices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticeLanguage {
    /// Portuguese.
    #[default]
    #[serde(rename = "pt")]
    Portuguese,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Workspace {
    /// When an event or delivery made at `at` ends (`FACTS S2.3`).
    pub fn outbound_ends(&self, at: Timestamp) -> Timestamp {
        let days = SignedDuration::from_hours(24 * i64::from(self.outbound_days));
        at.checked_add(days).unwrap_or(Timestamp::MAX)
    }

    /// Its time zone; UTC where the stored name is not known any more.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }
}

/// A field of a contact or deal that a workspace made up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    /// What people read.
    pub label: String,
    /// Whose field it is.
    pub entity: Entity,
    /// What it holds.
    pub kind: FieldKind,
}

/// What a field belongs to, and what an integration creates or updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// A person.
    Contact,
    /// An opportunity.
    Deal,
}

/// What a custom field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Any text.
    Text,
    /// A number; its digits are kept as they came.
    Number,
    /// A day, or a moment.
    Date,
    /// True or false.
    Boolean,
}

/// What an API key may do: each role may do what the one before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reprocesses, changes deals, previews.
    Operator,
    /// Configures.
    Admin,
    /// The deployment's own key: makes workspaces, belongs to none.
    Owner,
}
