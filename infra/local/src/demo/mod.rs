//! The built-in demo: every application of the catalogue sends its sample, signed as its vendor
//! signs, over the whole inbound path; then events are delivered. Each result is checked and
//! printed.
//!
//! The demo has a workspace of its own, so that its rules never see other data. The first start
//! creates the workspace and sends. A later start on the same data folder sends nothing and checks
//! that everything is still there.
//!
//! - `inbound`: samples, a renamed field, a wrong token. `outbound`: endpoints that succeed and
//!   fail. `signature`: the senders' and the receiver's part of signing.

#![expect(clippy::indexing_slicing, reason = "a JSON value has null where it has no such field")]

mod inbound;
mod outbound;
mod signature;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use gancho_domain::common::ids::{BadId, WorkspaceId};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Answer, Client, ClientError, Host, HostError};

/// An error that ends the demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The terminal.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A request of the API failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The host.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The stored id of the demo's workspace is none.
    #[error(transparent)]
    Workspace(#[from] BadId),
}

/// The keys, ids and URLs of the demo's workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Demo {
    /// The workspace.
    pub workspace: String,
    /// An admin key of it.
    pub api_key: String,
    origin: String,
    /// The integrations by the key of their application; `story` is the one with a renamed field.
    pub integrations: BTreeMap<String, Inbound>,
    /// The signing secret of the endpoint that always succeeds.
    secret: String,
    /// The endpoint that fails for a while.
    failing: String,
    /// `true` after the first complete run.
    played: bool,
}

/// An integration of the demo.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Inbound {
    id: String,
    /// Its ingest URL.
    pub url: String,
    /// The secret that the demo signs with.
    secret: String,
}

impl Demo {
    /// Creates the demo's workspace, its integrations, endpoints and rules.
    pub async fn create(host: &Host, owner_key: &str) -> Result<Self, DemoError> {
        let (workspace, api_key) = create_workspace(host, owner_key, "Demo").await?;
        let api = Client::new(host.base_url(), &api_key)?;
        let (origin, integrations) = inbound::create(&api).await?;
        let (secret, failing) = outbound::create(host, &api).await?;
        Ok(Self { workspace, api_key, origin, integrations, secret, failing, played: false })
    }

    /// Deletes everything of the demo's workspace; returns the number of rows.
    pub fn remove(&self, host: &Host) -> Result<usize, DemoError> {
        Ok(host.remove_workspace(self.workspace.parse::<WorkspaceId>()?)?)
    }

    /// Replaces the base of every ingest URL: the host may listen on another port than the last
    /// time.
    pub fn listens_on(&mut self, base: &str) {
        for inbound in self.integrations.values_mut() {
            let token = inbound.url.rsplit('/').next().unwrap_or_default();
            inbound.url = format!("{base}/in/{token}");
        }
    }

    /// Runs the demo, or checks the results of an earlier run; prints a row a step. Returns the
    /// number of failed steps.
    pub async fn run(&mut self, host: &Host, out: &mut impl Write) -> Result<usize, DemoError> {
        let api = Client::new(host.base_url(), &self.api_key)?;
        let mut scene = Scene { host, api, demo: self, steps: Vec::new() };
        inbound::run(&mut scene).await?;
        outbound::run(&mut scene).await?;
        let refused = host.faults().refusals();
        let status = if refused.is_empty() { "allowed" } else { "refused" };
        let step = (refused.is_empty(), status, refused.join(", "), "");
        scene.add("every call is allowed by its role", step);
        let steps = scene.steps;
        self.played = true;
        Ok(write(&steps, out)?)
    }
}

/// The result of a step: right, status, contact, deal.
type Step<'a> = (bool, &'a str, String, &'a str);

/// A run of the demo.
struct Scene<'a> {
    host: &'a Host,
    api: Client,
    demo: &'a Demo,
    /// Each step as it is printed.
    steps: Vec<(bool, String)>,
}

impl Scene<'_> {
    /// The demo's integration of an application.
    fn inbound(&self, application: &str) -> Inbound {
        self.demo.integrations.get(application).cloned().unwrap_or_default()
    }

    fn add(&mut self, name: &str, (right, status, contact, deal): Step<'_>) {
        let shown = |text: &str| if text.is_empty() { "-" } else { text }.to_owned();
        let (contact, deal) = (shown(&contact), shown(deal));
        self.steps.push((right, format!("{name:<36} {status:<10} {contact:<66} {deal}")));
    }
}

/// Prints the steps, failed ones marked; returns their number.
fn write(steps: &[(bool, String)], out: &mut impl Write) -> io::Result<usize> {
    writeln!(out, "\n   {:<36} {:<10} {:<66} deal", "step", "status", "contact")?;
    for (right, step) in steps {
        writeln!(out, "{} {step}", if *right { "ok" } else { "!!" })?;
    }
    let (all, wrong) = (steps.len(), steps.iter().filter(|(right, _)| !right).count());
    match wrong {
        0 => writeln!(out, "\nDemo: all {all} steps passed.\n")?,
        _ => writeln!(out, "\nDEMO FAILED: {wrong} of {all} steps (!!).\n")?,
    }
    Ok(wrong)
}

/// Creates a workspace; returns its id and an admin key of it.
pub async fn create_workspace(
    host: &Host,
    owner_key: &str,
    name: &str,
) -> Result<(String, String), DemoError> {
    let owner = Client::new(host.base_url(), owner_key)?;
    let created = owner.post("/v1/workspaces", &json!({ "name": name })).await?;
    Ok((text(&created["workspace"]["id"]), text(&created["key"]["key"])))
}

/// The items of a list.
pub fn items(list: &Value) -> Vec<Value> {
    list["items"].as_array().cloned().unwrap_or_default()
}

/// A JSON string; empty where the value is none.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Sends a webhook to an ingest URL. A refused one is a failed step later.
async fn send(
    api: &Client,
    url: &str,
    headers: &[(String, String)],
    body: String,
) -> Result<(), DemoError> {
    let request = api.request(Method::POST, url).body(body);
    let request = headers.iter().fold(request, |all, (name, value)| all.header(name, value));
    Ok(Answer::read(request).await.map(drop)?)
}
