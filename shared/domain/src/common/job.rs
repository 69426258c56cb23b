//! What may run again, and how far has a bulk job come?
//!
//! A **job** reprocesses every webhook that a filter means, each at most once, or sends every delivery
//! that a filter means again. It is cut into **parts**, one for a day and shard; each part has a row of its own that says how
//! far it came, so that no counter is written by two. What a job as a whole came to is the sum.
//!
//! A page of a part is worked in two steps, and each may be repeated: first it is written down
//! which runs will be enqueued and what they count for, then they are enqueued. Whoever goes on after a
//! kill enqueues again what stands there; a run that was made already is not made twice.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    common::{
        calendar::Day,
        code::Code,
        ids::{DeliveryId, JobId, KeyId, OriginId, WebhookId},
    },
    inbound::{
        filter::Filter,
        integration::Integration,
        webhook::{Cause, Received, Run},
    },
    outbound::delivery_filter::DeliveryFilter,
};

/// A webhook without a run is lost when it came so long ago: longer than the stream's and the
/// queue's own tries take (`FACTS D15`).
pub const LOST_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// A part that did not move for so long is enqueued again.
pub const STALLED_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// How long a job can be looked at.
pub const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The number of the run that a webhook may have now, or why it may have none
/// (`FACTS S1.13, D9, D15`). `integration` is the one that it came to, as it is now.
pub fn next_run(
    received: &Received,
    runs: &[Run],
    integration: Option<&Integration>,
    now: Timestamp,
) -> Result<u32, Code> {
    let integration = integration.ok_or(Code::IntegrationDeleted)?;
    if !integration.active {
        return Err(Code::IntegrationInactive);
    }
    match runs.last() {
        Some(last) => Ok(last.number.saturating_add(1)),
        None if now.duration_since(received.received_at()) < LOST_AFTER => {
            Err(Code::ReprocessInProgress)
        }
        None => Ok(1),
    }
}

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One run more for every webhook that the filter means.
    Reprocess,
    /// A new delivery for every delivery that the filter means.
    Resend,
}

/// A piece of bulk work, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: Kind,
    /// The origin whose history it goes through; deliveries have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<OriginId>,
    /// Shards of that history.
    pub shards: u8,
    /// Which webhooks; ends with the moment of its creation: what comes later is not touched.
    #[serde(default)]
    pub filter: Filter,
    /// Which deliveries, where it sends again; those of the moment of its creation as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliveries: Option<DeliveryFilter>,
    /// The filter in the words in which it was asked for.
    pub asked: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// The API key that asked.
    pub by: Option<KeyId>,
    /// How many webhooks or deliveries the filter meant then.
    pub total: u64,
    /// Its parts, newest first.
    pub parts: Vec<PartId>,
}

impl Job {
    /// When it is forgotten.
    pub fn expires_at(&self) -> Timestamp {
        self.created_at.checked_add(KEPT).unwrap_or(Timestamp::MAX)
    }
}

/// A filter that leaves out what came after `now`.
#[must_use]
pub fn until_now(filter: Filter, now: Timestamp) -> Filter {
    let end = now + SignedDuration::from_millis(1);
    Filter { to: Some(filter.to.map_or(end, |to| to.min(end))), ..filter }
}

/// A filter that leaves out all days but one.
#[must_use]
pub fn within(filter: &Filter, day: Day) -> Filter {
    let (from, to) = (day.start(), day.after().start());
    Filter {
        from: Some(filter.from.map_or(from, |own| own.max(from))),
        to: Some(filter.to.map_or(to, |own| own.min(to))),
        ..filter.clone()
    }
}

/// A day and shard of the history, spelled `20261121#00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartId {
    /// The UTC day.
    pub day: Day,
    /// The shard.
    pub shard: u8,
}

/// A text that names no part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a part of a job")]
pub struct BadPart;

impl std::fmt::Display for PartId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{:02x}", self.day, self.shard)
    }
}

impl std::str::FromStr for PartId {
    type Err = BadPart;
    fn from_str(text: &str) -> Result<Self, BadPart> {
        let (day, shard) = text.split_once('#').ok_or(BadPart)?;
        let part = Self {
            day: Day::parse(day).ok_or(BadPart)?,
            shard: u8::from_str_radix(shard, 16).map_err(|_| BadPart)?,
        };
        // One part has one spelling, for it is a key.
        if part.to_string() == text { Ok(part) } else { Err(BadPart) }
    }
}

impl TryFrom<String> for PartId {
    type Error = BadPart;
    fn try_from(text: String) -> Result<Self, BadPart> {
        text.parse()
    }
}

impl From<PartId> for String {
    fn from(part: PartId) -> Self {
        part.to_string()
    }
}

/// What a job does with a webhook that it meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// Rings this run.
    Ring(u32),
    /// Leaves it as it is, and says why.
    Skip(Code),
    /// It had its run by this job; it is counted already.
    Already,
}

