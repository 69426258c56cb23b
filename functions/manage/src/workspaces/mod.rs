//! The workspace and its settings.

pub(crate) mod recipients;
mod view;

use std::collections::BTreeMap;

use gancho_domain::{
    common::{
        ids::{KeyId, WorkspaceId},
        secret::Secret,
        workspace::{CustomField, NoticeLanguage, Role, Workspace},
    },
    crm::normalise,
};
use gancho_edge::{
    http::{Answer, Call},
    idempotency::{Reply, Reservation},
    problem::ApiError,
    query::Query,
    validate,
};
use gancho_store::{StoreError, config_write::Writing};
use jiff::{Timestamp, tz::TimeZone};
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::view::{NewWorkspaceView, WorkspaceSettings, WorkspaceView};
use crate::{
    App, find,
    keys::{self, NewKeyView},
    patch, version,
};

/// The maximum number of custom fields.
const FIELDS: usize = 100;
/// The maximum number of tags that a workspace offers.
const TAGS: usize = 200;
/// The allowed retention of inbound webhooks, in calendar months (`FACTS D1`).
const MONTHS: std::ops::RangeInclusive<u8> = 1..=gancho_domain::common::calendar::MAX_MONTHS;

/// The allowed retention of events and deliveries, in days (`FACTS D1`).
const DAYS: std::ops::RangeInclusive<u16> = 1..=395;
/// The maximum number of addresses that are notified of suspensions.
const RECIPIENTS: usize = 10;

/// The settings of a workspace.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    name: String,
    #[serde(default = "sao_paulo")]
    time_zone: String,
    #[serde(default = "brazil")]
    default_region: String,
    #[serde(default = "three")]
    inbound_months: u8,
    #[serde(default = "thirty")]
    outbound_days: u16,
    #[serde(default)]
    plain_http: bool,
    #[serde(default)]
    notice_recipients: Vec<String>,
    #[serde(default)]
    notice_language: NoticeLanguage,
    #[serde(default)]
    custom_fields: BTreeMap<String, CustomField>,
    #[serde(default)]
    tags: Vec<String>,
}

fn sao_paulo() -> String {
    "America/Sao_Paulo".to_owned()
}

fn brazil() -> String {
    "BR".to_owned()
}

fn three() -> u8 {
    3
}

fn thirty() -> u16 {
    30
}

