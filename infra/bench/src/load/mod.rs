//! The load harness: requests over some connections or at a steady pace, the time of their
//! responses and arrivals, and the host's processor time.
//!
//! - `inbound`: ingest to history. `outbound`: from an event or a webhook to an endpoint, also beside
//!   an endpoint that hangs.
//! - `receiver`: the endpoints' server. It and the senders run on the main thread, so that CPU
//!   counts the host's threads only.

pub(crate) mod inbound;
pub(crate) mod outbound;
pub(crate) mod receiver;

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use local::{Answer, rng::Chance};
use reqwest::RequestBuilder;
use serde_json::json;

use crate::{
    bodies,
    error::{Result, wrong},
    machine::Cpu,
    stats::{each, median},
    world::World,
};

/// Bytes of a webhook's body, and of an event's data.
pub(crate) const SIZE: usize = 2_048;

/// The number and the times of requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    connections: usize,
    /// The number of requests, or the time of sending.
    count: usize,
    time: Duration,
    /// The interval between two requests; without it, each follows the response before.
    every: Option<Duration>,
}

impl Pace {
    /// As many as come through, for a time.
    pub(crate) fn flat(connections: usize, time: Duration) -> Self {
        Self { connections, count: usize::MAX, time, every: None }
    }

    /// So many requests.
    pub(crate) fn count(connections: usize, count: usize) -> Self {
        Self { connections, count, time: Duration::MAX, every: None }
    }

    /// So many requests, at a number a second.
    pub(crate) fn steady(rate_per_second: u32, count: usize) -> Self {
        let every = Some(Duration::from_secs(1) / rate_per_second);
        Self { every, ..Self::count(1, count) }
    }
}

/// Sends requests; returns the milliseconds until each response. Any response but success ends it:
/// numbers of refused requests mean nothing.
pub(crate) async fn send(
    pace: Pace,
    request: impl Fn(usize) -> RequestBuilder,
) -> Result<Vec<f64>> {
    let (next, started) = (AtomicUsize::new(0), Instant::now());
    let connection = || async {
        let (mut clock, mut millis) = (pace.every.map(tokio::time::interval), Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= pace.count || started.elapsed() >= pace.time {
                return Ok(millis);
            }
            if let Some(clock) = &mut clock {
                clock.tick().await;
            }
            let (request, begun) = (request(number), Instant::now());
            let answer = Answer::read(request).await?;
            if !answer.status.is_success() {
                return Err(wrong(answer.text()));
            }
            millis.push(begun.elapsed().as_secs_f64() * 1e3);
        }
    };
    let all = futures::future::try_join_all((0..pace.connections).map(|_| connection())).await?;
    Ok(all.into_iter().flatten().collect())
}

/// The result of a run.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// Milliseconds until each response.
    millis: Vec<f64>,
    /// Requests a second that were answered, and that were worked off with everything they cause.
    accepted: f64,
    finished: f64,
    /// Microseconds of the host's processor time for each request.
    micros: f64,
}

/// Sends requests, and waits until the host has finished everything that they cause.
pub(crate) async fn run(
    world: &World,
    pace: Pace,
    request: impl Fn(usize) -> RequestBuilder,
) -> Result<Run> {
    let (before, started) = (Cpu::now()?, Instant::now());
    let millis = send(pace, request).await?;
    let (count, sent) = (millis.len(), started.elapsed().as_secs_f64());
    world.settle().await?;
    Ok(Run {
        millis,
        accepted: 1.0 / each(sent, count),
        finished: 1.0 / each(started.elapsed().as_secs_f64(), count),
        micros: each(Cpu::now()?.host_micros_since(&before), count),
    })
}

/// The median of a number over runs.
fn of<T>(runs: &[T], number: impl Fn(&T) -> f64) -> f64 {
    median(&runs.iter().map(number).collect::<Vec<_>>())
}

/// Bodies at low cost: one body of [`SIZE`] is prepared, and only the person's number changes.
/// `Pedido` and the number are the title of a webhook's deal and the subject of an event.
struct Bodies {
    text: String,
    next: AtomicU64,
}

/// The placeholder of the number: eight digits that stand nowhere else in a body.
const PERSON: u64 = 55_555_555;

impl Bodies {
    /// Webhooks.
    fn of_webhooks() -> Self {
        let mut body = bodies::order(&Chance::new(1), PERSON, SIZE, true);
        bodies::set(&mut body, "title", json!(format!("Pedido {PERSON}")));
        let phone = bodies::phone(PERSON);
        let text = body.to_string().replace(&phone, &format!("+55119{PERSON}"));
        Self { text, next: AtomicU64::new(0) }
    }

    /// Events of a type with data of a size.
    fn of_events(event_type: &str, size: usize) -> Self {
        let data = bodies::order(&Chance::new(1), 1, size, true);
        let subject = format!("Pedido {PERSON}");
        let text = json!({"type": event_type, "subject": subject, "data": data}).to_string();
        Self { text, next: AtomicU64::new(0) }
    }

    /// The body with a number.
    fn numbered(&self, number: u64) -> String {
        self.text.replace(&PERSON.to_string(), &format!("{:08}", 10_000_000 + number))
    }

    /// The next number.
    fn next(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_differ_in_the_person_only() {
        let bodies = Bodies::of_webhooks();
        let (one, other) = (bodies.numbered(bodies.next()), bodies.numbered(bodies.next()));
        assert_eq!(one.replace("10000000", "10000001"), other);
        assert_eq!(one.matches("10000000").count(), 3, "title, e-mail address and phone: {one}");
        assert!(one.contains("\"+5511910000000\""), "a valid phone number: {one}");
        assert!(Bodies::of_events("a.b", 300).numbered(7).contains("Pedido 10000007"));
    }
}
