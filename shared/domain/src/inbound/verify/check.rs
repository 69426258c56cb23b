//! The checks that a request can be verified with.
//!
//! One set of types has three forms: stored (`Check`, with rotating secrets), in API requests
//! (`Check<Option<SecretInput>>`) and in API responses (secrets become `{"set": true}`). All of
//! them reject unknown fields, so that an unknown restriction is never dropped silently.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::settings::{Algorithm, Encoding, HeaderName, QueryName, Template};
use crate::common::secret::{Rotating, Secret, Strength};

/// One check that a request must pass. `S` is the type of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Check<S = Rotating> {
    /// A fixed token in a header or in the query.
    Token(Token<S>),
    /// `Authorization: Basic` (RFC 7617).
    Basic(Basic<S>),
    /// A configurable HMAC.
    Hmac(Hmac<S>),
    /// Standard Webhooks and Svix: `webhook-*` or `svix-*` headers, `v1,` signatures.
    #[serde(alias = "svix")]
    StandardWebhooks(Keyed<S>),
    /// GitHub: `X-Hub-Signature-256: sha256=` and hex.
    Github(Keyed<S>),
    /// Stripe: `Stripe-Signature: t=,v1=` and hex over `t.body`.
    Stripe(Keyed<S>),
    /// Shopify: `X-Shopify-Hmac-Sha256` and base64.
    Shopify(Keyed<S>),
    /// Meta (Facebook, Instagram, WhatsApp): as GitHub, with the handshake by `GET`.
    Meta(Meta<S>),
    /// Hotmart: the hottok in a header.
    Hotmart(Hotmart<S>),
    /// respond.io: `X-Webhook-Signature` and base64 (`FACTS S5.10`).
    RespondIo(Keyed<S>),
}

/// A fixed token in a header or in the query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token<S> {
    /// Its location: `"in": {"header": "x-token"}` or `"in": {"query": "token"}`.
    #[serde(rename = "in")]
    pub place: Place,
    /// The text before it, such as `"Bearer "`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// The token.
    pub secret: S,
}

/// The location of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In a header of this name.
    Header(HeaderName),
    /// In a query parameter of this name. URLs appear in third-party logs, so prefer a header.
    Query(QueryName),
}

/// A user name and a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basic<S> {
    /// The user name, without a colon.
    pub user: String,
    /// The password.
    pub secret: S,
}

/// A configurable HMAC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hmac<S> {
    /// The header with the signature.
    pub header: HeaderName,
    /// The text before the signature, such as `"sha256="`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// The encoding of the signature.
    #[serde(default)]
    pub encoding: Encoding,
    /// The hash.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// The signed text.
    #[serde(default = "Template::body")]
    pub signed: Template,
    /// The header with `{ts}`, in seconds since 1970; needed when `signed` names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp_header: Option<HeaderName>,
    /// The header with `{id}`; needed when `signed` names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_header: Option<HeaderName>,
    /// The key, used as text.
    pub secret: S,
}

/// A scheme whose only setting is its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keyed<S> {
    /// The key, as the vendor prints it.
    pub secret: S,
}

/// Meta's two secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meta<S> {
    /// The app secret, which signs every `POST`.
    pub secret: S,
    /// The text that people enter at Meta when they register the URL. It is used only then, so it
    /// has no grace.
    pub verify_token: S,
}

/// Hotmart's hottok. Version 1 of their webhooks also has it in the body; only the header is
/// checked, because a check never parses a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hotmart<S> {
    /// The header; its name differs by document and version.
    #[serde(default = "hottok_header")]
    pub header: HeaderName,
    /// The hottok.
    pub secret: S,
}

fn hottok_header() -> HeaderName {
    HeaderName::known("x-hotmart-hottok")
}

/// The slot of a secret in a check: its name and its strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) name: &'static str,
    pub(super) strength: Strength,
}

impl Slot {
    const KEY: Self = Self { name: "secret", strength: Strength::Key };
    const BASE64_KEY: Self = Self { name: "secret", strength: Strength::Base64Key };
    const TOKEN: Self = Self { name: "secret", strength: Strength::Token };
    /// Meta's verify token.
    pub(super) const VERIFY_TOKEN: Self = Self { name: "verify_token", strength: Strength::Token };
}

