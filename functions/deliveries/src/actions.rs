//! Operations on a single delivery: resend, retry now, cancel.
//!
//! - **resend** creates a new delivery that references the original, by the rule as it is now. The
//!   original does not change, whatever its state. Without an `Idempotency-Key` every request
//!   creates a delivery (`CATALOGUE RE-02`). If the endpoint is suspended, the new delivery is held
//!   and is sent when the endpoint is enabled. If the endpoint is disabled, the request is refused
//!   with 409 `endpoint_disabled` (`CATALOGUE RE-01`).
//! - **retry-now** moves the time of the next attempt to now and enqueues the attempt. The number
//!   of the attempt stays the same, so the message that is already queued for it has no effect. The
//!   number of retries that the policy allows does not change (`CATALOGUE RE-03`).
//! - **cancel** discards the delivery, unless an attempt is in progress.
//!
//! A failure that blocks an ordered endpoint can be retried or cancelled (`FACTS D11`). Any other
//! ended delivery is refused with 409 `delivery_ended`.

use gancho_domain::{
    common::{
        by::By,
        code::Code,
        ids::{DeliveryId, WorkspaceId},
    },
    outbound::{
        delivery::{Delivery, Discarded, State, Trigger},
        endpoint::Order,
        gate::GateKey,
    },
};
use gancho_edge::{
    by,
    http::{self, Answer, Call},
    idempotency::{self, Reply, Reservation},
    problem::ApiError,
    query::Query,
};
use gancho_store::{
    deliveries::{Changed, StoredDelivery},
    lanes::LaneKey,
};
use serde::Serialize;

use crate::{
    App,
    create::{self, ManualDelivery},
    messages,
    view::{ListedDelivery, Names},
};

/// The number of tries to change a delivery that is being changed concurrently.
const TRIES: usize = 5;

/// A new delivery and its path.
#[derive(Debug, Serialize)]
struct Resent<'a> {
    #[serde(flatten)]
    delivery: ListedDelivery<'a>,
    status_url: String,
}

/// The workspace and delivery of a request. The caller needs the role *operator*.
fn named(call: &Call) -> Result<(WorkspaceId, DeliveryId), ApiError> {
    let ws = call.workspace;
    Query::of(call, &[])?;
    no_body(call)?;
    Ok((ws, call.id("delivery")?))
}

/// Refuses a body, except an empty object.
fn no_body(call: &Call) -> Result<(), ApiError> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    if call.request.body().is_empty() {
        return Ok(());
    }
    call.json::<Nothing>().map(drop)
}

/// `POST /v1/deliveries/{delivery}/resend`: 201 with the new delivery.
pub(crate) async fn resend(app: &App, call: &Call) -> Answer {
    let (ws, id) = named(call)?;
    let by = by::of(&app.store, call).await?;
    let request = |reservation| async move { again(app, (ws, id), by, &reservation).await };
    let now = app.deps.clock.now();
    idempotency::execute(&app.store, call, (app.deps.ids.token(), now), request).await
}

async fn again(
    app: &App,
    (ws, id): (WorkspaceId, DeliveryId),
    by: Option<By>,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let found = app.store.delivery(ws, id, app.deps.clock.now()).await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    let cause = ["resend", &ws.key(), &id.key()];
    let new =
        reservation.id(DeliveryId::new, DeliveryId::derived, (app.deps.ids.entropy(), &cause));
    let made = send_again(app, ws, &found.delivery, new, by).await?;
    let names = Names::of(app, ws, [&made]).await?;
    let status_url = format!("/v1/deliveries/{}", made.id);
    Reply::of(201, &Resent { delivery: names.item(&made), status_url })
}

/// Creates another delivery of the same event, by the rule as it is now.
pub(crate) async fn send_again(
    app: &App,
    ws: WorkspaceId,
    of: &Delivery,
    id: DeliveryId,
    by: Option<By>,
) -> Result<Delivery, ApiError> {
    let now = app.deps.clock.now();
    let rule = app.store.rule(ws, of.rule).await?;
    let rule = rule.ok_or_else(|| ApiError::new(409, Code::RuleDeleted))?;
    let event = app.store.event(ws, &of.subject, of.event, now).await?;
    let event = event.ok_or_else(|| ApiError::new(404, Code::EventExpired))?;
    let receiver = create::receiver(app, ws, &rule, &event).await?;
    receiver.passable()?;
    let workspace = app.workspace(ws).await?;
    let manual = ManualDelivery {
        id,
        event: &event,
        event_type: of.event_type.clone(),
        subject_status: of.subject_status.clone(),
        rule: &rule,
        trigger: Trigger::Resend(of.id),
        by,
    };
    let delivery = create::delivery(&workspace, manual, &receiver, now);
    create::create(app, ws, delivery, &receiver).await
}

async fn shown(app: &App, ws: WorkspaceId, delivery: &Delivery) -> Answer {
    let names = Names::of(app, ws, [delivery]).await?;
    http::json(200, &names.item(delivery))
}

