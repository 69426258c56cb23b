//! Extracts the fields of the contact and the deal from the bytes of a webhook.

use gancho_domain::{
    common::{
        code::Code,
        expression::{Budget, OverBudget},
    },
    crm::mapping::{Context, FieldProblem, Mapped},
    inbound::{
        integration::DedupeSource,
        payload::{self, Parsed, PayloadWarning},
        webhook::{Received, Remark},
    },
};
use serde_json::Value;

use crate::config::Config;

/// The longest delivery id that is stored, in characters.
const DELIVERY_ID: usize = 512;

/// The result of reading a webhook's bytes.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The mapped fields; `None` if parsing failed, or if the webhook is not for the integration.
    pub(crate) fields: Option<Mapped>,
    /// The failure that ends the run.
    pub(crate) failure: Option<Remark>,
    /// The warnings for the user.
    pub(crate) warnings: Vec<Remark>,
    /// The sender's own id of the delivery.
    pub(crate) delivery_id: Option<String>,
}

impl Reading {
    /// A reading that ends the run.
    pub(crate) fn failed(failure: Remark) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }

    /// The search terms of the webhook, from the fields that were read (`FACTS S1.9`).
    pub(crate) fn found_by(&self) -> Vec<String> {
        let Some(mapped) = &self.fields else { return Vec::new() };
        let email = mapped.contact.email.iter().map(|email| format!("email:{}", email.as_str()));
        let phone = mapped.contact.phone.iter().map(|phone| format!("phone:{}", phone.as_str()));
        let keys = mapped.keys.iter().map(|key| format!("key:{key}"));
        email.chain(phone).chain(keys).collect()
    }
}

/// Parses and maps a webhook. The same bytes and configuration give the same reading.
pub(crate) fn read(config: &Config, received: &Received, body: &[u8]) -> Reading {
    let header = |name: &str| -> Vec<&str> {
        let named = received.headers.iter().filter(|(header, _)| header == name);
        named.map(|(_, value)| value.as_str()).collect()
    };
    let request = payload::Request {
        content_types: &header("content-type"),
        content_encodings: &header("content-encoding"),
        query: &received.query,
        body,
        sniff: config.integration.sniff_json,
    };
    match payload::parse(&request) {
        Ok(mut parsed) => map(config, received, &mut parsed),
        Err(error) => Reading::failed(Remark { code: error.code(), params: error.params() }),
    }
}

fn map(config: &Config, received: &Received, parsed: &mut Parsed) -> Reading {
    let Some(mapping) = &config.mapping else {
        return Reading::failed(Remark::new(Code::InvalidMapping).with("reason", "wrong_type"));
    };
    let context = Context {
        default_region: &config.workspace.default_region,
        zone: &config.zone,
        custom_fields: &config.workspace.custom_fields,
        origin: &config.origin,
    };
    // One budget for all expressions of the webhook.
    let mut budget = Budget::WHOLE;
    let prepared = mapping.prepare(parsed, &mut budget);
    let of_payload = |w: &PayloadWarning| Remark { code: w.code(), params: w.params() };
    let mut warnings: Vec<Remark> = parsed.warnings.iter().map(of_payload).collect();
    warnings.extend(prepared.warnings);
    match prepared.is_taken {
        Ok(true) => {}
        Ok(false) => {
            warnings.push(Remark::new(Code::NotForThisIntegration));
            return Reading { warnings, ..Reading::default() };
        }
        Err(failure) => return Reading { warnings, ..Reading::failed(failure) },
    }
    let mapped = mapping.apply(parsed, &context, &mut budget);
    let delivery_id = delivery_id(config, received, parsed, &mut budget);
    let mut problems = mapped.problems.iter().map(FieldProblem::failure);
    let too_costly = |_| Remark::new(Code::MappingTooCostly).with("path", "dedupe.source.path");
    let failure = problems.next().or_else(|| delivery_id.as_ref().err().copied().map(too_costly));
    warnings.extend(problems);
    warnings.extend(mapped.all_warnings());
    Reading { failure, warnings, delivery_id: delivery_id.unwrap_or(None), fields: Some(mapped) }
}

/// The sender's own id of the delivery: from a header, from the payload, or the hash of the body.
fn delivery_id(
    config: &Config,
    received: &Received,
    parsed: &Parsed,
    budget: &mut Budget,
) -> Result<Option<String>, OverBudget> {
    let Some(dedupe) = &config.integration.dedupe else { return Ok(None) };
    let id = match &dedupe.source {
        DedupeSource::Header(_) => received.delivery_id.clone(),
        DedupeSource::Body => Some(hex::encode(received.body_sha256)),
        DedupeSource::Path(_) => match &config.dedupe {
            Some(path) => path.find(&parsed.body, budget)?.first().copied().and_then(id_of),
            None => None,
        },
    };
    Ok(id.map(|id| id.chars().take(DELIVERY_ID).collect()).filter(|id: &String| !id.is_empty()))
}

fn id_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.chars().take(DELIVERY_ID).collect()),
        Value::Number(number) => Some(number.as_str().to_owned()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
