//! Rules: the filter, target, method and body of deliveries (`FACTS S3.10 to S3.13, S2.8`).

mod settings;
pub(crate) mod versions;
mod view;

use gancho_domain::{
    common::{
        code::Code,
        ids::{EndpointId, IntegrationId, RuleId, StageId, WorkspaceId},
    },
    inbound::origin::Origin,
    outbound::rule::{Filter, Rule, Target},
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
use gancho_store::{StoreError, keys::config};
use jiff::Timestamp;
use serde_json::Value;

use self::{
    settings::Settings,
    view::{RuleSettings, RuleView},
};
use crate::{
    App,
    delivery_stats::Sent,
    find, origins,
    patch::{self, optional},
    version,
};

/// The maximum number of rules of a workspace.
const MOST: usize = 1_000;

/// `POST /v1/rules`.
pub(crate) async fn create(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let settings: Settings = patch::read(&Value::Object(patch::body(call)?))?;
    let id = app.id(reservation, RuleId::new, RuleId::derived);
    let rule = settings.into_rule(id, reservation.at)?;
    save_new(app, call, reservation, rule).await
}

/// `POST /v1/rules/{rule}/duplicate`: copies a rule. The body can set `name` and `active`.
pub(crate) async fn duplicate(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let mut body = patch::optional_body(call)?;
    let name: Option<String> = optional(&mut body, "name")?;
    let active: Option<bool> = optional(&mut body, "active")?;
    patch::nothing_else(&body)?;
    let source = find(app, reservation.workspace, call.id("rule")?).await?;
    let name = name.map_or_else(
        || validate::copied(&source.name),
        |name| validate::text("name", &name, validate::NAME),
    );
    let copy = Rule {
        id: app.id(reservation, RuleId::new, RuleId::derived),
        name: name?,
        active: active.unwrap_or(source.active),
        version: 1,
        created_at: reservation.at,
        updated_at: reservation.at,
        ..source
    };
    save_new(app, call, reservation, copy).await
}

/// `GET /v1/rules`: all rules, or those that send to one endpoint or integration.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let query = Query::of(call, &["endpoint", "integration", "limit", "cursor"])?;
    let endpoint: Option<EndpointId> = query.read("endpoint", |text| text.parse().ok())?;
    let integration: Option<IntegrationId> = query.read("integration", |text| text.parse().ok())?;
    let limit = query.limit()?;
    let workspace = find::workspace(app, ws).await?;
    let named = |name| query.text(name).unwrap_or_default();
    let name = ["rules", named("endpoint"), named("integration")];
    let list = List { secret: &workspace.secret, name: &name };
    let after = list.after(&query, RuleId::from_bytes)?;
    let mut all = app.store.rules(ws).await?;
    all.retain(|rule| match rule.target {
        Target::Endpoint(id) => endpoint.is_none_or(|it| it == id) && integration.is_none(),
        Target::Integration { integration: id, .. } => {
            integration.is_none_or(|it| it == id) && endpoint.is_none()
        }
    });
    let page = cut(all, |rule| rule.id, after, limit);
    let sent = Sent::lately(app, ws).await?;
    let items = page.items.iter().map(|rule| RuleView::of(rule, &sent));
    list.page(&page, items.collect()).answer()
}

/// `GET /v1/rules/{rule}`; `version` selects an older version.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let query = Query::of(call, &["version"])?;
    let requested: Option<u64> = query.read("version", |text| text.parse().ok())?;
    let mut rule = find(app, ws, call.id("rule")?).await?;
    if let Some(requested) = requested.filter(|requested| *requested != rule.version) {
        let old = app.store.rule_version(ws, rule.id, requested).await?;
        rule = old.ok_or_else(ApiError::not_found)?;
    }
    let sent = Sent::lately(app, ws).await?;
    version::answer(200, &RuleView::of(&rule, &sent), rule.version)
}

/// `PATCH /v1/rules/{rule}`: deliveries that are created afterwards use the new version.
pub(crate) async fn change(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let patch = patch::body(call)?;
    let read = find(app, ws, call.id("rule")?).await?;
    version::check(call, read.version)?;
    let settings: Settings = patch::over(patch::object(&RuleSettings::of(&read))?, patch)?;
    let changed = settings.into_rule(read.id, read.created_at)?;
    if changed.target != read.target {
        known_target(app, ws, changed.target).await?;
    }
    known_origins(app, ws, &changed).await?;
    if changed.filter != read.filter {
        known_stages(app, ws, &changed.filter).await?;
    }
    let updated_at = app.deps.clock.now();
    let by = by::of(&app.store, call).await?;
    let changed = Rule { version: read.version + 1, updated_at, by, ..changed };
    match app.store.put_rule(ws, &changed, Some(read.version), &app.deps.ids.token()).await {
        Ok(()) => {
            let sent = Sent::lately(app, ws).await?;
            version::answer(200, &RuleView::of(&changed, &sent), changed.version)
        }
        Err(StoreError::Condition) => Err(version::conflict(find(app, ws, read.id).await?.version)),
        Err(error) => Err(error.into()),
    }
}

