//! Bulk jobs, their progress, and the rules for reprocessing a webhook.
//!
//! A **job** reprocesses every webhook that its filter matches, each at most once, or resends every
//! delivery that its filter matches. It consists of **parts**, one per day and shard. Each part
//! stores its progress in its own row, so no counter has two writers. The job's progress is the
//! sum of its parts.
//!
//! A page of a part is processed in two repeatable steps. The first step stores the runs to be
//! enqueued and adds them to the counters. The second step enqueues them. After a crash the next
//! invocation enqueues the stored runs again; a run that exists already is not created twice.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    common::{
        by::By,
        calendar::Day,
        code::Code,
        ids::{DeliveryId, JobId, OriginId, WebhookId},
    },
    inbound::{
        filter::Filter,
        integration::Integration,
        webhook::{Cause, Received, Run},
    },
    outbound::delivery_filter::DeliveryFilter,
};

/// The age from which a webhook without a run counts as lost. It is longer than the retries of the
/// stream and the queue take (`FACTS D15`).
pub const LOST_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// The time without progress after which a part is enqueued again.
pub const STALLED_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// The retention of a job.
pub const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The number of the next run of a webhook, or the code of the reason against a run
/// (`FACTS S1.13, D9, D15`). `integration` is the receiving integration in its current state.
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

/// The kind of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One further run for every webhook that the filter matches.
    Reprocess,
    /// A new delivery for every delivery that the filter matches.
    Resend,
}

/// A bulk job as requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Its kind.
    pub kind: Kind,
    /// The origin whose history it reprocesses; `None` for deliveries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<OriginId>,
    /// Shards of that history.
    pub shards: u8,
    /// The webhooks to reprocess. Its period ends at the job's creation.
    #[serde(default)]
    pub filter: Filter,
    /// The deliveries to resend, up to and including the moment of the job's creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliveries: Option<DeliveryFilter>,
    /// The filter as given in the request.
    pub requested: Value,
    /// Time of its creation.
    pub created_at: Timestamp,
    /// The author of the request.
    pub by: Option<By>,
    /// The number of webhooks or deliveries that the filter matched at creation.
    pub total: u64,
    /// Its parts, newest first.
    pub parts: Vec<PartId>,
}

impl Job {
    /// The end of its retention.
    pub fn expires_at(&self) -> Timestamp {
        self.created_at.checked_add(KEPT).unwrap_or(Timestamp::MAX)
    }
}

/// Limits a filter to webhooks received until `now`.
#[must_use]
pub fn until_now(filter: Filter, now: Timestamp) -> Filter {
    let end = now + SignedDuration::from_millis(1);
    Filter { to: Some(filter.to.map_or(end, |to| to.min(end))), ..filter }
}

/// Limits a filter to one day.
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

/// A text that is not a part id.
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
        // The text is a key, so each part has exactly one spelling.
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

/// The decision of a job about one webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// Enqueues the run of this number.
    Enqueue(u32),
    /// Skips the webhook for this reason.
    Skip(Code),
    /// The webhook has a run of this job and is already counted.
    Already,
}

/// Decides about a webhook that the job's filter matches.
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
        Ok(number) => Visit::Enqueue(number),
        Err(code) => Visit::Skip(code),
    }
}

/// The progress of a part.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PartProgress {
    /// This webhook and all newer ones are counted.
    pub below: Option<WebhookId>,
    /// This delivery and all newer ones are counted, in a resend job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_below: Option<DeliveryId>,
    /// Webhooks with a run that is enqueued or will be; in a resend job, resent deliveries.
    pub enqueued: u64,
    /// Skipped ones, by reason.
    pub skipped: BTreeMap<Code, u64>,
    /// Webhooks that could not be enqueued.
    pub failed: u64,
    /// Runs counted in `enqueued` that may not be enqueued yet.
    pub enqueueing: Vec<(WebhookId, u32)>,
    /// All pages are read.
    pub read: bool,
    /// The part is complete.
    pub done: bool,
    /// Time of the last progress.
    pub moved_at: Option<Timestamp>,
}

