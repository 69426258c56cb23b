//! The inbound part: each application's sample; a sender renames a field, the webhook fails, the
//! mapping is corrected, and the webhook is reprocessed without being sent again (`FACTS S1.13`); a
//! request with a wrong token is refused.

use std::collections::BTreeMap;

use gancho_edge::{clock::Clock, ids::Ids};
use serde_json::{Value, json};

use super::{DemoError, Inbound, Scene, items, send, signature, text};
use crate::Client;

/// The key of the integration whose sender renames a field.
pub(super) const STORY: &str = "story";

/// Every application of the catalogue, with its sample's e-mail address or phone number and its
/// deal's title; empty: no contact or no deal.
const CASES: [(&str, &str, &str); 12] = [
    ("webhook", "carla.nogueira@example.com", "Orçamento de reforma"),
    ("elementor", "joao.silva@example.com", "Contato do site"),
    ("activecampaign", "maria.souza@example.com.br", "Plano Anual"),
    ("hotmart", "ana.lima@example.com", "Curso de Violão"),
    ("rdstation", "jose@padaria.example", "Plano Pro - Padaria do Zé"),
    ("respondio", "lucas@example.com", ""),
    ("typeform", "beatriz@example.com", "Orçamento"),
    ("meta", "", "444444444444"),
    ("intelipost", "", "PED-2026-004711"),
    ("github", "", "O frete não é somado no carrinho"),
    ("stripe", "marcos.teixeira@example.com", "Assinatura anual"),
    ("shopify", "helena.prado@example.com", "#1001"),
];

/// Creates an origin, and an integration for each application and for the story; returns their ids.
pub(super) async fn create(api: &Client) -> Result<(String, BTreeMap<String, Inbound>), DemoError> {
    let stages = json!([{"name": "Novo"}, {"name": "Em contato"}, {"name": "Proposta enviada"}]);
    let origin = api.post("/v1/origins", &json!({"name": "Vendas", "stages": stages})).await?;
    let mut bodies = Vec::new();
    for application in applications(api).await? {
        let (secret, mut verification) =
            (hex::encode(Ids.secret::<24>()), application["verification"].clone());
        for check in verification.as_array_mut().into_iter().flatten() {
            for name in ["secret", "verify_token"] {
                if let Some(value) = check.get_mut(name).filter(|value| value.is_object()) {
                    *value = json!(secret);
                }
            }
        }
        let name = format!("{} (demonstração)", text(&application["name"]));
        let body =
            json!({"application": application["key"], "verification": verification, "name": name});
        bodies.push((text(&application["key"]), secret, body));
    }
    let story = json!({
        "application": "webhook", "name": "Formulário antigo (demonstração)", "verification": [],
        "action": "create_deal", "mapping": mapping("$.email"),
    });
    bodies.push((STORY.to_owned(), String::new(), story));
    let mut integrations = BTreeMap::new();
    for (key, secret, mut body) in bodies {
        body["origin"] = origin["id"].clone();
        let created = api.post("/v1/integrations", &body).await?;
        let (id, url) = (text(&created["id"]), text(&created["url"]));
        integrations.insert(key, Inbound { id, url, secret });
    }
    Ok((text(&origin["id"]), integrations))
}

/// The catalogue's rows for the cases.
async fn applications(api: &Client) -> Result<Vec<Value>, DemoError> {
    let mut all = items(&api.get("/v1/applications").await?);
    all.retain(|item| CASES.iter().any(|(key, ..)| item["key"] == *key));
    Ok(all)
}

fn mapping(email: &str) -> Value {
    json!({
        "fields": [
            {"target": "contact.name", "path": "$.nome"},
            {"target": "contact.email", "path": email, "required": true},
        ],
        "keys": ["$.pedido"],
    })
}

/// Runs this part, or checks the results of an earlier run.
pub(super) async fn run(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    if !scene.demo.played {
        send_samples(scene).await?;
        scene.host.settle().await?;
    }
    for case in CASES {
        check(scene, case).await?;
    }
    rename(scene).await?;
    wrong_token(scene).await
}

