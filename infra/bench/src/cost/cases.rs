//! What comes, and how fast.

use serde_json::json;

use super::usage::Took;
use crate::{
    bodies,
    error::Result,
    load::{self, Until},
    random::Random,
    world::{Inbound, World},
};

/// What a webhook does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Names nobody who could be reached: an error.
    Nobody,
    /// Brings what is known: the contact stays as it is. No deals here.
    KnownContact,
    /// Brings what is known: contact and deal stay as they are.
    KnownDeal,
    /// A new contact and a new deal.
    New,
    /// A new deal of a contact that is known.
    NewDeal,
}

pub(super) const CASES: [Case; 5] =
    [Case::Nobody, Case::KnownContact, Case::KnownDeal, Case::New, Case::NewDeal];

/// How fast they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    Alone,
    Hundred,
}

impl Pace {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Alone => "one at a time",
            Self::Hundred => "a hundred in a second",
        }
    }

    pub(super) fn count(self) -> usize {
        match self {
            Self::Alone => 5,
            Self::Hundred => 100,
        }
    }
}

impl Case {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nobody => "an error, nothing to find it by",
            Self::KnownContact => "known contact, unchanged, no deals",
            Self::KnownDeal => "known contact and deal, unchanged",
            Self::New => "new contact, new deal",
            Self::NewDeal => "known contact, new deal",
        }
    }

    /// Whether the road is that of the budget: nothing changes in contacts and deals.
    pub(super) fn makes_no_deal(self) -> bool {
        match self {
            Self::Nobody | Self::KnownContact | Self::KnownDeal => true,
            Self::New | Self::NewDeal => false,
        }
    }

    pub(super) fn action(self) -> &'static str {
        match self {
            Self::Nobody | Self::KnownDeal | Self::New => "create_or_update_deal",
            Self::KnownContact => "create_or_update_contact",
            Self::NewDeal => "create_deal",
        }
    }

    /// Whether everybody has written before.
    fn known(self) -> bool {
        match self {
            Self::KnownContact | Self::KnownDeal | Self::NewDeal => true,
            Self::Nobody | Self::New => false,
        }
    }
}

/// Sends webhooks of a case by people from `first` on, and watches what they take.
pub(super) async fn run(
    world: &World,
    inbound: &Inbound,
    case: Case,
    (pace, size, first): (Pace, usize, u64),
) -> Result<Took> {
    let address = world.address();
    let count = pace.count();
    let request = |number: usize| {
        let person = first + number as u64;
        let mut random = Random::new(person);
        let mut body = bodies::order(&mut random, person, size, case != Case::Nobody);
        if case == Case::NewDeal
            && let Some(title) = body.get_mut("title")
        {
            *title = json!("Outra compra");
        }
        load::post(&address, &inbound.path, &body.to_string())
    };
    // Somebody else fills the caches of configuration.
    load::send(&address, 1, Until::Sent(1), &|_| request(999)).await?;
    if case.known() {
        load::send(&address, 8, Until::Sent(count), &request).await?;
    }
    world.host.settle().await?;
    let mut took = Took::begin(world).await?;
    match pace {
        Pace::Hundred => _ = load::send(&address, 16, Until::Sent(count), &request).await?,
        Pace::Alone => {
            for number in 0..count {
                load::send(&address, 1, Until::Sent(1), &|_| request(number)).await?;
                world.host.settle().await?;
            }
        }
    }
    world.host.settle().await?;
    took.end(world, count).await?;
    Ok(took)
}