/// `DELETE /v1/rules/{rule}`: the rule takes no further events. Its deliveries stay and are shown
/// with its last name.
pub(crate) async fn delete(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let read = find(app, ws, call.id("rule")?).await?;
    version::check(call, read.version)?;
    match app.store.delete_rule(ws, &read).await {
        Ok(()) => Ok(version::gone()),
        Err(StoreError::Condition) => Err(version::conflict(find(app, ws, read.id).await?.version)),
        Err(error) => Err(error.into()),
    }
}

async fn find(app: &App, ws: WorkspaceId, id: RuleId) -> Result<Rule, ApiError> {
    app.store.rule(ws, id).await?.ok_or_else(ApiError::not_found)
}

async fn save_new(
    app: &App,
    call: &Call,
    reservation: &Reservation,
    rule: Rule,
) -> Result<Reply, ApiError> {
    let rule = Rule { by: by::of(&app.store, call).await?, ..rule };
    known_target(app, reservation.workspace, rule.target).await?;
    known_origins(app, reservation.workspace, &rule).await?;
    known_stages(app, reservation.workspace, &rule.filter).await?;
    let all = app.store.rules(reservation.workspace).await?;
    if all.len() >= MOST && all.iter().all(|it| it.id != rule.id) {
        return Err(ApiError::new(422, Code::LimitReached).with("limit", MOST));
    }
    match app.store.put_rule(reservation.workspace, &rule, None, &reservation.writer).await {
        Ok(()) => created(&rule),
        // A killed request with this key created it.
        Err(StoreError::Condition) => {
            let made = find(app, reservation.workspace, rule.id).await?;
            created(&made)
        }
        Err(error) => Err(error.into()),
    }
}

fn created(rule: &Rule) -> Result<Reply, ApiError> {
    let body = RuleView::of(rule, &Sent::default());
    version::created(&body, &body, rule.version)
}

/// 409 `has_dependents` if `is` accepts the target of any rule, active or not.
pub(crate) async fn none_sends_to(
    app: &App,
    ws: WorkspaceId,
    is: impl Fn(&Target) -> bool,
) -> Result<(), ApiError> {
    let rules = app.store.rules(ws).await?;
    let used = rules.iter().filter(|rule| is(&rule.target));
    origins::unused(&used.map(|rule| rule.id.to_string()).collect::<Vec<_>>())
}

/// 404 unless the target is an endpoint or an integration of this workspace (`FACTS D19`).
async fn known_target(app: &App, ws: WorkspaceId, target: Target) -> Result<(), ApiError> {
    match target {
        Target::Endpoint(id) => {
            let found = app.store.endpoint(ws, id).await?;
            find::at(found.ok_or_else(ApiError::not_found), "target.endpoint").map(drop)
        }
        Target::Integration { origin, integration } => {
            let found = app.store.integration(ws, integration).await?;
            let found =
                find::at(found.ok_or_else(ApiError::not_found), "target.integration.integration")?;
            if found.origin == origin {
                return Ok(());
            }
            find::at(Err(ApiError::not_found()), "target.integration.origin")
        }
    }
}

/// 404 unless all origins of the filter belong to this workspace.
async fn known_origins(app: &App, ws: WorkspaceId, rule: &Rule) -> Result<(), ApiError> {
    for (index, id) in rule.filter.origins.iter().enumerate() {
        let found = app.store.origin(ws, *id).await?.ok_or_else(ApiError::not_found);
        find::at(found, &format!("filter.origins[{index}]"))?;
    }
    Ok(())
}

/// 422 `unknown_stage` unless each stage of the filter is a stage of its origins, or of any origin of
/// this workspace if it names none.
async fn known_stages(app: &App, ws: WorkspaceId, filter: &Filter) -> Result<(), ApiError> {
    if filter.stages.is_empty() {
        return Ok(());
    }
    let mut origins: Vec<Origin> = app.store.configured_list(ws, config::ORIGINS).await?;
    origins.retain(|it| filter.origins.is_empty() || filter.origins.contains(&it.id));
    let stages = origins.iter().flat_map(|origin| &origin.stages);
    let known: Vec<StageId> = stages.map(|stage| stage.id).collect();
    let unknown = filter.stages.iter().position(|stage| !known.contains(stage));
    let path = unknown.map(|index| format!("filter.stages[{index}]"));
    path.map_or(Ok(()), |path| Err(ApiError::invalid(path, "unknown_stage")))
}

/// Conversion into a rule that is created at `at`.
impl Settings {
    fn into_rule(self, id: RuleId, at: Timestamp) -> Result<Rule, ApiError> {
        Ok(Rule {
            id,
            name: validate::text("name", &self.name, validate::NAME)?,
            active: self.active,
            filter: settings::filter(self.filter)?,
            target: self.target,
            method: self.method,
            body: settings::body(self.body)?,
            version: 1,
            created_at: at,
            updated_at: at,
            by: None,
        })
    }
}
