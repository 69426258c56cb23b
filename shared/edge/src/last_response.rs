//! The last response by workspace that this process has seen: proof that our own network works
//! (`OF-03`).
//!
//! It is in memory because a row for each success would cost more than the rest of a delivery. A
//! process without data falls back to the health rows.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use gancho_domain::{common::ids::WorkspaceId, outbound::outage};
use jiff::Timestamp;

/// The time of the last response of an external host, by workspace.
#[derive(Debug, Default)]
pub struct LastResponse(Mutex<BTreeMap<WorkspaceId, Timestamp>>);

impl LastResponse {
    /// Records a response at `at`.
    pub fn record(&self, ws: WorkspaceId, at: Timestamp) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.entry(ws).and_modify(|known| *known = at.max(*known)).or_insert(at);
    }

    /// True if a response was recorded at `since` or later.
    pub fn since(&self, ws: WorkspaceId, since: Timestamp) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.get(&ws).is_some_and(|at| *at >= since)
    }

    /// True if a response since the first of the recent failures proves that our own network is up.
    pub fn refutes(
        &self,
        ws: WorkspaceId,
        failures: impl IntoIterator<Item = Timestamp>,
        now: Timestamp,
    ) -> bool {
        outage::began(failures, now).is_some_and(|began| self.since(ws, began))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_response_counts_in_any_order_and_for_its_workspace_only() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (ours, theirs) = (WorkspaceId::new(at(0), &[1; 10]), WorkspaceId::new(at(0), &[2; 10]));
        let last = LastResponse::default();
        last.record(ours, at(20));
        last.record(ours, at(10));
        assert!(last.since(ours, at(20)));
        assert!(!last.since(ours, at(21)));
        assert!(!last.since(theirs, at(0)));
    }

    #[test]
    fn of_03_only_a_response_since_the_first_recent_failure_refutes_an_outage() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (ws, last) = (WorkspaceId::new(at(0), &[1; 10]), LastResponse::default());
        last.record(ws, at(100));
        for (failures, refuted) in [(vec![], false), (vec![101], false), (vec![101, 100], true)] {
            let failures = failures.into_iter().map(at);
            assert_eq!(last.refutes(ws, failures, at(120)), refuted);
        }
        // A failure of more than a minute ago is not part of the outage.
        assert!(!last.refutes(ws, [at(59), at(110)], at(120)));
        assert!(last.refutes(ws, [at(60), at(110)], at(120)));
    }
}
