//! Scenarios from end to end: a webhook that creates an event, or a published event; one delivery
//! to one endpoint that answers at once, unless the scenario says otherwise.

use local::Reply;
use serde_json::json;

use super::{cases::Pace, usage::Took, world};
use crate::{
    bodies,
    error::Result,
    load::{self, Until},
    random::Random,
    world::{Inbound, World, text},
};

const SIZE: usize = 2_048;
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
    /// `POST /v1/events`, one rule matches.
    Event,
    /// `POST /v1/events`, no rule matches.
    Unmatched,
    /// Like [`Scenario::Event`], to an ordered endpoint.
    Ordered,
    /// Like [`Scenario::Event`], and the first attempt fails.
    Retried,
}

pub(super) const SCENARIOS: [Scenario; 7] = [
    Scenario::Updated,
    Scenario::NewDeal,
    Scenario::New,
    Scenario::Event,
    Scenario::Unmatched,
    Scenario::Ordered,
    Scenario::Retried,
];

impl Scenario {
    /// Its name in the tables and in `measured.txt`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Updated => "known contact, deal updated",
            Self::NewDeal => "known contact, new deal",
            Self::New => "new contact, new deal",
            Self::Event => "event, one delivery",
            Self::Unmatched => "event, no rule takes it",
            Self::Ordered => "event, ordered endpoint",
            Self::Retried => "event, second try succeeds",
        }
    }

    /// Dollars a million (`DESIGN 9`).
    pub(super) fn budget(self) -> Option<f64> {
        match self {
            Self::Updated | Self::NewDeal => Some(12.0),
            Self::New => Some(16.0),
            Self::Event | Self::Unmatched | Self::Ordered | Self::Retried => None,
        }
    }

    fn begins_with_a_webhook(self) -> bool {
        matches!(self, Self::Updated | Self::NewDeal | Self::New)
    }

    /// `true` if the scenario can run at this pace. A retry waits by the clock, which only stands
    /// still at the pace *alone*.
    pub(super) fn can_be_paced(self, pace: Pace) -> bool {
        self != Self::Retried || pace == Pace::Alone
    }
}

/// Runs one scenario on its own host.
pub(super) async fn run(scenario: Scenario, pace: Pace) -> Result<Took> {
    let world = world(pace).await?;
    listen(&world, scenario).await?;
    let sender = Sender::new(&world, scenario).await?;
    // The first fills the caches of configuration.
    sender.send(&world, 1, 900_000, false).await?;
    world.host.settle().await?;
    let count = pace.count();
    if matches!(scenario, Scenario::Updated | Scenario::NewDeal) {
        sender.send(&world, count, 0, false).await?;
        world.host.settle().await?;
    }
    let mut took = Took::begin(&world).await?;
    match pace {
        Pace::Hundred => sender.send(&world, count, 0, true).await?,
        Pace::Alone => {
            for number in 0..count {
                sender.one(&world, number).await?;
            }
        }
    }
    world.host.settle().await?;
    took.end(&world, count).await?;
    world.host.shutdown().await;
    Ok(took)
}

/// Creates the endpoint and its rule.
async fn listen(world: &World, scenario: Scenario) -> Result<()> {
    let mut endpoint = json!({"name": "ERP", "url": world.host.inbox().url(NAME, "/")});
    if let (Scenario::Ordered, Some(endpoint)) = (scenario, endpoint.as_object_mut()) {
        endpoint.insert("policy".to_owned(), json!({"order": "skip"}));
    }
    let created = world.post("/v1/endpoints", &endpoint).await?;
    let types = match scenario {
        Scenario::Updated | Scenario::NewDeal | Scenario::New => {
            json!(["deal.created", "deal.updated"])
        }
        Scenario::Unmatched => json!(["tracking.updated"]),
        Scenario::Event | Scenario::Ordered | Scenario::Retried => json!([EVENT]),
    };
    let rule = json!({
        "name": "ERP",
        "filter": {"types": types},
        "target": {"endpoint": text(&created, "/id")?},
        "method": "POST",
        "body": "standard",
    });
    world.post("/v1/rules", &rule).await.map(drop)
}

/// The sender of webhooks or events.
struct Sender {
    scenario: Scenario,
    inbound: Inbound,
    address: String,
    key: String,
}

impl Sender {
    async fn new(world: &World, scenario: Scenario) -> Result<Self> {
        let action =
            if scenario == Scenario::NewDeal { "create_deal" } else { "create_or_update_deal" };
        Ok(Self {
            scenario,
            inbound: world.integration(json!({"action": action})).await?,
            address: world.address(),
            key: world.access.key.clone(),
        })
    }

    /// Sends `count` side by side; `again` if every person has sent a webhook before.
    async fn send(&self, world: &World, count: usize, first: u64, again: bool) -> Result<()> {
        let request = |number: usize| self.request(first + number as u64, again);
        let connections = if count == 1 { 1 } else { 16 };
        load::send(&world.address(), connections, Until::Sent(count), &request).await.map(drop)
    }

    /// Sends one, and waits for its delivery.
    async fn one(&self, world: &World, number: usize) -> Result<()> {
        if self.scenario == Scenario::Retried {
            world.host.inbox().answer_with(NAME, Reply::status(500).times(1));
        }
        self.send(world, 1, number as u64, true).await?;
        world.host.settle().await?;
        if self.scenario == Scenario::Retried {
            // The preset's first wait is 5 s, and up to a tenth of it.
            world.host.advance(jiff::SignedDuration::from_secs(6));
            world.host.settle().await?;
        }
        Ok(())
    }

    fn request(&self, number: u64, again: bool) -> Vec<u8> {
        let mut data = bodies::order(&mut Random::new(number), number, SIZE, true);
        if !self.scenario.begins_with_a_webhook() {
            let body = json!({"type": EVENT, "subject": format!("PED-{number}"), "data": data});
            return load::post_as(&self.address, "/v1/events", &self.key, &body.to_string());
        }
        if again && let Some(title) = data.get_mut("title") {
            *title = json!("Outra compra");
        }
        load::post(&self.address, &self.inbound.path, &data.to_string())
    }
}
