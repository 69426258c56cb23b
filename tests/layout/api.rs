//! Tests that `template.yaml` and `infra/openapi.yaml` have the routes of the table in
//! `edge::routes`, and that the description has every code of the domain.

use std::collections::{BTreeMap, BTreeSet};

use gancho_domain::common::{code::Code, workspace::Role};
use gancho_edge::routes::{ROUTES, Route};
use serde_yaml_ng::Value;

use crate::files::read;
use crate::rooms::production;
use crate::template::events;

fn description() -> Value {
    serde_yaml_ng::from_str(&read("infra/openapi.yaml")).unwrap()
}

/// The operations of the description by method and path, with the parameters of each.
fn described() -> BTreeMap<String, Value> {
    let methods = ["get", "put", "post", "delete", "options", "head", "patch"];
    let mut routes = BTreeMap::new();
    for (path, item) in description()["paths"].as_mapping().unwrap() {
        let used = methods.iter().filter(|method| !item[**method].is_null());
        let path = path.as_str().unwrap();
        routes
            .extend(used.map(|one| (format!("{} {path}", one.to_uppercase()), item[*one].clone())));
    }
    routes
}

/// The API's routes of the template, each with the name of its function.
fn served() -> BTreeSet<(String, String)> {
    let text = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
    let routes = events("HttpApi").into_iter().map(|(function, _, event)| {
        let route = format!("{} {}", text(&event, "Method"), text(&event, "Path"));
        (route, function.to_lowercase())
    });
    routes.filter(|(route, _)| route.contains(" /v1")).collect()
}

