//! The edge: I/O, time and randomness for all functions.
//!
//! - [`start()`]: starts a function's process. [`settings`]: the environment, read at start.
//! - [`deps`]: the dependencies of every function.
//! - [`clock`], [`ids`]: the only sources of time and randomness.
//! - [`routes`]: the routes of the API. [`http`]: its requests and responses. [`problem`]: an error
//!   as `application/problem+json`.
//! - [`json`]: reads JSON and reports the field and the reason of an error.
//! - [`idempotency`]: replays the response of a repeated request. [`csv`]: lists as files.
//! - [`page`]: the pages of lists. [`jobs`]: bulk jobs.
//! - [`trigger`]: the events that invoke functions, and the replies.
//! - [`queue`]: enqueues work through SQS. [`batch`]: the reply to a batch of records.
//! - [`dead_letters`]: reads dead-letter queues.
//! - [`sender`]: sends a request to an external URL and returns its result.
//! - [`cached`]: configuration cached for some seconds. [`last_response`]: the last response by
//!   workspace.
//! - [`telemetry`]: log lines. [`metrics`]: counts and durations.

pub mod aws;
pub mod batch;
pub mod by;
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
pub mod page;
pub mod problem;
pub mod query;
pub mod queue;
pub mod routes;
pub mod sender;
pub mod settings;
mod start;
pub mod telemetry;
pub mod trigger;
pub mod validate;

pub use deps::Deps;
pub use settings::{Settings, SettingsError};
pub use start::start;
