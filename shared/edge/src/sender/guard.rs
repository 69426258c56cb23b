//! A resolver that allows a name only if all its addresses are public (`CATALOGUE F`).
//!
//! A name with one non-public address is refused as a whole. The client connects only to the
//! addresses that this resolver returns, and resolves the name again for each connection, so the
//! checked addresses are the dialled ones.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use gancho_domain::outbound::target_url::{is_public, names};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::deps::Resolver;

/// The timeout of a name lookup.
const LOOKUP: Duration = Duration::from_secs(2);
/// The most addresses of a name that are dialled.
const DIALLED: usize = 8;

/// The reason for which a name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// One of its addresses is not public.
    #[error("the name leads to an address that is never dialled")]
    Forbidden,
    /// It has no address, or the lookup failed or timed out.
    #[error("the name has no address")]
    NoAddress,
}

/// A resolver that returns only public addresses, except for exempt hosts.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    resolver: Option<Resolver>,
    exempt_hosts: Arc<[String]>,
}

impl Guard {
    pub(super) fn new(resolver: Option<Resolver>, exempt_hosts: Arc<[String]>) -> Self {
        Self { resolver, exempt_hosts }
    }

    async fn vetted(&self, name: Name) -> Result<Vec<SocketAddr>, Refused> {
        let exempt = names(&self.exempt_hosts, name.as_str());
        let found = tokio::time::timeout(LOOKUP, self.lookup(name)).await;
        let addresses = found.unwrap_or(Err(Refused::NoAddress))?;
        vet(addresses, exempt)
    }

    async fn lookup(&self, name: Name) -> Result<Vec<SocketAddr>, Refused> {
        let host = name.as_str().to_owned();
        let found = match &self.resolver {
            Some(resolver) => resolver.0.resolve(name).await.map(Iterator::collect),
            None => match tokio::net::lookup_host((host.as_str(), 0)).await {
                Ok(addresses) => Ok(addresses.collect()),
                Err(error) => Err(error.into()),
            },
        };
        found.map_err(|error| {
            tracing::debug!(error.cause = %error, host, "name lookup failed");
            Refused::NoAddress
        })
    }
}

/// Accepts all of a name's addresses or none. Returns the first [`DIALLED`].
fn vet(addresses: Vec<SocketAddr>, exempt: bool) -> Result<Vec<SocketAddr>, Refused> {
    if addresses.is_empty() {
        return Err(Refused::NoAddress);
    }
    if !exempt && !addresses.iter().all(|address| is_public(address.ip())) {
        return Err(Refused::Forbidden);
    }
    Ok(addresses.into_iter().take(DIALLED).collect())
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let addresses: Addrs = Box::new(guard.vetted(name).await?.into_iter());
            Ok(addresses)
        })
    }
}
