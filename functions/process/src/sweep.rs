//! Once an hour: what stayed pending is rung again, so that nothing depends on one message.

use gancho_domain::{
    calendar::Day,
    webhook::{Cause, WebhookKey},
};
use jiff::{SignedDuration, Timestamp};

use crate::{App, stream::put_aside, work::Task};

/// How old a webhook without a run is before the sweep rings it: longer than the stream and the
/// queue's own tries take.
const PENDING_FOR: SignedDuration = SignedDuration::from_mins(10);
/// How far back the sweep looks.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(48);

/// Rings every pending webhook of the last two days; gives back how many.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<usize, lambda_runtime::Error> {
    let now = app.deps.clock.now();
    let mut rung = 0;
    for (workspace, origin) in app.store.all_origins().await? {
        let mut day = Day::of(now - LOOKS_BACK);
        while day <= Day::of(now) {
            for shard in 0..origin.read_shards {
                if app.deps.clock.now() >= deadline {
                    tracing::warn!(sweep.rung = rung, "the sweep was cut short");
                    return Ok(rung);
                }
                let partition = (workspace, origin.id, day, shard);
                let pending = app.store.pending(partition, now - PENDING_FOR).await?;
                for webhook in &pending {
                    let key = WebhookKey { workspace, origin: origin.id, webhook: *webhook };
                    let task = Task { key, number: 1, cause: Cause::Received };
                    put_aside(app, task).await?;
                    rung += 1;
                }
            }
            day = day.after();
        }
    }
    tracing::info!(sweep.rung = rung, "swept");
    Ok(rung)
}
