//! Re-enqueues webhooks that stayed pending, every hour, so that no webhook depends on one message.
//!
//! Origins are swept side by side. A run that is cut short records the first origin that it did not
//! reach, and the next one begins there.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use gancho_domain::{
    common::ids::{OriginId, WorkspaceId},
    inbound::{filter::Filter, origin::Origin, webhook::Status},
};
use gancho_edge::metrics::Metric;
use gancho_store::{listing::Scope, sweep::Position};
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error, run::Task, stream::defer_all};

/// The age from which the sweep enqueues a webhook without a run: longer than the retries of the
/// stream and the queue take.
const PENDING_FOR: SignedDuration = SignedDuration::from_mins(10);
/// The time before the last complete sweep from which it looks for pending webhooks: longer than
/// the stream keeps a record. Older ones were enqueued every hour, and are in the queue or its
/// dead letters.
const BEFORE: SignedDuration = SignedDuration::from_hours(26);
/// The time for which the row of the position is not written if every run reaches every origin.
const WRITTEN_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// Origins that are swept side by side.
const SIDE_BY_SIDE: usize = 16;
/// Origins that a run reaches before it records how far it came, for the case that it dies.
const RECORDED_EVERY: usize = 500;
/// The number of webhooks per page.
const PAGE: usize = 200;

type Place = (WorkspaceId, OriginId);

/// Enqueues pending webhooks and returns their number. The counters show where webhooks are
/// pending, so an origin without any costs one query.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<usize, Error> {
    let now = app.deps.clock.now();
    let stored = app.store.sweep_position().await?;
    let mut round = Round::new(app.store.all_origins().await?, stored.unwrap_or_default(), now);
    let found = reach_all(app, &mut round, deadline).await?;
    if let Some(position) = round.position_to_write() {
        app.store.put_sweep_position(&position).await?;
    }
    if !round.is_over() {
        tracing::warn!(sweep.enqueued = found.enqueued, "the sweep was cut short");
    }
    if let Some(error) = found.failed {
        return Err(error);
    }
    app.deps.metrics.add(Metric::OldestPendingSeconds, found.oldest.as_secs());
    tracing::info!(
        sweep.enqueued = found.enqueued,
        pending.age_s = found.oldest.as_secs(),
        "sweep finished"
    );
    Ok(found.enqueued)
}

/// The pending webhooks of origins.
#[derive(Default)]
struct Found {
    enqueued: usize,
    oldest: SignedDuration,
    /// The last failure. It does not delay the other origins.
    failed: Option<Error>,
}

async fn reach_all(app: &App, round: &mut Round, deadline: Timestamp) -> Result<Found, Error> {
    let (since, origins) = (round.since(), round.origins.clone());
    // Each future is made when its turn comes: they are large.
    let reaching = stream::iter(0..origins.len()).map(|number| {
        let origins = &origins;
        async move {
            // No other one is begun.
            let in_time = app.deps.clock.now() < deadline;
            let origin = origins.get(number).filter(|_| in_time)?;
            Some((number, one_origin(app, (origin.0, &origin.1), since, deadline).await))
        }
    });
    let mut reaching = reaching.buffer_unordered(SIDE_BY_SIDE);
    let (mut found, mut recorded) = (Found::default(), 0);
    while let Some(reached) = reaching.next().await {
        let Some((number, pending)) = reached else { continue };
        match pending {
            Ok(pending) => {
                found.enqueued += pending.enqueued;
                found.oldest = found.oldest.max(pending.oldest);
            }
            Err(error) => {
                if let Some((ws, origin)) = origins.get(number) {
                    tracing::error!(
                        workspace.id = %ws, origin.id = %origin.id, error.cause = %error,
                        "origin not swept"
                    );
                }
                found.failed = Some(error);
                round.failed = true;
            }
        }
        round.reached.insert(number);
        if round.reached.len() >= recorded + RECORDED_EVERY && !round.is_over() {
            recorded = round.reached.len();
            app.store.put_sweep_position(&round.position()).await?;
        }
    }
    Ok(found)
}

