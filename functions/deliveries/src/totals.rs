//! The totals of the tabs (`FACTS S2.4, D7`).
//!
//! *With error* counts failures and deliveries that failed and will be retried. *All* counts those
//! with error and those that succeeded. Deliveries without a response are not part of *all*, so the
//! tabs do not add up. Percentages refer to *all*: errors / (success + errors).

use gancho_domain::outbound::{
    delivery::StateName,
    delivery_tally::{StateCounts, percent},
};
use serde::Serialize;

/// The totals of every tab.
#[derive(Debug, Serialize)]
pub(crate) struct Totals {
    with_error: WithError,
    in_process: Number,
    succeeded: Share,
    all: Number,
    held: Number,
    discarded: Number,
}

#[derive(Debug, Serialize)]
struct WithError {
    #[serde(flatten)]
    share: Share,
    failure: u64,
    retrying: u64,
}

/// A number of deliveries, and its share of *all*; no share if *all* is 0.
#[derive(Debug, Serialize)]
struct Share {
    count: u64,
    percent: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Number {
    count: u64,
}

impl From<&StateCounts> for Totals {
    fn from(counts: &StateCounts) -> Self {
        let of = |state| counts.of(state);
        let all = counts.answered();
        let share = |count| Share { count, percent: percent(count, all) };
        Self {
            with_error: WithError {
                share: share(counts.with_error()),
                failure: of(StateName::Failure),
                retrying: of(StateName::Retrying),
            },
            in_process: Number { count: of(StateName::Queued) },
            succeeded: share(of(StateName::Success)),
            all: Number { count: all },
            held: Number { count: of(StateName::Held) },
            discarded: Number { count: of(StateName::Discarded) },
        }
    }
}
