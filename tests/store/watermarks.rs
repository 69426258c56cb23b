//! Watermarks of counters.

use gancho_domain::common::{
    calendar::Day,
    ids::{OriginId, WorkspaceId},
};
use jiff::{SignedDuration, Timestamp};
use local::Host;

#[tokio::test]
async fn d21_a_watermark_never_goes_back() {
    let host = Host::builder().event_sources(false).start().await.unwrap();
    let store = host.deps_for("tally").unwrap().store();
    let at: Timestamp = "2026-11-21T13:00:00Z".parse().unwrap();
    let (ws, origin) = (WorkspaceId::new(at, &[1; 10]), OriginId::new(at, &[2; 10]));
    let (day, later) = (Day::of(at), at + SignedDuration::from_mins(9));
    for mark in [at, later, at, later - SignedDuration::from_millis(1)] {
        store.watermark((ws, origin), (day, 0), mark).await.unwrap();
    }
    store.watermark((ws, origin), (day, 1), at).await.unwrap();
    let marks = store.tallies((ws, origin), (day, day)).await.unwrap().marks;
    assert_eq!(marks.into_iter().collect::<Vec<_>>(), [((day, 0), later), ((day, 1), at)]);
}