/// One run, in a round over all origins that may take several.
struct Round {
    /// The origins, those first that the run before did not reach.
    origins: Vec<(WorkspaceId, Origin)>,
    /// The number of them up to the end of the present round.
    end: usize,
    before: Position,
    began: Timestamp,
    /// The places of the origins that were reached.
    reached: BTreeSet<usize>,
    /// True if an origin could not be swept: the round is not complete, and its webhooks are looked
    /// for again.
    failed: bool,
}

impl Round {
    /// `origins` in their order.
    fn new(mut origins: Vec<(WorkspaceId, Origin)>, before: Position, began: Timestamp) -> Self {
        let first = before
            .next
            .map_or(0, |next| origins.iter().position(|origin| place(origin) >= next).unwrap_or(0));
        origins.rotate_left(first);
        let end = origins.len() - first;
        Self { origins, end, before, began, reached: BTreeSet::new(), failed: false }
    }

    /// The time from which pending webhooks are enqueued. `None`: no sweep was ever complete.
    fn since(&self) -> Option<Timestamp> {
        self.before.complete.and_then(|complete| complete.min(self.began).checked_sub(BEFORE).ok())
    }

    fn is_over(&self) -> bool {
        self.reached.len() == self.origins.len()
    }

    /// The position behind what was reached without a gap.
    fn position(&self) -> Position {
        let missing = (0..self.origins.len()).find(|number| !self.reached.contains(number));
        let next = missing.and_then(|missing| self.origins.get(missing)).map(place);
        let begun = self.before.round.unwrap_or(self.began);
        let (round, complete) = match missing {
            None => (None, Some(self.began)),
            Some(missing) if missing >= self.end => (Some(self.began), Some(begun)),
            Some(_) => (Some(begun), self.before.complete),
        };
        let complete = if self.failed { self.before.complete } else { complete };
        Position { next, round, complete }
    }

    /// The position to write after the run; `None`: the row says enough.
    fn position_to_write(&self) -> Option<Position> {
        let position = self.position();
        let same = (position.next, position.round) == (self.before.next, self.before.round);
        let recent = match (self.before.complete, position.complete) {
            (Some(before), Some(now)) => now.duration_since(before) < WRITTEN_EVERY,
            (before, now) => before == now,
        };
        (!same || !recent).then_some(position)
    }
}

fn place((ws, origin): &(WorkspaceId, Origin)) -> Place {
    (*ws, origin.id)
}

