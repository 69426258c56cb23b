//! The queues: `queue` keeps the messages, `protocol` speaks to the SDK, `source` brings them to
//! functions.

mod message;
mod protocol;
mod queue;
mod source;

pub use protocol::{bind, serve};
pub use queue::{Depth, QueueSettings, Queues, Received, SqsError};
pub use source::{Source, SourceSettings};
