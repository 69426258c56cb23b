//! The rules of Gancho: pure functions and their types.
//!
//! Nothing here performs I/O, reads a clock or draws a random number: time and chance are arguments.
//!
//! - [`common`]: used by both roads. Ids ([`common::ids`]), days and retention
//!   ([`common::calendar`]), stable codes with their sentences ([`common::code`]), tokens, secrets,
//!   page cursors, bulk jobs, workspaces.
//! - [`inbound`]: from a request to a stored webhook. Senders ([`inbound::applications`]), checks of
//!   a request ([`inbound::verify`]), payloads, runs ([`inbound::webhook`]), filters and counters.
//! - [`crm`]: contacts and deals. Mappings ([`crm::mapping`]), normalised fields, and the changes
//!   that a webhook causes ([`crm::decide`]).
//! - [`outbound`]: from an event to the end of its deliveries. Rules, endpoints, the request
//!   ([`outbound::render`], [`outbound::sign`]), the state after an attempt ([`outbound::retry`]),
//!   gates and suspension ([`outbound::gate`], [`outbound::health`], [`outbound::outage`]).

pub mod common;
pub mod crm;
pub mod inbound;
pub mod outbound;
