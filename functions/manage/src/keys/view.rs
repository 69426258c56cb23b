//! A key as the API shows it.

use gancho_domain::common::{by::By, ids::KeyId, secret::Secret, workspace::Role};
use gancho_store::config_write::ApiKey;
use jiff::Timestamp;
use serde::Serialize;

/// The settings of a key.
#[derive(Debug, Serialize)]
pub(super) struct KeySettings<'a> {
    pub(super) name: &'a str,
    pub(super) role: Role,
}

/// A key, without its text.
#[derive(Debug, Serialize)]
pub(super) struct KeyView<'a> {
    id: KeyId,
    name: &'a str,
    role: Role,
    created_by: Option<&'a By>,
    version: u64,
    created_at: Timestamp,
}

/// A key on creation, with its text; `null` in a replay.
#[derive(Debug, Serialize)]
pub(crate) struct NewKeyView<'a> {
    #[serde(flatten)]
    key: KeyView<'a>,
    #[serde(rename = "key")]
    text: Option<&'a str>,
}

impl<'a> KeyView<'a> {
    pub(super) fn of(key: &'a ApiKey) -> Self {
        Self {
            id: key.id,
            name: &key.name,
            role: key.role,
            created_by: key.created_by.as_ref(),
            version: key.version,
            created_at: key.created_at,
        }
    }
}

impl<'a> NewKeyView<'a> {
    /// The view with the text of the key, if it may be shown.
    pub(crate) fn of(key: &'a ApiKey, text: Option<&'a Secret>) -> Self {
        Self { key: KeyView::of(key), text: text.map(Secret::expose) }
    }
}
