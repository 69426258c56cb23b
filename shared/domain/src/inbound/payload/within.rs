//! Texts within a payload that are read as something: `payload=<JSON>`, a query inside JSON, XML.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PayloadError, Warnings, form, json, xml};

/// Base64 as senders write it: with or without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The format of a text within a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JSON.
    Json,
    /// A query or form: `name=Ana&items[]=1`.
    Form,
    /// XML, as a tree of elements.
    Xml,
    /// Base64 of a UTF-8 text, in either alphabet, also as a `data:` URL. The result is a text.
    Base64,
}

/// The reason for failing to read a text, a word of [`REASONS`](crate::common::code::REASONS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub &'static str);

impl Format {
    /// The name as in a mapping.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Form => "form",
            Self::Xml => "xml",
            Self::Base64 => "base64",
        }
    }

    /// Reads a text as a tree of at most `nodes_max` values.
    pub fn read(self, text: &str, nodes_max: usize) -> Result<Value, Unreadable> {
        let mut warnings = Warnings::default();
        let tree = match self {
            Self::Json => json::read(text.trim_start_matches('\u{feff}'), nodes_max, &mut warnings),
            Self::Form => form::read(text.trim().trim_start_matches('?').as_bytes(), None)
                .map(|fields| fields.into_value(&mut warnings)),
            Self::Xml => xml::read(text, nodes_max),
            Self::Base64 => return from_base64(text).map(Value::String),
        };
        tree.map_err(|error| Unreadable(reason(&error)))
    }
}

fn reason(error: &PayloadError) -> &'static str {
    match error {
        PayloadError::Unparseable { reason, .. } => reason.as_str(),
        PayloadError::TooManyNodes { .. } => "too_many",
        PayloadError::FormInvalid { .. } => "form",
        PayloadError::Empty
        | PayloadError::DecompressLimit
        | PayloadError::UnsupportedEncoding { .. } => "unknown_value",
    }
}

fn from_base64(text: &str) -> Result<String, Unreadable> {
    let text = text.trim();
    let data = text.strip_prefix("data:").and_then(|url| url.split_once(";base64,"));
    let standard = |c: char| match c {
        '-' => '+',
        '_' => '/',
        c => c,
    };
    let text = data.map_or(text, |(_, data)| data);
    let text: String = text.chars().filter(|c| !c.is_whitespace()).map(standard).collect();
    let bytes = LENIENT.decode(text).map_err(|_| Unreadable("base64"))?;
    String::from_utf8(bytes).map_err(|_| Unreadable("charset"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn fc_20_each_format_reads_its_own_texts() {
        let cases = [
            (Format::Json, " {\"a\":1}", json!({"a": 1})),
            (Format::Json, "[1,2]", json!([1, 2])),
            (Format::Form, "?nome=Rute+A&i[]=1&i[]=2", json!({"nome": "Rute A", "i": ["1", "2"]})),
            (Format::Xml, "<a><b>1</b></a>", json!({"a": {"b": "1"}})),
            (Format::Base64, "eyJhIjoxfQ==", json!("{\"a\":1}")),
            (Format::Base64, " eyJh\r\nIjoxfQ ", json!("{\"a\":1}")),
            (Format::Base64, "w6_Dow", json!("ïã")),
            (Format::Base64, "data:text/plain;base64,w6/Dow==", json!("ïã")),
        ];
        for (format, text, expected) in cases {
            assert_eq!(format.read(text, 100), Ok(expected), "{text}");
        }
    }

    #[test]
    fn fc_20_an_unreadable_text_has_a_reason() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let cases = [
            (Format::Json, "{", "syntax"),
            (Format::Json, "oi", "syntax"),
            (Format::Json, "[1,2,3,4]", "too_many"),
            (Format::Json, deep.as_str(), "too_deep"),
            (Format::Form, "a=%zz", "form"),
            (Format::Xml, "<a>", "xml"),
            (Format::Base64, "olá!", "base64"),
            (Format::Base64, "/w==", "charset"),
        ];
        for (format, text, expected) in cases {
            let most = if expected == "too_deep" { 1_000 } else { 4 };
            assert_eq!(format.read(text, most), Err(Unreadable(expected)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            for format in [Format::Json, Format::Form, Format::Xml, Format::Base64] {
                _ = format.read(&text, 1_000);
            }
        }
    }
}
