//! Previews the result of a mapping for a webhook. Nothing is written.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use gancho_domain::{
    common::{
        code::{Code, Language, message},
        expression::Budget,
        ids::WebhookId,
        workspace::Workspace,
    },
    crm::mapping::{
        ContactFields, Context, DealFields, FieldProblem, FieldTrace, Mapped, Mapping, Prepared,
        Target,
    },
    inbound::{
        integration::Integration,
        payload::{self, Kind, Parsed, PayloadError, PayloadWarning},
        webhook::{Remark, WebhookKey},
    },
};
use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
    query::Query,
};
use gancho_store::StoreError;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::settings;
use crate::{App, find, patch};

/// The maximum number of paths of the payload in a reply.
const PLACES: usize = 500;
/// The maximum length of a text in a reply, in characters.
const SHOWN: usize = 200;

/// The body of a request: a stored webhook or a payload, and optionally a mapping to try instead of
/// the saved one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(default, deserialize_with = "given")]
    webhook: Option<WebhookId>,
    #[serde(default, deserialize_with = "given")]
    content_type: Option<String>,
    #[serde(default, deserialize_with = "given")]
    body: Option<String>,
    #[serde(default, deserialize_with = "given")]
    body_base64: Option<String>,
    #[serde(default, deserialize_with = "given")]
    query: Option<String>,
    #[serde(default, deserialize_with = "given")]
    mapping: Option<Mapping>,
}

/// Reads a field that is present. `null` is not a value and is refused.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A payload to parse.
#[derive(Debug, Default)]
struct Payload {
    headers: Vec<(String, String)>,
    query: String,
    body: Vec<u8>,
}

/// `POST /v1/integrations/{integration}/preview`.
pub(crate) async fn preview(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let requested: Request = patch::read(&Value::Object(patch::body(call)?))?;
    let integration = find::integration(app, ws, call.id("integration")?).await?;
    let workspace = find::workspace(app, ws).await?;
    let origin = find::origin(app, ws, integration.origin).await?;
    let mapping = requested.mapping.as_ref().unwrap_or(&integration.mapping);
    let compiled = settings::check_mapping(mapping)?;
    let language = call.language();
    let payload = match requested.webhook {
        Some(id) => {
            requested.alone()?;
            match stored(app, &workspace, &integration, id).await? {
                Ok(payload) => payload,
                Err(lost) => return unread(lost, Params::new(), language),
            }
        }
        None => requested.payload()?,
    };
    let mut parsed = match payload.parse(integration.sniff_json) {
        Ok(parsed) => parsed,
        Err(error) => return unread(error.code(), error.params(), language),
    };
    let zone = workspace.zone();
    let context = Context {
        default_region: &workspace.default_region,
        zone: &zone,
        custom_fields: &workspace.custom_fields,
        origin: &origin,
    };
    let mut budget = Budget::WHOLE;
    let prepared = compiled.prepare(&mut parsed, &mut budget);
    let is_taken = prepared.is_taken == Ok(true);
    // The fields of a webhook that is not taken are not filled, as in a run.
    let mapped = is_taken.then(|| compiled.apply(&parsed, &context, &mut budget));
    http::json(200, &PreviewView::of(mapped.as_ref(), &parsed, (&prepared, language)))
}

fn unread(code: Code, params: Params, language: Language) -> Answer {
    http::json(200, &PreviewView::unread(RemarkView::of(code, params, language)))
}

/// The payload of a webhook of the integration's origin, or the code of the reason that its body
/// can no longer be read.
async fn stored(
    app: &App,
    workspace: &Workspace,
    integration: &Integration,
    webhook: WebhookId,
) -> Result<Result<Payload, Code>, ApiError> {
    let key = WebhookKey { workspace: workspace.id, origin: integration.origin, webhook };
    let missing = || ApiError::not_found().with("path", "webhook");
    let found = app.store.webhook(&key, app.deps.clock.now()).await?.ok_or_else(missing)?;
    let mut webhook = found.webhook;
    match app.store.body(&mut webhook).await {
        Ok(body) => {
            let (headers, query) = (webhook.received.headers, webhook.received.query);
            Ok(Ok(Payload { headers, query, body }))
        }
        Err(StoreError::BodyMissing) => Ok(Err(Code::PayloadMissing)),
        Err(StoreError::BodyChanged) => Ok(Err(Code::ChecksumMismatch)),
        Err(error) => Err(error.into()),
    }
}

impl Request {
    /// Refuses payload fields beside a stored webhook.
    fn alone(&self) -> Result<(), ApiError> {
        let own = [
            ("content_type", self.content_type.is_some()),
            ("body", self.body.is_some()),
            ("body_base64", self.body_base64.is_some()),
            ("query", self.query.is_some()),
        ];
        match own.iter().find(|(_, given)| *given) {
            Some((path, _)) => Err(ApiError::invalid(path, "not_with_webhook")),
            None => Ok(()),
        }
    }

