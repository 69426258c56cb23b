//! The author of a request, as it is stored with the result.

use gancho_domain::common::by::By;
use gancho_store::Store;

use crate::{http::Call, problem::ApiError};

/// The key or person of a request. Reads the name, one read unit; a key or member that was removed a
/// moment ago has none. `None` for the deployment's own key.
pub async fn of(store: &Store, call: &Call) -> Result<Option<By>, ApiError> {
    if let Some(id) = call.caller.person {
        let name = store.member(call.workspace, id).await?.map(|member| member.name);
        return Ok(Some(By::Person { id, name }));
    }
    let Some(id) = call.caller.key else { return Ok(None) };
    let name = store.api_key(call.workspace, id).await?.map(|key| key.name);
    Ok(Some(By::Key { id, name }))
}
