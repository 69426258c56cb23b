//! The way in by API key: it proves the key, its workspace and its role.

use gancho_domain::common::{code::Code, secret::Secret, session::Holder, token, workspace::Role};
use gancho_edge::problem::ApiError;

use crate::App;

/// The holder that an API key proves. `None`: the text is not a key of a workspace.
pub(crate) async fn holder(app: &App, text: &Secret) -> Result<Option<Holder>, ApiError> {
    let text = text.expose().trim();
    let Some((workspace, id)) = token::parse_api_key(text) else { return Ok(None) };
    let (key, found) =
        tokio::try_join!(app.store.api_key(workspace, id), app.store.workspace(workspace))?;
    let Some((key, found)) = key.zip(found) else { return Ok(None) };
    if !token::has_hash(text, &key.hash) || key.role > Role::Admin {
        return Ok(None);
    }
    if found.suspended {
        return Err(ApiError::new(403, Code::WorkspaceSuspended));
    }
    Ok(Some(Holder::Key { workspace, key: key.id }))
}
