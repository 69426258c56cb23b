//! Divides a run of the timers between the workspaces: each has a share while the partitions are
//! read for the first time, then those with more entries take turns until the time is over.

use std::collections::{HashMap, VecDeque};

use gancho_domain::common::ids::{EndpointId, WorkspaceId};
use gancho_edge::queue::seconds_until;
use gancho_store::parked::{Entry, Page, Parked, ParkedKey, Stretch};
use jiff::{SignedDuration, Timestamp};

/// Entries of a workspace that are taken before every other workspace had its share.
pub(crate) const SHARE: usize = 500;
/// Overdue entries of a workspace that are sent per second, and those that a run takes: what is
/// sent until the next run. After an outage, receivers are not hit by everything at once.
const PACE: usize = 100;
const PACED: usize = 60 * PACE;

/// A first reading of a partition, or a further turn of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    First,
    Further,
}

/// The result of dividing a page.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// The entries to enqueue, each with its delay in seconds.
    pub(crate) taken: Vec<(Entry, i32)>,
    /// The part of the stretch to read next.
    pub(crate) next: Option<Stretch>,
}

/// The shares of a run.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    taken: HashMap<WorkspaceId, Taken>,
    /// The stretches of workspaces that have used their shares, by turns.
    left: VecDeque<(WorkspaceId, VecDeque<Stretch>)>,
    /// The lag of the oldest entry that was read.
    pub(crate) overdue: SignedDuration,
    /// True if overdue entries wait for the next run, by their pace.
    pub(crate) paced: bool,
    /// Entries for held deliveries that expire.
    pub(crate) expiries: Vec<(Entry, EndpointId)>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    overdue: usize,
}

impl Shares {
    /// Takes the entries of a page that it may take now.
    pub(crate) fn divide(
        &mut self,
        (stretch, page): (&Stretch, Page),
        turn: Turn,
        now: Timestamp,
    ) -> Part {
        let mut part = Part::default();
        let mut before: Option<ParkedKey> = None;
        let mut passed: Option<ParkedKey> = None;
        for entry in page.entries {
            let key = entry.key.clone();
            self.overdue = self.overdue.max(now.duration_since(entry.due));
            if passed.as_ref().is_none_or(|passed| !passed.is_beside(&key)) {
                passed = None;
                if turn == Turn::First && self.has_used_its_share(entry.workspace) {
                    let rest = before.map_or_else(|| stretch.clone(), |key| stretch.behind(&key));
                    self.leave(entry.workspace, rest.within(&key));
                    passed = Some(key.clone());
                } else {
                    part.taken.extend(self.take(entry, now));
                }
            }
            before = Some(key);
        }
        part.next = page.last.map(|last| match &passed {
            Some(passed) if passed.is_beside(&last) => stretch.past(&last),
            Some(_) | None => stretch.behind(&last),
        });
        part
    }

    fn has_used_its_share(&self, ws: WorkspaceId) -> bool {
        self.taken.get(&ws).is_some_and(|taken| taken.all >= SHARE)
    }

    /// Takes an entry with its delay: the seconds until it is due, or its turn among the overdue
    /// entries of its workspace. `None`: it expires, or waits for another run.
    fn take(&mut self, entry: Entry, now: Timestamp) -> Option<(Entry, i32)> {
        let taken = self.taken.entry(entry.workspace).or_default();
        let is_overdue = entry.due <= now;
        match entry.what {
            Parked::Expiry { endpoint } => {
                taken.all += 1;
                self.expiries.push((entry, endpoint));
                return None;
            }
            // A lane has no delays: it is enqueued when it is due.
            Parked::Lane { .. } if !is_overdue => return None,
            Parked::Deliver { .. } | Parked::Lane { .. } | Parked::Probe { .. } => {}
        }
        if is_overdue && taken.overdue >= PACED {
            self.paced = true;
            return None;
        }
        let turn = i32::try_from(taken.overdue / PACE).unwrap_or(0);
        taken.all += 1;
        taken.overdue += usize::from(is_overdue);
        let delay = if is_overdue { turn } else { seconds_until(entry.due, now) };
        Some((entry, delay))
    }

    /// Keeps a stretch for further turns of its workspace.
    pub(crate) fn leave(&mut self, ws: WorkspaceId, stretch: Stretch) {
        match self.left.iter_mut().find(|(other, _)| *other == ws) {
            Some((_, stretches)) => stretches.push_back(stretch),
            None => self.left.push_back((ws, VecDeque::from([stretch]))),
        }
    }

    /// The next stretches to read, at most `most`: of another workspace each, as long as there are.
    pub(crate) fn next_turns(&mut self, most: usize) -> Vec<(WorkspaceId, Stretch)> {
        let mut turns = Vec::new();
        while turns.len() < most
            && let Some((ws, mut stretches)) = self.left.pop_front()
        {
            turns.extend(stretches.pop_front().map(|stretch| (ws, stretch)));
            if !stretches.is_empty() {
                self.left.push_back((ws, stretches));
            }
        }
        turns
    }

    /// Reports whether a workspace's overdue entries of this run are all taken.
    pub(crate) fn is_paced(&self, ws: WorkspaceId) -> bool {
        self.taken.get(&ws).is_some_and(|taken| taken.overdue >= PACED)
    }
}