/// `POST /v1/workspaces`: creates a workspace and its first key. Only this response shows the key.
pub(crate) async fn create(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let settings: Settings = patch::read(&Value::Object(patch::body(call)?))?;
    let id = app.id(reservation, WorkspaceId::new, WorkspaceId::derived);
    let secret = Secret::generated(app.deps.ids.secret());
    let workspace = settings.into_workspace(id, secret, reservation.at)?;
    let key = app.id(reservation, KeyId::new, KeyId::derived);
    let (text, key) = keys::made(app, id, (key, "admin".to_owned(), Role::Admin), reservation.at);
    let by = Writing { ws: id, writer: &reservation.writer };
    match app.store.create_workspace(&workspace, &key, by).await {
        Ok(()) => {
            recipients::join(app, id, &workspace.notice_recipients).await?;
            let body = shown(app, &workspace).await;
            let body = NewWorkspaceView::of(body, Some(NewKeyView::of(&key, Some(&text))));
            let kept = shown(app, &workspace).await;
            let kept = NewWorkspaceView::of(kept, Some(NewKeyView::of(&key, None)));
            version::created(&body, &kept, workspace.version)
        }
        // A killed request with this key created it. Its response with the API key is lost.
        Err(StoreError::Condition) => {
            let workspace = find::workspace(app, id).await?;
            recipients::join(app, id, &workspace.notice_recipients).await?;
            let key = app.store.api_key(id, key.id).await?;
            let key = key.as_ref().map(|key| NewKeyView::of(key, None));
            let body = NewWorkspaceView::of(shown(app, &workspace).await, key);
            version::created(&body, &body, workspace.version)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /v1/workspace`.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    Query::of(call, &[])?;
    let workspace = find::workspace(app, call.workspace).await?;
    version::answer(200, &shown(app, &workspace).await, workspace.version)
}

async fn shown<'a>(app: &App, workspace: &'a Workspace) -> WorkspaceView<'a> {
    let states = recipients::states(app, workspace.id, &workspace.notice_recipients).await;
    WorkspaceView::of(workspace, states)
}

/// `PATCH /v1/workspace`.
pub(crate) async fn change(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let patch = patch::body(call)?;
    let read = find::workspace(app, ws).await?;
    version::check(call, read.version)?;
    // Given recipients are subscribed even if they have not changed: repeating the request creates
    // missing subscriptions.
    let recipients_changed = patch.contains_key("notice_recipients");
    let settings: Settings = patch::over(patch::object(&WorkspaceSettings::of(&read))?, patch)?;
    let changed = settings.into_workspace(ws, read.secret.clone(), read.created_at)?;
    let changed = Workspace {
        suspended: read.suspended,
        version: read.version + 1,
        updated_at: app.deps.clock.now(),
        ..changed
    };
    let requested: Vec<&String> = read.notice_recipients.iter().collect();
    let gone =
        requested.into_iter().filter(|address| !changed.notice_recipients.contains(*address));
    recipients::leave(app, ws, &gone.cloned().collect::<Vec<_>>()).await?;
    let writer = app.deps.ids.token();
    match app.store.save_workspace(&changed, read.version, Writing { ws, writer: &writer }).await {
        Ok(()) => {
            if recipients_changed {
                recipients::join(app, ws, &changed.notice_recipients).await?;
            }
            version::answer(200, &shown(app, &changed).await, changed.version)
        }
        Err(StoreError::Condition) => {
            Err(version::conflict(find::workspace(app, ws).await?.version))
        }
        Err(error) => Err(error.into()),
    }
}

impl Settings {
    fn into_workspace(
        self,
        id: WorkspaceId,
        secret: Secret,
        at: Timestamp,
    ) -> Result<Workspace, ApiError> {
        if !MONTHS.contains(&self.inbound_months) {
            return Err(ApiError::invalid("inbound_months", "out_of_range"));
        }
        if !DAYS.contains(&self.outbound_days) {
            return Err(ApiError::invalid("outbound_days", "out_of_range"));
        }
        Ok(Workspace {
            id,
            name: validate::text("name", &self.name, validate::NAME)?,
            time_zone: time_zone(&self.time_zone)?,
            default_region: region(&self.default_region)?,
            inbound_months: self.inbound_months,
            outbound_days: self.outbound_days,
            plain_http: self.plain_http,
            notice_recipients: addresses(&self.notice_recipients)?,
            notice_language: self.notice_language,
            suspended: false,
            custom_fields: custom_fields(self.custom_fields)?,
            tags: validate::tags("tags", &self.tags, TAGS)?,
            secret,
            version: 1,
            created_at: at,
            updated_at: at,
        })
    }
}

/// The normalised e-mail addresses without duplicates.
fn addresses(texts: &[String]) -> Result<Vec<String>, ApiError> {
    validate::list_size("notice_recipients", texts.len(), RECIPIENTS)?;
    let mut kept: Vec<String> = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let invalid = |_| ApiError::invalid(format!("notice_recipients[{index}]"), "invalid_email");
        let address = normalise::email(text).map_err(invalid)?.to_string();
        if !kept.contains(&address) {
            kept.push(address);
        }
    }
    Ok(kept)
}

/// The canonical name of a time zone.
fn time_zone(text: &str) -> Result<String, ApiError> {
    let unknown = || ApiError::invalid("time_zone", "unknown_value");
    let known = TimeZone::get(text).map_err(|_| unknown())?;
    known.iana_name().map(str::to_owned).ok_or_else(unknown)
}

fn region(text: &str) -> Result<String, ApiError> {
    let shaped = text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
    let text = text.to_ascii_uppercase();
    let code = |region: Region| PHONE_NUMBER_UTIL.get_country_code_for_region(region);
    let known = shaped && text.parse().ok().and_then(code).is_some_and(|code| code > 0);
    if known { Ok(text) } else { Err(ApiError::invalid("default_region", "unknown_value")) }
}

fn custom_fields(
    fields: BTreeMap<String, CustomField>,
) -> Result<BTreeMap<String, CustomField>, ApiError> {
    validate::list_size("custom_fields", fields.len(), FIELDS)?;
    let checked = fields.into_iter().map(|(key, field)| {
        let path = validate::named("custom_fields", &key);
        if !validate::is_key(&key) {
            return Err(ApiError::invalid(path, "unknown_value"));
        }
        let label = validate::text(&format!("{path}.label"), &field.label, validate::NAME)?;
        Ok((key, CustomField { label, ..field }))
    });
    checked.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(settings: &Value) -> (String, String) {
        let read = patch::read::<Settings>(settings);
        let made = read.and_then(|settings| {
            let id = WorkspaceId::from_bytes([1; 16]);
            settings.into_workspace(id, Secret::new("s"), Timestamp::UNIX_EPOCH)
        });
        let error = made.unwrap_err();
        (error.params["path"].clone(), error.params["reason"].clone())
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn te_05_what_is_wrong_is_named() {
        let table = [
            (json!({}), "name", "required"),
            (json!({"name": ""}), "name", "required"),
            (json!({"name": 1}), "name", "wrong_type"),
            (json!({"name": "a", "id": "x"}), "id", "unknown_field"),
            (json!({"name": "a", "time_zone": "Mars/Olympus"}), "time_zone", "unknown_value"),
            (json!({"name": "a", "time_zone": "../etc/passwd"}), "time_zone", "unknown_value"),
            (json!({"name": "a", "default_region": "XX"}), "default_region", "unknown_value"),
            (json!({"name": "a", "default_region": "BRA"}), "default_region", "unknown_value"),
            (json!({"name": "a", "inbound_months": 0}), "inbound_months", "out_of_range"),
            (json!({"name": "a", "inbound_months": 14}), "inbound_months", "out_of_range"),
            (json!({"name": "a", "inbound_months": 1e9}), "inbound_months", "wrong_type"),
            (json!({"name": "a", "outbound_days": 0}), "outbound_days", "out_of_range"),
            (json!({"name": "a", "outbound_days": 396}), "outbound_days", "out_of_range"),
            (json!({"name": "a", "plain_http": "yes"}), "plain_http", "wrong_type"),
            (json!({"name": "a", "notice_language": "fr"}), "notice_language", "unknown_value"),
            (
                json!({"name": "a", "notice_recipients": ["a@b.de", "x"]}),
                "notice_recipients[1]",
                "invalid_email",
            ),
            (
                json!({"name": "a", "notice_recipients": vec!["a@b.de"; 11]}),
                "notice_recipients",
                "too_many",
            ),
            (
                json!({"name": "a", "custom_fields": {"a b": {"label": "x", "entity": "deal", "kind": "text"}}}),
                "custom_fields.a b",
                "unknown_value",
            ),
            (
                json!({"name": "a", "custom_fields": {"a": {"label": "x", "entity": "deal", "kind": "list"}}}),
                "custom_fields.a.kind",
                "unknown_value",
            ),
        ];
        for (settings, path, reason) in table {
            let text = settings.to_string();
            assert_eq!(fault(&settings), (path.to_owned(), reason.to_owned()), "{text}");
        }
    }

    #[test]
    fn d16_a_workspace_is_in_sao_paulo_and_brazil_by_default() {
        let settings = patch::read::<Settings>(&json!({"name": "Loja"})).unwrap();
        let id = WorkspaceId::from_bytes([1; 16]);
        let made = settings.into_workspace(id, Secret::new("s"), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(made.time_zone, "America/Sao_Paulo");
        assert_eq!((made.default_region.as_str(), made.inbound_months), ("BR", 3));
        assert_eq!(time_zone("europe/lisbon").unwrap(), "Europe/Lisbon");
        assert_eq!(region("pt").unwrap(), "PT");
    }
}
