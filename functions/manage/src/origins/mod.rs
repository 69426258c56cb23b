//! Origins: pipelines with their stages.

mod view;

use std::collections::BTreeSet;

use gancho_domain::{
    common::{
        code::Code,
        ids::{OriginId, StageId, WorkspaceId},
    },
    inbound::{
        integration::Integration,
        origin::{Origin, Stage},
    },
};
use gancho_edge::{
    http::{Answer, Call},
    idempotency::{Reply, Reservation},
    page::{List, cut},
    problem::ApiError,
    query::Query,
    validate,
};
use gancho_store::{StoreError, config_write::Writing, keys::config};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use self::view::{OriginSettings, OriginView};
use crate::{App, deals, find, patch, version};

/// The maximum number of origins of a workspace.
const MOST: usize = 50;
/// The maximum number of stages of an origin.
const STAGES: usize = 50;
/// The maximum number of shards of an origin's history.
const SHARDS: u8 = 16;
/// The maximum number of dependents that an error names.
const NAMED: usize = 10;

/// The settings of an origin.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    name: String,
    stages: Vec<NewStage>,
    #[serde(default = "one")]
    read_shards: u8,
    #[serde(default = "one")]
    write_shards: u8,
}

fn one() -> u8 {
    1
}

/// A stage given by its name, or as an object with an optional id.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum NewStage {
    Name(String),
    Stage(NamedStage),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedStage {
    #[serde(default)]
    id: Option<StageId>,
    name: String,
}

/// `POST /v1/origins`.
pub(crate) async fn create(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let settings: Settings = patch::read(&Value::Object(patch::body(call)?))?;
    let id = app.id(reservation, OriginId::new, OriginId::derived);
    let all: Vec<Origin> =
        app.store.configured_list(reservation.workspace, config::ORIGINS).await?;
    if all.len() >= MOST && all.iter().all(|origin| origin.id != id) {
        return Err(ApiError::new(422, Code::LimitReached).with("limit", MOST));
    }
    let origin = settings.into_origin(app, &blank(id, reservation.at))?;
    let by = Writing { ws: reservation.workspace, writer: &reservation.writer };
    match app.store.save_origin(&origin, None, by).await {
        Ok(()) => created(&origin),
        Err(StoreError::Condition) => {
            let origin = find::origin(app, reservation.workspace, id).await?;
            created(&origin)
        }
        Err(error) => Err(error.into()),
    }
}

fn created(origin: &Origin) -> Result<Reply, ApiError> {
    let body = OriginView::of(origin);
    version::created(&body, &body, origin.version)
}

/// `GET /v1/origins`.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let query = Query::of(call, &["limit", "cursor"])?;
    let workspace = find::workspace(app, ws).await?;
    let list = List { secret: &workspace.secret, name: &["origins"] };
    let after = list.after(&query, OriginId::from_bytes)?;
    let all: Vec<Origin> = app.store.configured_list(ws, config::ORIGINS).await?;
    let page = cut(all, |origin| origin.id, after, query.limit()?);
    list.page(&page, page.items.iter().map(OriginView::of).collect()).answer()
}

/// `GET /v1/origins/{origin}`.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let origin = find::origin(app, ws, call.id("origin")?).await?;
    version::answer(200, &OriginView::of(&origin), origin.version)
}

/// `PATCH /v1/origins/{origin}`.
pub(crate) async fn change(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let patch = patch::body(call)?;
    let read = find::origin(app, ws, call.id("origin")?).await?;
    version::check(call, read.version)?;
    let settings: Settings = patch::over(patch::object(&OriginSettings::of(&read))?, patch)?;
    let mut changed = settings.into_origin(app, &read)?;
    let gone: BTreeSet<StageId> = read
        .stages
        .iter()
        .map(|stage| stage.id)
        .filter(|id| changed.stages.iter().all(|stage| stage.id != *id))
        .collect();
    unused_stages(app, ws, &read, &gone).await?;
    changed.version = read.version + 1;
    changed.updated_at = app.deps.clock.now();
    let writer = app.deps.ids.token();
    let by = Writing { ws, writer: &writer };
    match app.store.save_origin(&changed, Some(read.version), by).await {
        Ok(()) => version::answer(200, &OriginView::of(&changed), changed.version),
        Err(StoreError::Condition) => {
            Err(version::conflict(find::origin(app, ws, read.id).await?.version))
        }
        Err(error) => Err(error.into()),
    }
}

/// `DELETE /v1/origins/{origin}`: refused while integrations or deals depend on the origin.
pub(crate) async fn delete(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let id: OriginId = call.id("origin")?;
    let read = app.store.deletable_origin(ws, id).await?.ok_or_else(ApiError::not_found)?;
    version::check(call, read.origin.version)?;
    let mut used = integrations_of(app, ws, id, |_| true).await?;
    let deals = app.store.deals_after(ws, &[id], None, 1).await?;
    used.extend(deals.iter().map(|deal| deal.id.to_string()));
    unused(&used)?;
    match app.store.delete_origin(ws, &read).await {
        Ok(()) => Ok(version::gone()),
        Err(StoreError::Condition) => {
            Err(version::conflict(find::origin(app, ws, id).await?.version))
        }
        Err(error) => Err(error.into()),
    }
}

/// 409 `has_dependents` with some of the dependents, if there are any.
pub(crate) fn unused(by: &[String]) -> Result<(), ApiError> {
    if by.is_empty() {
        return Ok(());
    }
    let mut names: Vec<&str> = by.iter().take(NAMED).map(String::as_str).collect();
    if by.len() > NAMED {
        names.push("...");
    }
    Err(ApiError::new(409, Code::HasDependents).with("dependents", names.join(", ")))
}

