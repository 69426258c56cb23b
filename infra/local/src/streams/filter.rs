//! `FilterCriteria` of an event source mapping: exact values of fields and whether a field exists,
//! which is all that the template uses.

use serde_json::Value;

use crate::{error::HostError, template::FilterCriteria};

/// Patterns; a record of interest matches one of them, or there are none.
#[derive(Debug, Clone, Default)]
pub struct Filter(Vec<Value>);

impl Filter {
    /// Reads the patterns.
    pub fn parse(criteria: &FilterCriteria) -> Result<Self, HostError> {
        let fault = |error: serde_json::Error| HostError::Template(format!("a filter: {error}"));
        let patterns = criteria.filters.iter().map(|filter| serde_json::from_str(&filter.pattern));
        patterns.collect::<Result<_, _>>().map(Self).map_err(fault)
    }

    /// Whether a record is of interest.
    pub fn accepts(&self, event: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| matches(pattern, event))
    }
}

fn matches(pattern: &Value, value: &Value) -> bool {
    match pattern {
        Value::Object(fields) => fields
            .iter()
            .all(|(name, pattern)| value.get(name).is_some_and(|value| matches(pattern, value))),
        Value::Array(allowed) => {
            let exists = |rule: &Value| rule.get("exists") == Some(&Value::Bool(true));
            allowed.contains(value) || allowed.iter().any(exists)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => pattern == value,
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
}
