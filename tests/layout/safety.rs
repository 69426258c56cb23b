//! Safety rules of `template.yaml`: retention of logs, TLS for queues and topics, deletion
//! protection of tables, failure destinations of streams, and declared parameters.

use std::collections::BTreeSet;

use serde_yaml_ng::Value;

use crate::files::read;
use crate::template::{events, is_last, resources, statements, template, texts};

fn names(kind: &str) -> BTreeSet<String> {
    resources(kind).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn every_function_may_write_only_to_its_own_log_group() {
    let groups = names("AWS::Logs::LogGroup");
    assert_eq!(template()["Globals"]["Function"]["LoggingConfig"]["LogFormat"], "JSON");
    for (name, function) in resources("AWS::Serverless::Function") {
        let logging = &function["LoggingConfig"];
        assert!(logging["LogFormat"].is_null(), "{name} has a format of its own");
        assert_eq!(logging["LogGroup"], format!("{name}Logs"), "{name}");
        assert!(groups.contains(&format!("{name}Logs")), "{name}");
    }
    for (name, role) in resources("AWS::IAM::Role") {
        let own = format!("{}Logs.Arn", name.trim_end_matches("Role"));
        for statement in statements(&role) {
            if texts(&statement["Action"]).iter().any(|action| action.starts_with("logs:")) {
                assert_eq!(texts(&statement["Resource"]), std::slice::from_ref(&own), "{name}");
            }
        }
    }
}

#[test]
fn every_log_group_has_the_retention_of_the_parameter() {
    let groups = resources("AWS::Logs::LogGroup");
    assert!(groups.len() > 12);
    for (name, group) in groups {
        assert_eq!(group["RetentionInDays"], "LogRetentionDays", "{name} keeps logs for ever");
    }
}

#[test]
fn the_access_log_names_the_route_and_never_the_path() {
    let (_, api) = resources("AWS::Serverless::HttpApi").remove(0);
    let format = api["AccessLogSettings"]["Format"].as_str().unwrap();
    assert!(format.contains("$context.routeKey"));
    for field in ["$context.path", "rawPath", "$context.identity", "$context.authorizer.context"] {
        assert!(!format.contains(field), "the access log has {field}");
    }
}

#[test]
fn every_queue_is_encrypted_and_reached_over_tls_only() {
    let policies = resources("AWS::SQS::QueuePolicy");
    let mut safe = BTreeSet::new();
    for (_, policy) in &policies {
        let statement = &policy["PolicyDocument"]["Statement"][0];
        assert_eq!(statement["Effect"], "Deny");
        assert_eq!(statement["Action"], "sqs:*");
        assert_eq!(statement["Condition"]["Bool"]["aws:SecureTransport"], "false");
        safe.extend(texts(&policy["Queues"]));
    }
    assert_eq!(safe, names("AWS::SQS::Queue"));
    for (name, queue) in resources("AWS::SQS::Queue") {
        assert_eq!(queue["SqsManagedSseEnabled"], true, "{name}");
    }
}

#[test]
fn every_topic_is_reached_over_tls_only() {
    let mut safe = BTreeSet::new();
    for (_, policy) in resources("AWS::SNS::TopicPolicy") {
        let statements = policy["PolicyDocument"]["Statement"].as_sequence().unwrap();
        let denies = statements.iter().any(|statement| {
            statement["Effect"] == "Deny"
                && statement["Condition"]["Bool"]["aws:SecureTransport"] == "false"
        });
        safe.extend(texts(&policy["Topics"]).into_iter().filter(|_| denies));
    }
    assert_eq!(safe, names("AWS::SNS::Topic"));
}

#[test]
fn every_dead_letter_queue_allows_exactly_its_source_queues() {
    let queues = resources("AWS::SQS::Queue");
    for (name, queue) in &queues {
        let allowed = &queue["RedriveAllowPolicy"];
        let sources: BTreeSet<String> = queues
            .iter()
            .filter(|(_, one)| {
                one["RedrivePolicy"]["deadLetterTargetArn"].as_str() == Some(&format!("{name}.Arn"))
            })
            .map(|(_, one)| one["QueueName"].as_str().unwrap().to_owned())
            .collect();
        let named: BTreeSet<String> = texts(&allowed["sourceQueueArns"])
            .iter()
            .map(|arn| arn.rsplit("AccountId}:").next().unwrap().to_owned())
            .collect();
        assert_eq!(named, sources, "{name}");
        let permission = if sources.is_empty() { "denyAll" } else { "byQueue" };
        assert_eq!(allowed["redrivePermission"], permission, "{name}");
        assert_eq!(sources.is_empty(), !is_last(name) || name == "StreamFailures", "{name}");
    }
}

#[test]
fn every_reader_of_a_stream_has_a_failure_destination() {
    let readers = events("DynamoDB");
    assert!(readers.len() >= 4);
    for (name, _, event) in readers {
        let destination = &event["DestinationConfig"]["OnFailure"]["Destination"];
        assert_eq!(destination, "StreamFailures.Arn", "{name}");
    }
}

/// Tables that are rebuilt from other tables, or have no use after a restore.
const NOT_BACKED_UP: [&str; 3] = ["CoordinationTable", "LookupsTable", "TalliesTable"];

#[test]
fn tables_are_retained_and_protected_and_backed_up_unless_they_can_be_rebuilt() {
    let protected: Value = serde_yaml_ng::from_str("[IsProtected, true, false]").unwrap();
    let all = template();
    for (name, table) in resources("AWS::DynamoDB::Table") {
        assert_eq!(all["Resources"][&name]["DeletionPolicy"], "RetainExceptOnCreate", "{name}");
        assert_eq!(all["Resources"][&name]["UpdateReplacePolicy"], "Retain", "{name}");
        assert_eq!(table["DeletionProtectionEnabled"], protected, "{name}");
        let backups = &table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"];
        let expected = if NOT_BACKED_UP.contains(&name.as_str()) {
            Value::Bool(false)
        } else {
            protected.clone()
        };
        assert_eq!(*backups, expected, "{name}");
    }
}

#[test]
fn every_function_may_write_traces() {
    let (_, policy) = resources("AWS::IAM::ManagedPolicy").remove(0);
    let roles: BTreeSet<String> = texts(&policy["Roles"]).into_iter().collect();
    assert_eq!(roles, names("AWS::IAM::Role"));
    let actions = texts(&policy["PolicyDocument"]["Statement"][0]["Action"]);
    assert_eq!(actions, ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]);
}

