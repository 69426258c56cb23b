//! Checks of parameters and bodies, and the paging of lists without filters.

use gancho_domain::common::{code::Code, cursor, workspace::Workspace};
use gancho_edge::{http::Call, problem::ApiError, query::Query};

/// A requested page.
pub(crate) struct Paging<'a> {
    workspace: &'a Workspace,
    list: Vec<String>,
    pub(crate) limit: usize,
    /// The page begins below this id.
    pub(crate) below: Option<[u8; 16]>,
}

impl<'a> Paging<'a> {
    /// Reads a request's parameters. `list` identifies the list, because a cursor is valid for one
    /// list only.
    pub(crate) fn read(
        call: &Call,
        workspace: &'a Workspace,
        list: &[&str],
    ) -> Result<Self, ApiError> {
        let mut list: Vec<String> = list.iter().map(|&part| part.to_owned()).collect();
        list.push(workspace.id.key());
        let (limit, after) = Query::page(call)?;
        let mut paging = Self { workspace, list, limit, below: None };
        paging.below = after.map(|text| paging.open(text)).transpose()?;
        Ok(paging)
    }

    fn names(&self) -> Vec<&str> {
        self.list.iter().map(String::as_str).collect()
    }

    fn open(&self, text: &str) -> Result<[u8; 16], ApiError> {
        let bad = || ApiError::new(400, Code::BadCursor);
        let place = cursor::open(&self.workspace.secret, &self.names(), text);
        place.map_err(|_| bad())?.try_into().map_err(|_| bad())
    }

    /// The cursor of the page that follows an item.
    pub(crate) fn seal(&self, last: &[u8; 16]) -> String {
        cursor::seal(&self.workspace.secret, &self.names(), last)
    }
}

/// Refuses query parameters.
pub(crate) fn no_parameters(call: &Call) -> Result<(), ApiError> {
    Query::of(call, &[]).map(drop)
}

/// Refuses a body, except an empty object.
pub(crate) fn no_body(call: &Call) -> Result<(), ApiError> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    if call.request.body().is_empty() {
        return Ok(());
    }
    call.json::<Nothing>().map(drop)
}
