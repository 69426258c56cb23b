//! `GET /v1/notices`: the notices sent to people, newest first.

use gancho_domain::{
    common::{ids::NoticeId, workspace::Role},
    outbound::notice::{Notice, NoticeKind},
};
use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
};
use serde_json::{Value, json};

use crate::{App, paging::Paging, view::Names};

/// `GET /v1/notices`: a page of notices.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace(Role::Viewer)?;
    let workspace = app.workspace(ws).await?;
    let paging = Paging::read(call, &workspace, &["notices"])?;
    let below = paging.below.map(NoticeId::from_bytes);
    let mut found = app.store.notices(ws, below, paging.limit + 1).await?;
    let more = found.len() > paging.limit;
    found.truncate(paging.limit);
    let mut names = Names::default();
    let mut items = Vec::new();
    for notice in &found {
        let name = match notice.endpoint {
            Some(id) => names.endpoint(app, ws, id).await?,
            None => None,
        };
        items.push(view(notice, name.as_deref())?);
    }
    let last = found.last().filter(|_| more);
    let next = last.map(|last| paging.seal(last.id.as_bytes()));
    let count = items.len();
    http::json(200, &json!({ "items": items, "next": next, "count": count }))
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
