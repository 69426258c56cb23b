//! The fields that a mapping can fill.

use std::{fmt, str::FromStr};

/// A field of a contact or a deal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// `contact.name`
    ContactName,
    /// `contact.email`
    ContactEmail,
    /// `contact.phone`
    ContactPhone,
    /// `contact.custom.<key>`
    ContactCustom(String),
    /// `deal.title`
    DealTitle,
    /// `deal.value`
    DealValue,
    /// `deal.stage`: a stage's id or name.
    DealStage,
    /// `deal.status`: open, won, lost, in English or Portuguese.
    DealStatus,
    /// `deal.tags`
    DealTags,
    /// `deal.custom.<key>`
    DealCustom(String),
}

/// An unknown field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such field")]
pub struct UnknownTarget;

impl FromStr for Target {
    type Err = UnknownTarget;

    fn from_str(text: &str) -> Result<Self, UnknownTarget> {
        let custom = |key: &str| is_key(key).then(|| key.to_owned()).ok_or(UnknownTarget);
        match text {
            "contact.name" => Ok(Self::ContactName),
            "contact.email" => Ok(Self::ContactEmail),
            "contact.phone" => Ok(Self::ContactPhone),
            "deal.title" => Ok(Self::DealTitle),
            "deal.value" => Ok(Self::DealValue),
            "deal.stage" => Ok(Self::DealStage),
            "deal.status" => Ok(Self::DealStatus),
            "deal.tags" => Ok(Self::DealTags),
            other => match other.split_once(".custom.") {
                Some(("contact", key)) => custom(key).map(Self::ContactCustom),
                Some(("deal", key)) => custom(key).map(Self::DealCustom),
                Some(_) | None => Err(UnknownTarget),
            },
        }
    }
}

/// Returns true for 1 to 64 letters, digits, `_` and `-`.
fn is_key(key: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=64).contains(&key.len()) && key.bytes().all(allowed)
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ContactName => f.write_str("contact.name"),
            Self::ContactEmail => f.write_str("contact.email"),
            Self::ContactPhone => f.write_str("contact.phone"),
            Self::ContactCustom(key) => write!(f, "contact.custom.{key}"),
            Self::DealTitle => f.write_str("deal.title"),
            Self::DealValue => f.write_str("deal.value"),
            Self::DealStage => f.write_str("deal.stage"),
            Self::DealStatus => f.write_str("deal.status"),
            Self::DealTags => f.write_str("deal.tags"),
            Self::DealCustom(key) => write!(f, "deal.custom.{key}"),
        }
    }
}

impl serde::Serialize for Target {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
