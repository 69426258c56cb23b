//! Tests that `infra/openapi.yaml` describes every route of the template and every code of the
//! domain.

use std::collections::BTreeSet;

use gancho_domain::common::code::Code;
use serde_yaml_ng::Value;

use crate::files::read;
use crate::template::events;

fn description() -> Value {
    serde_yaml_ng::from_str(&read("infra/openapi.yaml")).unwrap()
}

/// Every operation of the description, as `GET /v1/...` with its own names of parameters.
fn described() -> BTreeSet<String> {
    let methods = ["get", "put", "post", "delete", "options", "head", "patch"];
    let mut routes = BTreeSet::new();
    for (path, item) in description()["paths"].as_mapping().unwrap() {
        let used = methods.iter().filter(|method| !item[**method].is_null());
        let path = path.as_str().unwrap();
        routes.extend(used.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    routes
}

/// Every route of the template, except the catch-all routes for unknown paths and preflight
/// requests. A greedy path parameter is described as a single segment.
fn served() -> BTreeSet<String> {
    let routes = events("HttpApi").into_iter().map(|(_, _, event)| {
        format!("{} {}", event["Method"].as_str().unwrap(), event["Path"].as_str().unwrap())
    });
    let named = |route: &String| !route.ends_with("{proxy+}") && !route.ends_with("$default");
    routes.filter(named).map(|route| route.replace("+}", "}")).collect()
}

#[test]
fn every_route_is_described() {
    let described = described();
    for route in served() {
        let found = match route.strip_prefix("ANY ") {
            Some(path) => described.iter().any(|one| one.ends_with(&format!(" {path}"))),
            None => described.contains(&route),
        };
        assert!(found, "infra/openapi.yaml has no {route}");
    }
}

#[test]
fn every_described_operation_has_its_route() {
    let served = served();
    for route in described() {
        let (_, path) = route.split_once(' ').unwrap();
        let found = served.contains(&route) || served.contains(&format!("ANY {path}"));
        assert!(found, "template.yaml has no {route}");
    }
}

#[test]
fn the_description_lists_every_code_of_the_domain_and_no_other() {
    let description = description();
    let schema = &description["components"]["schemas"]["Code"]["enum"];
    let listed: BTreeSet<&str> = schema
        .as_sequence()
        .expect("a schema Code")
        .iter()
        .map(|code| code.as_str().unwrap())
        .collect();
    let known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(listed, known);
}
