//! `!Ref`, `!Sub`, `!GetAtt` and `!If`, resolved to the resources of this host.

use std::collections::BTreeMap;

use serde_yaml_ng::Value;

use crate::emulator::{
    arns::{self, ACCOUNT, REGION, STACK},
    error::HostError,
};

/// The targets of references. An attribute is stored as `Resource.Attribute`.
#[derive(Debug, Clone)]
pub struct Resolver {
    known: BTreeMap<String, String>,
    conditions: BTreeMap<String, Value>,
}

impl Resolver {
    /// Parameters, pseudo parameters and conditions.
    pub(crate) fn new(
        parameters: BTreeMap<String, String>,
        conditions: BTreeMap<String, Value>,
    ) -> Self {
        let pseudo = [
            ("AWS::Region", REGION),
            ("AWS::AccountId", ACCOUNT),
            ("AWS::StackName", STACK),
            ("AWS::Partition", "aws"),
            ("AWS::URLSuffix", "amazonaws.com"),
        ];
        let mut known = parameters;
        known.extend(pseudo.map(|(name, value)| (name.to_owned(), value.to_owned())));
        Self { known, conditions }
    }

    pub(crate) fn table(&mut self, id: &str) {
        self.put(id, id.to_owned());
        self.put(&format!("{id}.Arn"), arns::arn("dynamodb", &format!("table/{id}")));
        self.put(&format!("{id}.StreamArn"), stream_arn(id));
    }

    pub(crate) fn queue(&mut self, id: &str, name: &str, base: &str) {
        self.put(id, format!("{base}/{ACCOUNT}/{name}"));
        self.put(&format!("{id}.Arn"), arns::arn("sqs", name));
        self.put(&format!("{id}.QueueName"), name.to_owned());
    }

    pub(crate) fn topic(&mut self, id: &str, name: &str) {
        self.put(id, arns::arn("sns", name));
        self.put(&format!("{id}.TopicArn"), arns::arn("sns", name));
        self.put(&format!("{id}.TopicName"), name.to_owned());
    }

    /// Adds an HTTP API: its id is part of its default host name.
    pub(crate) fn api(&mut self, id: &str) {
        self.put(id, id.to_ascii_lowercase());
    }

    pub(crate) fn function(&mut self, id: &str, folder: &str) {
        self.put(id, folder.to_owned());
        self.put(&format!("{id}.Arn"), arns::arn("lambda", &format!("function:{folder}")));
    }

    /// Adds a log group, whose `Arn` ends with a star for its streams.
    pub(crate) fn log_group(&mut self, id: &str, name: &str) {
        self.put(id, name.to_owned());
        self.put(&format!("{id}.Arn"), log_group_arn(name));
    }

    fn put(&mut self, name: &str, value: String) {
        self.known.insert(name.to_owned(), value);
    }

