//! The history through HTTP (`FACTS S1`, `CATALOGUE D`).

use std::collections::BTreeSet;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Inbound, World, answer, simple_mapping};

fn ids(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn list_path(to: &Inbound, query: &str) -> String {
    format!("/v1/origins/{}/webhooks{query}", to.origin)
}

/// Every page of a list; each page's count must be the same.
async fn paged(world: &World, to: &Inbound, query: &str) -> (Vec<String>, u64) {
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.get(&list_path(to, &format!("{query}{cursor}"))).await.expect(200);
        seen.extend(ids(&page));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (seen, page["count"].as_u64().unwrap()),
        }
    }
}

/// Sends three webhooks that succeed and one that fails, a minute apart; the ids, newest first.
async fn some(world: &World, to: &Inbound) -> Vec<String> {
    let mut all = Vec::new();
    for body in [
        r#"{"name":"Ana","email":"ana@example.com","title":"Um","order":"A-1"}"#,
        r#"{"name":"Rui","phone":"(11) 98765-4321","title":"Dois","order":"A-2"}"#,
        r#"{"name":"Bia","email":"not an address","title":"Três"}"#,
        r#"{"name":"Ana","email":"ana@example.com","title":"Quatro","order":"A-1"}"#,
    ] {
        all.insert(0, world.receive(to, body).await);
        world.advance(SignedDuration::from_mins(1));
    }
    all
}

#[tokio::test]
async fn s1_1_an_origins_history_lists_the_webhooks_of_all_its_integrations() {
    let world = World::new().await;
    let site = world.inbound(json!({"name": "Site"})).await;
    let shop = world
        .integration(
            &site.origin,
            json!({"name": "Loja", "application": "hotmart", "verification": []}),
        )
        .await;
    let one = world.receive(&site, r#"{"email":"ana@example.com","title":"Um"}"#).await;
    world.advance(SignedDuration::from_secs(1));
    let two = world.receive(&shop, r#"{"data":{}}"#).await;
    let list = world.webhooks(&site.origin, "").await;
    assert_eq!(ids(&list), [two.clone(), one.clone()]);
    assert_eq!(list["count"], 2);
    assert_eq!(list["next"], Value::Null);
    let first = &list["items"][1];
    assert_eq!(first["integration"], json!({"id": site.id, "name": "Site"}));
    assert_eq!(first["application"]["key"], "webhook");
    assert_eq!(first["application"]["icon"], "/v1/applications/webhook/icon");
    assert_eq!(first["status"], "success");
    assert_eq!(first["active"], true);
    assert_eq!(first["runs"], 1);
    assert_eq!(first["contact"]["action"], "created");
    assert_eq!(ids(&world.webhooks(&site.origin, "?application=hotmart").await), [two]);
    let path = format!("?integration={}", site.id);
    assert_eq!(ids(&world.webhooks(&site.origin, &path).await), [one]);
    let other = world.origin("Outra").await;
    assert_eq!(world.webhooks(&other, "").await["count"], 0);
}

#[tokio::test]
async fn s1_8_the_counter_follows_the_filters() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let all = some(&world, &to).await;
    let table: &[(&str, Vec<String>)] = &[
        ("?limit=2", all.clone()),
        ("?limit=1&status=error", vec![all[1].clone()]),
        ("?limit=1&status=success", vec![all[0].clone(), all[2].clone(), all[3].clone()]),
        ("?limit=1&status=success,error", all.clone()),
        ("?limit=1&status=pending", vec![]),
        ("?limit=1&status=error&application=hotmart", vec![]),
        ("?limit=1&q=ana@example.com", vec![all[0].clone(), all[3].clone()]),
        ("?limit=1&q=11987654321", vec![all[2].clone()]),
        ("?limit=1&q=A-1", vec![all[0].clone(), all[3].clone()]),
        ("?limit=1&q=A-1&status=error", vec![]),
        (
            "?limit=1&from=2026-11-21T13:01:00Z&to=2026-11-21T13:02:00Z",
            vec![all[1].clone(), all[2].clone()],
        ),
        ("?limit=1&from=2026-11-21&to=2026-11-21", all.clone()),
        ("?limit=1&from=2026-11-22", vec![]),
    ];
    for (query, expected) in table {
        let (seen, count) = paged(&world, &to, query).await;
        assert_eq!(&seen, expected, "{query}");
        assert_eq!(count, expected.len() as u64, "{query}");
    }
    let by_id = world.webhooks(&to.origin, &format!("?q={}", all[1])).await;
    assert_eq!(ids(&by_id), [all[1].clone()]);
}

#[tokio::test]
async fn s1_9_a_list_a_count_and_a_job_follow_the_code_of_the_last_run() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let all = some(&world, &to).await;
    let broken = world.receive(&to, "{").await;
    world.advance(SignedDuration::from_hours(30));
    let late = world.receive(&to, "{").await;
    let of = |code: &str| format!("?limit=1&code={code}");
    let unparseable = vec![late.clone(), broken.clone()];
    let mapped = world.webhook(&to, &all[1]).await["error"]["code"].as_str().unwrap().to_owned();
    let both = format!("{mapped},payload_unparseable");
    for (query, expected) in [
        (of("payload_unparseable"), unparseable.clone()),
        (of(&mapped), vec![all[1].clone()]),
        (of(&both), vec![late.clone(), broken.clone(), all[1].clone()]),
        (of("payload_unparseable") + "&status=success", vec![]),
        (of("payload_unparseable") + "&to=2026-11-21", vec![broken.clone()]),
        (of("payload_unparseable") + "&q=" + &broken, vec![broken.clone()]),
        (of("integration_inactive"), vec![]),
    ] {
        let (seen, count) = paged(&world, &to, &query).await;
        assert_eq!((&seen, count), (&expected, expected.len() as u64), "{query}");
    }
    let path = format!("/v1/origins/{}/reprocess", to.origin);
    let filter = json!({"code": "payload_unparseable"});
    let count = world.post(&path, json!({"filter": filter, "dry_run": true})).await.expect(200);
    assert_eq!(count["count"], 2);
    let job = world.post(&path, json!({"filter": filter})).await.expect(202);
    assert_eq!((&job["total"], &job["filter"]), (&json!(2), &filter));
    world.settle().await;
    for (id, runs) in [(&broken, 2), (&late, 2), (&all[1], 1)] {
        assert_eq!(world.webhook(&to, id).await["runs"].as_array().unwrap().len(), runs);
    }
    let refused = world.get(&list_path(&to, "?code=nothing")).await.expect(422);
    assert_eq!(refused["path"], "code");
}

