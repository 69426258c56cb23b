//! Errors and warnings of parsing a payload.

use std::collections::BTreeMap;

use super::DECODED_MAX;
use crate::common::code::Code;

/// The most warnings of a payload.
const WARNINGS_MAX: usize = 20;

/// The reason for failing to parse a payload. It contains no data of the payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Neither a body nor a query.
    #[error("no body and no query")]
    Empty,
    /// The bytes do not match their declared type.
    #[error("unparseable: {reason:?}")]
    Unparseable {
        /// The reason.
        reason: Reason,
        /// The position, if known.
        at: Option<Position>,
    },
    /// More values than [`super::NODES_MAX`] (or fields than [`super::FORM_FIELDS_MAX`]).
    #[error("more than {limit} values")]
    TooManyNodes {
        /// The limit.
        limit: usize,
    },
    /// A bad percent escape, or text outside the declared charset, in a form or a query.
    #[error("bad form near byte {position}")]
    FormInvalid {
        /// The byte at which the bad field or escape begins.
        position: usize,
    },
    /// The body unpacks to more than is allowed.
    #[error("unpacks to too much")]
    DecompressLimit,
    /// A content encoding that is not supported, or more than one.
    #[error("unsupported content encoding")]
    UnsupportedEncoding {
        /// The encoding as sent, shortened.
        encoding: String,
    },
}

/// The reason for failing to read bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Not JSON.
    Syntax,
    /// Nested too deeply.
    TooDeep,
    /// Not in the declared charset, not UTF-8 where none is declared, or an unknown charset.
    Charset,
    /// A multipart type without a boundary.
    NoBoundary,
    /// A malformed multipart body.
    Multipart,
    /// Not XML.
    Xml,
    /// Compressed data that does not unpack.
    CorruptGzip,
}

impl Reason {
    /// The value of `params.reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::TooDeep => "too_deep",
            Self::Charset => "charset",
            Self::NoBoundary => "no_boundary",
            Self::Multipart => "multipart",
            Self::Xml => "xml",
            Self::CorruptGzip => "corrupt_gzip",
        }
    }
}

/// A position in a text. Line and column count from 1; the column is in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl PayloadError {
    pub(super) fn because(reason: Reason) -> Self {
        Self::Unparseable { reason, at: None }
    }

    /// The code in the history.
    pub fn code(&self) -> Code {
        match self {
            Self::Empty => Code::PayloadEmpty,
            Self::Unparseable { .. } => Code::PayloadUnparseable,
            Self::TooManyNodes { .. } => Code::TooManyNodes,
            Self::FormInvalid { .. } => Code::FormInvalid,
            Self::DecompressLimit => Code::DecompressLimit,
            Self::UnsupportedEncoding { .. } => Code::UnsupportedEncoding,
        }
    }

    /// The parameters of the code's sentence.
    pub fn params(&self) -> BTreeMap<String, String> {
        match self {
            Self::Empty => BTreeMap::new(),
            Self::Unparseable { reason, at } => {
                let mut params = one("reason", reason.as_str());
                if let Some(at) = at {
                    params.insert("line".to_owned(), at.line.to_string());
                    params.insert("column".to_owned(), at.column.to_string());
                }
                params
            }
            Self::TooManyNodes { limit } => one("limit", limit),
            Self::FormInvalid { position } => one("position", position),
            Self::DecompressLimit => one("limit", &DECODED_MAX),
            Self::UnsupportedEncoding { encoding } => one("encoding", encoding),
        }
    }
}

/// A warning about a parsed payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayloadWarning {
    /// A key occurs more than once in an object; the last one counts.
    DuplicateKey {
        /// The key's JSONPath.
        path: String,
    },
    /// Something was repaired or ignored: `query_invalid` (the query was ignored), `charset`
    /// (invalid bytes were replaced), `too_many_parts` (parts beyond [`super::PARTS_MAX`] were
    /// ignored), `mixed_key` (a form's key held a value and a map), `content_types` (the first
    /// counts).
    Repaired {
        /// The reason, one of these.
        reason: &'static str,
    },
}

impl PayloadWarning {
    /// The code in the run.
    pub fn code(&self) -> Code {
        match self {
            Self::DuplicateKey { .. } => Code::DuplicateKey,
            Self::Repaired { .. } => Code::Repaired,
        }
    }

    /// The parameters of the code's sentence.
    pub fn params(&self) -> BTreeMap<String, String> {
        match self {
            Self::DuplicateKey { path } => one("path", path),
            Self::Repaired { reason } => one("reason", reason),
        }
    }
}

fn one(name: &str, value: &(impl ToString + ?Sized)) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value.to_string())])
}

/// A bounded list of distinct warnings.
#[derive(Debug, Default)]
pub(super) struct Warnings(Vec<PayloadWarning>);

impl Warnings {
    pub(super) fn repaired(&mut self, reason: &'static str) {
        self.push(PayloadWarning::Repaired { reason });
    }

    pub(super) fn push(&mut self, warning: PayloadWarning) {
        if self.0.len() < WARNINGS_MAX && !self.0.contains(&warning) {
            self.0.push(warning);
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= WARNINGS_MAX
    }

    pub(super) fn into_list(self) -> Vec<PayloadWarning> {
        self.0
    }
}
