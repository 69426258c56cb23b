//! The SDK's connection to the services: one pool of connections, with faults and the record in
//! between.

use std::{sync::Arc, time::Instant};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::{Response, StatusCode},
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use serde_json::Value;
use tokio::{runtime::Handle, sync::watch};

use super::{
    Call, Effect, Faults,
    call::{consumed, parameters},
};
use crate::audit::{
    recorded_calls,
    roles::{Role, Roles},
};
use crate::emulator::{activity::Activity, json::set};

/// The service whose requests have no target header.
pub(super) const SNS: &str = "AmazonSNS";

type Outcome = Result<HttpResponse, ConnectorError>;

/// Creates the HTTP clients of functions.
#[derive(Debug, Clone)]
pub(crate) struct ClientFactory {
    pool: SharedHttpConnector,
    services: Handle,
    faults: Faults,
    activity: Activity,
    written: Arc<watch::Sender<u64>>,
    roles: Arc<Roles>,
}

impl ClientFactory {
    /// A factory whose connections live on `services`, whichever runtime a call comes from. Calls
    /// of a function with a role are refused if the role does not allow them.
    pub(crate) fn new(services: Handle, faults: Faults, activity: Activity, roles: Roles) -> Self {
        let pool = {
            let _context = services.enter();
            aws_smithy_http_client::Connector::builder().build_http()
        };
        let pool = SharedHttpConnector::new(pool);
        let written = Arc::new(watch::channel(0).0);
        Self { pool, services, faults, activity, written, roles: Arc::new(roles) }
    }

    /// Changes with every write of a client.
    pub(crate) fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// The client of one function.
    pub(crate) fn client(&self, function: &str) -> impl HttpClient + 'static {
        Client(SharedHttpConnector::new(Wire {
            function: function.to_owned(),
            role: self.roles.get(function).cloned().map(Arc::new),
            factory: self.clone(),
        }))
    }
}

#[derive(Debug)]
struct Client(SharedHttpConnector);

impl HttpClient for Client {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.clone()
    }
}

#[derive(Debug, Clone)]
struct Wire {
    function: String,
    role: Option<Arc<Role>>,
    factory: ClientFactory,
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.clone();
        let (service, operation) = target(&request);
        HttpConnectorFuture::new(async move {
            if let Some(refusal) = wire.refusal(&request, &operation) {
                return aws_error(&refusal, &service);
            }
            if wire.factory.faults.watching() {
                wire.watched(request, &service, &operation).await
            } else {
                wire.send(request, &operation).await
            }
        })
    }
}

impl Wire {
    /// IAM's refusal of a request, if its role does not allow it.
    fn refusal(&self, request: &HttpRequest, operation: &str) -> Option<super::AwsError> {
        let role = self.role.as_ref()?;
        let refused = match role.judge(operation, &parameters(request.body().bytes()?)) {
            Ok(used) => {
                recorded_calls::record(&self.function, &used);
                return None;
            }
            Err(refused) => refused,
        };
        tracing::error!(function = self.function, refused, "the role does not allow a call");
        self.factory.faults.refuse(&self.function, &refused);
        let mut error = super::AwsError::new(400, "AccessDeniedException");
        set(&mut error.fields, "message", refused);
        Some(error)
    }

    /// Sends a request. It arrives even if the caller is dropped, as with a killed function.
    async fn send(&self, request: HttpRequest, operation: &str) -> Outcome {
        let busy = self.factory.activity.begin();
        let writes = Call::writes(operation);
        let (pool, written) = (self.factory.pool.clone(), Arc::clone(&self.factory.written));
        let sent = self.factory.services.spawn(async move {
            let reply = pool.call(request).await;
            if writes {
                written.send_modify(|version| *version += 1);
            }
            drop(busy);
            reply
        });
        sent.await.unwrap_or_else(|error| Err(ConnectorError::other(error.into(), None)))
    }

    async fn watched(&self, request: HttpRequest, service: &str, operation: &str) -> Outcome {
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let call = Call::read(&self.function, operation, &body);
        let effects = self.factory.faults.effects(&call, &String::from_utf8_lossy(&body));
        let place = self.factory.faults.append(call);
        if let Some(outcome) = before(&effects, service).await {
            if let Ok(reply) = &outcome {
                let status = reply.status().as_u16();
                self.factory.faults.amend(place, |call| call.status = Some(status));
            }
            return outcome;
        }
        let metered = service.starts_with("DynamoDB") && self.factory.faults.metering();
        let request = if metered { ask_for_capacity(request, &body) } else { request };
        if effects.iter().any(|effect| matches!(effect, Effect::Duplicate))
            && let Some(copy) = request.try_clone()
        {
            _ = self.send(copy, operation).await;
        }
        let sent = Instant::now();
        let reply = self.send(request, operation).await?;
        if reply.status().is_success() {
            record_instants(&effects, sent, &body);
        }
        let reply = self.weigh(reply, place).await?;
        after(&effects, reply, &body).await
    }

