//! The outbound part: a rule delivers a new deal, signed. A second endpoint fails: Gancho retries,
//! suspends it and notifies the recipients. After it is enabled, its held deliveries arrive in
//! order.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    DemoError, Scene,
    inbound::{STORY, json_header},
    items, send, signature,
    steps::Step,
    text,
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

/// Creates two endpoints, each with its rule; returns the secret of the one and the id of the
/// other, which will fail.
pub(super) async fn create(host: &Host, api: &Client) -> Result<(String, String), DemoError> {
    let url = |name, path| host.inbox().url(name, path);
    let calm = json!({"name": "ERP (demonstração)", "url": url(CALM, "/erp")});
    let calm = endpoint(api, &calm, "Negócio criado", "deal.created").await?;
    let failing = json!({
        "name": "Loja (demonstração)", "url": url(FAILING, "/pedidos"),
        "policy": {
            "waits": [1, 1, 1, 1, 1], "jitter_percent": 0, "order": "skip",
            "suspension": {"scope": "endpoint", "trip": {"streak": {"failures": TOO_MANY}}},
        },
    });
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
        let step = delivered(scene).await?;
        scene.steps.add("a new deal is delivered, signed", step);
        let step = retried(scene).await?;
        scene.steps.add("an endpoint fails: retried", step);
        let step = suspended(scene).await?;
        scene.steps.add("it keeps failing: suspended", step);
        let step = notified(scene).await?;
        scene.steps.add("recipients are notified once", step);
        let step = enabled(scene).await?;
        scene.steps.add("enabled: held deliveries, in order", step);
    }
    let step = listed(scene).await?;
    scene.steps.add("the deliveries are listed", step);
    Ok(())
}

/// A webhook creates a deal; the rule delivers it to the inbox.
async fn delivered(scene: &Scene<'_>) -> Result<Step, DemoError> {
    let body = json!({"nome": BUYER, "e_mail": "bia.rocha@example.com", "pedido": ORDER});
    send(&scene.api, &scene.inbound(STORY)?.url, &json_header(), body.to_string()).await?;
    let arrived = async || {
        let mut all = scene.host.inbox().at(CALM).into_iter();
        Ok(all.find(|captured| captured.json().to_string().contains(BUYER)))
    };
    let Some(captured) = until(arrived).await? else { return Ok(Step::missing("no request came")) };
    let signed = signature::is_valid(&captured, &scene.demo.secret);
    let right = signed && captured.json()["type"] == "deal.created";
    let verdict = if signed { "signature verified" } else { "WRONG SIGNATURE" };
    let shown = format!("{} {}{}, {verdict}", captured.method, captured.host, captured.path);
    Ok(Step::new(right, "success", shown).deal(BUYER))
}

/// Publishes some events for the failing endpoint and waits for a retry.
async fn retried(scene: &Scene<'_>) -> Result<Step, DemoError> {
    scene.host.inbox().answer_with(FAILING, Reply::status(500));
    for step in 1..=ORDERS {
        let event = json!({"type": "order.dispatched", "subject": ORDER, "data": {"step": step}});
        scene.api.post("/v1/events", &event).await?;
    }
    let again = async || {
        let items = deliveries(scene).await?;
        Ok(items.into_iter().find(|item| item["attempts"].as_u64() >= Some(2)))
    };
    let Some(item) = until(again).await? else { return Ok(Step::missing("not retried")) };
    let (status, attempts) = (&item["last"]["status"], &item["attempts"]);
    let shown = format!("response {status}, attempts: {attempts}");
    Ok(Step::new(status == 500, &text(&item["state"]), shown))
}

/// The endpoint is suspended after too many failures; every delivery is held.
async fn suspended(scene: &Scene<'_>) -> Result<Step, DemoError> {
    let path = format!("/v1/endpoints/{}", scene.demo.failing);
    let stopped = async || {
        let endpoint = scene.api.get(&path).await?;
        let held = endpoint["held"].as_u64() == Some(ORDERS);
        Ok((endpoint["state"] == "suspended" && held).then_some(()))
    };
    let Some(()) = until(stopped).await? else { return Ok(Step::missing("not suspended")) };
    let shown = format!("after {TOO_MANY} failures in a row, {ORDERS} deliveries held");
    Ok(Step::new(scene.host.inbox().at(FAILING).len() == TOO_MANY, "suspended", shown))
}

/// The recipients are notified exactly once.
async fn notified(scene: &Scene<'_>) -> Result<Step, DemoError> {
    let any = async || {
        let mut mails = scene.host.mailbox().all();
        mails.retain(|mail| {
            let is =
                |name: &str, value: &str| mail.attributes.get(name).is_some_and(|it| it == value);
            is("kind", "suspended") && is("workspace", &scene.demo.workspace)
        });
        Ok(Some(mails).filter(|mails| !mails.is_empty()))
    };
    let Some(mails) = until(any).await? else { return Ok(Step::missing("no notification came")) };
    let subjects: Vec<String> = mails.iter().filter_map(|mail| mail.subject.clone()).collect();
    Ok(Step::new(mails.len() == 1, "notified", subjects.join(", ")))
}

/// The endpoint works again and is enabled; the held deliveries are released.
async fn enabled(scene: &Scene<'_>) -> Result<Step, DemoError> {
    scene.host.inbox().answer_with(FAILING, Reply::status(200));
    let path = format!("/v1/endpoints/{}/enable", scene.demo.failing);
    scene.api.post(&path, &json!({"held": "all"})).await?;
    let arrived = async || {
        let mut all = scene.host.inbox().at(FAILING);
        all.retain(|captured| captured.answered == 200);
        let steps = all.iter().filter_map(|captured| captured.json()["data"]["step"].as_u64());
        let steps: Vec<u64> = steps.collect();
        Ok((steps.len() as u64 >= ORDERS).then_some(steps))
    };
    let Some(steps) = until(arrived).await? else {
        return Ok(Step::missing("no held delivery came"));
    };
    let shown = format!("arrived in the order {steps:?}");
    Ok(Step::new(steps == (1..=ORDERS).collect::<Vec<_>>(), "success", shown))
}

/// Every delivery succeeded and is listed so.
async fn listed(scene: &Scene<'_>) -> Result<Step, DemoError> {
    let done = async || {
        let items = deliveries(scene).await?;
        let all = items.len() as u64 == ORDERS;
        Ok((all && items.iter().all(|item| item["state"] == "success")).then_some(()))
    };
    Ok(match until(done).await? {
        Some(()) => Step::new(true, "success", format!("{ORDERS} deliveries of {ORDER}")),
        None => Step::missing("not every delivery succeeded"),
    })
}

async fn deliveries(scene: &Scene<'_>) -> Result<Vec<Value>, DemoError> {
    let list = format!("/v1/deliveries?endpoint={}&subject={ORDER}", scene.demo.failing);
    Ok(items(&scene.api.get(&list).await?))
}

/// Repeats `ask` until it returns something or the time is up.
async fn until<T>(
    ask: impl AsyncFn() -> Result<Option<T>, DemoError>,
) -> Result<Option<T>, DemoError> {
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        let found = ask().await?;
        if found.is_some() || tokio::time::Instant::now() >= end {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
