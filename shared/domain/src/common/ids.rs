//! Which thing is meant, when was it made, and in which day's key does its row lie?
//!
//! Every id is a UUID behind a prefix of its own (`whk_0193…`), so that an id of one kind never
//! parses as another. Made ids are UUIDv7; ids of what a step creates are derived from what caused
//! it (UUIDv8: the cause's time and a hash), so that a step which runs twice makes the same rows.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind} id")]
pub struct BadId {
    /// The prefix that was wanted.
    pub kind: &'static str,
}

/// Random bytes for one id, drawn at the edge.
pub type Entropy = [u8; 10];

fn parse(text: &str, prefix: &'static str) -> Result<Uuid, BadId> {
    let bad = BadId { kind: prefix };
    let hex = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(bad)?;
    parse_key(hex, prefix)
}

/// Only the canonical spelling counts: 32 lower-case hexadecimal digits.
fn parse_key(hex: &str, prefix: &'static str) -> Result<Uuid, BadId> {
    let canonical =
        hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if !canonical {
        return Err(BadId { kind: prefix });
    }
    Uuid::try_parse(hex).map_err(|_| BadId { kind: prefix })
}

fn millis(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

fn time_of(id: Uuid) -> Timestamp {
    let millis = i64::try_from(id.as_u128() >> 80).unwrap_or(0);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn derive(at: Timestamp, cause: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for part in cause {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let mut bytes = [0u8; 16];
    for (to, from) in bytes.iter_mut().zip(millis(at).to_be_bytes().iter().skip(2)) {
        *to = *from;
    }
    for (to, from) in bytes.iter_mut().skip(6).zip(digest.iter()) {
        *to = *from;
    }
    Builder::from_custom_bytes(bytes).into_uuid()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The text before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id that holds its time (UUIDv7).
            pub fn new(at: Timestamp, entropy: &Entropy) -> Self {
                Self(Builder::from_unix_timestamp_millis(millis(at), entropy).into_uuid())
            }

            /// The id of what `cause` made at `at`: the same cause gives the same id.
            pub fn derived(at: Timestamp, cause: &[&str]) -> Self {
                Self(derive(at, cause))
            }

            /// The bare 32 digits, as they stand in a table's key.
            pub fn key(&self) -> String {
                self.0.simple().to_string()
            }

            /// Reads the bare digits of a table's key.
            pub fn from_key(key: &str) -> Result<Self, BadId> {
                parse_key(key, Self::PREFIX).map(Self)
            }

            /// The 16 bytes.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// From the 16 bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// When it was made, to the millisecond.
            pub fn made_at(&self) -> Timestamp {
                time_of(self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, self.0.simple())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{self}")
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                parse(text, Self::PREFIX).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(/// A tenant.
    WorkspaceId, "ws");
id!(/// A pipeline of a workspace, and the scope of one inbound history.
    OriginId, "ori");
id!(/// A stage of an origin.
    StageId, "stg");
id!(/// An inbound URL of an origin.
    IntegrationId, "int");
id!(/// One received request. Holds its time and its shard: `origin + id` is a key.
    WebhookId, "whk");
id!(/// A person that webhooks create and update.
    ContactId, "con");
id!(/// An opportunity in an origin.
    DealId, "deal");
id!(/// A piece of bulk work.
    JobId, "job");
id!(/// An API key.
    KeyId, "key");
id!(/// Something that happened. Holds its time.
    EventId, "evt");
id!(/// A URL outside that events are sent to.
    EndpointId, "ep");
id!(/// Which events go to which endpoint.
    RuleId, "rule");
id!(/// One event for one rule. Holds its time and its shard: the id is a key.
    DeliveryId, "dlv");
id!(/// Something that people were told.
    NoticeId, "ntc");

impl DeliveryId {
    /// How many shards a day's deliveries are spread over.
    pub const SHARDS: u8 = 4;

    /// The shard of the day that its row lies in.
    pub fn shard(&self) -> u8 {
        self.as_bytes().last().map_or(0, |byte| byte % Self::SHARDS)
    }

    /// The lowest id that a delivery made at `at` can have.
    pub fn floor(at: Timestamp) -> Self {
        Self::from_bytes((u128::from(millis(at)) << 80).to_be_bytes())
    }
}

impl WebhookId {
    /// A webhook's id: UUIDv7, with the shard of the history that its row lies in as last byte.
    pub fn in_shard(at: Timestamp, shard: u8, entropy: &Entropy) -> Self {
        let mut bytes = *entropy;
        if let Some(last) = bytes.last_mut() {
            *last = shard;
        }
        Self::new(at, &bytes)
    }

    /// The shard of the history.
    pub fn shard(&self) -> u8 {
        self.as_bytes().last().copied().unwrap_or(0)
    }

    /// The lowest id that a webhook received at `at` can have.
    pub fn floor(at: Timestamp) -> Self {
        Self::from_bytes((u128::from(millis(at)) << 80).to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    #[test]
    fn an_id_of_one_kind_is_not_an_id_of_another() {
        let origin = OriginId::new(at(1), &[7; 10]);
        assert!(origin.to_string().parse::<IntegrationId>().is_err());
        assert_eq!(origin.to_string().parse::<OriginId>(), Ok(origin));
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        let text = WebhookId::new(at(1_700_000_000_000), &[0xab; 10]).to_string();
        assert!(text.to_uppercase().parse::<WebhookId>().is_err());
        assert!(text.replace('_', "-").parse::<WebhookId>().is_err());
        assert!(format!("{text}0").parse::<WebhookId>().is_err());
    }

    proptest! {
        #[test]
        fn a_webhooks_id_says_its_time_and_shard(ms in 0i64..253_402_300_799_000, shard: u8, entropy: [u8; 10]) {
            let id = WebhookId::in_shard(at(ms), shard, &entropy);
            prop_assert_eq!(id.made_at(), at(ms));
            prop_assert_eq!(id.shard(), shard);
            prop_assert!(id >= WebhookId::floor(at(ms)));
            prop_assert!(id < WebhookId::floor(at(ms + 1)));
            prop_assert_eq!(id.to_string().parse::<WebhookId>(), Ok(id));
        }

        #[test]
        fn the_same_cause_makes_the_same_id(ms in 0i64..253_402_300_799_000, a: String, b: String) {
            prop_assert_eq!(DealId::derived(at(ms), &[&a, &b]), DealId::derived(at(ms), &[&a, &b]));
            prop_assert_eq!(DealId::derived(at(ms), &[&a, &b]).made_at(), at(ms));
            if !b.is_empty() {
                let joined = format!("{a}{b}");
                prop_assert_ne!(DealId::derived(at(ms), &[&a, &b]), DealId::derived(at(ms), &[&joined]));
            }
        }
    }
}
