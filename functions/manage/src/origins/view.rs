//! An origin as the API shows it.

use gancho_domain::{
    common::ids::OriginId,
    inbound::origin::{Origin, Stage},
};
use jiff::Timestamp;
use serde::Serialize;

/// The settings of an origin.
#[derive(Debug, Serialize)]
pub(super) struct OriginSettings<'a> {
    name: &'a str,
    stages: &'a [Stage],
    read_shards: u8,
    write_shards: u8,
}

/// An origin.
#[derive(Debug, Serialize)]
pub(super) struct OriginView<'a> {
    #[serde(flatten)]
    settings: OriginSettings<'a>,
    id: OriginId,
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> OriginSettings<'a> {
    pub(super) fn of(origin: &'a Origin) -> Self {
        Self {
            name: &origin.name,
            stages: &origin.stages,
            read_shards: origin.read_shards,
            write_shards: origin.write_shards,
        }
    }
}

impl<'a> OriginView<'a> {
    pub(super) fn of(origin: &'a Origin) -> Self {
        Self {
            settings: OriginSettings::of(origin),
            id: origin.id,
            version: origin.version,
            created_at: origin.created_at,
            updated_at: origin.updated_at,
        }
    }
}
