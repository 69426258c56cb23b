//! Makes one attempt: claim -> load -> check the gates -> send -> record. A second execution of the
//! same task sends nothing, unless the function was killed between the response and the record:
//! delivery is at least once.

use std::time::Duration;

use gancho_domain::{
    common::ids::{DeliveryId, WorkspaceId},
    outbound::{
        delivery::{Attempt, Delivery, Outcome, Slot, State},
        event::EventCause,
        rule::Target,
    },
};
use gancho_edge::metrics::{Metric, class::class};
use gancho_store::{
    StoreError,
    deliveries::{Claim, Claimed, StoredDelivery},
};
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error, http, internal};

/// Duration of a claim: the longest request, and time to read before it and to write after it.
pub(crate) const CLAIM: SignedDuration = SignedDuration::from_secs(20);
/// Tolerance by which an attempt may begin early: clocks differ, and delays are in whole seconds.
const EARLY: SignedDuration = SignedDuration::from_secs(1);
/// Tries to record the result of a request. After the last one the request will be sent again.
const TRIES: u32 = 5;
/// The longest wait before the second try; it doubles with each further try.
const FIRST_WAIT: Duration = Duration::from_millis(40);

/// One attempt of one delivery.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task {
    pub(crate) workspace: WorkspaceId,
    pub(crate) delivery: DeliveryId,
    pub(crate) number: u32,
    /// The place in the lane, if a lane made the task; `None` is a delivery outside of lanes.
    pub(crate) slot: Option<Slot>,
}

/// The result of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttemptResult {
    /// The delivery was recorded in this state.
    Recorded(State),
    /// The attempt is not due before this time; nothing was changed.
    Early(Timestamp),
    /// Another process holds the claim, at most until this time.
    Busy(Timestamp),
    /// The delivery has another place: in this lane, or in none.
    Elsewhere(Option<Slot>),
    /// The attempt was made before, the delivery has ended, or another process took the claim over.
    Stale,
}

/// A delivery that this process may send until the claim ends.
#[derive(Debug)]
pub(crate) struct ClaimedDelivery {
    pub(crate) workspace: WorkspaceId,
    pub(crate) delivery: Delivery,
    claim: Claim,
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

impl ClaimedDelivery {
    /// Returns true if a request with this timeout ends before the claim does.
    pub(crate) fn has_room(&self, now: Timestamp, request: SignedDuration) -> bool {
        // One second for the record, two for reading the health rows (`outage`).
        now + request + SignedDuration::from_secs(3) <= self.claim.until
    }

    /// Ends the attempt without a request.
    pub(crate) async fn record_state(
        &self,
        app: &App,
        state: State,
    ) -> Result<AttemptResult, Error> {
        self.record(app, Delivery { state, ..self.delivery.clone() }).await
    }

    /// Records an attempt, and the delivery's state after it.
    pub(crate) async fn made(
        &self,
        app: &App,
        attempt: Attempt,
        state: State,
        cause: &EventCause,
    ) -> Result<AttemptResult, Error> {
        let mut delivery = Delivery { state, ..self.delivery.clone() };
        self.log(&attempt, state, cause);
        let (outcome, took) = (attempt.outcome, attempt.duration_ms);
        delivery.attempts.push(attempt);
        let done = self.record(app, delivery).await?;
        if matches!(done, AttemptResult::Recorded(_)) {
            self.count(app, outcome, took, state);
        }
        Ok(done)
    }

    fn count(&self, app: &App, outcome: Outcome, took: u64, state: State) {
        let metrics = &app.deps.metrics;
        let succeeded = matches!(state, State::Success { .. });
        metrics.one_by(Metric::Attempts, class(outcome, succeeded));
        metrics.add(Metric::AttemptMilliseconds, took);
        if succeeded {
            let since = app.now().duration_since(self.delivery.id.made_at());
            metrics.add(Metric::DeliveryDelay, since.as_millis());
        }
    }

    /// Records the delivery. Retries here, because an attempt without a record is sent again.
    async fn record(&self, app: &App, delivery: Delivery) -> Result<AttemptResult, Error> {
        for attempt in 1.. {
            let error = match app.store.record(self.workspace, &delivery, &self.claim.token).await {
                Ok(true) => return Ok(AttemptResult::Recorded(delivery.state)),
                Ok(false) => {
                    tracing::warn!(
                        workspace.id = %self.workspace, event.id = %delivery.event,
                        delivery.id = %delivery.id,
                        "the claim was over; not recorded"
                    );
                    return Ok(AttemptResult::Stale);
                }
                Err(error) => error,
            };
            if attempt == TRIES || !error.may_pass() {
                return Err(error.into());
            }
            let longest = FIRST_WAIT * 2u32.pow(attempt - 1);
            tokio::time::sleep(longest.mul_f64(app.deps.ids.jitter())).await;
        }
        Err(StoreError::Condition.into())
    }

    /// Releases the claim, so that the next message need not wait until it ends.
    async fn release(&self, app: &App) {
        let id = self.delivery.id;
        if let Err(error) = app.store.release_claim(self.workspace, id, &self.claim.token).await {
            tracing::warn!(
                workspace.id = %self.workspace, delivery.id = %id, error.cause = %error,
                "a claim was not freed"
            );
        }
    }

    fn log(&self, attempt: &Attempt, state: State, cause: &EventCause) {
        let (status, code, to) = match attempt.outcome {
            Outcome::Status(status) => (Some(status), None, None),
            Outcome::Fault(fault) => (None, Some(fault.as_str()), None),
            Outcome::HandedOver(webhook) => (None, None, Some(webhook.to_string())),
        };
        tracing::info!(
            workspace.id = %self.workspace,
            webhook.id = cause.webhook().map(|id| id.to_string()),
            event.id = %self.delivery.event,
            rule.id = %self.delivery.rule,
            delivery.id = %self.delivery.id,
            delivery.state = state.name().as_str(),
            endpoint.id = self.delivery.endpoint().map(|id| id.to_string()),
            attempt.number = attempt.number,
            attempt.duration_ms = attempt.duration_ms,
            attempt.not_counted = attempt.not_counted,
            outcome.class = class(attempt.outcome, matches!(state, State::Success { .. })),
            http.status = status,
            error.code = code,
            target.webhook.id = to,
            "attempt made"
        );
    }
}
