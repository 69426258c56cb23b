//! An integration as the API shows it.

use gancho_domain::{
    common::ids::{IntegrationId, OriginId, StageId},
    crm::{DealStatus, mapping::Mapping},
    inbound::{
        applications::Application,
        integration::{Action, Dedupe, Integration, Method, StageOnUpdate},
        verify::Check,
    },
};
use ipnet::IpNet;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{
    inbound_stats::{ActivityView, Lately},
    settings::Generated,
};

/// The initial settings of an application's integrations. They contain no checks, because checks
/// need secrets from the request. Without checks, only the URL is secret.
#[derive(Debug, Serialize)]
pub(super) struct Template<'a> {
    name: &'a str,
    methods: &'a [Method],
    success_status: u16,
    sniff_json: bool,
    dedupe: Option<&'a Dedupe>,
    action: Action,
    mapping: &'a Mapping,
}

/// The settings of an integration. Secrets are shown only as set or not set.
#[derive(Debug, Serialize)]
pub(super) struct IntegrationSettings<'a> {
    name: &'a str,
    active: bool,
    verification: Vec<Value>,
    allowed_ips: &'a [IpNet],
    methods: &'a [Method],
    success_status: u16,
    sniff_json: bool,
    dedupe: Option<&'a Dedupe>,
    action: Action,
    tag: Option<&'a str>,
    stage: Option<StageId>,
    stage_on_update: StageOnUpdate,
    status: Option<DealStatus>,
    mapping: &'a Mapping,
}

/// An integration with its recent activity.
#[derive(Debug, Serialize)]
pub(super) struct IntegrationView<'a> {
    #[serde(flatten)]
    settings: IntegrationSettings<'a>,
    id: IntegrationId,
    origin: OriginId,
    application: &'a str,
    mapping_version: u32,
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
    activity: ActivityView,
}

/// An integration after a change, with the secrets that Gancho generated.
#[derive(Debug, Serialize)]
pub(super) struct ChangedIntegrationView<'a> {
    #[serde(flatten)]
    integration: IntegrationView<'a>,
    generated: Vec<GeneratedView<'a>>,
}

/// A new integration. Its URL and the secrets that Gancho generated are `null` in a replay.
#[derive(Debug, Serialize)]
pub(super) struct NewIntegrationView<'a> {
    #[serde(flatten)]
    integration: IntegrationView<'a>,
    url: Option<&'a str>,
    generated: Vec<GeneratedView<'a>>,
}

/// A secret that Gancho generated.
#[derive(Debug, Serialize)]
struct GeneratedView<'a> {
    check: usize,
    field: &'static str,
    value: Option<&'a str>,
}

impl<'a> Template<'a> {
    pub(super) fn of(application: &'a Application) -> Self {
        Self {
            name: &application.name,
            methods: &application.methods,
            success_status: application.success_status,
            sniff_json: application.sniff_json,
            dedupe: application.dedupe.as_ref(),
            action: application.action,
            mapping: &application.mapping,
        }
    }
}

impl<'a> IntegrationSettings<'a> {
    pub(super) fn of(integration: &'a Integration) -> Self {
        Self {
            name: &integration.name,
            active: integration.active,
            verification: integration.verification.iter().map(Check::view).collect(),
            allowed_ips: &integration.allowed_ips,
            methods: &integration.methods,
            success_status: integration.success_status,
            sniff_json: integration.sniff_json,
            dedupe: integration.dedupe.as_ref(),
            action: integration.action,
            tag: integration.tag.as_deref(),
            stage: integration.stage,
            stage_on_update: integration.stage_on_update,
            status: integration.status,
            mapping: &integration.mapping,
        }
    }
}

impl<'a> IntegrationView<'a> {
    pub(super) fn of(integration: &'a Integration, lately: &Lately) -> Self {
        Self {
            settings: IntegrationSettings::of(integration),
            id: integration.id,
            origin: integration.origin,
            application: &integration.application,
            mapping_version: integration.mapping_version,
            version: integration.version,
            created_at: integration.created_at,
            updated_at: integration.updated_at,
            activity: lately.of(integration.id),
        }
    }
}

impl<'a> ChangedIntegrationView<'a> {
    pub(super) fn of(integration: IntegrationView<'a>, secrets: &'a [Generated]) -> Self {
        Self { integration, generated: generated(secrets, true) }
    }
}

impl<'a> NewIntegrationView<'a> {
    pub(super) fn of(
        integration: IntegrationView<'a>,
        url: Option<&'a str>,
        secrets: &'a [Generated],
    ) -> Self {
        Self { integration, url, generated: generated(secrets, url.is_some()) }
    }
}

impl<'a> GeneratedView<'a> {
    fn of(generated: &'a Generated, shown: bool) -> Self {
        let value = shown.then(|| generated.secret.expose());
        Self { check: generated.check, field: generated.field, value }
    }
}

fn generated(secrets: &[Generated], shown: bool) -> Vec<GeneratedView<'_>> {
    secrets.iter().map(|secret| GeneratedView::of(secret, shown)).collect()
}
