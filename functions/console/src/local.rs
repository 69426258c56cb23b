//! The way in by the local host's link: whoever reads its terminal has the code. A deployment has no
//! link, so that no code is right there.

use gancho_domain::common::{
    secret::Secret,
    session::{Holder, LOCAL_ISSUER, LOCAL_OWNER},
    token,
};
use gancho_edge::problem::ApiError;
use gancho_store::keys::people;

use crate::App;

/// The person of the local host, if the code is that of this start.
pub(crate) async fn holder(app: &App, code: &Secret) -> Result<Option<Holder>, ApiError> {
    let Some(hash) = &app.deps.settings.console.link_hash else { return Ok(None) };
    if !token::has_hash(code.expose(), hash) {
        return Ok(None);
    }
    let subject = people::subject(LOCAL_ISSUER, LOCAL_OWNER);
    let person = app.store.person(&subject).await?;
    Ok(person.map(|person| Holder::Person { person: person.id, subject }))
}
