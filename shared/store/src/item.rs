//! Conversion of rows to items: structs are serialized with serde; keys and expiry are separate
//! attributes.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use crate::{StoreError, keys::Key};

/// A row as DynamoDB returns it.
pub type Item = HashMap<String, AttributeValue>;

/// zstd's level for documents.
const LEVEL: i32 = 3;
/// The maximum size of an unpacked document: several times the largest event.
const UNPACKED: usize = 4 * 1024 * 1024;

/// A key as the two attributes that every table has.
pub(crate) fn key(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

/// A row from its struct. JSON inside is stored as text, so that numbers keep their digits.
pub(crate) fn row<T: Serialize>(at: &Key, value: &T) -> Result<Item, StoreError> {
    let mut item = key(at);
    item.insert("doc".to_owned(), AttributeValue::S(json(value)?));
    Ok(item)
}

/// A row from its struct, packed if that is smaller.
pub(crate) fn packed_row<T: Serialize>(at: &Key, value: &T) -> Result<Item, StoreError> {
    let mut item = key(at);
    let (name, document) = document(value, 0)?;
    item.insert(name.to_owned(), document);
    Ok(item)
}

/// A document as an attribute: `doc`, its JSON, or `z`, packed by zstd, where it is longer than
/// `plain` bytes and packing makes it shorter.
pub(crate) fn document<T: Serialize>(
    value: &T,
    plain: usize,
) -> Result<(&'static str, AttributeValue), StoreError> {
    let text = json(value)?;
    if text.len() > plain {
        let packed = zstd::bulk::compress(text.as_bytes(), LEVEL)
            .map_err(|e| StoreError::Corrupt(e.to_string()))?;
        if packed.len() < text.len() {
            return Ok(("z", AttributeValue::B(Blob::new(packed))));
        }
    }
    Ok(("doc", AttributeValue::S(text)))
}

/// The struct of a row that [`row`] or [`packed_row`] created.
pub(crate) fn doc<T: DeserializeOwned>(item: &Item) -> Result<T, StoreError> {
    let corrupt = |e: serde_json::Error| StoreError::Corrupt(e.to_string());
    match item.get("z").and_then(|value| value.as_b().ok()) {
        Some(packed) => serde_json::from_slice(&unpacked(packed.as_ref())?).map_err(corrupt),
        None => serde_json::from_str(text(item, "doc")?).map_err(corrupt),
    }
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    // The frame states its content size; a damaged one must not cause a large allocation.
    let size = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten();
    let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size <= UNPACKED);
    let size = size.ok_or_else(|| StoreError::Corrupt("not a packed document".to_owned()))?;
    zstd::bulk::decompress(packed, size).map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// The struct of a row that may be absent.
pub(crate) fn maybe_doc<T: DeserializeOwned>(item: Option<Item>) -> Result<Option<T>, StoreError> {
    item.map(|item| doc(&item)).transpose()
}

pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// A number, as an attribute.
pub(crate) fn n(number: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

/// A text, as an attribute.
pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A time, as an attribute: milliseconds since the epoch.
pub(crate) fn ms(at: Timestamp) -> AttributeValue {
    n(at.as_millisecond())
}

/// Sets the TTL attribute, and `xm`, the exact end in milliseconds, which reads use.
pub(crate) fn ends(item: &mut Item, at: Timestamp) {
    item.insert("xm".to_owned(), ms(at));
    expires(item, at);
}

/// Reports whether a row written with [`ends`] has ended by `now`.
pub(crate) fn has_ended(item: &Item, now: Timestamp) -> bool {
    number::<i64>(item, "xm").is_some_and(|end| end <= now.as_millisecond())
}

/// A time that [`ms`] wrote; absent or of another type: `None`.
pub(crate) fn moment(item: &Item, name: &str) -> Option<Timestamp> {
    number(item, name).and_then(|ms| Timestamp::from_millisecond(ms).ok())
}

/// Sets the TTL attribute, in whole seconds, rounded up: TTL must not be early.
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
