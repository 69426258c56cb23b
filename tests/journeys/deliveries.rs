//! The history of deliveries, and the actions of people on them (`FACTS S2`, `CATALOGUE RE`).

use std::collections::BTreeSet;

use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, EventId, RuleId},
    outbound::{
        delivery::{Attempt, Delivery, Discarded, Failed, Outcome, State, StateName, Trigger},
        endpoint::{Order, Policy, Preset},
        event::EventType,
        gate::{DisabledReason, GateKey, GateState},
        rule::Target,
    },
};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Answer, answer,
    outbound::{EVENT, Outbound, Reply},
};

fn ids(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn list(out: &Outbound, query: &str) -> Value {
    out.world.get(&format!("/v1/deliveries{query}")).await.expect(200)
}

async fn one(out: &Outbound, id: &str) -> Value {
    out.world.get(&format!("/v1/deliveries/{id}")).await.expect(200)
}

async fn act(out: &Outbound, id: &str, what: &str) -> Answer {
    out.world.post(&format!("/v1/deliveries/{id}/{what}"), json!({})).await
}

/// Every page of a list; each page's count must be the same.
async fn paged(out: &Outbound, query: &str) -> (Vec<String>, u64) {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = list(out, &format!("{query}{cursor}")).await;
        seen.extend(ids(&page));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (seen, page["count"].as_u64().unwrap()),
        }
    }
}

/// A delivery row in any state.
fn row(n: u8, at: Timestamp, (rule, endpoint): (RuleId, EndpointId), state: State) -> Delivery {
    let mut entropy = [n; 10];
    entropy[9] = n;
    let id = DeliveryId::new(at, &entropy);
    let attempt = Attempt {
        number: 1,
        started_at: at,
        duration_ms: 12,
        url: "https://loja.example/hook".to_owned(),
        outcome: Outcome::Status(if state.name() == StateName::Success { 200 } else { 500 }),
        excerpt: String::new(),
        retry_after: None,
        not_counted: false,
    };
    let tried = !matches!(state, State::Queued | State::Held { .. });
    Delivery {
        id,
        event: EventId::new(at, &entropy),
        event_type: EventType::parse(EVENT).unwrap(),
        subject: format!("P-{n}"),
        subject_status: None,
        rule,
        rule_version: 1,
        target: Target::Endpoint(endpoint),
        trigger: Trigger::Event,
        slot: None,
        state,
        attempts: tried.then_some(attempt).into_iter().collect(),
        redrives: 0,
        hops: 0,
        expires_at: at + SignedDuration::from_hours(30 * 24),
    }
}

async fn write(out: &Outbound, delivery: &Delivery) {
    out.store.put_subject_lookup(out.ws, delivery).await.unwrap();
    out.store.create_delivery(out.ws, delivery, "test").await.unwrap();
}

async fn set_gate(out: &Outbound, endpoint: EndpointId, state: GateState) {
    let key = GateKey::Endpoint(endpoint);
    let gate = out.gate(&key).await;
    let generation = gate.generation;
    let next = gate.into_state(state);
    assert!(out.store.change_gate(out.ws, &key, generation, &next).await.unwrap());
}

fn disabled(since: Timestamp) -> GateState {
    GateState::Disabled { since, reason: DisabledReason::ByPerson }
}

/// Writes two rules, two endpoints that are never called, and for both a row in every state on
/// different days. Returns the ids, newest first.
async fn history(out: &Outbound) -> (Vec<(RuleId, EndpointId)>, Vec<Delivery>) {
    let (now, mut pairs, mut all) = (out.world.now(), Vec::new(), Vec::new());
    for path in ["/a", "/b"] {
        let endpoint = out.endpoint(path, Preset::StandardWebhooks.policy()).await;
        set_gate(out, endpoint, disabled(now)).await;
        pairs.push((out.rule_for("never.happens", Target::Endpoint(endpoint)).await, endpoint));
    }
    let later = now + SignedDuration::from_hours(24 * 20);
    let states = [
        State::Queued,
        State::Retrying { next_at: later },
        State::Held { since: now },
        State::Success { at: now },
        State::Success { at: now },
        State::Failure { at: now, reason: Failed::Exhausted },
        State::Discarded { at: now, reason: Discarded::ByPerson },
        State::Success { at: now },
        State::Failure { at: now, reason: Failed::Internal },
    ];
    for n in 0..36_u8 {
        let state = states[usize::from(n) % states.len()];
        let at = now - SignedDuration::from_mins(i64::from(n) * 17 * 60 + 3);
        let pair = pairs[usize::from(n % 3 == 0)];
        let delivery = row(n, at, pair, state);
        write(out, &delivery).await;
        all.push(delivery);
    }
    out.world.settle().await;
    (pairs, all)
}

