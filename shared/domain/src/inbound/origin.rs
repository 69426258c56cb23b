//! A pipeline: stages that deals go through, and the scope of one inbound history (`FACTS S1.1`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::common::ids::{OriginId, StageId};

/// A pipeline of a workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Origin {
    /// Its id.
    pub id: OriginId,
    /// The display name.
    pub name: String,
    /// Its stages in their order; never empty.
    pub stages: Vec<Stage>,
    /// The number of shards of its history that are read; raised before `write_shards`.
    #[serde(default = "one")]
    pub read_shards: u8,
    /// The number of shards of its history that are written, at most `read_shards`.
    #[serde(default = "one")]
    pub write_shards: u8,
    /// Incremented at every change (`If-Match`).
    pub version: u64,
    /// Time of its creation.
    pub created_at: Timestamp,
    /// Time of its last change.
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
    /// The display name.
    pub name: String,
}

impl Origin {
    /// The stage of new deals.
    pub fn first_stage(&self) -> Option<StageId> {
        self.stages.first().map(|stage| stage.id)
    }

    /// A stage by its id or, without regard to case, by its name.
    pub fn stage(&self, text: &str) -> Option<StageId> {
        let text = text.trim().to_lowercase();
        let by_id = self.stages.iter().find(|stage| stage.id.to_string() == text);
        by_id
            .or_else(|| self.stages.iter().find(|stage| stage.name.trim().to_lowercase() == text))
            .map(|stage| stage.id)
    }
}
