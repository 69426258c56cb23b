//! The counters of an origin as a series.

use gancho_domain::{
    common::{calendar, series::Steps},
    inbound::{filter::Filter, tally::StatusCounts},
};
use jiff::{SignedDuration, Timestamp};

use super::TallyRow;
use crate::{
    Store, StoreError,
    listing::{Scope, counted_days, segments::HOUR},
};

impl Store {
    /// The number of webhooks by status in each step, with the start of the step, oldest first. Uses
    /// the filter's applications and integrations. Reads the counters of the days of the steps and
    /// nothing else; an hour counts until the retention of its last moment has ended.
    pub async fn webhook_series(
        &self,
        scope: Scope,
        (filter, steps): (&Filter, &Steps),
        now: Timestamp,
    ) -> Result<Vec<(Timestamp, StatusCounts)>, StoreError> {
        let place = (scope.workspace, scope.origin);
        let tallies = self.tallies(place, counted_days(&steps.period(), now)).await?;
        let rows = tallies.rows.iter().filter(|row| {
            row.shard < scope.shards && filter.takes_sender(row.integration, &row.application)
        });
        Ok(steps.sums(rows.flat_map(|row| hours(row, now)), StatusCounts::add))
    }
}

/// The hours of a row that have not ended.
fn hours(row: &TallyRow, now: Timestamp) -> impl Iterator<Item = (Timestamp, StatusCounts)> + '_ {
    let hours = row.tally.hours().filter(|(_, hour)| hour.total() > 0);
    let hours = hours.map(|(number, hour)| (row.day.hour(number), StatusCounts::of(&hour)));
    hours.filter(move |(start, _)| {
        let last = *start + HOUR - SignedDuration::from_millis(1);
        now < calendar::expires_at(last, row.months)
    })
}
