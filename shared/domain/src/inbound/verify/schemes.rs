//! The implementation of each check.
//!
//! Signatures are never decoded. The expected signature is computed, encoded and compared as text.
//! So no header can make a decoder fail or panic, and only the expected spelling is valid.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::check::{self, Check, Place};
use super::settings::{Algorithm, Encoding, Part};
use super::{Incoming, MAX_SIGNATURES, Refusal, TOLERANCE_SECONDS};
use crate::common::secret::{Rotating, Secret, same_bytes};

/// Verifies one check.
pub(super) fn holds(check: &Check, request: &Incoming<'_>, now: Timestamp) -> Result<(), Refusal> {
    if let Some((scheme, key)) = signed_body(check) {
        return scheme.verify(request, &[request.body], (key, now));
    }
    match check {
        Check::Token(token) => token_holds(token, request, now),
        Check::Basic(basic) => basic_holds(basic, request, now),
        Check::Hmac(hmac) => hmac_holds(hmac, request, now),
        Check::StandardWebhooks(it) => standard_webhooks_holds(&it.secret, request, now),
        Check::Stripe(it) => stripe_holds(&it.secret, request, now),
        Check::Hotmart(it) => {
            let offered = only(request.headers, it.header.as_str());
            compare(offered, &it.secret, now).ok_or(Refusal::TokenInvalid)
        }
        // Schemes that sign the body alone are verified above.
        Check::Github(_) | Check::Meta(_) | Check::Shopify(_) | Check::RespondIo(_) => {
            Err(Refusal::SignatureInvalid)
        }
    }
}

/// The scheme and the key of a vendor that signs the body alone.
pub(super) fn signed_body(check: &Check) -> Option<(Scheme<'_>, &Rotating)> {
    let (header, prefix, encoding, key) = match check {
        Check::Github(check::Keyed { secret }) | Check::Meta(check::Meta { secret, .. }) => {
            ("x-hub-signature-256", "sha256=", Encoding::Hex, secret)
        }
        Check::Shopify(it) => ("x-shopify-hmac-sha256", "", Encoding::Base64, &it.secret),
        Check::RespondIo(it) => ("x-webhook-signature", "", Encoding::Base64, &it.secret),
        Check::Token(_)
        | Check::Basic(_)
        | Check::Hmac(_)
        | Check::StandardWebhooks(_)
        | Check::Stripe(_)
        | Check::Hotmart(_) => return None,
    };
    Some((Scheme { header, prefix, encoding, algorithm: Algorithm::Sha256 }, key))
}

/// A name that occurs more than once with different values.
#[derive(Debug)]
pub(super) struct Ambiguous;

/// The single value of a header or query parameter, if present. Equal values count as one.
pub(super) fn only<'a>(
    pairs: &'a [(String, String)],
    name: &str,
) -> Result<Option<&'a str>, Ambiguous> {
    let mut found = None;
    for (_, value) in pairs.iter().filter(|(key, _)| key == name) {
        if found.is_some_and(|before| before != value) {
            return Err(Ambiguous);
        }
        found = Some(value.as_str());
    }
    Ok(found)
}

fn compare(
    offered: Result<Option<&str>, Ambiguous>,
    secret: &Rotating,
    now: Timestamp,
) -> Option<()> {
    secret.matches(offered.ok()??.as_bytes(), now).then_some(())
}

fn token_holds(
    token: &check::Token<Rotating>,
    request: &Incoming<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let offered = match &token.place {
        Place::Header(name) => only(request.headers, name.as_str()),
        Place::Query(name) => only(request.query, name.as_str()),
    };
    let bare = offered.map(|text| text.and_then(|text| text.strip_prefix(token.prefix.as_str())));
    compare(bare, &token.secret, now).ok_or(Refusal::TokenInvalid)
}

