//! Drives the host so that a function gets its events: the requests of users and senders, one step
//! at a time.

use std::path::Path;

use local::{Host, rng::Chance};
use reqwest::Method;
use serde_json::{Value, json};

use super::process::{Relay, Seen};
use crate::{
    bodies,
    error::{Result, wrong},
    load::{self, Pace, SIZE, receiver::Receiver},
    world::{Inbound, World, text},
};

/// The package of the smallest possible function: it takes the place of *manage*.
pub(super) const BASELINE: &str = "baseline";
/// The type of the published event.
const EVENT: &str = "order.dispatched";
/// The person whose deal changes with every webhook.
const PERSON: u64 = 7;

/// A host with an integration, and an endpoint that every change of a deal is sent to.
#[derive(Debug)]
pub(super) struct Scenario {
    world: World,
    inbound: Inbound,
    /// A webhook that can be reprocessed.
    webhook: String,
}

impl Scenario {
    pub(super) async fn prepare() -> Result<Self> {
        // A binary resolves the receiver as the system does, and so do the functions of the host.
        let builder = Host::builder().exempt_host("localhost").open_to_the_world();
        let world = World::start(builder).await?;
        let inbound = world.integration(json!({"action": "create_or_update_deal"})).await?;
        let url = Receiver::start().await?.plain_url("/");
        world.endpoint(&url, &["deal.created", "deal.updated", EVENT], json!({})).await?;
        let mut scenario = Self { world, inbound, webhook: String::new() };
        scenario.webhook(0).await?;
        scenario.world.settle().await?;
        let webhooks = scenario.world.webhooks("?limit=1").await?;
        scenario.webhook = text(&webhooks, "/items/0/id")?;
        Ok(scenario)
    }

    /// Runs the binary instead of the function: `cold` times a new process gets an event, then the
    /// last one continues for `steady` steps.
    pub(super) async fn measure(
        &self,
        (name, program): (&str, &Path),
        (cold, steady): (usize, usize),
    ) -> Result<Seen> {
        let host = &self.world.host;
        let function = if name == BASELINE { "manage" } else { name };
        let relay = Relay::new(program, host.process_environment(function));
        host.lambda(function)?.replace(relay.function());
        for step in 0..cold + steady {
            if step < cold {
                relay.restart().await;
            }
            self.step(name, step).await?;
            self.world.settle().await?;
        }
        let seen = relay.seen().await;
        if name == BASELINE {
            self.panic(&relay).await?;
        }
        host.cold_start(function)?;
        seen
    }

    /// Lets the baseline panic: it must answer with an error, and the same process continues.
    async fn panic(&self, relay: &Relay) -> Result<()> {
        let starts = relay.seen().await?.start.len();
        self.world.api.call(Method::GET, "/v1/panic", None).await?;
        if relay.failed().await.is_none() {
            return Err(wrong("a panic was no error"));
        }
        self.step(BASELINE, 0).await?;
        if relay.seen().await?.start.len() != starts {
            return Err(wrong("a panic ended the process"));
        }
        Ok(())
    }

    /// The events of a function, in a few words.
    pub(super) fn describe(function: &str) -> &'static str {
        match function {
            BASELINE => "an empty answer of `lambda_http`",
            "authorizer" => "reads the caller's key",
            "history" => "lists 25 webhooks",
            "manage" => "lists integrations",
            "publish" => "publishes an event of 2 KB",
            "deliveries" => "lists 25 deliveries",
            "reprocess" => "starts another run",
            _ => "a webhook of 2 KB changes a deal, which is sent",
        }
    }

    async fn step(&self, function: &str, step: usize) -> Result<()> {
        let (host, api) = (&self.world.host, &self.world.api);
        match function {
            BASELINE => drop(api.call(Method::GET, "/v1/integrations", None).await?),
            "authorizer" => drop(host.invoke("authorizer", self.key_event()).await?),
            "history" => drop(self.world.webhooks("?limit=25").await?),
            "manage" => drop(api.get("/v1/integrations").await?),
            "publish" => {
                let data = bodies::order(&Chance::new(1), 1, SIZE, true);
                let event = json!({"type": EVENT, "subject": format!("PED-{step}"), "data": data});
                api.post("/v1/events", &event).await?;
            }
            "deliveries" => drop(api.get("/v1/deliveries?limit=25").await?),
            "reprocess" => {
                let origin = &self.world.origin;
                let path = format!("/v1/origins/{origin}/webhooks/{}/reprocess", self.webhook);
                api.post(&path, &Value::Null).await?;
            }
            _ => self.webhook(step + 1).await?,
        }
        Ok(())
    }

    /// The same person's deal has another value every time.
    async fn webhook(&self, number: usize) -> Result<()> {
        let mut body = bodies::order(&Chance::new(PERSON), PERSON, SIZE, true);
        bodies::set(&mut body, "value", json!(1_000 + number));
        let request = |_| self.world.request(&self.inbound.path, body.to_string());
        load::send(Pace::count(1, 1), request).await.map(drop)
    }

    /// The event of API Gateway to the authorizer.
    fn key_event(&self) -> Value {
        let header = format!("Bearer {}", self.world.key);
        json!({
            "version": "2.0",
            "type": "REQUEST",
            "identitySource": [header],
            "headers": {"authorization": header},
        })
    }

    pub(super) async fn shutdown(self) {
        self.world.host.shutdown().await;
    }
}
