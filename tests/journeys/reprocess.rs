//! Reprocessing of one webhook, and of all that match a filter (CATALOGUE HI-03 to HI-07).

use std::collections::BTreeSet;

use futures::{StreamExt, future::join_all, stream};
use jiff::{SignedDuration, Timestamp};
use local::AwsError;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Answer, Inbound, World, answer, simple_mapping};

/// Longer than a message of `process-retry` stays hidden, shorter than a lease holds.
const HIDDEN: SignedDuration = SignedDuration::from_secs(181);
/// Longer than a message of `reprocess-jobs` stays hidden.
const JOB_HIDDEN: SignedDuration = SignedDuration::from_secs(51);
/// The text in a part's row after its second page is recorded.
const SECOND_PAGE: &str = r#"\"enqueued\":100"#;

fn ana(n: usize) -> String {
    json!({"name": "Ana", "email": format!("ana{n}@example.com"), "title": "Plano"}).to_string()
}

fn reprocess(to: &Inbound, id: &str) -> String {
    format!("/v1/origins/{}/webhooks/{id}/reprocess", to.origin)
}

async fn runs(world: &World, to: &Inbound, id: &str) -> Vec<Value> {
    world.webhook(to, id).await["runs"].as_array().unwrap().clone()
}

/// Many webhooks, received and processed; their ids.
async fn many(world: &World, to: &Inbound, count: usize) -> Vec<String> {
    let sent = stream::iter(0..count).map(|n| async move {
        let sent = world.send(to, ana(n)).await.expect(200);
        sent["id"].as_str().unwrap().to_owned()
    });
    let ids = sent.buffer_unordered(32).collect().await;
    world.settle().await;
    ids
}

async fn start(world: &World, to: &Inbound, filter: Value, key: Option<&str>) -> Answer {
    let url = format!("{}/v1/origins/{}/reprocess", world.host.base_url(), to.origin);
    let request = world.request(Method::POST, &url).bearer_auth(&world.key);
    let request = request.json(&json!({ "filter": filter }));
    answer(match key {
        Some(key) => request.header("idempotency-key", key),
        None => request,
    })
    .await
}

async fn job(world: &World, id: &str) -> Value {
    world.get(&format!("/v1/jobs/{id}")).await.expect(200)
}

fn id_of(created: &Value) -> String {
    created["id"].as_str().unwrap().to_owned()
}

