//! The recently refused requests of an integration, by day and reason. Bodies are not stored.

use std::collections::BTreeMap;

use gancho_domain::common::{
    calendar::Day,
    code::{Code, Language, message},
};
use gancho_edge::{
    http::{Answer, Call},
    page::Page,
    query::Query,
};
use gancho_store::coordination::Refused;
use jiff::Timestamp;
use serde::Serialize;

use crate::{App, find};

/// The refused requests of a day with one code.
#[derive(Debug, Serialize)]
struct RefusedView {
    day: String,
    code: Code,
    message: String,
    count: u64,
    last_at: Timestamp,
    last_ip: String,
}

/// `GET /v1/integrations/{integration}/refused`: one row for each day and reason.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let integration = find::integration(app, ws, call.id("integration")?).await?;
    let found = app.store.refusals(ws, integration.id, app.deps.clock.now()).await?;
    let language = call.language();
    let view = |(day, refused): &(Day, Refused)| RefusedView::of(*day, refused, language);
    Page::single(found.iter().map(view).collect()).answer()
}

impl RefusedView {
    fn of(day: Day, refused: &Refused, language: Language) -> Self {
        Self {
            day: day.start().strftime("%Y-%m-%d").to_string(),
            code: refused.code,
            message: message(refused.code, &BTreeMap::new(), language),
            count: refused.count,
            last_at: refused.last_at,
            last_ip: refused.last_ip.clone(),
        }
    }
}
