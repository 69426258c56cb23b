//! The settings of an endpoint: read and validated.

use gancho_domain::{
    common::{
        code::Code,
        ids::EndpointId,
        mask,
        secret::{Rotating, Secret},
    },
    outbound::{
        endpoint::{Endpoint, Limits, Policy, Preset, Suspension, Trip},
        render,
        target_url::{BadUrl, TargetUrl, UrlRules},
    },
};
use gancho_edge::{problem::ApiError, validate};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::patch::{self, Object};

/// The maximum number of an endpoint's own headers.
const HEADERS: usize = 20;
/// The maximum length of a header name in bytes.
const HEADER_NAME: usize = 100;
/// The maximum length of a header value in bytes.
const HEADER_VALUE: usize = 2_000;
/// The maximum number of waits.
const WAITS: usize = 20;
/// The allowed wait between two attempts, in seconds.
const WAIT: std::ops::RangeInclusive<u32> = 1..=86_400;
/// The maximum sum of all waits in seconds: seven days.
const ALL_WAITS: u64 = 7 * 86_400;
/// The allowed time before a suspended endpoint is probed, in seconds.
const REST: std::ops::RangeInclusive<u32> = 10..=604_800;

/// The settings of an endpoint.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    name: String,
    url: String,
    /// Already merged into the policy by [`Settings::over`].
    #[serde(default, rename = "preset")]
    _preset: Option<Preset>,
    policy: Policy,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    limits: Limits,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    name: String,
    value: String,
}

impl Settings {
    /// Merges `patch` into `object`. A preset replaces the policy; fields of the policy then
    /// replace the preset's fields.
    pub(crate) fn over(mut object: Object, patch: Object) -> Result<Self, ApiError> {
        if let Some(given) = patch.get("preset").filter(|given| !given.is_null()) {
            let reason = if given.is_string() { "unknown_value" } else { "wrong_type" };
            let preset: Preset = serde_json::from_value(given.clone())
                .map_err(|_| ApiError::invalid("preset", reason))?;
            let policy = patch::object(&bare(&preset.policy()))?;
            object.insert("policy".to_owned(), Value::Object(policy));
        }
        if let Some(Value::Object(policy)) = patch.get("policy")
            && policy.contains_key("preset")
        {
            return Err(ApiError::invalid("policy.preset", "unknown_field"));
        }
        patch::over(object, patch)
    }

    /// Creates an endpoint with these settings.
    pub(crate) fn new_endpoint(
        self,
        rules: &UrlRules<'_>,
        (id, secret): (EndpointId, Secret),
        at: Timestamp,
    ) -> Result<Endpoint, ApiError> {
        Ok(Endpoint {
            id,
            name: validate::text("name", &self.name, validate::NAME)?,
            url: target(&self.url, rules)?,
            secret: Rotating::new(secret),
            headers: headers(self.headers, &[])?,
            policy: policy(self.policy)?,
            limits: limits(self.limits)?,
            version: 1,
            created_at: at,
            updated_at: at,
        })
    }

    /// The endpoint with these settings instead of its previous ones. An unchanged URL is not
    /// checked here, because it is checked before each request.
    pub(crate) fn changed(
        self,
        rules: &UrlRules<'_>,
        before: &Endpoint,
    ) -> Result<Endpoint, ApiError> {
        let url = if self.url == before.url.as_str() {
            before.url.clone()
        } else {
            target(&self.url, rules)?
        };
        Ok(Endpoint {
            name: validate::text("name", &self.name, validate::NAME)?,
            url,
            headers: headers(self.headers, &before.headers)?,
            policy: policy(self.policy)?,
            limits: limits(self.limits)?,
            ..before.clone()
        })
    }
}

/// Parses a URL; 422 if the rules do not allow it.
pub(crate) fn target(text: &str, rules: &UrlRules<'_>) -> Result<TargetUrl, ApiError> {
    TargetUrl::parse(text.trim(), rules).map_err(|error| {
        let code = match error {
            BadUrl::NotAllowed => Code::UrlNotAllowed,
            BadUrl::Forbidden => Code::TargetIpForbidden,
        };
        ApiError::new(422, code).with("path", "url")
    })
}

/// The host name of a URL or of a `Host` header, without the port.
pub(crate) fn host_of(text: &str) -> String {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = match rest.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        Some(_) | None => rest,
    };
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn in_range<T: PartialOrd>(
    path: &str,
    value: &T,
    range: &std::ops::RangeInclusive<T>,
) -> Result<(), ApiError> {
    if range.contains(value) { Ok(()) } else { Err(ApiError::invalid(path, "out_of_range")) }
}

