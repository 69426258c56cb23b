//! The resources that a request names: 404 if the workspace has none with the id.

use gancho_domain::{
    common::{
        ids::{EndpointId, IntegrationId, OriginId, WorkspaceId},
        workspace::Workspace,
    },
    inbound::{integration::Integration, origin::Origin},
    outbound::endpoint::Endpoint,
};
use gancho_edge::problem::ApiError;

use crate::App;

/// The caller's workspace.
pub(crate) async fn workspace(app: &App, ws: WorkspaceId) -> Result<Workspace, ApiError> {
    app.store.workspace(ws).await?.ok_or_else(ApiError::not_found)
}

/// An origin of the caller's workspace.
pub(crate) async fn origin(app: &App, ws: WorkspaceId, id: OriginId) -> Result<Origin, ApiError> {
    app.store.origin(ws, id).await?.ok_or_else(ApiError::not_found)
}

/// An integration of the caller's workspace.
pub(crate) async fn integration(
    app: &App,
    ws: WorkspaceId,
    id: IntegrationId,
) -> Result<Integration, ApiError> {
    app.store.integration(ws, id).await?.ok_or_else(ApiError::not_found)
}

/// An endpoint of the caller's workspace.
pub(crate) async fn endpoint(
    app: &App,
    ws: WorkspaceId,
    id: EndpointId,
) -> Result<Endpoint, ApiError> {
    app.store.endpoint(ws, id).await?.ok_or_else(ApiError::not_found)
}

/// Adds the path of a request field to a 404.
pub(crate) fn at<T>(found: Result<T, ApiError>, path: &str) -> Result<T, ApiError> {
    found.map_err(|error| if error.status == 404 { error.with("path", path) } else { error })
}
