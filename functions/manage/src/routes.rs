//! The paths of the whole API. Requests that match no route get 405 if the path exists, else 404.

use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
};

/// Every path with its methods; a test compares them with the template.
const ROUTES: &[(&str, &str)] = &[
    ("/v1/workspaces", "POST"),
    ("/v1/workspace", "GET, PATCH"),
    ("/v1/applications", "GET"),
    ("/v1/origins", "GET, POST"),
    ("/v1/origins/{origin}", "GET, PATCH, DELETE"),
    ("/v1/origins/{origin}/webhooks", "GET"),
    ("/v1/origins/{origin}/webhooks/{webhook}", "GET"),
    ("/v1/origins/{origin}/webhooks/{webhook}/payload", "GET"),
    ("/v1/origins/{origin}/webhooks/{webhook}/reprocess", "POST"),
    ("/v1/origins/{origin}/reprocess", "POST"),
    ("/v1/jobs", "GET"),
    ("/v1/jobs/{job}", "GET"),
    ("/v1/jobs/{job}/cancel", "POST"),
    ("/v1/integrations", "GET, POST"),
    ("/v1/integrations/{integration}", "GET, PATCH, DELETE"),
    ("/v1/integrations/{integration}/duplicate", "POST"),
    ("/v1/integrations/{integration}/url", "GET"),
    ("/v1/integrations/{integration}/rotate-url", "POST"),
    ("/v1/integrations/{integration}/refused", "GET"),
    ("/v1/integrations/{integration}/preview", "POST"),
    ("/v1/keys", "GET, POST"),
    ("/v1/keys/{key}", "GET, PATCH, DELETE"),
    ("/v1/contacts", "GET"),
    ("/v1/contacts/{contact}", "GET"),
    ("/v1/deals", "GET"),
    ("/v1/deals/{deal}", "GET, PATCH"),
    ("/v1/event-types", "GET"),
    ("/v1/endpoints", "GET, POST"),
    ("/v1/endpoints/{endpoint}", "GET, PATCH, DELETE"),
    ("/v1/endpoints/{endpoint}/enable", "POST"),
    ("/v1/endpoints/{endpoint}/disable", "POST"),
    ("/v1/endpoints/{endpoint}/rotate-secret", "POST"),
    ("/v1/endpoints/{endpoint}/duplicate", "POST"),
    ("/v1/endpoints/{endpoint}/test", "POST"),
    ("/v1/rules", "GET, POST"),
    ("/v1/rules/{rule}", "GET, PATCH, DELETE"),
    ("/v1/rules/{rule}/duplicate", "POST"),
    ("/v1/events", "POST"),
    ("/v1/deliveries", "GET"),
    // Before the path with a variable, which it would match as well.
    ("/v1/deliveries/resend", "POST"),
    ("/v1/deliveries/send", "POST"),
    ("/v1/deliveries/{delivery}", "GET"),
    ("/v1/deliveries/{delivery}/resend", "POST"),
    ("/v1/deliveries/{delivery}/cancel", "POST"),
    ("/v1/deliveries/{delivery}/retry-now", "POST"),
    ("/v1/subjects/{subject}", "GET"),
    ("/v1/notices", "GET"),
];

/// Answers a request that matches no route.
pub(crate) fn unknown(call: &Call) -> Answer {
    let methods = methods(call.request.uri().path()).ok_or_else(ApiError::not_found)?;
    Ok(http::method_not_allowed(call, methods))
}

fn methods(path: &str) -> Option<&'static str> {
    let known = ROUTES.iter().find(|(route, _)| matches(route, path));
    known.map(|(_, methods)| *methods)
}

fn matches(route: &str, path: &str) -> bool {
    let (mut requested, mut given) = (route.split('/'), path.split('/'));
    loop {
        match (requested.next(), given.next()) {
            (None, None) => return true,
            (Some(requested), Some(given)) if requested.starts_with('{') && !given.is_empty() => {}
            (Some(requested), Some(given)) if requested == given => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_known_path_says_its_methods() {
        assert_eq!(methods("/v1/deals/deal_1"), Some("GET, PATCH"));
        assert_eq!(methods("/v1/origins/a/webhooks/b/payload"), Some("GET"));
        for path in ["/v1/deals/", "/v1/deals/a/b", "/v1", "/", "", "/v2/deals", "/v1/%2e%2e"] {
            assert_eq!(methods(path), None, "{path}");
        }
    }

    #[test]
    fn the_template_has_these_routes_and_no_others() {
        let template = include_str!("../../../template.yaml");
        let route = |line: &str| {
            let (_, rest) = line.split_once(" Method: ")?;
            let (method, rest) = rest.split_once(", Path: ")?;
            let (path, _) = rest.split_once(", PayloadFormatVersion")?;
            let path = path.trim_matches('"');
            path.starts_with("/v1").then(|| format!("{method} {path}"))
        };
        let served: BTreeSet<String> = template.lines().filter_map(route).collect();
        let each = |(path, methods): &(&str, &'static str)| {
            let path = (*path).to_owned();
            methods.split(", ").map(move |method| format!("{method} {path}"))
        };
        assert_eq!(served, ROUTES.iter().flat_map(each).collect());
    }
}
