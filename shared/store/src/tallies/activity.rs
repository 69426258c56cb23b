//! The recent activity of an integration: its last minute, and its last 24 hours.

use std::collections::BTreeMap;

use gancho_domain::{
    common::{
        calendar::Day,
        ids::{IntegrationId, OriginId, WorkspaceId},
    },
    inbound::webhook::Status,
};
use jiff::{SignedDuration, Timestamp};

use super::{Tallies, TallyRow};
use crate::{Store, StoreError};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The recent activity of an integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activity {
    /// The beginning of the last minute with a webhook, within the days that were read.
    pub last_at: Option<Timestamp>,
    /// Webhooks of the last 24 hours (whole hours: the present one and 24 before it).
    pub received: u64,
    /// Those of them that succeeded.
    pub success: u64,
    /// Those of them that are errors.
    pub error: u64,
}

impl Activity {
    /// The share of errors among the processed webhooks, 0 to 1; `None` if none was processed.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    pub fn error_rate(&self) -> Option<f64> {
        let processed = self.success + self.error;
        (processed > 0).then(|| self.error as f64 / processed as f64)
    }
}

impl Store {
    /// The recent activity of the integrations of an origin. Looks back some days for the last
    /// webhook.
    pub async fn activity(
        &self,
        scope: (WorkspaceId, OriginId),
        days: u16,
        now: Timestamp,
    ) -> Result<BTreeMap<IntegrationId, Activity>, StoreError> {
        let back = SignedDuration::from_hours(24 * i64::from(days.max(1)));
        let tallies = self.tallies(scope, (Day::of(now - back), Day::of(now))).await?;
        Ok(tallies.activity(now))
    }
}

impl Tallies {
    /// The activity of each integration in these days.
    pub fn activity(&self, now: Timestamp) -> BTreeMap<IntegrationId, Activity> {
        let mut all: BTreeMap<IntegrationId, Activity> = BTreeMap::new();
        for row in &self.rows {
            add(all.entry(row.integration).or_default(), row, now);
        }
        all
    }
}

fn add(activity: &mut Activity, row: &TallyRow, now: Timestamp) {
    for (number, hour) in row.tally.hours().filter(|(_, hour)| hour.total() > 0) {
        let start = row.day.hour(number);
        let last = 63 - hour.minutes(Status::Pending).leading_zeros().min(63);
        let last_at = start + SignedDuration::from_mins(i64::from(last));
        activity.last_at = activity.last_at.max(Some(last_at));
        if start > now - DAY - SignedDuration::from_hours(1) {
            activity.received += hour.total();
            activity.success += hour.count(Status::Success);
            activity.error += hour.count(Status::Error);
        }
    }
}
