//! The options of a host, before it starts.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
};

use gancho_domain::common::{secret::Secret, token};
use gancho_edge::{
    clock::Clock,
    metrics::{Kept, Sink},
};

use crate::emulator::{
    dns::Others, host::Host, inbox::DOMAIN, lambda::Function, rng::Misdelivery, template::TEMPLATE,
};

/// The options of a host. By default it runs in memory, on any port, with the system's clock.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Builder {
    pub(crate) data: Option<PathBuf>,
    pub(crate) clock: Clock,
    pub(crate) port: u16,
    pub(crate) shards: usize,
    pub(crate) processes: NonZeroUsize,
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
    pub(crate) console: BTreeMap<String, String>,
}

/// The folder of the console's built pages.
pub const CONSOLE_ASSETS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/console/web/dist");

impl Default for Builder {
    fn default() -> Self {
        Self {
            data: None,
            clock: Clock::System,
            port: 0,
            shards: 4,
            processes: NonZeroUsize::MIN,
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
            console: BTreeMap::from([("CONSOLE_ASSETS".to_owned(), CONSOLE_ASSETS.to_owned())]),
        }
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("data", &self.data).finish_non_exhaustive()
    }
}

impl Host {
    /// A builder of a host.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Builder {
    /// Stores everything in this folder, for the next start.
    #[must_use]
    pub fn data(mut self, folder: impl AsRef<Path>) -> Self {
        self.data = Some(folder.as_ref().to_owned());
        self
    }

    /// Uses this clock.
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

    /// Runs each function as this many processes, which take the invocations in turn. They share
    /// nothing in memory, as on Lambda.
    #[must_use]
    pub fn processes(mut self, count: NonZeroUsize) -> Self {
        self.processes = count;
        self
    }

    /// Repeats and shuffles the deliveries of streams and queues.
    #[must_use]
    pub fn misdelivery(mut self, misdelivery: Misdelivery) -> Self {
        self.misdelivery = misdelivery;
        self
    }

    /// Gathers batches for the template's window instead of invoking functions at once.
    #[must_use]
    pub fn batch_windows(mut self, on: bool) -> Self {
        self.windows = on;
        self
    }

    /// Honours [`crate::emulator::gateway::SOURCE_HEADER`], so that tests can set the source address.
    #[must_use]
    pub fn trust_source_header(mut self, on: bool) -> Self {
        self.trust_source_header = on;
        self
    }

    /// Sets that streams, queues and schedules invoke functions. Off, tests invoke them by hand.
    #[must_use]
    pub fn event_sources(mut self, on: bool) -> Self {
        self.sources = on;
        self
    }

    /// Sets that calls outside a function's role in the template are refused, as IAM does.
    #[must_use]
    pub fn enforce_roles(mut self, on: bool) -> Self {
        self.roles = on;
        self
    }

    /// Keeps the metrics of functions, for [`Host::metrics`].
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

    /// Runs this code instead of a function's own.
    #[must_use]
    pub fn function(mut self, folder: &str, code: Function) -> Self {
        self.functions.insert(folder.to_owned(), code);
        self
    }

    /// Runs this template instead of the repository's.
    #[must_use]
    pub fn template(mut self, text: &str) -> Self {
        text.clone_into(&mut self.template);
        self
    }

    /// Resolves the host names that functions send to, except those of the inbox. Without this they
    /// have no address.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn reqwest::dns::Resolve>) -> Self {
        self.outside = Others::Resolved(resolver);
        self
    }

    /// Resolves those names as the system does: functions may send to the outside.
    #[must_use]
    pub fn open_to_the_world(mut self) -> Self {
        self.outside = Others::System;
        self
    }

    /// Allows a name to lead anywhere, on any port and without TLS, as those of the inbox may. A
    /// name that begins with a full stop allows every name under it.
    #[must_use]
    pub fn exempt_host(mut self, name: &str) -> Self {
        self.exempt_hosts.push(name.to_owned());
        self
    }

    /// Serves the console's pages from this folder instead of the repository's.
    #[must_use]
    pub fn console_assets(self, folder: impl AsRef<Path>) -> Self {
        self.console_setting("CONSOLE_ASSETS", folder.as_ref().display().to_string())
    }

    /// Shows the state in this file instead of the console's pages, as long as the file exists.
    #[must_use]
    pub fn console_build(self, file: impl AsRef<Path>) -> Self {
        self.console_setting("CONSOLE_BUILD", file.as_ref().display().to_string())
    }

    /// Lets the person of [`Host::admit`] sign in to the console with this code.
    #[must_use]
    pub fn console_link(self, code: &Secret) -> Self {
        self.console_setting("CONSOLE_LINK_HASH", token::hash(code.expose()))
    }

    fn console_setting(mut self, name: &str, value: String) -> Self {
        self.console.insert(name.to_owned(), value);
        self
    }
}
