//! Advances the watermarks: the time up to which a day and shard is fully counted. Lists need not
//! read rows below a watermark to count them.
//!
//! A day and shard is one partition of its table, so its records arrive in order: when a whole
//! batch is counted, every row committed before its last new row is counted too.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use gancho_domain::common::{
    calendar::Day,
    ids::{OriginId, WorkspaceId},
};
use gancho_store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};

/// The least time between two watermarks of one place, because each costs a write.
const EVERY: SignedDuration = SignedDuration::from_mins(2);
/// The number of watermarks that are cached. Dropping one costs an extra write.
const REMEMBERED: usize = 1_000;

/// A day and shard of a history, or of a workspace's deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// A day and shard of an origin's webhooks.
    Webhooks(WorkspaceId, OriginId, Day, u8),
    /// A day and shard of a workspace's deliveries.
    Deliveries(WorkspaceId, Day, u8),
}

impl Place {
    async fn watermark(self, store: &Store, at: Timestamp) -> Result<(), StoreError> {
        match self {
            Self::Webhooks(ws, origin, day, shard) => {
                store.watermark((ws, origin), (day, shard), at).await
            }
            Self::Deliveries(ws, day, shard) => store.mark_deliveries(ws, (day, shard), at).await,
        }
    }
}

/// The watermarks that this process wrote.
#[derive(Debug, Default)]
pub(crate) struct Watermarks(Mutex<BTreeMap<Place, Timestamp>>);

impl Watermarks {
    /// Advances the watermarks after a fully counted batch. `arrivals`: the places and times of
    /// its new rows. A watermark that cannot be written only makes lists slower.
    pub(crate) async fn advance(
        &self,
        store: &Store,
        arrivals: impl IntoIterator<Item = (Place, Timestamp)>,
    ) {
        for (place, at) in self.due(arrivals) {
            match place.watermark(store, at).await {
                Ok(()) => self.remember(place, at),
                Err(error) => tracing::warn!(error.cause = %error, "watermark not written"),
            }
        }
    }

    fn due(
        &self,
        arrivals: impl IntoIterator<Item = (Place, Timestamp)>,
    ) -> BTreeMap<Place, Timestamp> {
        let mut newest: BTreeMap<Place, Timestamp> = BTreeMap::new();
        for (place, at) in arrivals {
            let latest = newest.entry(place).or_insert(at);
            *latest = at.max(*latest);
        }
        let written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        newest.retain(|place, at| written.get(place).is_none_or(|last| *last + EVERY <= *at));
        newest
    }

    fn remember(&self, place: Place, at: Timestamp) {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if written.len() >= REMEMBERED {
            written.clear();
        }
        written.insert(place, at);
    }
}
