//! A sender changes a field, the webhook fails, the mapping is corrected, and the webhook is
//! reprocessed without being sent again (`FACTS S1.13`). A request with a wrong token is refused.

use serde_json::{Value, json};

use super::{
    DemoError,
    access::{Access, Inbound},
    api::{Api, at, text},
    table::{Row, Table},
};
use crate::Host;

/// The key of this part's integration in [`Access`].
pub(super) const STORY: &str = "story";
const BODY: &str =
    r#"{"nome":"Rui Prado","e_mail":"rui.prado@example.com","pedido":"PED-2026-0042"}"#;

/// Creates an integration whose mapping expects the e-mail in a field that the sender has renamed.
pub(super) async fn create_integration(api: &Api, origin: &str) -> Result<Inbound, DemoError> {
    let body = json!({
        "origin": origin,
        "application": "webhook",
        "name": "Formulário antigo (demonstração)",
        "action": "create_deal",
        "verification": [],
        "mapping": mapping("$.email"),
    });
    let created = api.post("/v1/integrations", &body).await?;
    Ok(Inbound {
        application: STORY.to_owned(),
        id: text(at(&created, "/id")),
        url: text(at(&created, "/url")),
        secret: String::new(),
    })
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
pub(super) async fn run(
    host: &Host,
    api: &Api,
    access: &Access,
    first_run: bool,
    table: &mut Table,
) -> Result<(), DemoError> {
    let Some(inbound) = access.integration(STORY) else { return Ok(()) };
    let origin = access.origin.as_deref().unwrap_or_default();
    let list = format!("/v1/origins/{origin}/webhooks?q=PED-2026-0042");
    if first_run {
        // An interrupted run may have left the corrected mapping.
        let path = format!("/v1/integrations/{}", inbound.id);
        api.patch(&path, &json!({"mapping": mapping("$.email")})).await?;
        let json = [("content-type".to_owned(), "application/json".to_owned())];
        api.send(&inbound.url, &json, BODY.to_owned()).await?;
        host.settle().await?;
        let failed = api.get(&list).await?;
        table.add("a field was renamed: mapping fails", failure(at(&failed, "/items/0")));
        correct(api, inbound, origin, at(&failed, "/items/0")).await?;
        host.settle().await?;
    }
    let corrected = api.get(&list).await?;
    table.add("mapping corrected, reprocessed", success(api, at(&corrected, "/items/0")).await?);
    table.add("a wrong token", wrong_token(api, access, first_run).await?);
    Ok(())
}

async fn correct(
    api: &Api,
    inbound: &Inbound,
    origin: &str,
    webhook: &Value,
) -> Result<(), DemoError> {
    let path = format!("/v1/integrations/{}", inbound.id);
    api.patch(&path, &json!({"mapping": mapping("$.e_mail")})).await?;
    let id = text(at(webhook, "/id"));
    api.post(&format!("/v1/origins/{origin}/webhooks/{id}/reprocess"), &json!({})).await?;
    Ok(())
}

fn failure(webhook: &Value) -> Row {
    let code = text(at(webhook, "/error/code"));
    Row {
        right: at(webhook, "/status") == "error" && code == "mapping_failed",
        status: text(at(webhook, "/status")),
        contact: vec![text(at(webhook, "/error/message"))],
        deal: String::new(),
    }
}

async fn success(api: &Api, webhook: &Value) -> Result<Row, DemoError> {
    let deal = match at(webhook, "/deal/id").as_str() {
        Some(id) => api.get(&format!("/v1/deals/{id}")).await?,
        None => Value::Null,
    };
    Ok(Row {
        right: at(webhook, "/status") == "success" && at(&deal, "/title") == "Rui Prado",
        status: text(at(webhook, "/status")),
        contact: vec!["rui.prado@example.com".to_owned()],
        deal: text(at(&deal, "/title")),
    })
}

/// A request with a wrong token is refused and counted.
async fn wrong_token(api: &Api, access: &Access, first_run: bool) -> Result<Row, DemoError> {
    let Some(inbound) = access.integration("hotmart") else { return Ok(Row::default()) };
    if first_run {
        let wrong = [("x-hotmart-hottok".to_owned(), "not-the-hottok-at-all".to_owned())];
        api.send(&inbound.url, &wrong, "{}".to_owned()).await?;
    }
    let refused = api.get(&format!("/v1/integrations/{}/refused", inbound.id)).await?;
    let first = at(&refused, "/items/0");
    Ok(Row {
        right: at(first, "/code") == "token_invalid" && at(first, "/count").as_u64() >= Some(1),
        status: "refused".to_owned(),
        contact: vec![text(at(first, "/code"))],
        deal: String::new(),
    })
}
