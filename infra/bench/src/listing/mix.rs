//! The mix of senders, statuses and people.

use gancho_domain::inbound::webhook::Status;
use jiff::{SignedDuration, Timestamp};

use crate::random::Random;

/// Integrations, the busiest first; the last three are special.
pub(super) const SENDERS: [&str; 20] = [
    "elementor",
    "elementor",
    "hotmart",
    "webhook",
    "rdstation",
    "elementor",
    "typeform",
    "hotmart",
    "webhook",
    "rdstation",
    "activecampaign",
    "elementor",
    "typeform",
    "webhook",
    "rdstation",
    "hotmart",
    "stripe",
    "github",
    "intelipost",
    "shopify",
];
/// The number of common integrations; the busiest has one in three webhooks.
pub(super) const COMMON: usize = 17;
pub(super) const GITHUB: usize = 17;
pub(super) const RARE: usize = 18;
pub(super) const LONE: usize = 19;
/// Webhooks of the person with a few, and of the one with many.
pub(super) const FEW: u64 = 5;
pub(super) const MANY: u64 = 2_000;
pub(super) const FEW_PERSON: u64 = 90_000_001;
pub(super) const MANY_PERSON: u64 = 90_000_002;

/// A webhook to seed.
pub(super) struct Draft {
    pub(super) at: Timestamp,
    pub(super) channel: usize,
    pub(super) status: Status,
    pub(super) person: u64,
}

/// Draws webhooks.
pub(super) struct Mix {
    pub(super) random: Random,
    total: u64,
    created: u64,
    few: u64,
    rare: u64,
    /// The sweep has handled everything older.
    swept: Timestamp,
}

/// The sweep runs every hour and handles what is ten minutes old.
const SWEPT: SignedDuration = SignedDuration::from_mins(70);

impl Mix {
    /// A mix for `total` webhooks.
    pub(super) fn new(total: u64, now: Timestamp) -> Self {
        let swept = now - SWEPT;
        Self { random: Random::new(3), total, created: 0, few: 0, rare: 0, swept }
    }

    /// 90 % succeed, 8 % fail, 2 % are pending; a few are special. Webhooks that the sweep has
    /// handled are no longer pending: it enqueued them again.
    pub(super) fn draft(&mut self, at: Timestamp, lone: bool) -> Draft {
        let every = |share: u64| (self.total / share).max(1);
        let (few, many) = (self.created % every(FEW) == 3, self.created % every(MANY) == 1);
        let mut status = match self.random.below(100) {
            0..90 => Status::Success,
            90..98 => Status::Error,
            _ if at < self.swept => Status::Success,
            _ => Status::Pending,
        };
        let mut channel = self.channel();
        let mut person = self.random.below(self.total / 4 + 1);
        if few {
            person = FEW_PERSON;
            let failed = self.few == 2;
            (status, channel) = (if failed { Status::Error } else { Status::Success }, 2);
        } else if many {
            (person, status) = (MANY_PERSON, Status::Success);
        } else if lone {
            (status, channel) = (Status::Success, LONE);
        }
        if channel == GITHUB {
            status = Status::Success;
        } else if channel == RARE {
            self.rare += 1;
            status = if self.rare % 80 == 5 { Status::Error } else { Status::Success };
        }
        self.created += 1;
        self.few += u64::from(person == FEW_PERSON);
        Draft { at, channel, status, person }
    }

    /// Draws a common integration by a harmonic share, seldom one of the two rare ones.
    fn channel(&mut self) -> usize {
        match self.random.below(5_000) {
            0 => return RARE,
            1..40 => return GITHUB,
            _ => {}
        }
        let shares = |place: usize| 10_000 / (place as u64 + 1);
        let all: u64 = (0..COMMON).map(shares).sum();
        let mut left = self.random.below(all);
        for place in 0..COMMON {
            if left < shares(place) {
                return place;
            }
            left -= shares(place);
        }
        0
    }
}
