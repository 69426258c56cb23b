//! The queues. `queue` stores the messages in `rows`, `fifo` orders them, `protocol` serves the
//! SDK, `source` delivers them to functions.

mod fifo;
mod message;
mod protocol;
mod queue;
mod rows;
mod source;
#[cfg(test)]
mod tests;

pub use message::{Outgoing, Sent};
pub use protocol::{bind, serve};
pub use queue::{
    Depth, Fifo, MOST_IN_FLIGHT, MOST_IN_FLIGHT_FIFO, QueueSettings, Queues, Received, SqsError,
};
pub use source::{Source, SourceSettings};
