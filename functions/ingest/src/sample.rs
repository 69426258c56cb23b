//! `POST /v1/integrations/{integration}/test`: sends a signed sample to an integration, by the road of
//! a sender's request (decision 0073).
//!
//! The sample is signed with the integration's own secrets and passes its methods, its allowed
//! addresses and its checks. Only the cache of targets is passed over, because it may hold the
//! settings of five seconds ago.

use std::{borrow::Cow, collections::BTreeMap};

use gancho_domain::{
    common::{
        code::{Code, message},
        ids::WebhookId,
        token,
    },
    inbound::{
        applications,
        integration::{DedupeSource, Integration, Method},
        verify,
        webhook::Test,
    },
};
use gancho_edge::{
    http::{self, Call},
    idempotency::{self, Reply, Reservation},
    problem::ApiError,
    query::Query,
    validate,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{App, Target, take, trigger::Incoming};

/// The content type of a body without one.
const JSON: &str = "application/json";
/// The longest content type, in characters.
const MEDIA: usize = 255;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleRequest {
    /// The body; the sample of the application by default.
    #[serde(default)]
    body: Option<String>,
    /// The content type of the given body.
    #[serde(default)]
    content_type: Option<String>,
    /// True to apply the webhook, as one of a sender.
    #[serde(default)]
    apply: bool,
}

/// The result of a test.
#[derive(Debug, Serialize)]
struct SampleResult {
    /// The status that a sender would have got.
    status: u16,
    /// The stored webhook, if it was not refused.
    webhook: Option<WebhookId>,
    /// The reason of a refusal.
    refused: Option<RefusedView>,
    /// The path of the webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_url: Option<String>,
}

#[derive(Debug, Serialize)]
struct RefusedView {
    code: Code,
    params: BTreeMap<String, String>,
    message: String,
}

/// The content of a test.
struct Sample<'a> {
    headers: Vec<(String, String)>,
    body: Cow<'a, str>,
}

/// Answers 200 with the result, also if the door refuses the sample.
pub(crate) async fn send(app: &App, call: &Call) -> http::Answer {
    Query::of(call, &[])?;
    let empty = call.request.body().trim_ascii().is_empty();
    let requested: SampleRequest = if empty { SampleRequest::default() } else { call.json()? };
    if requested.content_type.is_some() && requested.body.is_none() {
        return Err(ApiError::invalid("body", "required"));
    }
    let now = app.deps.clock.now();
    let request = async |reservation| test(app, call, &requested, &reservation).await;
    idempotency::execute(&app.store, call, (app.deps.ids.token(), now), request).await
}

async fn test(
    app: &App,
    call: &Call,
    requested: &SampleRequest,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let ws = reservation.workspace;
    let (workspace, integration) = futures::try_join!(
        app.store.workspace(ws),
        app.store.integration(ws, call.id("integration")?)
    )?;
    let (Some(workspace), Some(integration)) = (workspace, integration) else {
        return Err(ApiError::not_found());
    };
    let token = token::ingest(&workspace.secret, ws, integration.id, integration.token_generation);
    let target = Target::read(&app.store, ws, &token).await?.ok_or_else(ApiError::not_found)?;
    let webhook = webhook(app, &target, reservation);
    let kind = if requested.apply { Test::Apply } else { Test::Preview };
    // The time of this execution: a signature of the first one may be too old.
    let now = app.deps.clock.now();
    let sample = Sample::of(requested, &target.integration, webhook)?;
    let incoming = sample.signed(&target.integration, (token, call), (webhook, now));
    let result = match take(app, &target, incoming, (webhook, Some(kind)), now).await {
        Ok(()) => SampleResult {
            status: target.integration.success_status,
            webhook: Some(webhook),
            refused: None,
            status_url: Some(format!(
                "/v1/origins/{}/webhooks/{webhook}",
                target.integration.origin
            )),
        },
        // Nothing was refused: the webhook could not be stored.
        Err(error) if error.status >= 500 => return Err(error),
        Err(error) => SampleResult::refused(error, call),
    };
    Reply::of(200, &result)
}

/// The id of the webhook; a repetition of the request has the same one.
fn webhook(app: &App, target: &Target, reservation: &Reservation) -> WebhookId {
    let entropy = app.deps.ids.entropy();
    let (workspace, integration) = (target.workspace.key(), target.integration.id.key());
    let cause = ["test", &workspace, &integration];
    let id = reservation.id(WebhookId::new, WebhookId::derived, (entropy, &cause));
    id.with_shard(id.shard() % target.write_shards)
}

impl SampleResult {
    fn refused(error: ApiError, call: &Call) -> Self {
        let ApiError { status, code, params, .. } = error;
        let message = message(code, &params, call.language());
        let refused = Some(RefusedView { code, params, message });
        Self { status, webhook: None, refused, status_url: None }
    }
}

impl<'a> Sample<'a> {
    /// The given body, or the sample of the application with the headers that its sender adds.
    fn of(
        requested: &'a SampleRequest,
        integration: &Integration,
        webhook: WebhookId,
    ) -> Result<Self, ApiError> {
        if let Some(body) = &requested.body {
            let media = requested.content_type.as_deref().unwrap_or(JSON);
            let media = validate::text("content_type", media, MEDIA)?;
            let headers = vec![("content-type".to_owned(), media)];
            return Ok(Self { headers, body: body.into() });
        }
        let application = applications::find(&integration.application);
        let sample = &application.ok_or_else(|| ApiError::invalid("body", "required"))?.sample;
        let mut headers: BTreeMap<String, String> = sample.headers.clone();
        headers = headers.into_iter().map(|(name, it)| (name.to_ascii_lowercase(), it)).collect();
        headers.insert("content-type".to_owned(), sample.content_type.clone());
        // With the sample's own id every test but the first would be a duplicate.
        if let Some(DedupeSource::Header(name)) = integration.dedupe.as_ref().map(|it| &it.source) {
            headers.insert(name.to_ascii_lowercase(), webhook.to_string());
        }
        Ok(Self { headers: headers.into_iter().collect(), body: sample.text() })
    }

    /// The request as a sender with the integration's secrets would send it.
    fn signed(
        self,
        integration: &Integration,
        (token, call): (String, &Call),
        (webhook, now): (WebhookId, Timestamp),
    ) -> Incoming {
        let body = self.body.into_owned().into_bytes();
        let id = webhook.to_string();
        let signed = verify::sign(&integration.verification, &body, (&id, now));
        let mut headers = self.headers;
        headers.retain(|(name, _)| signed.headers.iter().all(|(other, _)| other != name));
        headers.extend(signed.headers);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(signed.query)
            .finish();
        let methods = &integration.methods;
        let post = methods.iter().find(|method| **method == Method::Post).or(methods.first());
        Incoming {
            token,
            method: post.map_or("POST", |method| method.as_str()).to_owned(),
            query,
            headers,
            source_ip: call.source_ip().unwrap_or_default().to_owned(),
            body,
        }
    }
}
