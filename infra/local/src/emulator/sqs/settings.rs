//! The settings of a queue, and its errors.

/// The most messages in flight in a standard queue.
pub const MOST_IN_FLIGHT: u64 = 120_000;
/// The most messages in flight in a FIFO queue.
pub const MOST_IN_FLIGHT_FIFO: u64 = 20_000;

/// The template's settings of a queue.
#[derive(Debug, Clone, Default)]
pub struct QueueSettings {
    /// `gancho-jobs`.
    pub name: String,
    /// The visibility timeout, in seconds.
    pub visibility: u32,
    /// The retention of messages, in seconds.
    pub retention: u32,
    /// The number of receives after which a message is moved, and the dead-letter queue.
    pub redrive: Option<(u32, String)>,
    /// The settings of a FIFO queue; `None` for a standard queue.
    pub fifo: Option<Fifo>,
    /// The limit on messages in flight; 0: as on AWS.
    pub most_in_flight: u64,
}

/// The settings of FIFO queues only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fifo {
    /// A message without a deduplication id gets the hash of its body.
    pub by_content: bool,
    /// A deduplication id is unique in its group only, not in the whole queue.
    pub per_group: bool,
}

impl QueueSettings {
    /// The limit on messages in flight.
    pub(super) fn limit(&self) -> u64 {
        match (self.most_in_flight, self.fifo) {
            (0, None) => MOST_IN_FLIGHT,
            (0, Some(_)) => MOST_IN_FLIGHT_FIFO,
            (most, _) => most,
        }
    }
}

/// An error as SQS returns it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct SqsError {
    /// `QueueDoesNotExist`, ...
    pub code: &'static str,
    /// The error message.
    pub message: String,
}

impl SqsError {
    /// An error of the sender.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A value that is out of range or malformed.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", message)
    }
}

impl From<rusqlite::Error> for SqsError {
    fn from(error: rusqlite::Error) -> Self {
        Self::new("InternalError", error.to_string())
    }
}