/// RFC 7617: the scheme's name in any case, then base64 of `user:password`, with any bytes.
fn basic_holds(
    basic: &check::Basic<Rotating>,
    request: &Incoming<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let credentials = || {
        let (scheme, encoded) = only(request.headers, "authorization").ok()??.split_once(' ')?;
        let decoded = BASE64.decode(encoded.trim()).ok()?;
        scheme.eq_ignore_ascii_case("basic").then_some(decoded)
    };
    let decoded = credentials().ok_or(Refusal::CredentialsInvalid)?;
    let mut halves = decoded.splitn(2, |byte| *byte == b':');
    let (Some(user), Some(password)) = (halves.next(), halves.next()) else {
        return Err(Refusal::CredentialsInvalid);
    };
    let right = same_bytes(user, basic.user.as_bytes()) & basic.secret.matches(password, now);
    if right { Ok(()) } else { Err(Refusal::CredentialsInvalid) }
}

fn hmac_holds(
    hmac: &check::Hmac<Rotating>,
    request: &Incoming<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let scheme = scheme_of(hmac);
    scheme.offered(request)?;
    let value = |name: Option<&super::HeaderName>| {
        let found = name.and_then(|name| only(request.headers, name.as_str()).ok().flatten());
        found.unwrap_or_default()
    };
    let (ts, id) = (value(hmac.timestamp_header.as_ref()), value(hmac.id_header.as_ref()));
    if hmac.signed.has(&Part::Timestamp) {
        in_time(ts, now)?;
    }
    if hmac.signed.has(&Part::Id) && id.is_empty() {
        return Err(Refusal::SignatureMissing);
    }
    let signed = signed_parts(hmac, request.body, (ts, id));
    scheme.verify(request, &signed, (&hmac.secret, now))
}

/// The scheme of a configurable HMAC.
pub(super) fn scheme_of(hmac: &check::Hmac<Rotating>) -> Scheme<'_> {
    Scheme {
        header: hmac.header.as_str(),
        prefix: &hmac.prefix,
        encoding: hmac.encoding,
        algorithm: hmac.algorithm,
    }
}

/// The text that a configurable HMAC signs, in pieces.
pub(super) fn signed_parts<'a>(
    hmac: &'a check::Hmac<Rotating>,
    body: &'a [u8],
    (ts, id): (&'a str, &'a str),
) -> Vec<&'a [u8]> {
    let part = |part: &'a Part| match part {
        Part::Literal(text) => text.as_bytes(),
        Part::Body => body,
        Part::Timestamp => ts.as_bytes(),
        Part::Id => id.as_bytes(),
    };
    hmac.signed.parts().iter().map(part).collect()
}

/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
///
/// At most [`MAX_SIGNATURES`] signatures of any version are considered; only `v1` counts (`v1a`
/// is asymmetric and not supported).
fn standard_webhooks_holds(
    secret: &Rotating,
    request: &Incoming<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let has = |family: &str| {
        let name = format!("{family}-signature");
        request.headers.iter().any(|(key, _)| *key == name)
    };
    let family = if has("webhook") { "webhook" } else { "svix" };
    let header = |part: &str| only(request.headers, &format!("{family}-{part}"));
    let offered = header("signature").map_err(|Ambiguous| Refusal::SignatureInvalid)?;
    let offered = offered.ok_or(Refusal::SignatureMissing)?;
    let id = header("id").ok().flatten().filter(|id| !id.is_empty());
    let id = id.ok_or(Refusal::SignatureMissing)?;
    let ts = header("timestamp").ok().flatten().unwrap_or_default();
    in_time(ts, now)?;
    let signed = [id.as_bytes(), b".", ts.as_bytes(), b".", request.body];
    let expected: Vec<String> = secret
        .live(now)
        .filter_map(|secret| hmac_of(Algorithm::Sha256, &secret.key_bytes()?, &signed))
        .map(|digest| BASE64.encode(digest))
        .collect();
    let offered = offered.split(' ').take(MAX_SIGNATURES);
    any_matches(offered.filter_map(|entry| entry.strip_prefix("v1,")), &expected)
}

