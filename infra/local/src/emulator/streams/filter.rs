//! `FilterCriteria` of an event source mapping: exact values of fields and the existence of a
//! field, which is all that the template uses. As with Lambda, `exists` matches leaves: of an
//! attribute that is its type (`"busy":{"S":[{"exists":false}]}`).

use serde_json::Value;

use crate::emulator::{error::HostError, template::FilterCriteria};

/// Patterns; a record passes if it matches one of them, or if there are none.
#[derive(Debug, Clone, Default)]
pub struct Filter(Vec<Value>);

impl Filter {
    /// Reads the patterns.
    pub fn parse(criteria: &FilterCriteria) -> Result<Self, HostError> {
        let fault = |error: serde_json::Error| HostError::Template(format!("a filter: {error}"));
        let patterns = criteria.filters.iter().map(|filter| serde_json::from_str(&filter.pattern));
        patterns.collect::<Result<_, _>>().map(Self).map_err(fault)
    }

    /// `true` if a record passes.
    pub fn accepts(&self, event: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| matches(pattern, Some(event)))
    }
}

fn matches(pattern: &Value, value: Option<&Value>) -> bool {
    match pattern {
        Value::Object(fields) => fields
            .iter()
            .all(|(name, pattern)| matches(pattern, value.and_then(|value| value.get(name)))),
        Value::Array(allowed) => {
            let leaf = value.filter(|value| !value.is_object());
            allowed.iter().any(|rule| match rule.get("exists").and_then(Value::as_bool) {
                Some(exists) => leaf.is_some() == exists,
                None => leaf == Some(rule),
            })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            value == Some(pattern)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_matches_when_every_named_field_has_one_of_the_values() {
        let filter = Filter(vec![json!({"eventName": ["INSERT", "MODIFY"]})]);
        assert!(filter.accepts(&json!({"eventName": "INSERT", "dynamodb": {}})));
        assert!(!filter.accepts(&json!({"eventName": "REMOVE"})));
        assert!(!filter.accepts(&json!({})));
        assert!(Filter::default().accepts(&json!({})));
        let filter = Filter(vec![json!({"dynamodb": {"w": {"S": [{"exists": true}]}}})]);
        assert!(filter.accepts(&json!({"dynamodb": {"w": {"S": "x"}}})));
        assert!(!filter.accepts(&json!({"dynamodb": {"r": {"S": "x"}}})));
    }

    #[test]
    fn exists_false_is_checked_at_the_leaves() {
        let claimed = json!({"dynamodb": {"NewImage": {"busy": {"S": "x"}}}});
        let free = json!({"dynamodb": {"NewImage": {}}});
        let leaf = json!({"dynamodb": {"NewImage": {"busy": {"S": [{"exists": false}]}}}});
        let filter = Filter(vec![leaf]);
        assert!(filter.accepts(&free) && filter.accepts(&json!({"dynamodb": {}})));
        assert!(!filter.accepts(&claimed));
        // As on AWS: an attribute is not a leaf, so that this matches every record.
        let wrong = json!({"dynamodb": {"NewImage": {"busy": [{"exists": false}]}}});
        assert!(Filter(vec![wrong]).accepts(&claimed));
    }
}
