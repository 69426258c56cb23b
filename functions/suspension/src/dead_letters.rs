//! Every five minutes: messages whose handling failed over and over, on our side. They are enqueued again
//! three times, then the delivery ends as a failure, where people see it.

use gancho_domain::outbound::delivery::{Delivery, Failed, State};
use gancho_edge::{
    dead_letters::{DeadLetter, DeadLetters},
    metrics::Metric,
    queue::{DeliverMessage, LaneMessage, read},
};
use gancho_store::{
    deliveries::{Changed, StoredDelivery},
    lanes::LaneKey,
};

use jiff::Timestamp;

use crate::{App, Error, Reply, TRIES, queue, schedule};

/// How often a delivery's message is enqueued again.
const REDRIVES: u8 = 3;

/// What became of a delivery.
enum Redriven {
    Again(Box<StoredDelivery>),
    Ended,
}

/// Goes on with what lies in the dead-letter queues. What could not be dealt with stays for the next
/// time, and for the alarm.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<Reply, Error> {
    let settings = &app.deps.settings;
    let mut dealt_with = 0;
    for url in [&settings.deliver_dead_letters, &settings.lanes_dead_letters] {
        let mut dead_letters = DeadLetters::of(&app.deps.sqs, url.as_deref().unwrap_or_default());
        while app.now() < deadline
            && let Some(dead_letter) = dead_letters.next().await?
        {
            if one(app, &dead_letter).await {
                dead_letters.remove(&dead_letter).await?;
                dealt_with += 1;
            }
        }
    }
    Ok(Reply::DeadLetters { dealt_with })
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

/// Goes on with a delivery whose message died.
async fn delivery(app: &App, message: &DeliverMessage) -> Result<(), Error> {
    let ws = message.workspace;
    let Some(read) = app.store.delivery(ws, message.delivery, app.now()).await? else {
        return Ok(());
    };
    // Another attempt than this message's has a message of its own.
    if !read.delivery.state.is_open() || read.delivery.next_attempt() != message.attempt {
        return Ok(());
    }
    match again(app, read).await? {
        Some(Redriven::Again(read)) => schedule::now(app, ws, &read.delivery).await,
        Some(Redriven::Ended) | None => Ok(()),
    }
}

/// Goes on with a lane whose message died: it counts for the first delivery that is still to be sent.
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
    // The next one of the lane, if this one has ended.
    schedule::lane(app, ws, message.endpoint, message.lane).await
}

/// A person must look why our side fails: this is an error in both cases.
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

/// Counts one more redrive, or ends the delivery. `None`: it is done meanwhile.
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
            // Somebody is at it. Later it shows whether that helped.
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
