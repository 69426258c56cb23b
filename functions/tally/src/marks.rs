//! How far is a day and shard counted for sure? Told now and then, so that lists need not read
//! what the counters know.
//!
//! A day and shard is one partition of the history, so its records come in order: when a batch is
//! counted whole, everything that was committed before its last webhook is counted too.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use gancho_domain::{
    calendar::Day,
    ids::{OriginId, WorkspaceId},
};
use gancho_store::Store;
use jiff::{SignedDuration, Timestamp};

use crate::records::Record;

/// A mark costs a write: one is made when the last is as old.
const EVERY: SignedDuration = SignedDuration::from_mins(2);
/// Marks that are remembered; forgetting one costs a write.
const REMEMBERED: usize = 1_000;

type Place = (WorkspaceId, OriginId, Day, u8);

/// The marks that this process made.
#[derive(Debug, Default)]
pub(crate) struct Marks(Mutex<BTreeMap<Place, Timestamp>>);

impl Marks {
    /// Tells how far a batch went that is counted whole. A mark that fails is only a slower list.
    pub(crate) async fn tell(&self, store: &Store, records: &[Record]) {
        for (place, at) in self.due(records) {
            let (ws, origin, day, shard) = place;
            match store.mark((ws, origin), (day, shard), at).await {
                Ok(()) => self.remember(place, at),
                Err(error) => tracing::warn!(error.cause = %error, "no mark"),
            }
        }
    }

    fn due(&self, records: &[Record]) -> BTreeMap<Place, Timestamp> {
        let mut newest: BTreeMap<Place, Timestamp> = BTreeMap::new();
        for record in records {
            let Some(at) = record.came_at else { continue };
            let key = &record.key;
            let latest =
                newest.entry((key.workspace, key.origin, key.day, key.shard)).or_insert(at);
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
