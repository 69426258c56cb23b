//! Checks metric lines against the specification of the format.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::clock::ManualClock;

const UNITS: [&str; 3] = ["Count", "Milliseconds", "Seconds"];

fn gathering() -> (Metrics, Kept) {
    let kept = Kept::default();
    let clock = Clock::Manual(ManualClock::new(at()));
    (Metrics::new("prod", Sink::Kept(kept.clone()), clock), kept)
}

fn at() -> Timestamp {
    "2026-11-22T03:00:00.123Z".parse().unwrap()
}

/// Checks a line against the specification: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
fn assert_is_embedded_format(line: &Value) {
    let root = line.as_object().unwrap();
    let aws = &line["_aws"];
    assert_eq!(aws["Timestamp"], json!(at().as_millisecond()), "milliseconds since the epoch");
    let directives = aws["CloudWatchMetrics"].as_array().unwrap();
    assert!(!directives.is_empty());
    for directive in directives {
        assert_eq!(directive["Namespace"], "Gancho");
        let sets = directive["Dimensions"].as_array().unwrap();
        for set in sets {
            let set = set.as_array().unwrap();
            assert!((1..=30).contains(&set.len()));
            for dimension in set {
                let value = root[dimension.as_str().unwrap()].as_str().unwrap();
                assert!(!value.is_empty() && value.len() <= 1_024);
            }
        }
        let metrics = directive["Metrics"].as_array().unwrap();
        assert!((1..=100).contains(&metrics.len()));
        for metric in metrics {
            assert!(UNITS.contains(&metric["Unit"].as_str().unwrap()), "{metric}");
            let value = &root[metric["Name"].as_str().unwrap()];
            let many = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            assert!((1..=100).contains(&many.len()));
            assert!(many.iter().all(Value::is_number), "{value}");
        }
    }
    // Lambda requires these fields of a JSON line to filter it by level.
    assert!(line["timestamp"].as_str().unwrap().parse::<Timestamp>().is_ok());
    assert_eq!(line["level"], "INFO");
    assert!(!line.to_string().contains('\n'));
}

#[test]
fn an_invocation_is_one_line_of_the_embedded_metric_format() {
    let (metrics, kept) = gathering();
    metrics.one(Metric::WebhooksAccepted);
    metrics.add(Metric::WebhooksAccepted, 2);
    metrics.add(Metric::ProcessingDelay, 12);
    metrics.add(Metric::ProcessingDelay, 7);
    metrics.one_by(Metric::Attempts, "http_5xx");
    metrics.one_by(Metric::DeliveriesEnded, "failure");
    metrics.write("a-request");
    metrics.write("another");
    let lines = kept.lines();
    assert_eq!(lines.len(), 1, "what was written is not written again");
    assert_is_embedded_format(&lines[0]);
    let expected = json!({
        "timestamp": "2026-11-22T03:00:00.123Z",
        "level": "INFO",
        "request.id": "a-request",
        "Stage": "prod",
        "Class": "http_5xx",
        "State": "failure",
        "WebhooksAccepted": 3,
        "ProcessingDelay": [12, 7],
        "Attempts": 1,
        "DeliveriesEnded": 1,
        "_aws": {
            "Timestamp": at().as_millisecond(),
            "CloudWatchMetrics": [
                {"Namespace": "Gancho", "Dimensions": [["Stage"]], "Metrics": [
                    {"Name": "WebhooksAccepted", "Unit": "Count"},
                    {"Name": "ProcessingDelay", "Unit": "Milliseconds"},
                ]},
                {"Namespace": "Gancho", "Dimensions": [["Stage", "Class"]], "Metrics": [
                    {"Name": "Attempts", "Unit": "Count"},
                ]},
                {"Namespace": "Gancho", "Dimensions": [["Stage", "State"]], "Metrics": [
                    {"Name": "DeliveriesEnded", "Unit": "Count"},
                ]},
            ],
        },
    });
    assert_eq!(lines[0], expected);
}

#[test]
fn a_metric_of_two_words_takes_two_lines_and_other_metrics_are_not_repeated() {
    let (metrics, kept) = gathering();
    for word in ["success", "timeout", "success"] {
        metrics.one_by(Metric::Attempts, word);
        metrics.add(Metric::AttemptMilliseconds, 5);
    }
    metrics.write("r");
    let lines = kept.lines();
    assert_eq!(lines.len(), 2);
    lines.iter().for_each(assert_is_embedded_format);
    assert_eq!(kept.sum(Metric::Attempts, Some("success")), 2);
    assert_eq!(kept.sum(Metric::Attempts, Some("timeout")), 1);
    assert_eq!(kept.sum(Metric::Attempts, None), 3);
    assert_eq!(kept.values(Metric::AttemptMilliseconds, None), [5; 3]);
}

#[test]
fn more_than_a_hundred_values_take_another_line() {
    let (metrics, kept) = gathering();
    (0..250).for_each(|value| metrics.add(Metric::DeliveryDelay, value));
    metrics.write("r");
    assert_eq!(kept.lines().len(), 3);
    kept.lines().iter().for_each(assert_is_embedded_format);
    assert_eq!(kept.values(Metric::DeliveryDelay, None), (0..250).collect::<Vec<_>>());
}

#[test]
fn a_line_with_every_metric_follows_the_format() {
    let (metrics, kept) = gathering();
    for metric in Metric::ALL {
        match metric.dimension() {
            Some(_) => metrics.one_by(*metric, "word"),
            None => metrics.one(*metric),
        }
    }
    metrics.write("r");
    let [line] = kept.lines().try_into().unwrap();
    assert_is_embedded_format(&line);
    assert!(Metric::ALL.iter().all(|metric| line[metric.name()] == 1));
    let names: BTreeSet<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    assert_eq!(names.len(), Metric::ALL.len());
}

#[test]
fn nothing_is_written_without_values_and_nothing_is_gathered_without_a_sink() {
    let (metrics, kept) = gathering();
    metrics.write("r");
    assert!(kept.lines().is_empty());
    let nowhere = Metrics::default();
    nowhere.one(Metric::WebhooksAccepted);
    assert!(nowhere.gathered().is_empty());
}
