//! The demo's outbound part: a rule delivers a new deal, signed. A second endpoint fails: Gancho
//! retries, suspends it and notifies the recipients. After it is enabled, its held deliveries
//! arrive in order.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    DemoError,
    access::Access,
    api::{Api, at, text},
    story::STORY,
    table::{Row, Table},
};
use crate::{
    Host, Mail,
    inbox::{CapturedRequest, Reply},
};

/// The names of the two endpoints in the inbox.
const CALM: &str = "inbox";
const FAILING: &str = "loja";
/// Failures in a row that suspend the second endpoint.
const TOO_MANY: u16 = 3;
/// The number of events that the failing endpoint is sent.
const ORDERS: u64 = 3;
const ORDER: &str = "PED-2026-0077";
const BUYER: &str = "Bia Rocha";
/// The longest wait for a state.
const PATIENCE: Duration = Duration::from_secs(20);

/// The demo's endpoints.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outbound {
    /// The endpoint that always succeeds.
    calm: String,
    /// Its signing secret.
    secret: String,
    /// The endpoint that fails for a while.
    failing: String,
    /// `true` after the first complete run of this part.
    #[serde(default)]
    played: bool,
}

/// Creates two endpoints, each with its rule.
pub(super) async fn create(host: &Host, api: &Api) -> Result<Outbound, DemoError> {
    let calm = json!({
        "name": "ERP (demonstração)", "url": host.inbox().url(CALM, "/erp"),
    });
    let calm = api.post("/v1/endpoints", &calm).await?;
    let failing = json!({
        "name": "Loja (demonstração)", "url": host.inbox().url(FAILING, "/pedidos"),
        "policy": {
            "waits": [1, 1, 1, 1, 1], "jitter_percent": 0, "order": "skip",
            "suspension": {"scope": "endpoint", "trip": {"streak": {"failures": TOO_MANY}}},
        },
    });
    let failing = api.post("/v1/endpoints", &failing).await?;
    for (name, event, endpoint) in [
        ("Negócio criado", "deal.created", &calm),
        ("Pedido despachado", "order.dispatched", &failing),
    ] {
        let rule = json!({
            "name": format!("{name} (demonstração)"), "filter": {"types": [event]},
            "target": {"endpoint": at(endpoint, "/id")},
        });
        api.post("/v1/rules", &rule).await?;
    }
    Ok(Outbound {
        calm: text(at(&calm, "/id")),
        secret: text(at(&calm, "/secret")),
        failing: text(at(&failing, "/id")),
        played: false,
    })
}

/// Runs this part, or checks the results of an earlier run.
pub(super) async fn run(
    host: &Host,
    api: &Api,
    access: &mut Access,
    table: &mut Table,
) -> Result<(), DemoError> {
    let Some(outbound) = access.outbound.clone() else { return Ok(()) };
    if !outbound.played {
        let row = delivered(host, api, access, &outbound).await?;
        table.add("a new deal is delivered, signed", row);
        table.add("an endpoint fails: retried", retried(host, api, &outbound).await?);
        table.add("it keeps failing: suspended", suspended(host, api, &outbound).await?);
        table.add("recipients are notified once", notified(host).await?);
        table.add("enabled: held deliveries, in order", enabled(host, api, &outbound).await?);
    }
    table.add("the deliveries are listed", listed(api, &outbound).await?);
    access.outbound = Some(Outbound { played: true, ..outbound });
    Ok(())
}

/// A webhook creates a deal; the rule delivers it to the inbox.
async fn delivered(
    host: &Host,
    api: &Api,
    access: &Access,
    outbound: &Outbound,
) -> Result<Row, DemoError> {
    let Some(inbound) = access.integration(STORY) else { return Ok(Row::default()) };
    let body = json!({"nome": BUYER, "e_mail": "bia.rocha@example.com", "pedido": ORDER});
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    api.send(&inbound.url, &headers, body.to_string()).await?;
    let find = || async {
        let mut captured_requests = host.inbox().at(CALM).into_iter();
        Ok(captured_requests
            .find(|captured| String::from_utf8_lossy(&captured.body).contains(BUYER)))
    };
    let Some(captured) = until(find).await? else { return Ok(late("no request came")) };
    let signed = is_signed(&captured, &outbound.secret);
    let verdict = if signed { "signature verified" } else { "WRONG SIGNATURE" };
    let event = text(at(&captured.json(), "/type"));
    Ok(Row {
        right: signed && event == "deal.created",
        status: "success".to_owned(),
        contact: vec![
            format!("{} {}{}", captured.method, captured.host, captured.path),
            verdict.to_owned(),
        ],
        deal: BUYER.to_owned(),
    })
}

/// Publishes some events for the failing endpoint and waits for a retry.
async fn retried(host: &Host, api: &Api, outbound: &Outbound) -> Result<Row, DemoError> {
    host.inbox().answer_with(FAILING, Reply::status(500));
    for step in 1..=ORDERS {
        let event = json!({"type": "order.dispatched", "subject": ORDER, "data": {"step": step}});
        api.post("/v1/events", &event).await?;
    }
    let list = deliveries(outbound);
    let again = || async {
        let found = api.get(&list).await?;
        let mut items = at(&found, "/items").as_array().into_iter().flatten();
        Ok(items.find(|item| at(item, "/attempts").as_u64() >= Some(2)).cloned())
    };
    Ok(shown_retry(until(again).await?.as_ref()))
}

