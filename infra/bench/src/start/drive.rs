//! Drives the host so that a function gets its events: the requests of users and senders, one step
//! at a time.

use std::{path::Path, sync::Arc};

use local::Host;
use serde_json::{Value, json};

use super::relay::{Relay, Seen};
use crate::{
    bodies,
    error::Result,
    load::{self, Until},
    outbound::receiver::Receiver,
    random::Random,
    world::{Inbound, World, text},
};

/// Bytes of a webhook's body, and of an event's data.
const SIZE: usize = 2_048;
/// The type of the published event.
const EVENT: &str = "order.dispatched";
/// The person whose deal changes with every webhook.
const PERSON: u64 = 7;

/// A host with an integration, and an endpoint that every change of a deal is sent to.
#[derive(Debug)]
pub(crate) struct Scenario {
    world: World,
    inbound: Inbound,
    /// A webhook that can be reprocessed.
    webhook: String,
    /// The endpoint outside.
    _receiver: Receiver,
}

impl Scenario {
    pub(crate) async fn prepare() -> Result<Self> {
        // A binary resolves the receiver as the system does, and so do the functions of the host.
        let builder = Host::builder().exempt_host("localhost").open_to_the_world();
        let world = World::start(builder).await?;
        world.allow_plain_http().await?;
        let inbound = world.integration(json!({"action": "create_or_update_deal"})).await?;
        let receiver = Receiver::start().await?;
        let endpoint = json!({"name": "ERP", "url": receiver.plain_url("/")});
        let endpoint = world.post("/v1/endpoints", &endpoint).await?;
        let rule = json!({
            "name": "ERP",
            "filter": {"types": ["deal.created", "deal.updated", EVENT]},
            "target": {"endpoint": text(&endpoint, "/id")?},
            "method": "POST",
            "body": "standard",
        });
        world.post("/v1/rules", &rule).await?;
        let mut scenario = Self { world, inbound, webhook: String::new(), _receiver: receiver };
        scenario.webhook(0).await?;
        scenario.world.host.settle().await?;
        let webhooks = scenario.world.webhooks("?limit=1").await?;
        scenario.webhook = text(&webhooks, "/items/0/id")?;
        Ok(scenario)
    }

    /// Runs the binary instead of the function: `cold` times a new process gets an event, then the
    /// last one continues for `steady` steps.
    pub(crate) async fn measure(
        &self,
        (function, program): (&str, &Path),
        (cold, steady): (usize, usize),
    ) -> Result<Seen> {
        let host = &self.world.host;
        let relay = Relay::new(program, host.process_environment(function));
        host.lambda(function)?.replace(relay.function());
        for step in 0..cold + steady {
            if step < cold {
                relay.restart();
            }
            self.step(function, step).await?;
            host.settle().await?;
        }
        let seen = relay.seen();
        host.cold_start(function)?;
        drop(Arc::clone(&relay));
        seen
    }

    /// The events of a function, in a few words.
    pub(crate) fn what(function: &str) -> &'static str {
        match function {
            "authorizer" => "reads the caller's key",
            "history" => "lists 25 webhooks",
            "manage" => "lists integrations",
            "publish" => "publishes an event of 2 KB",
            "deliveries" => "lists 25 deliveries",
            "reprocess" => "asks for a run more",
            _ => "a webhook of 2 KB changes a deal, which is sent",
        }
    }

    async fn step(&self, function: &str, step: usize) -> Result<()> {
        let world = &self.world;
        match function {
            "authorizer" => world.host.invoke("authorizer", self.question()).await.map(drop)?,
            "history" => world.webhooks("?limit=25").await.map(drop)?,
            "manage" => world.get("/v1/integrations").await.map(drop)?,
            "publish" => {
                let data = bodies::order(&mut Random::new(1), 1, SIZE, true);
                let event = json!({"type": EVENT, "subject": format!("PED-{step}"), "data": data});
                world.post("/v1/events", &event).await.map(drop)?;
            }
            "deliveries" => world.get("/v1/deliveries?limit=25").await.map(drop)?,
            "reprocess" => {
                let origin = &world.access.origin;
                let path = format!("/v1/origins/{origin}/webhooks/{}/reprocess", self.webhook);
                world.post(&path, &Value::Null).await.map(drop)?;
            }
            _ => self.webhook(step + 1).await?,
        }
        Ok(())
    }

    /// The same person's deal has another value every time.
    async fn webhook(&self, number: usize) -> Result<()> {
        let mut body = bodies::order(&mut Random::new(PERSON), PERSON, SIZE, true);
        if let Some(value) = body.get_mut("value") {
            *value = json!(1_000 + number);
        }
        let address = self.world.address();
        let request = load::post(&address, &self.inbound.path, &body.to_string());
        load::send(&address, 1, Until::Sent(1), &|_| request.clone()).await.map(drop)
    }

    /// The event of API Gateway to the authorizer.
    fn question(&self) -> Value {
        let header = format!("Bearer {}", self.world.access.key);
        json!({
            "version": "2.0",
            "type": "REQUEST",
            "identitySource": [header],
            "headers": {"authorization": header},
        })
    }

    pub(crate) async fn shutdown(self) {
        self.world.host.shutdown().await;
    }
}
