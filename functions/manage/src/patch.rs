//! The semantics of `PATCH`: a given field replaces the stored one, `null` resets it to its
//! default, and other fields do not change. Maps of custom fields are merged key by key (RFC 7396).
//!
//! A `POST` merges the given fields into a template in the same way, so both share one set of
//! checks.

use gancho_edge::{http::Call, json, problem::ApiError, validate};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// A JSON object, by key.
pub(crate) type Object = Map<String, Value>;

/// Fields whose keys are merged one by one.
const MAPS: [&str; 4] = ["custom", "custom_fields", "policy", "limits"];

/// Fields that hold lists. serde would accept a list for any object, as its fields in their order.
const LISTS: [&str; 22] = [
    "stages",
    "tags",
    "verification",
    "allowed_ips",
    "methods",
    "fields",
    "read",
    "keys",
    "paths",
    "transforms",
    "constant",
    "default",
    "headers",
    "waits",
    "types",
    "origins",
    "statuses",
    "all",
    "any",
    "value",
    "mapped",
    "notice_recipients",
];

/// The request's body, which must be an object, with lists only in the fields of [`LISTS`].
pub(crate) fn body(call: &Call) -> Result<Object, ApiError> {
    match call.json()? {
        Value::Object(object) => {
            no_odd_lists(&object, "")?;
            Ok(object)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(ApiError::invalid("$", "wrong_type"))
        }
    }
}

/// The request's body, which may be empty.
pub(crate) fn optional_body(call: &Call) -> Result<Object, ApiError> {
    if call.request.body().trim_ascii().is_empty() { Ok(Object::new()) } else { body(call) }
}

/// Removes a field from a body and returns its value; `None` if it is missing or `null`.
pub(crate) fn optional<T: DeserializeOwned>(
    body: &mut Object,
    name: &str,
) -> Result<Option<T>, ApiError> {
    let Some(value) = body.remove(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let reason = if value.is_string() { "unknown_value" } else { "wrong_type" };
    serde_json::from_value(value).map(Some).map_err(|_| ApiError::invalid(name, reason))
}

/// Refuses the remaining fields of a body from which all known fields were removed.
pub(crate) fn nothing_else(body: &Object) -> Result<(), ApiError> {
    match body.keys().next() {
        Some(field) => Err(ApiError::invalid(validate::named("$", field), "unknown_field")),
        None => Ok(()),
    }
}

fn no_odd_lists(object: &Object, path: &str) -> Result<(), ApiError> {
    for (key, value) in object {
        let path = validate::named(path, key);
        let path = path.strip_prefix('.').unwrap_or(&path);
        match value {
            Value::Object(inner) => no_odd_lists(inner, path)?,
            Value::Array(items) if LISTS.contains(&key.as_str()) => {
                for (index, item) in items.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    match item {
                        Value::Object(inner) => no_odd_lists(inner, &path)?,
                        Value::Array(_) => return Err(ApiError::invalid(path, "wrong_type")),
                        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
                    }
                }
            }
            Value::Array(_) => return Err(ApiError::invalid(path, "wrong_type")),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    Ok(())
}

/// Merges `patch` into `object` and reads the result.
pub(crate) fn over<T: DeserializeOwned>(mut object: Object, patch: Object) -> Result<T, ApiError> {
    for (key, value) in patch {
        match (object.get_mut(&key), value) {
            (_, Value::Null) => drop(object.remove(&key)),
            (Some(Value::Object(map)), Value::Object(changes)) if MAPS.contains(&key.as_str()) => {
                merge(map, changes);
            }
            (_, value) => drop(object.insert(key, value)),
        }
    }
    read(&Value::Object(object))
}

/// The JSON object of settings.
pub(crate) fn object(settings: &impl Serialize) -> Result<Object, ApiError> {
    match serde_json::to_value(settings).map_err(ApiError::internal)? {
        Value::Object(object) => Ok(object),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(ApiError::internal("the settings are no object"))
        }
    }
}

/// Reads a JSON value as a type.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, ApiError> {
    json::read(value.to_string().as_bytes())
}

fn merge(map: &mut Object, changes: Object) {
    for (key, value) in changes {
        match value {
            Value::Null => drop(map.remove(&key)),
            value @ (Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_)) => drop(map.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(object: Value, patch: Value) -> Value {
        let (Value::Object(object), Value::Object(patch)) = (object, patch) else { panic!() };
        over(object, patch).unwrap()
    }

    #[test]
    fn te_05_a_list_is_no_object() {
        let fault = |value: Value| {
            no_odd_lists(value.as_object().unwrap(), "").unwrap_err().params["path"].clone()
        };
        assert_eq!(fault(json!({"mapping": []})), "mapping");
        assert_eq!(fault(json!({"mapping": {"fields": [["deal.title"]]}})), "mapping.fields[0]");
        assert_eq!(fault(json!({"stages": [{"name": ["a"]}]})), "stages[0].name");
        let good =
            json!({"mapping": {"fields": [{"constant": ["a"]}], "keys": ["$.id"]}, "tags": []});
        assert!(no_odd_lists(good.as_object().unwrap(), "").is_ok());
    }

    #[test]
    fn a_field_replaces_null_clears_and_custom_keys_merge() {
        let thing =
            json!({"name": "a", "tag": "t", "dedupe": {"header": "x"}, "custom": {"a": 1, "b": 2}});
        assert_eq!(merged(thing.clone(), json!({})), thing);
        assert_eq!(
            merged(
                thing,
                json!({"tag": null, "dedupe": {"path": "$.id"}, "custom": {"a": null, "c": 3}})
            ),
            json!({"name": "a", "dedupe": {"path": "$.id"}, "custom": {"b": 2, "c": 3}})
        );
    }
}
