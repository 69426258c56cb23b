//! What operators look at: alarms, the dashboard and the saved queries name what exists.

use std::collections::BTreeSet;

use gancho_edge::metrics::names::{Metric, NAMESPACE, STAGE};
use serde_json::Value as Json;
use serde_yaml_ng::Value;

use crate::files::{functions, read, root, rust_files};
use crate::template::{resources, template, texts};

/// Metrics that a filter makes of log lines.
fn filtered() -> BTreeSet<String> {
    let filters = resources("AWS::Logs::MetricFilter").into_iter();
    filters
        .map(|(_, filter)| {
            let made = &filter["MetricTransformations"][0];
            // A filter cannot give a metric the stage as a dimension.
            assert_eq!(made["MetricNamespace"], "Gancho/${Stage}");
            made["MetricName"].as_str().unwrap().to_owned()
        })
        .collect()
}

/// A metric of ours with the names of its dimensions, as it is emitted.
fn assert_emitted(name: &str, dimensions: &[&str], by: &str) {
    if filtered().contains(name) {
        assert!(dimensions.is_empty(), "{by}");
        return;
    }
    let found = Metric::ALL.iter().find(|metric| metric.name() == name);
    let metric = found.unwrap_or_else(|| panic!("{by} looks at {name}, which nobody emits"));
    let emitted: Vec<&str> = std::iter::once(STAGE).chain(metric.dimension()).collect();
    assert_eq!(dimensions, emitted, "{by} looks at {name}");
}

#[test]
fn every_alarm_looks_at_what_is_emitted_says_what_to_do_and_tells_operators() {
    let alarms = resources("AWS::CloudWatch::Alarm");
    assert!(alarms.len() > 10);
    for (id, alarm) in alarms {
        let says = alarm["AlarmDescription"].as_str().unwrap();
        assert!(says.contains("First: "), "{id} says nothing of what to do first");
        assert!(says.len() < 1_000, "{id} says more than CloudWatch keeps");
        assert_eq!(texts(&alarm["AlarmActions"]), ["AlarmsTopic"], "{id}");
        assert!(alarm["Metrics"].is_null(), "{id} would cost as much as several");
        if alarm["Namespace"].as_str().unwrap().starts_with(NAMESPACE) {
            let dimensions = alarm["Dimensions"].as_sequence().cloned().unwrap_or_default();
            let names: Vec<&str> = dimensions.iter().map(|d| d["Name"].as_str().unwrap()).collect();
            assert_emitted(alarm["MetricName"].as_str().unwrap(), &names, &id);
        }
    }
}

/// Every dead-letter queue, and every stream that is read in order, has somebody who hears of it.
#[test]
fn no_dead_letter_queue_is_without_an_alarm() {
    let watched: BTreeSet<String> = resources("AWS::CloudWatch::Alarm")
        .into_iter()
        .filter(|(_, alarm)| alarm["MetricName"] == "ApproximateNumberOfMessagesVisible")
        .map(|(_, alarm)| alarm["Dimensions"][0]["Value"].as_str().unwrap().to_owned())
        .collect();
    let queues = resources("AWS::SQS::Queue").into_iter().map(|(name, _)| name);
    let last = queues.filter(|name| crate::template::is_last(name));
    assert_eq!(watched, last.map(|name| format!("{name}.QueueName")).collect());
}

fn dashboard() -> Json {
    let (_, dashboard) = resources("AWS::CloudWatch::Dashboard").remove(0);
    serde_json::from_str(dashboard["DashboardBody"].as_str().unwrap()).unwrap()
}

fn list(value: &Json) -> impl Iterator<Item = &Json> {
    value.as_array().into_iter().flatten()
}

/// The rows of every chart: names of a metric, or an expression.
fn rows() -> Vec<Json> {
    let dashboard = dashboard();
    let widgets = list(&dashboard["widgets"]).map(|widget| &widget["properties"]["metrics"]);
    widgets.flat_map(list).cloned().collect()
}

