//! The built-in demo: every application of the catalogue sends its sample, signed as its vendor
//! signs, through the real road; what came of each is shown and checked. Then events go out.
//!
//! The first start makes a workspace and sends. A later start on the same data folder sends nothing
//! and checks that everything is still there.

pub mod access;
mod api;
mod cases;
mod outbound;
mod send;
mod sign;
mod story;
mod table;

use std::io::Write;

use serde_json::Value;

pub use self::access::Access;
use self::{
    api::{Api, at},
    cases::CASES,
    table::{Row, Table},
};
use crate::Host;

/// Why the demo could not go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A request did not come back as it should.
    #[error("{what}: {answer}")]
    Answer {
        /// What was asked.
        what: String,
        /// What came instead.
        answer: String,
    },
    /// The network, or the terminal.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A request did not come back at all.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// The host.
    #[error(transparent)]
    Host(#[from] crate::HostError),
    /// A file of the data folder is not what it should be.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Makes the demo's workspace where there is none yet.
pub async fn prepare(host: &Host, access: &mut Access) -> Result<(), DemoError> {
    if access.workspace.is_none() {
        let owner = Api::new(host.base_url(), access.owner_key.clone())?;
        send::make_workspace(&owner, access).await?;
    }
    if access.outbound.is_none() {
        let api = Api::new(host.base_url(), access.api_key.clone().unwrap_or_default())?;
        access.outbound = Some(outbound::make(host, &api).await?);
    }
    access.listens_on(&host.base_url());
    Ok(())
}

/// Every call of a function was one that its role in the template names.
fn refused(host: &Host) -> Row {
    let contact = host.faults().refusals();
    let status = if contact.is_empty() { "allowed" } else { "refused" };
    Row { right: contact.is_empty(), status: status.to_owned(), contact, deal: String::new() }
}

/// Runs the demo, or looks at what an earlier one left; shows a row a step. Gives back how many
/// steps were not as they should be.
pub async fn run(
    host: &Host,
    access: &mut Access,
    out: &mut impl Write,
) -> Result<usize, DemoError> {
    let fresh = !access.played;
    let api = Api::new(host.base_url(), access.api_key.clone().unwrap_or_default())?;
    if fresh {
        send::samples(&api, access).await?;
        host.settle().await?;
    }
    let mut table = Table::default();
    for case in CASES {
        let found = access.integration(case.application);
        let origin = access.origin.as_deref().unwrap_or_default();
        let id = found.map(|integration| integration.id.as_str()).unwrap_or_default();
        let query = format!("/v1/origins/{origin}/webhooks?integration={id}&limit=1");
        let first = api.get(&query).await?;
        let webhook = match at(&first, "/items/0/id").as_str() {
            Some(id) => api.get(&format!("/v1/origins/{origin}/webhooks/{id}")).await?,
            None => Value::Null,
        };
        table.add(case.application, case.check(&api, &webhook).await?);
    }
    story::run(host, &api, access, fresh, &mut table).await?;
    outbound::run(host, &api, access, &mut table).await?;
    table.add("the roles allow what was called", refused(host));
    access.played = true;
    table.write(out)?;
    Ok(table.wrong())
}
