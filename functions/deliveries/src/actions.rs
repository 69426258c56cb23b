//! What a person does to a delivery: send it again, try it now, give it up.
//!
//! - **resend** makes a new delivery that names the old one, by the rule as it is now; the old one
//!   stays as it is, whatever its state. Without an `Idempotency-Key` every request makes one
//!   (`CATALOGUE RE-02`). A suspended endpoint's is written as held and goes when it is enabled; a
//!   disabled one's is refused with 409 `endpoint_disabled` (`CATALOGUE RE-01`).
//! - **retry-now** moves the time of the next attempt to now and enqueues it. The number of the attempt
//!   stays, so the message that waits for it means nothing any more when it comes, and the number of
//!   tries that the policy allows is not touched (`CATALOGUE RE-03`).
//! - **cancel** gives it up, unless an attempt is under way.
//!
//! A failure that blocks an ordered endpoint may be tried once more or given up (`FACTS D11`); any
//! other ended delivery is 409 `delivery_ended`.

use gancho_domain::{
    common::{
        code::Code,
        ids::{DeliveryId, WorkspaceId},
        workspace::Role,
    },
    outbound::{
        delivery::{Delivery, Discarded, State, Trigger},
        endpoint::Order,
        gate::GateKey,
    },
};
use gancho_edge::{
    http::{self, Answer, Call},
    idempotency::{self, Done, Reservation, Turn},
    problem::ApiError,
};
use gancho_store::{
    deliveries::{Changed, StoredDelivery},
    lanes::LaneKey,
};
use serde_json::Value;

use crate::{
    App,
    create::{self, NewDelivery},
    messages,
    paging::{no_body, no_parameters},
    view::Names,
};

/// How often a delivery that moves meanwhile is read again.
const TRIES: usize = 5;

/// Which delivery a request names, for those who may do something about it.
fn named(call: &Call) -> Result<(WorkspaceId, DeliveryId), ApiError> {
    let ws = call.workspace(Role::Operator)?;
    no_parameters(call)?;
    no_body(call)?;
    Ok((ws, call.id("delivery")?))
}

/// `POST /v1/deliveries/{delivery}/resend`: 201 with the new delivery.
pub(crate) async fn resend(app: &App, call: &Call) -> Answer {
    let (ws, id) = named(call)?;
    match idempotency::begin(&app.store, call, ws, &app.writer(), app.clock.now()).await? {
        Turn::Answered(answer) => Ok(*answer),
        Turn::Mine(reservation) => {
            let made = again(app, (ws, id), &reservation).await;
            reservation.end(&app.store, made).await
        }
    }
}

async fn again(
    app: &App,
    (ws, id): (WorkspaceId, DeliveryId),
    reservation: &Reservation,
) -> Result<Done, ApiError> {
    let found = app.store.delivery(ws, id, app.clock.now()).await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    let cause = ["resend", &ws.key(), &id.key()];
    let new = reservation.id(DeliveryId::new, DeliveryId::derived, (app.ids.entropy(), &cause));
    let made = send_again(app, ws, &found.delivery, new).await?;
    let mut body = shown(app, ws, &made).await?;
    if let Some(map) = body.as_object_mut() {
        map.insert("status_url".to_owned(), format!("/v1/deliveries/{}", made.id).into());
    }
    Ok((201, body))
}

/// Makes another delivery of the same event, by the rule as it is now.
pub(crate) async fn send_again(
    app: &App,
    ws: WorkspaceId,
    of: &Delivery,
    id: DeliveryId,
) -> Result<Delivery, ApiError> {
    let now = app.clock.now();
    let rule = app.store.rule(ws, of.rule).await?;
    let rule = rule.ok_or_else(|| ApiError::new(409, Code::RuleDeleted))?;
    let event = app.store.event(ws, &of.subject, of.event, now).await?;
    let event = event.ok_or_else(|| ApiError::new(404, Code::EventExpired))?;
    let receiver = create::receiver(app, ws, &rule, &event).await?;
    receiver.passable()?;
    let workspace = app.workspace(ws).await?;
    let wanted = NewDelivery {
        id,
        event: &event,
        event_type: of.event_type.clone(),
        subject_status: of.subject_status.clone(),
        rule: &rule,
        trigger: Trigger::Resend(of.id),
    };
    let delivery = create::delivery(&workspace, wanted, &receiver, now);
    create::create(app, ws, delivery, &receiver).await
}

async fn shown(app: &App, ws: WorkspaceId, delivery: &Delivery) -> Result<Value, ApiError> {
    Ok(Names::of(app, ws, [delivery]).await?.item(delivery))
}

/// `POST /v1/deliveries/{delivery}/retry-now`: 200 with the delivery.
pub(crate) async fn retry_now(app: &App, call: &Call) -> Answer {
    let (ws, id) = named(call)?;
    for _ in 0..TRIES {
        let read = find(app, ws, id).await?;
        let now = app.clock.now();
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
        return http::json(200, &shown(app, ws, &done).await?);
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
        let given_up = State::Discarded { at: app.clock.now(), reason: Discarded::ByPerson };
        let Some(done) = change(app, read, Some(given_up)).await? else { continue };
        if done.slot.is_some() {
            // Its place is taken by the next one.
            messages::delivery(app, ws, &done).await?;
        }
        tracing::info!(
            workspace.id = %ws, event.id = %done.event, delivery.id = %id,
            "a delivery was given up by hand"
        );
        return http::json(200, &shown(app, ws, &done).await?);
    }
    Err(ApiError::new(409, Code::AttemptInProgress))
}

async fn find(app: &App, ws: WorkspaceId, id: DeliveryId) -> Result<StoredDelivery, ApiError> {
    let found = app.store.delivery(ws, id, app.clock.now()).await?;
    found.ok_or_else(ApiError::not_found)
}

/// The delivery with another state, or as it is. `None`: it moved meanwhile.
async fn change(
    app: &App,
    read: StoredDelivery,
    state: Option<State>,
) -> Result<Option<Delivery>, ApiError> {
    let now = app.clock.now();
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

/// 409 where the delivery's endpoint takes nothing now.
async fn may_start(app: &App, ws: WorkspaceId, delivery: &Delivery) -> Result<(), ApiError> {
    let Some(id) = delivery.endpoint() else { return Ok(()) };
    let endpoint = app.store.endpoint(ws, id).await?;
    let endpoint = endpoint.ok_or_else(|| ApiError::new(409, Code::EndpointDeleted))?;
    let gates = app.store.gates(ws, &GateKey::of(&endpoint)).await?;
    let admitted = gates.iter().all(|gate| gate.admits(delivery.id));
    if admitted { Ok(()) } else { Err(ApiError::new(409, Code::EndpointDisabled)) }
}

/// Whether a failure stands at the front of a lane that waits for a person.
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
