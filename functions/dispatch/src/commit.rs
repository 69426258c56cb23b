//! Writes the rows of an event's deliveries. A delivery that exists already is re-enqueued: the
//! record was delivered again because a step after the write failed.

use std::{collections::BTreeMap, sync::Arc};

use futures::{StreamExt, future, stream};
use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::{
        delivery::{Delivery, State},
        endpoint::Endpoint,
        event::Event,
        gate::{Gate, GateKey},
        rule::Target,
    },
};
use gancho_edge::{metrics::Metric, telemetry};
use gancho_store::deliveries::Created;

use crate::{
    App, Error, messages,
    plan::{self, Match, Plan},
    rules::Config,
};

/// The number of rows that are written concurrently.
const CONCURRENCY: usize = 16;
/// The most gates that one call reads.
const GATES: usize = 100;

/// Creates a delivery for each rule that matches an event. A failed one does not block the others.
pub(crate) async fn dispatch(app: &App, ws: WorkspaceId, event: &Event) -> Result<(), Error> {
    let now = app.deps.clock.now();
    if event.expires_at <= now {
        tracing::error!(
            workspace.id = %ws,
            webhook.id = event.cause.webhook().map(|id| id.to_string()),
            event.id = %event.id,
            "event expired before dispatch"
        );
        return Ok(());
    }
    let known = app.configs.find(&app.store, ws, now).await?;
    let matches = plan::matches(&known, event);
    let unknown = unknown(app, ws, &known, &matches).await?;
    let config = if unknown.is_empty() { Arc::clone(&known) } else { with(&known, unknown) };
    let gates = gates(app, ws, plan::gates(&config, &matches)).await?;
    let plan = plan::plan(&config, event, matches, (&gates, now));
    let deliveries = plan.ids();
    commit(app, ws, plan).await?;
    app.deps.metrics.one(Metric::EventsDispatched);
    tracing::info!(
        workspace.id = %ws,
        webhook.id = event.cause.webhook().map(|id| id.to_string()),
        event.id = %event.id,
        delivery.count = deliveries.len(),
        delivery.ids = telemetry::list(&deliveries),
        "event dispatched"
    );
    Ok(())
}

/// Reads the endpoints of these rules that the cached list does not hold.
async fn unknown(
    app: &App,
    ws: WorkspaceId,
    config: &Config,
    matches: &[Match<'_>],
) -> Result<Vec<Endpoint>, Error> {
    let missing = matches.iter().filter_map(|(rule, _)| match rule.target {
        Target::Endpoint(id) if !config.endpoints.contains_key(&id) => Some(id),
        Target::Endpoint(_) | Target::Integration { .. } => None,
    });
    let read = future::try_join_all(missing.map(|id| app.store.endpoint(ws, id))).await?;
    Ok(read.into_iter().flatten().collect())
}

fn with(config: &Config, endpoints: Vec<Endpoint>) -> Arc<Config> {
    let mut all = config.endpoints.clone();
    all.extend(endpoints.into_iter().map(|endpoint| (endpoint.id, endpoint)));
    Arc::new(Config { rules: Vec::new(), endpoints: all })
}

async fn gates(
    app: &App,
    ws: WorkspaceId,
    keys: Vec<GateKey>,
) -> Result<BTreeMap<GateKey, Gate>, Error> {
    let mut read = BTreeMap::new();
    for keys in keys.chunks(GATES) {
        let gates = app.store.gates(ws, keys).await?;
        read.extend(keys.iter().cloned().zip(gates));
    }
    Ok(read)
}

async fn commit(app: &App, ws: WorkspaceId, plan: Plan) -> Result<(), Error> {
    let writer = app.deps.ids.token();
    // Collected first: a stream of these borrows could not be sent between threads.
    let alone: Vec<_> =
        plan.plain.iter().map(|delivery| plain(app, ws, delivery, &writer)).collect();
    let lanes = plan.lanes.into_iter().map(|(endpoint, (lanes, deliveries))| {
        in_lanes(app, ws, (endpoint, lanes, deliveries), &writer)
    });
    let alone = stream::iter(alone).buffer_unordered(CONCURRENCY).collect::<Vec<_>>().await;
    let lanes = stream::iter(lanes).buffer_unordered(CONCURRENCY).collect::<Vec<_>>().await;
    alone.into_iter().chain(lanes).collect()
}

async fn plain(app: &App, ws: WorkspaceId, delivery: &Delivery, writer: &str) -> Result<(), Error> {
    if app.store.create_delivery(ws, delivery, writer).await? == Created::New {
        app.deps.metrics.one(Metric::DeliveriesMade);
    }
    app.store.put_subject_lookup(ws, delivery).await?;
    match delivery.state {
        State::Queued => messages::one(app, ws, delivery).await,
        // Held: the opening of the gate enqueues it, or the row's own stream record if the gate
        // opened meanwhile.
        State::Held { .. }
        | State::Retrying { .. }
        | State::Success { .. }
        | State::Failure { .. }
        | State::Discarded { .. } => Ok(()),
    }
}

async fn in_lanes(
    app: &App,
    ws: WorkspaceId,
    (endpoint, lanes, deliveries): (EndpointId, u16, Vec<Delivery>),
    writer: &str,
) -> Result<(), Error> {
    let created = app.store.create_in_lanes(ws, endpoint, deliveries, lanes, writer).await?;
    // Deliveries of an earlier attempt are counted again: lanes do not distinguish them.
    app.deps.metrics.add(Metric::DeliveriesMade, created.len());
    future::try_join_all(created.iter().map(|one| app.store.put_subject_lookup(ws, one))).await?;
    let due = created.iter().filter(|one| one.state == State::Queued);
    let mut lanes: Vec<u16> = due.filter_map(|one| one.slot).map(|slot| slot.lane).collect();
    lanes.sort_unstable();
    lanes.dedup();
    for lane in lanes {
        messages::lane(app, ws, endpoint, lane).await?;
    }
    Ok(())
}
