//! Discards held deliveries: on enabling an endpoint, none, all, or all but the newest of each
//! subject, as the user chose; on deleting it, all.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, WorkspaceId},
    outbound::{
        delivery::{Delivery, Discarded, State},
        gate::Release,
    },
};
use gancho_edge::queue::RecoverMessage;
use gancho_store::{deliveries::Changed, held::HeldRow, lanes::LaneKey};
use jiff::Timestamp;

use crate::{App, Error, TRIES, config::covered};

/// Deliveries that are discarded concurrently, and in one invocation.
const SIDE_BY_SIDE: usize = 16;
const AT_MOST: usize = 2_000;
/// Held rows that are read at a time.
const PAGE: usize = 1_000;

/// Discards held deliveries created at or before `sent`. Later ones were not part of the user's
/// choice. `false`: more are left.
pub(crate) async fn out(
    app: &App,
    message: &RecoverMessage,
    sent: Timestamp,
) -> Result<bool, Error> {
    if message.release == Release::All {
        return Ok(true);
    }
    let ws = message.workspace;
    let mut room = AT_MOST;
    for endpoint in covered(&app.store, ws, &message.gate).await? {
        let left = not_released(app, ws, endpoint.id, (message.release, sent)).await?;
        discard_all(app, ws, left.iter().take(room), Discarded::NotReleased).await?;
        if left.len() > room {
            return Ok(false);
        }
        room -= left.len();
    }
    Ok(true)
}

/// Discards the held deliveries of a deleted endpoint. `false`: more are left.
pub(crate) async fn deleted(
    app: &App,
    ws: WorkspaceId,
    endpoint: EndpointId,
) -> Result<bool, Error> {
    // The lane of an ordered endpoint, which may contain waiting deliveries that are not held.
    let lane = LaneKey { workspace: ws, endpoint, lane: 0 };
    if !app.store.lane_front(lane, 1).await?.is_empty() {
        app.queues.lane(ws, endpoint, 0).await?;
    }
    let rows = app.store.held(ws, endpoint, None, AT_MOST).await?;
    let ids: Vec<DeliveryId> = rows.into_iter().map(|row| row.delivery).collect();
    discard_all(app, ws, ids.iter(), Discarded::EndpointDeleted).await?;
    Ok(ids.len() < AT_MOST)
}

async fn discard_all(
    app: &App,
    ws: WorkspaceId,
    ids: impl Iterator<Item = &DeliveryId>,
    reason: Discarded,
) -> Result<(), Error> {
    let all: Vec<_> = ids.map(|id| discard(app, ws, *id, reason)).collect();
    stream::iter(all).buffer_unordered(SIDE_BY_SIDE).try_collect().await
}

async fn not_released(
    app: &App,
    ws: WorkspaceId,
    endpoint: EndpointId,
    (release, sent): (Release, Timestamp),
) -> Result<Vec<DeliveryId>, Error> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = app.store.held(ws, endpoint, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.delivery);
        rows.extend(page.into_iter().filter(|row| row.delivery.made_at() <= sent));
    }
    Ok(chosen(&rows, release))
}

/// Selects the deliveries to discard from `rows`, which are sorted oldest first.
fn chosen(rows: &[HeldRow], release: Release) -> Vec<DeliveryId> {
    let mut newest: BTreeMap<&str, DeliveryId> = BTreeMap::new();
    if release == Release::NewestPerSubject {
        newest.extend(rows.iter().map(|row| (row.subject.as_str(), row.delivery)));
    }
    let kept = |row: &&HeldRow| newest.get(row.subject.as_str()) != Some(&row.delivery);
    match release {
        Release::All => Vec::new(),
        Release::NewestPerSubject | Release::None => {
            rows.iter().filter(kept).map(|row| row.delivery).collect()
        }
    }
}

async fn discard(
    app: &App,
    ws: WorkspaceId,
    id: DeliveryId,
    reason: Discarded,
) -> Result<(), Error> {
    for _ in 0..TRIES {
        let now = app.now();
        let Some(read) = app.store.delivery(ws, id, now).await? else { return Ok(()) };
        if !matches!(read.delivery.state, State::Held { .. }) {
            return Ok(());
        }
        let state = State::Discarded { at: now, reason };
        let left = Delivery { state, ..read.delivery.clone() };
        match app.store.change_delivery(&read, left, now).await? {
            // Busy: it is being sent at this moment, and is no longer held.
            Changed::Done(_) | Changed::Busy => return Ok(()),
            Changed::Moved => {}
        }
    }
    Err(Error::Moved("a delivery"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gancho_store::held::Place;

    fn row(second: i64, subject: &str) -> HeldRow {
        let at = Timestamp::from_second(second).unwrap();
        let delivery = DeliveryId::new(at, &[1; 10]);
        let subject = subject.to_owned();
        HeldRow { delivery, subject, place: Place::Aside, ends: Timestamp::MAX }
    }

    #[test]
    fn enabling_discards_nothing_everything_or_all_but_the_newest_of_each_subject() {
        let rows = [row(1, "a"), row(2, "b"), row(3, "a"), row(4, "c"), row(5, "b")];
        let seconds = |release| {
            let chosen = chosen(&rows, release);
            chosen.iter().map(|id| id.made_at().as_second()).collect::<Vec<_>>()
        };
        assert!(seconds(Release::All).is_empty());
        assert_eq!(seconds(Release::NewestPerSubject), [1, 2]);
        assert_eq!(seconds(Release::None), [1, 2, 3, 4, 5]);
    }
}
