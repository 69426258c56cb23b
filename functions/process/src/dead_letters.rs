//! Every five minutes: messages that failed so often that they lie in the dead-letter queue. Their
//! webhooks end as `processing_failed`, where people see them and may reprocess them.

use gancho_edge::dead_letters::{DeadLetters, DeadLettersError};
use jiff::Timestamp;

use crate::{App, queue, run};

/// Gives up what lies there; gives back how many. What could not be given up stays for the next
/// time, and for the alarm.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<usize, DeadLettersError> {
    let url = app.deps.settings.process_dead_letters.as_deref().unwrap_or_default();
    let mut dead_letters = DeadLetters::of(&app.deps.sqs, url);
    let mut given_up = 0;
    while app.deps.clock.now() < deadline
        && let Some(dead_letter) = dead_letters.next().await?
    {
        let Some(task) = queue::read(&dead_letter.id, &dead_letter.body) else { continue };
        if queue::is_done(task, run::give_up(app, task)).await {
            dead_letters.remove(&dead_letter).await?;
            given_up += 1;
        }
    }
    Ok(given_up)
}
