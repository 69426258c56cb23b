//! A tenant and its settings.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::common::{ids::WorkspaceId, secret::Secret};

/// A tenant. Every key in every table begins with its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// The display name.
    pub name: String,
    /// The IANA time zone of its days (`FACTS D16`).
    pub time_zone: String,
    /// The region of phone numbers without a country code (ISO 3166, two letters).
    pub default_region: String,
    /// Retention of new inbound webhooks in calendar months, 1 to 13 (`FACTS D1`).
    pub inbound_months: u8,
    /// Retention of new events and deliveries in days, 1 to 395 (`FACTS S2.3, D1`).
    #[serde(default = "thirty")]
    pub outbound_days: u16,
    /// Allows endpoint URLs with plain `http`.
    #[serde(default)]
    pub plain_http: bool,
    /// The e-mail addresses that are notified of suspensions.
    #[serde(default)]
    pub notice_recipients: Vec<String>,
    /// The language of these notices.
    #[serde(default)]
    pub notice_language: NoticeLanguage,
    /// True if the workspace may not use Gancho; its senders get 403.
    #[serde(default)]
    pub suspended: bool,
    /// Its custom fields, by key.
    #[serde(default)]
    pub custom_fields: BTreeMap<String, CustomField>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The secret that seals its cursors and derives its ingest tokens; never shown.
    pub secret: Secret,
    /// Incremented at every change (`If-Match`).
    pub version: u64,
    /// Time of its creation.
    pub created_at: Timestamp,
    /// Time of its last change.
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
    /// The end of the retention of an event or delivery created at `at` (`FACTS S2.3`).
    pub fn outbound_ends(&self, at: Timestamp) -> Timestamp {
        let days = SignedDuration::from_hours(24 * i64::from(self.outbound_days));
        at.checked_add(days).unwrap_or(Timestamp::MAX)
    }

    /// Its time zone; UTC if the stored name is no longer known.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }
}

/// A field of a contact or deal that a workspace defines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    /// The label shown to people.
    pub label: String,
    /// The entity that has the field.
    pub entity: Entity,
    /// The type of its values.
    pub kind: FieldKind,
}

/// The entity that a field belongs to and that an integration creates or updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// A person.
    Contact,
    /// An opportunity.
    Deal,
}

/// The type of a custom field's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Any text.
    Text,
    /// A number; its digits are kept as received.
    Number,
    /// A day or a time.
    Date,
    /// True or false.
    Boolean,
}

/// The permissions of an API key. Each role includes those of the role before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reprocesses, changes deals, previews.
    Operator,
    /// Configures.
    Admin,
    /// The deployment's own key. It creates workspaces and belongs to none.
    Owner,
}
