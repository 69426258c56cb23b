//! The configuration API over HTTP: keys and roles, versions, idempotency, limits, tenants.

use futures::future::join_all;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Inbound, OWNER, World, answer, simple_mapping};

/// Asserts a refusal: its status, its stable code, the field that it names.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, path: Option<&str>) {
    let body = answer.json();
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
    assert_eq!(body["path"].as_str(), path, "{body}");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert!(!body["detail"].as_str().unwrap().contains('{'), "{body}");
}

async fn key_of(world: &World, role: &str) -> Value {
    world.post("/v1/keys", json!({"name": role, "role": role})).await.expect(201)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn te_03_a_missing_a_wrong_and_a_revoked_key_are_refused() {
    let world = World::new().await;
    let url = format!("{}/v1/workspace", world.host.base_url());
    assert_eq!(answer(world.request(Method::GET, &url)).await.status, 401);
    let (rest, last) = world.key.split_at(world.key.len() - 1);
    let other = format!("{rest}{}", if last == "A" { "Q" } else { "A" });
    for wrong in ["x", "gk_", &other, &world.key.to_uppercase(), "eyJhbGciOiJub25lIn0.e30."] {
        let refused = world.call_as(wrong, Method::GET, "/v1/workspace", None).await;
        assert_eq!(refused.status, 403, "{wrong}");
        assert!(!refused.text().contains("ws_"));
    }
    let key = key_of(&world, "viewer").await;
    let with = async || world.call_as(text(&key["key"]), Method::GET, "/v1/workspace", None).await;
    with().await.expect(200);
    world.delete(&format!("/v1/keys/{}", text(&key["id"]))).await.expect(204);
    world.advance(SignedDuration::from_secs(60));
    assert_eq!(with().await.status, 403, "a revocation takes at most 60 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn te_03_each_role_has_exactly_its_permissions() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    world.receive(&to, json!({"email": "ana@exemplo.com.br", "title": "A"}).to_string()).await;
    let deal = format!("/v1/deals/{}", text(&world.deals(&to.origin).await[0]["id"]));
    let preview = format!("/v1/integrations/{}/preview", to.id);
    let url = format!("/v1/integrations/{}/url", to.id);
    let body = json!({"body": "{}"});
    let change = json!({"title": "B"});
    let name = json!({"name": "Loja"});
    let steps = [
        ("viewer", Method::GET, "/v1/deals", None),
        ("operator", Method::PATCH, deal.as_str(), Some(&change)),
        ("operator", Method::POST, preview.as_str(), Some(&body)),
        ("admin", Method::GET, url.as_str(), None),
        ("admin", Method::GET, "/v1/keys", None),
        ("admin", Method::PATCH, "/v1/workspace", Some(&name)),
        ("owner", Method::POST, "/v1/workspaces", Some(&name)),
    ];
    let order = ["viewer", "operator", "admin"];
    for role in order {
        let key = key_of(&world, role).await;
        let rank = order.iter().position(|known| *known == role);
        for (needs, method, path, body) in &steps {
            let may = order.iter().position(|known| known == needs) <= rank && *needs != "owner";
            let got = world.call_as(text(&key["key"]), method.clone(), path, *body).await;
            if may {
                assert!(got.status.is_success(), "{role} {path}: {}", got.text());
            } else {
                refused(&got, 403, "forbidden", None);
                assert_eq!(got.json()["params"]["role"], *needs, "{role} {path}");
            }
        }
    }
    let owner = world.call_as(OWNER, Method::GET, "/v1/workspace", None).await;
    refused(&owner, 403, "forbidden", None);
}

#[tokio::test(flavor = "multi_thread")]
async fn te_03_the_last_admin_key_stays() {
    let world = World::new().await;
    let keys = world.get("/v1/keys").await.expect(200);
    assert!(!keys.to_string().contains("gk_") && keys["count"] == 1, "{keys}");
    let last = format!("/v1/keys/{}", text(&keys["items"][0]["id"]));
    refused(&world.delete(&last).await, 409, "has_dependents", None);
    refused(&world.patch(&last, json!({"role": "viewer"})).await, 409, "has_dependents", None);
    let renamed = world.patch(&last, json!({"name": "Chefe"})).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["version"]), (&json!("Chefe"), &json!(2)));
    key_of(&world, "admin").await;
    world.delete(&last).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn te_01_an_origin_of_another_workspace_is_unknown_in_a_body_too() {
    let world = World::new().await;
    let origin = world.origin("Vendas").await;
    let (_, stranger) = world.new_workspace("Outra loja").await;
    let there = json!({"origin": origin, "application": "webhook", "name": "x"});
    let got = world.call_as(&stranger, Method::POST, "/v1/integrations", Some(&there)).await;
    refused(&got, 404, "not_found", Some("origin"));
}

#[tokio::test(flavor = "multi_thread")]
async fn te_06_of_concurrent_changes_one_is_applied_and_the_others_conflict() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    for path in [
        "/v1/workspace".to_owned(),
        format!("/v1/origins/{}", to.origin),
        format!("/v1/integrations/{}", to.id),
    ] {
        let shown = world.get(&path).await;
        let (etag, version) =
            (shown.headers["etag"].clone(), shown.json()["version"].as_u64().unwrap());
        assert_eq!(etag, format!("\"{version}\""));
        let url = format!("{}{path}", world.host.base_url());
        let changes = (0..8).map(|n| {
            let request = world.request(Method::PATCH, &url).bearer_auth(&world.key);
            answer(request.header("if-match", &etag).json(&json!({"name": format!("n{n}")})))
        });
        let got = join_all(changes).await;
        let (updated, conflicts): (Vec<_>, Vec<_>) = got.iter().partition(|one| one.status == 200);
        assert_eq!((updated.len(), conflicts.len()), (1, 7), "{path}");
        for one in conflicts {
            refused(one, 409, "conflict", None);
            assert_eq!(one.json()["params"]["version"], (version + 1).to_string());
        }
        let now = world.get(&path).await.expect(200);
        assert_eq!(
            (&now["name"], now["version"].as_u64()),
            (&updated[0].json()["name"], Some(version + 1))
        );
    }
}

