//! Lists of deliveries: filters, tabs, pages, files, retention, names of what was deleted.

use std::collections::BTreeSet;

use gancho_domain::{
    common::ids::{EndpointId, RuleId},
    outbound::{
        delivery::{Delivery, Discarded, Failed, State, StateName},
        endpoint::{Policy, Preset},
        rule::Target,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::outbound::{EVENT, Outbound, Reply};

use super::{act, disabled, ids, list, one, paged, row, set_gate, write};

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

/// Days of São Paulo, both included (`FACTS D16`).
fn in_days(first: &str, last: &str) -> impl Fn(&Delivery) -> bool {
    let from: Timestamp = format!("{first}T03:00:00Z").parse().unwrap();
    let to: Timestamp = format!("{last}T03:00:00Z").parse().unwrap();
    move |d| from <= d.id.made_at() && d.id.made_at() < to + SignedDuration::from_hours(24)
}

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
    // The exact request that arrived, but for its signature.
    let detail = one(&out, item["id"].as_str().unwrap()).await;
    let seen = out.receiver.seen("/a").remove(0);
    let request = &detail["request"];
    assert_eq!(request["method"], "POST");
    assert_eq!(request["url"], out.receiver.url("/a"));
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, seen.body);
    for header in request["headers"].as_array().unwrap() {
        let name = header["name"].as_str().unwrap();
        let sent = seen.headers.get(name).map(String::as_str);
        let shown = if name == "webhook-signature" { Some("***") } else { sent };
        assert_eq!(header["value"].as_str(), shown, "{name}");
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
async fn s2_4_a_list_its_totals_and_a_job_follow_the_type_and_the_answer() {
    let out = Outbound::new().await;
    let policy = Policy { waits: Vec::new(), ..Preset::StandardWebhooks.policy() };
    for (path, reply) in [("/a", Reply::Status(204)), ("/b", Reply::Status(404))] {
        let endpoint = out.endpoint(path, policy.clone()).await;
        out.rule(Target::Endpoint(endpoint)).await;
        out.receiver.answers(path, reply);
    }
    let gone = out.endpoint("/c", policy).await;
    out.rule_for("order.paid", Target::Endpoint(gone)).await;
    out.receiver.answers("/c", Reply::Garbage);
    out.later(SignedDuration::from_secs(6)).await;
    out.happened(["A".to_owned(), "B".to_owned()]).await;
    out.happen_as("order.paid", "C", 0).await;
    out.later(SignedDuration::from_secs(1)).await;
    for (query, count, failed) in [
        ("?type=order.dispatched", 4, 2),
        ("?type=order.paid", 1, 1),
        ("?type=order.paid,order.dispatched&state=failure", 3, 3),
        ("?answer=2xx", 2, 0),
        ("?answer=4xx", 2, 2),
        ("?answer=5xx", 0, 0),
        ("?answer=protocol_error", 1, 1),
        ("?answer=4xx,protocol_error&type=order.dispatched", 2, 2),
        ("?answer=4xx&subject=A", 1, 1),
        ("?answer=4xx&to=2026-11-20", 0, 0),
    ] {
        let page = list(&out, query).await;
        let found = (page["items"].as_array().unwrap().len(), &page["count"]);
        assert_eq!(found, (count, &json!(count)), "{query}");
        assert_eq!(page["totals"]["with_error"]["count"], failed, "{query}");
    }
    let filter = json!({"type": "order.dispatched", "answer": ["4xx"]});
    let body = json!({"filter": filter, "dry_run": true});
    assert_eq!(out.world.post("/v1/deliveries/resend", body).await.expect(200)["count"], 2);
    let job = out.world.post("/v1/deliveries/resend", json!({"filter": filter})).await.expect(202);
    assert_eq!((&job["total"], &job["filter"]), (&json!(2), &filter));
    out.world.settle().await;
    assert_eq!((out.receiver.seen("/b").len(), out.receiver.seen("/a").len()), (4, 2));
    for (query, path) in [("?type=Not.A", "type"), ("?answer=200", "answer")] {
        let refused = out.world.get(&format!("/v1/deliveries{query}")).await.expect(422);
        assert_eq!(refused["path"], path);
    }
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
