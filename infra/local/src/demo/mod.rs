//! The built-in demo: every application of the catalogue sends its sample, signed as its vendor
//! signs, over the whole inbound path. Each result is checked and printed. Then events are
//! delivered.
//!
//! The demo has a workspace of its own, so that its rules never see other data. The first start
//! creates the workspace and sends. A later start on the same data folder sends nothing and checks
//! that everything is still there.
//!
//! - `inbound`: samples, a renamed field, a wrong token. `outbound`: endpoints that succeed and
//!   fail.
//! - `signature`: the senders' and the receiver's part of signing.
//! - `steps`: the printed results.

#![expect(clippy::indexing_slicing, reason = "a JSON value has null where it has no such field")]

mod inbound;
mod outbound;
mod signature;
mod steps;

use std::{collections::BTreeMap, io::Write};

use gancho_domain::common::ids::{BadId, WorkspaceId};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::steps::{Step, Steps};
use crate::{Answer, Client, ClientError, Host};

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
    /// The terminal.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A request of the API failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The host.
    #[error(transparent)]
    Host(#[from] crate::HostError),
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
#[derive(Debug, Clone, Serialize, Deserialize)]
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
        let mut scene = Scene {
            host,
            api: Client::new(host.base_url(), &self.api_key)?,
            demo: self,
            steps: Steps::default(),
        };
        inbound::run(&mut scene).await?;
        outbound::run(&mut scene).await?;
        let refused = host.faults().refusals();
        let status = if refused.is_empty() { "allowed" } else { "refused" };
        let step = Step::new(refused.is_empty(), status, refused.join(", "));
        scene.steps.add("every call is allowed by its role", step);
        let steps = scene.steps;
        self.played = true;
        steps.write(out)?;
        Ok(steps.wrong())
    }
}

/// A run of the demo.
struct Scene<'a> {
    host: &'a Host,
    api: Client,
    demo: &'a Demo,
    steps: Steps,
}

impl Scene<'_> {
    /// The demo's integration of an application.
    fn inbound(&self, application: &str) -> Result<&Inbound, DemoError> {
        self.demo.integrations.get(application).ok_or_else(|| DemoError::Answer {
            what: application.to_owned(),
            answer: "the demo has no such integration".to_owned(),
        })
    }
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

/// Sends a webhook to an ingest URL; returns the status.
async fn send(
    api: &Client,
    url: &str,
    headers: &[(String, String)],
    body: String,
) -> Result<u16, DemoError> {
    let request = api.request(Method::POST, url).body(body);
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    Ok(Answer::read(request).await?.status.as_u16())
}
