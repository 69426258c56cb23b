//! The rules of Gancho: pure functions and the types that they speak of.
//!
//! Nothing here does I/O, asks a clock or draws a random number: time and chance are arguments.
//!
//! - [`ids`]: every id has its own type and prefix, and says when it was made.
//! - [`calendar`]: days, hours, retention by calendar month, periods in a workspace's time zone.
//! - [`workspace`], [`origin`], [`integration`]: what people configure.
//! - [`webhook`]: one received request, its runs and its status.
//! - [`verify`]: is the sender who it says it is. [`mask`]: what of a request is never stored.
//!   [`applications`]: the catalogue of senders. [`secret`]: texts that hide themselves.
//! - [`payload`], [`mapping`], [`normalise`]: from bytes to the fields of a contact and a deal.
//! - [`crm`], [`decide`]: contacts, deals, and what a webhook does to them.
//! - [`token`]: ingest tokens and API keys.
//! - [`job`]: bulk work, its parts and its progress.
//! - [`event`], [`event_types`]: something that happened; [`rule`]: which events go where; [`endpoint`]: to whom, and
//!   how patiently. [`target_url`]: which URLs may be named and which addresses dialled.
//! - [`delivery`]: one event for one rule, its states and attempts; [`retry`]: what comes after an
//!   attempt. [`delivery_filter`], [`delivery_tally`]: which of them are meant, and how many there
//!   are in which state. [`render`], [`sign`]: the request that is sent.
//! - [`gate`], [`health`]: when an endpoint is sent nothing. [`outage`]: when that is our own fault.
//!   [`response_time`]: who takes long. [`notice`]: what people are told.
//! - [`code`]: every failure's stable code and the sentence that a person reads.

pub mod applications;
pub mod calendar;
pub mod code;
pub mod crm;
pub mod cursor;
pub mod decide;
pub mod delivery;
pub mod delivery_filter;
pub mod delivery_tally;
pub mod endpoint;
pub mod event;
pub mod event_types;
pub mod filter;
pub mod gate;
pub mod health;
pub mod ids;
pub mod integration;
pub mod job;
pub mod mapping;
pub mod mask;
pub mod normalise;
pub mod notice;
pub mod origin;
pub mod outage;
pub mod payload;
pub mod render;
pub mod response_time;
pub mod retry;
pub mod rule;
pub mod secret;
pub mod sign;
pub mod tally;
pub mod target_url;
pub mod token;
pub mod verify;
pub mod webhook;
pub mod workspace;