/// Sends each application's sample, signed as its vendor signs.
async fn send_samples(scene: &Scene<'_>) -> Result<(), DemoError> {
    let now = Clock::System.now().as_second();
    for application in applications(&scene.api).await? {
        let (key, sample) = (text(&application["key"]), &application["sample"]);
        let inbound = scene.inbound(&key);
        let body =
            sample["body"].as_str().map_or_else(|| sample["body"].to_string(), str::to_owned);
        let signed = signature::header(&key, &inbound.secret, &body, now);
        let mut headers = vec![("content-type".to_owned(), text(&sample["content_type"]))];
        let given = sample["headers"].as_object().into_iter().flatten();
        headers.extend(given.map(|(name, value)| (name.to_ascii_lowercase(), text(value))));
        headers.retain(|(name, _)| signed.as_ref().is_none_or(|(signed, _)| signed != name));
        headers.extend(signed);
        send(&scene.api, &inbound.url, &headers, body).await?;
    }
    Ok(())
}

/// Compares the contact and the deal of an application's newest webhook with the expected ones.
async fn check(
    scene: &mut Scene<'_>,
    (application, reached, title): (&str, &str, &str),
) -> Result<(), DemoError> {
    let (origin, id) = (&scene.demo.origin, scene.inbound(application).id);
    let query = format!("/v1/origins/{origin}/webhooks?integration={id}&limit=1");
    let webhook = scene.api.get(&query).await?["items"][0].clone();
    let contact = linked(scene, &webhook["contact"], "contacts").await?;
    let deal = text(&linked(scene, &webhook["deal"], "deals").await?["title"]);
    let found = if reached.is_empty() {
        contact.is_null()
    } else {
        contact["email"] == reached || contact["phone"] == reached
    };
    let shown = ["name", "email", "phone"].map(|field| text(&contact[field]));
    let shown: Vec<String> = shown.into_iter().filter(|text| !text.is_empty()).collect();
    let status = text(&webhook["status"]);
    let right = status == "success" && found && deal == title;
    scene.add(application, (right, &status, shown.join(", "), &deal));
    Ok(())
}

/// The contact or the deal that a webhook names; `null` if it names none.
async fn linked(scene: &Scene<'_>, link: &Value, kind: &str) -> Result<Value, DemoError> {
    let Some(id) = link["id"].as_str() else { return Ok(Value::Null) };
    Ok(scene.api.get(&format!("/v1/{kind}/{id}")).await?)
}

/// A sender renames a field; the mapping is corrected, and the webhook is reprocessed.
async fn rename(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let (api, origin, inbound) = (scene.api.clone(), &scene.demo.origin, scene.inbound(STORY));
    let list = format!("/v1/origins/{origin}/webhooks?q=PED-2026-0042");
    let map = async |email| {
        let path = format!("/v1/integrations/{}", inbound.id);
        api.patch(&path, &json!({"mapping": mapping(email)})).await
    };
    if !scene.demo.played {
        // An interrupted run may have left the corrected mapping.
        map("$.email").await?;
        let body = json!({"nome": "Rui Prado", "e_mail": "rui.prado@example.com", "pedido": "PED-2026-0042"});
        send(&api, &inbound.url, &json_header(), body.to_string()).await?;
        scene.host.settle().await?;
        let failed = api.get(&list).await?["items"][0].clone();
        let (status, error) = (text(&failed["status"]), &failed["error"]);
        let right = status == "error" && error["code"] == "mapping_failed";
        let step = (right, &*status, text(&error["message"]), "");
        scene.add("a field was renamed: mapping fails", step);
        map("$.e_mail").await?;
        let reprocess = format!("/v1/origins/{origin}/webhooks/{}/reprocess", text(&failed["id"]));
        api.post(&reprocess, &json!({})).await?;
        scene.host.settle().await?;
    }
    let corrected = api.get(&list).await?["items"][0].clone();
    let title = text(&linked(scene, &corrected["deal"], "deals").await?["title"]);
    let status = text(&corrected["status"]);
    let right = status == "success" && title == "Rui Prado";
    let step = (right, &*status, "rui.prado@example.com".to_owned(), &*title);
    scene.add("mapping corrected, reprocessed", step);
    Ok(())
}

/// A request with a wrong token is refused and counted.
async fn wrong_token(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let inbound = scene.inbound("hotmart");
    if !scene.demo.played {
        let wrong = [("x-hotmart-hottok".to_owned(), "not-the-hottok-at-all".to_owned())];
        send(&scene.api, &inbound.url, &wrong, "{}".to_owned()).await?;
    }
    let refused = scene.api.get(&format!("/v1/integrations/{}/refused", inbound.id)).await?;
    let first = &refused["items"][0];
    let right = first["code"] == "token_invalid" && first["count"].as_u64() >= Some(1);
    scene.add("a wrong token", (right, "refused", text(&first["code"]), ""));
    Ok(())
}

pub(super) fn json_header() -> [(String, String); 1] {
    [("content-type".to_owned(), "application/json".to_owned())]
}
