//! What each function's role in the template allows. The emulators ask nobody; with this, a call that
//! the role does not name is refused as IAM would, so that a missing permission is found here and
//! not on AWS.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_yaml_ng::Value as Yaml;

use crate::{error::HostError, intrinsics::Resolver, names};

/// Actions with the resources that they are allowed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role(BTreeSet<(String, String)>);

/// The roles of functions, by folder.
pub type Roles = BTreeMap<String, Role>;

impl Role {
    /// Reads the policies of an `AWS::IAM::Role`.
    pub fn read(properties: &Yaml, resolver: &Resolver) -> Result<Self, HostError> {
        let mut allowed = BTreeSet::new();
        for policy in list(properties.get("Policies")) {
            let document = policy.get("PolicyDocument");
            for statement in list(document.and_then(|document| document.get("Statement"))) {
                for resource in list(statement.get("Resource")) {
                    // Log groups are nobody's business here.
                    let Ok(resource) = resolver.text(resource) else { continue };
                    for action in list(statement.get("Action")) {
                        allowed.insert((resolver.text(action)?, resource.clone()));
                    }
                }
            }
        }
        Ok(Self(allowed))
    }

    /// The first action of a request that is not allowed.
    pub fn refuses(&self, operation: &str, request: &Value) -> Option<String> {
        let refused = actions(operation, request).into_iter().find(|(action, resource)| {
            let allowed = |resource: &str| self.0.contains(&(action.clone(), resource.to_owned()));
            !allowed(resource) && !allowed("*")
        });
        refused.map(|(action, resource)| {
            format!("not authorized to perform: {action} on resource: {resource}")
        })
    }
}

fn list(value: Option<&Yaml>) -> Vec<&Yaml> {
    match value {
        None | Some(Yaml::Null) => Vec::new(),
        Some(Yaml::Sequence(items)) => items.iter().collect(),
        Some(one) => vec![one],
    }
}

/// What IAM asks about for a request: actions and resources.
fn actions(operation: &str, request: &Value) -> Vec<(String, String)> {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    if let Some(topic) = text("TopicArn") {
        return vec![(format!("sns:{operation}"), topic.to_owned())];
    }
    if let Some(url) = text("QueueUrl") {
        let name = url.rsplit('/').next().unwrap_or(url);
        let action = operation.strip_suffix("Batch").unwrap_or(operation);
        return vec![(format!("sqs:{action}"), names::arn("sqs", name))];
    }
    if let Some(table) = text("TableName") {
        let index = text("IndexName").map_or(String::new(), |index| format!("/index/{index}"));
        let resource = names::arn("dynamodb", &format!("table/{table}{index}"));
        return vec![(format!("dynamodb:{operation}"), resource)];
    }
    let fields = |name: &str| request.get(name).and_then(Value::as_object);
    if let Some(tables) = fields("RequestItems") {
        let table = |name: &String| {
            let resource = names::arn("dynamodb", &format!("table/{name}"));
            (format!("dynamodb:{operation}"), resource)
        };
        return tables.keys().map(table).collect();
    }
    let items = request.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
    let parts = items.filter_map(Value::as_object).flatten();
    parts.flat_map(|(kind, part)| actions(transacted(kind), part)).collect()
}

fn transacted(kind: &str) -> &'static str {
    match kind {
        "Put" => "PutItem",
        "Update" => "UpdateItem",
        "Delete" => "DeleteItem",
        "ConditionCheck" => "ConditionCheckItem",
        _ => "GetItem",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn role(allowed: &[(&str, &str)]) -> Role {
        let own = |(action, table): &(&str, &str)| {
            ((*action).to_owned(), names::arn("dynamodb", &format!("table/{table}")))
        };
        Role(allowed.iter().map(own).collect())
    }

    #[test]
    fn a_transaction_needs_what_each_of_its_parts_needs() {
        let role = role(&[("dynamodb:PutItem", "A"), ("dynamodb:ConditionCheckItem", "B")]);
        let allowed = json!({"TransactItems": [
            {"Put": {"TableName": "A"}}, {"ConditionCheck": {"TableName": "B"}},
        ]});
        assert_eq!(role.refuses("TransactWriteItems", &allowed), None);
        let refused = json!({"TransactItems": [{"Put": {"TableName": "B"}}]});
        assert_eq!(
            role.refuses("TransactWriteItems", &refused).unwrap(),
            "not authorized to perform: dynamodb:PutItem on resource: \
             arn:aws:dynamodb:us-east-1:000000000000:table/B"
        );
    }

    #[test]
    fn a_topic_is_published_to_by_those_who_may() {
        let topic = names::arn("sns", "gancho-notices");
        let role = Role([("sns:Publish".to_owned(), topic.clone())].into());
        let request = json!({"Action": "Publish", "TopicArn": topic, "Message": "m"});
        assert_eq!(role.refuses("Publish", &request), None);
        assert!(role.refuses("Subscribe", &request).is_some());
        assert!(Role::default().refuses("Publish", &request).is_some());
    }

    #[test]
    fn an_index_is_a_resource_of_its_own() {
        let role = role(&[("dynamodb:Query", "A"), ("dynamodb:BatchGetItem", "A")]);
        assert_eq!(role.refuses("Query", &json!({"TableName": "A"})), None);
        assert!(role.refuses("Query", &json!({"TableName": "A", "IndexName": "i"})).is_some());
        assert_eq!(role.refuses("BatchGetItem", &json!({"RequestItems": {"A": {}}})), None);
    }
}
