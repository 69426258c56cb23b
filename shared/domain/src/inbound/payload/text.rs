//! Decoding of text: UTF-8, unless a byte order mark or the content type declares another charset.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

use super::error::{PayloadError, Position, Reason};

/// Decodes strictly and removes a byte order mark. A charset must be declared; a byte order mark
/// has precedence over the declaration (as on the web).
pub(super) fn decode<'b>(
    bytes: &'b [u8],
    charset: Option<&str>,
) -> Result<Cow<'b, str>, PayloadError> {
    match Encoding::for_bom(bytes) {
        Some((encoding, length)) => strictly(encoding, bytes.get(length..).unwrap_or_default()),
        None => decode_piece(bytes, charset),
    }
}

/// Decodes a piece of a text, in which a byte order mark is an ordinary character.
pub(super) fn decode_piece<'b>(
    bytes: &'b [u8],
    charset: Option<&str>,
) -> Result<Cow<'b, str>, PayloadError> {
    let encoding = match charset {
        Some(label) => {
            Encoding::for_label(label.as_bytes()).ok_or(PayloadError::because(Reason::Charset))?
        }
        None => UTF_8,
    };
    strictly(encoding, bytes)
}

fn strictly<'b>(
    encoding: &'static Encoding,
    bytes: &'b [u8],
) -> Result<Cow<'b, str>, PayloadError> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or_else(|| not_text(bytes, encoding))
}

fn not_text(bytes: &[u8], encoding: &'static Encoding) -> PayloadError {
    let good = match std::str::from_utf8(bytes) {
        Err(error) if encoding == UTF_8 => bytes.get(..error.valid_up_to()),
        Ok(_) | Err(_) => None,
    };
    PayloadError::Unparseable { reason: Reason::Charset, at: good.map(after) }
}

/// The position after some bytes.
fn after(bytes: &[u8]) -> Position {
    let mut lines = bytes.rsplit(|b| *b == b'\n');
    let column = lines.next().map_or(0, <[u8]>::len) + 1;
    Position { line: lines.count() + 1, column }
}
