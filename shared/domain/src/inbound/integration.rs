//! An inbound URL of an origin: its verification, its action and its mapping.

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::{
        by::Changed,
        ids::{IntegrationId, OriginId, StageId},
        workspace::Entity,
    },
    crm::DealStatus,
    crm::mapping::Mapping,
    inbound::verify::Check,
};

/// An inbound URL of an origin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Integration {
    /// Its id.
    pub id: IntegrationId,
    /// The origin that has its webhooks in its history.
    pub origin: OriginId,
    /// The key of its application in the catalogue.
    pub application: String,
    /// The display name.
    pub name: String,
    /// False if webhooks are stored but not processed (`FACTS S1.7, D9`).
    pub active: bool,
    /// The checks that a request must pass, all of them.
    #[serde(default)]
    pub verification: Vec<Check>,
    /// The allowed source addresses; empty allows all.
    #[serde(default)]
    pub allowed_ips: Vec<IpNet>,
    /// The methods that carry webhooks.
    pub methods: Vec<Method>,
    /// The status code for accepted requests, 200 to 299.
    pub success_status: u16,
    /// Reads a body that looks like JSON as JSON, even without a JSON content type.
    #[serde(default)]
    pub sniff_json: bool,
    /// The detection of duplicates.
    #[serde(default)]
    pub dedupe: Option<Dedupe>,
    /// The action on contacts and deals.
    pub action: Action,
    /// A tag for its deals (`FACTS S3.9`).
    #[serde(default)]
    pub tag: Option<String>,
    /// The stage of its deals; the origin's first by default.
    #[serde(default)]
    pub stage: Option<StageId>,
    /// The rule for moving a deal to that stage on an update (`FACTS D17`).
    #[serde(default)]
    pub stage_on_update: StageOnUpdate,
    /// The status of its deals.
    #[serde(default)]
    pub status: Option<DealStatus>,
    /// The version of the current mapping.
    pub mapping_version: u32,
    /// The current mapping; older versions have their own rows.
    pub mapping: Mapping,
    /// The time and author of that version; `None` if they were not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping_changed: Option<Changed>,
    /// The generation of the current ingest token.
    pub token_generation: u32,
    /// The end of the previous token's validity.
    #[serde(default)]
    pub previous_token_until: Option<Timestamp>,
    /// Incremented at every change (`If-Match`).
    pub version: u64,
    /// Time of its creation.
    pub created_at: Timestamp,
    /// Time of its last change.
    pub updated_at: Timestamp,
}

/// The action of an integration on a webhook (`FACTS S3.3 to S3.6`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Always creates a deal, even if the contact has one in the origin.
    CreateDeal,
    /// Only updates; creates nothing without a match.
    UpdateDeal,
    /// Updates the contact's deal in the origin, or creates one.
    CreateOrUpdateDeal,
    /// Creates a contact; an existing one is an error.
    CreateContact,
    /// Only updates; creates nothing without a match.
    UpdateContact,
    /// Creates or updates the contact.
    CreateOrUpdateContact,
}

impl Action {
    /// The entity that it creates or updates.
    pub fn entity(self) -> Entity {
        match self {
            Self::CreateDeal | Self::UpdateDeal | Self::CreateOrUpdateDeal => Entity::Deal,
            Self::CreateContact | Self::UpdateContact | Self::CreateOrUpdateContact => {
                Entity::Contact
            }
        }
    }
}

/// The rule for moving a deal to the integration's stage on an update (`FACTS D17`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageOnUpdate {
    /// Every webhook moves the deal.
    #[default]
    Always,
    /// Only the webhook that creates the deal sets the stage.
    OnlyOnCreate,
}

/// The detection of duplicates: requests that the sender repeats (`FACTS D18`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dedupe {
    /// The location of the sender's delivery id.
    pub source: DedupeSource,
    /// The hours for which an id is remembered, 1 hour to 30 days.
    #[serde(default = "one_day")]
    pub window_hours: u16,
}

fn one_day() -> u16 {
    24
}

/// The location of the sender's delivery id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DedupeSource {
    /// In a request header.
    Header(String),
    /// In the parsed payload, by JSONPath (RFC 9535).
    Path(String),
    /// None: equal bodies count as the same delivery.
    Body,
}

/// An HTTP method that may carry a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// The payload is the query.
    Get,
    /// The body is the payload.
    Post,
    /// As `POST`.
    Put,
    /// As `POST`.
    Patch,
    /// As `POST`.
    Delete,
}

impl Method {
    /// The method as in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}
