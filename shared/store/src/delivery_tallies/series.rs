//! The counters of a workspace's deliveries as a series.

use gancho_domain::{
    common::{ids::WorkspaceId, series::Steps},
    outbound::{delivery_filter::DeliveryFilter, delivery_tally::StateCounts},
};
use jiff::Timestamp;

use super::DeliveryTallyRow;
use crate::{
    Store, StoreError,
    deliveries_list::{counted_days, has_ended},
};

impl Store {
    /// The number of deliveries by state in each step, with the start of the step, oldest first. A
    /// delivery counts in the step of its creation. Uses the filter's rules, endpoints and
    /// integrations. Reads the counters of the days of the steps and nothing else; an hour counts
    /// until the retention of its last delivery has ended.
    pub async fn delivery_series(
        &self,
        ws: WorkspaceId,
        (filter, steps): (&DeliveryFilter, &Steps),
        now: Timestamp,
    ) -> Result<Vec<(Timestamp, StateCounts)>, StoreError> {
        let tallies = self.delivery_tallies(ws, counted_days(&steps.period(), now)).await?;
        let rows = tallies.rows.iter().filter(|row| filter.takes_sender(row.rule, row.receiver));
        Ok(steps.sums(rows.flat_map(|row| hours(row, now)), StateCounts::add_all))
    }
}

/// The hours of a row that have not ended.
fn hours(
    row: &DeliveryTallyRow,
    now: Timestamp,
) -> impl Iterator<Item = (Timestamp, StateCounts)> + '_ {
    let hours = row.day.hours().filter(|(_, counts)| counts.sum() > 0);
    let hours = hours.map(|(number, counts)| (row.place.0.hour(number), counts));
    hours.filter(move |(start, _)| !has_ended(*start, row.hours, now))
}
