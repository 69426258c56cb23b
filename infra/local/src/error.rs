//! What can go wrong when the host is started or driven.

/// A failure of the host itself, never of a function that it runs.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The template says something that the host cannot run.
    #[error("template.yaml: {0}")]
    Template(String),
    /// The embedded DynamoDB refused.
    #[error("the embedded DynamoDB: {0}")]
    Dynamo(String),
    /// The host's own tables could not be read or written.
    #[error("the host's own database")]
    Sqlite(#[from] rusqlite::Error),
    /// A file, folder or socket.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A function was asked for that the template does not have.
    #[error("no function is called {0}")]
    NoSuchFunction(String),
    /// A function's environment lacks something.
    #[error("the environment of a function")]
    Settings(#[from] gancho_edge::SettingsError),
    /// Work was still open when the host's patience ended.
    #[error("still busy after {seconds} s: {what}")]
    Unsettled {
        /// How long it was waited for.
        seconds: u64,
        /// What was open.
        what: String,
    },
}

impl HostError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
