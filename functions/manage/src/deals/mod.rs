//! Deals: the records of contacts in an origin, created from webhooks.

mod view;

use std::collections::BTreeMap;

use gancho_domain::{
    common::{
        ids::{ContactId, DealId, OriginId, StageId, WorkspaceId},
        workspace::{CustomField, Entity, FieldKind, Workspace},
    },
    crm::decide::{Change, Changes},
    crm::{Contact, Deal, DealStatus},
    inbound::origin::Origin,
    outbound::event::{self, EventCause, Moment},
};
use gancho_edge::{
    http::{Answer, Call},
    page::{List, Page, gather},
    problem::ApiError,
    query::Query,
    validate,
};
use gancho_store::{StoreError, crm::With, keys::config};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use self::view::{DealSettings, DealView};
use crate::{
    App,
    contacts::{Request, WithCauses},
    find,
    patch::{self, Object},
    version,
};

/// The maximum length of a title in characters.
const TITLE: usize = 300;
/// The maximum number of tags of a deal.
const TAGS: usize = 50;
/// The maximum number of custom fields of a deal.
const FIELDS: usize = 200;
/// The number of deals that a search reads at a time.
const AT_ONCE: usize = 200;
/// The maximum length of a custom text in characters.
const TEXT: usize = 4_096;
/// The maximum number of digits of a value.
const DIGITS: usize = 38;
/// The maximum number of tries of a change that conflicts with changes of the contact.
const TRIES: u32 = 5;

/// The filter of the list.
#[derive(Debug, Default)]
struct Filter {
    contact: Option<ContactId>,
    stage: Option<StageId>,
    status: Option<DealStatus>,
    origin: Option<OriginId>,
}

impl Filter {
    fn read(query: &Query<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            contact: query.read("contact", |text| text.parse().ok())?,
            stage: query.read("stage", |text| text.parse().ok())?,
            status: query.read("status", |text| serde_json::from_value(text.into()).ok())?,
            origin: query.read("origin", |text| text.parse().ok())?,
        })
    }

    fn takes(&self, deal: &Deal) -> bool {
        self.contact.is_none_or(|contact| deal.contact == Some(contact))
            && self.stage.is_none_or(|stage| deal.stage == stage)
            && self.status.is_none_or(|status| deal.status == status)
            && self.origin.is_none_or(|origin| deal.origin == origin)
    }
}

/// `GET /v1/deals`: filtered by origin, contact, e-mail, phone, stage or status; newest first.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let filters = ["origin", "contact", "email", "phone", "stage", "status"];
    let query = Query::of(call, &[&filters[..], &["limit", "cursor"]].concat())?;
    let filter = Filter::read(&query)?;
    let limit = query.limit()?;
    let workspace = find::workspace(app, ws).await?;
    let name: Vec<&str> = std::iter::once("deals")
        .chain(filters.iter().map(|name| query.text(name).unwrap_or_default()))
        .collect();
    let list = List { secret: &workspace.secret, name: &name };
    let after = list.after(&query, DealId::from_bytes)?;
    let origins = in_origins(app, ws, filter.origin).await?;
    if let Some(requested) = Request::read(&query, &workspace)? {
        let contact = requested.find(app, ws).await?;
        let ids: Vec<DealId> = contact.iter().flat_map(|c| &c.deals).map(|d| d.deal).collect();
        let deals = app.store.deals(ws, &ids).await?;
        let found = deals.iter().filter(|deal| filter.takes(deal)).map(DealView::of);
        return Page::single(found.collect()).answer();
    }
    let fetch = |after, limit| app.store.deals_after(ws, &origins, after, limit);
    let keep = |deal: &Deal| filter.takes(deal);
    let page = gather((after, limit), fetch, |deal| deal.id, keep).await?;
    list.page(&page, page.items.iter().map(DealView::of).collect()).answer()
}

