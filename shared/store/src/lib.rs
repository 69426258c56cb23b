//! The DynamoDB tables: all persistent data.
//!
//! - [`keys`]: the format of all keys.
//! - [`config`]: workspaces, origins, integrations, tokens. [`config_write`]: writes of them, API
//!   keys.
//! - [`history`]: webhooks, their bodies and their runs.
//! - [`crm`]: contacts, deals, owners of e-mail addresses and phone numbers. [`crm_list`]: lists of
//!   them.
//! - [`coordination`]: delivery-id claims, reprocess leases, refusals, idempotency keys.
//! - [`idempotency`]: a repeated request gets the same response.
//! - [`listing`]: pages of a history and their count. [`tallies`]: the counters behind both.
//! - [`leases`]: requested runs. [`jobs`]: bulk jobs and their progress. [`job_runs`]: their ended
//!   runs.
//! - [`sweep`]: the origins of the hourly sweep, and how far it came.
//! - [`lookups`]: small rows that list everything about a key.
//! - [`events`]: events. [`outbound`]: endpoints and rules. [`deliveries`]: deliveries.
//! - [`lanes`]: order and pace. [`gates`]: the state of gates, and [`health`], its causes.
//! - [`held`]: deliveries that wait for a gate. [`parked`]: messages for a later time. [`notices`]:
//!   notices to people.
//! - [`deliveries_list`]: pages of deliveries and their totals. [`delivery_tallies`]: the counters
//!   behind both. [`subject_trail`]: the webhooks of a business key.
//! - [`sessions`]: sessions of the console and their tokens. [`people`]: people and members.
//! - [`backoff`]: retries of errors that may pass.
//! - [`seed`]: rows without writing them, for benchmarks.

use std::sync::{Arc, atomic::AtomicBool};

use aws_sdk_dynamodb::Client;

pub mod backoff;
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
pub mod job_runs;
pub mod jobs;
pub mod keys;
pub mod lanes;
pub mod leases;
pub mod listing;
pub mod lookups;
pub mod notices;
pub mod outbound;
pub mod parked;
pub mod people;
pub mod seed;
pub mod sessions;
pub mod subject_trail;
pub mod sweep;
pub mod tallies;
pub mod versions;

pub use error::{StoreError, cause};
pub use item::Item;

/// The names of the tables. A table that a function may not use has an empty name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    /// Configuration.
    pub config: String,
    /// Webhooks and runs.
    pub history: String,
    /// Large bodies, in chunks.
    pub bodies: String,
    /// Contacts and deals.
    pub crm: String,
    /// Events, by subject.
    pub events: String,
    /// Deliveries, by day.
    pub deliveries: String,
    /// Claims, leases, jobs, lanes, gates.
    pub coordination: String,
    /// Webhooks and deliveries by search keys.
    pub lookups: String,
    /// Counters.
    pub tallies: String,
}

/// The tables, through one client.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) db: Client,
    pub(crate) tables: Arc<Tables>,
    /// True once this process knows that the row of the hours of [`parked`] exists.
    pub(crate) parked_begun: Arc<AtomicBool>,
}

impl Store {
    /// Creates a store on the tables of these names.
    pub fn new(db: Client, tables: Tables) -> Self {
        Self { db, tables: Arc::new(tables), parked_begun: Arc::default() }
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
