//! A delivery that this process has claimed, and the record of its attempt.

use gancho_domain::{
    common::ids::WorkspaceId,
    outbound::{
        delivery::{Attempt, Delivery, Outcome, Slot, State},
        event::EventCause,
    },
};
use gancho_edge::metrics::{Metric, class::class};
use gancho_store::{backoff, deliveries::Claim};
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error};

/// Duration of a claim: the longest request, and time to read before it and to write after it.
pub(crate) const CLAIM: SignedDuration = SignedDuration::from_secs(20);

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
    pub(crate) claim: Claim,
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

    /// Records the delivery. Retries here, because the request of an attempt without a record is sent
    /// again.
    async fn record(&self, app: &App, delivery: Delivery) -> Result<AttemptResult, Error> {
        let token = &self.claim.token;
        let record = || app.store.record(self.workspace, &delivery, token);
        if backoff::retry(token, record).await? {
            return Ok(AttemptResult::Recorded(delivery.state));
        }
        tracing::warn!(
            workspace.id = %self.workspace, event.id = %delivery.event, delivery.id = %delivery.id,
            "the claim was over; not recorded"
        );
        Ok(AttemptResult::Stale)
    }

    /// Releases the claim, so that the next message need not wait until it ends.
    pub(crate) async fn release(&self, app: &App) {
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