/// A function's resource policy has 20 KB, and a permission takes about 400 bytes of it. A function
/// with many routes therefore needs `$default`, which one permission covers.
#[test]
fn a_function_with_many_routes_has_the_default_route() {
    for (name, function) in resources("AWS::Serverless::Function") {
        let events = function["Events"].as_mapping().cloned().unwrap_or_default();
        let paths = events.values().map(|event| event["Properties"]["Path"].as_str());
        let paths: Vec<&str> = paths.flatten().collect();
        assert!(paths.len() < 20 || paths[0] == "$default", "{name} has {} routes", paths.len());
    }
}

#[test]
fn every_setting_in_samconfig_is_a_parameter() {
    let template = template();
    let known = template["Parameters"].as_mapping().unwrap();
    let settings = read("infra/samconfig.toml");
    let given = settings.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once('='));
    let given: BTreeSet<&str> = given.map(|(name, _)| name).collect();
    assert!(given.len() > 5, "found only {given:?}");
    for name in given {
        assert!(known.contains_key(name), "{name} is no parameter");
    }
}

#[test]
fn every_parameter_is_grouped_and_labelled_for_people() {
    let template = template();
    let shown = &template["Metadata"]["AWS::CloudFormation::Interface"];
    let groups = shown["ParameterGroups"].as_sequence().unwrap().iter();
    let grouped: Vec<String> = groups.flat_map(|group| texts(&group["Parameters"])).collect();
    let known = template["Parameters"].as_mapping().unwrap();
    assert_eq!(grouped.len(), known.len());
    for name in known.keys().map(|name| name.as_str().unwrap()) {
        assert!(grouped.iter().any(|one| one == name), "{name} is in no group");
        assert!(!shown["ParameterLabels"][name]["default"].is_null(), "{name} has no label");
    }
}
