//! The webhooks of the inbound measurements, and their pace.

use serde_json::json;

use super::usage::Took;
use crate::{
    bodies,
    error::Result,
    load::{self, Until},
    random::Random,
    world::{Inbound, World},
};

/// The effect of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Contains neither e-mail address nor phone number: an error.
    Nobody,
    /// Repeats known data: the contact stays as it is. No deals here.
    KnownContact,
    /// Repeats known data: contact and deal stay as they are.
    KnownDeal,
    /// Creates a contact and a deal.
    New,
    /// Creates a deal of a known contact.
    NewDeal,
}

pub(super) const CASES: [Case; 5] =
    [Case::Nobody, Case::KnownContact, Case::KnownDeal, Case::New, Case::NewDeal];

/// The pace of the webhooks.
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
            Self::Nobody => "an error, no contact data",
            Self::KnownContact => "known contact, unchanged, no deals",
            Self::KnownDeal => "known contact and deal, unchanged",
            Self::New => "new contact, new deal",
            Self::NewDeal => "known contact, new deal",
        }
    }

    /// `true` for the case of the budget: contacts and deals do not change.
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

    /// `true` if every person has sent a webhook before.
    fn known(self) -> bool {
        match self {
            Self::KnownContact | Self::KnownDeal | Self::NewDeal => true,
            Self::Nobody | Self::New => false,
        }
    }
}

/// Sends webhooks of a case by people from `first` on, and measures their use.
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
    // Fills the caches of configuration with another person's webhook.
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
