//! The settings of a rule: read and validated.

use std::collections::BTreeSet;

use gancho_domain::{
    common::condition::{self, Unsound},
    outbound::rule::{Body, Filter, MappedField, Method, Target},
};
use gancho_edge::{problem::ApiError, validate};
use serde::Deserialize;

/// The maximum number of types, origins, stages or statuses of a filter.
const NAMED: usize = 50;
/// The maximum number of fields of a mapped body (`FACTS S3.13`).
const FIELDS: usize = 100;
/// The first keys that a path into the standard body can have.
const ROOTS: [&str; 7] = ["id", "type", "version", "occurred_at", "workspace", "subject", "data"];

/// The settings of a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) name: String,
    #[serde(default = "yes")]
    pub(crate) active: bool,
    pub(crate) filter: Filter,
    pub(crate) target: Target,
    #[serde(default = "post")]
    pub(crate) method: Method,
    #[serde(default = "standard")]
    pub(crate) body: Body,
}

fn yes() -> bool {
    true
}

fn post() -> Method {
    Method::Post
}

fn standard() -> Body {
    Body::Standard
}

/// Validates a filter. Its size is limited, because it is evaluated for every event. Types that are
/// not in the catalogue are a producer's own.
pub(crate) fn filter(filter: Filter) -> Result<Filter, ApiError> {
    let Filter { types, origins, stages, statuses, condition } = filter;
    if types.is_empty() {
        return Err(ApiError::invalid("filter.types", "required"));
    }
    if let Some(condition) = &condition {
        condition.check("filter.condition").map_err(unsound)?;
    }
    Ok(Filter {
        types: once("filter.types", types)?,
        origins: once("filter.origins", origins)?,
        stages: once("filter.stages", stages)?,
        statuses: once("filter.statuses", statuses)?,
        condition,
    })
}

