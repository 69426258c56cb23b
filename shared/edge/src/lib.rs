//! The edge: everything that asks the world something on behalf of the rules.
//!
//! - [`start()`]: the beginning of a function's process. [`settings`]: the environment, read once.
//! - [`deps`]: what every function is given.
//! - [`clock`], [`ids`]: the only places that ask for the time and for chance.
//! - [`http`]: API requests and answers. [`problem`]: an error as `application/problem+json`.
//! - [`json`]: reading JSON, and saying what is wrong with it and where.
//! - [`idempotency`]: the same request again is answered the same. [`csv`]: lists as files.
//! - [`jobs`]: bulk work as people see it.
//! - [`queue`]: enqueueing work through SQS. [`batch`]: answering a batch of records.
//! - [`dead_letters`]: reading the messages that died.
//! - [`sender`]: a request to a URL outside, and what came of it.
//! - [`cached`]: configuration kept for some seconds. [`last_response`]: who answered lately.
//! - [`telemetry`]: log lines. [`metrics`]: what is counted and timed.

mod aws;
pub mod batch;
pub mod cached;
pub mod clock;
pub mod csv;
pub mod dead_letters;
pub mod deps;
pub mod http;
pub mod idempotency;
pub mod ids;
pub mod jobs;
pub mod json;
pub mod last_response;
pub mod metrics;
pub mod problem;
pub mod queue;
pub mod sender;
pub mod settings;
mod start;
pub mod telemetry;

pub use deps::Deps;
pub use settings::{Settings, SettingsError};
pub use start::start;