/// `POST /v1/deliveries/{delivery}/retry-now`: 200 with the delivery.
pub(crate) async fn retry_now(app: &App, call: &Call) -> Answer {
    let (ws, id) = named(call)?;
    for _ in 0..TRIES {
        let read = find(app, ws, id).await?;
        let now = app.deps.clock.now();
        let soon = State::Retrying { next_at: now };
        let changed = match read.delivery.state {
            State::Retrying { next_at } if next_at > now => Some(soon),
            State::Queued | State::Retrying { .. } => None,
            State::Held { .. } => {
                may_start(app, ws, &read.delivery).await?;
                None
            }
            State::Failure { .. } if blocks(app, ws, &read.delivery).await? => Some(soon),
            State::Failure { .. } | State::Success { .. } | State::Discarded { .. } => {
                return Err(ended(&read.delivery));
            }
        };
        let Some(done) = change(app, read, changed).await? else { continue };
        messages::delivery(app, ws, &done).await?;
        tracing::info!(
            workspace.id = %ws, event.id = %done.event, delivery.id = %id,
            "a delivery was enqueued by hand"
        );
        return shown(app, ws, &done).await;
    }
    Err(ApiError::new(409, Code::AttemptInProgress))
}

/// `POST /v1/deliveries/{delivery}/cancel`: 200 with the delivery.
pub(crate) async fn cancel(app: &App, call: &Call) -> Answer {
    let (ws, id) = named(call)?;
    for _ in 0..TRIES {
        let read = find(app, ws, id).await?;
        let delivery = &read.delivery;
        if !delivery.state.is_open() && !blocks(app, ws, delivery).await? {
            return Err(ended(delivery));
        }
        let given_up = State::Discarded { at: app.deps.clock.now(), reason: Discarded::ByPerson };
        let Some(done) = change(app, read, Some(given_up)).await? else { continue };
        if done.slot.is_some() {
            // The next delivery of the lane takes its place.
            messages::delivery(app, ws, &done).await?;
        }
        tracing::info!(
            workspace.id = %ws, event.id = %done.event, delivery.id = %id,
            "a delivery was given up by hand"
        );
        return shown(app, ws, &done).await;
    }
    Err(ApiError::new(409, Code::AttemptInProgress))
}

async fn find(app: &App, ws: WorkspaceId, id: DeliveryId) -> Result<StoredDelivery, ApiError> {
    let found = app.store.delivery(ws, id, app.deps.clock.now()).await?;
    found.ok_or_else(ApiError::not_found)
}

/// Saves a new state, if there is one, and returns the delivery. `None`: the delivery was changed
/// concurrently.
async fn change(
    app: &App,
    read: StoredDelivery,
    state: Option<State>,
) -> Result<Option<Delivery>, ApiError> {
    let now = app.deps.clock.now();
    let Some(state) = state else {
        let claimed = read.claim.as_ref().is_some_and(|claim| now < claim.until);
        let busy = || ApiError::new(409, Code::AttemptInProgress);
        return if claimed { Err(busy()) } else { Ok(Some(read.delivery)) };
    };
    let delivery = Delivery { state, ..read.delivery.clone() };
    match app.store.change_delivery(&read, delivery, now).await? {
        Changed::Done(done) => Ok(Some(done.delivery)),
        Changed::Busy => Err(ApiError::new(409, Code::AttemptInProgress)),
        Changed::Moved => Ok(None),
    }
}

fn ended(delivery: &Delivery) -> ApiError {
    ApiError::new(409, Code::DeliveryEnded).with("state", delivery.state.name().as_str())
}

/// 409 if the delivery's endpoint is deleted or its gates do not admit the delivery now.
async fn may_start(app: &App, ws: WorkspaceId, delivery: &Delivery) -> Result<(), ApiError> {
    let Some(id) = delivery.endpoint() else { return Ok(()) };
    let endpoint = app.store.endpoint(ws, id).await?;
    let endpoint = endpoint.ok_or_else(|| ApiError::new(409, Code::EndpointDeleted))?;
    let gates = app.store.gates(ws, &GateKey::of(&endpoint)).await?;
    let admitted = gates.iter().all(|gate| gate.admits(delivery.id));
    if admitted { Ok(()) } else { Err(ApiError::new(409, Code::EndpointDisabled)) }
}

/// Reports if the delivery is a failure at the front of a lane that is blocked until an operator
/// acts.
async fn blocks(app: &App, ws: WorkspaceId, delivery: &Delivery) -> Result<bool, ApiError> {
    let (Some(slot), Some(endpoint)) = (delivery.slot, delivery.endpoint()) else {
        return Ok(false);
    };
    let failed = matches!(delivery.state, State::Failure { .. });
    let known = app.store.endpoint(ws, endpoint).await?;
    let waits = known.is_some_and(|it| it.policy.order == Some(Order::Block));
    if !failed || !waits {
        return Ok(false);
    }
    let lane = LaneKey { workspace: ws, endpoint, lane: slot.lane };
    let front = app.store.lane_front(lane, 1).await?;
    Ok(front.first().is_some_and(|(_, first)| *first == delivery.id))
}
