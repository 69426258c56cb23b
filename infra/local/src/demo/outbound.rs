//! The outbound part: a rule delivers a new deal, signed. A second endpoint fails: Gancho retries,
//! suspends it and notifies the recipients. After it is enabled, its held deliveries arrive in
//! order.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    DemoError, Scene,
    inbound::{STORY, json_header},
    items, send, signature, text,
};
use crate::{Client, Host, Reply};

/// The names of the two endpoints in the inbox.
const CALM: &str = "demo-erp";
const FAILING: &str = "demo-loja";
/// Failures in a row that suspend the second endpoint.
const TOO_MANY: usize = 3;
/// The number of events that the failing endpoint is sent.
const ORDERS: u64 = 3;
const ORDER: &str = "PED-2026-0077";
const BUYER: &str = "Bia Rocha";
/// The longest wait for a state: a lane's message can be hidden for a minute, and a busy machine is
/// slow.
const PATIENCE: Duration = Duration::from_secs(90);

/// The found part of a step: right, status, contact, deal.
type Found = (bool, String, String, &'static str);

/// Creates two endpoints, each with its rule; returns the secret of the one and the id of the
/// other, which will fail.
pub(super) async fn create(host: &Host, api: &Client) -> Result<(String, String), DemoError> {
    let url = |name, path| host.inbox().url(name, path);
    let policy = json!({
        "waits": [1, 1, 1, 1, 1], "jitter_percent": 0, "order": "skip",
        "suspension": {"scope": "endpoint", "trip": {"streak": {"failures": TOO_MANY}}},
    });
    let calm = json!({"name": "ERP (demonstração)", "url": url(CALM, "/erp")});
    let failing =
        json!({"name": "Loja (demonstração)", "url": url(FAILING, "/pedidos"), "policy": policy});
    let calm = endpoint(api, &calm, "Negócio criado", "deal.created").await?;
    let failing = endpoint(api, &failing, "Pedido despachado", "order.dispatched").await?;
    Ok((text(&calm["secret"]), text(&failing["id"])))
}

async fn endpoint(api: &Client, body: &Value, rule: &str, event: &str) -> Result<Value, DemoError> {
    let created = api.post("/v1/endpoints", body).await?;
    let rule = json!({
        "name": format!("{rule} (demonstração)"), "filter": {"types": [event]},
        "target": {"endpoint": created["id"]},
    });
    api.post("/v1/rules", &rule).await?;
    Ok(created)
}

/// Runs this part, or checks the results of an earlier run.
pub(super) async fn run(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    if !scene.demo.played {
        let body = json!({"nome": BUYER, "e_mail": "bia.rocha@example.com", "pedido": ORDER});
        send(&scene.api, &scene.inbound(STORY).url, &json_header(), body.to_string()).await?;
        wait(scene, "a new deal is delivered, signed", "no request came", delivered).await?;

        scene.host.inbox().answer_with(FAILING, Reply::status(500));
        for step in 1..=ORDERS {
            let event =
                json!({"type": "order.dispatched", "subject": ORDER, "data": {"step": step}});
            scene.api.post("/v1/events", &event).await?;
        }
        wait(scene, "an endpoint fails: retried", "not retried", retried).await?;
        wait(scene, "it keeps failing: suspended", "not suspended", suspended).await?;
        wait(scene, "recipients are notified once", "no notification came", notified).await?;

        scene.host.inbox().answer_with(FAILING, Reply::status(200));
        let path = format!("/v1/endpoints/{}/enable", scene.demo.failing);
        scene.api.post(&path, &json!({"held": "all"})).await?;
        wait(scene, "enabled: held deliveries, in order", "no held delivery came", released)
            .await?;
    }
    wait(scene, "the deliveries are listed", "not every delivery succeeded", listed).await
}

/// Repeats `ask` until it finds something or the time is up, and adds the step.
async fn wait(
    scene: &mut Scene<'_>,
    name: &str,
    missing: &str,
    ask: impl AsyncFn(&Scene<'_>) -> Result<Option<Found>, DemoError>,
) -> Result<(), DemoError> {
    let end = tokio::time::Instant::now() + PATIENCE;
    let mut found = ask(scene).await?;
    while found.is_none() && tokio::time::Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(50)).await;
        found = ask(scene).await?;
    }
    let nothing = (false, "missing".to_owned(), missing.to_owned(), "");
    let (right, status, contact, deal) = found.unwrap_or(nothing);
    scene.add(name, (right, &status, contact, deal));
    Ok(())
}

