//! DynamoDB: what must last.
//!
//! - [`keys`]: the only place that spells a key.
//! - [`config`]: workspaces, origins, integrations, tokens. [`config_write`]: changing them, API keys.
//! - [`history`]: webhooks, their bodies and their runs.
//! - [`crm`]: contacts, deals, who an e-mail or phone belongs to. [`crm_list`]: lists of them.
//! - [`coordination`]: delivery-id claims, reprocess leases, refusals, idempotency keys.
//! - [`idempotency`]: the same request sent again is answered the same.
//! - [`listing`]: pages of a history and their count. [`tallies`]: the counters behind both.
//! - [`leases`]: a run that was asked for. [`jobs`]: bulk work and how far it came.
//! - [`sweep`]: what the hourly sweep reads.
//! - [`lookups`]: small rows that answer 'everything about this key'.
//! - [`events`]: what happened. [`outbound`]: endpoints and rules. [`deliveries`]: what is sent.
//! - [`lanes`]: order and pace. [`gates`]: who may be sent to now, and [`health`], why not.
//! - [`held`], [`parked`], [`notices`]: what waits for a gate, for a time, and what people are told.
//! - [`deliveries_list`]: pages of deliveries and their totals. [`delivery_tallies`]: the counters
//!   behind both. [`subject_trail`]: the webhooks of a business key.
//! - [`seed`]: rows without writing them, for benches.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

pub mod config;
pub mod config_write;
pub mod coordination;
mod counted;
pub mod crm;
pub mod crm_list;
pub mod deliveries;
pub mod deliveries_list;
pub mod delivery_tallies;
mod error;
pub mod events;
pub mod gates;
pub mod health;
pub mod held;
pub mod history;
pub mod idempotency;
pub mod item;
pub mod jobs;
pub mod keys;
pub mod lanes;
pub mod leases;
pub mod listing;
pub mod lookups;
pub mod notices;
pub mod outbound;
pub mod parked;
pub mod seed;
pub mod subject_trail;
pub mod sweep;
pub mod tallies;

pub use error::{StoreError, cause};
pub use item::Item;

/// The names of the tables. A function that may not use one has an empty name there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    /// What people configure.
    pub config: String,
    /// Webhooks and runs.
    pub history: String,
    /// Large bodies, in chunks.
    pub bodies: String,
    /// Contacts and deals.
    pub crm: String,
    /// What happened, by subject.
    pub events: String,
    /// What was sent, by day.
    pub deliveries: String,
    /// Claims, leases, jobs, lanes, gates.
    pub coordination: String,
    /// What belongs to a key.
    pub lookups: String,
    /// Counters.
    pub tallies: String,
}

/// The tables, through one client.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) db: Client,
    pub(crate) tables: Arc<Tables>,
}

impl Store {
    /// The tables of these names.
    pub fn new(db: Client, tables: Tables) -> Self {
        Self { db, tables: Arc::new(tables) }
    }

    /// The client, for entity files of other crates' own tests.
    pub fn client(&self) -> &Client {
        &self.db
    }

    /// The names of the tables.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }
}
