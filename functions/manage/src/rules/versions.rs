//! `GET /v1/rules/{rule}/versions`: the versions of a rule, newest first.

use gancho_domain::common::by::Changed;
use gancho_edge::{
    http::{Answer, Call},
    page::{List, Slice},
    query::Query,
};

use super::find;
use crate::{
    App,
    version::{self, VersionView},
};

/// A page of versions.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let query = Query::of(call, &["limit", "cursor"])?;
    let limit = query.limit()?;
    let rule = find(app, ws, call.id("rule")?).await?;
    let workspace = find::workspace(app, ws).await?;
    let list = List { secret: &workspace.secret, name: &["rule-versions", &rule.id.key()] };
    let below = list.after(&query, version::of_cursor)?.unwrap_or(rule.version + 1);
    let mut all = app.store.rule_versions(ws, rule.id, below, limit + 1).await?;
    let more = all.len() > limit;
    all.truncate(limit);
    let view = |it: gancho_domain::outbound::rule::Rule| {
        VersionView::of(it.version, Some(Changed { at: it.updated_at, by: it.by }))
    };
    let all: Vec<_> = all.into_iter().map(view).collect();
    let next = all.last().filter(|_| more).map(VersionView::cursor);
    let slice = Slice::counted(all, next, rule.version);
    list.page(&slice, slice.items.iter().collect()).answer()
}
