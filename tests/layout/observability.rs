//! Tests that alarms, the dashboard and the saved queries refer to existing metrics and logs.

use std::collections::BTreeSet;

use gancho_edge::metrics::names::{Metric, NAMESPACE, STAGE};
use serde_json::Value as Json;
use serde_yaml_ng::Value;

use crate::files::{functions, read, root, rust_files};
use crate::template::{resources, template, texts};

/// Metrics that a metric filter derives from log lines.
fn filtered() -> BTreeSet<String> {
    let filters = resources("AWS::Logs::MetricFilter").into_iter();
    filters
        .map(|(_, filter)| {
            let transformation = &filter["MetricTransformations"][0];
            // A metric filter cannot set the stage as a dimension.
            assert_eq!(transformation["MetricNamespace"], "Gancho/${Stage}");
            transformation["MetricName"].as_str().unwrap().to_owned()
        })
        .collect()
}

/// Asserts that a metric is emitted with these dimensions. `by` is the user of the metric.
fn assert_emitted(name: &str, dimensions: &[&str], by: &str) {
    if filtered().contains(name) {
        assert!(dimensions.is_empty(), "{by}");
        return;
    }
    let found = Metric::ALL.iter().find(|metric| metric.name() == name);
    let metric = found.unwrap_or_else(|| panic!("{by} uses {name}, which is not emitted"));
    let emitted: Vec<&str> = std::iter::once(STAGE).chain(metric.dimension()).collect();
    assert_eq!(dimensions, emitted, "{by} uses {name}");
}

#[test]
fn every_alarm_uses_an_emitted_metric_describes_the_first_step_and_notifies_operators() {
    let alarms = resources("AWS::CloudWatch::Alarm");
    assert!(alarms.len() > 10);
    for (id, alarm) in alarms {
        let description = alarm["AlarmDescription"].as_str().unwrap();
        assert!(description.contains("First: "), "{id}: the description has no first step");
        assert!(description.len() < 1_000, "{id}: the description is too long for CloudWatch");
        assert_eq!(texts(&alarm["AlarmActions"]), ["AlarmsTopic"], "{id}");
        assert!(alarm["Metrics"].is_null(), "{id}: metric math costs as much as several alarms");
        if alarm["Namespace"].as_str().unwrap().starts_with(NAMESPACE) {
            let dimensions = alarm["Dimensions"].as_sequence().cloned().unwrap_or_default();
            let names: Vec<&str> = dimensions.iter().map(|d| d["Name"].as_str().unwrap()).collect();
            assert_emitted(alarm["MetricName"].as_str().unwrap(), &names, &id);
        }
    }
}

/// An alarm watches every dead-letter queue and the queue of stream failures.
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

/// The rows of every chart: the names of a metric, or an expression.
fn rows() -> Vec<Json> {
    let dashboard = dashboard();
    let widgets = list(&dashboard["widgets"]).map(|widget| &widget["properties"]["metrics"]);
    widgets.flat_map(list).cloned().collect()
}

#[test]
fn the_dashboard_uses_only_emitted_metrics() {
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
fn the_cost_of_lambda_is_computed_with_the_functions_memory_sizes() {
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

/// Names in backticks: names with dots need them.
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
    let mut queried = BTreeSet::new();
    for (_, query) in resources("AWS::Logs::QueryDefinition") {
        queried.extend(quoted(query["QueryString"].as_str().unwrap()));
    }
    queried.extend(quoted(
        &read("template.yaml").lines().filter(|l| l.contains("SOURCE")).collect::<String>(),
    ));
    assert!(queried.len() > 10, "found only {queried:?}");
    for field in queried {
        assert!(sources.contains(&format!("{field} =")), "no function writes {field}");
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
        // Logs Insights needs backticks around a name with dots.
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
fn a_dotted_name_is_found() {
    assert!(has_dotted_name("| filter endpoint.id = 1"));
    assert!(!has_dotted_name("| filter x > 0.5 and y = \"a\"."));
    assert!(!has_dotted_name("bin(1h)"));
}

#[test]
fn the_outputs_name_the_dashboard_and_the_topics() {
    let template = template();
    let outputs = template["Outputs"].as_mapping().unwrap();
    for name in ["ApiUrl", "DashboardUrl", "AlarmsTopicArn", "NoticesTopicArn", "HistoryTableName"]
    {
        let output = outputs.get(name).unwrap_or(&Value::Null);
        assert!(!output["Value"].is_null() && !output["Description"].is_null(), "{name}");
    }
}
