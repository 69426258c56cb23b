//! The minimal valid body of each route, so that only an unknown id is refused.

use reqwest::Method;
use serde_json::{Value, json};

/// The body for a route of `infra/openapi.yaml`; `None` for a route without a body.
pub(crate) fn body_for(method: &Method, path: &str) -> Option<Value> {
    if method == Method::GET || method == Method::DELETE {
        return None;
    }
    Some(match path {
        "/v1/integrations/{integration}/preview" => json!({"body": "{}"}),
        "/v1/origins/{origin}/reprocess" | "/v1/deliveries/resend" => json!({"filter": {}}),
        _ => json!({}),
    })
}
