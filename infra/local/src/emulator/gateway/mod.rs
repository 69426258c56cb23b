//! API Gateway's HTTP API: routes, the authorizer and the limits of the template's API, in front of
//! the functions. [`event`] creates a function's event, `response` reads its answer.

mod authorizer;
pub mod event;
pub mod limits;
mod response;
pub mod routes;
mod server;

use std::{net::IpAddr, sync::Arc};

use axum::body::Bytes;
use http::{StatusCode, request::Parts};
use serde_json::Value;

pub use authorizer::{Authorizer, AuthorizerSettings};
pub(crate) use server::{Server, bind};

use crate::emulator::{
    activity::Activity,
    answer::{Answer, internal_error, message},
    clock::HostClock,
    control_api::ControlApi,
    lambda::{InvokeError, Lambda},
};
use event::Request;
use routes::Routes;

/// A private header that names the source address, honoured only where tests ask for it.
pub const SOURCE_HEADER: &str = "x-gancho-test-source-ip";

/// The target of a route.
#[derive(Debug, Clone)]
pub struct Target {
    /// The function.
    pub lambda: Arc<Lambda>,
    /// The authorizer, if the route has one.
    pub authorizer: Option<Arc<Authorizer>>,
}

/// The HTTP API.
#[derive(Debug)]
pub struct Gateway {
    /// Its routes.
    pub routes: Routes<Target>,
    /// The time in events.
    pub clock: HostClock,
    /// Counts work in progress.
    pub activity: Activity,
    /// The host's own API.
    pub control_api: ControlApi,
    /// `true` if [`SOURCE_HEADER`] is honoured.
    pub trust_source_header: bool,
}

impl Gateway {
    /// Answers one request whose body was read up to the gateway's limit.
    pub async fn answer(&self, parts: Parts, body: Result<Bytes, ()>, peer: IpAddr) -> Answer {
        let _busy = self.activity.begin();
        if limits::head_size(&parts) > limits::HEAD_LIMIT {
            return limits::head_too_large();
        }
        let Ok(body) = body else { return limits::too_long() };
        let Some(request) = self.request(parts, body, peer) else {
            return message(StatusCode::BAD_REQUEST, "Bad Request");
        };
        let Some(found) = self.routes.find(&request.method, &request.path) else {
            return message(StatusCode::NOT_FOUND, "Not Found");
        };
        let mut event = request.event(found.route_key, &found.parameters);
        if let Some(authorizer) = &found.target.authorizer {
            match authorizer.admit(&request, &event, found.route_key).await {
                Ok(context) => event::authorize(&mut event, &context),
                Err(refusal) => return refusal,
            }
        }
        invoke(&found.target.lambda, &event, &request).await
    }

    fn request(&self, mut parts: Parts, body: Bytes, peer: IpAddr) -> Option<Request> {
        let named = parts.headers.remove(SOURCE_HEADER).filter(|_| self.trust_source_header);
        let named = named.as_ref().and_then(|value| value.to_str().ok()?.parse().ok());
        Request::new(parts, body, named.unwrap_or(peer), self.clock.now())
    }
}

async fn invoke(lambda: &Lambda, event: &Value, request: &Request) -> Answer {
    match tokio::time::timeout(limits::INTEGRATION_TIMEOUT, lambda.invoke(event)).await {
        Ok(Err(InvokeError::TooLarge)) => limits::too_long(),
        Err(_) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        Ok(Err(_)) => internal_error(),
        Ok(Ok(answer)) => response::read(&answer, &request.id).unwrap_or_else(internal_error),
    }
}
