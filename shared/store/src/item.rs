//! Rows as items: structs go through serde, keys and expiry stand beside them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use crate::{StoreError, keys::Key};

/// A row as DynamoDB has it.
pub type Item = HashMap<String, AttributeValue>;

/// A key as the two attributes that every table has.
pub(crate) fn key(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

/// A row from its struct. JSON inside goes as text, so that numbers keep their digits.
pub(crate) fn row<T: Serialize>(at: &Key, value: &T) -> Result<Item, StoreError> {
    let mut item = key(at);
    item.insert("doc".to_owned(), AttributeValue::S(json(value)?));
    Ok(item)
}

/// The struct of a row that [`row`] made.
pub(crate) fn doc<T: DeserializeOwned>(item: &Item) -> Result<T, StoreError> {
    serde_json::from_str(text(item, "doc")?).map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// The same where there may be no row.
pub(crate) fn maybe_doc<T: DeserializeOwned>(item: Option<Item>) -> Result<Option<T>, StoreError> {
    item.map(|item| doc(&item)).transpose()
}

pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// Sets the TTL attribute, in whole seconds; rounded up, for TTL must not be early.
pub(crate) fn expires(item: &mut Item, at: Timestamp) {
    let seconds = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    item.insert("expires_at".to_owned(), AttributeValue::N(seconds.to_string()));
}

/// A text attribute.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, StoreError> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
        .ok_or_else(|| StoreError::Corrupt(format!("{name} is missing")))
}

/// A number attribute; absent or of another type: `None`.
pub(crate) fn number<T: std::str::FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}