    /// Records the reply.
    async fn weigh(&self, reply: HttpResponse, place: usize) -> Outcome {
        let status = reply.status();
        let headers = reply.headers().clone();
        let bytes = ByteStream::new(reply.into_body()).collect().await;
        let bytes = bytes.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
        self.factory.faults.amend(place, |call| {
            call.status = Some(status.as_u16());
            call.response_bytes = bytes.len();
            (call.units, call.rows) = consumed(&bytes);
            call.capacity = call.units.iter().map(|(_, units)| units).sum();
        });
        let mut reply = Response::new(status, SdkBody::from(bytes));
        *reply.headers_mut() = headers;
        Ok(reply)
    }
}

/// Applies the effects before a request is sent; an outcome ends the call.
async fn before(effects: &[Effect], service: &str) -> Option<Outcome> {
    for effect in effects {
        match effect {
            Effect::PreError(error) => return Some(aws_error(error, service)),
            Effect::LoseRequest => return Some(Err(lost())),
            Effect::Delay(wait) => tokio::time::sleep(*wait).await,
            Effect::HoldBefore(gate) => gate.stand().await,
            Effect::LoseReply
            | Effect::Truncate
            | Effect::Duplicate
            | Effect::HoldAfter(_)
            | Effect::Record(_)
            | Effect::Stale(_) => {}
        }
    }
    None
}

/// Records a call that the service executed, for the rules that requested it.
fn record_instants(effects: &[Effect], sent: Instant, body: &[u8]) {
    for effect in effects {
        if let Effect::Record(instants) = effect {
            instants.add(sent, body);
        }
    }
}

/// Applies the effects on a reply.
async fn after(effects: &[Effect], mut reply: HttpResponse, request: &[u8]) -> Outcome {
    for effect in effects {
        match effect {
            Effect::LoseReply => return Err(lost()),
            Effect::HoldAfter(gate) => gate.stand().await,
            Effect::Truncate => {
                let bytes = reply.body().bytes().unwrap_or_default();
                let half = bytes.get(..bytes.len() / 2).unwrap_or_default().to_vec();
                *reply.body_mut() = SdkBody::from(half);
            }
            Effect::Stale(replies) if reply.status().is_success() => {
                let first = replies.first(request, reply.body().bytes().unwrap_or_default());
                *reply.body_mut() = SdkBody::from(first);
            }
            Effect::PreError(_)
            | Effect::LoseRequest
            | Effect::Delay(_)
            | Effect::Duplicate
            | Effect::HoldBefore(_)
            | Effect::Record(_)
            | Effect::Stale(_) => {}
        }
    }
    Ok(reply)
}

fn lost() -> ConnectorError {
    let error = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "lost, as a fault says");
    ConnectorError::io(error.into())
}

fn aws_error(error: &super::AwsError, service: &str) -> Outcome {
    let status = StatusCode::try_from(error.status)
        .map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut reply = Response::new(status, SdkBody::from(error.body(service)));
    let kind = if service == SNS { "text/xml" } else { "application/x-amz-json-1.0" };
    reply.headers_mut().insert("content-type", kind);
    if service == "AmazonSQS" {
        let fault = if error.status < 500 { "Sender" } else { "Receiver" };
        reply.headers_mut().insert("x-amzn-query-error", format!("{};{fault}", error.code));
    }
    Ok(reply)
}

/// Splits `DynamoDB_20120810.PutItem` into service and operation; SNS names its action in a form.
fn target(request: &HttpRequest) -> (String, String) {
    let Some(target) = request.headers().get("x-amz-target") else {
        let form = parameters(request.body().bytes().unwrap_or_default());
        let action = form.get("Action").and_then(Value::as_str).unwrap_or_default();
        return (SNS.to_owned(), action.to_owned());
    };
    let (service, operation) = target.split_once('.').unwrap_or_default();
    (service.to_owned(), operation.to_owned())
}

/// Requests the consumed capacity. The emulator checks no signature, so a request may still be
/// changed here.
fn ask_for_capacity(mut request: HttpRequest, body: &[u8]) -> HttpRequest {
    let Ok(mut parameters) = serde_json::from_slice::<Value>(body) else { return request };
    if parameters.get("ReturnConsumedCapacity").is_none() {
        set(&mut parameters, "ReturnConsumedCapacity", "TOTAL");
    }
    let body = parameters.to_string();
    request.headers_mut().insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
    request
}
