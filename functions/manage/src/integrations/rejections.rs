//! The recently refused requests of an integration, by day and reason. Bodies are not stored.

use gancho_domain::common::code::message;
use gancho_edge::{
    http::{Answer, Call},
    page::Page,
    query::Query,
};
use serde_json::{Value, json};

use crate::{App, find};

/// `GET /v1/integrations/{integration}/refused`: one row for each day and reason.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let integration = find::integration(app, ws, call.id("integration")?).await?;
    let found = app.store.refusals(ws, integration.id, app.clock.now()).await?;
    let language = call.language();
    let items: Vec<Value> = found
        .iter()
        .map(|(day, refused)| {
            json!({
                "day": day.start().strftime("%Y-%m-%d").to_string(),
                "code": refused.code,
                "message": message(refused.code, &std::collections::BTreeMap::new(), language),
                "count": refused.count,
                "last_at": refused.last_at,
                "last_ip": refused.last_ip,
            })
        })
        .collect();
    Page::single(items).answer()
}
