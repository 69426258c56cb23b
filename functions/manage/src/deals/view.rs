//! A deal as the API shows it.

use std::collections::{BTreeMap, BTreeSet};

use gancho_domain::{
    common::ids::{ContactId, DealId, OriginId, StageId},
    crm::{Deal, DealStatus},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// The settings of a deal.
#[derive(Debug, Serialize)]
pub(super) struct DealSettings<'a> {
    title: &'a str,
    value: Option<&'a str>,
    stage: StageId,
    status: DealStatus,
    tags: &'a BTreeSet<String>,
    custom: &'a BTreeMap<String, Value>,
}

/// A deal.
#[derive(Debug, Serialize)]
pub(super) struct DealView<'a> {
    id: DealId,
    origin: OriginId,
    contact: Option<ContactId>,
    #[serde(flatten)]
    settings: DealSettings<'a>,
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> DealSettings<'a> {
    pub(super) fn of(deal: &'a Deal) -> Self {
        Self {
            title: &deal.title,
            value: deal.value.as_deref(),
            stage: deal.stage,
            status: deal.status,
            tags: &deal.tags,
            custom: &deal.custom,
        }
    }
}

impl<'a> DealView<'a> {
    pub(super) fn of(deal: &'a Deal) -> Self {
        Self {
            id: deal.id,
            origin: deal.origin,
            contact: deal.contact,
            settings: DealSettings::of(deal),
            version: deal.version,
            created_at: deal.created_at,
            updated_at: deal.updated_at,
        }
    }
}
