//! The queues with their `settings`. `queue` stores each `message` in `rows`, `fifo` orders them,
//! `protocol` serves the SDK, `source` delivers them to functions.

mod fifo;
mod message;
mod protocol;
mod queue;
mod rows;
mod settings;
mod source;
#[cfg(test)]
mod tests;

pub use message::{Outgoing, Received, Sent};
pub use protocol::{bind, serve};
pub use queue::Queues;
pub use rows::Depth;
pub use settings::{Fifo, MOST_IN_FLIGHT, MOST_IN_FLIGHT_FIFO, QueueSettings, SqsError};
pub use source::{Source, SourceSettings};