/// The origins whose lists are read.
async fn in_origins(
    app: &App,
    ws: WorkspaceId,
    only: Option<OriginId>,
) -> Result<Vec<OriginId>, ApiError> {
    if let Some(origin) = only {
        return Ok(vec![find::at(find::origin(app, ws, origin).await, "origin")?.id]);
    }
    let all: Vec<Origin> = app.store.configured_list(ws, config::ORIGINS).await?;
    Ok(all.iter().map(|origin| origin.id).collect())
}

/// The first deal of an origin that `matters` accepts.
pub(crate) async fn first_where(
    app: &App,
    ws: WorkspaceId,
    origin: OriginId,
    matters: impl Fn(&Deal) -> bool,
) -> Result<Option<Deal>, ApiError> {
    let mut after = None;
    loop {
        let found = app.store.deals_after(ws, &[origin], after, AT_ONCE).await?;
        after = found.last().map(|deal| deal.id).filter(|_| found.len() == AT_ONCE);
        let first = found.into_iter().find(&matters);
        if first.is_some() || after.is_none() {
            return Ok(first);
        }
    }
}

/// `GET /v1/deals/{deal}`, with the webhooks that created or changed it.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let deal = find(app, ws, call.id("deal")?).await?;
    shown(app, ws, &deal).await
}

/// `PATCH /v1/deals/{deal}`.
pub(crate) async fn change(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let patch = patch::body(call)?;
    let id: DealId = call.id("deal")?;
    let workspace = find::workspace(app, ws).await?;
    let read = find(app, ws, id).await?;
    version::check(call, read.version)?;
    let origin = find::origin(app, ws, read.origin).await?;
    let settings: Settings = patch::over(patch::object(&DealSettings::of(&read))?, patch)?;
    let now = app.deps.clock.now();
    let changed = settings.into_deal(&origin, &workspace.custom_fields, &read)?;
    if changed == read {
        return shown(app, ws, &read).await;
    }
    let changed = Deal { version: read.version + 1, updated_at: now, ..changed };
    let around = Around { workspace: &workspace, origin: &origin };
    save(app, around, (&read, &changed)).await?;
    shown(app, ws, &changed).await
}

/// The workspace and origin of a deal, for its event.
#[derive(Debug, Clone, Copy)]
struct Around<'a> {
    workspace: &'a Workspace,
    origin: &'a Origin,
}