/// The number of steps of a series, and those with a webhook: their start, success, error, pending.
async fn series(world: &World, to: &Inbound, query: &str) -> (usize, Vec<(String, [u64; 3])>) {
    let series = world.get(&list_path(to, &format!("/series{query}"))).await.expect(200);
    let items = series["items"].as_array().unwrap();
    let counts =
        |item: &Value| ["success", "error", "pending"].map(|it| item[it].as_u64().unwrap());
    let all = items.iter().map(|it| (it["at"].as_str().unwrap().to_owned(), counts(it)));
    (items.len(), all.filter(|(_, counts)| *counts != [0, 0, 0]).collect())
}

#[tokio::test]
async fn s1_8_a_series_counts_the_hours_and_days_of_the_workspaces_zone() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let shop = json!({"name": "Loja", "application": "hotmart", "verification": []});
    let shop = world.integration(&to.origin, shop).await;
    some(&world, &to).await;
    world.receive(&shop, "{").await;
    // 21 November in São Paulo ends at 3:00 UTC.
    for title in ["Cinco", "Seis"] {
        let next = if title == "Cinco" { 13 } else { 1 };
        world.advance(SignedDuration::from_hours(next));
        world.receive(&to, format!(r#"{{"email":"ana@example.com","title":"{title}"}}"#)).await;
    }
    let at = |time: &str, counts| (format!("2026-11-{time}:00:00Z"), counts);
    let period = "?from=2026-11-21&to=2026-11-22";
    let all = [at("21T13", [3, 2, 0]), at("22T02", [1, 0, 0]), at("22T03", [1, 0, 0])];
    assert_eq!(series(&world, &to, period).await, (48, all.to_vec()));
    let of_site = format!("{period}&step=day&integration={}", to.id);
    let days = vec![at("21T03", [4, 1, 0]), at("22T03", [1, 0, 0])];
    assert_eq!(series(&world, &to, &of_site).await, (2, days));
    let of_shop = format!("{period}&step=day&application=hotmart");
    assert_eq!(series(&world, &to, &of_shop).await, (2, vec![at("21T03", [0, 1, 0])]));
    // The sum is the count of the list.
    let (_, days) = series(&world, &to, "?step=day").await;
    for (status, place) in [("success", 0), ("error", 1)] {
        let count = world.webhooks(&to.origin, &format!("{period}&status={status}")).await;
        assert_eq!(count["count"], days.iter().map(|(_, it)| it[place]).sum::<u64>(), "{status}");
    }
    for (query, status, path) in [
        ("?step=week", 422, "step"),
        ("?from=2026-01-01&to=2026-11-22", 422, "step"),
        ("?q=x", 422, "q"),
        ("?status=error", 422, "status"),
        ("?application=nobody", 422, "application"),
        ("?from=2027-01-01", 400, ""),
    ] {
        let refused = world.get(&list_path(&to, &format!("/series{query}"))).await.expect(status);
        assert_eq!(refused["path"].as_str().unwrap_or_default(), path, "{query}");
    }
}

#[tokio::test]
async fn s1_2_a_series_has_no_webhook_whose_retention_has_ended() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    world.receive(&to, r#"{"email":"ana@example.com","title":"Um"}"#).await;
    let query = "?step=day&from=2026-11-21&to=2026-11-21";
    assert_eq!(series(&world, &to, query).await.1.len(), 1);
    // 21 November 13:00 ends on 21 February 13:00; its hour an hour later.
    world.advance(SignedDuration::from_hours(24 * 92));
    assert_eq!(series(&world, &to, query).await.1.len(), 1);
    world.advance(SignedDuration::from_hours(1));
    assert_eq!(series(&world, &to, query).await.1.len(), 0);
}

#[tokio::test]
async fn hi_10_repeated_and_shuffled_delivery_leaves_the_counter_right() {
    let world =
        World::with(|it| it.misdelivery(local::Misdelivery::new(7, 3, true)).shards(3)).await;
    let to = world.inbound(json!({})).await;
    for n in 0..40 {
        let body = format!(r#"{{"email":"p{n}@example.com","title":"{n}"}}"#);
        let body = if n % 5 == 0 { "{".to_owned() } else { body };
        world.send(&to, body).await.expect(200);
        world.advance(SignedDuration::from_secs(20));
    }
    world.settle().await;
    for (query, expected) in
        [("?limit=7", 40), ("?limit=7&status=error", 8), ("?limit=7&status=success", 32)]
    {
        let (seen, count) = paged(&world, &to, query).await;
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), expected, "{query}");
        assert_eq!((seen.len(), count), (expected, expected as u64), "{query}");
    }
}