/// The number of runs beyond the first of every webhook, and the webhooks with more than one.
async fn more_runs(world: &World, to: &Inbound) -> (u64, Vec<String>) {
    let (mut all, mut twice, mut cursor) = (0, Vec::new(), String::new());
    loop {
        let page = world.webhooks(&to.origin, &format!("?limit=200{cursor}")).await;
        for item in page["items"].as_array().unwrap() {
            let more = item["runs"].as_u64().unwrap() - 1;
            all += more;
            twice.extend((more > 1).then(|| id_of(item)));
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (all, twice),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hi_03_a_hundred_concurrent_clicks_create_one_run() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let id = world.receive(&to, ana(1)).await;
    // The run is paused until every request was sent.
    let held = world.host.faults().on("Query").function("process").hold_before();
    let path = reprocess(&to, &id);
    let clicks = join_all((0..100).map(|_| world.post(&path, json!({})))).await;
    let (won, lost): (Vec<_>, Vec<_>) =
        clicks.iter().partition(|click| click.status == StatusCode::ACCEPTED);
    assert_eq!((won.len(), lost.len()), (1, 99));
    for click in lost {
        assert_eq!((click.status.as_u16(), click.code().as_str()), (409, "reprocess_in_progress"));
    }
    let created = won[0].json();
    assert_eq!((&created["webhook"], &created["run"]), (&json!(id), &json!(2)));
    assert_eq!(won[0].headers["location"], created["status_url"].as_str().unwrap());
    held.release();
    world.settle().await;
    let runs = runs(&world, &to, &id).await;
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[0]["cause"], json!({"kind": "received"}));
    assert_eq!(runs[1]["cause"]["kind"], "reprocess");
    assert_eq!(world.deals(&to.origin).await.len(), 1);
    // The first run has ended.
    assert_eq!(world.post(&path, json!({})).await.expect(202)["run"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn hi_04_a_success_in_create_mode_updates_its_own_deal_and_creates_no_second() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let id = world.receive(&to, ana(1)).await;
    let before = world.deals(&to.origin).await;
    let mut mapping = simple_mapping();
    mapping["fields"][3]["path"] = json!("$.name");
    world
        .patch(&format!("/v1/integrations/{}", to.id), json!({"mapping": mapping}))
        .await
        .expect(200);
    world.post(&reprocess(&to, &id), json!({})).await.expect(202);
    world.settle().await;
    let runs = runs(&world, &to, &id).await;
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[0]["deal"], json!({"id": before[0]["id"], "action": "created"}));
    assert_eq!(runs[1]["deal"], json!({"id": before[0]["id"], "action": "updated"}));
    let after = world.deals(&to.origin).await;
    assert_eq!(after.len(), 1);
    assert_eq!((&before[0]["title"], &after[0]["title"]), (&json!("Plano"), &json!("Ana")));
}

#[tokio::test(flavor = "multi_thread")]
async fn hi_05_the_current_mapping_is_used_and_inactive_or_deleted_integrations_answer_409() {
    let world = World::new().await;
    let mut strict = simple_mapping();
    strict["fields"][1]["required"] = json!(true);
    let to = world.inbound(json!({"action": "create_deal", "mapping": strict})).await;
    let id = world.receive(&to, json!({"email": "?", "mail": "ana@example.com"}).to_string()).await;
    assert_eq!(world.webhook(&to, &id).await["status"], "error");
    let path = format!("/v1/integrations/{}", to.id);
    let mut mapping = simple_mapping();
    mapping["fields"][1]["path"] = json!("$.mail");
    world.patch(&path, json!({"mapping": mapping})).await.expect(200);
    world.post(&reprocess(&to, &id), json!({})).await.expect(202);
    world.settle().await;
    let seen = world.webhook(&to, &id).await;
    assert_eq!(seen["status"], "success");
    let versions: Vec<_> =
        seen["runs"].as_array().unwrap().iter().map(|run| run["mapping_version"].clone()).collect();
    assert_eq!(versions, [json!(1), json!(2)]);

    world.patch(&path, json!({"active": false})).await.expect(200);
    let refused = world.post(&reprocess(&to, &id), json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "integration_inactive"));
    world.delete(&path).await;
    let refused = world.post(&reprocess(&to, &id), json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "integration_deleted"));
    assert_eq!(runs(&world, &to, &id).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn hi_06_after_a_worker_dies_halfway_another_one_completes_the_run_once() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let id = world.receive(&to, ana(1)).await;
    let held = world.host.faults().on("Query").function("process").nth(1).hold_after();
    let path = reprocess(&to, &id);
    world.post(&path, json!({})).await.expect(202);
    held.reached().await;
    world.host.kill("process").unwrap();
    world.host.faults().clear();
    assert_eq!(world.post(&path, json!({})).await.code(), "reprocess_in_progress");
    assert_eq!(runs(&world, &to, &id).await.len(), 1);
    world.advance(HIDDEN);
    world.settle().await;
    assert_eq!(runs(&world, &to, &id).await.len(), 2);
    assert_eq!(world.deals(&to.origin).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn hi_06_after_the_lease_a_person_may_request_the_same_run_again() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let id = world.receive(&to, ana(1)).await;
    let path = reprocess(&to, &id);
    // Every attempt of the worker fails, so that the run is open when the lease ends.
    world.host.faults().on("Query").function("process").always().pre_err(AwsError::internal());
    assert_eq!(world.post(&path, json!({})).await.expect(202)["run"], 2);
    world.settle().await;
    world.advance(SignedDuration::from_secs(301));
    assert_eq!(world.post(&path, json!({})).await.expect(202)["run"], 2);
    world.host.faults().clear();
    world.settle().await;
    world.advance(HIDDEN);
    world.settle().await;
    assert_eq!(runs(&world, &to, &id).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_whose_message_is_not_enqueued_leaves_nothing_behind() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let id = world.receive(&to, ana(1)).await;
    let path = reprocess(&to, &id);
    world.host.faults().on("SendMessage").function("reprocess").always().lose_request();
    let refused = world.post(&path, json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (503, "storage_unavailable"));
    world.host.faults().clear();
    assert_eq!(world.post(&path, json!({})).await.expect(202)["run"], 2);
    world.settle().await;
    assert_eq!(runs(&world, &to, &id).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn re_05_a_click_repeated_with_its_key_creates_one_run() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let id = world.receive(&to, ana(1)).await;
    let url = format!("{}{}", world.host.base_url(), reprocess(&to, &id));
    let click = || {
        let request = world.request(Method::POST, &url).bearer_auth(&world.key);
        answer(request.header("idempotency-key", "click-1"))
    };
    // The first request dies between its message and its response.
    let held = world.host.faults().on("SendMessage").function("reprocess").hold_after();
    let first = tokio::spawn(click());
    held.reached().await;
    world.host.kill("reprocess").unwrap();
    assert!(first.await.unwrap().status.is_server_error());
    world.host.faults().clear();
    world.settle().await;
    assert_eq!(click().await.code(), "idempotency_in_progress");
    world.advance(SignedDuration::from_secs(31));
    let again = click().await.expect(202);
    assert_eq!(again["run"], 2);
    assert_eq!(click().await.expect(202), again);
    world.settle().await;
    assert_eq!(runs(&world, &to, &id).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn d15_a_pending_webhook_is_in_progress_until_its_run_is_lost() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    world.host.faults().on("*").function("process").always().pre_err(AwsError::internal());
    let sent = world.send(&to, ana(1)).await.expect(200);
    let id = sent["id"].as_str().unwrap();
    let path = reprocess(&to, id);
    assert_eq!(world.post(&path, json!({})).await.code(), "reprocess_in_progress");
    world.advance(SignedDuration::from_mins(11));
    assert_eq!(world.post(&path, json!({})).await.expect(202)["run"], 1);
    world.host.faults().clear();
    world.advance(HIDDEN);
    world.settle().await;
    let runs = runs(&world, &to, id).await;
    assert_eq!((runs.len(), &runs[0]["status"]), (1, &json!("success")));
}

#[tokio::test(flavor = "multi_thread")]
async fn hi_01_expired_webhooks_and_those_of_others_are_not_found() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let id = world.receive(&to, ana(1)).await;
    let path = reprocess(&to, &id);
    let (_, other) = world.new_workspace("Outra").await;
    let foreign = world.call_as(&other, Method::POST, &path, None).await;
    assert_eq!((foreign.status.as_u16(), foreign.code().as_str()), (404, "not_found"));
    let created = start(&world, &to, json!({}), None).await.expect(202);
    let of_job = format!("/v1/jobs/{}", id_of(&created));
    assert_eq!(world.call_as(&other, Method::GET, &of_job, None).await.code(), "not_found");
    let cancel = format!("{of_job}/cancel");
    assert_eq!(world.call_as(&other, Method::POST, &cancel, None).await.code(), "not_found");
    world.settle().await;
    world.advance(SignedDuration::from_hours(24 * 93));
    assert_eq!(world.post(&path, json!({})).await.code(), "not_found");
    assert_eq!(world.get(&of_job).await.code(), "not_found");
    let dry = json!({"filter": {}, "dry_run": true});
    let dry = world.post(&format!("/v1/origins/{}/reprocess", to.origin), dry).await.expect(200);
    assert_eq!(dry, json!({"count": 0}));
}

#[tokio::test(flavor = "multi_thread")]
async fn hi_07_a_job_killed_twice_and_requested_twice_runs_each_webhook_once() {
    const COUNT: usize = 300;
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let ids = many(&world, &to, COUNT).await;
    let faults = world.host.faults();
    // Killed in the middle of the first page's messages...
    let held = faults.on("SendMessageBatch").function("reprocess").table("process-retry").nth(5);
    let held = held.hold_before();
    let created = start(&world, &to, json!({}), Some("monday")).await.expect(202);
    assert_eq!(created["total"], COUNT);
    let again = start(&world, &to, json!({}), Some("monday")).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.expect(202)["id"], created["id"]);
    let other = start(&world, &to, json!({"status": "error"}), Some("monday")).await;
    assert_eq!(other.code(), "idempotency_mismatch");
    held.reached().await;
    world.host.kill("reprocess").unwrap();
    faults.clear();
    world.settle().await;
    let id = id_of(&created);
    assert_eq!(job(&world, &id).await["state"], "running");
    // ... and again when the second page is recorded and not yet enqueued.
    let held = faults.on("PutItem").function("reprocess").containing(SECOND_PAGE);
    let held = held.hold_after();
    world.advance(JOB_HIDDEN);
    held.reached().await;
    world.host.kill("reprocess").unwrap();
    faults.clear();
    world.settle().await;
    assert_eq!(job(&world, &id).await["done"], 100);
    world.advance(JOB_HIDDEN);
    world.settle().await;
    let ended = job(&world, &id).await;
    let count = |name: &str| ended[name].as_u64().unwrap();
    assert_eq!(ended["state"], "done", "{ended}");
    assert_eq!((count("done"), count("enqueued"), count("failed")), (300, 300, 0));
    assert_eq!(
        (&ended["skipped"], &ended["parts"]["done"]),
        (&json!({}), &ended["parts"]["total"])
    );
    let (all, twice) = more_runs(&world, &to).await;
    assert_eq!((all, twice), (COUNT as u64, Vec::new()));
    let run = runs(&world, &to, &ids[0]).await[1].clone();
    assert_eq!((&run["cause"]["kind"], &run["cause"]["job"]), (&json!("job"), &json!(id)));
    assert_eq!(world.webhooks(&to.origin, "").await["count"], COUNT);
    let list = world.get("/v1/jobs").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0], ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn f2_a_job_whose_worker_died_goes_on_within_a_minute_and_shows_when_it_was_last_active() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    many(&world, &to, 120).await;
    world.advance(SignedDuration::from_secs(90));
    world.settle().await;
    let faults = world.host.faults();
    let held = faults.on("PutItem").function("reprocess").containing(SECOND_PAGE).hold_before();
    let created = start(&world, &to, json!({}), None).await.expect(202);
    assert_eq!(created["last_active_at"], Value::Null);
    let (id, died) = (id_of(&created), world.now());
    held.reached().await;
    world.host.kill("reprocess").unwrap();
    // Not before the worker is gone: it would record its page.
    world.settle().await;
    faults.clear();
    let active = |job: &Value| job["last_active_at"].as_str().unwrap().parse::<Timestamp>();
    let mut now = job(&world, &id).await;
    while now["state"] == "running" {
        assert_eq!((&now["done"], active(&now).unwrap()), (&json!(50), died));
        let waited = world.now().duration_since(died);
        assert!(waited < SignedDuration::from_secs(60), "it stands still for {waited:#}");
        world.advance(SignedDuration::from_secs(1));
        world.settle().await;
        now = job(&world, &id).await;
    }
    assert_eq!((&now["done"], active(&now).unwrap()), (&json!(120), world.now()));
}

/// Lets every run of a reprocess fail; its message comes back after [`HIDDEN`].
fn stop_runs(world: &World) {
    world.host.faults().on("Query").function("process").always().pre_err(AwsError::internal());
}

async fn reprocessing(world: &World, to: &Inbound) -> Vec<bool> {
    let page = world.webhooks(&to.origin, "?status=success&limit=200").await;
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["reprocessing"].as_bool().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn f14_a_reprocess_of_successes_shows_that_it_is_under_way() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let id = world.receive(&to, ana(1)).await;
    world.advance(SignedDuration::from_millis(1));
    let other = world.receive(&to, ana(2)).await;
    stop_runs(&world);
    assert_eq!(reprocessing(&world, &to).await, [false, false]);
    world.post(&reprocess(&to, &id), json!({})).await.expect(202);
    // Longer than the lease holds: the queue may be full.
    for _ in 0..3 {
        world.settle().await;
        let seen = world.webhook(&to, &id).await;
        assert_eq!((&seen["status"], &seen["reprocessing"]), (&json!("success"), &json!(true)));
        assert_eq!(world.webhook(&to, &other).await["reprocessing"], false);
        assert_eq!(reprocessing(&world, &to).await, [false, true]);
        world.advance(HIDDEN);
    }
    world.host.faults().clear();
    world.settle().await;
    assert_eq!(runs(&world, &to, &id).await.len(), 2);
    assert_eq!(world.webhook(&to, &id).await["reprocessing"], false);
    assert_eq!(reprocessing(&world, &to).await, [false, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn f14_a_job_is_done_when_its_last_run_has_ended() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    many(&world, &to, 120).await;
    stop_runs(&world);
    let id = id_of(&start(&world, &to, json!({"status": "success"}), None).await.expect(202));
    world.settle().await;
    let open = job(&world, &id).await;
    assert_eq!((&open["done"], &open["enqueued"]), (&json!(120), &json!(120)));
    assert_eq!(open["parts"]["done"], open["parts"]["total"]);
    assert_eq!((&open["state"], &open["under_way"]), (&json!("running"), &json!(120)));
    assert_eq!(open["ended_at"], Value::Null);
    assert_eq!(reprocessing(&world, &to).await, vec![true; 120]);
    world.host.faults().clear();
    world.advance(HIDDEN);
    world.settle().await;
    let ended = job(&world, &id).await;
    assert_eq!((&ended["state"], &ended["under_way"]), (&json!("done"), &json!(0)));
    assert_eq!(ended["ended_at"].as_str().unwrap().parse::<Timestamp>().unwrap(), world.now());
    assert_eq!(reprocessing(&world, &to).await, vec![false; 120]);
    // The sweep records the same end.
    world.advance(SignedDuration::from_mins(16));
    world.settle().await;
    assert_eq!(job(&world, &id).await, ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn f14_a_job_does_not_wait_for_a_run_that_another_request_took() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let ids = many(&world, &to, 2).await;
    stop_runs(&world);
    let id = id_of(&start(&world, &to, json!({}), None).await.expect(202));
    world.settle().await;
    world.advance(SignedDuration::from_secs(301));
    world.settle().await;
    world.host.faults().clear();
    // The lease has expired, so that a person gets the run that the job had requested.
    assert_eq!(world.post(&reprocess(&to, &ids[0]), json!({})).await.expect(202)["run"], 2);
    world.settle().await;
    assert_eq!(runs(&world, &to, &ids[0]).await[1]["cause"]["kind"], "reprocess");
    assert_eq!(job(&world, &id).await["under_way"], 2);
    world.advance(HIDDEN);
    world.settle().await;
    let ended = job(&world, &id).await;
    assert_eq!((&ended["state"], &ended["under_way"]), (&json!("done"), &json!(0)));
    assert_eq!((&ended["enqueued"], more_runs(&world, &to).await.0), (&json!(2), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn f14_a_job_does_not_wait_for_a_webhook_that_expired() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let webhook = world.receive(&to, ana(1)).await;
    world.advance(SignedDuration::from_hours(24 * 20));
    stop_runs(&world);
    let id = id_of(&start(&world, &to, json!({}), None).await.expect(202));
    world.settle().await;
    world.advance(SignedDuration::from_hours(24 * 80));
    world.host.faults().clear();
    assert_eq!(job(&world, &id).await["under_way"], 1);
    let body = json!({"v": 1, "workspace": world.workspace, "origin": to.origin,
        "webhook": webhook, "run": 2, "job": id});
    let event = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "1",
        "body": body.to_string(), "attributes": {}, "messageAttributes": {}}]});
    for _ in 0..2 {
        let done = world.host.invoke("process", event.clone()).await.unwrap();
        assert_eq!(done, json!({"batchItemFailures": []}));
    }
    let ended = job(&world, &id).await;
    assert_eq!((&ended["state"], &ended["under_way"]), (&json!("done"), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn hi_07_a_message_delivered_five_times_at_once_has_one_effect() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    many(&world, &to, 60).await;
    let held =
        world.host.faults().on("SendMessageBatch").function("reprocess").table("reprocess-jobs");
    let held = held.hold_after();
    let (created, ()) = tokio::join!(start(&world, &to, json!({}), None), async {
        held.reached().await;
        held.release();
    });
    let created = created.expect(202);
    let event = message(&world, &id_of(&created));
    let copies = join_all((0..5).map(|_| world.host.invoke("reprocess", event.clone()))).await;
    for copy in copies {
        assert_eq!(copy.unwrap(), json!({"batchItemFailures": []}));
    }
    world.settle().await;
    let ended = job(&world, &id_of(&created)).await;
    assert_eq!((&ended["state"], &ended["enqueued"]), (&json!("done"), &json!(60)));
    let (all, twice) = more_runs(&world, &to).await;
    assert_eq!((all, twice), (60, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_stops_and_shows_its_counts() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    many(&world, &to, 130).await;
    let held = world.host.faults().on("PutItem").function("reprocess").containing(SECOND_PAGE);
    let held = held.hold_before();
    let created = start(&world, &to, json!({}), None).await.expect(202);
    let id = id_of(&created);
    held.reached().await;
    let path = format!("/v1/jobs/{id}/cancel");
    assert_eq!(world.post(&path, json!({})).await.expect(200)["state"], "cancelled");
    held.release();
    world.settle().await;
    let ended = job(&world, &id).await;
    assert_eq!(ended["state"], "cancelled");
    // The page in progress is counted and run; the third is not started.
    assert_eq!((&ended["enqueued"], &ended["total"]), (&json!(100), &json!(130)));
    let (all, twice) = more_runs(&world, &to).await;
    assert_eq!((all, twice), (100, Vec::new()));
    let again = world.post(&path, json!({})).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "job_ended"));
    // Its messages have no effect a week later (IF-26).
    world.advance(SignedDuration::from_hours(24 * 7));
    world.settle().await;
    assert_eq!(more_runs(&world, &to).await.0, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn i19_a_dry_run_counts_what_the_list_counts_and_changes_nothing() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    many(&world, &to, 7).await;
    world.advance(SignedDuration::from_hours(30));
    many(&world, &to, 3).await;
    world.receive(&to, "[]").await;
    world.receive(&to, "no json").await;
    let path = format!("/v1/origins/{}/reprocess", to.origin);
    let table = [
        (json!({}), "", 12),
        (json!({"status": "error"}), "?status=error", 2),
        (json!({"status": ["error", "success"]}), "?status=error,success", 12),
        (json!({"from": "2026-11-22"}), "?from=2026-11-22", 5),
        (json!({"to": "2026-11-21", "status": "success"}), "?to=2026-11-21&status=success", 7),
        (json!({"q": "ana2@example.com"}), "?q=ana2@example.com", 2),
        (json!({"application": "hotmart"}), "?application=hotmart", 0),
    ];
    for (filter, query, want) in table {
        let dry = world.post(&path, json!({"filter": filter, "dry_run": true})).await.expect(200);
        assert_eq!(dry, json!({"count": want}), "{filter}");
        assert_eq!(world.webhooks(&to.origin, query).await["count"], want, "{query}");
        let created = start(&world, &to, filter.clone(), None).await.expect(202);
        assert_eq!((&created["total"], &created["filter"]), (&json!(want), &filter));
        world.settle().await;
        let ended = job(&world, &id_of(&created)).await;
        assert_eq!(
            (&ended["state"], &ended["enqueued"]),
            (&json!("done"), &json!(want)),
            "{ended}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn te_05_an_invalid_filter_is_named() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let table = [
        (json!({"status": "erro"}), 422, "validation_error", "filter.status"),
        (json!({"from": "yesterday"}), 422, "validation_error", "filter.from"),
        (json!({"state": "error"}), 422, "validation_error", "filter.state"),
        (json!({"q": 5}), 422, "validation_error", "filter.q"),
        (json!({"from": "2026-11-22", "to": "2026-11-21"}), 400, "bad_period", "filter.to"),
    ];
    for (filter, status, code, path) in table {
        let refused = start(&world, &to, filter, None).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (status, code));
        assert_eq!(refused.json()["path"], path);
        assert_eq!(refused.headers["content-type"], "application/problem+json");
    }
    let all = world.post(&format!("/v1/origins/{}/reprocess", to.origin), json!({})).await;
    assert_eq!(all.json()["path"], "filter");
    let unknown = "/v1/origins/ori_01935000000070008000000000000000/reprocess";
    assert_eq!(world.post(unknown, json!({"filter": {}})).await.code(), "not_found");
    for (query, code) in [
        ("?limit=0", "validation_error"),
        ("?cursor=x", "bad_cursor"),
        ("?a=b", "validation_error"),
    ] {
        assert_eq!(world.get(&format!("/v1/jobs{query}")).await.code(), code, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hi_05_a_job_skips_webhooks_that_cannot_run_and_shows_the_reason() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let more = json!({"action": "create_deal", "mapping": simple_mapping()});
    let inactive = world.integration(&to.origin, more.clone()).await;
    let deleted = world.integration(&to.origin, more).await;
    for (count, inbound) in [(3, &to), (2, &inactive), (1, &deleted)] {
        many(&world, inbound, count).await;
    }
    let path = format!("/v1/integrations/{}", inactive.id);
    world.patch(&path, json!({"active": false})).await.expect(200);
    world.delete(&format!("/v1/integrations/{}", deleted.id)).await;
    let created = start(&world, &to, json!({}), None).await.expect(202);
    world.settle().await;
    let ended = job(&world, &id_of(&created)).await;
    assert_eq!((&ended["state"], &ended["done"]), (&json!("done"), &json!(6)));
    assert_eq!(ended["enqueued"], 3);
    assert_eq!(ended["skipped"], json!({"integration_inactive": 2, "integration_deleted": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_messages_were_lost_continues_by_itself() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    many(&world, &to, 5).await;
    let faults = world.host.faults();
    faults
        .on("SendMessageBatch")
        .function("reprocess")
        .table("reprocess-jobs")
        .always()
        .lose_request();
    let created = start(&world, &to, json!({}), None).await.expect(202);
    faults.clear();
    world.settle().await;
    let id = id_of(&created);
    assert_eq!(
        (&job(&world, &id).await["state"], &created["total"]),
        (&json!("running"), &json!(5))
    );
    world.advance(SignedDuration::from_mins(16));
    world.settle().await;
    let ended = job(&world, &id).await;
    assert_eq!((&ended["state"], &ended["enqueued"]), (&json!("done"), &json!(5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_does_not_touch_webhooks_received_after_its_creation() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    many(&world, &to, 3).await;
    let faults = world.host.faults();
    faults
        .on("SendMessageBatch")
        .function("reprocess")
        .table("reprocess-jobs")
        .always()
        .lose_request();
    let created = start(&world, &to, json!({}), None).await.expect(202);
    faults.clear();
    world.advance(SignedDuration::from_secs(1));
    let late = world.receive(&to, ana(9)).await;
    world.advance(SignedDuration::from_mins(16));
    world.settle().await;
    let ended = job(&world, &id_of(&created)).await;
    assert_eq!((&ended["state"], &ended["enqueued"]), (&json!("done"), &json!(3)));
    assert_eq!(runs(&world, &to, &late).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_jobs_run_at_once_and_the_list_shows_them_newest_first() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    many(&world, &to, 2).await;
    let held =
        world.host.faults().on("SendMessageBatch").function("reprocess").table("process-retry");
    let held = held.hold_before();
    let faults = world.host.faults();
    faults
        .on("SendMessageBatch")
        .function("reprocess")
        .table("reprocess-jobs")
        .always()
        .lose_request();
    let mut created = Vec::new();
    for _ in 0..3 {
        created.push(id_of(&start(&world, &to, json!({}), None).await.expect(202)));
        world.advance(SignedDuration::from_millis(5));
    }
    let refused = start(&world, &to, json!({}), Some("late")).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "limit_reached"));
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.get(&format!("/v1/jobs?limit=2{cursor}")).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(id_of));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    created.reverse();
    assert_eq!(seen, created);
    world.post(&format!("/v1/jobs/{}/cancel", created[0]), json!({})).await.expect(200);
    held.release();
    faults.clear();
    // A refused request frees its key.
    start(&world, &to, json!({}), Some("late")).await.expect(202);
    world.advance(SignedDuration::from_mins(16));
    world.settle().await;
    let states: BTreeSet<String> = world.get("/v1/jobs").await.expect(200)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job["state"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(states, BTreeSet::from(["cancelled".to_owned(), "done".to_owned()]));
}

/// The message of the worker for a job of today.
fn message(world: &World, job: &str) -> Value {
    let body = json!({"v": 1, "workspace": world.workspace, "job": job, "part": "20261121#00"});
    json!({"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": body.to_string(),
        "attributes": {}, "messageAttributes": {}}]})
}

/// Kills a worker at its nth call, before or after its effect, and lets another worker continue;
/// false if the worker completed without such a call.
async fn killed_at(world: &World, to: &Inbound, nth: u64, before: bool) -> bool {
    let faults = world.host.faults();
    let not_enqueued =
        faults.on("SendMessageBatch").function("reprocess").table("reprocess-jobs").always();
    not_enqueued.pre_err(AwsError::new(400, "AccessDenied"));
    let id = id_of(&start(world, to, json!({}), None).await.expect(202));
    faults.clear();
    let call = faults.on("*").function("reprocess").nth(nth);
    let held = if before { call.hold_before() } else { call.hold_after() };
    let reached = tokio::select! {
        () = held.reached() => true,
        done = world.host.invoke("reprocess", message(world, &id)) => {
            done.unwrap();
            false
        }
    };
    faults.clear();
    world.settle().await;
    world.host.cold_start("reprocess").unwrap();
    let done = world.host.invoke("reprocess", message(world, &id)).await.unwrap();
    assert_eq!(done, json!({"batchItemFailures": []}));
    world.settle().await;
    // Yesterday's part is empty; its message was lost too.
    world.advance(SignedDuration::from_mins(16));
    world.settle().await;
    let ended = job(world, &id).await;
    let place = format!("killed at call {nth}, before it: {before}: {ended}");
    assert_eq!((&ended["state"], &ended["enqueued"]), (&json!("done"), &json!(3)), "{place}");
    assert_eq!(ended["skipped"], json!({}), "{place}");
    reached
}

#[tokio::test(flavor = "multi_thread")]
async fn hi_07_after_a_worker_is_killed_at_any_call_another_one_does_the_rest() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    many(&world, &to, 3).await;
    let mut jobs = 0;
    for before in [true, false] {
        for nth in 1.. {
            jobs += 1;
            let reached = killed_at(&world, &to, nth, before).await;
            let list = world.webhooks(&to.origin, "").await;
            for item in list["items"].as_array().unwrap() {
                assert_eq!(item["runs"], 1 + jobs, "call {nth}, before it: {before}");
            }
            if !reached {
                break;
            }
        }
    }
    assert!(jobs > 20, "{jobs}");
    assert_eq!(world.deals(&to.origin).await.len(), 3);
}

#[tokio::test]
async fn g_04_a_run_and_a_key_name_their_author() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let id = world.receive(&to, r#"{"email":"ana@example.com"}"#).await;
    let keys = world.get("/v1/keys").await.expect(200);
    let first = &keys["items"][0];
    assert_eq!(first["created_by"], Value::Null);
    let admin = json!({"kind": "key", "id": first["id"], "name": "admin"});
    let new = json!({"name": "Operação", "role": "operator"});
    let made = world.post("/v1/keys", new).await.expect(201);
    assert_eq!(made["created_by"], admin);
    let operator = json!({"kind": "key", "id": made["id"], "name": "Operação"});

    let key = made["key"].as_str().unwrap();
    let path = reprocess(&to, &id);
    world.call_as(key, Method::POST, &path, Some(&json!({}))).await.expect(202);
    world.settle().await;
    let many = format!("/v1/origins/{}/reprocess", to.origin);
    let job = world.post(&many, json!({"filter": {}})).await.expect(202);
    world.settle().await;
    // The name is the one of that moment, also after the key is renamed or removed.
    world.delete(&format!("/v1/keys/{}", made["id"].as_str().unwrap())).await.expect(204);
    let view = world.webhook(&to, &id).await;
    let causes: Vec<&Value> =
        view["runs"].as_array().unwrap().iter().map(|run| &run["cause"]).collect();
    let expected = [
        json!({"kind": "received"}),
        json!({"kind": "reprocess", "by": operator}),
        json!({"kind": "job", "job": job["id"], "by": admin}),
    ];
    assert_eq!(causes, expected.iter().collect::<Vec<_>>());
}
