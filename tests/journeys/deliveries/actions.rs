//! Actions of people on deliveries: resend, cancel, retry now, send by hand, jobs.

use std::collections::BTreeSet;

use gancho_domain::{
    common::ids::EndpointId,
    outbound::{
        delivery::{Discarded, State},
        endpoint::{Order, Policy, Preset},
        rule::Target,
    },
};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    answer,
    outbound::{EVENT, Outbound, Reply},
};

use super::{act, disabled, ids, list, one, paged, row, set_gate, write};

#[tokio::test]
async fn te_03_a_viewer_sees_everything_and_does_nothing() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::StandardWebhooks.policy()).await;
    out.happened(["4711".to_owned()]).await;
    let id = out.only().await.id;
    let body = json!({"name": "leitura", "role": "viewer"});
    let created = out.world.post("/v1/keys", body).await.expect(201);
    let key = created["key"].as_str().unwrap();
    for path in ["/v1/deliveries", &format!("/v1/deliveries/{id}"), "/v1/subjects/4711"] {
        out.world.call_as(key, Method::GET, path, None).await.expect(200);
    }
    let acts = ["resend", "retry-now", "cancel"].map(|what| format!("{id}/{what}"));
    let acts = acts.into_iter().chain(["resend".to_owned(), "send".to_owned()]);
    for path in acts {
        let path = format!("/v1/deliveries/{path}");
        let answer = out.world.call_as(key, Method::POST, &path, Some(&json!({}))).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (403, "forbidden".to_owned()),
            "{path}"
        );
    }
    assert_eq!(out.deliveries().await.len(), 1);
}

#[tokio::test]
async fn s2_7_a_manual_send_is_a_new_row_and_the_old_one_stays() {
    let out = Outbound::new().await;
    let endpoint = out.endpoint("/a", Preset::StandardWebhooks.policy()).await;
    let rule = out.rule(Target::Endpoint(endpoint)).await;
    let other = out.endpoint("/b", Preset::StandardWebhooks.policy()).await;
    let second = out.rule_for("tracking.updated", Target::Endpoint(other)).await;
    let third = out.rule(Target::Endpoint(other)).await;
    out.later(SignedDuration::from_secs(6)).await;
    let event = out.happen("4711").await;
    out.world.settle().await;
    out.happen_as("order.cancelled", "4711", 0).await;
    out.later(SignedDuration::from_mins(5)).await;
    let before = list(&out, "").await;
    assert_eq!(before["count"], 2);
    // Only a type: every rule that matches it.
    let sent = out.world.post("/v1/deliveries/send", json!({"subject": "4711", "type": EVENT}));
    let sent = sent.await.expect(201);
    assert_eq!(sent["refused"], json!([]));
    let rules: BTreeSet<&str> = sent["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["rule"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(rules, BTreeSet::from([rule.to_string().as_str(), third.to_string().as_str()]));
    let item = &sent["items"][0];
    assert_eq!(item["trigger"], "manual");
    assert_eq!(item["created_at"], json!(out.world.now()));
    assert_eq!(item["event"], event.to_string());
    out.world.settle().await;
    let after = list(&out, "").await;
    assert_eq!(after["count"], 4);
    assert_eq!(after["items"].as_array().unwrap()[2..], before["items"].as_array().unwrap()[..]);
    assert_eq!(after["items"][0]["state"], "success");
    assert_eq!(out.receiver.seen("/a").len(), 2);
    // Only a rule: the newest event of the subject that it matches.
    let body = json!({"subject": "4711", "rule": rule});
    let sent = out.world.post("/v1/deliveries/send", body).await.expect(201);
    assert_eq!(sent["items"].as_array().unwrap().len(), 1);
    assert_eq!(sent["items"][0]["event"], event.to_string());
    // No event is stored, or no rule matches.
    let table = [
        (json!({"subject": "4712", "type": EVENT}), "no_event_for_subject"),
        (json!({"subject": "4711", "type": "pre_invoice.created"}), "no_event_for_subject"),
        (json!({"subject": "4711", "rule": second}), "no_event_for_subject"),
        (json!({"subject": "4711", "type": "order.cancelled"}), "no_matching_rule"),
        (json!({"subject": "4711"}), "validation_error"),
        (json!({"subject": "", "type": EVENT}), "validation_error"),
        (json!({"subject": "4711", "type": "A b"}), "validation_error"),
        (json!({"subject": "4711", "type": EVENT, "x": 1}), "validation_error"),
    ];
    for (body, code) in table {
        assert_eq!(
            out.world.post("/v1/deliveries/send", body.clone()).await.code(),
            code,
            "{body}"
        );
    }
}

#[tokio::test]
async fn s2_7_a_preview_shows_the_exact_request_and_writes_nothing() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::StandardWebhooks.policy()).await;
    out.happened(["4711".to_owned()]).await;
    let body = json!({"subject": "4711", "type": EVENT, "preview": true});
    let shown = out.world.post("/v1/deliveries/send", body).await.expect(200);
    out.world.settle().await;
    let request = &shown["requests"][0]["request"];
    assert_eq!(request["method"], "POST");
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["data"]["order_number"], "4711");
    assert_eq!(out.deliveries().await.len(), 1);
    assert_eq!(out.receiver.seen("/a").len(), 1);
}

