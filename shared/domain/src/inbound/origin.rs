//! A pipeline: stages that deals go through, and the scope of one inbound history (`FACTS S1.1`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::common::ids::{OriginId, StageId};

/// A pipeline of a workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Origin {
    /// Its id.
    pub id: OriginId,
    /// What people call it.
    pub name: String,
    /// In the order in which deals go through them; never empty.
    pub stages: Vec<Stage>,
    /// Shards of its history that are read; raise these first.
    #[serde(default = "one")]
    pub read_shards: u8,
    /// Shards of its history that are written, at most those that are read.
    #[serde(default = "one")]
    pub write_shards: u8,
    /// Grows by one at every change (`If-Match`).
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

fn one() -> u8 {
    1
}

/// A stage of an origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its id.
    pub id: StageId,
    /// What people call it.
    pub name: String,
}

impl Origin {
    /// The stage that deals start in.
    pub fn first_stage(&self) -> Option<StageId> {
        self.stages.first().map(|stage| stage.id)
    }

    /// A stage by its id or, without regard to case, by its name.
    pub fn stage(&self, text: &str) -> Option<StageId> {
        let wanted = text.trim().to_lowercase();
        let by_id = self.stages.iter().find(|stage| stage.id.to_string() == wanted);
        by_id
            .or_else(|| self.stages.iter().find(|stage| stage.name.trim().to_lowercase() == wanted))
            .map(|stage| stage.id)
    }
}