/// A predicate that says if a filter matches a delivery.
type Meant<'a> = Box<dyn Fn(&Delivery) -> bool + 'a>;

#[tokio::test]
async fn i19_the_count_equals_the_paged_items_under_every_filter() {
    let out = Outbound::new().await;
    let (pairs, all) = history(&out).await;
    let (rule, endpoint) = pairs[1];
    let from = out.world.now() - SignedDuration::from_hours(24 * 9);
    let state = |d: &Delivery| d.state.name().as_str();
    let table: Vec<(String, Meant<'_>)> = vec![
        (String::new(), Box::new(|_| true)),
        ("&state=failure".to_owned(), Box::new(|d| state(d) == "failure")),
        (
            "&state=failure,retrying".to_owned(),
            Box::new(|d| ["failure", "retrying"].contains(&state(d))),
        ),
        (
            "&state=queued&state=held".to_owned(),
            Box::new(|d| ["queued", "held"].contains(&state(d))),
        ),
        ("&state=discarded".to_owned(), Box::new(|d| state(d) == "discarded")),
        (format!("&rule={rule}"), Box::new(move |d| d.rule == rule)),
        (format!("&endpoint={endpoint}"), Box::new(move |d| d.endpoint() == Some(endpoint))),
        (
            format!("&endpoint={endpoint}&state=success"),
            Box::new(move |d| d.endpoint() == Some(endpoint) && state(d) == "success"),
        ),
        (format!("&from={from}"), Box::new(move |d| d.id.made_at() >= from)),
        (
            format!("&from={from}&state=success&rule={rule}"),
            Box::new(move |d| d.id.made_at() >= from && d.rule == rule && state(d) == "success"),
        ),
        (
            "&from=2026-11-10&to=2026-11-15".to_owned(),
            Box::new(in_days("2026-11-10", "2026-11-15")),
        ),
        ("&from=2026-12-01".to_owned(), Box::new(|_| false)),
        ("&subject=P-5".to_owned(), Box::new(|d| d.subject == "P-5")),
        ("&subject=P-5&state=success".to_owned(), Box::new(|_| false)),
    ];
    for (query, meant) in &table {
        let expected: Vec<String> =
            all.iter().filter(|d| meant(d)).map(|d| d.id.to_string()).collect();
        for limit in [1, 7, 200] {
            let (seen, count) = paged(&out, &format!("?limit={limit}{query}")).await;
            assert_eq!(seen, expected, "{query}");
            assert_eq!(count, expected.len() as u64, "{query}");
        }
    }
}

/// Days of São Paulo, both included (`FACTS D16`).
fn in_days(first: &str, last: &str) -> impl Fn(&Delivery) -> bool {
    let from: Timestamp = format!("{first}T03:00:00Z").parse().unwrap();
    let to: Timestamp = format!("{last}T03:00:00Z").parse().unwrap();
    move |d| from <= d.id.made_at() && d.id.made_at() < to + SignedDuration::from_hours(24)
}