    /// A value of the template as text.
    pub fn text(&self, value: &Value) -> Result<String, HostError> {
        match value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(flag) => Ok(flag.to_string()),
            Value::Tagged(tagged) if tagged.tag == "If" => self.text(self.chosen(&tagged.value)?),
            Value::Tagged(tagged) => {
                let argument = tagged.value.as_str().unwrap_or_default();
                if tagged.tag == "Sub" { self.substitute(argument) } else { self.known(argument) }
            }
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => {
                Err(HostError::Template(format!("not a text: {value:?}")))
            }
        }
    }

    fn known(&self, name: &str) -> Result<String, HostError> {
        let unknown = || HostError::Template(format!("nothing is called {name}"));
        self.known.get(name).cloned().ok_or_else(unknown)
    }

    /// The branch of `[condition, then, else]` that applies.
    fn chosen<'a>(&self, branches: &'a Value) -> Result<&'a Value, HostError> {
        let odd = || HostError::Template(format!("not an !If: {branches:?}"));
        let condition = branches.get(0).and_then(Value::as_str).ok_or_else(odd)?;
        let place = if self.holds(condition)? { 1 } else { 2 };
        branches.get(place).ok_or_else(odd)
    }

    /// `true` if a condition of the template holds.
    pub fn holds(&self, condition: &str) -> Result<bool, HostError> {
        let unknown = || HostError::Template(format!("no condition is called {condition}"));
        self.judge(self.conditions.get(condition).ok_or_else(unknown)?)
    }

    fn judge(&self, condition: &Value) -> Result<bool, HostError> {
        let odd = || HostError::Template(format!("not a condition: {condition:?}"));
        let Value::Tagged(tagged) = condition else { return Err(odd()) };
        let parts = || tagged.value.as_sequence().into_iter().flatten();
        let mut judged = parts().map(|part| self.judge(part));
        match tagged.tag.to_string().as_str() {
            "!Condition" => self.holds(tagged.value.as_str().ok_or_else(odd)?),
            "!Equals" => {
                let texts = parts().map(|part| self.text(part)).collect::<Result<Vec<_>, _>>()?;
                let [one, other] = texts.as_slice() else { return Err(odd()) };
                Ok(one == other)
            }
            "!Not" => judged.next().ok_or_else(odd)?.map(|holds| !holds),
            "!Or" => judged.try_fold(false, |any, holds| Ok(any | holds?)),
            "!And" => judged.try_fold(true, |all, holds| Ok(all & holds?)),
            _ => Err(odd()),
        }
    }

    fn substitute(&self, pattern: &str) -> Result<String, HostError> {
        let mut parts = pattern.split("${");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            text.push_str(&self.known(name)?);
            text.push_str(rest);
        }
        Ok(text)
    }
}

/// The ARN of a table's stream.
pub fn stream_arn(table: &str) -> String {
    arns::arn("dynamodb", &format!("table/{table}/stream/2026-01-01T00:00:00.000"))
}

/// The ARN of a log group's streams.
pub fn log_group_arn(name: &str) -> String {
    arns::arn("logs", &format!("log-group:{name}:*"))
}

/// The table in the ARN of a stream.
pub fn stream_table(arn: &str) -> &str {
    arn.split('/').nth(1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(text: &str) -> Value {
        serde_yaml_ng::from_str(text).unwrap()
    }

    fn with_stage(stage: &str) -> Resolver {
        let conditions = yaml(
            "{IsProd: !Equals [!Ref Stage, prod], IsDev: !Not [!Condition IsProd], \
             Both: !And [!Condition IsProd, !Condition IsDev], \
             Either: !Or [!Condition IsProd, !Condition IsDev]}",
        );
        Resolver::new(
            BTreeMap::from([("Stage".to_owned(), stage.to_owned())]),
            serde_yaml_ng::from_value(conditions).unwrap(),
        )
    }

    #[test]
    fn conditions_choose_a_branch() {
        let value = yaml("!If [IsProd, !Sub \"for ${Stage}\", no]");
        assert_eq!(with_stage("prod").text(&value).unwrap(), "for prod");
        assert_eq!(with_stage("dev").text(&value).unwrap(), "no");
        for stage in ["dev", "prod"] {
            assert!(!with_stage(stage).holds("Both").unwrap());
            assert!(with_stage(stage).holds("Either").unwrap());
        }
        assert!(with_stage("dev").holds("Unknown").is_err());
    }

    #[test]
    fn sub_replaces_parameters_pseudo_parameters_and_attributes() {
        let mut resolver = with_stage("dev");
        resolver.table("CrmTable");
        let value: Value =
            serde_yaml_ng::from_str("!Sub \"${AWS::StackName}-${Stage}:${CrmTable.Arn}/index/x\"")
                .unwrap();
        assert_eq!(
            resolver.text(&value).unwrap(),
            "gancho-dev:arn:aws:dynamodb:us-east-1:000000000000:table/CrmTable/index/x"
        );
    }

    #[test]
    fn an_unknown_reference_is_named_in_the_error() {
        let resolver = with_stage("dev");
        let value: Value = serde_yaml_ng::from_str("!Ref Nothing").unwrap();
        let error = resolver.text(&value).unwrap_err().to_string();
        assert_eq!(error, "template.yaml: nothing is called Nothing");
    }
}
