//! An inbound URL of an origin: who may send, what is done with what comes.

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::{
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
    /// The origin whose history it writes.
    pub origin: OriginId,
    /// The key of its application in the catalogue.
    pub application: String,
    /// What people call it.
    pub name: String,
    /// Inactive ones still receive and log (`FACTS S1.7, D9`).
    pub active: bool,
    /// All of these must hold for a request to be accepted.
    #[serde(default)]
    pub verification: Vec<Check>,
    /// Where requests may come from; empty: anywhere.
    #[serde(default)]
    pub allowed_ips: Vec<IpNet>,
    /// The methods that carry webhooks.
    pub methods: Vec<Method>,
    /// What an accepted request is answered with, 200 to 299.
    pub success_status: u16,
    /// Read a body without a JSON content type as JSON where it looks like it.
    #[serde(default)]
    pub sniff_json: bool,
    /// How the same request sent again is told.
    #[serde(default)]
    pub dedupe: Option<Dedupe>,
    /// What is created or updated.
    pub action: Action,
    /// Put on the deals that come in (`FACTS S3.9`).
    #[serde(default)]
    pub tag: Option<String>,
    /// The stage that they get; else the origin's first.
    #[serde(default)]
    pub stage: Option<StageId>,
    /// Whether an update moves a deal to that stage too (`FACTS D17`).
    #[serde(default)]
    pub stage_on_update: StageOnUpdate,
    /// The status that they get.
    #[serde(default)]
    pub status: Option<DealStatus>,
    /// The version of the mapping that is used now.
    pub mapping_version: u32,
    /// The mapping that is used now; older versions are rows of their own.
    pub mapping: Mapping,
    /// Which of the derivable ingest tokens is the present one.
    pub token_generation: u32,
    /// Until when the token before still works.
    #[serde(default)]
    pub previous_token_until: Option<Timestamp>,
    /// Grows by one at every change (`If-Match`).
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// What an integration does with a webhook (`FACTS S3.3 to S3.6`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Always a new deal, even when one with the same contact exists in the origin.
    CreateDeal,
    /// Only updates; without a match nothing is created.
    UpdateDeal,
    /// No deal for that contact in the origin: create; else update.
    CreateOrUpdateDeal,
    /// A new contact; one that exists is an error.
    CreateContact,
    /// Only updates; without a match nothing is created.
    UpdateContact,
    /// Creates or updates the contact.
    CreateOrUpdateContact,
}

impl Action {
    /// What it is about.
    pub fn entity(self) -> Entity {
        match self {
            Self::CreateDeal | Self::UpdateDeal | Self::CreateOrUpdateDeal => Entity::Deal,
            Self::CreateContact | Self::UpdateContact | Self::CreateOrUpdateContact => {
                Entity::Contact
            }
        }
    }
}

/// Whether an update moves a deal to the integration's stage (`FACTS D17`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageOnUpdate {
    /// Every webhook does.
    #[default]
    Always,
    /// Only the one that creates the deal.
    OnlyOnCreate,
}

/// How the same request sent again is told (`FACTS D18`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dedupe {
    /// Where the sender's own id of the delivery stands.
    pub source: DedupeSource,
    /// How long an id is remembered, 1 hour to 30 days.
    #[serde(default = "one_day")]
    pub window_hours: u16,
}

fn one_day() -> u16 {
    24
}

/// Where the sender's own id of a delivery stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DedupeSource {
    /// In a request header.
    Header(String),
    /// In the parsed payload, by JSONPath (RFC 9535).
    Path(String),
    /// Nowhere: the same bytes count as the same delivery.
    Body,
}

/// An HTTP method that may carry a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// The payload is the query.
    Get,
    /// The usual one.
    Post,
    /// As `POST`.
    Put,
    /// As `POST`.
    Patch,
    /// As `POST`.
    Delete,
}

impl Method {
    /// As it stands in a request line.
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
