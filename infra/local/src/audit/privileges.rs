//! Checks that each role allows exactly the actions that are used: by the function, as its calls
//! were recorded in the tests, and by Lambda in the role's name, for the template's event sources.

use std::{collections::BTreeSet, path::Path};

use crate::audit::{
    recorded_calls::{self, Use},
    roles::Grant,
};
use crate::emulator::{
    assembly::roles,
    error::HostError,
    intrinsics::{Resolver, log_group_arn},
    template::{EventSource, FunctionResource, TEMPLATE, Template},
};

/// The actions that Lambda reads a stream with.
const STREAM: [&str; 3] =
    ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
/// The actions that Lambda reads a queue with.
const QUEUE: [&str; 3] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
/// The actions that Lambda writes a function's log with.
const LOGS: [&str; 2] = ["logs:CreateLogStream", "logs:PutLogEvents"];

/// Compares the roles of the template with the records in a folder; returns the differences in
/// words.
pub fn check(folder: &Path) -> Result<Vec<String>, HostError> {
    let used = recorded_calls::read(folder).map_err(HostError::io("the recorded calls"))?;
    let template = Template::parse(TEMPLATE)?;
    let resolver = template.resolver("http://127.0.0.1", &std::collections::BTreeMap::new())?;
    compare(&template, &resolver, &used)
}

fn compare(
    template: &Template,
    resolver: &Resolver,
    used: &BTreeSet<Use>,
) -> Result<Vec<String>, HostError> {
    let mut wrong = Vec::new();
    let roles = roles(template, resolver)?;
    for function in &template.functions {
        let folder = &function.folder;
        let by_lambda = by_lambda(function, resolver)?;
        let allowed = roles.get(folder).map(|role| role.grants().clone()).unwrap_or_default();
        for grant in by_lambda.difference(&allowed) {
            wrong.push(format!("{folder} lacks {}, which Lambda needs", spell(grant)));
        }
        for grant in allowed.difference(&by_lambda) {
            if !used.contains(&(folder.clone(), grant.clone())) {
                wrong.push(format!("{folder} never uses {}", spell(grant)));
            }
        }
    }
    Ok(wrong)
}

/// Lambda's own actions in the name of a function's role.
fn by_lambda(
    function: &FunctionResource,
    resolver: &Resolver,
) -> Result<BTreeSet<Grant>, HostError> {
    let mut grants = BTreeSet::new();
    if let Some(group) = &function.log_group {
        grants.extend(each(&LOGS, &log_group_arn(&resolver.text(group)?)));
    }
    for (_, event) in &function.events {
        match event {
            EventSource::DynamoDB(stream) => {
                grants.extend(each(&STREAM, &resolver.text(&stream.stream)?));
                // Lambda checks it when it creates the mapping; IAM has no resource for it.
                grants.extend(each(&["dynamodb:ListStreams"], "*"));
                if let Some(config) = &stream.destination_config {
                    let queue = resolver.text(&config.on_failure.destination)?;
                    grants.extend(each(&["sqs:SendMessage"], &queue));
                }
            }
            EventSource::Queue(source) => {
                grants.extend(each(&QUEUE, &resolver.text(&source.queue)?));
            }
            EventSource::HttpApi(_) | EventSource::Schedule(_) => {}
        }
    }
    Ok(grants)
}

fn each(actions: &[&str], resource: &str) -> Vec<Grant> {
    actions.iter().map(|action| ((*action).to_owned(), resource.to_owned())).collect()
}

fn spell((action, resource): &Grant) -> String {
    let name = resource.splitn(6, ':').last().unwrap_or(resource);
    format!("{action} on {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
Resources:
  Calls: { Type: AWS::SQS::Queue, Properties: { QueueName: calls } }
  Lost: { Type: AWS::SQS::Queue, Properties: { QueueName: lost } }
  Rows: { Type: AWS::DynamoDB::Table, Properties: {} }
  Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /logs } }
  Read:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/read
      Role: !GetAtt ReadRole.Arn
      LoggingConfig: { LogGroup: !Ref Logs }
      Events:
        Changes:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Rows.StreamArn
            DestinationConfig: { OnFailure: { Destination: !GetAtt Lost.Arn } }
        Called: { Type: SQS, Properties: { Queue: !GetAtt Calls.Arn } }
  ReadRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - { Action: [logs:CreateLogStream, logs:PutLogEvents], Resource: !GetAtt Logs.Arn }
              - Action: [dynamodb:DescribeStream, dynamodb:GetRecords, dynamodb:GetShardIterator]
                Resource: !GetAtt Rows.StreamArn
              - { Action: dynamodb:ListStreams, Resource: "*" }
              - { Action: sqs:SendMessage, Resource: !GetAtt Lost.Arn }
              - Action: [sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes]
                Resource: !GetAtt Calls.Arn
              - { Action: [dynamodb:GetItem], Resource: !GetAtt Rows.Arn }
"#;

    fn wrong(text: &str, used: &[(&str, &str)]) -> Vec<String> {
        let template = Template::parse(text).unwrap();
        let resolver = template.resolver("http://h", &std::collections::BTreeMap::new()).unwrap();
        let used = used.iter().map(|(action, table)| {
            let resource = crate::emulator::arns::arn("dynamodb", &format!("table/{table}"));
            ("read".to_owned(), ((*action).to_owned(), resource))
        });
        compare(&template, &resolver, &used.collect()).unwrap()
    }

    #[test]
    fn a_role_that_allows_exactly_what_is_used_is_right() {
        assert_eq!(wrong(SMALL, &[("dynamodb:GetItem", "Rows")]), Vec::<String>::new());
    }

    #[test]
    fn an_unused_grant_is_listed() {
        assert_eq!(wrong(SMALL, &[]), ["read never uses dynamodb:GetItem on table/Rows"]);
        let unread = SMALL.replace(
            "        Called: { Type: SQS, Properties: { Queue: !GetAtt Calls.Arn } }\n",
            "",
        );
        let unread = wrong(&unread, &[("dynamodb:GetItem", "Rows")]);
        assert_eq!(unread.len(), 3, "{unread:?}");
        assert!(unread.contains(&"read never uses sqs:ReceiveMessage on calls".to_owned()));
    }

    #[test]
    fn a_grant_that_lambda_needs_and_a_role_lacks_is_listed() {
        for (action, said) in [
            ("sqs:SendMessage", "read lacks sqs:SendMessage on lost, which Lambda needs"),
            ("dynamodb:ListStreams", "read lacks dynamodb:ListStreams on *, which Lambda needs"),
        ] {
            let poorer = SMALL.replace(&format!("Action: {action}"), "Action: dynamodb:GetItem");
            assert!(wrong(&poorer, &[]).contains(&said.to_owned()), "{action}");
        }
    }
}
