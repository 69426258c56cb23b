//! The addresses of host names, as the functions of a host resolve them.

use std::{net::SocketAddr, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::emulator::inbox::DOMAIN;

/// A resolver: names under [`DOMAIN`] are this machine; `Others` resolves the other names.
#[derive(Clone)]
pub(crate) struct Names {
    others: Others,
}

/// The resolver of the other names.
#[derive(Clone)]
pub(crate) enum Others {
    /// None: the names have no address.
    Nobody,
    /// The system's.
    System,
    /// A test's.
    Resolved(Arc<dyn Resolve>),
}

impl Names {
    pub(crate) fn new(others: Others) -> Self {
        Self { others }
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().trim_end_matches('.').to_ascii_lowercase();
        if host.ends_with(DOMAIN) {
            let here: Addrs = Box::new(std::iter::once(SocketAddr::from(([127, 0, 0, 1], 0))));
            return Box::pin(std::future::ready(Ok(here)));
        }
        match &self.others {
            Others::Resolved(resolver) => resolver.resolve(name),
            Others::System => Box::pin(async move {
                let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
                let found: Addrs = Box::new(found.collect::<Vec<_>>().into_iter());
                Ok(found)
            }),
            Others::Nobody => {
                let none = std::io::Error::new(std::io::ErrorKind::NotFound, "no address here");
                Box::pin(std::future::ready(Err(none.into())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn addresses(names: &Names, name: &str) -> Option<Vec<SocketAddr>> {
        names.resolve(name.parse().unwrap()).await.ok().map(Iterator::collect)
    }

    #[tokio::test]
    async fn names_of_the_inbox_are_this_machine_and_others_have_no_address() {
        let names = Names::new(Others::Nobody);
        let here = vec!["127.0.0.1:0".parse().unwrap()];
        assert_eq!(addresses(&names, "inbox.gancho.localhost").await, Some(here.clone()));
        assert_eq!(addresses(&names, "example.com").await, None);
        let nested = Names::new(Others::Resolved(Arc::new(Names::new(Others::Nobody))));
        assert_eq!(addresses(&nested, "ERP.gancho.localhost").await, Some(here));
        assert_eq!(addresses(&nested, "example.com").await, None);
    }
}
