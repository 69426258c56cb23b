//! How far is a day and shard counted for sure? Told now and then, so that lists need not read
//! what the counters know.
//!
//! A day and shard is one partition of its table, so its records come in order: when a batch is
//! counted whole, everything that was committed before its last new row is counted too.

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

/// A mark costs a write: one is made when the last is as old.
const EVERY: SignedDuration = SignedDuration::from_mins(2);
/// Marks that are remembered; forgetting one costs a write.
const REMEMBERED: usize = 1_000;

/// A day and shard of a history, or of a workspace's deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// Of what an origin received.
    Webhooks(WorkspaceId, OriginId, Day, u8),
    /// Of what a workspace sends.
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

/// The marks that this process made.
#[derive(Debug, Default)]
pub(crate) struct Watermarks(Mutex<BTreeMap<Place, Timestamp>>);

impl Watermarks {
    /// Tells how far a batch went that is counted whole: which new rows it had, of when. A mark
    /// that fails is only a slower list.
    pub(crate) async fn advance(
        &self,
        store: &Store,
        came: impl IntoIterator<Item = (Place, Timestamp)>,
    ) {
        for (place, at) in self.due(came) {
            match place.watermark(store, at).await {
                Ok(()) => self.remember(place, at),
                Err(error) => tracing::warn!(error.cause = %error, "watermark not written"),
            }
        }
    }

    fn due(
        &self,
        came: impl IntoIterator<Item = (Place, Timestamp)>,
    ) -> BTreeMap<Place, Timestamp> {
        let mut newest: BTreeMap<Place, Timestamp> = BTreeMap::new();
        for (place, at) in came {
            let latest = newest.entry(place).or_insert(at);
            *latest = at.max(*latest);
        }
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        newest.retain(|place, at| made.get(place).is_none_or(|last| *last + EVERY <= *at));
        newest
    }

    fn remember(&self, place: Place, at: Timestamp) {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= REMEMBERED {
            made.clear();
        }
        made.insert(place, at);
    }
}
