//! From the raw bytes of a request to the tree that a mapping reads.
//!
//! A request is parsed after it is stored, so a parse error never rejects it: the error is recorded
//! in the history (`FACTS D13`). Depth, number of values and unpacked bytes are bounded, so a
//! hostile body costs no more than a large valid one.

mod coding;
mod error;
mod form;
mod json;
mod leaves;
mod media;
mod multipart;
mod text;
mod within;
mod xml;

use serde_json::{Map, Value};

pub use self::{
    coding::{DECODED_MAX, RATIO_MAX},
    error::{PayloadError, PayloadWarning, Position, Reason},
    form::{FORM_DEPTH_MAX, FORM_FIELDS_MAX},
    json::{DEPTH_MAX, NODES_MAX},
    leaves::leaves,
    multipart::PARTS_MAX,
    within::{Format, Unreadable},
};
use self::{error::Warnings, media::Media};

/// The parts of a request that parsing needs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'r> {
    /// Every value of the `content-type` header.
    pub content_types: &'r [&'r str],
    /// Every value of the `content-encoding` header.
    pub content_encodings: &'r [&'r str],
    /// The query string of the URL, without the question mark.
    pub query: &'r str,
    /// The body, byte for byte.
    pub body: &'r [u8],
    /// Reads a body that looks like JSON as JSON, regardless of its content type.
    pub sniff: bool,
}

/// The format of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// JSON.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// No body: the query parameters are the payload.
    Query,
    /// `multipart/form-data`.
    Multipart,
    /// Any text; the tree is one string.
    Text,
    /// XML; the tree is one string, which a mapping reads as a tree of elements.
    Xml,
    /// Anything else; the tree is `null`.
    Binary,
}

/// A parsed payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The format of the body.
    pub kind: Kind,
    /// The body as a tree; for [`Kind::Query`] the query parameters.
    pub body: Value,
    /// The query parameters, an object.
    pub query: Value,
    /// Warnings for people.
    pub warnings: Vec<PayloadWarning>,
}

/// Parses a payload. The same bytes always give the same result.
pub fn parse(request: &Request<'_>) -> Result<Parsed, PayloadError> {
    let mut warnings = Warnings::default();
    let bytes = coding::decode(request.content_encodings, request.body)?;
    if is_blank(&bytes) {
        return from_query(request.query, warnings);
    }
    let query = if let Ok(fields) = form::read(request.query.as_bytes(), None) {
        fields.into_value(&mut warnings)
    } else {
        warnings.repaired("query_invalid");
        Value::Object(Map::new())
    };
    let media = Media::read(request.content_types, &mut warnings);
    let (kind, body) = read_body(&bytes, &media, request.sniff, &mut warnings)?;
    Ok(Parsed { kind, body, query, warnings: warnings.into_list() })
}

/// The JSON tree that a mapping reads and that is shown and copied as JSON (`FACTS S1.11`).
pub fn view(parsed: &Parsed) -> &Value {
    &parsed.body
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii().is_empty()
}

fn from_query(query: &str, mut warnings: Warnings) -> Result<Parsed, PayloadError> {
    let fields = form::read(query.as_bytes(), None)?;
    if fields.is_empty() {
        return Err(PayloadError::Empty);
    }
    let body = fields.into_value(&mut warnings);
    Ok(Parsed { kind: Kind::Query, query: body.clone(), body, warnings: warnings.into_list() })
}

fn read_body(
    bytes: &[u8],
    media: &Media,
    sniff: bool,
    warnings: &mut Warnings,
) -> Result<(Kind, Value), PayloadError> {
    let declared = media.kind();
    if declared == Some(Kind::Json) || (declared.is_none() && looks_like_json(bytes)) {
        return read_json(bytes, media, warnings).map(|tree| (Kind::Json, tree));
    }
    if sniff && looks_like_json(bytes) && declared != Some(Kind::Multipart) {
        // If it is not JSON, the declared type applies.
        if let Ok(tree) = read_json(bytes, media, warnings) {
            return Ok((Kind::Json, tree));
        }
    }
    match declared.unwrap_or(Kind::Text) {
        Kind::Form => {
            let fields = form::read(bytes, media.charset())?;
            Ok((Kind::Form, fields.into_value(warnings)))
        }
        Kind::Multipart => {
            let fields = multipart::read(bytes, media, warnings)?;
            Ok((Kind::Multipart, fields.into_value(warnings)))
        }
        Kind::Xml => Ok((Kind::Xml, as_text(bytes, media, warnings)?)),
        Kind::Binary => Ok((Kind::Binary, Value::Null)),
        Kind::Text | Kind::Json | Kind::Query => match as_text(bytes, media, warnings) {
            Ok(text) => Ok((Kind::Text, text)),
            // Without a declared type the body may be binary.
            Err(_) if declared.is_none() => Ok((Kind::Binary, Value::Null)),
            Err(error) => Err(error),
        },
    }
}

fn read_json(bytes: &[u8], media: &Media, found: &mut Warnings) -> Result<Value, PayloadError> {
    json::read(&text::decode(bytes, media.charset())?, NODES_MAX, found)
}

fn as_text(bytes: &[u8], media: &Media, found: &mut Warnings) -> Result<Value, PayloadError> {
    let own = || xml::declared_encoding(bytes).filter(|_| media.kind() == Some(Kind::Xml));
    match text::decode(bytes, media.charset().or_else(own)) {
        Ok(text) => Ok(Value::String(text.into_owned())),
        Err(_) if media.kind().is_some() && media.charset().is_none() => {
            // One invalid byte, or a charset that nobody knows, must not hide the rest.
            found.repaired("charset");
            Ok(Value::String(String::from_utf8_lossy(bytes).into_owned()))
        }
        Err(error) => Err(error),
    }
}

fn looks_like_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

#[cfg(test)]
mod tests;
