//! Which addresses are dialled: those of a name whose every address is public (`CATALOGUE F`).
//!
//! A name with one address inside a network is refused as a whole. What was judged is what is
//! dialled: the client connects to the addresses that this resolver gives, and asks again for each
//! connection.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use gancho_domain::outbound::target_url::{is_public, names};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::deps::Resolver;

/// The longest that finding a name's addresses may take.
const LOOKUP: Duration = Duration::from_secs(2);
/// The most addresses that are tried.
const DIALLED: usize = 8;

/// Why a name leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// One of its addresses is not public.
    #[error("the name leads to an address that is never dialled")]
    Forbidden,
    /// It has no address, or nobody could tell in time.
    #[error("the name has no address")]
    NoAddress,
}

/// A resolver that gives public addresses only.
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
            tracing::debug!(error.cause = %error, host, "a name was not found");
            Refused::NoAddress
        })
    }
}

/// All of a name's addresses, or none of them.
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
