//! Gancho on one machine: every function of `template.yaml` in one process, behind API Gateway's
//! routing, with DynamoDB, SQS, streams and schedules, and a clock that tests may move.
//!
//! The functions use the real AWS SDK and know nothing of this. A test's operations are on
//! [`Host`].
//!
//! - [`template`], [`intrinsics`]: the contents of `template.yaml`. [`functions`]: the code.
//! - [`gateway`]: turns a request into an event, and an answer into a response.
//! - [`dynamo`], [`streams`]: tables, and the delivery of their changes to functions.
//! - [`inbox`]: a receiver for endpoints; `control_api` shows it and the mailbox over HTTP.
//! - [`sns`]: topics, and the mailbox with the messages that were published.
//! - [`sqs`]: queues, their protocol, and the delivery of messages to functions.
//! - [`lambda`], [`batch`], [`schedule`]: invocations and the results of batches.
//! - [`faults`], [`rng`]: injected faults. [`roles`]: the calls that IAM refuses.
//! - [`recorded_calls`], [`privileges`]: the permissions that are used.
//! - [`client`]: a client of the API, for tests, bench and demo.
//! - [`demo`]: the demo of `cargo run -p local`. [`access`]: the keys of a data folder.
//!
//! ```no_run
//! # async fn example() -> Result<(), local::HostError> {
//! let host = local::Host::builder().start().await?;
//! println!("{}", host.base_url());
//! host.settle().await?;
//! host.shutdown().await;
//! # Ok(())
//! # }
//! ```

pub mod access;
pub mod activity;
pub mod arns;
mod assembly;
pub mod batch;
pub mod builder;
pub mod client;
mod clients;
pub mod clock;
mod control_api;
mod data_dir;
pub mod demo;
mod dns;
pub mod dynamo;
mod error;
pub mod faults;
pub mod functions;
pub mod gateway;
mod host;
pub mod inbox;
pub mod intrinsics;
mod json;
pub mod lambda;
pub mod privileges;
pub mod recorded_calls;
pub mod rng;
pub mod roles;
pub mod schedule;
pub mod sns;
pub mod sqs;
pub mod state;
pub mod streams;
pub mod template;

pub use builder::Builder;
pub use client::{Answer, Client, ClientError};
pub use error::HostError;
pub use faults::{AwsError, Call, Faults, Held, RecordedInstants};
pub use host::Host;
pub use inbox::{CapturedRequest, Inbox, Reply};
pub use lambda::{Function, InvokeError};
pub use rng::Misdelivery;
pub use sns::{Mail, Mailbox};