#[tokio::test]
async fn s2_7_the_subjects_status_is_the_current_one() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::StandardWebhooks.policy()).await;
    out.happened(["4711".to_owned()]).await;
    let later = json!({"type": "tracking.updated", "subject": "4711",
        "subject_status": "delivered", "data": {}});
    out.later(SignedDuration::from_mins(1)).await;
    out.world.post("/v1/events", later).await.expect(202);
    out.world.settle().await;
    let body = json!({"subject": "4711", "type": EVENT});
    let sent = out.world.post("/v1/deliveries/send", body).await.expect(201);
    assert_eq!(sent["items"][0]["subject_status"], "delivered");
    out.world.settle().await;
    let seen = out.receiver.seen("/a");
    assert_eq!(seen[0].body["subject"]["status"], "in_transit");
    assert_eq!(seen[1].body["subject"]["status"], "delivered");
    let first = &list(&out, "").await["items"][1];
    assert_eq!(first["subject_status"], "in_transit", "the old row does not change");
}

#[tokio::test]
async fn re_01_a_delivery_in_any_state_is_resent_as_a_new_linked_one() {
    let out = Outbound::new().await;
    let gone = Policy { waits: Vec::new(), ..Preset::StandardWebhooks.policy() };
    let endpoint = out.sends_to("/a", gone).await;
    out.happened(["good".to_owned()]).await;
    out.receiver.next("/a", Reply::Status(500));
    out.happened(["bad".to_owned()]).await;
    let states: Vec<&str> = vec!["failure", "success"];
    let before = list(&out, "").await;
    for (item, state) in before["items"].as_array().unwrap().iter().zip(states) {
        assert_eq!(item["state"], state);
        out.world.advance(SignedDuration::from_secs(1));
        let id = item["id"].as_str().unwrap();
        let answer = act(&out, id, "resend").await;
        let new = answer.expect(201);
        assert_eq!(new["resend_of"], *id);
        assert_eq!(new["trigger"], "resend");
        assert_ne!(new["id"], *id);
        let place = format!("/v1/deliveries/{}", new["id"].as_str().unwrap());
        assert_eq!(answer.headers["location"], place.as_str());
        out.world.settle().await;
        let old = one(&out, id).await;
        assert_eq!(old["state"], state);
        assert_eq!(old["resends"][0]["id"], new["id"]);
        assert_eq!(one(&out, new["id"].as_str().unwrap()).await["state"], "success");
    }
    let id = ids(&before)[0].clone();
    set_gate(&out, endpoint, disabled(out.world.now())).await;
    let refused = act(&out, &id, "resend").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "endpoint_disabled".to_owned()));
    out.enable(endpoint, "all").await;
    // Discarded and held ones too.
    let other = EndpointId::from_bytes([9; 16]);
    let rule = out.deliveries().await[0].rule;
    let at = out.world.now();
    let state = State::Discarded { at, reason: Discarded::NotReleased };
    let mut lost = row(99, at, (rule, other), state);
    lost.subject = "good".to_owned();
    lost.event = out.deliveries().await[0].event;
    write(&out, &lost).await;
    act(&out, &lost.id.to_string(), "resend").await.expect(201);
}

#[tokio::test]
async fn re_01_a_resend_to_a_suspended_endpoint_is_held_until_it_is_enabled() {
    let out = Outbound::new().await;
    let endpoint = out.sends_to("/a", Preset::RdStation.policy()).await;
    out.happened(["good".to_owned()]).await;
    let id = out.only().await.id.to_string();
    out.receiver.answers("/a", Reply::Status(500));
    out.happened((0..10).map(|n| format!("bad{n}"))).await;
    let suspended = act(&out, &id, "resend").await.expect(201);
    assert_eq!(suspended["state"], "held");
    out.world.settle().await;
    let new = suspended["id"].as_str().unwrap();
    assert_eq!(act(&out, new, "retry-now").await.code(), "endpoint_disabled");
    // A held delivery can be resent too.
    let third = act(&out, new, "resend").await.expect(201);
    assert_eq!((third["state"].as_str(), third["resend_of"].as_str()), (Some("held"), Some(new)));
    out.receiver.answers("/a", Reply::Status(200));
    out.enable(endpoint, "all").await;
    out.minutes(10).await;
    assert_eq!(one(&out, new).await["state"], "success");
}

