//! What is still held when its retention ends becomes a failure that people see (`FACTS D1`).

use std::collections::BTreeMap;

use gancho_domain::{
    delivery::{Delivery, Failed, State},
    gate::GateKey,
    ids::{DeliveryId, EndpointId, WorkspaceId},
    notice::NoticeKind,
};
use gancho_store::{
    deliveries::{Changed, StoredDelivery},
    parked::ParkedKey,
};
use jiff::{SignedDuration, Timestamp};

use crate::{App, Trouble, known::covered, tell};

/// So long before its row ends: later nobody could see it any more.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);

/// An entry that is due.
pub(crate) type Due = (ParkedKey, EndpointId, DeliveryId);

/// When what ends then is looked at: with all others of the same hour, so that people are told once.
pub(crate) fn due(ends: Timestamp) -> Timestamp {
    let early = ends.checked_sub(BEFORE).unwrap_or(ends).as_second();
    Timestamp::from_second(early - early.rem_euclid(3_600)).unwrap_or(ends)
}

/// Ends what is still held of these.
pub(crate) async fn run(app: &App, ws: WorkspaceId, entries: Vec<Due>) -> Result<(), Trouble> {
    let mut hours: BTreeMap<(EndpointId, Option<Timestamp>), Vec<Due>> = BTreeMap::new();
    for entry in entries {
        hours.entry((entry.1, entry.0.due())).or_default().push(entry);
    }
    for ((endpoint, hour), entries) in hours {
        let ids: Vec<DeliveryId> = entries.iter().map(|(_, _, id)| *id).collect();
        let mut held = app.store.deliveries_by_id(ws, &ids, app.now()).await?;
        held.retain(|found| matches!(found.delivery.state, State::Held { .. }));
        if !held.is_empty() {
            tell_of(app, ws, (endpoint, hour.unwrap_or_else(|| app.now())), held.len()).await?;
        }
        for found in held {
            end(app, found).await?;
        }
        for (key, ..) in entries {
            app.store.unpark(&key).await?;
        }
    }
    Ok(())
}

async fn end(app: &App, read: StoredDelivery) -> Result<(), Trouble> {
    let now = app.now();
    let state = State::Failure { at: now, why: Failed::Expired };
    let ended = Delivery { state, ..read.delivery.clone() };
    match app.store.change_delivery(&read, ended, now).await? {
        Changed::Done(_) => Ok(()),
        // It is being sent after all, or was let go: the next minute shows.
        Changed::Busy | Changed::Moved => Err(Trouble::Moved("a delivery")),
    }
}

async fn tell_of(
    app: &App,
    ws: WorkspaceId,
    (endpoint, hour): (EndpointId, Timestamp),
    count: usize,
) -> Result<(), Trouble> {
    let what = tell::What {
        kind: NoticeKind::Expired { count: u32::try_from(count).unwrap_or(u32::MAX) },
        at: hour,
        cause: endpoint.key(),
        endpoints: covered(&app.store, ws, &GateKey::Endpoint(endpoint)).await?,
        attempts: Vec::new(),
        probe_at: None,
    };
    tell::tell(app, ws, what).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d1_what_ends_in_the_same_hour_is_looked_at_together_and_before_its_end() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(due(at("2026-12-21T13:00:00Z")), at("2026-12-21T12:00:00Z"));
        assert_eq!(due(at("2026-12-21T13:59:59.999Z")), at("2026-12-21T12:00:00Z"));
        assert_eq!(due(at("2026-12-21T14:00:00Z")), at("2026-12-21T13:00:00Z"));
    }
}
