//! Ingest tokens, API keys and session tokens. Each contains the id of its workspace, so that its row
//! lies under the workspace's partition key.
//!
//! - An **ingest token** is derived, not stored: `base64url(workspace ++ HMAC(workspace's secret,
//!   integration ++ generation))`, a tag of 144 bits. Its URL can be shown again. Its row in
//!   the table is keyed by its hash.
//! - An **API key** is `gk_<workspace><key>_<secret>`: 64 hexadecimal digits that locate its row
//!   and 256 random bits that are shown only at creation and stored as a hash.
//! - A **session token** is `gs_<workspace><token>_<secret>`, of the same shape: what the console
//!   calls the API with for a quarter of an hour.
//!
//! The secret of a session (its cookie) is 256 random bits alone: its row is keyed by its hash.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::common::{
    ids::{IntegrationId, KeyId, SessionTokenId, WorkspaceId},
    secret::{Secret, same_bytes},
};

/// Characters of an ingest token.
pub const TOKEN_LENGTH: usize = 46;

/// Bytes of the HMAC that an ingest token holds.
const TAG: usize = 18;
const WORKSPACE: usize = 16;

/// The prefix of every API key.
const KEY_PREFIX: &str = "gk_";
/// The prefix of every session token.
const SESSION_PREFIX: &str = "gs_";
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
    spelled(KEY_PREFIX, workspace, &key.key(), random)
}

/// The text of a new session token. It is stored as its [`hash`].
pub fn session_token(workspace: WorkspaceId, id: SessionTokenId, random: &[u8; 32]) -> Secret {
    spelled(SESSION_PREFIX, workspace, &id.key(), random)
}

/// The text of a secret without ids: 43 characters of base64url.
pub fn random(bytes: &[u8; 32]) -> Secret {
    Secret::new(URL_SAFE_NO_PAD.encode(bytes))
}

/// Returns true if the text has the form of [`random`].
pub fn is_random(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    text.len() == SECRET_LENGTH && text.bytes().all(plain)
}

fn spelled(prefix: &str, workspace: WorkspaceId, id: &str, bytes: &[u8; 32]) -> Secret {
    Secret::new(format!("{prefix}{}{id}_{}", workspace.key(), random(bytes).expose()))
}

/// The ids that locate an API key's row; `None` if the text is not exactly one API key.
pub fn parse_api_key(text: &str) -> Option<(WorkspaceId, KeyId)> {
    let (workspace, key) = located(text, KEY_PREFIX)?;
    Some((workspace, KeyId::from_key(key).ok()?))
}

/// The ids that locate a session token's row; `None` if the text is not exactly one token.
pub fn parse_session_token(text: &str) -> Option<(WorkspaceId, SessionTokenId)> {
    let (workspace, id) = located(text, SESSION_PREFIX)?;
    Some((workspace, SessionTokenId::from_key(id).ok()?))
}

fn located<'a>(text: &'a str, prefix: &str) -> Option<(WorkspaceId, &'a str)> {
    let (ids, secret) = text.strip_prefix(prefix)?.split_once('_')?;
    let (workspace, id) = ids.split_at_checked(ID_DIGITS)?;
    is_random(secret).then_some((WorkspaceId::from_key(workspace).ok()?, id))
}

/// The stored form of a key, token or secret: the hexadecimal SHA-256 of its whole text. With 256 random bits
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

    #[test]
    fn g_02_a_session_token_is_no_api_key_and_only_the_exact_text_is_one() {
        let id = SessionTokenId::new(Timestamp::UNIX_EPOCH, &[9; 10]);
        let text = session_token(workspace(1), id, &[0xff; 32]);
        let text = text.expose();
        assert_eq!(parse_session_token(text), Some((workspace(1), id)));
        assert_eq!(parse_api_key(text), None);
        assert_eq!(parse_session_token(&text.replacen("gs_", "gk_", 1)), None);
        for wrong in ["", "gs_", "gs__", &text[..text.len() - 1], &text.to_uppercase()] {
            assert_eq!(parse_session_token(wrong), None, "{wrong}");
        }
        assert!(is_random(random(&[1; 32]).expose()));
        for wrong in ["", "a", &"é".repeat(22), &"a".repeat(44), &format!("{}=", "a".repeat(42))] {
            assert!(!is_random(wrong), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn te_02_no_text_makes_the_readers_panic(text in "\\PC{0,140}", tail in "[0-9a-f_-]{0,120}") {
            let _ = workspace_of(&text);
            let _ = parse_api_key(&text);
            let _ = parse_api_key(&format!("gk_{tail}"));
            let _ = parse_session_token(&format!("gs_{tail}"));
        }

        #[test]
        fn a_token_has_one_spelling(n: u8, m: u8, generation: u32) {
            let token = ingest(&Secret::new("s"), workspace(n), integration(m), generation);
            let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            prop_assert_eq!(URL_SAFE_NO_PAD.encode(bytes), token);
        }
    }
}
