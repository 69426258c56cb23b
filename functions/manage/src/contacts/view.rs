//! A contact as the API shows it, and the webhooks that created or changed a record.

use std::collections::BTreeMap;

use gancho_domain::{
    common::ids::{ContactId, DealId, OriginId, WebhookId},
    crm::{
        Contact,
        normalise::{Email, Phone},
    },
};
use gancho_store::crm_list::Cause;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// A contact.
#[derive(Debug, Serialize)]
pub(super) struct ContactView<'a> {
    id: ContactId,
    name: Option<&'a str>,
    email: Option<&'a Email>,
    phone: Option<&'a Phone>,
    custom: &'a BTreeMap<String, Value>,
    deals: Vec<NamedDealView>,
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A deal in the row of its contact.
#[derive(Debug, Serialize)]
struct NamedDealView {
    id: DealId,
    origin: OriginId,
    open: bool,
}

/// A record with the webhooks that created or changed it.
#[derive(Debug, Serialize)]
pub(crate) struct WithCauses<T> {
    #[serde(flatten)]
    record: T,
    webhooks: Vec<CauseView>,
}

/// A webhook that created or changed a record.
#[derive(Debug, Serialize)]
struct CauseView {
    id: WebhookId,
    origin: OriginId,
    received_at: Timestamp,
}

impl<'a> ContactView<'a> {
    pub(super) fn of(contact: &'a Contact) -> Self {
        let deals = contact.deals.iter();
        let deals = deals.map(|it| NamedDealView { id: it.deal, origin: it.origin, open: it.open });
        Self {
            id: contact.id,
            name: contact.name.as_deref(),
            email: contact.email.as_ref(),
            phone: contact.phone.as_ref(),
            custom: &contact.custom,
            deals: deals.collect(),
            version: contact.version,
            created_at: contact.created_at,
            updated_at: contact.updated_at,
        }
    }
}

impl<T> WithCauses<T> {
    /// The record with its webhooks.
    pub(crate) fn of(record: T, causes: &[Cause]) -> Self {
        let view = |cause: &Cause| CauseView {
            id: cause.webhook,
            origin: cause.origin,
            received_at: cause.webhook.made_at(),
        };
        Self { record, webhooks: causes.iter().map(view).collect() }
    }
}
