//! `GET /v1/integrations/{integration}/mappings`: the versions of a mapping, newest first.

use gancho_domain::{common::by::Changed, inbound::integration::Integration};
use gancho_edge::{
    http::{Answer, Call},
    page::{List, Slice},
    query::Query,
};

use crate::{
    App, find,
    version::{self, VersionView},
};

/// The time and author of the current version; only the first is as old as its integration.
pub(super) fn changed(integration: &Integration) -> Option<Changed> {
    let first = || Changed { at: integration.created_at, by: None };
    let is_first = integration.mapping_version == 1;
    integration.mapping_changed.clone().or_else(|| is_first.then(first))
}

/// A page of versions. A version that was replaced before Gancho recorded times has none.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let query = Query::of(call, &["limit", "cursor"])?;
    let limit = query.limit()?;
    let integration = find::integration(app, ws, call.id("integration")?).await?;
    let workspace = find::workspace(app, ws).await?;
    let list = List { secret: &workspace.secret, name: &["mappings", &integration.id.key()] };
    let below = list.after(&query, version::of_cursor)?;
    let current = integration.mapping_version;
    let is_first_page = below.is_none_or(|below| u64::from(current) < below);
    let mut all: Vec<VersionView> = Vec::new();
    if is_first_page {
        all.push(VersionView::of(current.into(), changed(&integration)));
    }
    let below = below.and_then(|it| u32::try_from(it).ok()).map_or(current, |it| it.min(current));
    let old = app.store.mapping_versions(ws, integration.id, below, limit + 1).await?;
    all.extend(old.into_iter().map(|(version, it)| VersionView::of(version.into(), it)));
    let more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().filter(|_| more).map(VersionView::cursor);
    let slice = Slice::counted(all, next, current.into());
    list.page(&slice, slice.items.iter().collect()).answer()
}