#[tokio::test]
async fn re_02_one_delivery_for_each_key_and_for_each_click_without_a_key() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::StandardWebhooks.policy()).await;
    out.happened(["4711".to_owned()]).await;
    let id = out.only().await.id;
    let url = format!("{}/v1/deliveries/{id}/resend", out.world.host.base_url());
    let click = |key: &str, body: &str| {
        let request = out.world.request(Method::POST, &url).bearer_auth(&out.world.key);
        answer(request.header("idempotency-key", key).body(body.to_owned()))
    };
    let first = click("k1", "").await.expect(201);
    let again = click("k1", "").await;
    assert_eq!(again.expect(201), first);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    // RE-05: the same key, another body.
    assert_eq!(click("k1", "{}").await.code(), "idempotency_mismatch");
    let path = format!("/v1/deliveries/{id}/resend");
    let clicks = (0..100).map(|_| out.world.post(&path, json!({})));
    let answers = futures::future::join_all(clicks).await;
    let created: BTreeSet<String> = answers
        .iter()
        .map(|answer| answer.expect(201)["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(created.len(), 100);
    out.world.settle().await;
    let (seen, count) = paged(&out, "?limit=30&subject=4711").await;
    assert_eq!((seen.len(), count), (102, 102));
    // On a busy machine a request may exceed the time-out of the policy, and is retried.
    out.minutes(7).await;
    assert_eq!(list(&out, "?state=success").await["count"], 102);
    let seen = out.receiver.seen("/a");
    assert_eq!(seen.iter().map(tests::outbound::Seen::id).collect::<BTreeSet<_>>().len(), 102);
}

#[tokio::test]
async fn re_03_a_retry_by_hand_replaces_the_scheduled_one() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::RdStation.policy()).await;
    out.receiver.answers("/a", Reply::Status(500));
    out.happened(["4711".to_owned()]).await;
    let id = out.only().await.id.to_string();
    out.later(SignedDuration::from_secs(10)).await;
    act(&out, &id, "retry-now").await.expect(200);
    out.world.settle().await;
    let after = one(&out, &id).await;
    assert_eq!(after["state"], "retrying");
    let numbers = |view: &Value| -> Vec<u64> {
        let attempts = view["attempts"].as_array().unwrap().iter();
        attempts.map(|attempt| attempt["number"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(&after), [1, 2]);
    // The message of the second attempt has no effect any more: the third attempt is due five
    // minutes after the second.
    out.later(SignedDuration::from_secs(120)).await;
    assert_eq!(numbers(&one(&out, &id).await), [1, 2]);
    out.minutes(400).await;
    let last = one(&out, &id).await;
    assert_eq!(numbers(&last), [1, 2, 3, 4, 5, 6], "the policy's attempts are kept");
    assert_eq!(
        (last["state"].as_str(), last["reason"].as_str()),
        (Some("failure"), Some("exhausted"))
    );
    for what in ["retry-now", "cancel"] {
        let refused = act(&out, &id, what).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (409, "delivery_ended".to_owned()));
    }
}

#[tokio::test]
async fn re_04_at_an_ordered_endpoint_a_resend_goes_to_the_tail() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::RespondIo.policy()).await;
    out.happened(["1".to_owned()]).await;
    let first = out.only().await;
    out.receiver.next("/a", Reply::Status(500));
    out.happened(["2".to_owned()]).await;
    out.happened(["3".to_owned()]).await;
    let new = act(&out, &first.id.to_string(), "resend").await.expect(201);
    out.world.settle().await;
    let new = one(&out, new["id"].as_str().unwrap()).await;
    assert_eq!(new["lane"]["seq"], 4);
    assert_eq!(new["state"], "queued");
    out.minutes(3).await;
    let seen: Vec<String> =
        out.receiver.seen("/a").iter().map(|seen| seen.subject().to_owned()).collect();
    assert_eq!(seen, ["1", "2", "2", "3", "1"]);
}

