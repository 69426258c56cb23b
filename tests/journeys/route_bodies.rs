//! The least body that each route takes, so that an unknown id is what it refuses.

use reqwest::Method;
use serde_json::{Value, json};

/// A body for a route of `infra/openapi.yaml`; none where it takes none.
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
