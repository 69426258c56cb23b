//! Makes one attempt: claim -> load -> check the gates -> send -> record. A second execution of the
//! same task sends nothing, unless the function was killed between the response and the record:
//! delivery is at least once.

use gancho_domain::{
    common::ids::{DeliveryId, WorkspaceId},
    outbound::{
        delivery::{Slot, State},
        rule::Target,
    },
};
use gancho_store::deliveries::{Claim, Claimed, StoredDelivery};
use jiff::{SignedDuration, Timestamp};

use crate::{
    App, Error,
    claim::{AttemptResult, CLAIM, ClaimedDelivery},
    http, internal,
};

/// Tolerance by which an attempt may begin early: clocks differ, and delays are in whole seconds.
const EARLY: SignedDuration = SignedDuration::from_secs(1);

/// One attempt of one delivery.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task {
    pub(crate) workspace: WorkspaceId,
    pub(crate) delivery: DeliveryId,
    pub(crate) number: u32,
    /// The place in the lane, if a lane made the task; `None` is a delivery outside of lanes.
    pub(crate) slot: Option<Slot>,
}

/// Makes an attempt.
pub(crate) async fn make(app: &App, task: Task) -> Result<AttemptResult, Error> {
    let now = app.now();
    let claim = Claim { token: app.token(), until: now + CLAIM };
    let Task { workspace, delivery, number, slot } = task;
    match app.store.claim_delivery(workspace, delivery, number, &claim, now).await? {
        Claimed::Granted(StoredDelivery { delivery, .. }) => {
            let claimed = ClaimedDelivery { workspace, delivery, claim };
            let done = attempt(app, &claimed, slot, now).await;
            if !matches!(done, Ok(AttemptResult::Recorded(_) | AttemptResult::Stale)) {
                claimed.release(app).await;
            }
            done
        }
        Claimed::Busy(until) => Ok(AttemptResult::Busy(until)),
        Claimed::Stale(_) | Claimed::Gone => Ok(AttemptResult::Stale),
    }
}

async fn attempt(
    app: &App,
    claimed: &ClaimedDelivery,
    slot: Option<Slot>,
    now: Timestamp,
) -> Result<AttemptResult, Error> {
    if claimed.delivery.slot != slot {
        return Ok(AttemptResult::Elsewhere(claimed.delivery.slot));
    }
    if let State::Retrying { next_at } = claimed.delivery.state
        && now + EARLY < next_at
    {
        return Ok(AttemptResult::Early(next_at));
    }
    match claimed.delivery.target {
        Target::Endpoint(endpoint) => http::attempt(app, claimed, endpoint).await,
        Target::Integration { origin, integration } => {
            internal::attempt(app, claimed, origin, integration).await
        }
    }
}
