//! `GET /v1/notices`: the notices sent to people, newest first.

use gancho_domain::{
    common::{ids::NoticeId, workspace::Role},
    outbound::notice::{Notice, NoticeKind},
};
use gancho_edge::{
    http::{Answer, Call},
    page::{List, gather},
    problem::ApiError,
    query::Query,
};
use serde_json::{Value, json};

use crate::{App, view::Names};

/// `GET /v1/notices`: a page of notices.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace(Role::Viewer)?;
    let query = Query::of(call, &["limit", "cursor"])?;
    let workspace = app.workspace(ws).await?;
    let list = List { secret: &workspace.secret, name: &["notices"] };
    let below = list.after(&query, NoticeId::from_bytes)?;
    let fetch = |below, limit| app.store.notices(ws, below, limit);
    let page = gather((below, query.limit()?), fetch, |notice| notice.id, |_| true).await?;
    let mut names = Names::default();
    let mut items = Vec::new();
    for notice in &page.items {
        let name = match notice.endpoint {
            Some(id) => names.endpoint(app, ws, id).await?,
            None => None,
        };
        items.push(view(notice, name.as_deref())?);
    }
    list.page(&page, items).answer()
}

fn view(notice: &Notice, endpoint: Option<&str>) -> Result<Value, ApiError> {
    let kind = match &notice.kind {
        NoticeKind::Suspended { .. } => "suspended",
        NoticeKind::Warned { .. } => "warned",
        NoticeKind::Gone => "gone",
        NoticeKind::Recovered => "recovered",
        NoticeKind::Expired { .. } => "expired",
    };
    let kinds = serde_json::to_value(&notice.kind).map_err(ApiError::internal)?;
    Ok(json!({
        "id": notice.id,
        "at": notice.at,
        "kind": kind,
        "about": kinds.get(kind),
        "endpoint": notice.endpoint.map(|id| json!({ "id": id, "name": endpoint })),
        "title": notice.title,
        "text": notice.text,
        "sent": notice.sent,
    }))
}
