//! Integrations: the inbound URLs of origins.
//!
//! - `settings`: reads and validates the settings. `view`: the JSON. `preview`: a mapping on one payload.
//! - `ingest_url`: shows and rotates the URL. `rejections`: the refused requests.
//! - `mappings`: the versions of the mapping.
//! - `inbound_stats`: the recent webhooks of an integration.

mod inbound_stats;
pub(crate) mod ingest_url;
pub(crate) mod mappings;
pub(crate) mod preview;
pub(crate) mod rejections;
mod settings;
mod view;

use gancho_domain::{
    common::{
        by::Changed,
        code::Code,
        ids::{IntegrationId, OriginId},
        workspace::Workspace,
    },
    crm::mapping::Mapping,
    inbound::{
        applications,
        integration::{Action, Integration, StageOnUpdate},
        origin::Origin,
    },
    outbound::rule::Target,
};
use gancho_edge::{
    by,
    http::{Answer, Call},
    idempotency::{Reply, Reservation},
    page::{List, cut},
    problem::ApiError,
    query::Query,
    validate,
};
use gancho_store::{
    StoreError,
    config_write::{DeletedIntegration, ReplacedMapping, Writing},
    keys::config,
};
use jiff::Timestamp;

use self::{
    settings::{Generated, Settings},
    view::{
        ChangedIntegrationView, IntegrationSettings, IntegrationView, NewIntegrationView, Template,
    },
};
use crate::{
    App, find,
    patch::{self, Object, optional},
    rules, version,
};

/// The maximum number of integrations of a workspace.
const MOST: usize = 500;
/// The number of latest tokens that are removed with an integration. Older tokens have no effect.
const TOKENS: u32 = 50;

/// `POST /v1/integrations`: creates an integration from its application's template.
pub(crate) async fn create(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let mut body = patch::body(call)?;
    let origin: OriginId = required(&mut body, "origin")?;
    let key: String = required(&mut body, "application")?;
    let application = applications::find(&key)
        .ok_or_else(|| ApiError::invalid("application", "unknown_value"))?;
    let settings: Settings = patch::over(patch::object(&Template::of(application))?, body)?;
    let origin = find::at(find::origin(app, reservation.workspace, origin).await, "origin")?;
    let blank =
        blank(app.id(reservation, IntegrationId::new, IntegrationId::derived), reservation.at);
    let blank = Integration { origin: origin.id, application: key, ..blank };
    let (integration, secrets) = settings.checked(app, &origin, blank, reservation.at)?;
    save_new(app, call, reservation, (integration, secrets)).await
}

/// `POST /v1/integrations/{integration}/duplicate`: copies an integration, including its secrets,
/// with a new URL. The body can set another name and origin.
pub(crate) async fn duplicate(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let mut body = patch::optional_body(call)?;
    let source = find::integration(app, reservation.workspace, call.id("integration")?).await?;
    let name: Option<String> = optional(&mut body, "name")?;
    let origin: Option<OriginId> = optional(&mut body, "origin")?;
    patch::nothing_else(&body)?;
    let name = name.map_or_else(
        || validate::copied(&source.name),
        |name| validate::text("name", &name, validate::NAME),
    );
    let target = origin.unwrap_or(source.origin);
    let target = find::at(find::origin(app, reservation.workspace, target).await, "origin")?;
    let from = find::origin(app, reservation.workspace, source.origin).await?;
    let blank =
        blank(app.id(reservation, IntegrationId::new, IntegrationId::derived), reservation.at);
    let copy = Integration {
        id: blank.id,
        name: name?,
        origin: target.id,
        stage: same_stage(&source, &from, &target),
        mapping_version: 1,
        token_generation: 1,
        previous_token_until: None,
        version: 1,
        created_at: reservation.at,
        updated_at: reservation.at,
        ..source
    };
    save_new(app, call, reservation, (copy, Vec::new())).await
}

