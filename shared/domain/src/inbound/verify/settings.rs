//! The settings of a check, each validated when it is parsed.

use serde::{Deserialize, Serialize};

const MAX_NAME: usize = 100;
const MAX_TEMPLATE: usize = 100;

/// The reason for rejecting a setting of a check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Not the name of a header (RFC 9110, 5.1), or longer than 100.
    #[error("not a header name")]
    HeaderName,
    /// Empty, longer than 100, or with control characters.
    #[error("not a parameter name")]
    QueryName,
    /// Not a template of signed text.
    #[error("a template needs {{body}} once, and may have {{ts}} and {{id}} once each")]
    Template,
}

/// The name of a header, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HeaderName(String);

impl HeaderName {
    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a name in any case, without white space around it.
    pub fn parse(text: &str) -> Result<Self, SettingError> {
        let text = text.trim();
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if text.is_empty() || text.len() > MAX_NAME || !text.bytes().all(token) {
            return Err(SettingError::HeaderName);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// A name that is known to be valid, in lower case.
    pub(super) fn known(name: &'static str) -> Self {
        Self(name.to_owned())
    }
}

/// The name of a query parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QueryName(String);

impl QueryName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads any text without control characters, and without white space around it.
    pub fn parse(text: &str) -> Result<Self, SettingError> {
        let text = text.trim();
        if text.is_empty() || text.len() > MAX_NAME || text.chars().any(char::is_control) {
            return Err(SettingError::QueryName);
        }
        Ok(Self(text.to_owned()))
    }
}

/// The hash under an HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// Only for senders without a better one.
    Sha1,
    /// The default.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
}

/// The encoding of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Hexadecimal digits, all lower or all upper case.
    #[default]
    Hex,
    /// Base64, standard alphabet, padded.
    Base64,
}

/// The signed text: a template with `{body}` once and `{ts}` and `{id}` at most once each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

/// A piece of signed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Literal text.
    Literal(String),
    /// The raw body.
    Body,
    /// The text of the timestamp header.
    Timestamp,
    /// The text of the id header.
    Id,
}

impl Template {
    /// The body alone.
    pub fn body() -> Self {
        Self { text: "{body}".to_owned(), parts: vec![Part::Body] }
    }

    /// Reads a template such as `{ts}.{body}`.
    pub fn parse(text: &str) -> Result<Self, SettingError> {
        if text.len() > MAX_TEMPLATE {
            return Err(SettingError::Template);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, tail)) = rest.split_once('{') {
            push_literal(&mut parts, literal)?;
            let (name, tail) = tail.split_once('}').ok_or(SettingError::Template)?;
            parts.push(named(name)?);
            rest = tail;
        }
        push_literal(&mut parts, rest)?;
        let count = |part: &Part| parts.iter().filter(|have| *have == part).count();
        if count(&Part::Body) != 1 || count(&Part::Timestamp) > 1 || count(&Part::Id) > 1 {
            return Err(SettingError::Template);
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(super) fn has(&self, part: &Part) -> bool {
        self.parts.contains(part)
    }
}

fn named(name: &str) -> Result<Part, SettingError> {
    match name {
        "body" => Ok(Part::Body),
        "ts" => Ok(Part::Timestamp),
        "id" => Ok(Part::Id),
        _ => Err(SettingError::Template),
    }
}

fn push_literal(parts: &mut Vec<Part>, text: &str) -> Result<(), SettingError> {
    if text.contains('}') {
        return Err(SettingError::Template);
    }
    if !text.is_empty() {
        parts.push(Part::Literal(text.to_owned()));
    }
    Ok(())
}

/// Serde reads and writes these as plain text.
macro_rules! as_text {
    ($($name:ident $field:tt)*) => {$(
        impl TryFrom<String> for $name {
            type Error = SettingError;

            fn try_from(text: String) -> Result<Self, SettingError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.$field
            }
        }
    )*};
}

as_text! { HeaderName 0 QueryName 0 Template text }