#[tokio::test]
async fn hi_01_three_months_after_receipt_to_the_millisecond_it_is_gone() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let id = world.receive(&to, r#"{"email":"ana@example.com","title":"Um"}"#).await;
    let end = "2027-02-21T13:00:00Z".parse().unwrap();
    assert_eq!(world.webhook(&to, &id).await["expires_at"], "2027-02-21T13:00:00Z");
    world.clock.set(end - SignedDuration::from_millis(1));
    assert_eq!(ids(&world.webhooks(&to.origin, "").await), std::slice::from_ref(&id));
    assert_eq!(world.webhooks(&to.origin, "").await["count"], 1);
    world.webhook(&to, &id).await;
    world.clock.set(end);
    for query in ["", "?q=ana@example.com", &format!("?q={id}"), "?status=success"] {
        let list = world.webhooks(&to.origin, query).await;
        assert_eq!((ids(&list).len(), &list["count"]), (0, &json!(0)), "{query}");
    }
    let csv = world.get(&list_path(&to, "?format=csv")).await;
    assert_eq!(csv.text().lines().count(), 1);
    for path in [format!("/{id}"), format!("/{id}/payload")] {
        let gone = world.get(&list_path(&to, &path)).await;
        assert_eq!((gone.status.as_u16(), gone.code()), (404, "not_found".to_owned()));
    }
}

