//! The errors of starting and driving the host.

/// A failure of the host itself, never of a function that it runs.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The template contains something that the host cannot run.
    #[error("template.yaml: {0}")]
    Template(String),
    /// The embedded DynamoDB refused.
    #[error("the embedded DynamoDB: {0}")]
    Dynamo(String),
    /// The host's own tables could not be read or written.
    #[error("the host's own database")]
    Sqlite(#[from] rusqlite::Error),
    /// A file, folder or socket failed.
    #[error("{what}")]
    Io {
        /// The operation.
        what: String,
        /// Its cause.
        source: std::io::Error,
    },
    /// The template has no such function.
    #[error("no function is called {0}")]
    NoSuchFunction(String),
    /// A function's environment lacks a variable.
    #[error("the environment of a function")]
    Settings(#[from] gancho_edge::SettingsError),
    /// Work was still in progress when the time was up.
    #[error("still busy after {seconds} s: {what}")]
    Unsettled {
        /// The time.
        seconds: u64,
        /// The work in progress.
        what: String,
    },
}

impl HostError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