/// Enqueues the pending webhooks of an origin, the newest first.
async fn one_origin(
    app: &App,
    (workspace, origin): (WorkspaceId, &Origin),
    since: Option<Timestamp>,
    deadline: Timestamp,
) -> Result<Found, Error> {
    let now = app.deps.clock.now();
    let scope = Scope { workspace, origin: origin.id, shards: origin.read_shards };
    let filter = Filter {
        from: since,
        to: Some(now - PENDING_FOR),
        statuses: BTreeSet::from([Status::Pending]),
        ..Filter::default()
    };
    let listing = app.store.listing(scope, &filter, now).await?;
    let (mut found, mut below) = (Found::default(), None);
    loop {
        let page = listing.page(below, PAGE).await?;
        let keys = page.items.iter().map(|webhook| webhook.received.key);
        for key in keys.clone() {
            found.oldest = found.oldest.max(now.duration_since(key.webhook.made_at()));
        }
        defer_all(app, keys.map(Task::first)).await?;
        found.enqueued += page.items.len();
        below = page.next;
        if below.is_none() || app.deps.clock.now() >= deadline {
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-21T{text}:00Z").parse().unwrap()
    }

    fn origins() -> Vec<(WorkspaceId, Origin)> {
        let one = |n: u8| {
            let ws = WorkspaceId::new(Timestamp::UNIX_EPOCH, &[n / 2; 10]);
            let id = OriginId::new(Timestamp::UNIX_EPOCH, &[n; 10]);
            let (read_shards, write_shards, version) = (1, 1, 1);
            let (created_at, updated_at) = (at("09:00"), at("09:00"));
            let (name, stages) = (String::new(), Vec::new());
            let origin = Origin {
                id,
                name,
                stages,
                read_shards,
                write_shards,
                version,
                created_at,
                updated_at,
            };
            (ws, origin)
        };
        (0..5).map(one).collect()
    }

    /// Runs at `began`: reaches these places of the order of the run.
    fn run(before: &Position, began: &str, reached: &[usize]) -> Position {
        let mut round = Round::new(origins(), before.clone(), at(began));
        round.reached.extend(reached);
        round.position()
    }

    fn next(position: &Position) -> Option<usize> {
        let next = position.next?;
        origins().iter().position(|origin| place(origin) == next)
    }

    #[test]
    fn what_a_run_did_not_reach_is_first_in_the_next_and_a_round_ends_with_the_last_origin() {
        let first = run(&Position::default(), "10:00", &[0, 1, 3]);
        assert_eq!((next(&first), first.round, first.complete), (Some(2), Some(at("10:00")), None));
        // It goes on with 2, 3, 4, then with 0 of the next round.
        let second = run(&first, "11:00", &[0, 1, 2, 3]);
        let (round, complete) = (Some(at("11:00")), Some(at("10:00")));
        assert_eq!((next(&second), second.round, second.complete), (Some(1), round, complete));
        let third = run(&second, "12:00", &[0]);
        assert_eq!((next(&third), third.round, third.complete), (Some(2), round, complete));
        let all = run(&third, "13:00", &[0, 1, 2, 3, 4]);
        assert_eq!(all, Position { next: None, round: None, complete: Some(at("13:00")) });
        let none = run(&second, "13:00", &[]);
        assert_eq!(none, second);
        // An origin that was deleted.
        let (ws, gone) = (origins()[1].0, OriginId::new(Timestamp::UNIX_EPOCH, &[9; 10]));
        let gone = Position { next: Some((ws, gone)), ..Position::default() };
        assert_eq!(next(&run(&gone, "10:00", &[0])), Some(3), "2 was first");
    }

    #[test]
    fn the_sweep_looks_back_26_hours_from_its_last_complete_round() {
        let hours = SignedDuration::from_hours;
        let since = |before: &Position, began: &str| {
            Round::new(origins(), before.clone(), at(began)).since()
        };
        assert_eq!(since(&Position::default(), "10:00"), None, "everything, once");
        let all = run(&Position::default(), "10:00", &[0, 1, 2, 3, 4]);
        assert_eq!(since(&all, "11:00"), Some(at("10:00") - hours(26)));
        assert_eq!(since(&all, "23:00"), Some(at("10:00") - hours(26)), "after an outage");
        assert_eq!(since(&all, "09:00"), Some(at("09:00") - hours(26)), "a clock set back");
    }

    #[test]
    fn a_sweep_that_reaches_everything_writes_its_row_every_six_hours() {
        let all = [0, 1, 2, 3, 4];
        let written = |before: &Position, began: &str, reached: &[usize], failed: bool| {
            let mut round = Round::new(origins(), before.clone(), at(began));
            round.reached.extend(reached);
            round.failed = failed;
            round.position_to_write()
        };
        let first = written(&Position::default(), "10:00", &all, false).unwrap();
        assert_eq!(written(&first, "15:59", &all, false), None);
        let second = written(&first, "16:00", &all, false).unwrap();
        assert_eq!(second.complete, Some(at("16:00")));
        assert!(written(&second, "16:30", &all[..4], false).is_some());
        assert_eq!(written(&first, "16:00", &all, true), None, "a failure completes no round");
    }
}
