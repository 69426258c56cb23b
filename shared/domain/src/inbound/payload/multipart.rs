//! `multipart/form-data`: text parts become fields; of files only name and size are kept.
//!
//! The library reads streams. Over bytes in memory it never waits, so one poll is enough.

use futures::{FutureExt, stream};
use multer::{Field, Multipart};
use serde_json::{Value, json};

use super::{
    error::{PayloadError, Reason, Warnings},
    form::Fields,
    media::Media,
    text,
};

/// The most parts that are read; further ones are ignored with a warning.
pub const PARTS_MAX: usize = 200;

/// The longest file name that is shown.
const FILENAME_MAX: usize = 255;

/// Reads the parts in order. A name follows the bracket rule of forms.
pub(super) fn read(
    bytes: &[u8],
    media: &Media,
    warnings: &mut Warnings,
) -> Result<Fields, PayloadError> {
    let boundary = multer::parse_boundary(media.value())
        .map_err(|_| PayloadError::because(Reason::NoBoundary))?;
    let whole = stream::once(std::future::ready(Ok::<_, std::io::Error>(bytes.to_vec())));
    let mut parts = Multipart::new(whole, boundary);
    let mut fields = Fields::default();
    for number in 0..=PARTS_MAX {
        let Some(part) = at_once(parts.next_field())? else { break };
        if number == PARTS_MAX {
            warnings.repaired("too_many_parts");
            break;
        }
        let name = part.name().unwrap_or_default().to_owned();
        let value = part_value(part, warnings)?;
        fields.put(&name, value)?;
    }
    Ok(fields)
}

fn part_value(mut part: Field<'_>, warnings: &mut Warnings) -> Result<Value, PayloadError> {
    let filename = part.file_name().map(plain_name);
    let content_type = part.content_type().map(ToString::to_string);
    let mut bytes = Vec::new();
    let mut size = 0;
    while let Some(chunk) = at_once(part.chunk())? {
        size += chunk.len();
        if filename.is_none() {
            bytes.extend_from_slice(&chunk);
        }
    }
    if let Some(filename) = filename {
        return Ok(json!({ "filename": filename, "content_type": content_type, "size": size }));
    }
    let media = Media::read(&content_type.iter().map(String::as_str).collect::<Vec<_>>(), warnings);
    let text = text::decode(&bytes, media.charset()).map_or_else(
        |_| {
            warnings.repaired("charset");
            String::from_utf8_lossy(&bytes).into_owned()
        },
        std::borrow::Cow::into_owned,
    );
    Ok(Value::String(text))
}

fn at_once<T>(step: impl Future<Output = multer::Result<T>>) -> Result<T, PayloadError> {
    let malformed = PayloadError::because(Reason::Multipart);
    step.now_or_never().and_then(Result::ok).ok_or(malformed)
}

/// A file name without directories: the text after the last separator of either kind.
fn plain_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\', ':']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(FILENAME_MAX).collect();
    match name.trim() {
        "" | "." | ".." => "file".to_owned(),
        name => name.to_owned(),
    }
}