#[tokio::test]
async fn a_cancelled_delivery_is_discarded_and_never_sent() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::RdStation.policy()).await;
    out.receiver.answers("/a", Reply::Status(500));
    out.happened(["4711".to_owned()]).await;
    let id = out.only().await.id.to_string();
    let done = act(&out, &id, "cancel").await.expect(200);
    assert_eq!(
        (done["state"].as_str(), done["reason"].as_str()),
        (Some("discarded"), Some("by_person"))
    );
    out.minutes(10).await;
    assert_eq!(out.receiver.seen("/a").len(), 1);
    assert_eq!(act(&out, &id, "cancel").await.code(), "delivery_ended");
    assert_eq!(list(&out, "").await["totals"]["discarded"]["count"], 1);
}

#[tokio::test]
async fn d11_a_person_retries_or_cancels_a_failure_that_blocks() {
    let out = Outbound::new().await;
    let policy = Policy {
        waits: Vec::new(),
        order: Some(Order::Block),
        suspension: None,
        ..Preset::RespondIo.policy()
    };
    out.sends_to("/a", policy).await;
    out.receiver.answers("/a", Reply::Status(500));
    // Of one subject, because events of two subjects may be committed in either order.
    out.happened(["1".to_owned(), "1".to_owned()]).await;
    let page = list(&out, "").await;
    let [second, first] = ids(&page).try_into().unwrap();
    assert_eq!(page["items"][1]["state"], "failure");
    assert_eq!(page["items"][0]["state"], "queued");
    act(&out, &first, "retry-now").await.expect(200);
    out.world.settle().await;
    assert_eq!(one(&out, &first).await["attempts"].as_array().unwrap().len(), 2);
    assert_eq!(one(&out, &second).await["state"], "queued");
    out.receiver.answers("/a", Reply::Status(200));
    let done = act(&out, &first, "cancel").await.expect(200);
    assert_eq!(done["state"], "discarded");
    out.world.settle().await;
    assert_eq!(one(&out, &second).await["state"], "success");
}

#[tokio::test]
async fn a_job_resends_each_delivery_of_a_filter_once() {
    let out = Outbound::new().await;
    let policy =
        Policy { waits: Vec::new(), suspension: None, ..Preset::StandardWebhooks.policy() };
    out.sends_to("/a", policy).await;
    out.receiver.answers("/a", Reply::Status(500));
    out.happened((0..60).map(|n| format!("B{n}"))).await;
    out.receiver.answers("/a", Reply::Status(200));
    out.happened((0..5).map(|n| format!("G{n}"))).await;
    let body = json!({"filter": {"state": "failure"}, "dry_run": true});
    let counted = out.world.post("/v1/deliveries/resend", body).await.expect(200);
    assert_eq!(counted, json!({"count": 60}));
    let url = format!("{}/v1/deliveries/resend", out.world.host.base_url());
    let ask = || {
        let request = out.world.request(Method::POST, &url).bearer_auth(&out.world.key);
        let body = json!({"filter": {"state": ["failure"]}});
        answer(request.header("idempotency-key", "bulk").json(&body))
    };
    let job = ask().await.expect(202);
    assert_eq!((job["kind"].as_str(), job["total"].as_u64()), (Some("resend"), Some(60)));
    assert_eq!(ask().await.expect(202)["id"], job["id"]);
    out.world.settle().await;
    let done = out.world.get(job["status_url"].as_str().unwrap()).await.expect(200);
    assert_eq!((done["state"].as_str(), done["enqueued"].as_u64()), (Some("done"), Some(60)));
    assert_eq!(done["skipped"], json!({}));
    let page = list(&out, "").await;
    assert_eq!(page["totals"]["succeeded"]["count"], 65);
    assert_eq!(page["totals"]["with_error"]["count"], 60);
    let jobs = out.world.get("/v1/jobs").await.expect(200);
    assert_eq!(ids(&jobs), [job["id"].as_str().unwrap()]);
    let bad = json!({"filter": {"state": "nope"}});
    let bad = out.world.post("/v1/deliveries/resend", bad).await;
    assert_eq!(bad.expect(422)["path"], "filter.state");
}