async fn once(world: &World, path: &str, key: &str, body: &Value) -> Answer {
    let request = world.request(Method::POST, &format!("{}{path}", world.host.base_url()));
    answer(request.bearer_auth(&world.key).header("idempotency-key", key).json(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn re_05_a_repeated_request_gets_the_same_response_without_values_shown_once() {
    let world = World::new().await;
    let body = json!({"name": "Relatórios", "role": "viewer"});
    let first = once(&world, "/v1/keys", "a", &body).await.expect(201);
    assert!(text(&first["key"]).starts_with("gk_"));
    let again = once(&world, "/v1/keys", "a", &body).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let mut hidden = first.clone();
    hidden["key"] = Value::Null;
    assert_eq!(again.expect(201), hidden);
    let other = json!({"name": "Relatórios", "role": "admin"});
    refused(&once(&world, "/v1/keys", "a", &other).await, 409, "idempotency_mismatch", None);
    // A request that was refused frees its key.
    refused(
        &once(&world, "/v1/keys", "b", &json!({"name": ""})).await,
        422,
        "validation_error",
        Some("role"),
    );
    once(&world, "/v1/keys", "b", &body).await.expect(201);
    world.advance(SignedDuration::from_hours(24));
    let day_later = once(&world, "/v1/keys", "a", &other).await.expect(201);
    assert_ne!(day_later["id"], first["id"]);
    refused(
        &once(&world, "/v1/keys", &"k".repeat(256), &body).await,
        422,
        "validation_error",
        Some("Idempotency-Key"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn re_05_twenty_concurrent_equal_requests_create_one_resource() {
    let world = World::new().await;
    let body = json!({"name": "Vendas", "stages": ["Novo"]});
    let got = join_all((0..20).map(|_| once(&world, "/v1/origins", "same", &body))).await;
    let created: Vec<&Answer> = got.iter().filter(|one| one.status == 201).collect();
    assert!(!created.is_empty());
    for one in got.iter().filter(|one| one.status != 201) {
        refused(one, 409, "idempotency_in_progress", None);
        assert!(one.headers.contains_key("retry-after"));
    }
    assert!(created.iter().all(|one| one.json() == created[0].json()));
    assert_eq!(world.get("/v1/origins").await.expect(200)["count"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn re_05_a_killed_request_is_resumed_and_creates_nothing_twice() {
    let world = World::new().await;
    let body = json!({"name": "Vendas", "stages": ["Novo"]});
    // The origin is stored; the response is about to be stored.
    let held =
        world.host.faults().on("UpdateItem").function("manage").table("coordination").hold_before();
    let killed = async {
        held.reached().await;
        world.host.kill("manage").unwrap();
    };
    let (first, ()) = tokio::join!(once(&world, "/v1/origins", "k", &body), killed);
    assert_eq!(first.status, 500, "{}", first.text());
    held.release();
    world.host.faults().clear();
    let created = world.get("/v1/origins").await.expect(200);
    refused(&once(&world, "/v1/origins", "k", &body).await, 409, "idempotency_in_progress", None);
    world.advance(SignedDuration::from_secs(31));
    let again = once(&world, "/v1/origins", "k", &body).await.expect(201);
    assert_eq!(again["id"], created["items"][0]["id"]);
    assert_eq!(world.get("/v1/origins").await.expect(200)["count"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_application_of_the_catalogue_creates_an_integration_that_accepts_its_sample() {
    let world = World::new().await;
    let origin = world.origin("Vendas").await;
    let catalogue = world.get("/v1/applications").await.expect(200);
    assert!(catalogue["count"].as_u64() >= Some(12) && catalogue["items"][0]["key"] == "webhook");
    for application in catalogue["items"].as_array().unwrap() {
        let new = json!({"origin": origin, "application": application["key"], "name": application["name"]});
        let created = world.post("/v1/integrations", new).await.expect(201);
        assert_eq!(created["mapping"], application["mapping"]);
        assert_eq!(created["mapping_version"], 1);
        let to = Inbound {
            origin: origin.clone(),
            id: text(&created["id"]).to_owned(),
            url: text(&created["url"]).to_owned(),
        };
        let sample = &application["sample"];
        let body =
            sample["body"].as_str().map_or_else(|| sample["body"].to_string(), str::to_owned);
        let mut request = world.request(Method::POST, &to.url).body(body);
        request = request.header("content-type", text(&sample["content_type"]));
        for (name, value) in sample["headers"].as_object().unwrap() {
            request = request.header(name, text(value));
        }
        let sent = answer(request).await;
        assert!(sent.status.is_success(), "{}: {}", application["key"], sent.text());
    }
    world.settle().await;
    let history = world.webhooks(&origin, "").await;
    assert_eq!(history["count"], catalogue["count"]);
    for item in history["items"].as_array().unwrap() {
        assert_eq!(item["status"], "success", "{item}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn au_05_a_weak_secret_is_refused_and_a_good_one_is_never_shown() {
    let world = World::new().await;
    let origin = world.origin("Vendas").await;
    let new = |secret: Value| {
        json!({"origin": origin, "application": "github", "name": "Código",
               "verification": [{"type": "github", "secret": secret}]})
    };
    for weak in ["", "short", "23-bytes-are-not-enough"] {
        let got = world.post("/v1/integrations", new(json!(weak))).await;
        refused(&got, 422, "weak_secret", Some("verification[0].secret"));
    }
    let secret = "a-secret-of-more-than-24-bytes";
    let created = world.post("/v1/integrations", new(json!(secret))).await.expect(201);
    assert_eq!(created["verification"][0], json!({"type": "github", "secret": {"set": true}}));
    let path = format!("/v1/integrations/{}", text(&created["id"]));
    // The shown value can be sent back, and keeps the secret.
    let back = json!({"verification": created["verification"], "name": "Outro"});
    let changed = world.patch(&path, back).await.expect(200);
    assert_eq!(changed["verification"], created["verification"]);
    assert!(!changed.to_string().contains(secret));
    let generated = world.post("/v1/integrations", new(json!("generate"))).await.expect(201);
    assert!(text(&generated["generated"][0]["value"]).len() > 24, "{generated}");
    let shown = world.get(&format!("/v1/integrations/{}", text(&generated["id"]))).await;
    assert!(!shown.text().contains(text(&generated["generated"][0]["value"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn au_09_after_a_new_secret_the_old_one_is_accepted_for_a_day() {
    let world = World::new().await;
    let check =
        |secret: &str| json!([{"type": "token", "in": {"header": "x-token"}, "secret": secret}]);
    let to = world.inbound(json!({"verification": check("first-secret")})).await;
    let path = format!("/v1/integrations/{}", to.id);
    world.patch(&path, json!({"verification": check("second-secret")})).await.expect(200);
    world.advance(SignedDuration::from_secs(6));
    let send = async |token: &str| {
        let request = world.request(Method::POST, &to.url).header("x-token", token);
        answer(request.body("{}")).await.status.as_u16()
    };
    assert_eq!((send("first-secret").await, send("second-secret").await), (200, 200));
    world.advance(SignedDuration::from_hours(24));
    assert_eq!((send("first-secret").await, send("second-secret").await), (401, 200));
    let refusals = world.get(&format!("{path}/refused")).await.expect(200);
    let codes: Vec<&Value> =
        refusals["items"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert_eq!(codes, ["token_invalid"], "{refusals}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_34_a_costly_or_invalid_mapping_is_refused_with_its_path() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let path = format!("/v1/integrations/{}", to.id);
    let field = |path: &str| json!({"fields": [{"target": "deal.title", "path": "$.a"}, {"target": "contact.name", "path": path}]});
    let costly = format!("${}", "..*".repeat(40));
    let regex = "$[?match(@.a, '(a+)+$')]";
    for (mapping, code) in [
        (field(&costly), "invalid_mapping"),
        (field(regex), "invalid_mapping"),
        (field("a.b"), "invalid_jsonpath"),
        (field(&"$.a".repeat(400)), "invalid_mapping"),
    ] {
        let got = world.patch(&path, json!({"mapping": mapping})).await;
        refused(&got, 422, code, Some("mapping.fields[1].path"));
    }
    let unknown = json!({"mapping": {"fields": [{"target": "deal.nope", "path": "$.a"}]}});
    refused(
        &world.patch(&path, unknown).await,
        422,
        "invalid_mapping",
        Some("mapping.fields[0].target"),
    );
    assert_eq!(world.get(&path).await.expect(200)["mapping_version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_earlier_mapping_can_be_read() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let path = format!("/v1/integrations/{}", to.id);
    let mapping = json!({"fields": [{"target": "contact.email", "path": "$.mail", "from": "body", "required": true}], "keys": []});
    let changed = world.patch(&path, json!({"mapping": mapping})).await.expect(200);
    assert_eq!((&changed["mapping_version"], &changed["version"]), (&json!(2), &json!(2)));
    let same = world.patch(&path, json!({"mapping": mapping, "name": "Outro"})).await.expect(200);
    assert_eq!(same["mapping_version"], 2, "the same mapping is no new version");
    let old = world.get(&format!("{path}?mapping_version=1")).await.expect(200);
    assert_eq!(old["mapping"]["keys"], simple_mapping()["keys"]);
    refused(&world.get(&format!("{path}?mapping_version=3")).await, 404, "not_found", None);
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_an_unknown_origin_in_a_filter_is_404_in_every_list() {
    let world = World::new().await;
    let (_, key) = world.new_workspace("Outra").await;
    let body = json!({"name": "Vendas", "stages": ["Novo"]});
    let foreign = world.call_as(&key, Method::POST, "/v1/origins", Some(&body)).await.expect(201);
    let own = world.origin("Vendas").await;
    for list in ["integrations", "contacts", "deals", "contacts?email=a@b.co", "deals?email=a@b.co"]
    {
        let sign = if list.contains('?') { '&' } else { '?' };
        let path = |origin: &str| format!("/v1/{list}{sign}origin={origin}");
        for unknown in [text(&foreign["id"]), &format!("ori_{}", "0".repeat(32))] {
            refused(&world.get(&path(unknown)).await, 404, "not_found", Some("origin"));
        }
        assert_eq!(world.get(&path(&own)).await.expect(200)["items"], json!([]), "{list}");
        let malformed = world.get(&path("x")).await;
        refused(&malformed, 422, "validation_error", Some("origin"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_nothing_older_than_a_new_url_works_if_there_is_no_overlap() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let path = format!("/v1/integrations/{}/rotate-url", to.id);
    let mut places = vec![to.clone()];
    for hours in [168, 24, 0] {
        let rotated = world.post(&path, json!({"overlap_hours": hours})).await.expect(200);
        places.push(Inbound { url: text(&rotated["url"]).to_owned(), ..to.clone() });
        world.advance(SignedDuration::from_secs(6));
        let working = if hours == 0 { places.len() - 1.. } else { 0.. };
        for (index, place) in places.iter().enumerate() {
            let status = if working.contains(&index) { 200 } else { 404 };
            assert_eq!(world.send(place, "{}").await.status, status, "{index} after {hours}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_url_works_for_its_overlap_and_a_deleted_one_does_not() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let path = format!("/v1/integrations/{}", to.id);
    assert_eq!(world.get(&format!("{path}/url")).await.expect(200)["url"], to.url);
    let rotated = world.post(&format!("{path}/rotate-url"), json!({"overlap_hours": 2})).await;
    let new = Inbound { url: text(&rotated.expect(200)["url"]).to_owned(), ..to.clone() };
    assert_ne!(new.url, to.url);
    world.advance(SignedDuration::from_secs(6));
    for place in [&to, &new] {
        world.send(place, "{}").await.expect(200);
    }
    world.advance(SignedDuration::from_hours(2));
    assert_eq!(world.send(&to, "{}").await.code(), "unknown_ingest_url");
    world.send(&new, "{}").await.expect(200);
    let again = world.post(&format!("{path}/rotate-url"), json!({"overlap_hours": 0})).await;
    let newest = Inbound { url: text(&again.expect(200)["url"]).to_owned(), ..to.clone() };
    world.advance(SignedDuration::from_secs(6));
    assert_eq!(world.send(&new, "{}").await.code(), "unknown_ingest_url");
    world.send(&newest, "{}").await.expect(200);
    world.delete(&path).await.expect(204);
    world.advance(SignedDuration::from_secs(6));
    assert_eq!(world.send(&newest, "{}").await.code(), "unknown_ingest_url");
    refused(&world.get(&path).await, 404, "not_found", None);
    let too_long = world.post(&format!("{path}/rotate-url"), json!({"overlap_hours": 169})).await;
    refused(&too_long, 422, "validation_error", Some("overlap_hours"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_in_use_is_not_deleted() {
    let world = World::new().await;
    let to = world.inbound(json!({"stage": "Fechado"})).await;
    let path = format!("/v1/origins/{}", to.origin);
    let kept = world.delete(&path).await;
    refused(&kept, 409, "has_dependents", None);
    assert_eq!(kept.json()["params"]["dependents"], to.id);
    let origin = world.get(&path).await.expect(200);
    let stages = origin["stages"].as_array().unwrap();
    let without = json!({"stages": [stages[0], stages[1]]});
    refused(&world.patch(&path, without.clone()).await, 409, "has_dependents", None);
    world.receive(&to, json!({"email": "c@exemplo.com.br"}).to_string()).await;
    world.delete(&format!("/v1/integrations/{}", to.id)).await.expect(204);
    let deal = text(&world.deals(&to.origin).await[0]["id"]).to_owned();
    for refusal in [world.patch(&path, without).await, world.delete(&path).await] {
        assert_eq!(refusal.json()["params"]["dependents"], deal);
    }
    // Received webhooks stay, under the integration's last name.
    let history = world.webhooks(&to.origin, "").await;
    assert_eq!(history["items"][0]["integration"]["name"], "Site");
    let empty = world.origin("Vazia").await;
    world.delete(&format!("/v1/origins/{empty}")).await.expect(204);
    refused(&world.get(&format!("/v1/origins/{empty}")).await, 404, "not_found", None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_its_own_url_and_the_same_settings() {
    let world = World::new().await;
    let check = json!([{"type": "token", "in": {"header": "x-token"}, "secret": "a-long-secret"}]);
    let to = world.inbound(json!({"verification": check, "stage": "Fechado", "tag": "site"})).await;
    let other = world.origin("Outra").await;
    let path = format!("/v1/integrations/{}/duplicate", to.id);
    let copy = world.post(&path, json!({"origin": other})).await.expect(201);
    assert_eq!((text(&copy["name"]), text(&copy["origin"])), ("Site (2)", other.as_str()));
    assert_ne!(copy["url"], to.url);
    let stages = world.get(&format!("/v1/origins/{other}")).await.expect(200)["stages"].clone();
    assert_eq!(copy["stage"], stages[2]["id"], "the stage of the same name");
    let request =
        world.request(Method::POST, text(&copy["url"])).header("x-token", "a-long-secret");
    answer(request.body("{}")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_the_result_and_writes_nothing() {
    let world = World::new().await;
    let to = world.inbound(json!({"active": false})).await;
    let sent =
        json!({"name": "Ana", "email": "ANA@exemplo.com.br", "title": "Pedido", "order": "1042"});
    let webhook = world.receive(&to, sent.to_string()).await;
    let path = format!("/v1/integrations/{}/preview", to.id);
    let shown = world.post(&path, json!({"webhook": webhook})).await.expect(200);
    assert_eq!(shown["result"]["contact"], json!({"name": "Ana", "email": "ana@exemplo.com.br"}));
    assert_eq!((&shown["result"]["keys"], &shown["problems"]), (&json!(["1042"]), &json!([])));
    assert_eq!(
        shown["trace"][0],
        json!({"target": "contact.name", "path": "$.name", "matched": ["Ana"], "result": "Ana"})
    );
    assert_eq!(shown["paths"][0], json!({"path": "$.name", "value": "Ana"}));
    let mapping =
        json!({"fields": [{"target": "contact.email", "path": "$.name", "required": true}]});
    let request = world.request(Method::POST, &format!("{}{path}", world.host.base_url()));
    let request = request.bearer_auth(&world.key).header("accept-language", "pt-BR");
    let proposed =
        answer(request.json(&json!({"webhook": webhook, "mapping": mapping}))).await.expect(200);
    assert_eq!(proposed["problems"][0]["code"], "mapping_failed");
    assert!(
        text(&proposed["problems"][0]["message"]).contains("não é um endereço de e-mail"),
        "{proposed}"
    );
    let form = json!({"content_type": "application/x-www-form-urlencoded", "body": "name=Bia&email=b%40c.de"});
    let read = world.post(&path, form).await.expect(200);
    assert_eq!(
        (&read["kind"], &read["result"]["contact"]["name"]),
        (&json!("form"), &json!("Bia"))
    );
    let bad = world.post(&path, json!({"body_base64": "eyJhIjo="})).await.expect(200);
    assert_eq!(
        (&bad["result"], &bad["problems"][0]["code"]),
        (&Value::Null, &json!("payload_unparseable"))
    );
    assert!(world.contacts().await.is_empty());
    for (body, field) in [
        (json!({}), "body"),
        (json!({"body": "{}", "body_base64": "e30="}), "body_base64"),
        (json!({"body_base64": "%"}), "body_base64"),
        (json!({"webhook": webhook, "body": "{}"}), "body"),
        (json!({"webhook": "whk_1"}), "webhook"),
    ] {
        refused(&world.post(&path, body).await, 422, "validation_error", Some(field));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_and_deals_are_listed_found_and_name_their_webhooks() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    for n in 0..25 {
        let body = json!({"email": format!("p{n}@exemplo.com.br"), "phone": format!("11 98765-43{n:02}"), "title": format!("T{n}"),
                          "stage": if n % 5 == 0 { "Fechado" } else { "Novo" }});
        world.send(&to, body.to_string()).await.expect(200);
        world.advance(SignedDuration::from_millis(1));
    }
    world.settle().await;
    let origin = world.get(&format!("/v1/origins/{}", to.origin)).await.expect(200);
    let closed = text(&origin["stages"][2]["id"]);
    let (mut titles, mut cursor) = (Vec::new(), String::new());
    loop {
        let page =
            world.get(&format!("/v1/deals?origin={}&limit=7{cursor}", to.origin)).await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert_eq!(page["returned"], items.len());
        titles.extend(items.iter().map(|deal| text(&deal["title"]).to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let expected: Vec<String> = (0..25).rev().map(|n| format!("T{n}")).collect();
    assert_eq!(titles, expected, "newest first, each once");
    let list = async |query: &str| {
        world.get(&format!("/v1/deals?{query}")).await.expect(200)["returned"].clone()
    };
    assert_eq!(list("").await, 25);
    assert_eq!(list(&format!("stage={closed}")).await, 5);
    assert_eq!(list(&format!("stage={closed}&status=won")).await, 0);
    assert_eq!(list("email=P3@exemplo.com.br&status=open").await, 1);
    assert_eq!(list("phone=%2B5511987654303").await, 1);
    assert_eq!(list("phone=%2B5511987654303&email=p4@exemplo.com.br").await, 0);
    refused(
        &world.get(&format!("/v1/contacts?{}", cursor.trim_start_matches('&'))).await,
        400,
        "bad_cursor",
        None,
    );
    let contact =
        world.get("/v1/contacts?email=p3@exemplo.com.br").await.expect(200)["items"][0].clone();
    let contact = world.get(&format!("/v1/contacts/{}", text(&contact["id"]))).await.expect(200);
    assert_eq!(contact["webhooks"].as_array().unwrap().len(), 1, "{contact}");
    let deal =
        world.get(&format!("/v1/deals/{}", text(&contact["deals"][0]["id"]))).await.expect(200);
    assert_eq!(deal["webhooks"], contact["webhooks"]);
    let webhook = world.webhook(&to, text(&deal["webhooks"][0]["id"])).await;
    assert_eq!(webhook["deal"]["id"], deal["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_a_person_closes_is_closed_on_its_contact_too() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let body = json!({"email": "ana@exemplo.com.br", "value": "10.50"}).to_string();
    world.receive(&to, body.clone()).await;
    let first = world.deals(&to.origin).await[0].clone();
    let path = format!("/v1/deals/{}", text(&first["id"]));
    let changed =
        world.patch(&path, json!({"status": "won", "stage": "Fechado", "tags": ["vip"]})).await;
    assert_eq!(changed.headers["etag"], "\"2\"");
    assert_eq!(
        (&changed.expect(200)["status"], &changed.json()["value"]),
        (&json!("won"), &json!("10.50"))
    );
    let contact = world.contacts().await[0].clone();
    assert_eq!(contact["deals"][0]["open"], false);
    let url = format!("{}{path}", world.host.base_url());
    let request =
        world.request(Method::PATCH, &url).bearer_auth(&world.key).header("if-match", "\"1\"");
    refused(&answer(request.json(&json!({"title": "x"}))).await, 409, "conflict", None);
    // Closing it while webhooks change the same contact: both changes are applied.
    let open = async || {
        let changes = join_all((0..6).map(|n| {
            world.send(
                &to,
                json!({"email": "ana@exemplo.com.br", "name": format!("Ana {n}")}).to_string(),
            )
        }));
        let (sent, patched) =
            tokio::join!(changes, world.patch(&path, json!({"status": "lost", "value": null})));
        assert!(sent.iter().all(|one| one.status == 200));
        patched
    };
    let patched = open().await;
    assert!([200, 409].contains(&patched.status.as_u16()), "{}", patched.text());
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn te_05_bad_parameters_and_bodies_are_refused_with_their_path() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    for (query, path) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=1000000000", "limit"),
        ("limit=9223372036854775808", "limit"),
        ("limit=1.5", "limit"),
        ("limit=", "limit"),
        ("limit=5&limit=6", "limit"),
        ("nope=1", "nope"),
        ("status=maybe", "status"),
        ("stage=Novo", "stage"),
        ("email=ana", "email"),
        ("phone=abc", "phone"),
        ("origin=ori_1", "origin"),
    ] {
        let got = world.get(&format!("/v1/deals?{query}")).await;
        refused(&got, 422, "validation_error", Some(path));
    }
    let forged = ["x", "AAAA", "%00", &"A".repeat(3_000)];
    for cursor in forged {
        refused(&world.get(&format!("/v1/deals?cursor={cursor}")).await, 400, "bad_cursor", None);
    }
    let new = |field: &str, value: Value| {
        let mut body = json!({"origin": to.origin, "application": "webhook", "name": "x"});
        body[field] = value;
        body
    };
    for (body, path) in [
        (new("nope", json!(1)), "nope"),
        (new("name", json!("a\u{0}b")), "name"),
        (new("name", json!("a\u{202e}b")), "name"),
        (new("name", json!("é".repeat(101))), "name"),
        (new("application", json!("nope")), "application"),
        (new("application", json!(5)), "application"),
        (new("origin", json!("ori_x")), "origin"),
        (new("success_status", json!(199)), "success_status"),
        (new("success_status", json!(70_000)), "success_status"),
        (new("success_status", json!("200")), "success_status"),
        (new("methods", json!([])), "methods"),
        (new("methods", json!(["POST", "TRACE"])), "methods[1]"),
        (new("allowed_ips", json!(["10.0.0.0/33"])), "allowed_ips[0]"),
        (new("allowed_ips", json!(vec!["10.0.0.1"; 101])), "allowed_ips"),
        (new("stage", json!("Nada")), "stage"),
        (new("action", json!("delete_deal")), "action"),
        (new("dedupe", json!({"source": {"header": "a b"}})), "dedupe.source.header"),
        (new("dedupe", json!({"source": {"path": "$["}})), "dedupe.source.path"),
        (new("dedupe", json!({"source": "body", "window_hours": 721})), "dedupe.window_hours"),
        (new("verification", json!([{"type": "magic", "secret": "x"}])), "verification[0].type"),
        (new("mapping", json!([])), "mapping"),
        (new("active", json!("yes")), "active"),
        (new("tag", json!("")), "tag"),
    ] {
        let got = world.post("/v1/integrations", body.clone()).await;
        assert_eq!(got.status, 422, "{body}: {}", got.text());
        let named = got.json()["path"].clone();
        assert!(
            text(&named) == path || path.starts_with(&format!("{}.", text(&named))),
            "{body}: {named}"
        );
    }
    let url = format!("{}/v1/origins", world.host.base_url());
    for body in
        ["", "{", "[]", "null", "\"x\"", "{\"name\":\"a\",\"name\":\"b\"}", &"[".repeat(100_000)]
    {
        let request =
            world.request(Method::POST, &url).bearer_auth(&world.key).body(body.to_owned());
        let got = answer(request.header("content-type", "application/json")).await;
        assert_eq!(got.status, 422, "{body:.20}: {}", got.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integration_shows_its_last_receipt_and_its_failures() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let path = format!("/v1/integrations/{}", to.id);
    let quiet = world.get(&path).await.expect(200)["activity"].clone();
    assert_eq!(quiet["last_received_at"], Value::Null);
    assert_eq!(
        quiet["last_24h"],
        json!({"received": 0, "success": 0, "error": 0, "error_rate": null})
    );
    for body in [
        "{\"email\":\"a@exemplo.com.br\"}",
        "{\"email\":\"b@exemplo.com.br\"}",
        "{\"email\":7}",
        "{",
    ] {
        world.send(&to, body).await.expect(200);
    }
    world.settle().await;
    let busy = world.get(&format!("/v1/integrations?origin={}", to.origin)).await.expect(200);
    let busy = &busy["items"][0]["activity"];
    assert_eq!(
        busy["last_24h"],
        json!({"received": 4, "success": 2, "error": 2, "error_rate": 0.5})
    );
    assert_eq!(busy["last_received_at"], "2026-11-21T13:00:00Z");
    world.advance(SignedDuration::from_hours(26));
    let later = world.get(&path).await.expect(200);
    assert_eq!(later["activity"]["last_24h"]["received"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn au_15_if_the_table_does_not_answer_no_request_is_accepted() {
    let world = World::new().await;
    let key = key_of(&world, "viewer").await;
    let faults = world.host.faults();
    faults.on("GetItem").function("authorizer").always().pre_err(local::AwsError::internal());
    let got = world.call_as(text(&key["key"]), Method::GET, "/v1/workspace", None).await;
    assert_eq!(got.status, 500, "{}", got.text());
    assert!(!got.text().contains("ws_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_preflight_needs_no_key_and_an_unknown_route_does() {
    let world = World::new().await;
    let base = world.host.base_url();
    for path in ["/v1/workspace", "/v1/deals/deal_1", "/v1/nothing", "/nothing"] {
        let url = format!("{base}{path}");
        let response = answer(world.request(Method::OPTIONS, &url)).await;
        assert_eq!((response.status.as_u16(), response.bytes.len()), (204, 0), "{path}");
        assert_eq!(answer(world.request(Method::PUT, &url)).await.status, 401, "{path}");
    }
    for path in ["/v1/nothing", "/nothing", "/v1", "/in"] {
        let response = world.call_as(&world.key, Method::GET, path, None).await;
        refused(&response, 404, "not_found", None);
    }
    let response = world.call_as(&world.key, Method::GET, "/in/a/b", None).await;
    refused(&response, 404, "unknown_ingest_url", None);
}
