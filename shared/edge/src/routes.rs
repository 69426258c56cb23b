//! The routes of the API, in one table. It decides:
//!
//! - the function that serves a route, and the operation that the function executes;
//! - the role that a caller needs, checked before the operation;
//! - the operations that take an `Idempotency-Key`;
//! - 405 with the methods of a known path, and 404 for every other path.
//!
//! `tests/layout/api.rs` compares it with `template.yaml` and `infra/openapi.yaml`.

use std::collections::BTreeMap;

use gancho_domain::common::workspace::Role;

use crate::problem::ApiError;

/// A route of the API.
#[derive(Debug)]
pub struct Route {
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The least role of the caller. [`Role::Owner`] is the deployment's own key.
    pub role: Role,
    /// The operation.
    pub operation: Operation,
    /// The operation's name. The description's `operationId` begins with a small letter instead.
    pub name: &'static str,
    /// The function that serves the route.
    pub function: &'static str,
    /// `true` if a request with an `Idempotency-Key` is executed only once.
    pub idempotent: bool,
}

/// Declares the operations of each function and [`ROUTES`]. A row is a method, a path, the least
/// role, the operation, and `idempotent` if the route takes an `Idempotency-Key`.
macro_rules! routes {
    (@idempotent) => { false };
    (@idempotent idempotent) => { true };
    ($($Function:ident $function:literal {
        $($method:ident $path:literal $role:ident $operation:ident $($idempotent:ident)?;)+
    })+) => {
        /// An operation of the API, by the function that executes it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Operation {
            $(#[doc = concat!("An operation of *", $function, "*.")] $Function($Function),)+
        }

        $(
            #[doc = concat!("The operations of *", $function, "*.")]
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum $Function {
                $(#[doc = concat!("`", stringify!($method), " ", $path, "`")] $operation,)+
            }

            /// An operation of another function returns 404.
            impl TryFrom<Operation> for $Function {
                type Error = ApiError;

                fn try_from(operation: Operation) -> Result<Self, ApiError> {
                    if let Operation::$Function(own) = operation {
                        Ok(own)
                    } else {
                        Err(ApiError::not_found())
                    }
                }
            }
        )+

        /// Every route. The methods of a path are in the order in which `Allow` names them.
        pub const ROUTES: &[Route] = &[$($(Route {
            method: stringify!($method),
            path: $path,
            role: Role::$role,
            operation: Operation::$Function($Function::$operation),
            name: stringify!($operation),
            function: $function,
            idempotent: routes!(@idempotent $($idempotent)?),
        },)+)+];
    };
}

routes! {
    Manage "manage" {
        POST   "/v1/workspaces"                               Owner    CreateWorkspace idempotent;
        GET    "/v1/workspace"                                Viewer   ShowWorkspace;
        PATCH  "/v1/workspace"                                Admin    ChangeWorkspace;
        POST   "/v1/workspace/recipients/{email}/resend"      Admin    ResendConfirmation idempotent;
        GET    "/v1/me"                                       Viewer   ShowMe;
        GET    "/v1/applications"                             Viewer   ListApplications;
        GET    "/v1/applications/{application}/icon"          Viewer   ShowApplicationIcon;
        GET    "/v1/origins"                                  Viewer   ListOrigins;
        POST   "/v1/origins"                                  Admin    CreateOrigin idempotent;
        GET    "/v1/origins/{origin}"                         Viewer   ShowOrigin;
        PATCH  "/v1/origins/{origin}"                         Admin    ChangeOrigin;
        DELETE "/v1/origins/{origin}"                         Admin    DeleteOrigin;
        GET    "/v1/integrations"                             Viewer   ListIntegrations;
        POST   "/v1/integrations"                             Admin    CreateIntegration idempotent;
        GET    "/v1/integrations/{integration}"               Viewer   ShowIntegration;
        PATCH  "/v1/integrations/{integration}"               Admin    ChangeIntegration;
        DELETE "/v1/integrations/{integration}"               Admin    DeleteIntegration;
        POST   "/v1/integrations/{integration}/duplicate"     Admin    DuplicateIntegration idempotent;
        GET    "/v1/integrations/{integration}/url"           Admin    ShowUrl;
        POST   "/v1/integrations/{integration}/rotate-url"    Admin    RotateUrl idempotent;
        GET    "/v1/integrations/{integration}/refused"       Viewer   ListRefused;
        GET    "/v1/integrations/{integration}/mappings"      Viewer   ListMappings;
        POST   "/v1/integrations/{integration}/preview"       Operator Preview;
        GET    "/v1/keys"                                     Admin    ListKeys;
        POST   "/v1/keys"                                     Admin    CreateKey idempotent;
        GET    "/v1/keys/{key}"                               Admin    ShowKey;
        PATCH  "/v1/keys/{key}"                               Admin    ChangeKey;
        DELETE "/v1/keys/{key}"                               Admin    DeleteKey;
        GET    "/v1/contacts"                                 Viewer   ListContacts;
        GET    "/v1/contacts/{contact}"                       Viewer   ShowContact;
        GET    "/v1/deals"                                    Viewer   ListDeals;
        GET    "/v1/deals/{deal}"                             Viewer   ShowDeal;
        PATCH  "/v1/deals/{deal}"                             Operator ChangeDeal;
        GET    "/v1/event-types"                              Viewer   ListEventTypes;
        GET    "/v1/endpoints"                                Viewer   ListEndpoints;
        POST   "/v1/endpoints"                                Admin    CreateEndpoint idempotent;
        GET    "/v1/endpoints/{endpoint}"                     Viewer   ShowEndpoint;
        PATCH  "/v1/endpoints/{endpoint}"                     Admin    ChangeEndpoint;
        DELETE "/v1/endpoints/{endpoint}"                     Admin    DeleteEndpoint;
        POST   "/v1/endpoints/{endpoint}/enable"              Admin    EnableEndpoint idempotent;
        POST   "/v1/endpoints/{endpoint}/disable"             Admin    DisableEndpoint idempotent;
        POST   "/v1/endpoints/{endpoint}/rotate-secret"       Admin    RotateSecret idempotent;
        POST   "/v1/endpoints/{endpoint}/duplicate"           Admin    DuplicateEndpoint idempotent;
        GET    "/v1/rules"                                    Viewer   ListRules;
        POST   "/v1/rules"                                    Admin    CreateRule idempotent;
        GET    "/v1/rules/{rule}"                             Viewer   ShowRule;
        GET    "/v1/rules/{rule}/versions"                    Viewer   ListRuleVersions;
        PATCH  "/v1/rules/{rule}"                             Admin    ChangeRule;
        DELETE "/v1/rules/{rule}"                             Admin    DeleteRule;
        POST   "/v1/rules/{rule}/duplicate"                   Admin    DuplicateRule idempotent;
    }
    // The same function as the ingest URL, so that a test takes the road of a sender's request.
    Ingest "ingest" {
        POST   "/v1/integrations/{integration}/test"          Operator TestIntegration idempotent;
    }
    History "history" {
        GET    "/v1/origins/{origin}/webhooks"                Viewer   ListWebhooks;
        GET    "/v1/origins/{origin}/webhooks/series"         Viewer   ShowWebhookSeries;
        GET    "/v1/origins/{origin}/webhooks/{webhook}"      Viewer   ShowWebhook;
        GET    "/v1/origins/{origin}/webhooks/{webhook}/payload"   Viewer   ShowPayload;
    }
    Reprocess "reprocess" {
        POST   "/v1/origins/{origin}/webhooks/{webhook}/reprocess" Operator ReprocessWebhook idempotent;
        POST   "/v1/origins/{origin}/reprocess"               Operator ReprocessMany idempotent;
        GET    "/v1/jobs"                                     Viewer   ListJobs;
        GET    "/v1/jobs/{job}"                               Viewer   ShowJob;
        POST   "/v1/jobs/{job}/cancel"                        Operator CancelJob;
    }
    Publish "publish" {
        POST   "/v1/events"                                   Operator PublishEvent idempotent;
        POST   "/v1/endpoints/{endpoint}/test"                Operator TestEndpoint;
    }
    Deliveries "deliveries" {
        GET    "/v1/deliveries"                               Viewer   ListDeliveries;
        GET    "/v1/deliveries/series"                        Viewer   ShowDeliverySeries;
        GET    "/v1/deliveries/{delivery}"                    Viewer   ShowDelivery;
        POST   "/v1/deliveries/{delivery}/resend"             Operator ResendDelivery idempotent;
        POST   "/v1/deliveries/{delivery}/retry-now"          Operator RetryNow;
        POST   "/v1/deliveries/{delivery}/cancel"             Operator CancelDelivery;
        POST   "/v1/deliveries/resend"                        Operator ResendMany idempotent;
        POST   "/v1/deliveries/send"                          Operator SendByHand idempotent;
        GET    "/v1/subjects"                                 Viewer   FindSubject;
        // A subject may contain slashes.
        GET    "/v1/subjects/{subject+}"                      Viewer   ShowSubject;
        GET    "/v1/notices"                                  Viewer   ListNotices;
    }
}

/// The reason that no operation serves a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Unserved {
    /// No route has the path.
    Path,
    /// Routes have the path; these are their methods, as `Allow` names them.
    Method(String),
}