/// Checks a policy's limits, and sets the preset's name if the policy equals a preset.
fn policy(policy: Policy) -> Result<Policy, ApiError> {
    in_range("policy.timeout_ms", &policy.timeout_ms, &(1_000..=10_000))?;
    in_range("policy.jitter_percent", &policy.jitter_percent, &(0..=50))?;
    validate::list_size("policy.waits", policy.waits.len(), WAITS)?;
    for (index, wait) in policy.waits.iter().enumerate() {
        in_range(&format!("policy.waits[{index}]"), wait, &WAIT)?;
    }
    let all: u64 = policy.waits.iter().copied().map(u64::from).sum();
    in_range("policy.waits", &all, &(0..=ALL_WAITS))?;
    if let Some(suspension) = &policy.suspension {
        suspension_in_range(suspension)?;
    }
    let named =
        |preset: &Preset| Policy { preset: Some(*preset), ..policy.clone() } == preset.policy();
    let preset = Preset::ALL.into_iter().find(named);
    Ok(Policy { preset, ..policy })
}

fn suspension_in_range(suspension: &Suspension) -> Result<(), ApiError> {
    let path = "policy.suspension";
    match suspension.trip {
        Trip::Window { more_than, seconds, percent } => {
            in_range(&format!("{path}.trip.window.more_than"), &more_than, &(1..=200))?;
            in_range(&format!("{path}.trip.window.seconds"), &seconds, &(60..=3_600))?;
            in_range(&format!("{path}.trip.window.percent"), &percent, &(0..=100))?;
        }
        Trip::Streak { failures } => {
            in_range(&format!("{path}.trip.streak.failures"), &failures, &(1..=200))?;
        }
    }
    let rest = suspension.probe_after.as_ref();
    rest.map_or(Ok(()), |rest| in_range(&format!("{path}.probe_after"), rest, &REST))
}

fn limits(limits: Limits) -> Result<Limits, ApiError> {
    if let Some(max_concurrency) = &limits.max_concurrency {
        in_range("limits.max_concurrency", max_concurrency, &(1..=50))?;
    }
    if let Some(rate_per_second) = &limits.rate_per_second {
        in_range("limits.rate_per_second", rate_per_second, &(1..=100))?;
    }
    Ok(limits)
}

/// Validates the headers. A mask instead of a secret keeps the previous value.
fn headers(
    requested: Vec<Header>,
    before: &[(String, String)],
) -> Result<Vec<(String, String)>, ApiError> {
    validate::list_size("headers", requested.len(), HEADERS)?;
    let mut kept: Vec<(String, String)> = Vec::with_capacity(requested.len());
    for (index, header) in requested.into_iter().enumerate() {
        let path = format!("headers[{index}]");
        let name = header_name(&path, &header.name)?;
        if kept.iter().any(|(known, _)| *known == name) {
            return Err(ApiError::invalid(format!("{path}.name"), "duplicate"));
        }
        let had = before.iter().find(|(known, _)| *known == name);
        let masked = header.value == mask::MASK && mask::is_secret(&name);
        let value = match had {
            Some((_, had)) if masked => had.clone(),
            Some(_) | None => header_value(&path, &header.value)?,
        };
        kept.push((name, value));
    }
    Ok(kept)
}

/// The header name in lower case. Headers that Gancho or HTTP sets, or that would change the
/// request, are refused (`CATALOGUE OU-18, SS-14`).
fn header_name(path: &str, name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if !(1..=HEADER_NAME).contains(&name.len()) || !name.bytes().all(token) {
        return Err(ApiError::invalid(format!("{path}.name"), "invalid_header"));
    }
    let name = name.to_ascii_lowercase();
    if name.starts_with("proxy-") || !render::may_be_set(&name, "") {
        let error = ApiError::new(422, Code::HeaderNotAllowed).with("header", name);
        return Err(error.with("path", format!("{path}.name")));
    }
    Ok(name)
}

/// A header value of visible ASCII and spaces, which all servers read in the same way (RFC 9110,
/// 5.5).
fn header_value(path: &str, value: &str) -> Result<String, ApiError> {
    let value = value.trim();
    let good = value.len() <= HEADER_VALUE && value.bytes().all(|b| (b' '..=b'~').contains(&b));
    let invalid = || ApiError::invalid(format!("{path}.value"), "invalid_header");
    good.then(|| value.to_owned()).ok_or_else(invalid)
}

/// The initial settings of an endpoint (`FACTS D3`).
pub(crate) fn template() -> Result<Object, ApiError> {
    let policy = patch::object(&bare(&Preset::StandardWebhooks.policy()))?;
    Ok(Object::from_iter([("policy".to_owned(), Value::Object(policy))]))
}

/// A policy without its preset's name, which is a field of its own.
pub(super) fn bare(policy: &Policy) -> Policy {
    Policy { preset: None, ..policy.clone() }
}

#[cfg(test)]
mod tests;
