//! Handles dead letters every five minutes: messages whose handling failed repeatedly inside
//! Gancho. A delivery is redriven three times, then ends as a failure that users see.

use gancho_domain::outbound::delivery::{Delivery, Failed, State};
use gancho_edge::{
    dead_letters::{DeadLetter, DeadLetters},
    metrics::Metric,
    queue::{DeliverMessage, LaneMessage, Queue, read},
    trigger::Reply,
};
use gancho_store::{
    deliveries::{Changed, StoredDelivery},
    lanes::LaneKey,
};

use jiff::Timestamp;

use crate::{App, Error, TRIES, queue, schedule};

/// Redrives of a delivery, at most.
const REDRIVES: u8 = 3;

/// The result for a delivery.
enum Redriven {
    Again(Box<StoredDelivery>),
    Ended,
}

/// Handles the messages in the dead-letter queues. A message that fails stays for the next run, and
/// for the alarm.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<Reply, Error> {
    let mut dealt_with = 0;
    for queue in [Queue::DeliverDeadLetters, Queue::LanesDeadLetters] {
        let mut dead_letters = DeadLetters::of(&app.queues, queue)?;
        while app.now() < deadline
            && let Some(dead_letter) = dead_letters.next().await?
        {
            if one(app, &dead_letter).await {
                dead_letters.remove(&dead_letter).await?;
                dealt_with += 1;
            }
        }
    }
    Ok(Reply::counts([("dealt_with", dealt_with)]))
}

async fn one(app: &App, dead_letter: &DeadLetter) -> bool {
    if let Some(message) = read::<DeliverMessage>(&dead_letter.body) {
        return queue::is_done(&dead_letter.id, delivery(app, &message)).await;
    }
    if let Some(message) = read::<LaneMessage>(&dead_letter.body) {
        return queue::is_done(&dead_letter.id, lane(app, &message)).await;
    }
    tracing::error!(message.id = dead_letter.id, "malformed message");
    false
}

/// Redrives or ends a delivery whose message was dead-lettered.
async fn delivery(app: &App, message: &DeliverMessage) -> Result<(), Error> {
    let ws = message.workspace;
    let Some(read) = app.store.delivery(ws, message.delivery, app.now()).await? else {
        return Ok(());
    };
    // Any other attempt has a message of its own.
    if !read.delivery.state.is_open() || read.delivery.next_attempt() != message.attempt {
        return Ok(());
    }
    match again(app, read).await? {
        Some(Redriven::Again(read)) => schedule::now(app, ws, &read.delivery).await,
        Some(Redriven::Ended) | None => Ok(()),
    }
}

/// Redrives a lane whose message was dead-lettered. It counts for the delivery at the front.
async fn lane(app: &App, message: &LaneMessage) -> Result<(), Error> {
    let ws = message.workspace;
    let key = LaneKey { workspace: ws, endpoint: message.endpoint, lane: message.lane };
    let places = app.store.lane_front(key, 1).await?;
    let Some((_, id)) = places.first() else { return Ok(()) };
    if let Some(read) = app.store.delivery(ws, *id, app.now()).await?
        && read.delivery.state.is_open()
    {
        again(app, read).await?;
    }
    // The lane continues with the next delivery if this one has ended.
    Ok(app.queues.lane(ws, message.endpoint, message.lane).await?)
}

/// Logs an error in both cases: a person must find out why Gancho fails.
fn log(stored: &StoredDelivery) {
    let delivery = &stored.delivery;
    tracing::error!(
        workspace.id = %stored.workspace,
        event.id = %delivery.event,
        delivery.id = %delivery.id,
        delivery.state = delivery.state.name().as_str(),
        delivery.redrives = delivery.redrives,
        endpoint.id = delivery.endpoint().map(|id| id.to_string()),
        "message dead-lettered"
    );
}

/// Counts one more redrive, or ends the delivery. `None`: it has ended meanwhile.
async fn again(app: &App, mut read: StoredDelivery) -> Result<Option<Redriven>, Error> {
    let ws = read.workspace;
    for _ in 0..TRIES {
        let now = app.now();
        let ends = read.delivery.redrives >= REDRIVES;
        let next = if ends {
            let state = State::Failure { at: now, reason: Failed::Internal };
            Delivery { state, ..read.delivery.clone() }
        } else {
            Delivery { redrives: read.delivery.redrives + 1, ..read.delivery.clone() }
        };
        let id = next.id;
        match app.store.change_delivery(&read, next, now).await? {
            Changed::Done(done) if ends => {
                log(&done);
                return Ok(Some(Redriven::Ended));
            }
            Changed::Done(done) => {
                app.deps.metrics.one(Metric::DeliveriesRedriven);
                log(&done);
                return Ok(Some(Redriven::Again(Box::new(done))));
            }
            // Another process is sending it. The next run sees the result.
            Changed::Busy => return Err(Error::Moved("a delivery")),
            Changed::Moved => {}
        }
        match app.store.delivery(ws, id, now).await? {
            Some(found) if found.delivery.state.is_open() => read = found,
            Some(_) | None => return Ok(None),
        }
    }
    Err(Error::Moved("a delivery"))
}
