//! Rules of `template.yaml` for every function, role, table and queue.

use std::collections::BTreeSet;

use serde_yaml_ng::Value;

use crate::files::{functions, read};

/// The template, with its `!Ref` and `!GetAtt` as plain text.
pub(crate) fn template() -> Value {
    plain(serde_yaml_ng::from_str(&read("template.yaml")).unwrap())
}

fn plain(value: Value) -> Value {
    match value {
        Value::Tagged(tagged) => plain(tagged.value),
        Value::Sequence(all) => Value::Sequence(all.into_iter().map(plain).collect()),
        Value::Mapping(all) => {
            Value::Mapping(all.into_iter().map(|(key, value)| (key, plain(value))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// Name and properties of every resource of a type.
pub(crate) fn resources(kind: &str) -> Vec<(String, Value)> {
    let template = template();
    let all = template["Resources"].as_mapping().unwrap().iter();
    let chosen = all.filter(|(_, resource)| resource["Type"] == kind);
    chosen
        .map(|(name, one)| (name.as_str().unwrap().to_owned(), one["Properties"].clone()))
        .collect()
}

/// Every event of every function, with the function's properties.
pub(crate) fn events(kind: &str) -> Vec<(String, Value, Value)> {
    let mut found = Vec::new();
    for (name, function) in resources("AWS::Serverless::Function") {
        let events = function["Events"].as_mapping().cloned().unwrap_or_default();
        for (_, event) in events.iter().filter(|(_, event)| event["Type"] == kind) {
            found.push((name.clone(), function.clone(), event["Properties"].clone()));
        }
    }
    found
}

/// A text, or every text of a list.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    let one = value.as_str().map(str::to_owned);
    let many = value.as_sequence().into_iter().flatten();
    one.into_iter().chain(many.map(|text| text.as_str().unwrap().to_owned())).collect()
}

pub(crate) fn statements(role: &Value) -> Vec<Value> {
    let policies = role["Policies"].as_sequence().expect("a role has policies of its own");
    let documents = policies.iter().map(|policy| &policy["PolicyDocument"]["Statement"]);
    documents.flat_map(|all| all.as_sequence().unwrap().clone()).collect()
}

#[test]
fn every_function_folder_has_one_resource_of_the_same_name() {
    let mut found = BTreeSet::new();
    for (name, properties) in resources("AWS::Serverless::Function") {
        let folder = name.to_lowercase();
        assert_eq!(properties["CodeUri"].as_str().unwrap(), format!("functions/{folder}"));
        found.insert(folder);
    }
    assert_eq!(found, functions());
}

#[test]
fn every_function_has_a_role_of_its_own() {
    for (name, properties) in resources("AWS::Serverless::Function") {
        assert_eq!(properties["Role"].as_str().unwrap(), format!("{name}Role.Arn"));
        assert!(properties["Policies"].is_null(), "{name} has policies beside its role");
    }
}

#[test]
fn no_role_allows_an_action_by_a_wildcard() {
    let roles = resources("AWS::IAM::Role");
    assert!(roles.len() >= functions().len());
    for (name, role) in roles {
        for statement in statements(&role) {
            let actions = texts(&statement["Action"]);
            assert!(!actions.is_empty(), "{name} has a statement without actions");
            for action in actions {
                assert!(!action.contains('*'), "{name} allows {action}");
            }
        }
    }
}

const SUBSCRIPTIONS: [&str; 3] =
    ["sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe"];

#[test]
fn no_role_has_access_to_every_resource_except_to_list_streams_and_change_subscriptions() {
    for (name, role) in resources("AWS::IAM::Role") {
        for statement in statements(&role) {
            // IAM has no resource type for these actions: a subscription is none.
            let actions = texts(&statement["Action"]);
            let everywhere = actions == ["dynamodb:ListStreams"]
                || actions.iter().all(|action| SUBSCRIPTIONS.contains(&action.as_str()));
            let wide = texts(&statement["Resource"]).contains(&"*".to_owned());
            assert!(!wide || everywhere, "{name} reaches every resource");
        }
    }
}

#[test]
fn every_table_expires_its_rows_is_encrypted_and_billed_on_demand() {
    let tables = resources("AWS::DynamoDB::Table");
    assert!(!tables.is_empty());
    for (name, table) in tables {
        let expiry = &table["TimeToLiveSpecification"];
        assert_eq!(expiry["AttributeName"], "expires_at", "{name}");
        assert_eq!(expiry["Enabled"], true, "{name}");
        assert_eq!(table["SSESpecification"]["SSEEnabled"], true, "{name}");
        assert_eq!(table["BillingMode"], "PAY_PER_REQUEST", "{name}");
    }
}

#[test]
fn if_27_every_queue_that_wakes_a_function_has_a_maximum_concurrency() {
    let events = events("SQS");
    assert!(!events.is_empty());
    for (name, function, event) in events {
        let queue = event["Queue"].as_str().unwrap();
        let most = event["ScalingConfig"]["MaximumConcurrency"].as_u64();
        assert!(most.is_some_and(|most| most >= 2), "{name} reads {queue} without a limit");
        // With reserved concurrency, throttled messages reach the dead-letter queue.
        assert!(function["ReservedConcurrentExecutions"].is_null(), "{name}");
        assert_eq!(texts(&event["FunctionResponseTypes"]), ["ReportBatchItemFailures"], "{name}");
    }
}

#[test]
fn gd_32_no_reader_of_a_stream_has_a_parallelization_factor_and_nothing_advises_it() {
    // It keeps the order of the records of one row, not of one person, event subject or counter.
    let advice = "raise ParallelizationFactor";
    for file in ["template.yaml", "infra/docs/OPERATIONS.md", "infra/bench/src/month/quota.rs"] {
        let text = read(file);
        assert!(!text.contains("ParallelizationFactor:"), "{file}");
        assert!(!text.contains(advice), "{file}");
    }
}

#[test]
fn gd_33_each_lane_has_a_batch_of_its_own() {
    let template = template();
    let lane = &template["Resources"]["Deliver"]["Properties"]["Events"]["Lane"]["Properties"];
    assert_eq!(lane["BatchSize"], 1);
}

/// The queues whose work stands still while a dead worker's message is hidden, and the most seconds
/// that it may be (`issue 14, F1 and F2`).
const SOON: [(&str, u64); 6] = [
    ("DeliverQueue", 25),
    ("SlowQueue", 25),
    ("LanesQueue", 25),
    ("ReprocessJobsQueue", 50),
    ("ResendJobsQueue", 50),
    ("RecoverQueue", 65),
];

#[test]
fn f1_a_visibility_timeout_is_longer_than_the_functions_timeout_and_short_enough_for_its_queue() {
    let template = template();
    let usual = template["Globals"]["Function"]["Timeout"].as_u64().unwrap();
    let mut known = BTreeSet::new();
    for (name, function, event) in events("SQS") {
        let queue = event["Queue"].as_str().unwrap().trim_end_matches(".Arn");
        let properties = &template["Resources"][queue]["Properties"];
        let hidden = properties["VisibilityTimeout"].as_u64().unwrap();
        let runs = function["Timeout"].as_u64().unwrap_or(usual);
        // Lambda refuses less than the timeout; the rest is the way to the function and back.
        assert!(hidden >= runs + 5, "{queue}: too short for {name}");
        let receives = properties["RedrivePolicy"]["maxReceiveCount"].as_u64().unwrap();
        assert!(hidden * receives >= 600, "{queue}: dead-lettered within ten minutes");
        if let Some((_, most)) = SOON.iter().find(|(soon, _)| *soon == queue) {
            assert!(hidden <= *most, "{queue}: hidden for too long");
            known.insert(queue.to_owned());
        }
    }
    assert_eq!(known.len(), SOON.len(), "every queue of the list wakes a function");
}

/// `true` for a queue that has no dead-letter queue of its own.
pub(crate) fn is_last(queue: &str) -> bool {
    queue.ends_with("DeadLetters") || queue == "StreamFailures"
}

#[test]
fn every_queue_except_the_last_has_an_existing_dead_letter_queue() {
    let queues = resources("AWS::SQS::Queue");
    let names: BTreeSet<String> = queues.iter().map(|(name, _)| name.clone()).collect();
    for (name, queue) in queues.iter().filter(|(name, _)| !is_last(name)) {
        let redrive = &queue["RedrivePolicy"];
        let target = redrive["deadLetterTargetArn"].as_str().unwrap().trim_end_matches(".Arn");
        assert!(names.contains(target), "{name}: there is no dead-letter queue {target}");
        assert!(redrive["maxReceiveCount"].as_u64().unwrap() >= 5, "{name}: maxReceiveCount < 5");
    }
}