fn key(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

#[test]
fn the_template_has_the_routes_of_the_table_and_no_others() {
    let table = ROUTES.iter().map(|route| (key(route), route.function.to_owned()));
    assert_eq!(served(), table.collect());
}

/// The role in a summary: `(admin)`, `(operator)`, `(the deployment's key)`; without one, any role.
fn role(summary: &str) -> Role {
    let marks = [
        ("(operator)", Role::Operator),
        ("(admin)", Role::Admin),
        ("(the deployment's key)", Role::Owner),
    ];
    let found = marks.into_iter().find(|(mark, _)| summary.contains(mark));
    found.map_or(Role::Viewer, |(_, role)| role)
}

#[test]
fn the_description_has_the_routes_of_the_table_and_no_others() {
    let of_api = described().into_iter().filter(|(key, _)| key.contains(" /v1"));
    let described: BTreeMap<String, (String, Role, bool)> = of_api
        .map(|(key, operation)| {
            let parameters = operation["parameters"].as_sequence().into_iter().flatten();
            let is_key = |one: &Value| one["$ref"] == "#/components/parameters/idempotencyKey";
            let idempotent = parameters.into_iter().any(is_key);
            let name = operation["operationId"].as_str().unwrap().to_owned();
            (key, (name, role(operation["summary"].as_str().unwrap()), idempotent))
        })
        .collect();
    let id = |name: &str| format!("{}{}", name[..1].to_lowercase(), &name[1..]);
    // A greedy path parameter is described as a single segment.
    let plain = |it: &Route| key(it).replace("+}", "}");
    let table = ROUTES.iter().map(|it| (plain(it), (id(it.name), it.role, it.idempotent)));
    assert_eq!(described, table.collect());
}

#[test]
fn the_ingest_route_is_described_for_each_method() {
    let served = events("HttpApi").into_iter().map(|(_, _, event)| event);
    let ingest: Vec<Value> = served.filter(|event| event["Method"] == "ANY").collect();
    assert!(ingest.iter().any(|event| event["Path"] == "/in/{token+}"), "{ingest:?}");
    let rest = described().into_keys().filter(|key| key.contains(" /in/"));
    let methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
    let expected = methods.map(|method| format!("{method} /in/{{token}}"));
    assert_eq!(rest.collect::<Vec<_>>(), expected);
}

#[test]
fn the_description_has_the_operations_of_the_console_and_no_others() {
    let rest = described().into_iter();
    let rest = rest.filter(|(key, _)| !key.contains(" /v1") && !key.contains(" /in/"));
    let described: BTreeSet<(String, String)> = rest
        .map(|(key, operation)| {
            assert_eq!(operation["tags"][0], "console", "{key}");
            assert_eq!(operation["security"].as_sequence().map(Vec::len), Some(0), "{key}");
            (key, operation["operationId"].as_str().unwrap().to_owned())
        })
        .collect();
    let known = console::routes::DESCRIBED.iter();
    let known = known.map(|(method, path, id)| (format!("{method} {path}"), (*id).to_owned()));
    assert_eq!(described, known.collect());
}

#[test]
fn g_02_the_console_has_its_routes_without_an_authorizer_and_nothing_else_has_none() {
    let open = events("HttpApi").into_iter().filter(|(_, _, event)| !event["Auth"].is_null());
    let open: BTreeSet<String> = open
        .map(|(function, _, event)| {
            assert_eq!(event["Auth"]["Authorizer"], "NONE");
            let text = |name: &str| event[name].as_str().unwrap().to_owned();
            format!("{function} {} {}", text("Method"), text("Path"))
        })
        .collect();
    let expected = [
        "Console ANY /console/{path+}",
        "Console GET /",
        "Console GET /console",
        "Console GET /console/",
        "Ingest ANY /in/{token+}",
        "Manage OPTIONS /{proxy+}",
    ];
    assert_eq!(open, expected.map(str::to_owned).into());
}

#[test]
fn no_other_file_lists_routes() {
    let spelled: Vec<String> = ROUTES
        .iter()
        .flat_map(|it| [format!("\"{}\"", it.path), format!("\"{}\"", key(it))])
        .collect();
    for (name, text) in production() {
        let code: Vec<&str> = text.lines().filter(|it| !it.trim().starts_with("//")).collect();
        let code = code.join("\n");
        let is_table = name == "shared/edge/src/routes.rs";
        let found = spelled.iter().find(|route| code.contains(*route));
        assert_eq!(found.is_some(), is_table, "{name}: {found:?}");
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

/// The schemas below a value, each with its path.
fn schemas(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    let parts: Vec<(String, &Value)> = match value {
        Value::Mapping(map) => {
            found.push((path.to_owned(), value.clone()));
            map.iter().map(|(name, part)| (name.as_str().unwrap_or("?").to_owned(), part)).collect()
        }
        Value::Sequence(list) => {
            (0..).zip(list).map(|(n, part): (u32, _)| (n.to_string(), part)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Tagged(_) => {
            return;
        }
    };
    for (name, part) in parts {
        schemas(part, &format!("{path}/{name}"), found);
    }
}

fn has_type(schema: &Value, name: &str) -> bool {
    let types = &schema["type"];
    types == name || types.as_sequence().is_some_and(|all| all.iter().any(|one| one == name))
}

/// The forms that a client generator drops or misreads (decision record 0060).
fn misread(schema: &Value) -> Option<&'static str> {
    let properties = &schema["properties"];
    let open = properties.is_null() && schema["additionalProperties"].is_null();
    let union = ["oneOf", "anyOf"].map(|name| schema[name].as_sequence()).into_iter().flatten();
    let mut parts = union.flatten();
    if has_type(schema, "object") && open {
        return Some("an object without properties says additionalProperties");
    }
    if has_type(schema, "array") && schema["items"].is_null() {
        return Some("an array says its items");
    }
    if !schema["default"].is_null() && !schema["type"].is_null() {
        return Some("a field says its default in its description");
    }
    if parts.any(|part| {
        ["type", "$ref", "enum", "const", "allOf"].iter().all(|name| part[*name].is_null())
    }) {
        return Some("every part of a union has a type");
    }
    let beside = !schema["allOf"].is_null() && !properties.is_null();
    beside.then_some("allOf lists all parts")
}

#[test]
fn f7_the_description_keeps_to_what_client_generators_read() {
    let mut found = Vec::new();
    schemas(&description()["components"]["schemas"], "", &mut found);
    let wrong = found.iter().filter_map(|(path, schema)| Some((path, misread(schema)?)));
    assert_eq!(wrong.collect::<Vec<_>>(), []);
    let text = read("infra/openapi.yaml");
    assert!(!text.contains("\"*/*\":"), "a generator drops an operation whose body is */*");
}