#[tokio::test]
async fn f2_a_resend_job_whose_worker_died_goes_on_within_a_minute_and_sends_nothing_twice() {
    let out = Outbound::new().await;
    let policy =
        Policy { waits: Vec::new(), suspension: None, ..Preset::StandardWebhooks.policy() };
    out.sends_to("/a", policy).await;
    out.happened((0..30).map(|n| format!("G{n}"))).await;
    let faults = out.world.host.faults();
    // The first page is resent and not recorded.
    let held = faults.on("PutItem").function("deliveries").containing(r#"\"moved_at\""#);
    let held = held.hold_before();
    let job = out.world.post("/v1/deliveries/resend", json!({"filter": {}})).await.expect(202);
    held.reached().await;
    out.world.host.kill("deliveries").unwrap();
    out.world.settle().await;
    faults.clear();
    let show = async || out.world.get(job["status_url"].as_str().unwrap()).await.expect(200);
    let died = out.world.now();
    let mut now = show().await;
    assert_eq!(now["state"], "running");
    while now["state"] == "running" {
        let waited = out.world.now().duration_since(died);
        assert!(waited < SignedDuration::from_secs(60), "it stands still for {waited:#}");
        out.later(SignedDuration::from_secs(1)).await;
        now = show().await;
    }
    let active: Timestamp = now["last_active_at"].as_str().unwrap().parse().unwrap();
    assert_eq!((active, &now["enqueued"]), (out.world.now(), &json!(30)));
    out.later(SignedDuration::from_secs(30)).await;
    assert_eq!(out.receiver.seen("/a").len(), 60);
}

#[tokio::test]
async fn s2_7_a_delivery_by_hand_a_resend_and_a_job_name_their_author() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::StandardWebhooks.policy()).await;
    out.happened(["A".to_owned()]).await;
    let created = json!({"name": "Bia", "role": "operator"});
    let created = out.world.post("/v1/keys", created).await.expect(201);
    let (key, bia) = (created["key"].as_str().unwrap(), &created["id"]);
    let by = json!({"kind": "key", "id": bia, "name": "Bia"});
    let first = out.only().await.id;
    let post = async |path: &str, body: Value| {
        out.world.call_as(key, Method::POST, path, Some(&body)).await
    };
    let sent = post("/v1/deliveries/send", json!({"type": EVENT, "subject": "A"})).await;
    assert_eq!(sent.expect(201)["items"][0]["by"], by);
    let resent = post(&format!("/v1/deliveries/{first}/resend"), json!({})).await;
    assert_eq!(resent.expect(201)["by"], by);
    out.later(SignedDuration::from_secs(1)).await;
    let job = post("/v1/deliveries/resend", json!({"filter": {"subject": "A"}})).await.expect(202);
    assert_eq!((&job["by"], &job["total"]), (&by, &json!(3)));
    out.world.settle().await;
    // The key is revoked; its name stays.
    let path = format!("/v1/keys/{}", bia.as_str().unwrap());
    assert_eq!(out.world.delete(&path).await.status, 204);
    let all = list(&out, "").await;
    let authors = all["items"].as_array().unwrap().iter().map(|it| it["by"].clone());
    let authors: Vec<Value> = authors.collect();
    assert_eq!(authors.iter().filter(|it| **it == by).count(), 5);
    assert_eq!(authors.iter().filter(|it| it.is_null()).count(), 1);
    assert_eq!(out.world.get("/v1/jobs").await.expect(200)["items"][0]["by"], by);
}

#[tokio::test]
async fn te_01_a_delivery_of_another_workspace_is_unknown_in_a_body_too() {
    let out = Outbound::new().await;
    let endpoint = out.sends_to("/a", Preset::StandardWebhooks.policy()).await;
    out.happened(["4711".to_owned()]).await;
    let created = out.only().await;
    let (_, key) = out.world.new_workspace("Outra").await;
    let post = async |path: &str, body: Value| {
        out.world.call_as(&key, Method::POST, path, Some(&body)).await
    };
    let send = post("/v1/deliveries/send", json!({"subject": "4711", "type": EVENT})).await;
    assert_eq!(send.code(), "no_event_for_subject");
    let send = post("/v1/deliveries/send", json!({"subject": "4711", "rule": created.rule})).await;
    assert_eq!(send.code(), "not_found");
    let job = json!({"filter": {"endpoint": endpoint}, "dry_run": true});
    let job = post("/v1/deliveries/resend", job).await.expect(200);
    assert_eq!(job["count"], 0);
    assert_eq!(out.deliveries().await.len(), 1);
}

#[tokio::test]
async fn of_06_an_event_after_three_hops_is_not_resent_to_an_external_url_either() {
    let out = Outbound::new().await;
    out.sends_to("/x", Preset::RespondIo.policy()).await;
    out.happen_as(EVENT, "hops-3", 3).await;
    out.world.settle().await;
    let id = out.only().await.id.to_string();
    let refused = act(&out, &id, "resend").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "loop_detected".to_owned()));
    assert!(out.receiver.seen("/x").is_empty());
}
