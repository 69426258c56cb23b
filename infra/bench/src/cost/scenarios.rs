//! Scenarios from end to end: a webhook that creates an event, or a published event; one delivery
//! to one endpoint that answers at once, unless the scenario says otherwise.

use gancho_edge::clock::{Clock, ManualClock};
use jiff::SignedDuration;
use local::{Host, Reply, rng::Chance};
use reqwest::RequestBuilder;
use serde_json::json;

use super::usage::{self, Units, Use};
use crate::{
    bodies,
    error::{Result, wrong},
    listing::NOW,
    load::{self, Pace as Load, SIZE},
    world::{Inbound, World},
};

/// The endpoint's name in the host's inbox.
const NAME: &str = "erp";
const EVENT: &str = "order.dispatched";

/// The scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// A webhook of a known contact changes its deal.
    Updated,
    /// A webhook of a known contact creates a deal.
    NewDeal,
    /// A webhook creates a contact and a deal.
    New,
    /// A webhook repeats known data: no event.
    Unchanged,
    /// A webhook without contact data ends as an error: no event.
    Nobody,
    /// `POST /v1/events`, one rule matches.
    Event,
    /// `POST /v1/events`, no rule matches.
    Unmatched,
    /// Like [`Scenario::Event`], to an ordered endpoint.
    Ordered,
    /// Like [`Scenario::Event`], and the first attempt fails.
    Retried,
}

pub(super) const SCENARIOS: [Scenario; 9] = [
    Scenario::Updated,
    Scenario::NewDeal,
    Scenario::New,
    Scenario::Unchanged,
    Scenario::Nobody,
    Scenario::Event,
    Scenario::Unmatched,
    Scenario::Ordered,
    Scenario::Retried,
];

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

    fn count(self) -> usize {
        match self {
            Self::Alone => 5,
            Self::Hundred => 100,
        }
    }
}

impl Scenario {
    /// Its name in the tables and in `measured.txt`, and its budget in dollars a million
    /// (`DESIGN 9`).
    fn row(self) -> (&'static str, Option<f64>) {
        match self {
            Self::Updated => ("known contact, deal updated", Some(12.0)),
            Self::NewDeal => ("known contact, new deal", Some(12.0)),
            Self::New => ("new contact, new deal", Some(16.0)),
            Self::Unchanged => ("known contact, unchanged", Some(4.5)),
            Self::Nobody => ("an error, no contact data", Some(4.5)),
            Self::Event => ("event, one delivery", None),
            Self::Unmatched => ("event, no rule takes it", None),
            Self::Ordered => ("event, ordered endpoint", None),
            Self::Retried => ("event, second try succeeds", None),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.row().0
    }

    pub(super) fn budget(self) -> Option<f64> {
        self.row().1
    }

    fn is_published(self) -> bool {
        matches!(self, Self::Event | Self::Unmatched | Self::Ordered | Self::Retried)
    }

    /// `true` if every person has sent a webhook before.
    fn is_known(self) -> bool {
        matches!(self, Self::Updated | Self::NewDeal | Self::Unchanged)
    }

    /// `true` if the scenario can run at this pace. A retry waits by the clock, which only stands
    /// still at the pace *alone*.
    pub(super) fn can_be_paced(self, pace: Pace) -> bool {
        self != Self::Retried || pace == Pace::Alone
    }
}

/// A host for a pace. A clock that stands still keeps cached values valid; one that runs fills
/// batch windows.
pub(super) async fn world(pace: Pace) -> Result<World> {
    let builder = Host::builder().shards(1);
    World::start(match pace {
        Pace::Alone => builder.clock(Clock::Manual(ManualClock::new(NOW.parse().map_err(wrong)?))),
        Pace::Hundred => builder.batch_windows(true),
    })
    .await
}

/// Runs one scenario on its own host.
pub(super) async fn run(scenario: Scenario, pace: Pace) -> Result<(Use, Units)> {
    let world = world(pace).await?;
    let types: &[&str] = match (scenario, scenario.is_published()) {
        (Scenario::Unmatched, _) => &["tracking.updated"],
        (_, true) => &[EVENT],
        (_, false) => &["deal.created", "deal.updated"],
    };
    let order = if scenario == Scenario::Ordered { json!({"order": "skip"}) } else { json!({}) };
    world.endpoint(&world.host.inbox().url(NAME, "/"), types, json!({"policy": order})).await?;
    let is_deal = scenario == Scenario::NewDeal;
    let action = if is_deal { "create_deal" } else { "create_or_update_deal" };
    let inbound = world.integration(json!({"action": action})).await?;
    let sender = Sender { scenario, world: &world, inbound };
    // The first fills the caches of configuration.
    sender.send(1, 900_000, false).await?;
    if scenario.is_known() {
        sender.send(pace.count(), 0, false).await?;
    }
    let used = usage::of(&world, pace.count(), async || match pace {
        Pace::Hundred => sender.send(pace.count(), 0, true).await,
        Pace::Alone => sender.one_by_one(pace.count()).await,
    });
    let used = used.await?;
    world.host.shutdown().await;
    Ok(used)
}

/// The sender of webhooks or events.
struct Sender<'a> {
    scenario: Scenario,
    world: &'a World,
    inbound: Inbound,
}

impl Sender<'_> {
    /// Sends `count` side by side by people from `first` on; `again` for their second webhook.
    async fn send(&self, count: usize, first: u64, again: bool) -> Result<()> {
        let request = |number: usize| self.request(first + number as u64, again);
        load::send(Load::count(count.min(16), count), request).await?;
        self.world.settle().await
    }

    /// Sends one after the other, each after the delivery of the one before.
    async fn one_by_one(&self, count: usize) -> Result<()> {
        let host = &self.world.host;
        for number in 0..count {
            if self.scenario == Scenario::Retried {
                host.inbox().answer_with(NAME, Reply::status(500).times(1));
            }
            self.send(1, number as u64, true).await?;
            if self.scenario == Scenario::Retried {
                // The preset's first wait is 5 s, and up to a tenth of it.
                host.advance(SignedDuration::from_secs(6));
                self.world.settle().await?;
            }
        }
        Ok(())
    }

    fn request(&self, number: u64, again: bool) -> RequestBuilder {
        let is_reachable = self.scenario != Scenario::Nobody;
        let mut data = bodies::order(&Chance::new(number), number, SIZE, is_reachable);
        if self.scenario.is_published() {
            let body = json!({"type": EVENT, "subject": format!("PED-{number}"), "data": data});
            return self.world.event(body.to_string());
        }
        if again && self.scenario != Scenario::Unchanged {
            bodies::set(&mut data, "title", json!("Outra compra"));
        }
        self.world.request(&self.inbound.path, data.to_string())
    }
}
