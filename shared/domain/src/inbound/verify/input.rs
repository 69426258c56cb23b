//! Checks in API requests and their conversion to the stored form.
//!
//! A secret may be
//! - text: sets it, without white space around it; the previous one is accepted for [`DEFAULT_GRACE`] more (AU-09);
//! - absent, `null`, or the output of [`Check::view`] (`{"set": true}`): keeps the stored one;
//! - `{"value": "...", "revoke_previous": true}`: sets it without a grace, as after a leak;
//! - `"generate"`: see [`CheckInput::generate`].

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::check::{Basic, Check, Hmac, Slot};
use super::settings::Part;
use crate::common::code::Code;
use crate::common::secret::{DEFAULT_GRACE, Rotating, Secret, SecretError};

/// The most checks of one integration.
pub const MAX_CHECKS: usize = 5;

const MAX_TEXT: usize = 100;
const GENERATE: &str = "generate";

/// A check in an API request.
pub type CheckInput = Check<Option<SecretInput>>;

/// A secret in an API request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum SecretInput {
    /// A new secret.
    Text(Secret),
    /// A change with options.
    Change(SecretChange),
}

/// A change of a secret. The output of [`Check::view`] has this form too and changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretChange {
    /// The new secret, if any.
    #[serde(default)]
    pub value: Option<Secret>,
    /// Refuses every old secret from now on.
    #[serde(default)]
    pub revoke_previous: bool,
    /// Part of the view; ignored.
    #[serde(default)]
    pub set: Option<bool>,
    /// Part of the view; ignored.
    #[serde(default)]
    pub previous_until: Option<Timestamp>,
}

impl From<SecretInput> for SecretChange {
    fn from(input: SecretInput) -> Self {
        let change = match input {
            SecretInput::Text(secret) => Self { value: Some(secret), ..Self::default() },
            SecretInput::Change(change) => change,
        };
        Self { value: change.value.map(Secret::trimmed), ..change }
    }
}

/// The reason for rejecting a check; the API answers with 422.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} cannot be saved: {}", code.as_str())]
pub struct Invalid {
    /// The path, relative to the check (`secret`) or to the list (`[1].secret`).
    pub path: String,
    /// The code.
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

    /// Prefixes the path with the index in the list.
    fn within(mut self, index: usize) -> Self {
        self.path = format!("[{index}].{}", self.path);
        if let Some(path) = self.params.get_mut("path") {
            self.path.clone_into(path);
        }
        self
    }
}

/// Converts a list of checks. Each check keeps the secret of the stored one with the same demand;
/// two checks with the same demand are an error.
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
    /// Converts a check to the stored form. An absent secret is taken from `existing`; a new one
    /// rotates, with a grace of [`DEFAULT_GRACE`].
    pub fn from_input(
        mut input: CheckInput,
        existing: Option<&Self>,
        now: Timestamp,
    ) -> Result<Self, Invalid> {
        if let CheckInput::Basic(basic) = &mut input {
            basic.user = basic.user.trim().to_owned();
        }
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
    /// Replaces each `"generate"` with a new random secret. Returns the generated secrets by field,
    /// to be shown only in this response.
    #[must_use]
    pub fn generate(
        self,
        mut random: impl FnMut() -> [u8; 32],
    ) -> (Self, Vec<(&'static str, Secret)>) {
        let mut generated = Vec::new();
        let filled = self.try_map(|slot, secret| {
            let mut change = secret.map(SecretChange::from);
            if let Some(value) = change.as_mut().and_then(|change| change.value.as_mut())
                && value.matches(GENERATE.as_bytes())
            {
                *value = Secret::generated(random());
                generated.push((slot.name, value.clone()));
            }
            Ok::<_, std::convert::Infallible>(change.map(SecretInput::Change))
        });
        match filled {
            Ok(filled) => (filled, generated),
            Err(never) => match never {},
        }
    }
}

/// The new value of a slot.
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
    // Meta sends the verify token only when a person registers the URL, so old ones are useless.
    let alone = change.revoke_previous || slot == Slot::VERIFY_TOKEN;
    Ok(if alone { settled.revoke_previous() } else { settled })
}

impl<S> Hmac<S> {
    /// Checks that each part of the template has a header and that each header is signed. An
    /// unsigned timestamp would not protect from replays.
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
