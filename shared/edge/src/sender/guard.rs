//! Resolves names and refuses those with a non-public address (`CATALOGUE F`).
//!
//! A name with one non-public address is refused as a whole. The client connects only to the
//! addresses that were checked, and the name is resolved again for each request.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use gancho_domain::outbound::{
    delivery::Fault,
    target_url::{is_public, names},
};
use reqwest::{Url, dns::Name};

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

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Forbidden => Self::TargetIpForbidden,
            Refused::NoAddress => Self::DnsFailure,
        }
    }
}

/// A resolver of names that has only public addresses, except for exempt hosts.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    resolver: Option<Resolver>,
    exempt_hosts: Arc<[String]>,
}

impl Guard {
    pub(super) fn new(resolver: Option<Resolver>, exempt_hosts: Arc<[String]>) -> Self {
        Self { resolver, exempt_hosts }
    }

    /// The checked addresses of a URL's name; none if the URL has an address literal.
    pub(super) async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, Refused> {
        let Some(host) = url.domain() else { return Ok(Vec::new()) };
        let exempt = names(&self.exempt_hosts, host);
        let found = tokio::time::timeout(LOOKUP, self.lookup(host)).await;
        let addresses = found.unwrap_or(Err(Refused::NoAddress))?;
        vet(addresses, exempt)
    }

    async fn lookup(&self, host: &str) -> Result<Vec<SocketAddr>, Refused> {
        let found = match &self.resolver {
            Some(resolver) => {
                let name: Name = host.parse().map_err(|_| Refused::NoAddress)?;
                resolver.0.resolve(name).await.map(Iterator::collect)
            }
            None => match tokio::net::lookup_host((host, 0)).await {
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