/// The endpoint is suspended after too many failures; every delivery is held.
async fn suspended(host: &Host, api: &Api, outbound: &Outbound) -> Result<Row, DemoError> {
    let path = format!("/v1/endpoints/{}", outbound.failing);
    let stopped = || async {
        let endpoint = api.get(&path).await?;
        let held = at(&endpoint, "/held").as_u64() == Some(ORDERS);
        Ok((at(&endpoint, "/state") == "suspended" && held).then_some(endpoint))
    };
    let Some(endpoint) = until(stopped).await? else { return Ok(late("not suspended")) };
    Ok(Row {
        right: host.inbox().at(FAILING).len() == usize::from(TOO_MANY),
        status: text(at(&endpoint, "/state")),
        contact: vec![format!("after {TOO_MANY} failures in a row, {ORDERS} deliveries held")],
        deal: String::new(),
    })
}

/// The recipients are notified exactly once.
async fn notified(host: &Host) -> Result<Row, DemoError> {
    let about = |mail: &Mail| mail.attributes.get("kind").is_some_and(|kind| kind == "suspended");
    let mails = || host.mailbox().all().into_iter().filter(about).collect::<Vec<_>>();
    let any = || async { Ok(Some(mails()).filter(|mails| !mails.is_empty())) };
    let Some(found) = until(any).await? else { return Ok(late("no notification came")) };
    Ok(Row {
        right: found.len() == 1 && found.iter().all(|it| it.attributes.contains_key("workspace")),
        status: "notified".to_owned(),
        contact: found.into_iter().filter_map(|mail| mail.subject).collect(),
        deal: String::new(),
    })
}

fn shown_retry(item: Option<&Value>) -> Row {
    let Some(item) = item else { return late("not retried") };
    Row {
        right: at(item, "/last/status") == 500,
        status: text(at(item, "/state")),
        contact: vec![format!(
            "response {}, attempts: {}",
            at(item, "/last/status"),
            at(item, "/attempts")
        )],
        deal: String::new(),
    }
}

/// The endpoint works again and is enabled; the held deliveries are released.
async fn enabled(host: &Host, api: &Api, outbound: &Outbound) -> Result<Row, DemoError> {
    host.inbox().answer_with(FAILING, Reply::status(200));
    let path = format!("/v1/endpoints/{}/enable", outbound.failing);
    api.post(&path, &json!({"held": "all"})).await?;
    let arrived = || async {
        let captured_requests =
            host.inbox().at(FAILING).into_iter().filter(|it| it.answered == 200);
        let steps: Vec<u64> =
            captured_requests.filter_map(|it| at(&it.json(), "/data/step").as_u64()).collect();
        Ok((steps.len() as u64 >= ORDERS).then_some(steps))
    };
    let Some(steps) = until(arrived).await? else { return Ok(late("no held delivery came")) };
    Ok(Row {
        right: steps == (1..=ORDERS).collect::<Vec<_>>(),
        status: "success".to_owned(),
        contact: vec![format!("arrived in the order {steps:?}")],
        deal: String::new(),
    })
}

/// Every delivery succeeded and is listed so.
async fn listed(api: &Api, outbound: &Outbound) -> Result<Row, DemoError> {
    let list = deliveries(outbound);
    let done = || async {
        let found = api.get(&list).await?;
        let items = at(&found, "/items").as_array().cloned().unwrap_or_default();
        let all = items.len() as u64 == ORDERS;
        Ok((all && items.iter().all(|it| at(it, "/state") == "success")).then_some(items.len()))
    };
    Ok(until(done).await?.map_or_else(
        || late("not every delivery succeeded"),
        |count| Row {
            right: true,
            status: "success".to_owned(),
            contact: vec![format!("{count} deliveries of {ORDER}")],
            deal: String::new(),
        },
    ))
}

fn deliveries(outbound: &Outbound) -> String {
    format!("/v1/deliveries?endpoint={}&subject={ORDER}", outbound.failing)
}

fn late(what: &str) -> Row {
    Row { contact: vec![what.to_owned()], status: "missing".to_owned(), ..Row::default() }
}

/// Repeats `ask` until it returns something or the time is up.
async fn until<T, F>(mut ask: impl FnMut() -> F) -> Result<Option<T>, DemoError>
where
    F: Future<Output = Result<Option<T>, DemoError>>,
{
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask().await? {
            return Ok(Some(found));
        }
        if tokio::time::Instant::now() >= end {
            return Ok(None);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Verifies a request as its receiver does (Standard Webhooks).
fn is_signed(captured: &CapturedRequest, secret: &str) -> bool {
    let header = |name| captured.header(name).unwrap_or_default();
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret));
    let mac = key.ok().and_then(|key| Hmac::<Sha256>::new_from_slice(&key).ok());
    let Some(mut mac) = mac else { return false };
    mac.update(format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    mac.update(&captured.body);
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    header("webhook-signature").split(' ').any(|given| given == expected)
}
