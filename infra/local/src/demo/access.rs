//! The keys and URLs of the demo, kept beside its data so that a later start finds them.

use std::{io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use gancho_edge::ids::Ids;
use serde::{Deserialize, Serialize};

use super::{DemoError, outbound::Outbound};

/// Keys, ids and URLs of the demo.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Access {
    /// The deployment's admin key.
    pub owner_key: String,
    /// The demo workspace.
    pub workspace: Option<String>,
    /// An admin key of it.
    pub api_key: Option<String>,
    /// Its origin.
    pub origin: Option<String>,
    /// `true` after the first complete run of the demo.
    #[serde(default)]
    pub played: bool,
    /// Its outbound endpoints.
    #[serde(default)]
    pub outbound: Option<Outbound>,
    /// Its integrations.
    #[serde(default)]
    pub integrations: Vec<Inbound>,
}

/// An integration of the demo.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Inbound {
    /// The application's key, or the name of a part of the demo.
    pub application: String,
    /// The integration.
    pub id: String,
    /// Its ingest URL.
    pub url: String,
    /// The secret that the demo signs with.
    pub secret: String,
}

const FILE: &str = "access.json";

impl Access {
    /// Reads the file that an earlier start left in the folder, or creates a new admin key.
    pub fn read_or_make(folder: Option<&str>) -> Result<Self, DemoError> {
        let path = folder.map(|folder| Path::new(folder).join(FILE));
        if let Some(path) = path.filter(|path| path.exists()) {
            return Ok(serde_json::from_slice(&std::fs::read(path)?)?);
        }
        let random: [u8; 24] = Ids.secret();
        let access =
            Self { owner_key: format!("gk_owner_{}", hex::encode(random)), ..Self::default() };
        access.keep(folder)?;
        Ok(access)
    }

    /// Writes it beside the data, with mode 0600.
    pub fn keep(&self, folder: Option<&str>) -> Result<(), DemoError> {
        let Some(folder) = folder else { return Ok(()) };
        std::fs::create_dir_all(folder)?;
        let mut options = std::fs::OpenOptions::new();
        let path = Path::new(folder).join(FILE);
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        Ok(())
    }

    /// Replaces the base of every ingest URL: the host may listen on another port than the last
    /// time.
    pub(super) fn listens_on(&mut self, base: &str) {
        for inbound in &mut self.integrations {
            let token = inbound.url.rsplit('/').next().unwrap_or_default();
            inbound.url = format!("{base}/in/{token}");
        }
    }

    /// The integration of an application.
    pub fn integration(&self, application: &str) -> Option<&Inbound> {
        self.integrations.iter().find(|inbound| inbound.application == application)
    }
}
