//! Contacts: the people that the webhooks refer to.

mod view;

use gancho_domain::{
    common::{
        ids::{ContactId, OriginId, WorkspaceId},
        workspace::Workspace,
    },
    crm::Contact,
    crm::normalise,
};
use gancho_edge::{
    http::{self, Answer, Call},
    page::{List, Page, gather},
    problem::ApiError,
    query::Query,
};

use self::view::ContactView;
pub(crate) use self::view::WithCauses;
use crate::{App, find};

/// `GET /v1/contacts`: filtered by e-mail, phone or the origin of a deal; newest first.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let query = Query::of(call, &["email", "phone", "origin", "limit", "cursor"])?;
    let origin: Option<OriginId> = query.read("origin", |text| text.parse().ok())?;
    let limit = query.limit()?;
    let workspace = find::workspace(app, ws).await?;
    let name = ["contacts", query.text("origin").unwrap_or_default()];
    let list = List { secret: &workspace.secret, name: &name };
    let after = list.after(&query, ContactId::from_bytes)?;
    if let Some(origin) = origin {
        find::at(find::origin(app, ws, origin).await, "origin")?;
    }
    let keep = |contact: &Contact| {
        origin.is_none_or(|origin| contact.deals.iter().any(|deal| deal.origin == origin))
    };
    if let Some(requested) = Request::read(&query, &workspace)? {
        let found = requested.find(app, ws).await?.filter(keep);
        return Page::single(found.iter().map(ContactView::of).collect()).answer();
    }
    let fetch = |after, limit| app.store.contacts_after(ws, after, limit);
    let page = gather((after, limit), fetch, |contact| contact.id, keep).await?;
    list.page(&page, page.items.iter().map(ContactView::of).collect()).answer()
}

/// `GET /v1/contacts/{contact}`, with its deals and the webhooks that created or changed it.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let id: ContactId = call.id("contact")?;
    let contact = app.store.contact(ws, id).await?.ok_or_else(ApiError::not_found)?;
    let causes = app.store.causes_of_contact(ws, id, app.deps.clock.now()).await?;
    http::json(200, &WithCauses::of(ContactView::of(&contact), &causes))
}

/// A search for a contact.
#[derive(Debug)]
pub(crate) struct Request {
    email: Option<normalise::Email>,
    phone: Option<normalise::Phone>,
}

impl Request {
    /// Reads `email` and `phone`; `None` if neither is given.
    pub(crate) fn read(query: &Query<'_>, workspace: &Workspace) -> Result<Option<Self>, ApiError> {
        let email = query.text("email").map(|text| {
            normalise::email(text).map_err(|_| ApiError::invalid("email", "invalid_email"))
        });
        let phone = query.text("phone").map(|text| {
            normalise::phone(text, &workspace.default_region)
                .map_err(|_| ApiError::invalid("phone", "invalid_phone"))
        });
        let requested = Self { email: email.transpose()?, phone: phone.transpose()? };
        Ok((requested.email.is_some() || requested.phone.is_some()).then_some(requested))
    }

    /// The contact with the given e-mail and phone; both must match if both are given.
    pub(crate) async fn find(
        &self,
        app: &App,
        ws: WorkspaceId,
    ) -> Result<Option<Contact>, ApiError> {
        let email = self.email.as_ref().map(normalise::Email::as_str);
        let phone = self.phone.as_ref().map(normalise::Phone::as_str);
        let owners = app.store.owners(ws, email, phone).await?;
        let id = match (email.map(|_| owners.email), phone.map(|_| owners.phone)) {
            (Some(email), Some(phone)) => email.filter(|id| Some(*id) == phone),
            (one, other) => one.or(other).flatten(),
        };
        let Some(id) = id else { return Ok(None) };
        Ok(app.store.contact(ws, id).await?)
    }
}
