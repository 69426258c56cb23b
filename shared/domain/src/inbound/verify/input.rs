//! From what the API was sent to what is stored.
//!
//! A secret may be
//! - text: set it; the one before is accepted for [`DEFAULT_GRACE`] more (AU-09);
//! - left out, `null`, or what [`Check::view`] shows (`{"set": true}`): keep the one that is stored;
//! - `{"value": "...", "revoke_previous": true}`: as after a leak, without a grace;
//! - `"generate"`: see [`CheckInput::generate`].

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::check::{Basic, Check, Hmac, Slot};
use super::settings::Part;
use crate::common::code::Code;
use crate::common::secret::{DEFAULT_GRACE, Rotating, Secret, SecretError};

/// How many checks one integration may have.
pub const MAX_CHECKS: usize = 5;

const MAX_TEXT: usize = 100;
const GENERATE: &str = "generate";

/// A check as the API takes it.
pub type CheckInput = Check<Option<SecretInput>>;

/// What the API was told about a secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum SecretInput {
    /// A new one.
    Text(Secret),
    /// Something else than only a new one.
    Change(SecretChange),
}

/// A change of a secret; also what [`Check::view`] shows, which changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretChange {
    /// The new secret, if any.
    #[serde(default)]
    pub value: Option<Secret>,
    /// Refuse every old secret from now on.
    #[serde(default)]
    pub revoke_previous: bool,
    /// As shown; ignored.
    #[serde(default)]
    pub set: Option<bool>,
    /// As shown; ignored.
    #[serde(default)]
    pub previous_until: Option<Timestamp>,
}

impl From<SecretInput> for SecretChange {
    fn from(input: SecretInput) -> Self {
        match input {
            SecretInput::Text(secret) => Self { value: Some(secret), ..Self::default() },
            SecretInput::Change(change) => change,
        }
    }
}

/// Why a check cannot be saved: what the API answers with 422.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} cannot be saved: {}", code.as_str())]
pub struct Invalid {
    /// Where, from the check on (`secret`) or from the list on (`[1].secret`).
    pub path: String,
    /// What it is called.
    pub code: Code,
    /// The parameters of its sentence.
    pub params: BTreeMap<String, String>,
}

impl Invalid {
    fn field(path: &str, reason: &str) -> Self {
        let params = BTreeMap::from([
            ("path".to_owned(), path.to_owned()),
            ("reason".to_owned(), reason.to_owned()),
        ]);
        Self { path: path.to_owned(), code: Code::ValidationError, params }
    }

    fn secret(path: &str, error: SecretError) -> Self {
        match error {
            SecretError::Malformed => Self::field(path, "invalid_secret"),
            SecretError::Weak { least } => Self {
                path: path.to_owned(),
                code: error.code(),
                params: BTreeMap::from([("minimum".to_owned(), least.to_string())]),
            },
        }
    }

    /// The same, said of a member of a list.
    fn within(mut self, index: usize) -> Self {
        self.path = format!("[{index}].{}", self.path);
        if let Some(path) = self.params.get_mut("path") {
            self.path.clone_into(path);
        }
        self
    }
}

/// A whole list as the API takes it. Each check keeps the secret of the stored one that makes the
/// same demand; two that make the same demand are refused.
pub fn checks_from_input(
    inputs: Vec<CheckInput>,
    existing: &[Check],
    now: Timestamp,
) -> Result<Vec<Check>, Invalid> {
    if inputs.len() > MAX_CHECKS {
        let params = BTreeMap::from([("limit".to_owned(), MAX_CHECKS.to_string())]);
        return Err(Invalid { path: String::new(), code: Code::LimitReached, params });
    }
    let mut checks: Vec<Check> = Vec::with_capacity(inputs.len());
    for (index, input) in inputs.into_iter().enumerate() {
        if checks.iter().any(|before| before.same_demand(&input)) {
            return Err(Invalid::field("type", "duplicate").within(index));
        }
        let stored = existing.iter().find(|stored| stored.same_demand(&input));
        let check = Check::from_input(input, stored, now).map_err(|reason| reason.within(index))?;
        checks.push(check);
    }
    Ok(checks)
}