#[tokio::test]
async fn hi_08_bad_periods_and_parameters_are_named() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    for (query, status, code) in [
        ("?from=2026-11-21&to=2026-11-20", 400, "bad_period"),
        ("?from=21/11/2026", 422, "validation_error"),
        ("?status=erro", 422, "validation_error"),
        ("?application=nobody", 422, "validation_error"),
        ("?limit=0", 422, "validation_error"),
        ("?limit=9223372036854775808", 422, "validation_error"),
        ("?page=2", 422, "validation_error"),
        ("?format=xml", 422, "validation_error"),
        ("?cursor=", 400, "bad_cursor"),
    ] {
        let refused = world.get(&list_path(&to, query)).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (status, code.to_owned()), "{query}");
    }
    let clipped = world.webhooks(&to.origin, "?from=2000-01-01&to=2100-01-01").await;
    assert_eq!(clipped["count"], 0);
}

#[tokio::test]
async fn hi_09_a_cursor_works_in_its_own_list_only() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let all = some(&world, &to).await;
    let page = world.webhooks(&to.origin, "?limit=1").await;
    let cursor = page["next"].as_str().unwrap().to_owned();
    let next = world.webhooks(&to.origin, &format!("?limit=2&cursor={cursor}")).await;
    assert_eq!(ids(&next), all[1..3]);
    let other = world.origin("Outra").await;
    let (_, stranger) = world.new_workspace("Outra loja").await;
    let mut forged = cursor.clone();
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.push(last);
    let cut = &cursor[..cursor.len() - 1];
    let own = &to.origin;
    for (origin, query) in [
        (own, format!("?cursor={forged}")),
        (own, format!("?cursor={cut}")),
        (own, format!("?cursor={cursor}AA")),
        (own, format!("?cursor={}", "x".repeat(3_000))),
        (own, format!("?cursor={cursor}&status=error")),
        (own, format!("?cursor={cursor}&q=A-1")),
        (&other, format!("?cursor={cursor}")),
    ] {
        let refused = world.get(&format!("/v1/origins/{origin}/webhooks{query}")).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (400, "bad_cursor".to_owned()),
            "{query}"
        );
    }
    let path = list_path(&to, &format!("?cursor={cursor}"));
    let theirs = world.call_as(&stranger, Method::GET, &path, None).await;
    assert_eq!(theirs.status, 404);
}

