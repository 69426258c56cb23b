//! Moves held deliveries to the current lanes of their endpoint. The lanes may have changed while
//! it was disabled (`CATALOGUE OR-07`).

use gancho_domain::{
    common::ids::{DeliveryId, WorkspaceId},
    outbound::{delivery::State, endpoint::Endpoint},
};
use gancho_store::{
    deliveries::{Changed, StoredDelivery},
    held::Place,
};

use crate::{App, Error};

/// Held rows that are read at a time.
const PAGE: usize = 1_000;
/// Deliveries that are moved in one invocation, one after the other, to keep their order.
const AT_MOST: usize = 1_000;

/// Moves the held deliveries of an endpoint. `false`: more are left.
pub(crate) async fn all(app: &App, ws: WorkspaceId, endpoint: &Endpoint) -> Result<bool, Error> {
    let (lanes, mut after, mut moved) = (endpoint.lanes(), None, 0);
    loop {
        let rows = app.store.held(ws, endpoint.id, after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(true) };
        after = Some(last.delivery);
        let elsewhere = rows.iter().filter(|row| !fits(row.place, lanes));
        let ids: Vec<DeliveryId> = elsewhere.map(|row| row.delivery).collect();
        for found in app.store.deliveries_by_id(ws, &ids, app.now()).await? {
            if !matches!(found.delivery.state, State::Held { .. }) || fits(place(&found), lanes) {
                continue;
            }
            if moved == AT_MOST {
                return Ok(false);
            }
            moved += 1;
            let changed = app.store.reslot(&found, endpoint.id, lanes, app.now()).await?;
            if matches!(changed, Changed::Moved) {
                tracing::debug!(delivery.id = %found.delivery.id, "moved meanwhile");
            }
        }
    }
}

/// The place of a delivery, by its own row.
fn place(found: &StoredDelivery) -> Place {
    found.delivery.slot.map_or(Place::Aside, |slot| Place::Lane(slot.lane))
}

fn fits(place: Place, lanes: Option<u16>) -> bool {
    match (place, lanes) {
        (Place::Lane(lane), Some(lanes)) => lane < lanes,
        (Place::Aside, None) => true,
        (Place::Lane(_), None) | (Place::Aside, Some(_)) | (Place::Unknown, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn or_07_a_delivery_in_a_removed_lane_gets_another_place() {
        assert!(fits(Place::Lane(0), Some(1)) && fits(Place::Aside, None));
        for (place, lanes) in [
            (Place::Lane(1), Some(1)),
            (Place::Lane(0), None),
            (Place::Aside, Some(3)),
            (Place::Unknown, None),
            (Place::Unknown, Some(1)),
        ] {
            assert!(!fits(place, lanes), "{place:?}, {lanes:?}");
        }
    }
}