impl Route {
    /// The route of a request: of the gateway's route key (`GET /v1/origins/{origin}`), the raw
    /// path and the decoded path parameters.
    pub fn of(
        key: &str,
        path: &str,
        parameters: &BTreeMap<String, String>,
    ) -> Result<&'static Self, Unserved> {
        let is_keyed = |route: &&Self| Some((route.method, route.path)) == key.split_once(' ');
        let keyed = ROUTES.iter().find(is_keyed);
        let segments = match keyed {
            Some(route) => route.segments(parameters),
            None => path.split('/').collect(),
        };
        let exact = most_exact(&segments).ok_or(Unserved::Path)?;
        // The gateway sends a `GET` of `/v1/deliveries/send` to the route of one delivery.
        keyed.filter(|route| route.path == exact).ok_or_else(|| Unserved::Method(methods(exact)))
    }

    /// The segments of the path, with the request's values of its parameters.
    fn segments<'a>(&self, parameters: &'a BTreeMap<String, String>) -> Vec<&'a str>
    where
        Self: 'a,
    {
        let name = |part: &'static str| {
            Some(part.strip_prefix('{')?.strip_suffix('}')?.trim_end_matches('+'))
        };
        let value = |part| Some(parameters.get(name(part)?)?.as_str());
        self.path.split('/').map(|part| value(part).unwrap_or(part)).collect()
    }
}

