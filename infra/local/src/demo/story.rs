//! The demo's story: a sender changes a field, the webhook fails, the mapping is mended, and the
//! webhook is reprocessed without being sent again (`FACTS S1.13`). And a stranger is turned away.

use serde_json::{Value, json};

use super::{
    DemoError,
    access::{Access, Inbound},
    api::{Api, at, text},
    table::{Row, Table},
};
use crate::Host;

/// The name under which the story's integration is kept.
pub(super) const STORY: &str = "story";
const BODY: &str =
    r#"{"nome":"Rui Prado","e_mail":"rui.prado@example.com","pedido":"PED-2026-0042"}"#;

/// An integration whose mapping looks for the e-mail where the sender no longer puts it.
pub(super) async fn make_integration(api: &Api, origin: &str) -> Result<Inbound, DemoError> {
    let body = json!({
        "origin": origin,
        "application": "webhook",
        "name": "Formulário antigo (demonstração)",
        "action": "create_deal",
        "verification": [],
        "mapping": mapping("$.email"),
    });
    let made = api.post("/v1/integrations", &body).await?;
    Ok(Inbound {
        application: STORY.to_owned(),
        id: text(at(&made, "/id")),
        url: text(at(&made, "/url")),
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

/// Plays the story, or looks at how it ended.
pub(super) async fn run(
    host: &Host,
    api: &Api,
    access: &Access,
    fresh: bool,
    table: &mut Table,
) -> Result<(), DemoError> {
    let Some(inbound) = access.integration(STORY) else { return Ok(()) };
    let origin = access.origin.as_deref().unwrap_or_default();
    let list = format!("/v1/origins/{origin}/webhooks?q=PED-2026-0042");
    if fresh {
        // A demo that was cut short may have left the mapping mended.
        let path = format!("/v1/integrations/{}", inbound.id);
        api.patch(&path, &json!({"mapping": mapping("$.email")})).await?;
        let json = [("content-type".to_owned(), "application/json".to_owned())];
        api.send(&inbound.url, &json, BODY.to_owned()).await?;
        host.settle().await?;
        let failed = api.get(&list).await?;
        table.add("a field moved: the mapping fails", failure(at(&failed, "/items/0")));
        mend(api, inbound, origin, at(&failed, "/items/0")).await?;
        host.settle().await?;
    }
    let mended = api.get(&list).await?;
    table.add("mapping mended, reprocessed", success(api, at(&mended, "/items/0")).await?);
    table.add("a wrong signature", stranger(api, access, fresh).await?);
    Ok(())
}

async fn mend(
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

/// A body that Hotmart did not send is refused, and the refusal is counted.
async fn stranger(api: &Api, access: &Access, fresh: bool) -> Result<Row, DemoError> {
    let Some(inbound) = access.integration("hotmart") else { return Ok(Row::default()) };
    if fresh {
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
