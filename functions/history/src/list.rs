//! The list of an origin's webhooks, newest first, with its count (`FACTS S1.1, S1.8`).

use gancho_domain::common::list_query::Format;
use gancho_edge::{
    http::{Answer, Call},
    page::{Slice, countable},
};
use gancho_store::listing::Listed;

use crate::{
    App, export,
    query::ListRequest,
    view::{Names, Requested},
};

/// `GET /v1/origins/{origin}/webhooks`
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let request = ListRequest::read(app, call).await?;
    match request.query.format {
        Format::Json => page(app, call, &request).await,
        Format::Csv => export::csv(app, call, &request).await,
    }
}

async fn page(app: &App, call: &Call, request: &ListRequest) -> Answer {
    let filter = &request.query.filter;
    let listing = app.store.listing(request.scope, filter, app.deps.clock.now()).await?;
    countable("code", listing.uncounted())?;
    let limit = usize::from(request.query.limit);
    let (page, count) = futures::try_join!(listing.page(request.below, limit), listing.count())?;
    let slice = Slice::counted(page.items, page.next, count);
    let (ws, language) = (request.scope.workspace, call.language());
    let ids: Vec<_> = slice.items.iter().map(Listed::id).collect();
    let (names, requested) =
        futures::try_join!(Names::of(app, ws, &slice.items), Requested::of(app, ws, &ids))?;
    let items = slice.items.iter().map(|item| names.item(item, &requested, language)).collect();
    request.with_list(|list| list.page(&slice, items)).answer()
}