    fn payload(&self) -> Result<Payload, ApiError> {
        let body = match (&self.body, &self.body_base64) {
            (Some(_), Some(_)) => return Err(ApiError::invalid("body_base64", "duplicate")),
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(text)) => STANDARD
                .decode(text)
                .map_err(|_| ApiError::invalid("body_base64", "unknown_value"))?,
            (None, None) if self.query.is_some() => Vec::new(),
            (None, None) => return Err(ApiError::invalid("body", "required")),
        };
        let media = self.content_type.clone().unwrap_or_else(|| "application/json".to_owned());
        let headers = vec![("content-type".to_owned(), media)];
        Ok(Payload { headers, query: self.query.clone().unwrap_or_default(), body })
    }
}

impl Payload {
    fn parse(&self, sniff: bool) -> Result<Parsed, PayloadError> {
        let values = |requested: &str| -> Vec<&str> {
            let named =
                self.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(requested));
            named.map(|(_, value)| value.as_str()).collect()
        };
        payload::parse(&payload::Request {
            content_types: &values("content-type"),
            content_encodings: &values("content-encoding"),
            query: &self.query,
            body: &self.body,
            sniff,
        })
    }
}

type Params = std::collections::BTreeMap<String, String>;

/// The result of a preview.
#[derive(Debug, Serialize)]
struct PreviewView<'a> {
    kind: Option<Kind>,
    result: Option<ResultView<'a>>,
    /// False if the payload cannot be read, or does not meet the condition.
    is_taken: bool,
    problems: Vec<RemarkView>,
    warnings: Vec<RemarkView>,
    trace: Vec<TraceView<'a>>,
    paths: Vec<PlaceView>,
}

/// The mapped fields.
#[derive(Debug, Serialize)]
struct ResultView<'a> {
    contact: &'a ContactFields,
    deal: &'a DealFields,
    keys: &'a [String],
}

/// A problem or a warning.
#[derive(Debug, Serialize)]
struct RemarkView {
    code: Code,
    params: Params,
    message: String,
}

/// The evaluation of one field.
#[derive(Debug, Serialize)]
struct TraceView<'a> {
    target: &'a Target,
    path: Option<&'a str>,
    matched: &'a [Value],
    result: Option<&'a Value>,
}

/// A path of the payload with its value, shortened.
#[derive(Debug, Serialize)]
struct PlaceView {
    path: String,
    value: Value,
}

impl RemarkView {
    fn of(code: Code, params: Params, language: Language) -> Self {
        let message = message(code, &params, language);
        Self { code, params, message }
    }
}

impl<'a> PreviewView<'a> {
    /// The reply for a payload that cannot be read: one problem and nothing else.
    fn unread(problem: RemarkView) -> Self {
        Self {
            kind: None,
            result: None,
            is_taken: false,
            problems: vec![problem],
            warnings: Vec::new(),
            trace: Vec::new(),
            paths: Vec::new(),
        }
    }

    fn of(
        mapped: Option<&'a Mapped>,
        parsed: &Parsed,
        (prepared, language): (&Prepared, Language),
    ) -> Self {
        let said = |it: Remark| RemarkView::of(it.code, it.params, language);
        let of_payload = |it: &PayloadWarning| RemarkView::of(it.code(), it.params(), language);
        let warnings = parsed.warnings.iter().map(of_payload);
        let warnings = warnings.chain(prepared.warnings.iter().cloned().map(said));
        let of_mapped = mapped.into_iter().flat_map(Mapped::all_warnings);
        let other = (prepared.is_taken == Ok(false)).then_some(Code::NotForThisIntegration);
        let undecided = prepared.is_taken.clone().err();
        let problems = mapped.into_iter().flat_map(|it| &it.problems).map(FieldProblem::failure);
        let places = payload::leaves(&parsed.body, PLACES).into_iter();
        Self {
            kind: Some(parsed.kind),
            result: mapped.map(ResultView::of),
            is_taken: prepared.is_taken == Ok(true),
            problems: undecided.into_iter().chain(problems).map(said).collect(),
            warnings: warnings.chain(of_mapped.chain(other.map(Remark::new)).map(said)).collect(),
            trace: mapped.into_iter().flat_map(|it| &it.trace).map(TraceView::of).collect(),
            paths: places.map(|(path, value)| PlaceView { path, value: short(value) }).collect(),
        }
    }
}

impl<'a> ResultView<'a> {
    fn of(mapped: &'a Mapped) -> Self {
        Self { contact: &mapped.contact, deal: &mapped.deal, keys: &mapped.keys }
    }
}

impl<'a> TraceView<'a> {
    fn of(trace: &'a FieldTrace) -> Self {
        Self {
            target: &trace.target,
            path: trace.path.as_deref(),
            matched: &trace.matched,
            result: trace.result.as_ref(),
        }
    }
}

fn short(value: &Value) -> Value {
    match value {
        Value::String(text) if text.chars().count() > SHOWN => {
            let start: String = text.chars().take(SHOWN).collect();
            Value::from(format!("{start}…"))
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => value.clone(),
    }
}