#[tokio::test]
async fn d7_the_tabs_add_up_as_the_page_shows_and_follow_the_filters() {
    let out = Outbound::new().await;
    let (pairs, all) = history(&out).await;
    let check = |list: &Value, meant: &dyn Fn(&Delivery) -> bool| {
        let of = |state: StateName| {
            all.iter().filter(|d| meant(d) && d.state.name() == state).count() as u64
        };
        let (failure, retrying) = (of(StateName::Failure), of(StateName::Retrying));
        let (errors, good) = (failure + retrying, of(StateName::Success));
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let share = |part: u64| (part as f64 * 10_000.0 / (errors + good) as f64).round() / 100.0;
        let totals = &list["totals"];
        assert_eq!(
            totals["with_error"],
            json!({"count": errors, "percent": share(errors), "failure": failure, "retrying": retrying})
        );
        assert_eq!(totals["succeeded"], json!({"count": good, "percent": share(good)}));
        assert_eq!(totals["in_process"]["count"], of(StateName::Queued));
        assert_eq!(totals["all"]["count"], errors + good);
        assert_eq!(totals["held"]["count"], of(StateName::Held));
        assert_eq!(totals["discarded"]["count"], of(StateName::Discarded));
    };
    check(&list(&out, "").await, &|_| true);
    // A tab is a set of states: the totals of the other tabs stay.
    check(&list(&out, "?state=failure").await, &|_| true);
    let (rule, endpoint) = pairs[0];
    check(&list(&out, &format!("?rule={rule}")).await, &|d| d.rule == rule);
    check(&list(&out, &format!("?endpoint={endpoint}")).await, &|d| d.endpoint() == Some(endpoint));
    let days = in_days("2026-11-09", "2026-11-16");
    check(&list(&out, "?from=2026-11-09&to=2026-11-16").await, &days);
    let none = list(&out, "?from=2026-12-01").await;
    assert_eq!(none["totals"]["with_error"]["percent"], Value::Null);
    assert_eq!(none["totals"]["all"]["count"], 0);
}

#[tokio::test]
async fn s2_4_the_tabs_follow_a_delivery_through_its_states() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::RdStation.policy()).await;
    out.receiver.answers("/a", Reply::Status(500));
    out.happened(["A".to_owned(), "B".to_owned()]).await;
    let counts = |list: &Value| {
        let of = |tab: &str| list["totals"][tab]["count"].as_u64().unwrap();
        [of("with_error"), of("in_process"), of("succeeded"), of("all")]
    };
    let page = list(&out, "?state=retrying").await;
    assert_eq!((counts(&page), page["count"].as_u64()), ([2, 0, 0, 2], Some(2)));
    assert_eq!(page["items"][0]["last"]["status"], 500);
    assert!(page["items"][0]["next_at"].is_string());
    out.receiver.answers("/a", Reply::Status(200));
    out.later(SignedDuration::from_secs(90)).await;
    let page = list(&out, "").await;
    assert_eq!(counts(&page), [0, 0, 2, 2]);
    assert_eq!(page["totals"]["succeeded"]["percent"], 100.0);
    assert_eq!(list(&out, "?state=retrying").await["count"], 0);
}

#[tokio::test]
async fn hi_10_repeated_and_shuffled_records_leave_the_totals_right() {
    let out =
        Outbound::with(|it| it.misdelivery(local::Misdelivery::new(11, 3, true)).shards(3)).await;
    let policy = Policy { suspension: None, ..Preset::RdStation.policy() };
    out.sends_to("/a", policy).await;
    out.receiver.answers("/a", Reply::Status(500));
    out.happened((0..12).map(|n| format!("A{n}"))).await;
    out.receiver.answers("/a", Reply::Status(200));
    out.happened((0..12).map(|n| format!("B{n}"))).await;
    out.later(SignedDuration::from_secs(90)).await;
    let (seen, count) = paged(&out, "?limit=5&state=success").await;
    assert_eq!((seen.len() as u64, count), (count, 24));
    let totals = list(&out, "").await["totals"].clone();
    assert_eq!(totals["all"]["count"], 24);
    assert_eq!(totals["with_error"]["count"], 0);
}

