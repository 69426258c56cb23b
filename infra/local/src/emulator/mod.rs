//! The emulator: the AWS services and protocols that the functions use.
//!
//! - [`template`], [`intrinsics`]: the contents of `template.yaml`. [`functions`]: the code.
//! - [`builder`], `assembly`, `host`: the options of a host, its parts, and its operations.
//! - [`gateway`]: turns a request into an event, and an answer into a response (`answer`).
//! - [`dynamo`], [`streams`]: tables, and the delivery of their changes to functions.
//! - [`inbox`]: a receiver for endpoints; `control_api` shows it and the mailbox over HTTP.
//! - [`sns`]: topics, and the mailbox with the messages that were published.
//! - [`sqs`]: queues, their protocol, and the delivery of messages to functions.
//! - [`lambda`], [`batch`], [`schedule`]: invocations and the results of batches.
//! - [`faults`], [`rng`]: injected faults. `clients`, `dns`: the functions' way to the services.
//! - [`clock`], [`activity`]: time, and the work in progress. [`state`], `data_dir`: the files.

pub mod activity;
mod answer;
pub mod arns;
pub(crate) mod assembly;
pub mod batch;
pub mod builder;
mod clients;
pub mod clock;
mod control_api;
mod data_dir;
mod dns;
pub mod dynamo;
pub(crate) mod error;
pub mod faults;
pub mod functions;
pub mod gateway;
pub(crate) mod host;
pub mod inbox;
pub mod intrinsics;
mod json;
pub mod lambda;
pub mod rng;
pub mod schedule;
pub mod sns;
pub mod sqs;
pub mod state;
pub mod streams;
pub mod template;