/// The path that matches the segments, the one with the fewest parameters.
fn most_exact(segments: &[&str]) -> Option<&'static str> {
    let paths = ROUTES.iter().map(|route| route.path);
    let matching = paths.filter(|path| matches(path, segments));
    matching.min_by_key(|path| path.matches('{').count())
}

fn matches(path: &str, segments: &[&str]) -> bool {
    let mut segments = segments.iter();
    let fits = |part: &str, given: &str| {
        if part.starts_with('{') { !given.is_empty() } else { part == given }
    };
    path.split('/').all(|part| segments.next().is_some_and(|given| fits(part, given)))
        && (path.ends_with("+}") || segments.next().is_none())
}

fn methods(path: &str) -> String {
    let routes = ROUTES.iter().filter(|route| route.path == path);
    routes.map(|route| route.method).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unserved(key: &str, path: &str, parameters: &[(&str, &str)]) -> Option<Unserved> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Route::of(key, path, &parameters.iter().map(owned).collect()).err()
    }

    fn method(methods: &str) -> Unserved {
        Unserved::Method(methods.to_owned())
    }

    #[test]
    fn a_known_path_says_its_methods() {
        let default = |path| unserved("$default", path, &[]);
        assert_eq!(default("/v1/deals/deal_1"), Some(method("GET, PATCH")));
        assert_eq!(default("/v1/origins/a"), Some(method("GET, PATCH, DELETE")));
        assert_eq!(default("/v1/origins"), Some(method("GET, POST")));
        assert_eq!(default("/v1/origins/a/webhooks/b/payload"), Some(method("GET")));
        assert_eq!(default("/v1/deliveries/send"), Some(method("POST")));
        assert_eq!(default("/v1/subjects/NF 12/2026"), Some(method("GET")));
        for path in [
            "/v1/subjects/",
            "/v1/deals/",
            "/v1/deals/a/b",
            "/v1",
            "/",
            "",
            "/v2/deals",
            "/v1/%2e%2e",
        ] {
            assert_eq!(default(path), Some(Unserved::Path), "{path}");
        }
    }

    #[test]
    fn an_action_is_no_delivery() {
        let get = |id| unserved("GET /v1/deliveries/{delivery}", "", &[("delivery", id)]);
        assert_eq!(get("send"), Some(method("POST")));
        assert_eq!(get("resend"), Some(method("POST")));
        assert_eq!(get("dlv_1"), None);
        // A decoded value with a slash is still one segment.
        assert_eq!(get("send/x"), None);
        let endpoint = [("endpoint", "a/test")];
        assert_eq!(unserved("GET /v1/endpoints/{endpoint}", "", &endpoint), None);
    }

    #[test]
    fn every_key_finds_its_own_row() {
        for route in ROUTES {
            let key = format!("{} {}", route.method, route.path);
            let found = Route::of(&key, "", &BTreeMap::new()).unwrap();
            assert_eq!(found.operation, route.operation, "{key}");
        }
    }
}