#[test]
fn the_dashboard_looks_at_what_is_emitted() {
    let mut seen = 0;
    for row in rows().iter().filter(|row| row[0] == NAMESPACE) {
        let texts: Vec<&str> = list(row).filter_map(Json::as_str).collect();
        let dimensions: Vec<&str> = texts[2..].iter().step_by(2).copied().collect();
        assert_emitted(texts[1], &dimensions, "the dashboard");
        seen += 1;
    }
    assert!(seen > 10, "found only {seen}");
    for row in rows() {
        let Some(search) = row[0]["expression"].as_str().and_then(|e| e.strip_prefix("SEARCH('{"))
        else {
            continue;
        };
        let (schema, rest) = search.split_once('}').unwrap();
        let (namespace, dimensions) = schema.split_once(',').unwrap();
        if namespace != NAMESPACE {
            continue;
        }
        let dimensions: Vec<&str> = dimensions.split(',').collect();
        let name = rest.split("MetricName=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert_emitted(name.unwrap(), &dimensions, "a search of the dashboard");
    }
}

#[test]
fn the_dashboard_is_free_and_shows_every_alarm() {
    let mut metrics = BTreeSet::new();
    for row in rows().iter().filter(|row| row[0].is_string()) {
        let names: Vec<&str> = list(row).filter_map(Json::as_str).collect();
        metrics.insert(names.join(" "));
    }
    assert!(metrics.len() <= 50, "{} metrics: a dashboard of more than 50 is paid", metrics.len());
    let dashboard = dashboard();
    let shown =
        list(&dashboard["widgets"]).flat_map(|widget| list(&widget["properties"]["alarms"]));
    let shown: BTreeSet<&str> = shown.map(|arn| arn.as_str().unwrap()).collect();
    let alarms: Vec<String> = resources("AWS::CloudWatch::Alarm")
        .into_iter()
        .map(|(id, _)| format!("${{{id}.Arn}}"))
        .collect();
    assert_eq!(shown, alarms.iter().map(String::as_str).collect());
}

#[test]
fn the_cost_of_lambda_is_reckoned_with_the_memory_that_functions_have() {
    let template = template();
    let usual = template["Globals"]["Function"]["MemorySize"].as_u64().unwrap();
    let rows = rows();
    let cost = rows.iter().find_map(|row| {
        row[0]["expression"].as_str().filter(|expression| expression.contains("dIngest*"))
    });
    let inside = cost.unwrap().split(['(', ')']).nth(1).unwrap();
    for (function, memory) in inside.split('+').map(|part| part.split_once('*').unwrap()) {
        let function = &template["Resources"][&function[1..]]["Properties"];
        let real = function["MemorySize"].as_u64().unwrap_or(usual);
        assert_eq!(memory.parse(), Ok(real), "{inside}");
    }
}

/// Names in backticks, which are those with dots.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_field_of_a_saved_query_is_written_by_a_function() {
    let mut sources = String::new();
    for function in functions() {
        for file in rust_files(&root().join("functions").join(function).join("src")) {
            sources.push_str(&std::fs::read_to_string(file).unwrap());
        }
    }
    let mut asked = BTreeSet::new();
    for (_, query) in resources("AWS::Logs::QueryDefinition") {
        asked.extend(quoted(query["QueryString"].as_str().unwrap()));
    }
    asked.extend(quoted(
        &read("template.yaml").lines().filter(|l| l.contains("SOURCE")).collect::<String>(),
    ));
    assert!(asked.len() > 10, "found only {asked:?}");
    for field in asked {
        assert!(sources.contains(&format!("{field} =")), "nobody writes {field}");
    }
}

#[test]
fn every_saved_query_reads_logs_that_exist() {
    let groups = resources("AWS::Logs::LogGroup");
    for (id, query) in resources("AWS::Logs::QueryDefinition") {
        for group in texts(&query["LogGroupNames"]) {
            assert!(groups.iter().any(|(name, _)| *name == group), "{id} reads {group}");
        }
        let text = query["QueryString"].as_str().unwrap();
        assert_eq!(text.matches('`').count() % 2, 0, "{id}");
        // A name with a dot that stands in no backticks is no name to Logs Insights.
        let bare = text.lines().filter(|line| !line.starts_with('#'));
        let bare: Vec<&str> = bare.flat_map(|line| line.split('`').step_by(2)).collect();
        assert!(!bare.iter().any(|part| has_dotted_name(part)), "{id}: {bare:?}");
    }
}

fn has_dotted_name(text: &str) -> bool {
    let names = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_'));
    names.into_iter().any(|name| {
        name.split_once('.')
            .is_some_and(|(a, b)| !a.is_empty() && b.starts_with(char::is_alphabetic))
    })
}

#[test]
fn a_dotted_name_is_seen() {
    assert!(has_dotted_name("| filter endpoint.id = 1"));
    assert!(!has_dotted_name("| filter x > 0.5 and y = \"a\"."));
    assert!(!has_dotted_name("bin(1h)"));
}

#[test]
fn operators_find_the_dashboard_and_the_topic_in_the_outputs() {
    let template = template();
    let outputs = template["Outputs"].as_mapping().unwrap();
    for name in ["ApiUrl", "DashboardUrl", "AlarmsTopicArn", "NoticesTopicArn", "HistoryTableName"]
    {
        let output = outputs.get(name).unwrap_or(&Value::Null);
        assert!(!output["Value"].is_null() && !output["Description"].is_null(), "{name}");
    }
}
