//! The one place that turns an error into a response (RFC 9457).

use std::collections::BTreeMap;

use gancho_domain::common::{
    code::{Code, Language, message},
    list_query::{FilterError, LIMIT_MAX},
    workspace::Role,
};
use gancho_store::StoreError;
use serde_json::{Value, json};

/// `Retry-After` of every 503, in seconds: the API's and the ingest URLs'.
pub const UNAVAILABLE: &str = "5";

/// An API error: a status, a stable code and the parameters of its sentence.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code:?}")]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: Code,
    /// The parameters of the sentence; `path` names a field of the request.
    pub params: BTreeMap<String, String>,
    /// The cause, for the log only. A 5xx response carries no detail.
    pub cause: Option<String>,
}

impl ApiError {
    /// An error without parameters.
    pub fn new(status: u16, code: Code) -> Self {
        Self { status, code, params: BTreeMap::new(), cause: None }
    }

    /// Adds a parameter.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "callers give literals and numbers")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }

    /// 404 `not_found`. An id of another workspace returns the same.
    pub fn not_found() -> Self {
        Self::new(404, Code::NotFound)
    }

    /// 403 `forbidden`: the operation needs this role.
    pub fn forbidden(role: Role) -> Self {
        let name = match role {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Admin => "admin",
            Role::Owner => "owner",
        };
        Self::new(403, Code::Forbidden).with("role", name)
    }

    /// 422 `validation_error` at a path of the request, for a reason of
    /// [`gancho_domain::common::code::REASONS`].
    pub fn invalid(path: impl ToString, reason: &str) -> Self {
        Self::new(422, Code::ValidationError).with("path", path).with("reason", reason)
    }

    /// 500 `internal_error`. The response carries no detail; `cause` goes to the log.
    #[expect(clippy::needless_pass_by_value, reason = "callers give literals and numbers")]
    pub fn internal(cause: impl ToString) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(500, Code::InternalError) }
    }

    /// `Retry-After` in seconds, if the same request may succeed later.
    pub fn retry_after(&self) -> Option<&'static str> {
        match (self.status, self.code) {
            (503, _) => Some(UNAVAILABLE),
            (_, Code::TooManyTries) => Some("60"),
            (429, _) => Some("1"),
            (_, Code::IdempotencyInProgress) => Some("2"),
            _ => None,
        }
    }

    /// The body of the response.
    pub fn to_problem(&self, language: Language) -> Value {
        let detail = message(self.code, &self.params, language);
        let mut body = json!({
            "type": "about:blank",
            "title": title(self.status),
            "status": self.status,
            "code": self.code,
            "detail": detail,
        });
        if let Some(map) = body.as_object_mut() {
            if let Some(path) = self.params.get("path") {
                map.insert("path".to_owned(), json!(path));
            }
            if !self.params.is_empty() {
                map.insert("params".to_owned(), json!(self.params));
            }
        }
        body
    }
}

fn title(status: u16) -> &'static str {
    lambda_http::http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error")
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self { cause: Some(error.to_string()), ..Self::new(503, Code::StorageUnavailable) }
    }
}

/// The answer to invalid parameters of a list.
impl From<FilterError> for ApiError {
    fn from(error: FilterError) -> Self {
        match error {
            FilterError::Invalid { path, reason } if path == "limit" => {
                Self::invalid(path, reason).with("limit", LIMIT_MAX)
            }
            FilterError::Invalid { path, reason } => Self::invalid(path, reason),
            FilterError::BadPeriod => Self::new(400, Code::BadPeriod),
        }
    }
}

impl From<crate::queue::QueueError> for ApiError {
    fn from(error: crate::queue::QueueError) -> Self {
        Self { cause: Some(error.to_string()), ..Self::new(503, Code::StorageUnavailable) }
    }
}
