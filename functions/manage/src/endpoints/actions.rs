//! Enables and disables endpoints: changes their gates and enqueues the message that releases held
//! deliveries.
//!
//! Enabling starts a probe: one held delivery is sent, and the others follow if it succeeds. If no
//! delivery is held, the gate opens at once (`FACTS S5.5`).

use gancho_domain::outbound::{
    endpoint::Endpoint,
    gate::{GateKey, Release},
};
use gancho_edge::{
    http::Call,
    idempotency::{Reply, Reservation},
    problem::ApiError,
};
use serde::Deserialize;
use serde_json::Value;

use super::gates::{close, open};
use crate::{App, find, patch, version};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Enable {
    #[serde(default)]
    held: Release,
}

/// `POST /v1/endpoints/{endpoint}/enable`.
pub(crate) async fn enable(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let requested: Enable = patch::read(&Value::Object(patch::optional_body(call)?))?;
    let endpoint = find::endpoint(app, reservation.workspace, call.id("endpoint")?).await?;
    let all = app.store.endpoints(reservation.workspace).await?;
    for key in GateKey::of(&endpoint) {
        let covered: Vec<&Endpoint> = all.iter().filter(|it| key.covers(it)).collect();
        open(app, reservation.workspace, &key, (requested.held, &covered)).await?;
    }
    answer(app, call, reservation, &endpoint).await
}

/// `POST /v1/endpoints/{endpoint}/disable`.
pub(crate) async fn disable(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    patch::nothing_else(&patch::optional_body(call)?)?;
    let endpoint = find::endpoint(app, reservation.workspace, call.id("endpoint")?).await?;
    close(app, reservation.workspace, &GateKey::Endpoint(endpoint.id)).await?;
    answer(app, call, reservation, &endpoint).await
}

async fn answer(
    app: &App,
    call: &Call,
    reservation: &Reservation,
    endpoint: &Endpoint,
) -> Result<Reply, ApiError> {
    let body = super::shown(app, call, reservation.workspace, endpoint).await?;
    version::reply(200, &body, &body, endpoint.version)
}
