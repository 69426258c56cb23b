//! Why a measurement could not be made.

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// The command line.
    #[error("{0}")]
    Usage(String),
    /// What came back is not what must come back, so that a number would mean nothing.
    #[error("{0}")]
    Wrong(String),
    /// The network, a file of the system, or the terminal.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The API.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// The host.
    #[error(transparent)]
    Host(#[from] local::HostError),
    /// A function that was invoked by hand.
    #[error(transparent)]
    Invoke(#[from] local::InvokeError),
    /// The tables.
    #[error(transparent)]
    Store(#[from] gancho_store::StoreError),
    /// The embedded database.
    #[error("the embedded database: {0}")]
    Database(String),
}

/// What a measurement comes to.
pub(crate) type Result<T> = std::result::Result<T, BenchError>;

/// A number would mean nothing.
pub(crate) fn wrong(what: impl Into<String>) -> BenchError {
    BenchError::Wrong(what.into())
}
