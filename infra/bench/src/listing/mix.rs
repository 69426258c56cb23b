//! The mix of senders, statuses and people.

use gancho_domain::inbound::webhook::Status;
use jiff::{SignedDuration, Timestamp};
use local::rng::Chance;

/// The applications of the integrations, the busiest first; the last three are special.
pub(super) const SENDERS: &str = "elementor elementor hotmart webhook rdstation elementor typeform hotmart webhook \
    rdstation activecampaign elementor typeform webhook rdstation hotmart stripe github intelipost shopify";
/// The number of common integrations; the busiest has one in three webhooks.
const COMMON: usize = 17;
const GITHUB: usize = 17;
const RARE: usize = 18;
pub(super) const LONE: usize = 19;
/// Webhooks of the person with a few, and of the one with many.
const FEW: u64 = 5;
const MANY: u64 = 2_000;
pub(super) const FEW_PERSON: u64 = 90_000_001;
pub(super) const MANY_PERSON: u64 = 90_000_002;

/// A webhook to seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft {
    pub(super) at: Timestamp,
    pub(super) channel: usize,
    pub(super) application: &'static str,
    pub(super) status: Status,
    pub(super) person: u64,
}

/// Draws webhooks.
pub(super) struct Mix {
    pub(super) chance: Chance,
    total: u64,
    created: u64,
    /// The sweep has handled everything older.
    swept: Timestamp,
}

impl Mix {
    /// A mix for `total` webhooks. The sweep runs every hour and handles what is ten minutes old.
    pub(super) fn new(total: u64, now: Timestamp) -> Self {
        let swept = now - SignedDuration::from_mins(70);
        Self { chance: Chance::new(3), total, created: 0, swept }
    }

    /// Draws the webhooks of a day in the order of time; the oldest day contains the lone one.
    pub(super) fn day(&mut self, start: Timestamp, count: u64, is_oldest: bool) -> Vec<Draft> {
        let millis = |_| i64::try_from(self.chance.below(86_400_000)).unwrap_or_default();
        let mut moments: Vec<i64> = (0..count).map(millis).collect();
        moments.sort_unstable();
        let at = |millis| start + SignedDuration::from_millis(millis);
        let moments = moments.into_iter().enumerate();
        moments.map(|(place, millis)| self.draft(at(millis), is_oldest && place == 7)).collect()
    }

    /// 90 % succeed, 8 % fail, 2 % are pending; a few are special. Webhooks that the sweep has
    /// handled are no longer pending: it enqueued them again.
    fn draft(&mut self, at: Timestamp, is_lone: bool) -> Draft {
        let place = |share: u64| self.created % (self.total / share).max(1);
        let person = match (place(FEW), place(MANY)) {
            (3, _) => FEW_PERSON,
            (_, 1) => MANY_PERSON,
            _ => self.chance.draw() % (self.total / 4 + 1),
        };
        let channel = if is_lone { LONE } else { self.channel() };
        // *github* never fails, *intelipost* seldom, the person with a few often.
        let status = match (channel, self.chance.below(1_000)) {
            (GITHUB, _) => Status::Success,
            (RARE, drawn) if drawn >= 12 => Status::Success,
            (RARE, _) | (_, 900..980) => Status::Error,
            (_, drawn) if person == FEW_PERSON && drawn < 500 => Status::Error,
            (0..COMMON, 980..) if at >= self.swept => Status::Pending,
            _ => Status::Success,
        };
        self.created += 1;
        let application = SENDERS.split(' ').nth(channel).unwrap_or_default();
        Draft { at, channel, application, status, person }
    }

    /// Draws a common integration by a harmonic share, seldom one of the two rare ones.
    fn channel(&mut self) -> usize {
        match self.chance.below(5_000) {
            0 => return RARE,
            1..40 => return GITHUB,
            _ => {}
        }
        let shares = (0..COMMON).map(|place| 10_000 / (place + 1));
        let mut left = self.chance.below(shares.clone().sum());
        for (place, share) in shares.enumerate() {
            if left < share {
                return place;
            }
            left -= share;
        }
        0
    }
}
