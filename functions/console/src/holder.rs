//! The key or person of a session, and its role in workspaces as it is now: a deleted key has none.

use futures::future::try_join_all;
use gancho_domain::common::{
    ids::{KeyId, PersonId, WorkspaceId},
    session::Holder,
    workspace::{Role, Workspace},
};
use gancho_edge::problem::ApiError;
use serde::Serialize;

use crate::App;

/// The person of a session, as the API shows it.
#[derive(Debug, Serialize)]
pub(crate) struct PersonView {
    id: PersonId,
    email: String,
    name: String,
}

/// The key of a session, as the API shows it.
#[derive(Debug, Serialize)]
pub(crate) struct KeyView {
    id: KeyId,
    name: String,
}

/// A workspace that a session may enter.
#[derive(Debug, Serialize)]
pub(crate) struct WorkspaceView {
    id: WorkspaceId,
    name: String,
    time_zone: String,
    role: Role,
}

/// The identity of a session: either the person or the key is `null`.
#[derive(Debug, Serialize)]
pub(crate) struct HolderView {
    person: Option<PersonView>,
    key: Option<KeyView>,
    owner: bool,
    /// By name.
    workspaces: Vec<WorkspaceView>,
}

/// The identity of a session, with its workspaces; `None` if the key or the person is deleted.
pub(crate) async fn view(app: &App, holder: &Holder) -> Result<Option<HolderView>, ApiError> {
    match holder {
        Holder::Key { workspace, key } => {
            let Some(found) = app.store.api_key(*workspace, *key).await? else { return Ok(None) };
            let entered = entered(app, holder, *workspace).await?;
            let key = Some(KeyView { id: *key, name: found.name });
            let workspaces = entered.into_iter().collect();
            Ok(Some(HolderView { person: None, key, owner: false, workspaces }))
        }
        Holder::Person { subject, .. } => {
            let Some(person) = app.store.person(subject).await? else { return Ok(None) };
            let all = app.store.memberships(subject).await?;
            let all = try_join_all(all.into_iter().map(|ws| entered(app, holder, ws))).await?;
            let mut workspaces: Vec<_> = all.into_iter().flatten().collect();
            workspaces.sort_by(|a, b| a.name.cmp(&b.name));
            let owner = person.owner;
            let person = Some(PersonView { id: person.id, email: person.email, name: person.name });
            Ok(Some(HolderView { person, key: None, owner, workspaces }))
        }
    }
}

async fn entered(
    app: &App,
    holder: &Holder,
    ws: WorkspaceId,
) -> Result<Option<WorkspaceView>, ApiError> {
    let found = role(app, holder, ws).await?;
    Ok(found.map(|(Workspace { id, name, time_zone, .. }, role)| WorkspaceView {
        id,
        name,
        time_zone,
        role,
    }))
}

/// The workspace and the holder's role in it; `None` if the holder may not enter it.
pub(crate) async fn role(
    app: &App,
    holder: &Holder,
    ws: WorkspaceId,
) -> Result<Option<(Workspace, Role)>, ApiError> {
    let role = async {
        match holder {
            Holder::Key { workspace, key } if *workspace == ws => {
                Ok(app.store.api_key(ws, *key).await?.map(|key| key.role))
            }
            Holder::Key { .. } => Ok(None),
            Holder::Person { person, .. } => {
                Ok(app.store.member(ws, *person).await?.map(|member| member.role))
            }
        }
    };
    let (workspace, role) = tokio::try_join!(app.store.workspace(ws), role)?;
    let open = workspace.filter(|workspace| !workspace.suspended);
    Ok(open.zip(role.filter(|role| *role <= Role::Admin)))
}
