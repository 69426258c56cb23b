//! The signatures of a test: the headers and query parameters with which a request passes the checks
//! of an integration, from its current secrets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;

use super::check::{self, Check, Place};
use super::schemes::{self, Scheme};
use super::settings::Algorithm;
use crate::common::secret::{Rotating, Secret};

/// The additions to a request, names of headers in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signed {
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The query parameters, not encoded.
    pub query: Vec<(String, String)>,
}

/// Signs a body for every check of an integration. `id` is the id of the message, for the schemes
/// that sign one.
pub fn sign(checks: &[Check], body: &[u8], (id, now): (&str, Timestamp)) -> Signed {
    let message = Message { body, id, ts: now.as_second().to_string() };
    let mut signed = Signed::default();
    for check in checks {
        signed.add(check, &message);
    }
    signed
}

/// A message to sign.
struct Message<'a> {
    body: &'a [u8],
    id: &'a str,
    ts: String,
}

impl Signed {
    fn header(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.to_owned(), value.into()));
    }

    fn add(&mut self, check: &Check, message: &Message<'_>) {
        if let Some((scheme, key)) = schemes::signed_body(check) {
            return self.signature(&scheme, &key.current, &[message.body]);
        }
        match check {
            Check::Token(token) => self.token(token),
            Check::Basic(basic) => {
                let pair = format!("{}:{}", basic.user, basic.secret.current.expose());
                self.header("authorization", format!("Basic {}", BASE64.encode(pair)));
            }
            Check::Hmac(hmac) => self.hmac(hmac, message),
            Check::StandardWebhooks(it) => self.standard_webhooks(&it.secret.current, message),
            Check::Stripe(it) => self.stripe(&it.secret.current, message),
            Check::Hotmart(it) => self.header(it.header.as_str(), it.secret.current.expose()),
            // Schemes that sign the body alone are added above.
            Check::Github(_) | Check::Meta(_) | Check::Shopify(_) | Check::RespondIo(_) => {}
        }
    }

    fn signature(&mut self, scheme: &Scheme<'_>, key: &Secret, signed: &[&[u8]]) {
        self.headers.extend(scheme.sign(key, signed).map(|text| (scheme.header.to_owned(), text)));
    }

    fn token(&mut self, token: &check::Token<Rotating>) {
        let value = format!("{}{}", token.prefix, token.secret.current.expose());
        match &token.place {
            Place::Header(name) => self.header(name.as_str(), value),
            Place::Query(name) => self.query.push((name.as_str().to_owned(), value)),
        }
    }

    fn hmac(&mut self, hmac: &check::Hmac<Rotating>, message: &Message<'_>) {
        for (name, value) in
            [(&hmac.timestamp_header, message.ts.as_str()), (&hmac.id_header, message.id)]
        {
            self.headers.extend(name.iter().map(|it| (it.as_str().to_owned(), value.to_owned())));
        }
        let signed = schemes::signed_parts(hmac, message.body, (&message.ts, message.id));
        self.signature(&schemes::scheme_of(hmac), &hmac.secret.current, &signed);
    }

    fn standard_webhooks(&mut self, key: &Secret, message: &Message<'_>) {
        let Message { body, id, ts } = message;
        let signed = [id.as_bytes(), b".", ts.as_bytes(), b".", body];
        let digest =
            key.key_bytes().and_then(|key| schemes::hmac_of(Algorithm::Sha256, &key, &signed));
        self.header("webhook-id", *id);
        self.header("webhook-timestamp", ts);
        let signature = digest.map(|digest| format!("v1,{}", BASE64.encode(digest)));
        self.header("webhook-signature", signature.unwrap_or_default());
    }

    fn stripe(&mut self, key: &Secret, message: &Message<'_>) {
        let signed = [message.ts.as_bytes(), b".", message.body];
        let digest = schemes::hmac_of(Algorithm::Sha256, key.expose().as_bytes(), &signed);
        let hex = digest.map(hex::encode).unwrap_or_default();
        self.header("stripe-signature", format!("t={},v1={hex}", message.ts));
    }
}