#[tokio::test]
async fn s2_6_a_row_shows_its_subject_rule_state_and_the_url_that_received_it() {
    let out = Outbound::new().await;
    let endpoint = out.endpoint("/a", Preset::StandardWebhooks.policy()).await;
    let rule = out.rule(Target::Endpoint(endpoint)).await;
    out.later(SignedDuration::from_secs(6)).await;
    let event = out.happen("4711").await;
    out.world.settle().await;
    let page = list(&out, "").await;
    let item = &page["items"][0];
    assert_eq!(item["subject"], "4711");
    assert_eq!(item["subject_status"], "in_transit");
    assert_eq!(item["type"], EVENT);
    assert_eq!(item["event"], event.to_string());
    assert_eq!(item["created_at"], json!(event.made_at()));
    assert_eq!(item["rule"], json!({"id": rule, "name": "Regra", "version": 1}));
    let name = format!("Destino {}", out.receiver.url("/a"));
    assert_eq!(item["endpoint"], json!({"id": endpoint, "name": name}));
    assert_eq!(item["integration"], Value::Null);
    assert_eq!(item["state"], "success");
    assert_eq!(item["url"], out.receiver.url("/a"));
    assert_eq!(item["attempts"], 1);
    assert_eq!(item["trigger"], "event");
    // The exact request that arrived.
    let detail = one(&out, item["id"].as_str().unwrap()).await;
    let seen = out.receiver.seen("/a").remove(0);
    let request = &detail["request"];
    assert_eq!(request["method"], "POST");
    assert_eq!(request["url"], out.receiver.url("/a"));
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, seen.body);
    for header in request["headers"].as_array().unwrap() {
        let name = header["name"].as_str().unwrap();
        assert_eq!(header["value"].as_str(), seen.headers.get(name).map(String::as_str), "{name}");
    }
    assert_eq!(detail["attempts"][0]["number"], 1);
    assert_eq!(detail["attempts"][0]["status"], 200);
    assert_eq!(detail["event"]["data"]["order_number"], "4711");
    assert_eq!(detail["resends"], json!([]));
}

#[tokio::test]
async fn s3_12_the_data_of_a_get_and_the_configured_headers_are_masked() {
    let out = Outbound::new().await;
    let endpoint = out.endpoint("/a", Preset::StandardWebhooks.policy()).await;
    let rule = out.rule(Target::Endpoint(endpoint)).await;
    let mut changed = out.store.endpoint(out.ws, endpoint).await.unwrap().unwrap();
    changed.headers.push(("x-shop".to_owned(), "canary-in-a-header".to_owned()));
    changed.version = 2;
    out.store.put_endpoint(out.ws, &changed, Some(1), "test").await.unwrap();
    let mut get = out.store.rule(out.ws, rule).await.unwrap().unwrap();
    get.method = gancho_domain::outbound::rule::Method::Get;
    get.version = 2;
    out.store.put_rule(out.ws, &get, Some(1), "test").await.unwrap();
    out.later(SignedDuration::from_secs(6)).await;
    out.happened(["canary-subject".to_owned()]).await;
    let detail = one(&out, &ids(&list(&out, "").await)[0]).await;
    assert_eq!(detail["state"], "success");
    let request = &detail["request"];
    assert_eq!(request["method"], "GET");
    assert_eq!(request["body"], Value::Null);
    for shown in [request.to_string(), detail["attempts"].to_string(), detail["url"].to_string()] {
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains("subject%5Bkey%5D=***"), "{shown}");
    }
    let header = json!({"name": "x-shop", "value": "***"});
    assert!(request["headers"].as_array().unwrap().contains(&header));
    // A key that may send by hand sees the data by name in the preview.
    let body = json!({"subject": "canary-subject", "rule": rule, "preview": true});
    let preview = out.world.post("/v1/deliveries/send", body).await.expect(200);
    let field = json!({"name": "subject[key]", "value": "canary-subject"});
    assert!(preview["requests"][0]["query"].as_array().unwrap().contains(&field));
    assert!(!preview["requests"][0]["request"].to_string().contains("canary"));
}

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
async fn d20_deleted_rules_and_endpoints_are_shown_by_their_last_name() {
    let out = Outbound::new().await;
    let endpoint = out.endpoint("/a", Preset::StandardWebhooks.policy()).await;
    let rule = out.rule(Target::Endpoint(endpoint)).await;
    out.later(SignedDuration::from_secs(6)).await;
    out.happened(["1".to_owned()]).await;
    out.world.patch(&format!("/v1/rules/{rule}"), json!({"name": "Outra"})).await.expect(200);
    assert_eq!(list(&out, "").await["items"][0]["rule"]["name"], "Outra");
    out.world.delete(&format!("/v1/rules/{rule}")).await.expect(204);
    out.world.delete(&format!("/v1/endpoints/{endpoint}")).await.expect(204);
    let item = list(&out, "").await["items"][0].clone();
    assert_eq!(item["rule"]["name"], "Outra");
    assert_eq!(item["endpoint"]["name"], format!("Destino {}", out.receiver.url("/a")));
    let id = item["id"].as_str().unwrap();
    assert_eq!(one(&out, id).await["request"], Value::Null);
    assert_eq!(act(&out, id, "resend").await.code(), "rule_deleted");
}

