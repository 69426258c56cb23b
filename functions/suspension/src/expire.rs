//! Ends deliveries that are still held when their retention ends, as a failure that users see
//! (`FACTS D1`).

use futures::{StreamExt, stream};
use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, WorkspaceId},
    outbound::{
        delivery::{Delivery, Failed, State},
        gate::GateKey,
        notice::NoticeKind,
    },
};
use gancho_store::{
    deliveries::{Changed, StoredDelivery},
    parked::Entry,
};
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error, config::covered, notify};

/// Time before the end of a row at which its delivery ends: later no user could see it any more.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);

/// Held rows that are read at a time, deliveries that are, and deliveries that are ended
/// concurrently.
const ROWS: usize = 1_000;
const PAGE: usize = 100;
const SIDE_BY_SIDE: usize = 16;

/// The time at which a row that ends at `ends` is handled: with all others of the same hour, so
/// that the recipients are notified once.
pub(crate) fn due(ends: Timestamp) -> Timestamp {
    let early = ends.checked_sub(BEFORE).unwrap_or(ends).as_second();
    Timestamp::from_second(early - early.rem_euclid(3_600)).unwrap_or(ends)
}

/// Ends held deliveries that expire. An entry that fails does not delay the others, and each minute
/// begins with another entry.
pub(crate) async fn all(app: &App, mut entries: Vec<(Entry, EndpointId)>, deadline: Timestamp) {
    let minute = usize::try_from(app.now().as_second() / 60).unwrap_or(0);
    let first = minute.checked_rem(entries.len()).unwrap_or(0);
    entries.rotate_left(first);
    for (entry, endpoint) in entries {
        if let Err(error) = run(app, (&entry, endpoint), deadline).await {
            tracing::error!(
                workspace.id = %entry.workspace, endpoint.id = %endpoint, error.cause = %error,
                "expiring deliveries not ended"
            );
        }
    }
}

/// Ends the expiring held deliveries of an endpoint. If the time is over, the entry stays for the
/// next minute.
async fn run(
    app: &App,
    (entry, endpoint): (&Entry, EndpointId),
    deadline: Timestamp,
) -> Result<(), Error> {
    if app.now() >= deadline {
        return Ok(());
    }
    let (ws, hour) = (entry.workspace, entry.due);
    let ending = ending(app, ws, endpoint, hour).await?;
    let mut left = None;
    for (place, ids) in ending.chunks(PAGE).enumerate() {
        if app.now() >= deadline {
            return Ok(());
        }
        let mut held = app.store.deliveries_by_id(ws, ids, app.now()).await?;
        held.retain(|StoredDelivery { delivery, .. }| {
            matches!(delivery.state, State::Held { .. }) && due(delivery.expires_at) <= hour
        });
        // Deliveries of later pages are counted by their rows.
        let count = held.len() + ending.len() - ids.len();
        if place == 0 && count > 0 {
            notify_of(app, ws, (endpoint, hour), count).await?;
        }
        let ended: Vec<_> = held.into_iter().map(|found| end(app, found)).collect();
        let ended: Vec<_> = stream::iter(ended).buffer_unordered(SIDE_BY_SIDE).collect().await;
        left = ended.into_iter().find_map(Result::err).or(left);
    }
    // A delivery that could not be ended does not delay the others; the next minute tries again.
    match left {
        Some(error) => Err(error),
        None => Ok(app.store.unpark(&[&entry.key]).await?),
    }
}

/// Lists the held deliveries of an endpoint that are due by `hour`, oldest first.
async fn ending(
    app: &App,
    ws: WorkspaceId,
    endpoint: EndpointId,
    hour: Timestamp,
) -> Result<Vec<DeliveryId>, Error> {
    let (mut ending, mut after) = (Vec::new(), None);
    loop {
        let rows = app.store.held(ws, endpoint, after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(ending) };
        after = Some(last.delivery);
        ending.extend(rows.iter().filter(|row| due(row.ends) <= hour).map(|row| row.delivery));
    }
}

async fn end(app: &App, read: StoredDelivery) -> Result<(), Error> {
    let now = app.now();
    let state = State::Failure { at: now, reason: Failed::Expired };
    let ended = Delivery { state, ..read.delivery.clone() };
    match app.store.change_delivery(&read, ended, now).await? {
        Changed::Done(_) => Ok(()),
        // It is being sent, or was released: the next minute checks again.
        Changed::Busy | Changed::Moved => Err(Error::Moved("a delivery")),
    }
}

async fn notify_of(
    app: &App,
    ws: WorkspaceId,
    (endpoint, hour): (EndpointId, Timestamp),
    count: usize,
) -> Result<(), Error> {
    let what = notify::What {
        kind: NoticeKind::Expired { count: u32::try_from(count).unwrap_or(u32::MAX) },
        at: hour,
        cause: endpoint.key(),
        endpoints: covered(&app.store, ws, &GateKey::Endpoint(endpoint)).await?,
        attempts: Vec::new(),
        probe_at: None,
    };
    notify::send(app, ws, what).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d1_rows_that_end_in_the_same_hour_are_handled_together_and_before_their_end() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(due(at("2026-12-21T13:00:00Z")), at("2026-12-21T12:00:00Z"));
        assert_eq!(due(at("2026-12-21T13:59:59.999Z")), at("2026-12-21T12:00:00Z"));
        assert_eq!(due(at("2026-12-21T14:00:00Z")), at("2026-12-21T13:00:00Z"));
    }
}