impl Check {
    /// A check as it will be stored. A secret that is left out is taken from `existing`; a new one
    /// rotates, with a grace of [`DEFAULT_GRACE`].
    pub fn from_input(
        input: CheckInput,
        existing: Option<&Self>,
        now: Timestamp,
    ) -> Result<Self, Invalid> {
        let check = input.try_map(|slot, secret| {
            let stored = existing.and_then(|check| check.secret(slot));
            settle(slot, secret, stored, now)
        })?;
        match &check {
            Self::Hmac(hmac) => hmac.sound()?,
            Self::Basic(basic) => basic.sound()?,
            Self::Token(token) => sound_text("prefix", &token.prefix)?,
            Self::StandardWebhooks(_)
            | Self::Github(_)
            | Self::Stripe(_)
            | Self::Shopify(_)
            | Self::Meta(_)
            | Self::Hotmart(_)
            | Self::RespondIo(_) => {}
        }
        Ok(check)
    }
}

impl CheckInput {
    /// Puts a new random secret wherever the input asks for one with `"generate"`, and gives the
    /// new ones back by field, to be shown this once.
    #[must_use]
    pub fn generate(
        self,
        mut random: impl FnMut() -> [u8; 32],
    ) -> (Self, Vec<(&'static str, Secret)>) {
        let mut made = Vec::new();
        let filled = self.try_map(|slot, secret| {
            let mut change = secret.map(SecretChange::from);
            if let Some(value) = change.as_mut().and_then(|change| change.value.as_mut())
                && value.matches(GENERATE.as_bytes())
            {
                *value = Secret::generated(random());
                made.push((slot.name, value.clone()));
            }
            Ok::<_, std::convert::Infallible>(change.map(SecretInput::Change))
        });
        match filled {
            Ok(filled) => (filled, made),
            Err(never) => match never {},
        }
    }
}

/// What a slot will hold.
fn settle(
    slot: Slot,
    input: Option<SecretInput>,
    stored: Option<&Rotating>,
    now: Timestamp,
) -> Result<Rotating, Invalid> {
    let change = input.map(SecretChange::from).unwrap_or_default();
    let settled = match (change.value, stored.cloned()) {
        (None, None) => return Err(Invalid::field(slot.name, "required")),
        (None, Some(stored)) => stored,
        (Some(new), stored) => {
            slot.strength.check(&new).map_err(|reason| Invalid::secret(slot.name, reason))?;
            match stored {
                Some(stored) => stored.rotate(new, now, DEFAULT_GRACE),
                None => Rotating::new(new),
            }
        }
    };
    // A verify token is asked for once, when a person registers the URL: an old one is no use.
    let alone = change.revoke_previous || slot == Slot::VERIFY_TOKEN;
    Ok(if alone { settled.revoke_previous() } else { settled })
}

impl<S> Hmac<S> {
    /// A header for each part of the template, and none that is not signed: an unsigned timestamp
    /// would look like a protection and be none.
    fn sound(&self) -> Result<(), Invalid> {
        sound_text("prefix", &self.prefix)?;
        let parts = [
            ("timestamp_header", Part::Timestamp, &self.timestamp_header),
            ("id_header", Part::Id, &self.id_header),
        ];
        for (path, part, header) in parts {
            match (self.signed.has(&part), header) {
                (true, None) => return Err(Invalid::field(path, "required")),
                (false, Some(_)) => return Err(Invalid::field(path, "not_signed")),
                (true, Some(_)) | (false, None) => {}
            }
        }
        Ok(())
    }
}

impl<S> Basic<S> {
    fn sound(&self) -> Result<(), Invalid> {
        sound_text("user", &self.user)?;
        if self.user.is_empty() {
            return Err(Invalid::field("user", "required"));
        }
        if self.user.contains(':') {
            return Err(Invalid::field("user", "colon"));
        }
        Ok(())
    }
}

fn sound_text(path: &str, text: &str) -> Result<(), Invalid> {
    if text.len() > MAX_TEXT {
        return Err(Invalid::field(path, "too_long"));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::field(path, "control_character"));
    }
    Ok(())
}
