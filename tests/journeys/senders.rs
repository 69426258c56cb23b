//! FACTS S3.1: every application of the catalogue handles its own sample, from its key alone.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::{Inbound, World};

use crate::{
    inbound::{accepted, failed, post, sent, succeeded, turned_away},
    signing::sign,
};

/// Application; name, e-mail and phone of the contact; title, value and status of the deal.
const BECOMES: &[(&str, [&str; 3], [&str; 3])] = &[
    (
        "activecampaign",
        ["Maria Souza", "maria.souza@example.com.br", "+5521998765432"],
        ["Plano Anual", "", "open"],
    ),
    (
        "elementor",
        ["João da Silva", "joao.silva@example.com", "+5511987654321"],
        ["Contato do site", "", "open"],
    ),
    ("github", ["", "", ""], ["O frete não é somado no carrinho", "", "open"]),
    (
        "hotmart",
        ["Ana Lima", "ana.lima@example.com", "+5511987650000"],
        ["Curso de Violão", "447.10", "won"],
    ),
    ("intelipost", ["", "", ""], ["PED-2026-004711", "", "open"]),
    ("meta", ["", "", ""], ["444444444444", "", "open"]),
    (
        "rdstation",
        ["José Pereira", "jose@padaria.example", "+5531999991111"],
        ["Plano Pro - Padaria do Zé", "2398.8", "open"],
    ),
    ("respondio", ["Lucas Ferreira", "lucas@example.com", "+5511912345678"], ["", "", ""]),
    (
        "shopify",
        ["Helena Prado", "helena.prado@example.com", "+5585987651234"],
        ["#1001", "278.00", "won"],
    ),
    (
        "stripe",
        ["Marcos Teixeira", "marcos.teixeira@example.com", "+5551998877665"],
        ["Assinatura anual", "", "won"],
    ),
    (
        "typeform",
        ["Beatriz Ramos", "beatriz@example.com", ""],
        ["Orçamento", "12345678901234567890", "open"],
    ),
    (
        "webhook",
        ["Carla Nogueira", "carla.nogueira@example.com", "+5541998887766"],
        ["Orçamento de reforma", "1250.00", "open"],
    ),
];

/// The expected contact and deal of a sample.
type Becomes = ([&'static str; 3], [&'static str; 3]);

fn becomes(key: &str) -> Becomes {
    let row = BECOMES.iter().find(|row| row.0 == key);
    let (_, contact, deal) = row.unwrap_or_else(|| panic!("no expectation for {key}"));
    (*contact, *deal)
}

/// The body of an application's sample, exactly as in the catalogue.
fn body(application: &Value) -> Vec<u8> {
    let body = &application["sample"]["body"];
    body.as_str().map_or_else(|| body.to_string(), str::to_owned).into_bytes()
}

/// The request of a sample, with the headers of `replaced` instead of its own.
fn sample(
    world: &World,
    to: &Inbound,
    application: &Value,
    replaced: &[(String, String)],
) -> RequestBuilder {
    let sample = &application["sample"];
    let mut request = post(world, to)
        .header("content-type", sample["content_type"].as_str().unwrap())
        .body(body(application));
    for (name, value) in sample["headers"].as_object().unwrap() {
        if !replaced.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            request = request.header(name, value.as_str().unwrap());
        }
    }
    replaced.iter().fold(request, |it, (name, value)| it.header(name, value))
}

async fn applications(world: &World) -> Vec<Value> {
    let list = world.get("/v1/applications").await.expect(200);
    list["items"].as_array().unwrap().clone()
}

