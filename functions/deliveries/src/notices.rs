//! `GET /v1/notices`: the notices sent to people, newest first.

use gancho_domain::{
    common::ids::NoticeId,
    outbound::{
        gate::GateKey,
        health::{FailedAttempt, Reason},
        notice::{Notice, NoticeKind},
    },
};
use gancho_edge::{
    http::{Answer, Call},
    page::{List, gather},
    query::Query,
};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    App,
    view::{EndpointView, Names},
};

/// A notice as the list shows it.
#[derive(Debug, Serialize)]
struct NoticeView<'a> {
    id: NoticeId,
    at: Timestamp,
    kind: &'static str,
    about: Option<About<'a>>,
    endpoint: Option<EndpointView<'a>>,
    title: &'a str,
    text: &'a str,
    sent: bool,
}

/// The details of a notice's kind.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum About<'a> {
    Suspended { gate: &'a GateKey, reason: &'a Reason, attempts: &'a [FailedAttempt] },
    Warned { percent: u8 },
    Expired { count: u32 },
}

/// `GET /v1/notices`: a page of notices.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let query = Query::of(call, &["limit", "cursor"])?;
    let workspace = app.workspace(ws).await?;
    let list = List { secret: &workspace.secret, name: &["notices"] };
    let below = list.after(&query, NoticeId::from_bytes)?;
    let fetch = |below, limit| app.store.notices(ws, below, limit);
    let page = gather((below, query.limit()?), fetch, |notice| notice.id, |_| true).await?;
    let mut names = Names::default();
    for id in page.items.iter().filter_map(|notice| notice.endpoint) {
        names.learn_endpoint(app, ws, id).await?;
    }
    let items = page.items.iter().map(|notice| NoticeView::of(notice, &names)).collect();
    list.page(&page, items).answer()
}

impl<'a> NoticeView<'a> {
    fn of(notice: &'a Notice, names: &'a Names) -> Self {
        Self {
            id: notice.id,
            at: notice.at,
            kind: notice.kind.as_str(),
            about: About::of(&notice.kind),
            endpoint: notice.endpoint.map(|id| names.endpoint(id)),
            title: &notice.title,
            text: &notice.text,
            sent: notice.sent,
        }
    }
}

impl<'a> About<'a> {
    fn of(kind: &'a NoticeKind) -> Option<Self> {
        match kind {
            NoticeKind::Suspended { gate, reason, attempts } => {
                Some(Self::Suspended { gate, reason, attempts })
            }
            NoticeKind::Warned { percent } => Some(Self::Warned { percent: *percent }),
            NoticeKind::Expired { count } => Some(Self::Expired { count: *count }),
            NoticeKind::Gone | NoticeKind::Recovered => None,
        }
    }
}