/// A webhook has created a deal; the rule delivers it to the inbox.
async fn delivered(scene: &Scene<'_>) -> Result<Option<Found>, DemoError> {
    let mut all = scene.host.inbox().at(CALM).into_iter();
    let captured = all.find(|captured| captured.json().to_string().contains(BUYER));
    Ok(captured.map(|captured| {
        let signed = signature::is_valid(&captured, &scene.demo.secret);
        let right = signed && captured.json()["type"] == "deal.created";
        let verdict = if signed { "signature verified" } else { "WRONG SIGNATURE" };
        let shown = format!("{} {}{}, {verdict}", captured.method, captured.host, captured.path);
        (right, "success".to_owned(), shown, BUYER)
    }))
}

/// The failing endpoint is tried again.
async fn retried(scene: &Scene<'_>) -> Result<Option<Found>, DemoError> {
    let items = deliveries(scene).await?;
    let item = items.iter().find(|item| item["attempts"].as_u64() >= Some(2));
    Ok(item.map(|item| {
        let (status, attempts) = (&item["last"]["status"], &item["attempts"]);
        let shown = format!("response {status}, attempts: {attempts}");
        (*status == 500, text(&item["state"]), shown, "")
    }))
}

/// The endpoint is suspended after too many failures; every delivery is held.
async fn suspended(scene: &Scene<'_>) -> Result<Option<Found>, DemoError> {
    let endpoint = scene.api.get(&format!("/v1/endpoints/{}", scene.demo.failing)).await?;
    let is_stopped = endpoint["state"] == "suspended" && endpoint["held"] == ORDERS;
    let right = scene.host.inbox().at(FAILING).len() == TOO_MANY;
    let shown = format!("after {TOO_MANY} failures in a row, {ORDERS} deliveries held");
    Ok(is_stopped.then(|| (right, "suspended".to_owned(), shown, "")))
}

/// The recipients are notified exactly once.
async fn notified(scene: &Scene<'_>) -> Result<Option<Found>, DemoError> {
    let mut mails = scene.host.mailbox().all();
    mails.retain(|mail| {
        [("kind", "suspended"), ("workspace", &scene.demo.workspace)]
            .iter()
            .all(|(name, value)| mail.attributes.get(*name).is_some_and(|it| it == value))
    });
    let subjects: Vec<String> = mails.iter().filter_map(|mail| mail.subject.clone()).collect();
    let found = (mails.len() == 1, "notified".to_owned(), subjects.join(", "), "");
    Ok((!mails.is_empty()).then_some(found))
}

/// The endpoint works again and is enabled; the held deliveries are released.
async fn released(scene: &Scene<'_>) -> Result<Option<Found>, DemoError> {
    let all = scene.host.inbox().at(FAILING);
    let arrived = all.iter().filter(|captured| captured.answered == 200);
    let steps = arrived.filter_map(|captured| captured.json()["data"]["step"].as_u64());
    let steps: Vec<u64> = steps.collect();
    let right = steps == (1..=ORDERS).collect::<Vec<_>>();
    let found = (right, "success".to_owned(), format!("arrived in the order {steps:?}"), "");
    Ok((steps.len() as u64 >= ORDERS).then_some(found))
}

/// Every delivery succeeded and is listed so.
async fn listed(scene: &Scene<'_>) -> Result<Option<Found>, DemoError> {
    let items = deliveries(scene).await?;
    let is_done = items.len() as u64 == ORDERS && items.iter().all(|it| it["state"] == "success");
    let shown = format!("{ORDERS} deliveries of {ORDER}");
    Ok(is_done.then(|| (true, "success".to_owned(), shown, "")))
}

async fn deliveries(scene: &Scene<'_>) -> Result<Vec<Value>, DemoError> {
    let list = format!("/v1/deliveries?endpoint={}&subject={ORDER}", scene.demo.failing);
    Ok(items(&scene.api.get(&list).await?))
}