/// Judges a webhook that a job meets and that its filter means.
pub fn visit(
    job: JobId,
    (received, runs): (&Received, &[Run]),
    integration: Option<&Integration>,
    now: Timestamp,
) -> Visit {
    if runs.iter().any(|run| run.cause == Cause::Job(job)) {
        return Visit::Already;
    }
    match next_run(received, runs, integration, now) {
        Ok(number) => Visit::Ring(number),
        Err(code) => Visit::Skip(code),
    }
}

/// How far a part came.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PartProgress {
    /// Everything from this webhook on, newer ones, is counted.
    pub below: Option<WebhookId>,
    /// The same, where deliveries are sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_below: Option<DeliveryId>,
    /// Webhooks that a run was or will be enqueued for; deliveries that were sent again.
    pub enqueued: u64,
    /// Those that were left as they are, by reason.
    pub skipped: BTreeMap<Code, u64>,
    /// Those that could not be enqueued.
    pub failed: u64,
    /// Counted in `enqueued`, and perhaps not enqueued yet.
    pub enqueueing: Vec<(WebhookId, u32)>,
    /// Nothing is left to read.
    pub read: bool,
    /// Nothing is left to do.
    pub done: bool,
    /// When it moved last.
    pub moved_at: Option<Timestamp>,
}

/// What a page came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Worked {
    /// Runs to ring.
    pub enqueueing: Vec<(WebhookId, u32)>,
    /// Webhooks left as they are.
    pub skipped: Vec<Code>,
    /// Webhooks that cannot be enqueued.
    pub failed: u64,
    /// The last webhook of the page, and `None` where there was none.
    pub last: Option<WebhookId>,
    /// Whether there are more behind it.
    pub more: bool,
}

/// What a page of deliveries came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resent {
    /// How many were sent again.
    pub sent: u64,
    /// Those that were left as they are.
    pub skipped: Vec<Code>,
    /// The last delivery of the page, and `None` where there was none.
    pub last: Option<DeliveryId>,
    /// Whether there are more behind it.
    pub more: bool,
}

impl PartProgress {
    /// The same after a page of deliveries was sent again.
    #[must_use]
    pub fn after_resent(mut self, page: Resent, now: Timestamp) -> Self {
        self.enqueued += page.sent;
        for code in page.skipped {
            *self.skipped.entry(code).or_default() += 1;
        }
        self.sent_below = page.last.or(self.sent_below);
        self.read = !page.more;
        self.moved_at = Some(now);
        self
    }

    /// The same after a page was worked out, its runs still to be enqueued.
    #[must_use]
    pub fn after(mut self, page: Worked, now: Timestamp) -> Self {
        self.enqueued += page.enqueueing.len() as u64;
        self.failed += page.failed;
        for code in page.skipped {
            *self.skipped.entry(code).or_default() += 1;
        }
        self.enqueueing = page.enqueueing;
        self.below = page.last.or(self.below);
        self.read = !page.more;
        self.moved_at = Some(now);
        self
    }

    /// The same after its last runs were enqueued.
    #[must_use]
    pub fn finished(self, now: Timestamp) -> Self {
        Self { enqueueing: Vec::new(), done: true, moved_at: Some(now), ..self }
    }

    /// Whether its message seems lost: it did not move for a while. `since`: when it was enqueued first.
    pub fn stalled(&self, since: Timestamp, now: Timestamp) -> bool {
        let moved = self.moved_at.unwrap_or(since);
        !self.done && now.duration_since(moved) >= STALLED_AFTER
    }
}

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There is work left.
    Running,
    /// Every part is done.
    Done,
    /// A person stopped it.
    Cancelled,
}

/// The sum of a job's parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Webhooks that a run was enqueued for.
    pub enqueued: u64,
    /// Webhooks that were left as they are, by reason.
    pub skipped: BTreeMap<Code, u64>,
    /// Webhooks that could not be enqueued.
    pub failed: u64,
    /// Parts that are done.
    pub parts_done: usize,
    /// Parts.
    pub parts: usize,
}

impl Progress {
    /// Sums up the parts of a job; those that have no row have not begun.
    pub fn of<'a>(job: &Job, rows: impl IntoIterator<Item = &'a PartProgress>) -> Self {
        let mut sum = Self { parts: job.parts.len(), ..Self::default() };
        for part in rows {
            sum.enqueued += part.enqueued;
            sum.failed += part.failed;
            sum.parts_done += usize::from(part.done);
            for (code, count) in &part.skipped {
                *sum.skipped.entry(*code).or_default() += count;
            }
        }
        sum
    }

    /// Webhooks that the job is through with.
    pub fn done(&self) -> u64 {
        self.enqueued + self.failed + self.skipped.values().sum::<u64>()
    }

    /// The job's state: as it ended, else as its parts say.
    pub fn state(&self, ended: Option<State>) -> State {
        match ended {
            Some(state) => state,
            None if self.parts_done >= self.parts => State::Done,
            None => State::Running,
        }
    }
}

#[cfg(test)]
mod tests;
