//! Who answered lately, of all that this process has seen: proof that our own network works (`OF-03`).
//!
//! It is in memory because a row for each success would cost more than all else of a delivery. Who
//! has seen nothing knows nothing, and asks the health rows as before.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use gancho_domain::common::ids::WorkspaceId;
use jiff::Timestamp;

/// When something outside answered last, by workspace.
#[derive(Debug, Default)]
pub struct LastResponse(Mutex<BTreeMap<WorkspaceId, Timestamp>>);

impl LastResponse {
    /// Somebody answered at `at`.
    pub fn note(&self, ws: WorkspaceId, at: Timestamp) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.entry(ws).and_modify(|known| *known = at.max(*known)).or_insert(at);
    }

    /// Whether somebody answered at `since` or later.
    pub fn since(&self, ws: WorkspaceId, since: Timestamp) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.get(&ws).is_some_and(|at| *at >= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_answer_counts_whatever_order_they_are_seen_in_and_for_its_workspace_only() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (ours, theirs) = (WorkspaceId::new(at(0), &[1; 10]), WorkspaceId::new(at(0), &[2; 10]));
        let reached = LastResponse::default();
        reached.note(ours, at(20));
        reached.note(ours, at(10));
        assert!(reached.since(ours, at(20)));
        assert!(!reached.since(ours, at(21)));
        assert!(!reached.since(theirs, at(0)));
    }
}
