//! Tests that `infra/docs/OPERATIONS.md` names existing alarms, saved queries, routes, queues,
//! resources and outputs.

use std::collections::BTreeSet;

use serde_yaml_ng::Value;

use crate::files::read;
use crate::template::{resources, template};

fn page() -> String {
    read("infra/docs/OPERATIONS.md")
}

/// The part of a name after the stack's name.
fn ending<'a>(name: &'a Value, sign: &str) -> &'a str {
    let name = name.as_str().unwrap();
    name.strip_prefix(&format!("${{AWS::StackName}}{sign}")).unwrap()
}

/// Every word of ASCII letters, digits and hyphens that follows `before`.
fn behind(text: &str, before: &str) -> BTreeSet<String> {
    let rest = text.split(before).skip(1);
    let word = |rest: &str| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        rest[..end.unwrap_or(rest.len())].to_owned()
    };
    rest.map(word).filter(|word| !word.is_empty()).collect()
}

/// Operators search for an alarm's name: each alarm has a heading, and no heading names another.
#[test]
fn every_alarm_has_its_heading() {
    let alarms = resources("AWS::CloudWatch::Alarm").into_iter();
    let alarms: BTreeSet<String> =
        alarms.map(|(_, alarm)| ending(&alarm["AlarmName"], "-").to_owned()).collect();
    let page = page();
    let headings = page.lines().filter(|line| line.starts_with("## ")).collect::<Vec<_>>();
    assert_eq!(behind(&headings.join("\n"), "(`"), alarms);
}

#[test]
fn every_saved_query_is_documented() {
    let page = page();
    for (id, query) in resources("AWS::Logs::QueryDefinition") {
        let name = ending(&query["Name"], "/");
        assert!(page.contains(&format!("*{name}*")), "{id}: {name}");
    }
}

#[test]
fn queues_resources_and_outputs_exist() {
    let (page, template) = (page(), template());
    let queues = resources("AWS::SQS::Queue").into_iter();
    let queues: BTreeSet<String> =
        queues.map(|(_, queue)| ending(&queue["QueueName"], "-").to_owned()).collect();
    let named = behind(&page, "$(q ").into_iter().chain(behind(&page, "$(arn "));
    let named: BTreeSet<String> = named.collect();
    assert!(named.len() > 1);
    for name in named {
        assert!(queues.contains(&name), "there is no queue {name}");
    }
    for name in behind(&page, "$(res ") {
        assert!(!template["Resources"][&name].is_null(), "there is no resource {name}");
    }
    for name in behind(&page, "$(out ") {
        assert!(!template["Outputs"][&name].is_null(), "there is no output {name}");
    }
}

/// Compares a path with a route. `{origin}` and `$ORIGIN` match any parameter; other parts must be
/// equal.
fn is_route(path: &str, route: &str) -> bool {
    let (path, route) = (path.split('/'), route.split('/'));
    path.clone().count() == route.clone().count()
        && path.zip(route).all(|(part, known)| {
            part == known || (known.starts_with('{') && part.starts_with(['{', '$']))
        })
}

#[test]
fn every_call_has_its_operation_in_the_api_description() {
    let api: Value = serde_yaml_ng::from_str(&read("infra/openapi.yaml")).unwrap();
    let page = page();
    let mut seen = 0;
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        for rest in page.split(&format!("{method} ")).skip(1) {
            let path = rest.trim_start_matches('"');
            let end = path.find(|c: char| " ?`\"\n),".contains(c)).unwrap_or(path.len());
            let path = &path[..end];
            if !path.starts_with("/v1/") {
                continue;
            }
            let known = api["paths"].as_mapping().unwrap().iter().any(|(route, operations)| {
                is_route(path, route.as_str().unwrap())
                    && !operations[method.to_ascii_lowercase().as_str()].is_null()
            });
            assert!(known, "{method} {path}");
            seen += 1;
        }
    }
    assert!(seen > 20, "found only {seen}");
}
