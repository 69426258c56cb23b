//! `!Ref`, `!Sub` and `!GetAtt`, resolved to what exists here.

use std::collections::BTreeMap;

use serde_yaml_ng::Value;

use crate::{
    error::HostError,
    names::{self, ACCOUNT, REGION, STACK},
};

/// What references resolve to. An attribute is kept as `Resource.Attribute`.
#[derive(Debug, Clone)]
pub struct Resolver(BTreeMap<String, String>);

impl Resolver {
    /// Parameters and pseudo parameters.
    pub(crate) fn new(parameters: BTreeMap<String, String>) -> Self {
        let pseudo = [
            ("AWS::Region", REGION),
            ("AWS::AccountId", ACCOUNT),
            ("AWS::StackName", STACK),
            ("AWS::Partition", "aws"),
            ("AWS::URLSuffix", "amazonaws.com"),
        ];
        let mut known = parameters;
        known.extend(pseudo.map(|(name, value)| (name.to_owned(), value.to_owned())));
        Self(known)
    }

    pub(crate) fn table(&mut self, id: &str) {
        self.put(id, id.to_owned());
        self.put(&format!("{id}.Arn"), names::arn("dynamodb", &format!("table/{id}")));
        self.put(&format!("{id}.StreamArn"), stream_arn(id));
    }

    pub(crate) fn queue(&mut self, id: &str, name: &str, base: &str) {
        self.put(id, format!("{base}/{ACCOUNT}/{name}"));
        self.put(&format!("{id}.Arn"), names::arn("sqs", name));
        self.put(&format!("{id}.QueueName"), name.to_owned());
    }

    pub(crate) fn topic(&mut self, id: &str, name: &str) {
        self.put(id, names::arn("sns", name));
        self.put(&format!("{id}.TopicArn"), names::arn("sns", name));
        self.put(&format!("{id}.TopicName"), name.to_owned());
    }

    /// An HTTP API: its id stands in the names of its default address.
    pub(crate) fn api(&mut self, id: &str) {
        self.put(id, id.to_ascii_lowercase());
    }

    pub(crate) fn function(&mut self, id: &str, folder: &str) {
        self.put(id, folder.to_owned());
        self.put(&format!("{id}.Arn"), names::arn("lambda", &format!("function:{folder}")));
    }

    fn put(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    /// A value of the template as text.
    pub fn text(&self, value: &Value) -> Result<String, HostError> {
        match value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(flag) => Ok(flag.to_string()),
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
        self.0.get(name).cloned().ok_or_else(unknown)
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
    names::arn("dynamodb", &format!("table/{table}/stream/2026-01-01T00:00:00.000"))
}

/// The table in the ARN of a stream.
pub fn stream_table(arn: &str) -> &str {
    arn.split('/').nth(1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_replaces_parameters_pseudo_parameters_and_attributes() {
        let mut resolver = Resolver::new(BTreeMap::from([("Stage".to_owned(), "dev".to_owned())]));
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
    fn what_nothing_is_called_is_named() {
        let resolver = Resolver::new(BTreeMap::new());
        let value: Value = serde_yaml_ng::from_str("!Ref Nothing").unwrap();
        let error = resolver.text(&value).unwrap_err().to_string();
        assert_eq!(error, "template.yaml: nothing is called Nothing");
    }
}