/// Creates an integration of an application with only the settings of `more`.
async fn create(world: &World, application: &Value, mut more: Value) -> (Inbound, Value) {
    let origin = world.origin("Vendas").await;
    more["origin"] = json!(origin);
    more["application"] = application["key"].clone();
    let created = world.post("/v1/integrations", more).await.expect(201);
    let text = |name: &str| created[name].as_str().unwrap().to_owned();
    (Inbound { origin, id: text("id"), url: text("url") }, created)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Asserts that contact and deal match the sample.
async fn as_expected(world: &World, to: &Inbound, key: &str, view: &Value) {
    succeeded(view);
    assert_eq!(view["warnings"], json!([]), "{key}");
    let (person, deal) = becomes(key);
    let has_contact = person.iter().any(|text| !text.is_empty());
    assert_eq!(view["contact"].is_object(), has_contact, "{key}");
    if has_contact {
        let path = format!("/v1/contacts/{}", text(&view["contact"]["id"]));
        let found = world.get(&path).await.expect(200);
        let seen = [&found["name"], &found["email"], &found["phone"]].map(text);
        assert_eq!(seen, person, "{key}");
    }
    let deals = world.deals(&to.origin).await;
    let seen: Vec<[&str; 3]> =
        deals.iter().map(|it| [&it["title"], &it["value"], &it["status"]].map(text)).collect();
    let expected: Vec<[&str; 3]> = Some(deal).filter(|deal| *deal != [""; 3]).into_iter().collect();
    assert_eq!(seen, expected, "{key}");
}

#[tokio::test]
async fn s3_1_every_sample_works_unedited_on_an_integration_created_from_the_key_alone() {
    let world = World::new().await;
    let all = applications(&world).await;
    assert_eq!(all.len(), BECOMES.len());
    for application in &all {
        let key = text(&application["key"]);
        let (to, created) = create(&world, application, json!({})).await;
        assert_eq!(created["name"], application["name"]);
        let request = sample(&world, &to, application, &[]);
        let view = accepted(&world, &to, request, &body(application)).await;
        assert_eq!(view["application"]["key"], key);
        assert_eq!(view["application"]["icon"], application["icon"]);
        as_expected(&world, &to, key, &view).await;
    }
}

#[tokio::test]
async fn f12_rows_name_the_icon_by_one_path_and_the_path_gives_the_drawing() {
    let world = World::new().await;
    let catalogue = world.get("/v1/applications").await;
    let to = world.inbound(json!({})).await;
    world.receive(&to, r#"{"email":"ana@example.com","title":"Um"}"#).await;
    let list = world.get(&format!("/v1/origins/{}/webhooks", to.origin)).await;
    for text in [catalogue.text(), list.text()] {
        assert!(text.contains("/icon\"") && !text.contains("<svg"), "{text}");
    }
    for application in catalogue.expect(200)["items"].as_array().unwrap() {
        let icon = world.get(text(&application["icon"])).await;
        assert_eq!(icon.status, 200);
        assert!(icon.text().starts_with("<svg ") && icon.text().ends_with("</svg>"));
        let header = |name: &str| icon.headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "image/svg+xml");
        assert_eq!(header("cache-control"), "private, max-age=86400");
        assert!(header("content-security-policy").contains("default-src 'none'"));
    }
    assert_eq!(world.get("/v1/applications/none/icon").await.code(), "not_found");
    let path = "/v1/applications/webhook/icon";
    assert_eq!(world.call_as("gk_none_x", Method::GET, path, None).await.status, 403);
}

#[tokio::test]
async fn s3_1_every_sample_is_verified_with_its_senders_signature() {
    let world = World::new().await;
    let now = world.now().as_second();
    let mut signed = 0;
    for application in &applications(&world).await {
        let key = text(&application["key"]);
        let mut checks = application["verification"].clone();
        let Some(check) = checks.get_mut(0) else { continue };
        let kind = if key == "typeform" { key } else { text(&check["type"]) }.to_owned();
        for slot in ["secret", "verify_token"] {
            if check.get(slot).is_some() {
                check[slot] = json!("generate");
            }
        }
        let (to, created) = create(&world, application, json!({"verification": checks})).await;
        let generated = created["generated"].as_array().unwrap();
        let secret = generated.iter().find(|it| it["field"] == "secret").unwrap();
        let body = body(application);
        let unsigned = sample(&world, &to, application, &[]);
        let refusal = if kind == "hotmart" { "token_invalid" } else { "signature_invalid" };
        // Stripe's placeholder has another day.
        let refusal = if kind == "stripe" { "timestamp_out_of_tolerance" } else { refusal };
        turned_away(&world, &to, unsigned, (401, refusal)).await;
        let headers = sign(&kind, text(&secret["value"]), now, &body);
        let request = sample(&world, &to, application, &headers);
        as_expected(&world, &to, key, &accepted(&world, &to, request, &body).await).await;
        signed += 1;
    }
    assert_eq!(signed, 7);
}

#[tokio::test]
async fn s3_1_a_repeated_sample_is_a_duplicate_if_the_sender_has_an_id() {
    let world = World::new().await;
    for application in &applications(&world).await {
        let key = text(&application["key"]);
        let (to, _) = create(&world, application, json!({})).await;
        let send = || accepted_sample(&world, &to, application);
        let (first, second) = (send().await, send().await);
        let known = second["duplicate_of"] == first["id"];
        assert_eq!(known, !application["dedupe"].is_null(), "{key}");
    }
}

async fn accepted_sample(world: &World, to: &Inbound, application: &Value) -> Value {
    let request = sample(world, to, application, &[]);
    accepted(world, to, request, &body(application)).await
}

#[tokio::test]
async fn s3_2_without_a_mapping_nothing_is_mapped() {
    let world = World::new().await;
    let settings = json!({"mapping": {"fields": []}, "action": "create_or_update_deal"});
    let to = world.inbound(settings).await;
    let view = sent(&world, &to, "application/json", r#"{"email":"ana@example.com"}"#).await;
    failed(&view, "contact_required", &[]);
}
