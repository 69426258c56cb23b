//! The contacts and deals that integrations create and update.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    common::ids::{ContactId, DealId, OriginId, StageId},
    crm::normalise::{Email, Phone},
    crm::source_time::SourceTimes,
};

/// The most deals in a contact's row; beyond it the oldest closed ones are removed first.
pub const NAMED_DEALS: usize = 20;

/// A person. Found in the workspace by e-mail or phone (`FACTS D10`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address, normalised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// The phone number, E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The workspace's own fields, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, Value>,
    /// Its deals, newest first, at most [`NAMED_DEALS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deals: Vec<DealRef>,
    /// The source times that its fields were last set from.
    #[serde(default, skip_serializing_if = "SourceTimes::is_empty")]
    pub source_times: SourceTimes,
    /// Incremented at every change.
    pub version: u64,
    /// Time of its creation.
    pub created_at: Timestamp,
    /// Time of its last change.
    pub updated_at: Timestamp,
}

/// A deal in its contact's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DealRef {
    /// Its origin.
    pub origin: OriginId,
    /// The deal.
    pub deal: DealId,
    /// True if it is open.
    pub open: bool,
}

impl Contact {
    /// The contact's existing deal in an origin: the newest open one, else the newest of any status
    /// (`FACTS S3.7, D10`).
    pub fn deal_in(&self, origin: OriginId) -> Option<DealId> {
        let mut here: Vec<&DealRef> = self.deals.iter().filter(|d| d.origin == origin).collect();
        here.sort_by_key(|d| (d.open, d.deal));
        here.last().map(|d| d.deal)
    }

    /// Adds or replaces a deal. Returns true if the row changed.
    pub fn name_deal(&mut self, named: DealRef) -> bool {
        if self.deals.contains(&named) {
            return false;
        }
        self.deals.retain(|d| d.deal != named.deal);
        self.deals.push(named);
        self.deals.sort_by_key(|d| std::cmp::Reverse(d.deal));
        if self.deals.len() > NAMED_DEALS {
            let oldest_closed = self.deals.iter().rposition(|d| !d.open);
            self.deals.remove(oldest_closed.unwrap_or(self.deals.len() - 1));
        }
        true
    }
}

/// An opportunity in an origin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deal {
    /// Its id.
    pub id: DealId,
    /// Its origin.
    pub origin: OriginId,
    /// Its contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// The title.
    pub title: String,
    /// The value as a decimal text; its digits are kept as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Its stage.
    pub stage: StageId,
    /// The status.
    pub status: DealStatus,
    /// The tags.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// The workspace's own fields, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, Value>,
    /// The source times that its fields were last set from.
    #[serde(default, skip_serializing_if = "SourceTimes::is_empty")]
    pub source_times: SourceTimes,
    /// Incremented at every change (`If-Match`).
    pub version: u64,
    /// Time of its creation.
    pub created_at: Timestamp,
    /// Time of its last change.
    pub updated_at: Timestamp,
}

impl Deal {
    /// Returns true if people see the same deal: all fields but the version, the time of the last
    /// change and the source times.
    pub fn is_like(&self, other: &Self) -> bool {
        let same = Self {
            source_times: other.source_times.clone(),
            version: other.version,
            updated_at: other.updated_at,
            ..self.clone()
        };
        same == *other
    }

    /// The deal as stored in its contact's row.
    pub fn as_named(&self) -> DealRef {
        DealRef { origin: self.origin, deal: self.id, open: self.status == DealStatus::Open }
    }
}

/// The status of a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DealStatus {
    /// Open.
    Open,
    /// Won.
    Won,
    /// Lost.
    Lost,
}

impl DealStatus {
    /// Reads the words that senders use, in English and Portuguese.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().as_str() {
            "open" | "aberto" | "aberta" | "ongoing" | "em andamento" => Some(Self::Open),
            "won" | "win" | "ganho" | "ganha" => Some(Self::Won),
            "lost" | "perdido" | "perdida" => Some(Self::Lost),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deal(n: u8) -> DealId {
        DealId::new(Timestamp::from_millisecond(i64::from(n)).unwrap(), &[n; 10])
    }

    fn contact() -> Contact {
        Contact {
            id: ContactId::new(Timestamp::UNIX_EPOCH, &[1; 10]),
            name: None,
            email: None,
            phone: None,
            custom: BTreeMap::new(),
            deals: Vec::new(),
            source_times: SourceTimes::default(),
            version: 1,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn d10_the_newest_open_deal_counts_else_the_newest_of_any_status() {
        let origin = OriginId::new(Timestamp::UNIX_EPOCH, &[1; 10]);
        let other = OriginId::new(Timestamp::UNIX_EPOCH, &[2; 10]);
        let mut someone = contact();
        assert_eq!(someone.deal_in(origin), None);
        for (n, open) in [(1, true), (2, true), (3, false)] {
            someone.name_deal(DealRef { origin, deal: deal(n), open });
        }
        someone.name_deal(DealRef { origin: other, deal: deal(9), open: true });
        assert_eq!(someone.deal_in(origin), Some(deal(2)));
        for n in [1, 2] {
            someone.name_deal(DealRef { origin, deal: deal(n), open: false });
        }
        assert_eq!(someone.deal_in(origin), Some(deal(3)));
    }

    #[test]
    fn a_contact_keeps_twenty_deals_and_removes_closed_ones_first() {
        let origin = OriginId::new(Timestamp::UNIX_EPOCH, &[1; 10]);
        let mut someone = contact();
        for n in 1..=20 {
            assert!(someone.name_deal(DealRef { origin, deal: deal(n), open: n != 7 }));
        }
        assert!(!someone.name_deal(DealRef { origin, deal: deal(3), open: true }));
        someone.name_deal(DealRef { origin, deal: deal(21), open: true });
        assert_eq!(someone.deals.len(), NAMED_DEALS);
        assert!(someone.deals.iter().all(|d| d.deal != deal(7)));
    }
}
