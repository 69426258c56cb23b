//! Reads the dead-letter queue every five minutes. The webhooks of its messages end as
//! `processing_failed`, so that users see them and may reprocess them.

use gancho_edge::{dead_letters::DeadLetters, queue::Queue};
use jiff::Timestamp;

use crate::{App, Error, queue, run};

/// Gives up the webhooks of the dead letters and returns their number. A dead letter that fails
/// stays in the queue for the next run and for the alarm.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<usize, Error> {
    let mut dead_letters = DeadLetters::of(&app.queues, Queue::ProcessDeadLetters)?;
    let mut given_up = 0;
    while app.deps.clock.now() < deadline
        && let Some(dead_letter) = dead_letters.next().await?
    {
        let Some(task) = queue::read(&dead_letter.id, &dead_letter.body) else { continue };
        if queue::is_done(app, &task, run::give_up(app, &task)).await {
            dead_letters.remove(&dead_letter).await?;
            given_up += 1;
        }
    }
    Ok(given_up)
}
