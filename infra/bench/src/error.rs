//! The errors of measurements.

/// An error of a measurement.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// A result differs from the expected one, so that a number would mean nothing.
    #[error("{0}")]
    Wrong(String),
    /// The network, a file of the system, or the terminal failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A request failed.
    #[error(transparent)]
    Client(#[from] local::ClientError),
    /// The host failed.
    #[error(transparent)]
    Host(#[from] local::HostError),
    /// A function that was invoked directly failed.
    #[error(transparent)]
    Invoke(#[from] local::InvokeError),
    /// The tables failed.
    #[error(transparent)]
    Store(#[from] gancho_store::StoreError),
}

/// The result of a measurement.
pub(crate) type Result<T> = std::result::Result<T, BenchError>;

/// An error for a result that makes a number meaningless.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes an error by value")]
pub(crate) fn wrong(what: impl ToString) -> BenchError {
    BenchError::Wrong(what.to_string())
}
