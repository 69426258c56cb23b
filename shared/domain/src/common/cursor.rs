//! Cursors of paginated lists.
//!
//! A cursor is opaque to its holder. An HMAC with the workspace's secret seals the list that it
//! belongs to (kind, workspace, origin, filter) and the position in it. A forged or truncated
//! cursor and one of another workspace, origin or filter all give `bad_cursor` (`CATALOGUE HI-09`).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::common::secret::{Secret, same_bytes};

/// The version of the cursor format.
const VERSION: u8 = 1;
/// Bytes of the seal: 128 bits.
const SEAL: usize = 16;
/// The most bytes of a position.
const PLACE_MAX: usize = 256;

/// A cursor that does not belong to this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct BadCursor;

/// Seals a position in a list. `list` holds every parameter that identifies the list.
pub fn seal(secret: &Secret, list: &[&str], place: &[u8]) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(place);
    bytes.extend_from_slice(&mac(secret, list, place));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Opens a cursor and returns its position in this list.
pub fn open(secret: &Secret, list: &[&str], cursor: &str) -> Result<Vec<u8>, BadCursor> {
    if cursor.len() > (PLACE_MAX + SEAL) * 2 {
        return Err(BadCursor);
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| BadCursor)?;
    let (version, rest) = bytes.split_first().ok_or(BadCursor)?;
    let place = rest.len().checked_sub(SEAL).ok_or(BadCursor)?;
    let (place, given) = rest.split_at_checked(place).ok_or(BadCursor)?;
    let good = *version == VERSION && same_bytes(&mac(secret, list, place), given);
    if good { Ok(place.to_vec()) } else { Err(BadCursor) }
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(secret: &Secret, list: &[&str], place: &[u8]) -> Vec<u8> {
    let key = secret.expose().as_bytes();
    let mut mac = <Hmac<Sha256>>::new_from_slice(key).expect("any length is a key");
    // Separates cursors from other uses of the same secret, such as ingest tokens.
    mac.update(b"gancho cursor\0");
    mac.update(&[VERSION]);
    for part in list {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.update(&u64::MAX.to_be_bytes());
    mac.update(place);
    mac.finalize().into_bytes().into_iter().take(SEAL).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secret() -> Secret {
        Secret::new("a secret of one workspace")
    }

    #[test]
    fn hi_09_a_cursor_of_another_list_or_secret_is_rejected() {
        let cursor = seal(&secret(), &["webhooks", "ori_1", "status=error"], b"place");
        assert_eq!(
            open(&secret(), &["webhooks", "ori_1", "status=error"], &cursor),
            Ok(b"place".to_vec())
        );
        for other in [
            &["webhooks", "ori_1", "status=success"][..],
            &["webhooks", "ori_2", "status=error"],
            &["webhooks", "ori_1"],
            &["webhooks", "ori_1status=error"],
            &["webhooks", "ori_1", "status=error", ""],
        ] {
            assert_eq!(open(&secret(), other, &cursor), Err(BadCursor), "{other:?}");
        }
        let list = &["webhooks", "ori_1", "status=error"];
        assert_eq!(open(&Secret::new("another"), list, &cursor), Err(BadCursor));
    }

    proptest! {
        #[test]
        fn hi_09_every_changed_cursor_is_rejected(
            place in proptest::collection::vec(any::<u8>(), 0..32),
            at: prop::sample::Index,
            other in "[A-Za-z0-9_=-]",
        ) {
            let cursor = seal(&secret(), &["l"], &place);
            prop_assert_eq!(open(&secret(), &["l"], &cursor), Ok(place));
            let at = at.index(cursor.len());
            let mut forged = cursor.clone();
            forged.replace_range(at..=at, &other);
            prop_assert_eq!(open(&secret(), &["l"], &forged).is_ok(), forged == cursor);
            prop_assert_eq!(open(&secret(), &["l"], &cursor[..at]), Err(BadCursor));
            prop_assert_eq!(open(&secret(), &["l"], &format!("{cursor}{other}")), Err(BadCursor));
        }

        #[test]
        fn no_text_makes_opening_panic(text: String) {
            prop_assert_eq!(open(&secret(), &["l"], &text), Err(BadCursor));
        }
    }
}