#[tokio::test]
async fn te_01_a_malformed_id_is_unknown() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    for path in ["/whk_1", "/ori_00000000000000000000000000000000", "/%23", "/..%2F"] {
        assert_eq!(world.get(&list_path(&to, path)).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn hi_11_a_payload_comes_back_byte_for_byte() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let numbers = r#"{"b":1,"a":12345678901234567890123,"a":1.10, "s":"é\u0000"}"#;
    let binary: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    for (kind, body) in [
        ("application/json", numbers.as_bytes().to_vec()),
        ("text/html", b"<img src=x onerror=alert(1)>".to_vec()),
        ("application/octet-stream", binary),
        ("application/x-www-form-urlencoded", b"a%5Bb%5D=1&e=ana%40example.com".to_vec()),
    ] {
        let sent = world.send_as(&to, kind, body.clone()).await.expect(200);
        let id = sent["id"].as_str().unwrap();
        let got = world.get(&list_path(&to, &format!("/{id}/payload"))).await;
        assert_eq!((got.status.as_u16(), &got.bytes), (200, &body), "{kind}");
        assert_eq!(got.headers["content-type"], "application/octet-stream");
        assert_eq!(got.headers["x-content-type-options"], "nosniff");
        assert_eq!(got.headers["x-original-content-type"], kind);
        assert!(got.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let part = world.get(&list_path(&to, &format!("/{id}/payload?offset=3&length=4"))).await;
        assert_eq!((part.status.as_u16(), &part.bytes[..]), (206, &body[3..7]), "{kind}");
        let range = format!("bytes 3-6/{}", body.len());
        assert_eq!(part.headers["content-range"], range.as_str());
    }
}

#[tokio::test]
async fn s1_11_a_payload_is_copied_as_json_a_form_too() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let numbers = r#"{"b":1,"a":12345678901234567890123.10}"#;
    let id = world.receive(&to, numbers).await;
    let view = world.get(&list_path(&to, &format!("/{id}/payload?view=json"))).await;
    assert_eq!(view.text(), numbers);
    assert_eq!(view.headers["content-type"], "application/json");
    let form = "a%5Bb%5D=1&e=ana%40example.com";
    let sent = world.send_as(&to, "application/x-www-form-urlencoded", form).await.expect(200);
    let path = format!("/{}/payload?view=json", sent["id"].as_str().unwrap());
    let view = world.get(&list_path(&to, &path)).await.expect(200);
    assert_eq!(view, json!({"a": {"b": "1"}, "e": "ana@example.com"}));
    let sent = world.send(&to, "{").await.expect(200);
    let path = format!("/{}/payload?view=json", sent["id"].as_str().unwrap());
    let broken = world.get(&list_path(&to, &path)).await;
    assert_eq!((broken.status.as_u16(), broken.code()), (422, "payload_unparseable".to_owned()));
}

#[tokio::test]
async fn s1_11_the_details_show_everything_in_the_readers_language() {
    let world = World::new().await;
    let mut strict = simple_mapping();
    strict["fields"][1]["required"] = json!(true);
    let to = world.inbound(json!({ "mapping": strict })).await;
    let sent = world.request(Method::POST, &format!("{}?utm=x%20y", to.url));
    let sent = sent
        .header("content-type", "application/json")
        .header("authorization", "Bearer secret-of-a-sender");
    let sent = answer(sent.body(r#"{"name":"Bia","email":"nope","title":"T"}"#)).await.expect(200);
    world.settle().await;
    let path = list_path(&to, &format!("/{}", sent["id"].as_str().unwrap()));
    let url = format!("{}{path}", world.host.base_url());
    let request = world.request(Method::GET, &url).bearer_auth(&world.key);
    let shown = answer(request.header("accept-language", "pt-BR")).await;
    let text = shown.text();
    assert!(!text.contains("secret-of-a-sender"), "{text}");
    let shown = shown.expect(200);
    assert_eq!(shown["status"], "error");
    assert_eq!(shown["query"], "utm=x%20y");
    assert_eq!(shown["payload"]["size"], 41);
    assert_eq!(shown["payload"]["content_type"], "application/json");
    assert_eq!(shown["payload"]["sha256"].as_str().unwrap().len(), 64);
    assert!(shown["source_ip"].as_str().is_some());
    let run = &shown["runs"][0];
    assert_eq!(
        (&run["number"], &run["status"], &run["cause"]["kind"]),
        (&json!(1), &json!("error"), &json!("received"))
    );
    let message = run["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("Não foi possível preencher o campo contact.email"), "{message}");
    let english = world.get(&path).await.expect(200);
    assert!(english["error"]["message"].as_str().unwrap().starts_with("The field contact.email"));
}

#[tokio::test]
async fn hi_13_the_whole_filtered_list_is_a_csv_that_is_safe_to_open() {
    let world = World::new().await;
    let to = world.inbound(json!({"name": "=HYPERLINK(\"http://evil\"), \"x\""})).await;
    let all = some(&world, &to).await;
    let csv = world.get(&list_path(&to, "?format=csv&status=error")).await;
    assert_eq!(csv.status, 200);
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert!(csv.headers.get("x-next-cursor").is_none());
    let text = csv.text();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("\u{feff}ID,Received at,"), "{text}");
    assert_eq!(lines.len(), 2);
    assert!(lines[1].starts_with(&all[1]), "{text}");
    assert!(lines[1].contains("\"'=HYPERLINK(\"\"http://evil\"\"), \"\"x\"\"\""), "{text}");
    let path = list_path(&to, "?format=csv&limit=1");
    let request = world.request(Method::GET, &format!("{}{path}", world.host.base_url()));
    let words: Answer =
        answer(request.bearer_auth(&world.key).header("accept-language", "pt")).await;
    assert!(words.text().contains(",Sucesso,Sim,"), "{}", words.text());
    assert_eq!(words.text().lines().count(), 5, "a CSV ignores limit");
}

#[tokio::test]
async fn d20_a_list_shows_the_current_name_and_after_deletion_the_last_one() {
    let world = World::new().await;
    let to = world.inbound(json!({"name": "Site"})).await;
    let id = world.receive(&to, r#"{"email":"ana@example.com","title":"Um"}"#).await;
    let path = format!("/v1/integrations/{}", to.id);
    let version = world.get(&path).await.expect(200)["version"].clone();
    let url = format!("{}{path}", world.host.base_url());
    let renamed = world.request(Method::PATCH, &url).bearer_auth(&world.key);
    let renamed =
        renamed.header("if-match", format!("\"{version}\"")).json(&json!({"name": "Novo site"}));
    answer(renamed).await.expect(200);
    assert_eq!(
        world.webhooks(&to.origin, "").await["items"][0]["integration"]["name"],
        "Novo site"
    );
    let gone = world.request(Method::DELETE, &url).bearer_auth(&world.key);
    let gone =
        answer(gone.header("if-match", format!("\"{}\"", version.as_u64().unwrap() + 1))).await;
    assert!(gone.status.is_success(), "{}", gone.text());
    let list = world.webhooks(&to.origin, "").await;
    assert_eq!(ids(&list), [id]);
    assert_eq!(list["items"][0]["integration"]["id"], to.id.as_str());
    assert_eq!(list["items"][0]["integration"]["name"], "Novo site");
}

#[tokio::test]
async fn s1_6_active_is_the_state_at_receipt() {
    let world = World::new().await;
    let to = world.inbound(json!({"active": false})).await;
    let id = world.receive(&to, r#"{"email":"ana@example.com","title":"Um"}"#).await;
    let item = world.webhooks(&to.origin, "").await["items"][0].clone();
    assert_eq!((item["id"].as_str(), &item["active"]), (Some(id.as_str()), &json!(false)));
    assert_eq!(item["error"]["code"], "integration_inactive");
}

#[tokio::test]
async fn d18_the_first_webhook_of_a_delivery_shows_how_many_came() {
    let world = World::new().await;
    let to = world.inbound(json!({"dedupe": {"source": {"header": "x-delivery"}}})).await;
    let mut sent = Vec::new();
    for _ in 0..3 {
        let request =
            world.request(Method::POST, &to.url).header("content-type", "application/json");
        let request = request.header("x-delivery", "d-1");
        let id =
            answer(request.body(r#"{"email":"ana@example.com"}"#)).await.expect(200)["id"].clone();
        world.settle().await;
        world.advance(SignedDuration::from_secs(1));
        sent.push(id.as_str().unwrap().to_owned());
    }
    let first = world.webhook(&to, &sent[0]).await;
    assert_eq!((&first["seen"], &first["duplicate_of"]), (&json!(3), &Value::Null));
    let second = world.webhook(&to, &sent[1]).await;
    assert_eq!(second["seen"], Value::Null);
    assert_eq!((&second["status"], &second["duplicate_of"]), (&json!("success"), &json!(sent[0])));
    let list = world.webhooks(&to.origin, "").await;
    assert_eq!(list["count"], 3);
    assert_eq!(list["items"][0]["duplicate_of"], json!(sent[0]));
}