/// `GET /v1/integrations`.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let query = Query::of(call, &["origin", "limit", "cursor"])?;
    let origin: Option<OriginId> = query.read("origin", |text| text.parse().ok())?;
    let limit = query.limit()?;
    let workspace = find::workspace(app, ws).await?;
    let name = ["integrations", query.text("origin").unwrap_or_default()];
    let list = List { secret: &workspace.secret, name: &name };
    let after = list.after(&query, IntegrationId::from_bytes)?;
    if let Some(origin) = origin {
        find::at(find::origin(app, ws, origin).await, "origin")?;
    }
    let mut all: Vec<Integration> = app.store.configured_list(ws, config::INTEGRATIONS).await?;
    all.retain(|it| origin.is_none_or(|origin| it.origin == origin));
    let page = cut(all, |it| it.id, after, limit);
    let activity = inbound_stats::of(app, ws, page.items.iter().map(|it| it.origin)).await?;
    let items = page.items.iter().map(|it| IntegrationView::of(it, &activity));
    list.page(&page, items.collect()).answer()
}

/// `GET /v1/integrations/{integration}`; `mapping_version` selects an older mapping.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let query = Query::of(call, &["mapping_version"])?;
    let requested: Option<u32> = query.read("mapping_version", |text| text.parse().ok())?;
    let mut integration = find::integration(app, ws, call.id("integration")?).await?;
    if let Some(requested) = requested.filter(|requested| *requested != integration.mapping_version)
    {
        let old = app.store.old_mapping(ws, integration.id, requested).await?;
        integration.mapping = old.ok_or_else(ApiError::not_found)?;
        integration.mapping_version = requested;
    }
    let activity = inbound_stats::of(app, ws, [integration.origin]).await?;
    version::answer(200, &IntegrationView::of(&integration, &activity), integration.version)
}

/// `PATCH /v1/integrations/{integration}`.
pub(crate) async fn change(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let patch = patch::body(call)?;
    let read = find::integration(app, ws, call.id("integration")?).await?;
    version::check(call, read.version)?;
    let origin = find::origin(app, ws, read.origin).await?;
    let settings: Settings = patch::over(patch::object(&IntegrationSettings::of(&read))?, patch)?;
    let now = app.deps.clock.now();
    let (mut changed, secrets) = settings.checked(app, &origin, read.clone(), now)?;
    changed.version = read.version + 1;
    changed.updated_at = now;
    let remapped = changed.mapping != read.mapping;
    let replaced = remapped.then(|| ReplacedMapping {
        version: read.mapping_version,
        mapping: &read.mapping,
        changed: mappings::changed(&read),
    });
    if remapped {
        changed.mapping_version += 1;
        changed.mapping_changed = Some(Changed { at: now, by: by::of(&app.store, call).await? });
    }
    let writer = app.deps.ids.token();
    let by = Writing { ws, writer: &writer };
    match app.store.save_integration(&changed, read.version, replaced, by).await {
        Ok(()) => {
            let activity = inbound_stats::of(app, ws, [changed.origin]).await?;
            let view = IntegrationView::of(&changed, &activity);
            let view = ChangedIntegrationView::of(view, &secrets);
            version::answer(200, &view, changed.version)
        }
        Err(StoreError::Condition) => {
            Err(version::conflict(find::integration(app, ws, read.id).await?.version))
        }
        Err(error) => Err(error.into()),
    }
}

