//! Endpoints: the external URLs to which events are sent (`FACTS S3.11, S4.8, S5.1`).
//!
//! - `settings`: reads and validates the settings. `view`: the JSON. `state`: state, health and activity.
//! - `actions`: enables and disables endpoints. `gates`: the transitions of their gates.

pub(crate) mod actions;
mod gates;
mod settings;
mod state;
mod view;

use gancho_domain::{
    common::{
        code::Code,
        ids::{EndpointId, WorkspaceId},
        secret::{DEFAULT_GRACE, Secret},
        workspace::Workspace,
    },
    outbound::{
        endpoint::Endpoint,
        gate::{Gate, GateKey, GateState},
        rule::Target,
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
use gancho_store::StoreError;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::Value;

use self::{
    settings::Settings,
    state::States,
    view::{EndpointSettings, EndpointView, NewEndpointView, NewSecretView},
};
use crate::{
    App, find,
    patch::{self, optional},
    rules, version,
};

/// The maximum number of endpoints of a workspace.
const MOST: usize = 1_000;
/// The maximum time in hours that the previous secret also signs.
const OVERLAP: u16 = 168;

/// `POST /v1/endpoints`: only this response shows the secret.
pub(crate) async fn create(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let mut body = patch::body(call)?;
    let active = optional(&mut body, "active")?.unwrap_or(true);
    let settings = Settings::over(settings::template()?, body)?;
    let workspace = find::workspace(app, reservation.workspace).await?;
    let id = app.id(reservation, EndpointId::new, EndpointId::derived);
    let secret = Secret::generated(app.deps.ids.secret());
    let rules = app.own_hosts(call);
    let rules = app.url_rules(&rules, &workspace);
    let endpoint = settings.new_endpoint(&rules, (id, secret), reservation.at)?;
    save_new(app, call, reservation, (endpoint, active)).await
}

/// `POST /v1/endpoints/{endpoint}/duplicate`: copies an endpoint, with a new secret. The body can
/// set another name and URL.
pub(crate) async fn duplicate(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let mut body = patch::optional_body(call)?;
    let source = find::endpoint(app, reservation.workspace, call.id("endpoint")?).await?;
    let active = optional(&mut body, "active")?.unwrap_or(true);
    let name: Option<String> = optional(&mut body, "name")?;
    let url: Option<String> = optional(&mut body, "url")?;
    patch::nothing_else(&body)?;
    let name = name.map_or_else(
        || validate::copied(&source.name),
        |name| validate::text("name", &name, validate::NAME),
    );
    let workspace = find::workspace(app, reservation.workspace).await?;
    let rules = app.own_hosts(call);
    let rules = app.url_rules(&rules, &workspace);
    let url = url.map(|url| settings::target(&url, &rules)).transpose()?;
    let id = app.id(reservation, EndpointId::new, EndpointId::derived);
    let copy = Endpoint {
        id,
        name: name?,
        url: url.unwrap_or_else(|| source.url.clone()),
        secret: gancho_domain::common::secret::Rotating::new(Secret::generated(
            app.deps.ids.secret(),
        )),
        version: 1,
        created_at: reservation.at,
        updated_at: reservation.at,
        ..source
    };
    save_new(app, call, reservation, (copy, active)).await
}

/// `GET /v1/endpoints`.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let query = Query::of(call, &["limit", "cursor"])?;
    let limit = query.limit()?;
    let workspace = find::workspace(app, ws).await?;
    let list = List { secret: &workspace.secret, name: &["endpoints"] };
    let after = list.after(&query, EndpointId::from_bytes)?;
    let page = cut(app.store.endpoints(ws).await?, |it| it.id, after, limit);
    let states = States::of(app, ws, &page.items).await?;
    let items = page.items.iter().map(|it| view(call, it, &states));
    list.page(&page, items.collect()).answer()
}

/// `GET /v1/endpoints/{endpoint}`.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let endpoint = find::endpoint(app, ws, call.id("endpoint")?).await?;
    version::answer(200, &shown(app, call, ws, &endpoint).await?, endpoint.version)
}

/// `PATCH /v1/endpoints/{endpoint}`.
pub(crate) async fn change(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let patch = patch::body(call)?;
    let read = find::endpoint(app, ws, call.id("endpoint")?).await?;
    version::check(call, read.version)?;
    let settings = Settings::over(patch::object(&EndpointSettings::unmasked(&read))?, patch)?;
    let workspace = find::workspace(app, ws).await?;
    let rules = app.own_hosts(call);
    let changed = settings.changed(&app.url_rules(&rules, &workspace), &read)?;
    if other_lanes(&read, &changed) {
        only_disabled(app, ws, &read).await?;
    }
    let changed =
        Endpoint { version: read.version + 1, updated_at: app.deps.clock.now(), ..changed };
    match app.store.put_endpoint(ws, &changed, Some(read.version), &app.deps.ids.token()).await {
        Ok(()) => {}
        Err(StoreError::Condition) => {
            return Err(version::conflict(find::endpoint(app, ws, read.id).await?.version));
        }
        Err(error) => return Err(error.into()),
    }
    if GateKey::of(&read) != GateKey::of(&changed) {
        gates::after_a_move(app, ws, &changed).await?;
    }
    version::answer(200, &shown(app, call, ws, &changed).await?, changed.version)
}

