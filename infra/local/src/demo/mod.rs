//! The built-in demo: every application of the catalogue sends its sample, signed as its vendor
//! signs, over the whole inbound path. Each result is checked and printed. Then events are
//! delivered.
//!
//! The first start creates a workspace and sends. A later start on the same data folder sends
//! nothing and checks that everything is still there.

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

/// An error that ends the demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A request got an unexpected response.
    #[error("{what}: {answer}")]
    Answer {
        /// The request.
        what: String,
        /// The response.
        answer: String,
    },
    /// The network or the terminal.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A request got no response.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// The host.
    #[error(transparent)]
    Host(#[from] crate::HostError),
    /// A file of the data folder cannot be read.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Creates the demo's workspace and endpoints unless they exist.
pub async fn prepare(host: &Host, access: &mut Access) -> Result<(), DemoError> {
    if access.workspace.is_none() {
        let owner = Api::new(host.base_url(), access.owner_key.clone())?;
        send::create_workspace(&owner, access).await?;
    }
    if access.outbound.is_none() {
        let api = Api::new(host.base_url(), access.api_key.clone().unwrap_or_default())?;
        access.outbound = Some(outbound::create(host, &api).await?);
    }
    access.listens_on(&host.base_url());
    Ok(())
}

/// Checks that the roles in the template allow every call of a function.
fn refused(host: &Host) -> Row {
    let contact = host.faults().refusals();
    let status = if contact.is_empty() { "allowed" } else { "refused" };
    Row { right: contact.is_empty(), status: status.to_owned(), contact, deal: String::new() }
}

/// Runs the demo, or checks the results of an earlier run; prints a row a step. Returns the number
/// of failed steps.
pub async fn run(
    host: &Host,
    access: &mut Access,
    out: &mut impl Write,
) -> Result<usize, DemoError> {
    let first_run = !access.played;
    let api = Api::new(host.base_url(), access.api_key.clone().unwrap_or_default())?;
    if first_run {
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
    story::run(host, &api, access, first_run, &mut table).await?;
    outbound::run(host, &api, access, &mut table).await?;
    table.add("every call is allowed by its role", refused(host));
    access.played = true;
    table.write(out)?;
    Ok(table.wrong())
}
