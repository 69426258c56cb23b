//! The list of a workspace's deliveries, newest first, with their count and the totals of the tabs
//! (`FACTS S2.2, S2.4, S2.5`).
//!
//! `count` applies every filter. The totals apply every filter except `state`: a tab selects
//! states, and each tab shows the numbers of the others.

use gancho_domain::common::list_query::Format;
use gancho_edge::{
    http::{self, Answer, Call},
    page::{Page, Slice, countable},
};
use serde::Serialize;

use crate::{
    App, export,
    query::ListRequest,
    totals::Totals,
    view::{ListedDelivery, Names, for_role},
};

/// A page of deliveries with the totals of the tabs.
#[derive(Serialize)]
struct DeliveryPage<'a> {
    #[serde(flatten)]
    page: Page<ListedDelivery<'a>>,
    totals: Totals,
}

/// `GET /v1/deliveries`
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let requested = ListRequest::read(app, call).await?;
    match requested.query.format {
        Format::Json => page(app, &requested).await,
        Format::Csv => export::csv(app, call, &requested).await,
    }
}

async fn page(app: &App, requested: &ListRequest) -> Answer {
    let filter = &requested.query.filter;
    let listing = app.store.delivery_listing(requested.ws, filter, app.deps.clock.now()).await?;
    if let Some((parameter, reads)) = listing.uncounted() {
        countable(parameter, reads)?;
    }
    let limit = usize::from(requested.query.limit);
    let (page, counts) =
        futures::try_join!(listing.page(requested.below, limit), listing.totals())?;
    let mut slice = Slice::counted(page.items, page.next, listing.count(&counts));
    slice.items.iter_mut().for_each(|stored| for_role(requested.role, &mut stored.delivery));
    let deliveries = || slice.items.iter().map(|stored| &stored.delivery);
    let names = Names::of(app, requested.ws, deliveries()).await?;
    let items = deliveries().map(|delivery| names.item(delivery)).collect();
    let page = requested.with_list(|list| list.page(&slice, items));
    http::json(200, &DeliveryPage { page, totals: Totals::from(&counts) })
}
