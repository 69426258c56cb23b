//! The demo's workspace and its samples.

use gancho_edge::{clock::Clock, ids::Ids};
use serde_json::{Value, json};

use super::{
    DemoError,
    access::{Access, Inbound},
    api::{Api, at, text},
    cases::CASES,
    sign, story,
};

/// Creates a workspace, an origin with stages, and an integration for each application of the
/// catalogue.
pub(super) async fn create_workspace(owner: &Api, access: &mut Access) -> Result<(), DemoError> {
    let created = owner.post("/v1/workspaces", &json!({"name": "Demonstração"})).await?;
    let key = text(at(&created, "/key/key"));
    let api = owner.with_key(&key);
    let stages = json!([{"name": "Novo"}, {"name": "Em contato"}, {"name": "Proposta enviada"}]);
    let origin = api.post("/v1/origins", &json!({"name": "Vendas", "stages": stages})).await?;
    let origin = text(at(&origin, "/id"));
    let applications = api.get("/v1/applications").await?;
    for case in CASES {
        let application = find(&applications, case.application);
        let inbound = create_integration(&api, &origin, application).await?;
        access.integrations.push(inbound);
    }
    access.integrations.push(story::create_integration(&api, &origin).await?);
    access.workspace = Some(text(at(&created, "/workspace/id")));
    access.api_key = Some(key);
    access.origin = Some(origin);
    Ok(())
}

fn find<'a>(applications: &'a Value, key: &str) -> &'a Value {
    let mut all = at(applications, "/items").as_array().into_iter().flatten();
    all.find(|application| at(application, "/key") == key).unwrap_or(&Value::Null)
}

async fn create_integration(
    api: &Api,
    origin: &str,
    application: &Value,
) -> Result<Inbound, DemoError> {
    let random: [u8; 24] = Ids.secret();
    let secret = hex::encode(random);
    let mut verification = at(application, "/verification").clone();
    for check in verification.as_array_mut().into_iter().flatten() {
        for (name, value) in check.as_object_mut().into_iter().flatten() {
            if value.is_object() && matches!(name.as_str(), "secret" | "verify_token") {
                *value = json!(secret);
            }
        }
    }
    let body = json!({
        "origin": origin,
        "application": at(application, "/key"),
        "name": format!("{} (demonstração)", text(at(application, "/name"))),
        "verification": verification,
    });
    let created = api.post("/v1/integrations", &body).await?;
    Ok(Inbound {
        application: text(at(application, "/key")),
        id: text(at(&created, "/id")),
        url: text(at(&created, "/url")),
        secret,
    })
}

/// Sends each application's sample, signed as its vendor signs.
pub(super) async fn samples(api: &Api, access: &Access) -> Result<(), DemoError> {
    let applications = api.get("/v1/applications").await?;
    let now = Clock::System.now().as_second();
    for case in CASES {
        let Some(inbound) = access.integration(case.application) else { continue };
        let sample = at(find(&applications, case.application), "/sample");
        let body = at(sample, "/body");
        let body = body.as_str().map_or_else(|| body.to_string(), ToOwned::to_owned);
        let mut headers = vec![("content-type".to_owned(), text(at(sample, "/content_type")))];
        let signed = sign::headers(case.application, &inbound.secret, &body, now);
        for (name, value) in at(sample, "/headers").as_object().into_iter().flatten() {
            if !signed.iter().any(|(signed, _)| signed.eq_ignore_ascii_case(name)) {
                headers.push((name.clone(), text(value)));
            }
        }
        headers.extend(signed);
        let (status, answer) = api.send(&inbound.url, &headers, body).await?;
        if !(200..300).contains(&status) {
            let what = format!("sending the sample of {}", case.application);
            return Err(DemoError::Answer { what, answer: format!("{status} {answer}") });
        }
    }
    Ok(())
}
