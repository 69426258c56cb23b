//! Content encodings: a compressed body is unpacked up to a limit.

use std::{borrow::Cow, io::Read};

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use super::error::{PayloadError, Reason};

/// The most bytes that a body may unpack to.
pub const DECODED_MAX: usize = 32 * 1024 * 1024;

/// The highest compression ratio of a body that unpacks to more than a mebibyte. Real JSON stays
/// well under 100; gzip can reach 1032.
pub const RATIO_MAX: usize = 200;

/// The unpacked bytes up to which any ratio is allowed.
const RATIO_FREE: usize = 1024 * 1024;

/// Decodes the encoding of the `content-encoding` headers.
pub(super) fn decode<'b>(
    encodings: &[&str],
    body: &'b [u8],
) -> Result<Cow<'b, [u8]>, PayloadError> {
    let named = encodings.iter().flat_map(|value| value.split(','));
    let named = named.map(|name| name.trim().to_ascii_lowercase());
    let named: Vec<_> = named.filter(|n| !n.is_empty() && n != "identity").take(5).collect();
    if body.is_empty() {
        return Ok(Cow::Borrowed(body));
    }
    match named.as_slice() {
        [] => Ok(Cow::Borrowed(body)),
        [one] if one == "gzip" || one == "x-gzip" => unpack(MultiGzDecoder::new(body), body.len()),
        [one] if one == "deflate" => unpack(ZlibDecoder::new(body), body.len()),
        several => {
            let encoding = several.join(", ").chars().take(60).collect();
            Err(PayloadError::UnsupportedEncoding { encoding })
        }
    }
}

fn unpack<'b>(source: impl Read, packed: usize) -> Result<Cow<'b, [u8]>, PayloadError> {
    let cap = DECODED_MAX.min((packed.saturating_mul(RATIO_MAX)).max(RATIO_FREE));
    let mut unpacked = Vec::new();
    let mut limited = source.take(u64::try_from(cap).unwrap_or(u64::MAX).saturating_add(1));
    limited.read_to_end(&mut unpacked).map_err(|_| PayloadError::because(Reason::CorruptGzip))?;
    if unpacked.len() > cap {
        return Err(PayloadError::DecompressLimit);
    }
    Ok(Cow::Owned(unpacked))
}
