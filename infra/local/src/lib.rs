//! Gancho on one machine: every function of `template.yaml` in one process, behind API Gateway's
//! routing, with DynamoDB, SQS, streams and schedules, by a clock that tests may move.
//!
//! The functions use the real AWS SDK and know nothing of this. What a test needs is on [`Host`].
//!
//! - [`template`], [`intrinsics`]: what `template.yaml` says. [`functions`]: the code behind it.
//! - [`gateway`]: a request becomes an event, an answer a response.
//! - [`dynamo`], [`streams`]: tables, and their changes on the way to functions.
//! - [`inbox`]: where endpoints may lead; `control_api` shows it and the mailbox over HTTP.
//! - [`sns`]: topics, and the mailbox that what they are told lies in.
//! - [`sqs`]: queues, their protocol, and messages on the way to functions.
//! - [`lambda`], [`batch`], [`schedule`]: invoking, and what came of a batch.
//! - [`faults`], [`rng`]: what goes wrong on purpose. [`roles`]: what IAM would refuse.
//!   [`recorded_calls`], [`privileges`]: which of it is used.
//! - [`demo`]: what `cargo run -p local` shows.
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

pub mod activity;
pub mod arns;
mod assembly;
pub mod batch;
pub mod builder;
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
pub use error::HostError;
pub use faults::{AwsError, Call, Faults, Held, RecordedInstants};
pub use host::Host;
pub use inbox::{CapturedRequest, Inbox, Reply};
pub use lambda::{Function, InvokeError};
pub use rng::Misdelivery;
pub use sns::{Mail, Mailbox};
