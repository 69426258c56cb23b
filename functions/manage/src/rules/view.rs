//! A rule as the API shows it.

use gancho_domain::{
    common::ids::RuleId,
    outbound::rule::{Body, Filter, Method, Rule, Target},
};
use jiff::Timestamp;
use serde::Serialize;

use crate::delivery_stats::{Sent, SentView};

/// The settings of a rule.
#[derive(Debug, Serialize)]
pub(super) struct RuleSettings<'a> {
    name: &'a str,
    active: bool,
    filter: &'a Filter,
    target: Target,
    method: Method,
    body: &'a Body,
}

/// A rule, with warnings.
#[derive(Debug, Serialize)]
pub(super) struct RuleView<'a> {
    #[serde(flatten)]
    settings: RuleSettings<'a>,
    id: RuleId,
    warnings: &'static [&'static str],
    activity: SentView,
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> RuleSettings<'a> {
    pub(super) fn of(rule: &'a Rule) -> Self {
        Self {
            name: &rule.name,
            active: rule.active,
            filter: &rule.filter,
            target: rule.target,
            method: rule.method,
            body: &rule.body,
        }
    }
}

impl<'a> RuleView<'a> {
    pub(super) fn of(rule: &'a Rule, sent: &Sent) -> Self {
        Self {
            settings: RuleSettings::of(rule),
            id: rule.id,
            warnings: match rule.method {
                // The data is part of the URL and of the logs of every server on the way
                // (`FACTS S3.12`).
                Method::Get => &["get_exposes_data"],
                Method::Post | Method::Put | Method::Patch => &[],
            },
            activity: sent.of_rule(rule.id),
            version: rule.version,
            created_at: rule.created_at,
            updated_at: rule.updated_at,
        }
    }
}