/// The list without duplicates, in its order.
fn once<T: PartialEq>(path: &str, list: Vec<T>) -> Result<Vec<T>, ApiError> {
    validate::list_size(path, list.len(), NAMED)?;
    let mut kept = Vec::with_capacity(list.len());
    for item in list {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    Ok(kept)
}

/// Checks that a text consists of non-empty keys joined by dots.
fn keys(path: &str, text: &str) -> Result<(), ApiError> {
    condition::check_keys(path, text).map_err(unsound)
}

fn unsound(fault: Unsound) -> ApiError {
    let error = ApiError::invalid(fault.path, fault.reason);
    match fault.limit {
        Some(limit) => error.with("limit", limit),
        None => error,
    }
}

/// Validates a body. Each field of a mapped body needs a unique target.
pub(crate) fn body(body: Body) -> Result<Body, ApiError> {
    let Body::Mapped(fields) = body else { return Ok(body) };
    validate::list_size("body.mapped", fields.len(), FIELDS)?;
    if fields.is_empty() {
        return Err(ApiError::invalid("body.mapped", "required"));
    }
    let mut seen = BTreeSet::new();
    let mut kept = Vec::with_capacity(fields.len());
    for (index, MappedField { from, to }) in fields.into_iter().enumerate() {
        let path = |name: &str| format!("body.mapped[{index}].{name}");
        keys(&path("from"), &from)?;
        keys(&path("to"), &to)?;
        if !ROOTS.contains(&from.trim().split('.').next().unwrap_or_default()) {
            return Err(ApiError::invalid(path("from"), "unknown_field"));
        }
        let field = MappedField { from: from.trim().to_owned(), to: to.trim().to_owned() };
        if !seen.insert(field.to.clone()) {
            return Err(ApiError::invalid(path("to"), "duplicate"));
        }
        kept.push(field);
    }
    Ok(Body::Mapped(kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch;
    use serde_json::{Value, json};

    fn fault(part: &Value) -> (String, String) {
        let mut settings = json!({
            "name": "Para o ERP",
            "filter": {"types": ["deal.created"]},
            "target": {"endpoint": format!("ep_{}", "0".repeat(32))},
        });
        for (name, value) in part.as_object().unwrap() {
            settings[name] = value.clone();
        }
        let error = patch::read::<Settings>(&settings)
            .and_then(|it| filter(it.filter).and_then(|_| body(it.body)))
            .unwrap_err();
        (error.params["path"].clone(), error.params["reason"].clone())
    }

    fn condition(condition: &Value) -> Value {
        json!({"filter": {"types": ["a.b"], "condition": condition}})
    }

    fn nested(depth: usize) -> Value {
        let leaf = json!({"is": {"path": "a", "op": "exists"}});
        (1..depth).fold(leaf, |inner, _| json!({"all": [inner]}))
    }

    #[test]
    fn te_05_a_filter_says_what_is_wrong_with_it() {
        let is = |path: &str, op: &str, value: Value| {
            condition(&json!({"is": {"path": path, "op": op, "value": value}}))
        };
        let leaf = json!({"is": {"path": "a", "op": "exists"}});
        let many = json!({"any": vec![leaf; 51]});
        let table = [
            (json!({"filter": {"types": []}}), "filter.types", "required"),
            (json!({"filter": {}}), "filter.types", "required"),
            (json!({"filter": {"types": vec!["a.b"; 51]}}), "filter.types", "too_many"),
            (json!({"filter": {"types": ["a"], "stage": []}}), "filter.stage", "unknown_field"),
            (condition(&many), "filter.condition", "too_complex"),
            (condition(&nested(6)), "filter.condition", "too_complex"),
            (condition(&json!({"all": []})), "filter.condition.all", "required"),
            (is("", "eq", json!(1)), "filter.condition.is.path", "required"),
            (is("a..b", "eq", json!(1)), "filter.condition.is.path", "unknown_value"),
            (is("a", "in", json!(1)), "filter.condition.is.value", "wrong_type"),
            (is("a", "in", json!([])), "filter.condition.is.value", "required"),
            (is("a", "gt", json!(true)), "filter.condition.is.value", "wrong_type"),
            (is("a", "eq", json!({})), "filter.condition.is.value", "wrong_type"),
            (is("a", "exists", json!(1)), "filter.condition.is.value", "unknown_field"),
            (is("a", "eq", json!("x".repeat(5_000))), "filter.condition.is.value", "too_long"),
        ];
        for (part, path, reason) in table {
            assert_eq!(fault(&part), (path.to_owned(), reason.to_owned()), "{part}");
        }
        let deep =
            filter(patch::read(&json!({"types": ["a.b", "a.b"], "condition": nested(5)})).unwrap());
        assert_eq!(deep.unwrap().types.len(), 1);
    }

    #[test]
    fn s3_13_a_mapped_body_names_fields_that_there_are_each_once() {
        let mapped = |fields: Value| json!({"body": {"mapped": fields}});
        let field = |from: &str, to: &str| json!({"from": from, "to": to});
        let many: Vec<Value> = (0..101).map(|n| field("data.a", &format!("f{n}"))).collect();
        let table = [
            (mapped(json!([])), "body.mapped", "required"),
            (mapped(json!(many)), "body.mapped", "too_many"),
            (mapped(json!([field("title", "a")])), "body.mapped[0].from", "unknown_field"),
            (mapped(json!([field("data..a", "a")])), "body.mapped[0].from", "unknown_value"),
            (mapped(json!([field("data.a", "")])), "body.mapped[0].to", "required"),
            (
                mapped(json!([field("data.a", "x"), field("data.b", "x")])),
                "body.mapped[1].to",
                "duplicate",
            ),
            (mapped(json!([{"from": "data.a"}])), "body.mapped[0].to", "required"),
            (json!({"method": "DELETE"}), "method", "unknown_value"),
            (json!({"target": {"queue": "x"}}), "target", "unknown_value"),
        ];
        for (part, path, reason) in table {
            let (found, given) = fault(&part);
            assert_eq!(given, reason, "{part}");
            assert!(found.starts_with(path), "{part}: {found}");
        }
    }
}
