//! A workspace as the API shows it.

use std::collections::BTreeMap;

use gancho_domain::common::{
    ids::WorkspaceId,
    workspace::{CustomField, NoticeLanguage, Workspace},
};
use jiff::Timestamp;
use serde::Serialize;

use super::recipients::RecipientView;
use crate::keys::NewKeyView;

/// The settings of a workspace.
#[derive(Debug, Serialize)]
pub(super) struct WorkspaceSettings<'a> {
    name: &'a str,
    time_zone: &'a str,
    default_region: &'a str,
    inbound_months: u8,
    outbound_days: u16,
    plain_http: bool,
    notice_recipients: &'a [String],
    notice_language: NoticeLanguage,
    custom_fields: &'a BTreeMap<String, CustomField>,
    tags: &'a [String],
}

/// A workspace.
#[derive(Debug, Serialize)]
pub(super) struct WorkspaceView<'a> {
    #[serde(flatten)]
    settings: WorkspaceSettings<'a>,
    /// The addresses of `notice_recipients` with their states.
    recipients: Vec<RecipientView>,
    id: WorkspaceId,
    suspended: bool,
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A new workspace with its first key.
#[derive(Debug, Serialize)]
pub(super) struct NewWorkspaceView<'a> {
    workspace: WorkspaceView<'a>,
    key: Option<NewKeyView<'a>>,
}

impl<'a> WorkspaceSettings<'a> {
    pub(super) fn of(workspace: &'a Workspace) -> Self {
        Self {
            name: &workspace.name,
            time_zone: &workspace.time_zone,
            default_region: &workspace.default_region,
            inbound_months: workspace.inbound_months,
            outbound_days: workspace.outbound_days,
            plain_http: workspace.plain_http,
            notice_recipients: &workspace.notice_recipients,
            notice_language: workspace.notice_language,
            custom_fields: &workspace.custom_fields,
            tags: &workspace.tags,
        }
    }
}

impl<'a> WorkspaceView<'a> {
    pub(super) fn of(workspace: &'a Workspace, recipients: Vec<RecipientView>) -> Self {
        Self {
            settings: WorkspaceSettings::of(workspace),
            recipients,
            id: workspace.id,
            suspended: workspace.suspended,
            version: workspace.version,
            created_at: workspace.created_at,
            updated_at: workspace.updated_at,
        }
    }
}

impl<'a> NewWorkspaceView<'a> {
    pub(super) fn of(workspace: WorkspaceView<'a>, key: Option<NewKeyView<'a>>) -> Self {
        Self { workspace, key }
    }
}
