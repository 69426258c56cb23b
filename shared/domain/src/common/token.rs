//! Ingest tokens and API keys. Each contains the id of its workspace, so that its row lies under
//! the workspace's partition key.
//!
//! - An **ingest token** is derived, not stored: `base64url(workspace ++ HMAC(workspace's secret,
//!   integration ++ generation))`, a tag of 144 bits. Its URL can be shown again. Its row in
//!   the table is keyed by its hash.
//! - An **API key** is `gk_<workspace><key>_<secret>`: 64 hexadecimal digits that locate its row
//!   and 256 random bits that are shown only at creation and stored as a hash.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::common::{
    ids::{IntegrationId, KeyId, WorkspaceId},
    secret::{Secret, same_bytes},
};

/// Characters of an ingest token.
pub const TOKEN_LENGTH: usize = 46;

/// Bytes of the HMAC that an ingest token holds.
const TAG: usize = 18;
const WORKSPACE: usize = 16;

/// The prefix of every API key.
const KEY_PREFIX: &str = "gk_";
/// Hexadecimal digits of a workspace's id, or a key's.
const ID_DIGITS: usize = 32;
/// Characters of 32 random bytes in base64url.
const SECRET_LENGTH: usize = 43;

/// The ingest token of an integration's generation, from its workspace's secret.
pub fn ingest(
    secret: &Secret,
    workspace: WorkspaceId,
    integration: IntegrationId,
    generation: u32,
) -> String {
    let mut mac = keyed(secret);
    mac.update(integration.as_bytes());
    mac.update(&generation.to_be_bytes());
    let tag = mac.finalize().into_bytes();
    let bytes: Vec<u8> = workspace.as_bytes().iter().chain(tag.iter().take(TAG)).copied().collect();
    URL_SAFE_NO_PAD.encode(bytes)
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn keyed(secret: &Secret) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret.expose().as_bytes()).expect("any length is a key")
}

/// The workspace of an ingest token; `None` if the text is not exactly one token.
pub fn workspace_of(token: &str) -> Option<WorkspaceId> {
    if token.len() != TOKEN_LENGTH {
        return None;
    }
    // The engine rejects padding, other alphabets and spare bits, so a token has one spelling.
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let head = bytes.get(..WORKSPACE)?.try_into().ok()?;
    (bytes.len() == WORKSPACE + TAG).then(|| WorkspaceId::from_bytes(head))
}

/// The text of a new API key. It is shown only at creation and stored as its [`hash`].
pub fn api_key(workspace: WorkspaceId, key: KeyId, random: &[u8; 32]) -> Secret {
    let secret = URL_SAFE_NO_PAD.encode(random);
    Secret::new(format!("{KEY_PREFIX}{}{}_{secret}", workspace.key(), key.key()))
}

/// The ids that locate an API key's row; `None` if the text is not exactly one API key.
pub fn parse_api_key(text: &str) -> Option<(WorkspaceId, KeyId)> {
    let (id, secret) = text.strip_prefix(KEY_PREFIX)?.split_once('_')?;
    let (workspace, key) = id.split_at_checked(ID_DIGITS)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if secret.len() != SECRET_LENGTH || !secret.bytes().all(plain) {
        return None;
    }
    Some((WorkspaceId::from_key(workspace).ok()?, KeyId::from_key(key).ok()?))
}

/// The stored form of an API key: the hexadecimal SHA-256 of its whole text. With 256 random bits
/// no slow hash is needed.
pub fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Returns true if the text has this hash. The comparison takes constant time.
pub fn has_hash(text: &str, hash_of_it: &str) -> bool {
    same_bytes(hash(text).as_bytes(), hash_of_it.to_ascii_lowercase().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn workspace(n: u8) -> WorkspaceId {
        WorkspaceId::new(Timestamp::from_second(1_800_000_000).unwrap(), &[n; 10])
    }

    fn integration(n: u8) -> IntegrationId {
        IntegrationId::new(Timestamp::from_second(1_800_000_000).unwrap(), &[n; 10])
    }

    #[test]
    fn a_token_holds_its_workspace_and_depends_on_every_input() {
        let secret = Secret::new("a workspace's secret");
        let token = ingest(&secret, workspace(1), integration(2), 1);
        assert_eq!(token.len(), TOKEN_LENGTH);
        assert_eq!(workspace_of(&token), Some(workspace(1)));
        assert_eq!(token, ingest(&secret, workspace(1), integration(2), 1));
        let others = [
            ingest(&Secret::new("another"), workspace(1), integration(2), 1),
            ingest(&secret, workspace(3), integration(2), 1),
            ingest(&secret, workspace(1), integration(3), 1),
            ingest(&secret, workspace(1), integration(2), 2),
        ];
        for other in others {
            assert_ne!(token, other);
        }
    }

    #[test]
    fn in_26_only_the_exact_text_is_a_token() {
        let token = ingest(&Secret::new("s"), workspace(1), integration(2), 1);
        let (short, long) = (&token[..45], format!("{token}A"));
        let padded = format!("{}==", &token[..44]);
        let spaced = format!("{} ", &token[..45]);
        let slashed = format!("{}/", &token[..45]);
        // The last character holds two bits of the token; with a spare bit set the text is invalid.
        let last = if token.ends_with(['A', 'Q', 'g', 'w']) { "B" } else { "C" };
        let spare = format!("{}{last}", &token[..45]);
        for wrong in ["", "..", "%2e%2e", short, &long, &padded, &spaced, &slashed, &spare] {
            assert_eq!(workspace_of(wrong), None, "{wrong}");
        }
        assert_eq!(workspace_of(&"é".repeat(23)), None);
    }

    #[test]
    fn te_03_only_the_exact_text_is_an_api_key() {
        let key = KeyId::new(Timestamp::UNIX_EPOCH, &[9; 10]);
        let text = api_key(workspace(1), key, &[0xff; 32]);
        let text = text.expose();
        assert_eq!(parse_api_key(text), Some((workspace(1), key)));
        assert!(has_hash(text, &hash(text)) && has_hash(text, &hash(text).to_uppercase()));
        assert!(!has_hash(text, &hash("else")) && !has_hash(text, ""));
        let cut = &text[..text.len() - 1];
        let longer = format!("{text}A");
        let upper = text.to_uppercase();
        let odd = text.replace("gk_", "gk_é");
        let nul = format!("{cut}\0");
        for wrong in ["", "gk_", "gk__", "gk_owner_x", cut, &longer, &upper, &odd, &nul] {
            assert_eq!(parse_api_key(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn te_02_no_text_makes_the_readers_panic(text in "\\PC{0,140}", tail in "[0-9a-f_-]{0,120}") {
            let _ = workspace_of(&text);
            let _ = parse_api_key(&text);
            let _ = parse_api_key(&format!("gk_{tail}"));
        }

        #[test]
        fn a_token_has_one_spelling(n: u8, m: u8, generation: u32) {
            let token = ingest(&Secret::new("s"), workspace(n), integration(m), generation);
            let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            prop_assert_eq!(URL_SAFE_NO_PAD.encode(bytes), token);
        }
    }
}