#[tokio::test]
async fn s2_3_after_thirty_days_a_delivery_is_not_found_though_its_row_exists() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::StandardWebhooks.policy()).await;
    out.happened(["4711".to_owned()]).await;
    let created = out.only().await;
    let id = created.id.to_string();
    out.world.clock.set(created.expires_at - SignedDuration::from_secs(1));
    for query in ["", "?subject=4711", "?state=success", "?from=2026-11-21&to=2026-11-21"] {
        assert_eq!(paged(&out, &format!("?limit=1&{}", query.trim_start_matches('?'))).await.1, 1);
    }
    let kept = act(&out, &id, "resend").await.expect(201);
    one(&out, &id).await;
    out.world.clock.set(created.expires_at + SignedDuration::from_secs(1));
    for query in ["", "subject=4711", "state=success", "from=2026-11-21&to=2026-11-21"] {
        let (seen, count) = paged(&out, &format!("?limit=1&{query}")).await;
        assert!(!seen.contains(&id), "{query}");
        assert_eq!(count, seen.len() as u64, "{query}");
    }
    assert_eq!(out.world.get(&format!("/v1/deliveries/{id}")).await.code(), "not_found");
    for what in ["resend", "retry-now", "cancel"] {
        assert_eq!(act(&out, &id, what).await.code(), "not_found", "{what}");
    }
    let csv = out.world.get("/v1/deliveries?format=csv").await.text();
    let begins = |id: &str| csv.lines().any(|line| line.starts_with(id));
    assert!(!begins(&id));
    // The later delivery is still retained, but its event has expired.
    let kept = kept["id"].as_str().unwrap();
    assert!(begins(kept));
    assert_eq!(act(&out, kept, "resend").await.code(), "event_expired");
    assert_eq!(out.deliveries().await.len(), 2, "nothing was deleted");
}