async fn integrations_of(
    app: &App,
    ws: WorkspaceId,
    origin: OriginId,
    matters: impl Fn(&Integration) -> bool,
) -> Result<Vec<String>, ApiError> {
    let all: Vec<Integration> = app.store.configured_list(ws, config::INTEGRATIONS).await?;
    let here = all.iter().filter(|it| it.origin == origin && matters(it));
    Ok(here.map(|it| it.id.to_string()).collect())
}

/// Refuses to remove stages that an integration or a deal uses.
async fn unused_stages(
    app: &App,
    ws: WorkspaceId,
    origin: &Origin,
    gone: &BTreeSet<StageId>,
) -> Result<(), ApiError> {
    if gone.is_empty() {
        return Ok(());
    }
    let is_gone = |id: &StageId| gone.contains(id);
    let by = integrations_of(app, ws, origin.id, |it| it.stage.as_ref().is_some_and(is_gone));
    unused(&by.await?)?;
    let deal = deals::first_where(app, ws, origin.id, |deal| is_gone(&deal.stage)).await?;
    unused(&deal.map(|deal| deal.id.to_string()).into_iter().collect::<Vec<_>>())
}

fn blank(id: OriginId, at: Timestamp) -> Origin {
    Origin {
        id,
        name: String::new(),
        stages: Vec::new(),
        read_shards: 1,
        write_shards: 1,
        version: 1,
        created_at: at,
        updated_at: at,
    }
}

impl Settings {
    /// The origin with these settings instead of its previous ones.
    fn into_origin(self, app: &App, before: &Origin) -> Result<Origin, ApiError> {
        // Readers must read every shard that was ever written. Readers cache the origin for some
        // seconds, so a shard must be read before it may be written.
        if !(before.read_shards..=SHARDS).contains(&self.read_shards) {
            return Err(ApiError::invalid("read_shards", "out_of_range"));
        }
        if !(1..=before.read_shards).contains(&self.write_shards) {
            return Err(ApiError::invalid("write_shards", "out_of_range"));
        }
        Ok(Origin {
            name: validate::text("name", &self.name, validate::NAME)?,
            stages: stages(self.stages, &before.stages, || {
                StageId::new(app.deps.clock.now(), &app.deps.ids.entropy())
            })?,
            read_shards: self.read_shards,
            write_shards: self.write_shards,
            ..before.clone()
        })
    }
}

/// The stages in their order. Stages with an id must exist; the others are new. Names are unique,
/// because senders refer to stages by name.
fn stages(
    requested: Vec<NewStage>,
    before: &[Stage],
    mut new: impl FnMut() -> StageId,
) -> Result<Vec<Stage>, ApiError> {
    validate::list_size("stages", requested.len(), STAGES)?;
    let mut stages: Vec<Stage> = Vec::with_capacity(requested.len());
    for (index, stage) in requested.into_iter().enumerate() {
        let stage = match stage {
            NewStage::Name(name) => NamedStage { id: None, name },
            NewStage::Stage(stage) => stage,
        };
        let path = format!("stages[{index}]");
        let name = validate::text(&format!("{path}.name"), &stage.name, validate::NAME)?;
        let same = |known: &Stage| known.name.to_lowercase() == name.to_lowercase();
        if stages.iter().any(|known| same(known) || Some(known.id) == stage.id) {
            return Err(ApiError::invalid(path, "duplicate"));
        }
        if stage.id.is_some_and(|id| before.iter().all(|known| known.id != id)) {
            return Err(ApiError::invalid(format!("{path}.id"), "unknown_stage"));
        }
        stages.push(Stage { id: stage.id.unwrap_or_else(&mut new), name });
    }
    if stages.is_empty() {
        return Err(ApiError::invalid("stages", "required"));
    }
    Ok(stages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn id(n: u8) -> StageId {
        StageId::from_bytes([n; 16])
    }

    fn read(requested: &Value, before: &[Stage]) -> Result<Vec<Stage>, (String, String)> {
        let settings: Settings = patch::read(&json!({"name": "a", "stages": requested})).unwrap();
        let mut next = 100;
        let new = || {
            next += 1;
            id(next)
        };
        stages(settings.stages, before, new)
            .map_err(|error| (error.params["path"].clone(), error.params["reason"].clone()))
    }

    #[test]
    fn stages_are_made_kept_renamed_and_put_in_order() {
        let before =
            [Stage { id: id(1), name: "Novo".into() }, Stage { id: id(2), name: "Ganho".into() }];
        let requested = json!(["Contato", {"id": id(2), "name": "Venda"}, {"name": "Fim"}]);
        let made = read(&requested, &before).unwrap();
        let made: Vec<_> = made.iter().map(|s| (s.id, s.name.as_str())).collect();
        assert_eq!(made, [(id(101), "Contato"), (id(2), "Venda"), (id(102), "Fim")]);
    }

    #[test]
    fn te_05_a_wrong_stage_is_named() {
        let many: Vec<String> = (0..51).map(|n| n.to_string()).collect();
        let table = [
            (json!([]), "stages", "required"),
            (json!(["a", "A"]), "stages[1]", "duplicate"),
            (json!(["a", "\u{0}"]), "stages[1].name", "nul"),
            (json!([{"id": id(9), "name": "a"}]), "stages[0].id", "unknown_stage"),
            (json!(many), "stages", "too_many"),
        ];
        for (requested, path, reason) in table {
            assert_eq!(read(&requested, &[]), Err((path.to_owned(), reason.to_owned())));
        }
    }
}
