//! Content types and the formats that they declare.

use super::{Kind, error::Warnings};

/// The parsed content type.
#[derive(Debug, Default)]
pub(super) struct Media {
    /// The whole value, for the multipart boundary.
    value: String,
    /// `type/subtype` in lower case; empty when there is none.
    essence: String,
    charset: Option<String>,
}

impl Media {
    /// Reads the header's values. The first one counts.
    pub(super) fn read(values: &[&str], warnings: &mut Warnings) -> Self {
        let mut all = values.iter().flat_map(|value| split_outside_quotes(value, ','));
        let Some(value) = all.next() else { return Self::default() };
        let media = Self::one(value);
        if all.any(|other| Self::one(other).essence != media.essence) {
            warnings.repaired("content_types");
        }
        media
    }

    fn one(value: &str) -> Self {
        let mut parts = split_outside_quotes(value, ';');
        let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
        let charset = parts.find_map(|part| {
            let (name, label) = part.split_once('=')?;
            let label = label.trim().trim_matches(['"', '\'']);
            name.trim().eq_ignore_ascii_case("charset").then(|| label.to_owned())
        });
        Self { value: value.to_owned(), essence, charset: charset.filter(|c| !c.is_empty()) }
    }

    pub(super) fn charset(&self) -> Option<&str> {
        self.charset.as_deref()
    }

    pub(super) fn value(&self) -> &str {
        &self.value
    }

    /// The format of a body of this type; `None` without a type.
    pub(super) fn kind(&self) -> Option<Kind> {
        let (main, sub) = self.essence.split_once('/').unwrap_or((self.essence.as_str(), ""));
        match (main, sub) {
            ("", _) => None,
            (_, "json" | "x-json" | "csp-report") => Some(Kind::Json),
            (_, "xml") => Some(Kind::Xml),
            ("application", "x-www-form-urlencoded") => Some(Kind::Form),
            ("multipart", "form-data") => Some(Kind::Multipart),
            (_, sub) if sub.ends_with("+json") => Some(Kind::Json),
            ("application", sub) if sub.ends_with("+xml") => Some(Kind::Xml),
            ("text", _) | ("application", "x-ndjson" | "javascript" | "graphql" | "yaml") => {
                Some(Kind::Text)
            }
            _ => Some(Kind::Binary),
        }
    }
}

/// Splits at separators outside quoted strings and drops empty pieces.
fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let pieces = text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    });
    pieces.map(str::trim).filter(|piece| !piece.is_empty())
}
