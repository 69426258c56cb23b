//! The settings of an integration: read and validated.
//!
//! On creation, the given fields are merged into the application's template; on change, into the
//! present settings. Both are validated by [`Settings::checked`].

use std::net::IpAddr;

use gancho_domain::{
    common::secret::Secret,
    crm::DealStatus,
    crm::mapping::{CompiledMapping, Mapping, MappingError, compile_path},
    inbound::{
        integration::{Action, Dedupe, DedupeSource, Integration, Method, StageOnUpdate},
        origin::Origin,
        verify::{CheckInput, Invalid, checks_from_input},
    },
};
use gancho_edge::{problem::ApiError, validate};
use ipnet::IpNet;
use jiff::Timestamp;
use serde::Deserialize;

use crate::App;

/// The maximum number of networks of an allow-list.
const NETWORKS: usize = 100;
/// The allowed values of the deduplication window, in hours.
const WINDOW: std::ops::RangeInclusive<u16> = 1..=720;

/// The settings of an integration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    name: String,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    verification: Vec<CheckInput>,
    #[serde(default)]
    allowed_ips: Vec<String>,
    #[serde(default = "post")]
    methods: Vec<Method>,
    #[serde(default = "ok")]
    success_status: u16,
    #[serde(default)]
    sniff_json: bool,
    #[serde(default)]
    dedupe: Option<Dedupe>,
    #[serde(default = "create_or_update")]
    action: Action,
    #[serde(default)]
    tag: Option<String>,
    #[serde(default)]
    stage: Option<String>,
    #[serde(default)]
    stage_on_update: StageOnUpdate,
    #[serde(default)]
    status: Option<DealStatus>,
    #[serde(default)]
    mapping: Mapping,
}

fn yes() -> bool {
    true
}

fn post() -> Vec<Method> {
    vec![Method::Post]
}

fn ok() -> u16 {
    200
}

fn create_or_update() -> Action {
    Action::CreateOrUpdateDeal
}

/// A secret that Gancho generated. It is shown only in the response that created it.
#[derive(Debug)]
pub(crate) struct Generated {
    /// The index of the check.
    pub(super) check: usize,
    /// The name of the secret's field.
    pub(super) field: &'static str,
    pub(super) secret: Secret,
}

impl Settings {
    /// The integration with these settings instead of its previous ones, and the generated secrets.
    pub(crate) fn checked(
        self,
        app: &App,
        origin: &Origin,
        before: Integration,
        now: Timestamp,
    ) -> Result<(Integration, Vec<Generated>), ApiError> {
        check_mapping(&self.mapping)?;
        if !(200..=299).contains(&self.success_status) {
            return Err(ApiError::invalid("success_status", "out_of_range"));
        }
        let mut made = Vec::new();
        let inputs = self.verification.into_iter().enumerate().map(|(check, input)| {
            let (input, secrets) = input.generate(|| app.deps.ids.secret());
            made.extend(secrets.into_iter().map(|(field, secret)| Generated {
                check,
                field,
                secret,
            }));
            input
        });
        let verification =
            checks_from_input(inputs.collect(), &before.verification, now).map_err(unsound)?;
        let stage = self.stage.as_deref().map(|text| {
            origin.stage(text).ok_or_else(|| ApiError::invalid("stage", "unknown_stage"))
        });
        let tag = self.tag.as_deref().map(|tag| validate::text("tag", tag, validate::TAG));
        let integration = Integration {
            name: validate::text("name", &self.name, validate::NAME)?,
            active: self.active,
            verification,
            allowed_ips: networks(&self.allowed_ips)?,
            methods: methods(self.methods)?,
            success_status: self.success_status,
            sniff_json: self.sniff_json,
            dedupe: self.dedupe.map(dedupe).transpose()?,
            action: self.action,
            tag: tag.transpose()?,
            stage: stage.transpose()?,
            stage_on_update: self.stage_on_update,
            status: self.status,
            mapping: self.mapping,
            ..before
        };
        Ok((integration, made))
    }
}

/// Compiles a mapping; 422 with the path of the problem if it is invalid.
pub(crate) fn check_mapping(mapping: &Mapping) -> Result<CompiledMapping, ApiError> {
    CompiledMapping::compile(mapping).map_err(|error| mapping_error(error, "mapping."))
}

fn mapping_error(MappingError { path, code, params, .. }: MappingError, below: &str) -> ApiError {
    let error = ApiError { params, ..ApiError::new(422, code) };
    error.with("path", format!("{below}{path}"))
}

fn unsound(fault: Invalid) -> ApiError {
    let error = ApiError { params: fault.params, ..ApiError::new(422, fault.code) };
    error.with("path", format!("verification{}", fault.path))
}

/// Parses addresses and networks. A single address is a network of one.
fn networks(texts: &[String]) -> Result<Vec<IpNet>, ApiError> {
    validate::list_size("allowed_ips", texts.len(), NETWORKS)?;
    let read = |(index, text): (usize, &String)| {
        let text = text.trim();
        let alone = || text.parse::<IpAddr>().map(IpNet::from);
        let network = text.parse::<IpNet>().or_else(|_| alone());
        network
            .map(|network| network.trunc())
            .map_err(|_| ApiError::invalid(format!("allowed_ips[{index}]"), "unknown_value"))
    };
    texts.iter().enumerate().map(read).collect()
}

fn methods(methods: Vec<Method>) -> Result<Vec<Method>, ApiError> {
    let mut once = Vec::new();
    for method in methods {
        if !once.contains(&method) {
            once.push(method);
        }
    }
    if once.is_empty() { Err(ApiError::invalid("methods", "required")) } else { Ok(once) }
}

fn dedupe(dedupe: Dedupe) -> Result<Dedupe, ApiError> {
    if !WINDOW.contains(&dedupe.window_hours) {
        return Err(ApiError::invalid("dedupe.window_hours", "out_of_range"));
    }
    let source = match dedupe.source {
        DedupeSource::Header(name) => DedupeSource::Header(header(&name)?),
        DedupeSource::Path(path) => DedupeSource::Path(json_path(path)?),
        DedupeSource::Body => DedupeSource::Body,
    };
    Ok(Dedupe { source, ..dedupe })
}

/// A header name in lower case (RFC 9110, 5.1).
fn header(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let good = (1..=100).contains(&name.len()) && name.bytes().all(token);
    let lower = name.to_ascii_lowercase();
    good.then_some(lower).ok_or_else(|| ApiError::invalid("dedupe.source.header", "unknown_value"))
}

/// A JSON path, with the same rules as in a mapping.
fn json_path(path: String) -> Result<String, ApiError> {
    let place = "dedupe.source.path".to_owned();
    compile_path(None, place, &path).map(|_| path).map_err(|error| mapping_error(error, ""))
}