/// The result of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Worked {
    /// Runs to enqueue.
    pub enqueueing: Vec<(WebhookId, u32)>,
    /// The reasons of the skipped webhooks.
    pub skipped: Vec<Code>,
    /// The number of webhooks that cannot be enqueued.
    pub failed: u64,
    /// The last webhook of the page; `None` for an empty page.
    pub last: Option<WebhookId>,
    /// True if another page follows.
    pub more: bool,
}

/// The result of a page of deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resent {
    /// The number of resent deliveries.
    pub sent: u64,
    /// The reasons of the skipped deliveries.
    pub skipped: Vec<Code>,
    /// The last delivery of the page; `None` for an empty page.
    pub last: Option<DeliveryId>,
    /// True if another page follows.
    pub more: bool,
}

impl PartProgress {
    /// Adds the result of a page of resent deliveries.
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

    /// Adds the result of a page, whose runs are still to be enqueued.
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

    /// Marks the part as done after its last runs were enqueued.
    #[must_use]
    pub fn finished(self, now: Timestamp) -> Self {
        Self { enqueueing: Vec::new(), done: true, moved_at: Some(now), ..self }
    }

    /// Returns true if the part made no progress for [`STALLED_AFTER`], so its message is probably
    /// lost. `since` is the time of the first enqueue.
    pub fn stalled(&self, since: Timestamp, now: Timestamp) -> bool {
        let moved = self.moved_at.unwrap_or(since);
        !self.done && now.duration_since(moved) >= STALLED_AFTER
    }
}

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Parts are left, or enqueued runs have not ended.
    Running,
    /// Every part is done, and every enqueued run has ended.
    Done,
    /// A person cancelled it.
    Cancelled,
}

/// The enqueued runs of a job that have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EndedRuns {
    /// Their number.
    pub count: u64,
    /// Time of the last end.
    pub last_at: Option<Timestamp>,
}

/// The sum of a job's parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Webhooks with an enqueued run.
    pub enqueued: u64,
    /// Enqueued runs that have not ended. None in a resend job: its deliveries have states.
    pub under_way: u64,
    /// Time of the last end of a run.
    pub last_run_at: Option<Timestamp>,
    /// Skipped webhooks, by reason.
    pub skipped: BTreeMap<Code, u64>,
    /// Webhooks that could not be enqueued.
    pub failed: u64,
    /// Parts that are done.
    pub parts_done: usize,
    /// All parts.
    pub parts: usize,
    /// Time of the last progress of any part; `None` before the first.
    pub last_active_at: Option<Timestamp>,
}

impl Progress {
    /// Sums up the parts of a job, and its runs. A part without a row has not started.
    pub fn of<'a>(
        job: &Job,
        rows: impl IntoIterator<Item = &'a PartProgress>,
        runs: EndedRuns,
    ) -> Self {
        let mut sum = Self { parts: job.parts.len(), last_run_at: runs.last_at, ..Self::default() };
        for part in rows {
            sum.enqueued += part.enqueued;
            sum.failed += part.failed;
            sum.parts_done += usize::from(part.done);
            sum.last_active_at = sum.last_active_at.max(part.moved_at);
            for (code, count) in &part.skipped {
                *sum.skipped.entry(*code).or_default() += count;
            }
        }
        sum.under_way = match job.kind {
            Kind::Reprocess => sum.enqueued.saturating_sub(runs.count),
            Kind::Resend => 0,
        };
        sum
    }

    /// The number of webhooks that the job has handled.
    pub fn done(&self) -> u64 {
        self.enqueued + self.failed + self.skipped.values().sum::<u64>()
    }

    /// The end of a job that is done: its last progress, or the end of its last run.
    pub fn done_at(&self) -> Option<Timestamp> {
        self.last_active_at.max(self.last_run_at)
    }

    /// The job's state: `ended` if it is set, else derived from the parts and the runs.
    pub fn state(&self, ended: Option<State>) -> State {
        match ended {
            Some(state) => state,
            None if self.parts_done >= self.parts && self.under_way == 0 => State::Done,
            None => State::Running,
        }
    }
}

#[cfg(test)]
mod tests;