/// <https://docs.stripe.com/webhooks#verify-manually>: any `v1` may match, `v0` is ignored.
fn stripe_holds(secret: &Rotating, request: &Incoming<'_>, now: Timestamp) -> Result<(), Refusal> {
    let header = only(request.headers, "stripe-signature");
    let header = header.map_err(|Ambiguous| Refusal::SignatureInvalid)?;
    let header = header.ok_or(Refusal::SignatureMissing)?;
    let values = |name: &'static str| {
        header
            .split(',')
            .filter_map(move |entry| entry.trim().split_once('='))
            .filter_map(move |(key, value)| if key == name { Some(value) } else { None })
    };
    if values("v1").next().is_none() {
        return Err(Refusal::SignatureInvalid);
    }
    let mut stamps = values("t");
    let ts = stamps.next().unwrap_or_default();
    if stamps.next().is_some() {
        return Err(Refusal::SignatureInvalid);
    }
    in_time(ts, now)?;
    let signed = [ts.as_bytes(), b".", request.body];
    let expected = expected_of((secret, now), Algorithm::Sha256, Encoding::Hex, &signed);
    any_matches(values("v1").take(MAX_SIGNATURES), &expected)
}

/// A scheme with one signature in one header.
pub(super) struct Scheme<'a> {
    pub(super) header: &'a str,
    prefix: &'a str,
    encoding: Encoding,
    algorithm: Algorithm,
}

impl Scheme<'_> {
    /// The text of a signature with this key.
    pub(super) fn sign(&self, key: &Secret, signed: &[&[u8]]) -> Option<String> {
        let digest = hmac_of(self.algorithm, key.expose().as_bytes(), signed)?;
        let text = match self.encoding {
            Encoding::Hex => hex::encode(digest),
            Encoding::Base64 => BASE64.encode(digest),
        };
        Some(format!("{}{text}", self.prefix))
    }

    /// The text of the signature without its prefix.
    fn offered<'r>(&self, request: &Incoming<'r>) -> Result<&'r str, Refusal> {
        let text = only(request.headers, self.header);
        let text = text.map_err(|Ambiguous| Refusal::SignatureInvalid)?;
        let text = text.ok_or(Refusal::SignatureMissing)?;
        text.strip_prefix(self.prefix).ok_or(Refusal::SignatureInvalid)
    }

    fn verify(
        &self,
        request: &Incoming<'_>,
        signed: &[&[u8]],
        key: (&Rotating, Timestamp),
    ) -> Result<(), Refusal> {
        let offered = self.offered(request)?;
        let expected = expected_of(key, self.algorithm, self.encoding, signed);
        any_matches(std::iter::once(offered), &expected)
    }
}

/// The expected signatures for each live secret, used as text.
fn expected_of(
    (secret, now): (&Rotating, Timestamp),
    algorithm: Algorithm,
    encoding: Encoding,
    signed: &[&[u8]],
) -> Vec<String> {
    let digests =
        secret.live(now).filter_map(|key| hmac_of(algorithm, key.expose().as_bytes(), signed));
    digests
        .flat_map(|digest| match encoding {
            Encoding::Hex => vec![hex::encode(&digest), hex::encode_upper(&digest)],
            Encoding::Base64 => vec![BASE64.encode(digest)],
        })
        .collect()
}

/// Compares every pair, so that the time taken does not reveal the matching one.
fn any_matches<'a>(
    offered: impl Iterator<Item = &'a str>,
    expected: &[String],
) -> Result<(), Refusal> {
    let mut found = false;
    for text in offered {
        for right in expected {
            found |= same_bytes(text.as_bytes(), right.as_bytes());
        }
    }
    if found { Ok(()) } else { Err(Refusal::SignatureInvalid) }
}

/// Checks a timestamp: digits only (no sign, fraction or exponent) and within tolerance (AU-06).
fn in_time(text: &str, now: Timestamp) -> Result<(), Refusal> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let at: Option<i64> = if digits { text.parse().ok() } else { None };
    let near = at.is_some_and(|at| at.abs_diff(now.as_second()) <= TOLERANCE_SECONDS);
    if near { Ok(()) } else { Err(Refusal::TimestampOutOfTolerance) }
}

pub(super) fn hmac_of(algorithm: Algorithm, key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
    match algorithm {
        Algorithm::Sha1 => mac::<Hmac<Sha1>>(key, parts),
        Algorithm::Sha256 => mac::<Hmac<Sha256>>(key, parts),
        Algorithm::Sha512 => mac::<Hmac<Sha512>>(key, parts),
    }
}

/// Computes a MAC. `None` for an invalid key, which does not exist for an HMAC.
fn mac<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut mac = <M as Mac>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(mac.finalize().into_bytes().to_vec())
}