impl<S> Check<S> {
    /// Converts each secret of the check.
    pub(super) fn try_map<T, E>(
        self,
        mut turn: impl FnMut(Slot, S) -> Result<T, E>,
    ) -> Result<Check<T>, E> {
        let mut keyed = |slot, it: Keyed<S>| turn(slot, it.secret).map(|secret| Keyed { secret });
        Ok(match self {
            Self::StandardWebhooks(it) => Check::StandardWebhooks(keyed(Slot::BASE64_KEY, it)?),
            Self::Github(it) => Check::Github(keyed(Slot::KEY, it)?),
            Self::Stripe(it) => Check::Stripe(keyed(Slot::KEY, it)?),
            Self::Shopify(it) => Check::Shopify(keyed(Slot::KEY, it)?),
            Self::RespondIo(it) => Check::RespondIo(keyed(Slot::KEY, it)?),
            Self::Hmac(it) => Check::Hmac(it.try_map(turn)?),
            Self::Token(it) => Check::Token(Token {
                place: it.place,
                prefix: it.prefix,
                secret: turn(Slot::TOKEN, it.secret)?,
            }),
            Self::Basic(it) => {
                Check::Basic(Basic { user: it.user, secret: turn(Slot::TOKEN, it.secret)? })
            }
            Self::Meta(it) => Check::Meta(Meta {
                secret: turn(Slot::KEY, it.secret)?,
                verify_token: turn(Slot::VERIFY_TOKEN, it.verify_token)?,
            }),
            Self::Hotmart(it) => {
                Check::Hotmart(Hotmart { header: it.header, secret: turn(Slot::TOKEN, it.secret)? })
            }
        })
    }

    /// The secret in a slot, if the check has one there.
    pub(super) fn secret(&self, slot: Slot) -> Option<&S> {
        match self {
            Self::Meta(it) if slot == Slot::VERIFY_TOKEN => Some(&it.verify_token),
            _ if slot == Slot::VERIFY_TOKEN => None,
            Self::Token(it) => Some(&it.secret),
            Self::Basic(it) => Some(&it.secret),
            Self::Hmac(it) => Some(&it.secret),
            Self::Meta(it) => Some(&it.secret),
            Self::Hotmart(it) => Some(&it.secret),
            Self::StandardWebhooks(it)
            | Self::Github(it)
            | Self::Stripe(it)
            | Self::Shopify(it)
            | Self::RespondIo(it) => Some(&it.secret),
        }
    }

    /// Returns true if both checks have the same kind and location, so that one may keep the
    /// other's secret. A list needs at most one check of a kind and location.
    pub fn same_demand<T>(&self, other: &Check<T>) -> bool {
        match (self, other) {
            (Self::Token(left), Check::Token(right)) => left.place == right.place,
            (Self::Hmac(left), Check::Hmac(right)) => left.header == right.header,
            _ => self.kind() == other.kind(),
        }
    }

    /// The value of `type`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::Basic(_) => "basic",
            Self::Hmac(_) => "hmac",
            Self::StandardWebhooks(_) => "standard_webhooks",
            Self::Github(_) => "github",
            Self::Stripe(_) => "stripe",
            Self::Shopify(_) => "shopify",
            Self::Meta(_) => "meta",
            Self::Hotmart(_) => "hotmart",
            Self::RespondIo(_) => "respond_io",
        }
    }
}

impl<S> Hmac<S> {
    fn try_map<T, E>(self, mut turn: impl FnMut(Slot, S) -> Result<T, E>) -> Result<Hmac<T>, E> {
        Ok(Hmac {
            header: self.header,
            prefix: self.prefix,
            encoding: self.encoding,
            algorithm: self.algorithm,
            signed: self.signed,
            timestamp_header: self.timestamp_header,
            id_header: self.id_header,
            secret: turn(Slot::KEY, self.secret)?,
        })
    }
}

impl Check {
    /// Every secret of the check, also those that are accepted no longer.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let slots = [Slot::TOKEN, Slot::VERIFY_TOKEN];
        let rotating = slots.into_iter().filter_map(|slot| self.secret(slot));
        rotating.flat_map(Rotating::all)
    }

    /// The check in API responses. In place of a secret it shows that it is set and until when an
    /// old one is accepted. The API accepts this form as input and keeps the secrets.
    pub fn view(&self) -> Value {
        let shown = self.clone().try_map(|_, secret: Rotating| {
            let mut shown = json!({ "set": true });
            if let (Some(until), Some(fields)) = (secret.previous_until(), shown.as_object_mut()) {
                fields.insert("previous_until".to_owned(), Value::String(until.to_string()));
            }
            Ok::<Value, std::convert::Infallible>(shown)
        });
        shown.ok().and_then(|check| serde_json::to_value(check).ok()).unwrap_or_default()
    }
}