#[tokio::test]
async fn s2_5_a_subject_alone_is_searched_over_the_whole_retention() {
    let out = Outbound::new().await;
    let endpoint = out.endpoint("/a", Preset::StandardWebhooks.policy()).await;
    let rule = out.rule(Target::Endpoint(endpoint)).await;
    let now = out.world.now();
    let mut expected = Vec::new();
    for day in 0..29_u8 {
        let at = now - SignedDuration::from_hours(24 * i64::from(day));
        let created = row(day, at, (rule, endpoint), State::Success { at });
        let subject = if day % 2 == 0 { "A%#1" } else { "A" };
        let created = Delivery { subject: subject.to_owned(), ..created };
        write(&out, &created).await;
        if day % 2 == 0 {
            expected.push(created.id.to_string());
        }
    }
    out.world.settle().await;
    assert_eq!(paged(&out, "?limit=4&subject=A%25%231").await, (expected, 15));
    assert_eq!(list(&out, "?subject=A%25").await["count"], 0);
    assert_eq!(list(&out, "?subject=a").await["count"], 0);
    let within = list(&out, "?subject=A&from=2026-11-01&to=2026-11-10").await;
    assert_eq!(within["count"], 5);
    assert_eq!(within["totals"]["succeeded"], json!({"count": 5, "percent": 100.0}));
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
async fn d19_deliveries_to_an_integration_are_in_the_history_of_deliveries_too() {
    let out = Outbound::new().await;
    let to = out.world.inbound(json!({})).await;
    let (origin, integration) = (to.origin.parse().unwrap(), to.id.parse().unwrap());
    out.rule(Target::Integration { origin, integration }).await;
    out.later(SignedDuration::from_secs(6)).await;
    out.happened(["4711".to_owned()]).await;
    let page = list(&out, &format!("?integration={}", to.id)).await;
    assert_eq!(page["count"], 1);
    let item = &page["items"][0];
    assert_eq!(item["state"], "success");
    assert_eq!(item["endpoint"], Value::Null);
    assert_eq!(item["integration"], json!({"id": to.id, "name": "Site", "origin": to.origin}));
    let webhook = item["last"]["webhook"].as_str().unwrap();
    assert_eq!(ids(&out.world.webhooks(&to.origin, "").await), [webhook]);
    let detail = one(&out, item["id"].as_str().unwrap()).await;
    let body: Value = serde_json::from_str(detail["request"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["data"]["order_number"], "4711");
    act(&out, item["id"].as_str().unwrap(), "resend").await.expect(201);
    out.world.settle().await;
    assert_eq!(out.world.webhooks(&to.origin, "").await["count"], 2);
    let nothing = format!("?endpoint={}", EndpointId::from_bytes([1; 16]));
    assert_eq!(list(&out, &nothing).await["count"], 0);
}

#[tokio::test]
async fn hi_10_a_day_that_was_counted_wrong_is_counted_again() {
    let out = Outbound::new().await;
    let (_, all) = history(&out).await;
    let before = list(&out, "").await["totals"].clone();
    let store = out.world.host.deps_for("tally").unwrap().store();
    let db = out.world.host.dynamo_client();
    let table = out.world.host.environment("tally", "TABLE_TALLIES").unwrap();
    let rows = db.scan().table_name(table).into_paginator().items().send();
    for row in rows.collect::<Result<Vec<_>, _>>().await.unwrap() {
        let delete = db.delete_item().table_name(table);
        delete.key("pk", row["pk"].clone()).key("sk", row["sk"].clone()).send().await.unwrap();
    }
    assert_ne!(list(&out, "").await["totals"], before);
    let store = gancho_store::Store::new(
        db,
        gancho_store::Tables {
            deliveries: out
                .world
                .host
                .environment("suspension", "TABLE_DELIVERIES")
                .unwrap()
                .to_owned(),
            ..store.tables().clone()
        },
    );
    let days: BTreeSet<_> =
        all.iter().map(|d| gancho_domain::common::calendar::Day::of(d.id.made_at())).collect();
    for day in &days {
        assert!(store.recount_deliveries(out.ws, *day).await.unwrap() > 0);
        assert_eq!(store.recount_deliveries(out.ws, *day).await.unwrap(), 0);
    }
    assert_eq!(list(&out, "").await["totals"], before);
    assert_eq!(
        paged(&out, "?limit=10").await,
        (all.iter().map(|d| d.id.to_string()).collect(), 36)
    );
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
async fn hi_13_the_csv_has_no_cell_that_is_a_formula_and_has_the_whole_list() {
    let out = Outbound::new().await;
    let (pairs, _) = history(&out).await;
    let hostile = Delivery {
        subject: "=cmd|' /C calc'!A0".to_owned(),
        ..row(200, out.world.now(), pairs[0], State::Success { at: out.world.now() })
    };
    write(&out, &hostile).await;
    out.world.settle().await;
    let file = out.world.get("/v1/deliveries?format=csv&limit=2").await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8; header=present");
    let text = file.text();
    let mut read = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<csv::StringRecord> = read.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 37);
    assert_eq!(&rows[0][2], "'=cmd|' /C calc'!A0");
    let failures = out.world.get("/v1/deliveries?format=csv&state=failure").await.text();
    assert_eq!(failures.lines().count(), 9);
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
async fn s2_4_a_series_counts_deliveries_by_their_present_state_in_the_step_of_their_creation() {
    let out = Outbound::new().await;
    let policy = Policy { waits: vec![300], ..Preset::StandardWebhooks.policy() };
    let endpoint = out.sends_to("/a", policy.clone()).await;
    let failing = out.endpoint("/b", policy).await;
    let rule = out.rule(Target::Endpoint(failing)).await;
    out.later(SignedDuration::from_secs(6)).await;
    out.receiver.answers("/b", Reply::Status(500));
    out.happened(["A".to_owned(), "B".to_owned()]).await;
    // 21 November in São Paulo ends at 3:00 UTC.
    out.later(SignedDuration::from_hours(14)).await;
    out.happened(["C".to_owned()]).await;
    let series = async |query: &str| {
        let path = format!("/v1/deliveries/series?from=2026-11-21&to=2026-11-22{query}");
        out.world.get(&path).await.expect(200)["items"].as_array().unwrap().clone()
    };
    let counts = |item: &Value| {
        let of = |state: &str| item[state].as_u64().unwrap();
        let rest = of("queued") + of("held") + of("discarded");
        (of("success"), of("failure"), of("retrying"), rest)
    };
    let days = series("&step=day").await;
    assert_eq!(days[0]["at"], "2026-11-21T03:00:00Z");
    assert_eq!(days.iter().map(counts).collect::<Vec<_>>(), [(2, 2, 0, 0), (1, 0, 1, 0)]);
    let hours = series("").await;
    let busy: Vec<_> = hours.iter().filter(|it| counts(it) != (0, 0, 0, 0)).collect();
    assert_eq!((hours.len(), busy.len()), (48, 2));
    assert_eq!(busy[0]["at"], "2026-11-21T13:00:00Z");
    let of_rule = series(&format!("&step=day&rule={rule}")).await;
    assert_eq!(of_rule.iter().map(counts).collect::<Vec<_>>(), [(0, 2, 0, 0), (0, 0, 1, 0)]);
    let of_endpoint = series(&format!("&step=day&endpoint={endpoint}")).await;
    assert_eq!(of_endpoint.iter().map(counts).collect::<Vec<_>>(), [(2, 0, 0, 0), (1, 0, 0, 0)]);
    for parameter in ["subject", "state"] {
        let path = format!("/v1/deliveries/series?{parameter}=failure");
        assert_eq!(out.world.get(&path).await.expect(422)["path"], parameter);
    }
    // The retention of 30 days has ended.
    out.later(SignedDuration::from_hours(24 * 31)).await;
    assert!(series("&step=day").await.iter().all(|it| counts(it) == (0, 0, 0, 0)));
}

#[tokio::test]
async fn a_subjects_page_shows_both_directions_in_order_of_time() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::StandardWebhooks.policy()).await;
    let to = out.world.inbound(json!({})).await;
    let webhook = out
        .world
        .receive(&to, r#"{"name":"Ana","email":"ana@example.com","title":"Um","order":"4711"}"#)
        .await;
    out.later(SignedDuration::from_mins(1)).await;
    out.happened(["4711".to_owned()]).await;
    out.later(SignedDuration::from_mins(1)).await;
    let delivery = out.deliveries().await.iter().find(|d| d.subject == "4711").unwrap().id;
    act(&out, &delivery.to_string(), "resend").await.expect(201);
    out.world.settle().await;
    let page = out.world.get("/v1/subjects/4711").await.expect(200);
    let kinds = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
    };
    let all = kinds(&page);
    assert_eq!(all.len(), 4);
    assert_eq!((all[0].as_str(), all[3].as_str()), ("delivery", "webhook"));
    assert_eq!(page["items"][3]["webhook"]["id"], webhook);
    assert_eq!(page["items"][0]["delivery"]["resend_of"], delivery.to_string());
    // The same in pages of one item.
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/subjects/4711?limit=1{cursor}");
        let page = out.world.get(&path).await.expect(200);
        seen.extend(kinds(&page));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, all);
    // A deal by its id: the webhook that created it, and its deliveries.
    let deal = out.world.deals(&to.origin).await[0]["id"].as_str().unwrap().to_owned();
    let page = out.world.get(&format!("/v1/subjects/{deal}")).await.expect(200);
    let all: BTreeSet<String> = kinds(&page).into_iter().collect();
    assert_eq!(all, BTreeSet::from(["event".to_owned(), "webhook".to_owned()]));
    let nothing = out.world.get("/v1/subjects/nobody").await.expect(200);
    assert_eq!(nothing["items"], json!([]));
}

