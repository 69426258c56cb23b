//! The keys of a data folder, kept beside the data so that a later start finds them: in
//! `access.json` for the host, in `env` for a shell. Both have mode 0600.

#![expect(clippy::indexing_slicing, reason = "a JSON value has null where it has no such field")]

use std::{
    fs,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use gancho_domain::common::ids::WorkspaceId;
use gancho_edge::ids::Ids;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Client, ClientError, Host, HostError,
    demo::{self, Demo, DemoError, items},
};

/// The name of the workspace that starts empty.
pub const WORKSPACE: &str = "Minha empresa";
const FILE: &str = "access.json";
const ENV: &str = "env";

/// The keys of a data folder.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Access {
    /// The deployment's admin key.
    pub owner_key: String,
    /// The user's workspace, which starts empty.
    pub workspace: Option<String>,
    /// An admin key of it.
    pub api_key: Option<String>,
    /// The demo, if it was made.
    #[serde(default)]
    pub demo: Option<Demo>,
    /// The endpoints of the demo that an earlier version made in the user's workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outbound: Option<EarlierEndpoints>,
    /// The integrations of that demo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    integrations: Vec<EarlierIntegration>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct EarlierEndpoints {
    calm: String,
    failing: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct EarlierIntegration {
    id: String,
}

impl Access {
    /// Reads the file that an earlier start left in the folder, or creates a new owner key.
    pub fn read_or_make(folder: Option<&Path>) -> Result<Self, HostError> {
        if let Some(found) = folder.map(Self::read).transpose()?.flatten() {
            return Ok(found);
        }
        let owner_key = format!("gk_owner_{}", hex::encode(Ids.secret::<24>()));
        let access = Self { owner_key, ..Self::default() };
        access.keep(folder)?;
        Ok(access)
    }

    /// Reads the file that an earlier start left in the folder; `None` if there is none.
    pub fn read(folder: &Path) -> Result<Option<Self>, HostError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let what = || HostError::io(path.display().to_string());
        let text = fs::read(&path).map_err(what())?;
        serde_json::from_slice(&text).map(Some).map_err(|error| what()(error.into()))
    }

    /// Writes it beside the data.
    pub fn keep(&self, folder: Option<&Path>) -> Result<(), HostError> {
        let Some(folder) = folder else { return Ok(()) };
        fs::create_dir_all(folder).map_err(HostError::io(folder.display().to_string()))?;
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| HostError::io(FILE)(error.into()))?;
        write(&folder.join(FILE), &text)
    }

    /// Writes the addresses and keys as a shell reads them.
    pub fn write_env(&self, folder: Option<&Path>, host: &Host) -> Result<(), HostError> {
        let Some(folder) = folder else { return Ok(()) };
        let export = |(name, value): &(&str, String)| format!("export {name}={value}\n");
        write(&folder.join(ENV), &self.variables(host).iter().map(export).collect::<String>())
    }

    /// `BASE`, `KEY`, `INBOX` and, with a demo, `DEMO_KEY`.
    fn variables(&self, host: &Host) -> Vec<(&'static str, String)> {
        let key = self.api_key.clone().unwrap_or_default();
        let mut all = vec![("BASE", host.base_url()), ("KEY", key)];
        all.extend(self.demo.iter().map(|demo| ("DEMO_KEY", demo.api_key.clone())));
        all.push(("INBOX", host.inbox().url("inbox", "/")));
        all
    }

    /// The path of the file for a shell.
    pub fn env_file(folder: &Path) -> PathBuf {
        folder.join(ENV)
    }

    /// Creates the user's workspace, and the demo's if it is requested, unless they exist; keeps
    /// each. The person of the console's link becomes an administrator of both.
    pub async fn prepare(
        &mut self,
        host: &Host,
        with_demo: bool,
        folder: Option<&Path>,
    ) -> Result<(), DemoError> {
        if self.workspace.is_none() {
            let (workspace, key) = demo::create_workspace(host, &self.owner_key, WORKSPACE).await?;
            (self.workspace, self.api_key) = (Some(workspace), Some(key));
            self.keep(folder)?;
        }
        if with_demo && self.demo.is_none() {
            self.demo = Some(Demo::create(host, &self.owner_key).await?);
            self.keep(folder)?;
        }
        if let Some(demo) = &mut self.demo {
            demo.listens_on(&host.base_url());
        }
        let demo = self.demo.as_ref().map(|demo| demo.workspace.as_str());
        let all = self.workspace.as_deref().into_iter().chain(demo);
        let all: Vec<WorkspaceId> = all.filter_map(|id| id.parse().ok()).collect();
        Ok(host.admit(&all).await?)
    }

    /// `true` if an earlier version made its demo in the user's workspace.
    pub fn has_earlier_demo(&self) -> bool {
        self.outbound.is_some() || !self.integrations.is_empty()
    }

    /// Removes the demo from a host without event sources; returns the number of deleted rows.
    ///
    /// Of a demo that an earlier version made in the user's workspace, only the rules, endpoints
    /// and integrations go: its history, contacts and deals cannot be distinguished from the user's.
    pub async fn remove_demo(
        &mut self,
        host: &Host,
        folder: Option<&Path>,
    ) -> Result<usize, DemoError> {
        self.remove_earlier_demo(host).await?;
        let removed = self.demo.as_ref().map(|demo| demo.remove(host)).transpose()?;
        self.demo = None;
        self.keep(folder)?;
        Ok(removed.unwrap_or_default())
    }

    async fn remove_earlier_demo(&mut self, host: &Host) -> Result<(), DemoError> {
        let api = Client::new(host.base_url(), self.api_key.as_deref().unwrap_or_default())?;
        if let Some(EarlierEndpoints { calm, failing }) = &self.outbound {
            let is_theirs = |rule: &Value| {
                let endpoint = &rule["target"]["endpoint"];
                endpoint == calm || endpoint == failing
            };
            delete(&api, "/v1/rules", is_theirs).await?;
            delete(&api, "/v1/endpoints", |it| it["id"] == *calm || it["id"] == *failing).await?;
        }
        let ids = &self.integrations;
        let is_theirs = |it: &Value| ids.iter().any(|earlier| it["id"] == earlier.id);
        if !ids.is_empty() {
            delete(&api, "/v1/integrations", is_theirs).await?;
        }
        (self.outbound, self.integrations) = (None, Vec::new());
        Ok(())
    }
}

/// Deletes the items of a list that fit.
async fn delete(api: &Client, list: &str, fits: impl Fn(&Value) -> bool) -> Result<(), DemoError> {
    let found = items(&api.get(&format!("{list}?limit=200")).await?);
    for id in found.iter().filter(|item| fits(item)).filter_map(|item| item["id"].as_str()) {
        let path = format!("{list}/{id}");
        let answer = api.call(Method::DELETE, &path, None).await?;
        if !answer.status.is_success() {
            let (status, body) = (answer.status, answer.text());
            return Err(
                ClientError::Response { request: format!("DELETE {path}"), status, body }.into()
            );
        }
    }
    Ok(())
}

/// Writes a file that only its owner may read: whole or not at all, as a process may be killed at
/// any time, and without the owner key the data are lost.
fn write(path: &Path, text: &str) -> Result<(), HostError> {
    let next = path.with_extension("new");
    let written = || {
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&next)?;
        // The mode above applies to a new file only.
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&next, path)
    };
    written().map_err(HostError::io(path.display().to_string()))
}
