//! The permissions of each function's role in the template. The emulators check none; with this, a
//! call that the role does not name is refused as IAM would, so that a missing permission is found
//! here and not on AWS.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_yaml_ng::Value as Yaml;

use crate::emulator::{arns, error::HostError, intrinsics::Resolver};

/// An action, and the resource that it is allowed on or requested for; `*` is every resource.
pub type Grant = (String, String);

/// The grants of a role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role(BTreeSet<Grant>);

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
                    let resource = resolver.text(resource)?;
                    for action in list(statement.get("Action")) {
                        allowed.insert((resolver.text(action)?, resource.clone()));
                    }
                }
            }
        }
        Ok(Self(allowed))
    }

    /// All of its grants.
    pub fn grants(&self) -> &BTreeSet<Grant> {
        &self.0
    }

    /// The grants that a request uses, or the refusal.
    pub fn judge(&self, operation: &str, request: &Value) -> Result<Vec<Grant>, String> {
        let granted = |(action, resource): Grant| {
            let here = (action.clone(), resource.clone());
            let everywhere = (action, "*".to_owned());
            [here, everywhere].into_iter().find(|grant| self.0.contains(grant)).ok_or(resource)
        };
        let judged = actions(operation, request).into_iter().map(|requested| {
            let action = requested.0.clone();
            granted(requested).map_err(|resource| {
                format!("not authorized to perform: {action} on resource: {resource}")
            })
        });
        judged.collect()
    }
}

fn list(value: Option<&Yaml>) -> Vec<&Yaml> {
    match value {
        None | Some(Yaml::Null) => Vec::new(),
        Some(Yaml::Sequence(items)) => items.iter().collect(),
        Some(one) => vec![one],
    }
}

/// The grants that a request needs: actions and resources.
fn actions(operation: &str, request: &Value) -> Vec<Grant> {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    if let Some(topic) = text("TopicArn").or_else(|| text("SubscriptionArn")) {
        return vec![(format!("sns:{operation}"), topic.to_owned())];
    }
    if let Some(url) = text("QueueUrl") {
        let name = url.rsplit('/').next().unwrap_or(url);
        let action = operation.strip_suffix("Batch").unwrap_or(operation);
        return vec![(format!("sqs:{action}"), arns::arn("sqs", name))];
    }
    if let Some(table) = text("TableName") {
        let index = text("IndexName").map_or(String::new(), |index| format!("/index/{index}"));
        let resource = arns::arn("dynamodb", &format!("table/{table}{index}"));
        return vec![(format!("dynamodb:{operation}"), resource)];
    }
    let fields = |name: &str| request.get(name).and_then(Value::as_object);
    if let Some(tables) = fields("RequestItems") {
        let table = |name: &String| {
            let resource = arns::arn("dynamodb", &format!("table/{name}"));
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
            ((*action).to_owned(), arns::arn("dynamodb", &format!("table/{table}")))
        };
        Role(allowed.iter().map(own).collect())
    }

    #[test]
    fn a_transaction_needs_what_each_of_its_parts_needs() {
        let role = role(&[("dynamodb:PutItem", "A"), ("dynamodb:ConditionCheckItem", "B")]);
        let allowed = json!({"TransactItems": [
            {"Put": {"TableName": "A"}}, {"ConditionCheck": {"TableName": "B"}},
        ]});
        assert_eq!(role.judge("TransactWriteItems", &allowed).unwrap().len(), 2);
        let refused = json!({"TransactItems": [{"Put": {"TableName": "B"}}]});
        assert_eq!(
            role.judge("TransactWriteItems", &refused).unwrap_err(),
            "not authorized to perform: dynamodb:PutItem on resource: \
             arn:aws:dynamodb:us-east-1:000000000000:table/B"
        );
    }

    #[test]
    fn a_topic_is_published_to_by_roles_that_allow_it() {
        let topic = arns::arn("sns", "gancho-notices");
        let role = Role([("sns:Publish".to_owned(), topic.clone())].into());
        let request = json!({"Action": "Publish", "TopicArn": topic, "Message": "m"});
        assert!(role.judge("Publish", &request).is_ok());
        assert!(role.judge("Subscribe", &request).is_err());
        assert!(Role::default().judge("Publish", &request).is_err());
    }

    #[test]
    fn an_index_is_a_resource_of_its_own() {
        let role = role(&[("dynamodb:Query", "A"), ("dynamodb:BatchGetItem", "A")]);
        assert!(role.judge("Query", &json!({"TableName": "A"})).is_ok());
        assert!(role.judge("Query", &json!({"TableName": "A", "IndexName": "i"})).is_err());
        assert!(role.judge("BatchGetItem", &json!({"RequestItems": {"A": {}}})).is_ok());
    }

    #[test]
    fn a_subscription_is_reached_by_a_grant_on_everything_and_that_grant_is_the_one_used() {
        let subscription = arns::arn("sns", "gancho-notices:1");
        let request = json!({"Action": "Unsubscribe", "SubscriptionArn": subscription});
        assert!(Role::default().judge("Unsubscribe", &request).is_err());
        let everywhere = ("sns:Unsubscribe".to_owned(), "*".to_owned());
        let role = Role([everywhere.clone()].into());
        assert_eq!(role.judge("Unsubscribe", &request).unwrap(), [everywhere]);
    }
}