#[tokio::test]
async fn f7_the_page_of_a_subject_takes_the_texts_that_an_event_takes() {
    let out = Outbound::new().await;
    for (subject, path) in [("NF 12/2026", "NF%2012%2F2026"), ("São João", "S%C3%A3o%20Jo%C3%A3o")]
    {
        let event = json!({"type": "order.dispatched", "subject": subject, "data": {}});
        out.world.post("/v1/events", event).await.expect(202);
        out.world.settle().await;
        let page = out.world.get(&format!("/v1/subjects/{path}")).await.expect(200);
        assert_eq!(
            (&page["subject"], &page["items"][0]["kind"]),
            (&json!(subject), &json!("event"))
        );
    }
    for path in ["a%00b", "a%0Ab", "a%E2%80%AEb", "%20"] {
        let missing = out.world.get(&format!("/v1/subjects/{path}")).await;
        assert_eq!(
            (missing.status.as_u16(), missing.code().as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn s2_5_a_key_of_any_printable_text_finds_its_events_and_an_e_mail_or_phone_the_webhooks() {
    let out = Outbound::new().await;
    let to = out.world.inbound(json!({})).await;
    let body = r#"{"name":"Ana","email":"ana@example.com","phone":"(11) 98765-4321","title":"Um"}"#;
    let webhook = out.world.receive(&to, body).await;
    let event = json!({"type": "order.dispatched", "subject": "NF 12/2026 ana@x", "data": {}});
    out.world.post("/v1/events", event).await.expect(202);
    out.world.settle().await;
    let find = async |key: &str| out.world.get(&format!("/v1/subjects?key={key}")).await;
    let page = find("NF%2012%2F2026%20ana%40x").await.expect(200);
    assert_eq!(
        (&page["subject"], &page["items"][0]["kind"], &page["returned"]),
        (&json!("NF 12/2026 ana@x"), &json!("event"), &json!(1))
    );
    for key in ["ana%40example.com", "ANA@EXAMPLE.COM", "11987654321", "%2B55%2011%2098765-4321"] {
        let page = find(key).await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), 1, "{key}: {page}");
        assert_eq!(page["items"][0]["webhook"]["id"], webhook, "{key}");
    }
    let path = out.world.get("/v1/subjects/ana@example.com").await.expect(200);
    assert_eq!(path["items"][0]["webhook"]["id"], webhook);
    assert_eq!(find("bia@example.com").await.expect(200)["items"], json!([]));
    for (key, reason) in [("", "required"), ("a%0Ab", "control_character"), ("a%00b", "nul")] {
        let refused = find(key).await.expect(422);
        assert_eq!(
            (&refused["path"], &refused["params"]["reason"]),
            (&json!("key"), &json!(reason))
        );
    }
    out.world.get("/v1/subjects").await.expect(422);
}

#[tokio::test]
async fn notices_are_listed() {
    let out = Outbound::new().await;
    let endpoint = out.sends_to("/a", Preset::StandardWebhooks.policy()).await;
    out.receiver.answers("/a", Reply::Status(410));
    out.happened(["1".to_owned()]).await;
    let page = out.world.get("/v1/notices").await.expect(200);
    let notice = &page["items"][0];
    assert_eq!(notice["kind"], "gone");
    assert_eq!(notice["endpoint"]["id"], endpoint.to_string());
    assert!(!notice["text"].as_str().unwrap().is_empty());
    assert_eq!(list(&out, "?state=failure").await["items"][0]["reason"], "endpoint_gone");
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
async fn hi_09_a_cursor_is_valid_for_one_list_only() {
    let out = Outbound::new().await;
    history(&out).await;
    let page = list(&out, "?limit=2").await;
    let next = page["next"].as_str().unwrap();
    list(&out, &format!("?limit=3&cursor={next}")).await;
    let forged = format!("{}A", &next[..next.len() - 1]);
    for query in [
        format!("?state=failure&cursor={next}"),
        format!("?subject=P-1&cursor={next}"),
        "?cursor=x".to_owned(),
        format!("?cursor={}", &next[..10]),
        format!("?cursor={forged}x"),
    ] {
        let answer = out.world.get(&format!("/v1/deliveries{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "bad_cursor".to_owned()),
            "{query}"
        );
    }
    let answer = out.world.get(&format!("/v1/notices?cursor={next}")).await;
    assert_eq!(answer.code(), "bad_cursor");
    for query in ["?x=1", "?limit=0", "?limit=201", "?state=", "?from=2026-11-21&from=2026-11-21"] {
        let answer = out.world.get(&format!("/v1/deliveries{query}")).await;
        assert_eq!(answer.code(), "validation_error", "{query}");
    }
    let answer = out.world.get("/v1/deliveries?from=2026-11-21&to=2026-11-20").await;
    assert_eq!((answer.status.as_u16(), answer.code()), (400, "bad_period".to_owned()));
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
