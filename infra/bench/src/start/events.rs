//! Events that functions are given here, and the environment that they are given it in.

use local::Host;
use serde_json::{Value, json};

use crate::{
    bodies,
    error::Result,
    random::Random,
    world::{Inbound, World},
};

/// The size of a webhook's body.
const SIZE: usize = 2_048;

/// A host whose tables the functions read and write, with an integration to send to.
#[derive(Debug)]
pub(crate) struct Ground {
    world: World,
    inbound: Inbound,
}

impl Ground {
    /// Nothing but the functions under measurement works on its tables.
    pub(crate) async fn prepare() -> Result<Self> {
        let world = World::start(Host::builder().event_sources(false)).await?;
        let inbound = world.integration(json!({})).await?;
        Ok(Self { world, inbound })
    }

    /// What Lambda and the template set, without the keys of any account.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let mut all = vec![
            ("AWS_LAMBDA_FUNCTION_NAME", "measured".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".to_owned()),
            ("AWS_REGION", local::names::REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_ENDPOINT_URL", self.world.host.dynamo().url()),
            ("STAGE", "bench".to_owned()),
        ];
        let tables = [
            "Config",
            "History",
            "Bodies",
            "Crm",
            "Events",
            "Deliveries",
            "Work",
            "Lookups",
            "Tallies",
        ];
        let mut named: Vec<(String, String)> =
            all.drain(..).map(|(name, value)| (name.to_owned(), value)).collect();
        named.extend(tables.map(|table| {
            (format!("TABLE_{}", table.to_ascii_uppercase()), format!("{table}Table"))
        }));
        named
    }

    /// What a function is given, and in a few words what it does with that.
    pub(crate) fn event(&self, function: &str) -> (String, &'static str) {
        let (event, what) = match function {
            "ingest" => (self.webhook(), "stores a webhook of 2 KB"),
            "authorizer" => (self.question(), "reads the caller's key"),
            "floor" => (request("GET", "/", None), "answers nothing"),
            "history" | "manage" | "publish" | "deliveries" | "reprocess" => {
                (request("GET", "/v1/nothing", None), "refuses a path")
            }
            _ => (json!({"Records": [bell()]}), "refuses a record"),
        };
        (event.to_string(), what)
    }

    fn webhook(&self) -> Value {
        let body = bodies::order(&mut Random::new(1), 1, SIZE, true).to_string();
        let mut event = request("POST", &self.inbound.path, Some(&body));
        let token = self.inbound.path.rsplit('/').next().unwrap_or_default();
        if let Some(event) = event.as_object_mut() {
            event.insert("routeKey".to_owned(), json!("ANY /in/{token}"));
            event.insert("pathParameters".to_owned(), json!({ "token": token }));
        }
        event
    }

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

/// An event that makes [the floor](../../../floor/src/main.rs) panic.
pub(crate) fn panic() -> String {
    request("GET", "/panic", None).to_string()
}

/// A request as an HTTP API tells of it.
fn request(method: &str, path: &str, body: Option<&str>) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "api.example.com"},
        "requestContext": {
            "accountId": local::names::ACCOUNT,
            "apiId": "api",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "bench",
            },
            "requestId": "one",
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:00:00:00 +0000",
            "timeEpoch": 1_795_305_600_000_i64,
        },
        "body": body,
        "isBase64Encoded": false,
    })
}

/// A message that names nothing.
fn bell() -> Value {
    json!({
        "messageId": "one",
        "receiptHandle": "one",
        "body": "nothing",
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:nothing",
        "awsRegion": local::names::REGION,
    })
}