/// Writes the deal, its fields in the contact's row and the event of the change, in one
/// transaction.
async fn save(
    app: &App,
    around: Around<'_>,
    (read, changed): (&Deal, &Deal),
) -> Result<(), ApiError> {
    let ws = around.workspace.id;
    for _ in 0..TRIES {
        let contact = match read.contact {
            Some(id) => app.store.contact(ws, id).await?,
            None => None,
        };
        let event = around.event((read, changed), contact.as_ref());
        let rows = Changes {
            contact: contact.and_then(|contact| renamed(contact, changed)),
            identities: Vec::new(),
            deal: Some(Change { before: Some(read.version), after: changed.clone() }),
        };
        let with = With { events: event.as_slice(), ..With::default() };
        match app.store.commit(ws, &rows, with).await {
            Ok(()) => return Ok(()),
            // A webhook may have changed the contact concurrently. Only the deal's version decides.
            Err(StoreError::Condition | StoreError::Busy(_)) => {
                let present = find(app, ws, read.id).await?;
                if present == *changed {
                    return Ok(());
                }
                if present.version != read.version {
                    return Err(version::conflict(present.version));
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Busy("the deal's contact".to_owned()).into())
}

/// The change of the contact, if its row has outdated fields of the deal.
fn renamed(mut contact: Contact, deal: &Deal) -> Option<Change<Contact>> {
    let before = Some(contact.version);
    contact.name_deal(deal.as_named()).then(|| {
        contact.version += 1;
        contact.updated_at = deal.updated_at;
        Change { before, after: contact }
    })
}

impl Around<'_> {
    fn event(
        &self,
        (read, changed): (&Deal, &Deal),
        contact: Option<&Contact>,
    ) -> Option<event::Event> {
        let moment = Moment {
            at: changed.updated_at,
            cause_key: format!("version {}", changed.version),
            cause: EventCause::Person,
            hops: 0,
            expires_at: self.workspace.outbound_ends(changed.updated_at),
        };
        let event = event::deal_event(Some(read), changed, &moment)?;
        Some(event.around(self.origin, contact))
    }
}

async fn find(app: &App, ws: WorkspaceId, id: DealId) -> Result<Deal, ApiError> {
    app.store.deal(ws, id).await?.ok_or_else(ApiError::not_found)
}

async fn shown(app: &App, ws: WorkspaceId, deal: &Deal) -> Answer {
    let causes = app.store.causes_of_deal(ws, deal.id, app.deps.clock.now()).await?;
    version::answer(200, &WithCauses::of(DealView::of(deal), &causes), deal.version)
}

/// The settings of a deal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    title: String,
    #[serde(default)]
    value: Option<Value>,
    stage: String,
    #[serde(default = "open")]
    status: DealStatus,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    custom: Object,
}

fn open() -> DealStatus {
    DealStatus::Open
}

impl Settings {
    fn into_deal(
        self,
        origin: &Origin,
        fields: &BTreeMap<String, CustomField>,
        before: &Deal,
    ) -> Result<Deal, ApiError> {
        let stage = origin.stage(&self.stage);
        Ok(Deal {
            title: if self.title == before.title {
                self.title
            } else {
                validate::text("title", &self.title, TITLE)?
            },
            value: self.value.as_ref().map(amount).transpose()?,
            stage: stage
                .or_else(|| (before.stage.to_string() == self.stage).then_some(before.stage))
                .ok_or_else(|| ApiError::invalid("stage", "unknown_stage"))?,
            status: self.status,
            tags: validate::tags("tags", &self.tags, TAGS.max(before.tags.len()))?
                .into_iter()
                .collect(),
            custom: custom(&self.custom, fields, &before.custom)?,
            ..before.clone()
        })
    }
}

/// The decimal text of a value, with its digits unchanged.
fn amount(value: &Value) -> Result<String, ApiError> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err(ApiError::invalid("value", "wrong_type"));
        }
    };
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let good = plain(whole) && plain(part) && digits.len() <= DIGITS + 1;
    good.then_some(text).ok_or_else(|| ApiError::invalid("value", "invalid_number"))
}

/// Validates custom values against the workspace's custom fields. Unchanged values are not checked.
fn custom(
    values: &Map<String, Value>,
    fields: &BTreeMap<String, CustomField>,
    before: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, Value>, ApiError> {
    validate::list_size("custom", values.len(), FIELDS.max(before.len()))?;
    let checked = values.iter().map(|(key, value)| {
        let path = validate::named("custom", key);
        if before.get(key) == Some(value) {
            return Ok((key.clone(), value.clone()));
        }
        if !validate::is_key(key) {
            return Err(ApiError::invalid(path, "unknown_field"));
        }
        let field = fields.get(key).filter(|field| field.entity == Entity::Deal);
        let field = field.ok_or_else(|| ApiError::invalid(&path, "unknown_field"))?;
        let fault = |reason| Err(ApiError::invalid(&path, reason));
        match (field.kind, value) {
            (FieldKind::Text, Value::String(text)) if text.contains('\0') => fault("nul"),
            (FieldKind::Text, Value::String(text)) if text.chars().count() > TEXT => {
                fault("too_long")
            }
            (FieldKind::Date, Value::String(text)) if !is_date(text) => fault("invalid_date"),
            (FieldKind::Text | FieldKind::Date, Value::String(_))
            | (FieldKind::Number, Value::Number(_))
            | (FieldKind::Boolean, Value::Bool(_)) => Ok((key.clone(), value.clone())),
            (FieldKind::Text | FieldKind::Date | FieldKind::Number | FieldKind::Boolean, _) => {
                fault("wrong_type")
            }
        }
    });
    checked.collect()
}

fn is_date(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok_and(|_| text.len() == 10)
        || text.parse::<Timestamp>().is_ok()
}

#[cfg(test)]
mod tests;
