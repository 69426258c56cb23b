//! Counts the changes of deliveries in metrics, and logs one line for each change of a gate.

use gancho_domain::outbound::delivery::State;
use gancho_edge::metrics::Metric;

use crate::{App, change::Change};

/// Counts a delivery that ended or became held.
pub(crate) fn moved(app: &App, change: &Change) {
    if !change.moved() {
        return;
    }
    let state = change.new.state;
    match state {
        State::Held { .. } if change.was_held() => {}
        State::Held { .. } => app.deps.metrics.one(Metric::DeliveriesHeld),
        State::Queued | State::Retrying { .. } => {}
        State::Success { .. } | State::Failure { .. } | State::Discarded { .. } => {
            app.deps.metrics.one_by(Metric::DeliveriesEnded, state.name().as_str());
        }
    }
}