/// `DELETE /v1/integrations/{integration}`: senders get 404. Received webhooks stay and are shown
/// with the integration's last name.
pub(crate) async fn delete(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let read = find::integration(app, ws, call.id("integration")?).await?;
    version::check(call, read.version)?;
    let sends_here = |target: &Target| matches!(target, Target::Integration { integration, .. } if *integration == read.id);
    rules::none_sends_to(app, ws, sends_here).await?;
    let workspace = find::workspace(app, ws).await?;
    let latest = read.token_generation;
    let tokens = (latest.saturating_sub(TOKENS - 1).max(1)..=latest)
        .map(|generation| ingest_url::token(&workspace, read.id, generation));
    let deleted = DeletedIntegration {
        id: read.id,
        origin: read.origin,
        name: read.name.clone(),
        application: read.application.clone(),
        deleted_at: app.deps.clock.now(),
    };
    let tokens: Vec<String> = tokens.collect();
    match app.store.delete_integration(&deleted, read.version, &tokens, ws).await {
        Ok(()) => Ok(version::gone()),
        Err(StoreError::Condition) => {
            Err(version::conflict(find::integration(app, ws, read.id).await?.version))
        }
        Err(error) => Err(error.into()),
    }
}

async fn save_new(
    app: &App,
    call: &Call,
    reservation: &Reservation,
    (integration, secrets): (Integration, Vec<Generated>),
) -> Result<Reply, ApiError> {
    let workspace = find::workspace(app, reservation.workspace).await?;
    let all: Vec<Integration> =
        app.store.configured_list(reservation.workspace, config::INTEGRATIONS).await?;
    if all.len() >= MOST && all.iter().all(|it| it.id != integration.id) {
        return Err(ApiError::new(422, Code::LimitReached).with("limit", MOST));
    }
    let changed = Changed { at: reservation.at, by: by::of(&app.store, call).await? };
    let integration = Integration { mapping_changed: Some(changed), ..integration };
    let token = ingest_url::token(&workspace, integration.id, integration.token_generation);
    let by = Writing { ws: reservation.workspace, writer: &reservation.writer };
    match app.store.create_integration(&integration, &token, by).await {
        Ok(()) => shown_new(app, call, &workspace, (&integration, &secrets)),
        Err(StoreError::Condition) => {
            // A killed request with this key created it, or the origin was deleted.
            let made = find::integration(app, reservation.workspace, integration.id).await?;
            shown_new(app, call, &workspace, (&made, &[]))
        }
        Err(error) => Err(error.into()),
    }
}

fn shown_new(
    app: &App,
    call: &Call,
    workspace: &Workspace,
    (integration, secrets): (&Integration, &[Generated]),
) -> Result<Reply, ApiError> {
    let token = ingest_url::token(workspace, integration.id, integration.token_generation);
    let (none, url) = (inbound_stats::none(), ingest_url::spelled(app, call, &token));
    let view = || IntegrationView::of(integration, &none);
    let body = NewIntegrationView::of(view(), Some(&url), secrets);
    version::created(&body, &NewIntegrationView::of(view(), None, secrets), integration.version)
}

/// Removes a required field from a body and returns its value.
fn required<T: serde::de::DeserializeOwned>(body: &mut Object, name: &str) -> Result<T, ApiError> {
    optional(body, name)?.ok_or_else(|| ApiError::invalid(name, "required"))
}

/// The stage of a copy: the same id, or else the same name if the copy is in another origin.
fn same_stage(
    source: &Integration,
    from: &Origin,
    to: &Origin,
) -> Option<gancho_domain::common::ids::StageId> {
    let stage = from.stages.iter().find(|stage| Some(stage.id) == source.stage)?;
    to.stage(&stage.id.to_string()).or_else(|| to.stage(&stage.name))
}

/// An integration with default settings.
fn blank(id: IntegrationId, at: Timestamp) -> Integration {
    Integration {
        id,
        origin: OriginId::from_bytes([0; 16]),
        application: String::new(),
        name: String::new(),
        active: true,
        verification: Vec::new(),
        allowed_ips: Vec::new(),
        methods: Vec::new(),
        success_status: 200,
        sniff_json: false,
        dedupe: None,
        action: Action::CreateOrUpdateDeal,
        tag: None,
        stage: None,
        stage_on_update: StageOnUpdate::Always,
        status: None,
        mapping_version: 1,
        mapping: Mapping::default(),
        mapping_changed: None,
        token_generation: 1,
        previous_token_until: None,
        version: 1,
        created_at: at,
        updated_at: at,
    }
}
