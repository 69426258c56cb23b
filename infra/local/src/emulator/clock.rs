//! The host's clock: its time, and waiting for it, also when a test moves it.

use std::time::Duration;

use gancho_edge::clock::Clock;
use jiff::Timestamp;
use tokio::{runtime::Handle, sync::watch};

/// The interval at which a clock that is moved by hand is read.
const LOOK: Duration = Duration::from_millis(2);
/// The longest single sleep, so that a step of the system's clock is seen.
const NAP: Duration = Duration::from_secs(30);

/// The clock of a host, with waiting.
#[derive(Debug, Clone)]
pub struct HostClock {
    clock: Clock,
    moved: Option<watch::Receiver<i64>>,
}

impl HostClock {
    /// Waits run on `engine`; only a clock that is moved by hand needs watching.
    pub fn new(clock: Clock, engine: &Handle) -> Self {
        let moved = matches!(clock, Clock::Manual(_)).then(|| watch_clock(clock.clone(), engine));
        Self { clock, moved }
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The present time in milliseconds since 1970.
    pub fn millis(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// The clock of the functions.
    pub fn inner(&self) -> &Clock {
        &self.clock
    }

    /// Returns when the time (milliseconds since 1970) has come; without a time, never.
    pub async fn wait_until(&self, due: Option<i64>) {
        let Some(due) = due else { return std::future::pending().await };
        loop {
            let Ok(left) = u64::try_from(due - self.millis()) else { return };
            if left == 0 {
                return;
            }
            match self.moved.clone() {
                None => tokio::time::sleep(NAP.min(Duration::from_millis(left))).await,
                Some(mut moved) => _ = moved.wait_for(|now| *now >= due).await,
            }
        }
    }
}

fn watch_clock(clock: Clock, engine: &Handle) -> watch::Receiver<i64> {
    let (sender, receiver) = watch::channel(clock.now().as_millisecond());
    engine.spawn(async move {
        while !sender.is_closed() {
            let now = clock.now().as_millisecond();
            sender.send_if_modified(|seen| std::mem::replace(seen, now) != now);
            tokio::time::sleep(LOOK).await;
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use gancho_edge::clock::ManualClock;
    use jiff::SignedDuration;

    use super::*;

    #[tokio::test]
    async fn a_wait_ends_when_the_clock_is_moved_by_hand() {
        let hand = ManualClock::new(Timestamp::UNIX_EPOCH);
        let clock = HostClock::new(Clock::Manual(hand.clone()), &Handle::current());
        let waiting = tokio::spawn(async move { clock.wait_until(Some(900_000)).await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        hand.advance(SignedDuration::from_mins(15));
        tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    }
}
