//! Gancho on one machine: every function of `template.yaml` in one process, behind API Gateway's
//! routing, with DynamoDB, SQS, streams and schedules, and a clock that tests may move.
//!
//! The functions use the real AWS SDK and know nothing of this. A test's operations are on
//! [`Host`].
//!
//! - [`emulator`]: the AWS services and protocols. [`audit`]: the permissions of the functions.
//! - [`client`]: a client of the API, for tests, bench and demo.
//! - [`console_build`]: builds the pages of the web console beside the host.
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
pub mod audit;
pub mod client;
pub mod console_build;
pub mod demo;
pub mod emulator;

pub use audit::privileges;
pub use client::{Answer, Client, ClientError};
pub use emulator::{
    arns,
    builder::Builder,
    error::HostError,
    faults::{self, AwsError, Call, Faults, Held, RecordedInstants},
    functions, gateway,
    host::Host,
    inbox::{CapturedRequest, Inbox, Reply},
    lambda::{self, Function, InvokeError},
    rng::{self, Misdelivery},
    schedule,
    sns::{Mail, Mailbox},
    sqs, template,
};
