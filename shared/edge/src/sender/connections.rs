//! Keeps the connections of an endpoint open for some seconds (decision 0089).
//!
//! Each endpoint has an HTTP client of its own, with a pool of its own, for each set of addresses
//! that were checked. So a request finds only connections that were opened for the same workspace
//! and endpoint, to one of the addresses that were checked for this request (`CATALOGUE SS-15`).

use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use gancho_domain::common::ids::{EndpointId, WorkspaceId};
use lru::LruCache;
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect, retry,
};
use rustls::ClientConfig;

/// The time for which an idle connection is kept. Common servers close theirs after 5 s.
pub(super) const KEPT: Duration = Duration::from_secs(4);
/// The timeout of opening a connection: TCP and TLS.
const CONNECT: Duration = Duration::from_secs(3);
/// The most idle connections of an endpoint. With [`CLIENTS`], half of the 1,024 open files of a
/// Lambda function.
const IDLE: usize = 4;
/// The most clients of a process. The least recently used is closed for a new one.
const CLIENTS: NonZeroUsize = NonZeroUsize::new(128).unwrap();

/// The receiver of a request and its checked addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Peer {
    workspace: WorkspaceId,
    endpoint: EndpointId,
    addresses: Vec<SocketAddr>,
}

impl Peer {
    /// A receiver with the addresses that were checked for this request; none if its URL has an
    /// address literal.
    pub(super) fn new(
        (workspace, endpoint): (WorkspaceId, EndpointId),
        mut addresses: Vec<SocketAddr>,
    ) -> Self {
        // A name server returns the addresses of a name in changing order.
        addresses.sort_unstable();
        Self { workspace, endpoint, addresses }
    }
}

/// A client and its open connections.
#[derive(Debug)]
pub(super) struct Connections {
    pub(super) client: Client,
    answered: AtomicBool,
}

impl Connections {
    /// Notes that a request was answered: its connection may be kept.
    pub(super) fn answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// True if a request may be sent on a connection that an earlier one left open.
    pub(super) fn may_be_kept(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }
}

/// The clients of a process, by receiver.
#[derive(Debug)]
pub(super) struct Clients {
    tls: ClientConfig,
    clients: Mutex<LruCache<Peer, Arc<Connections>>>,
}

impl Clients {
    pub(super) fn new(tls: ClientConfig) -> Self {
        Self { tls, clients: Mutex::new(LruCache::new(CLIENTS)) }
    }

    /// The client of a receiver.
    pub(super) fn of(&self, peer: &Peer) -> Result<Arc<Connections>, reqwest::Error> {
        let known = self.clients().get(peer).map(Arc::clone);
        known.map_or_else(|| self.renewed(peer), Ok)
    }

    /// A client without open connections, which replaces that of the receiver.
    pub(super) fn renewed(&self, peer: &Peer) -> Result<Arc<Connections>, reqwest::Error> {
        let client = client(peer.addresses.clone(), self.tls.clone())?;
        let connections = Arc::new(Connections { client, answered: AtomicBool::new(false) });
        self.clients().put(peer.clone(), Arc::clone(&connections));
        Ok(connections)
    }

    fn clients(&self) -> std::sync::MutexGuard<'_, LruCache<Peer, Arc<Connections>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A resolver that knows the checked addresses only.
struct Checked(Vec<SocketAddr>);

impl Resolve for Checked {
    fn resolve(&self, _name: Name) -> Resolving {
        let addresses: Addrs = Box::new(self.0.clone().into_iter());
        Box::pin(std::future::ready(Ok(addresses)))
    }
}

fn client(addresses: Vec<SocketAddr>, tls: ClientConfig) -> Result<Client, reqwest::Error> {
    Client::builder()
        .dns_resolver(Arc::new(Checked(addresses)))
        .connect_timeout(CONNECT)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .http1_only()
        .pool_idle_timeout(KEPT)
        .pool_max_idle_per_host(IDLE)
        .tls_backend_preconfigured(tls)
        .build()
}
