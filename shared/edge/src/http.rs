//! API requests and responses, for the functions behind the authorizer, and for *console*, which has
//! none.

use std::{collections::BTreeMap, future::Future};

use gancho_domain::common::{
    code::{Code, Language},
    ids::{KeyId, PersonId, WorkspaceId},
    workspace::Role,
};
use jiff::Timestamp;
use lambda_http::{
    Adapter, Body, Request, RequestExt, Response, Service,
    http::{Method, StatusCode},
    request::{LambdaRequest, RequestContext},
    service_fn,
};
use lambda_runtime::LambdaEvent;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    problem::ApiError,
    routes::{Operation, Route, Unserved},
};

/// The result of an API handler.
pub type Answer = Result<Response<Body>, ApiError>;

/// The caller, as identified by the authorizer.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The tenant; the deployment's own key has none.
    pub workspace: Option<WorkspaceId>,
    /// The role of the key or of the person.
    pub role: Role,
    /// The key, also if a session of the console belongs to it.
    pub key: Option<KeyId>,
    /// The person, if a session of the console belongs to one.
    pub person: Option<PersonId>,
    /// The end of the session token; `None` for an API key.
    pub expires_at: Option<Timestamp>,
}

impl Caller {
    /// The workspace of the caller if its role is at least `least`, else 403. An operation of the
    /// owner has no workspace: the zero id stands for the deployment.
    fn workspace(&self, least: Role) -> Result<WorkspaceId, ApiError> {
        let workspace = match least {
            Role::Owner => Some(WorkspaceId::from_bytes([0; 16])),
            Role::Viewer | Role::Operator | Role::Admin => self.workspace,
        };
        let allowed = workspace.filter(|_| self.role >= least);
        allowed.ok_or_else(|| ApiError::forbidden(least))
    }
}

/// A parsed API request of a caller whose role allows it.
#[derive(Debug)]
pub struct Call {
    /// The caller.
    pub caller: Caller,
    /// The workspace of the caller; the zero id stands for the deployment.
    pub workspace: WorkspaceId,
    /// The route.
    pub route: &'static Route,
    /// The path parameters, decoded.
    pub path: BTreeMap<String, String>,
    /// The query parameters, in order, decoded.
    pub query: Vec<(String, String)>,
    /// The request of `lambda_http`.
    pub request: Request,
}

impl Call {
    /// An id of the path. A malformed id returns 404, like an unknown one.
    pub fn id<T: std::str::FromStr>(&self, name: &str) -> Result<T, ApiError> {
        self.path.get(name).and_then(|text| text.parse().ok()).ok_or_else(ApiError::not_found)
    }

    /// The body as JSON of a known shape. A 422 names the invalid field.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        crate::json::read(self.request.body())
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The source address that the gateway reports.
    pub fn source_ip(&self) -> Option<&str> {
        source_ip(&self.request)
    }

