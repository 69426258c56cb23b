//! Choosing what kind of host it is.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use gancho_edge::{
    clock::Clock,
    metrics::{Kept, Sink},
};

use crate::{
    dns::Others, error::HostError, host::Host, inbox::DOMAIN, lambda::Function, rng::Misdelivery,
    template::TEMPLATE,
};

/// A host in the making: in memory, on any port, with the system's clock.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Builder {
    pub(crate) data: Option<PathBuf>,
    pub(crate) clock: Clock,
    pub(crate) port: u16,
    pub(crate) shards: usize,
    pub(crate) misdelivery: Misdelivery,
    pub(crate) windows: bool,
    pub(crate) trust_source_header: bool,
    pub(crate) sources: bool,
    pub(crate) roles: bool,
    pub(crate) metrics: Sink,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) functions: BTreeMap<String, Function>,
    pub(crate) template: String,
    pub(crate) outside: Others,
    pub(crate) exempt_hosts: Vec<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            data: None,
            clock: Clock::System,
            port: 0,
            shards: 4,
            misdelivery: Misdelivery::default(),
            windows: false,
            trust_source_header: false,
            sources: true,
            roles: true,
            metrics: Sink::Nowhere,
            parameters: BTreeMap::new(),
            functions: BTreeMap::new(),
            template: TEMPLATE.to_owned(),
            outside: Others::Nobody,
            exempt_hosts: vec![DOMAIN.to_owned()],
        }
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("data", &self.data).finish_non_exhaustive()
    }
}

impl Builder {
    /// Keeps everything in this folder, for the next start.
    #[must_use]
    pub fn data(mut self, folder: impl AsRef<Path>) -> Self {
        self.data = Some(folder.as_ref().to_owned());
        self
    }

    /// Lives by this clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Listens on this port; 0 takes any.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Spreads a stream over this many shards.
    #[must_use]
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = shards.max(1);
        self
    }

    /// Streams and queues that repeat and shuffle.
    #[must_use]
    pub fn misdelivery(mut self, misdelivery: Misdelivery) -> Self {
        self.misdelivery = misdelivery;
        self
    }

    /// Gathers batches as long as the template says, instead of waking readers at once.
    #[must_use]
    pub fn batch_windows(mut self, on: bool) -> Self {
        self.windows = on;
        self
    }

    /// Honours [`crate::gateway::SOURCE_HEADER`], so that tests can come from anywhere.
    #[must_use]
    pub fn trust_source_header(mut self, on: bool) -> Self {
        self.trust_source_header = on;
        self
    }

    /// Whether streams, queues and schedules invoke functions. Off, tests invoke them by hand.
    #[must_use]
    pub fn event_sources(mut self, on: bool) -> Self {
        self.sources = on;
        self
    }

    /// Whether calls that a function's role in the template does not allow are refused, as IAM would.
    #[must_use]
    pub fn enforce_roles(mut self, on: bool) -> Self {
        self.roles = on;
        self
    }

    /// Keeps what functions count and time, for [`Host::metrics`].
    #[must_use]
    pub fn keep_metrics(mut self, on: bool) -> Self {
        self.metrics = if on { Sink::Kept(Kept::default()) } else { Sink::Nowhere };
        self
    }

    /// Sets a parameter of the template.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Runs this in a function's place.
    #[must_use]
    pub fn function(mut self, folder: &str, code: Function) -> Self {
        self.functions.insert(folder.to_owned(), code);
        self
    }

    /// Runs another template than the repository's.
    #[must_use]
    pub fn template(mut self, text: &str) -> Self {
        text.clone_into(&mut self.template);
        self
    }

    /// Finds the addresses of names that functions send to, but for those of the inbox. Without
    /// this they have none.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn reqwest::dns::Resolve>) -> Self {
        self.outside = Others::Resolved(resolver);
        self
    }

    /// Finds those addresses as the system does: functions may send to the world outside.
    #[must_use]
    pub fn open_to_the_world(mut self) -> Self {
        self.outside = Others::System;
        self
    }

    /// A name that may lead anywhere, on any port and without TLS, as those of the inbox may; one that
    /// begins with a full stop means every name under it.
    #[must_use]
    pub fn exempt_host(mut self, name: &str) -> Self {
        self.exempt_hosts.push(name.to_owned());
        self
    }

    /// Starts it.
    pub async fn start(self) -> Result<Host, HostError> {
        // Starting blocks for some milliseconds; nobody else should wait for that.
        let started = tokio::task::spawn_blocking(move || Host::start(self)).await;
        started.unwrap_or_else(|error| {
            Err(HostError::Io { what: "starting".to_owned(), source: error.into() })
        })
    }
}