/// `DELETE /v1/endpoints/{endpoint}`: refused while a rule sends to it. Held deliveries are
/// discarded.
pub(crate) async fn delete(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let read = find::endpoint(app, ws, call.id("endpoint")?).await?;
    version::check(call, read.version)?;
    rules::none_sends_to(app, ws, |target| *target == Target::Endpoint(read.id)).await?;
    gates::before_deletion(app, ws, read.id).await?;
    match app.store.delete_endpoint(ws, &read).await {
        Ok(()) => Ok(version::gone()),
        Err(StoreError::Condition) => {
            Err(version::conflict(find::endpoint(app, ws, read.id).await?.version))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    #[serde(default = "a_day")]
    overlap_hours: u16,
}

fn a_day() -> u16 {
    u16::try_from(DEFAULT_GRACE.as_hours()).unwrap_or(24)
}

/// `POST /v1/endpoints/{endpoint}/rotate-secret`: requests are signed with both secrets until the
/// overlap ends.
pub(crate) async fn rotate(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let requested: Rotate = patch::read(&Value::Object(patch::optional_body(call)?))?;
    if requested.overlap_hours > OVERLAP {
        return Err(ApiError::invalid("overlap_hours", "out_of_range"));
    }
    let read = find::endpoint(app, reservation.workspace, call.id("endpoint")?).await?;
    version::check(call, read.version)?;
    let now = app.deps.clock.now();
    let new = Secret::generated(app.deps.ids.secret());
    let overlap = SignedDuration::from_hours(i64::from(requested.overlap_hours));
    let changed = Endpoint {
        secret: read.secret.clone().rotate(new.clone(), now, overlap),
        version: read.version + 1,
        updated_at: now,
        ..read.clone()
    };
    match app
        .store
        .put_endpoint(reservation.workspace, &changed, Some(read.version), &reservation.writer)
        .await
    {
        Ok(()) => {
            let until = changed.secret.previous_until().filter(|until| now < *until);
            let body = |secret| NewSecretView::of(secret, until);
            version::reply(200, &body(Some(&new)), &body(None), changed.version)
        }
        Err(StoreError::Condition) => Err(version::conflict(
            find::endpoint(app, reservation.workspace, read.id).await?.version,
        )),
        Err(error) => Err(error.into()),
    }
}

/// The view of an endpoint with its state and activity.
async fn shown<'a>(
    app: &App,
    call: &Call,
    ws: WorkspaceId,
    endpoint: &'a Endpoint,
) -> Result<EndpointView<'a>, ApiError> {
    let states = States::of(app, ws, std::slice::from_ref(endpoint)).await?;
    Ok(view(call, endpoint, &states))
}

fn view<'a>(call: &Call, endpoint: &'a Endpoint, states: &States) -> EndpointView<'a> {
    EndpointView::of(endpoint, states, call.caller.role)
}

/// Writes a new endpoint. If it is inactive, its gate is closed before the row is written, so that
/// nothing is sent in between.
async fn save_new(
    app: &App,
    call: &Call,
    reservation: &Reservation,
    (endpoint, active): (Endpoint, bool),
) -> Result<Reply, ApiError> {
    let all = app.store.endpoints(reservation.workspace).await?;
    if all.len() >= MOST && all.iter().all(|it| it.id != endpoint.id) {
        return Err(ApiError::new(422, Code::LimitReached).with("limit", MOST));
    }
    if !active {
        gates::close(app, reservation.workspace, &GateKey::Endpoint(endpoint.id)).await?;
    }
    let (endpoint, secret) = match app
        .store
        .put_endpoint(reservation.workspace, &endpoint, None, &reservation.writer)
        .await
    {
        Ok(()) => {
            let secret = endpoint.secret.current.clone();
            (endpoint, Some(secret))
        }
        // A killed request with this key created it. Its response with the secret is lost.
        Err(StoreError::Condition) => {
            (find::endpoint(app, reservation.workspace, endpoint.id).await?, None)
        }
        Err(error) => return Err(error.into()),
    };
    let view = shown(app, call, reservation.workspace, &endpoint).await?;
    let body = |secret| NewEndpointView { endpoint: &view, secret };
    let secret = secret.as_ref().map(Secret::expose);
    version::created(&body(secret), &body(None), endpoint.version)
}

/// Reports if new deliveries would use other lanes than the waiting ones.
fn other_lanes(read: &Endpoint, changed: &Endpoint) -> bool {
    read.lanes() != changed.lanes() || read.limits != changed.limits
}

/// 409 unless the endpoint is disabled: order and limits change only then (`CATALOGUE OR-07`).
async fn only_disabled(app: &App, ws: WorkspaceId, endpoint: &Endpoint) -> Result<(), ApiError> {
    let gate: Gate = state::gate(app, ws, &GateKey::Endpoint(endpoint.id)).await?;
    match gate.state {
        GateState::Disabled { .. } => Ok(()),
        GateState::Open | GateState::Suspended(_) | GateState::Probing { .. } => {
            Err(ApiError::new(409, Code::EndpointActive))
        }
    }
}

/// The rules that URLs are checked against.
impl App {
    /// The host names of this deployment: the host of this request, and the configured ones.
    pub(crate) fn own_hosts(&self, call: &Call) -> Vec<String> {
        let settings = &self.deps.settings;
        let set = settings
            .own_hosts
            .iter()
            .map(String::as_str)
            .chain(settings.public_base_url.as_deref());
        let names = call.header("host").into_iter().chain(set).map(settings::host_of);
        names.filter(|name| !name.is_empty()).collect()
    }

    /// The rules for URLs of the workspace and the deployment.
    pub(crate) fn url_rules<'r>(
        &'r self,
        own_hosts: &'r [String],
        workspace: &Workspace,
    ) -> gancho_domain::outbound::target_url::UrlRules<'r> {
        gancho_domain::outbound::target_url::UrlRules {
            plain_http: workspace.plain_http,
            own_hosts,
            exempt_hosts: &self.deps.settings.exempt_hosts,
        }
    }
}