    /// The caller's language, from `Accept-Language`.
    pub fn language(&self) -> Language {
        language(&self.request)
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The caller and the gateway's route key. Returns 403 if the authorizer's context is missing: a
/// route without an authorizer is a deployment error and must not grant access.
fn context(request: &Request) -> Result<(Caller, String), ApiError> {
    let forbidden = || ApiError::forbidden(Role::Viewer);
    let Some(RequestContext::ApiGatewayV2(gateway)) = request.request_context_ref() else {
        return Err(forbidden());
    };
    let authorizer = gateway.authorizer.as_ref().ok_or_else(forbidden)?;
    let field = |name: &str| authorizer.fields.get(name).and_then(Value::as_str);
    let role = field("role").and_then(|role| serde_json::from_value(Value::from(role)).ok());
    let caller = Caller {
        workspace: field("workspace").and_then(|id| id.parse().ok()),
        role: role.ok_or_else(forbidden)?,
        key: field("key").and_then(|id| id.parse().ok()),
        person: field("person").and_then(|id| id.parse().ok()),
        expires_at: field("expires_at").and_then(|at| at.parse().ok()),
    };
    Ok((caller, gateway.route_key.clone().unwrap_or_default()))
}

/// The source address that the gateway reports, never `X-Forwarded-For`.
pub fn source_ip(request: &Request) -> Option<&str> {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
        _ => None,
    }
}

/// The reader's language, from `Accept-Language`.
pub fn language(request: &Request) -> Language {
    let header = request.headers().get("accept-language").and_then(|value| value.to_str().ok());
    Language::accepted(header)
}

/// Serves one event of the gateway with a handler, which gets the operation of the request's route
/// after the check of the caller's role. Turns an error into a problem response, and logs the cause
/// of a 5xx once.
pub async fn serve<O, F, R>(
    event: LambdaEvent<LambdaRequest>,
    handler: F,
) -> Result<impl Serialize + use<O, F, R>, lambda_runtime::Error>
where
    O: TryFrom<Operation, Error = ApiError>,
    F: Fn(O, Call) -> R + Send + Sync,
    R: Future<Output = Answer> + Send,
{
    let handler = &handler;
    serve_open(event, move |request: Request| async move {
        // A browser's CORS preflight; the gateway adds the CORS headers.
        if request.method() == Method::OPTIONS {
            return Ok(no_content());
        }
        answer(request, handler).await
    })
    .await
}

/// Like [`serve`], for routes without an authorizer: the handler gets every request.
///
/// A response that sets no `cache-control` of its own is stored by no cache, because it may hold
/// a secret or a person's data.
pub async fn serve_open<F, R>(
    event: LambdaEvent<LambdaRequest>,
    handler: F,
) -> Result<Value, lambda_runtime::Error>
where
    F: Fn(Request) -> R + Send + Sync,
    R: Future<Output = Answer> + Send,
{
    let handler = &handler;
    let service = service_fn(move |request: Request| async move {
        let language = language(&request);
        let answer = handler(request).await;
        let mut response = answer.unwrap_or_else(|error| problem(&error, language));
        if !response.headers().contains_key("cache-control") {
            header(&mut response, "cache-control", "no-store");
        }
        Ok::<_, lambda_runtime::Error>(response)
    });
    let reply = Adapter::from(service).call(event).await?;
    // The reply borrows nothing, but its type says so: return it as plain JSON.
    Ok(serde_json::to_value(reply)?)
}

async fn answer<O, F, R>(request: Request, handler: &F) -> Answer
where
    O: TryFrom<Operation, Error = ApiError>,
    F: Fn(O, Call) -> R,
    R: Future<Output = Answer>,
{
    let (caller, key) = context(&request)?;
    let path = request.path_parameters().iter().map(owned).collect();
    let route = match Route::of(&key, request.uri().path(), &path) {
        Ok(route) => route,
        Err(Unserved::Path) => return Err(ApiError::not_found()),
        Err(Unserved::Method(methods)) => {
            return Ok(method_not_allowed(language(&request), &methods));
        }
    };
    let operation = O::try_from(route.operation)?;
    let workspace = caller.workspace(route.role)?;
    let query = request.query_string_parameters().iter().map(owned).collect();
    handler(operation, Call { caller, workspace, route, path, query, request }).await
}

/// 204.
pub fn no_content() -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// An error as a problem response. Logs the cause of a 5xx.
pub fn problem(error: &ApiError, language: Language) -> Response<Body> {
    if error.status >= 500 {
        tracing::error!(
            error.code = error.code.as_str(),
            error.cause = error.cause,
            "request failed"
        );
    }
    let body = error.to_problem(language).to_string();
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = StatusCode::from_u16(error.status).unwrap_or_default();
    header(&mut response, "content-type", "application/problem+json");
    if let Some(seconds) = error.retry_after() {
        header(&mut response, "retry-after", seconds);
    }
    response
}

/// 405 `method_not_allowed`, with the methods that the path accepts.
pub fn method_not_allowed(language: Language, methods: &str) -> Response<Body> {
    let mut response = problem(&ApiError::new(405, Code::MethodNotAllowed), language);
    header(&mut response, "allow", methods);
    response
}

/// A JSON response.
pub fn json(status: u16, body: &impl Serialize) -> Answer {
    let text = serde_json::to_string(body).map_err(ApiError::internal)?;
    let mut response = Response::new(Body::Text(text));
    *response.status_mut() = StatusCode::from_u16(status).map_err(ApiError::internal)?;
    header(&mut response, "content-type", "application/json");
    Ok(response)
}

/// A name with its value in a response: a header or a parameter.
#[derive(Debug, Serialize)]
pub struct Pair<T> {
    name: T,
    value: T,
}

impl From<(String, String)> for Pair<String> {
    fn from((name, value): (String, String)) -> Self {
        Self { name, value }
    }
}

impl<'a> From<&'a (String, String)> for Pair<&'a str> {
    fn from((name, value): &'a (String, String)) -> Self {
        Self { name, value }
    }
}

/// The `ETag` of a version.
pub fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// Sets a response header. An invalid header value is omitted.
pub fn header(response: &mut Response<Body>, name: &'static str, value: &str) {
    if let Ok(value) = value.parse() {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn te_03_a_role_allows_what_lesser_roles_are_allowed() {
        let ws = WorkspaceId::from_bytes([7; 16]);
        let of = |role, workspace, least| {
            let caller = Caller { workspace, role, key: None, person: None, expires_at: None };
            caller.workspace(least).map_err(|error| (error.status, error.params["role"].clone()))
        };
        let refused = |role: &str| Err((403, role.to_owned()));
        assert_eq!(of(Role::Operator, Some(ws), Role::Operator), Ok(ws));
        assert_eq!(of(Role::Admin, Some(ws), Role::Operator), Ok(ws));
        assert_eq!(of(Role::Viewer, Some(ws), Role::Operator), refused("operator"));
        // The deployment's own key has no workspace: it only creates workspaces.
        assert_eq!(of(Role::Owner, None, Role::Viewer), refused("viewer"));
        assert_eq!(of(Role::Owner, None, Role::Owner), Ok(WorkspaceId::from_bytes([0; 16])));
        assert_eq!(of(Role::Admin, Some(ws), Role::Owner), refused("owner"));
    }
}
