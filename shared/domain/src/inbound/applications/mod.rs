//! The catalogue of applications: the defaults for each kind of sender (`FACTS S3.1`).
//!
//! Each file of `catalogue/` is one [`Application`]. A new application needs only a new file; the
//! tests below verify that it works on its own sample. The fields of a file are those of
//! [`Application`]; its name is the key.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::common::code::Language;
use crate::crm::mapping::Mapping;
use crate::inbound::integration::{Action, Dedupe, Method};
use crate::inbound::verify::Check;

#[cfg(test)]
mod tests;

/// `(file stem, text)` of every file of the catalogue, listed by `build.rs`.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// The application of all other senders; it is listed first.
pub const PLAIN: &str = "webhook";

static CATALOGUE: LazyLock<Vec<Application>> = LazyLock::new(|| {
    // An invalid file is skipped; a test verifies that there is none.
    let read = FILES.iter().filter_map(|(_, text)| serde_json::from_str(text).ok());
    let mut applications: Vec<Application> = read.collect();
    applications.sort_by_key(|it| (it.key != PLAIN, it.name.to_lowercase()));
    applications
});

/// Every application: the plain webhook first, the others by name.
pub fn all() -> &'static [Application] {
    &CATALOGUE
}

/// The application with this key.
pub fn find(key: &str) -> Option<&'static Application> {
    all().iter().find(|application| application.key == key)
}

/// A kind of sender. Its verification, dedupe, mapping and other settings are the defaults of a
/// new integration, which can change all of them (`FACTS S3.15`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Its key, never changed.
    pub key: String,
    /// The display name, the same in every language.
    pub name: String,
    /// An SVG of 24 by 24, drawn for Gancho, without scripts or references; show it as an image.
    pub icon: String,
    /// The checks that the sender supports, with a question in place of each secret. Empty: it
    /// signs nothing, and the URL is the only secret.
    pub verification: Vec<Check<Ask>>,
    /// The location of the sender's delivery id; `None` if it has none.
    pub dedupe: Option<Dedupe>,
    /// The methods that it sends with. Meta's handshake by `GET` is not among them.
    pub methods: Vec<Method>,
    /// The status code that it expects.
    pub success_status: u16,
    /// The usual action.
    pub action: Action,
    /// True if it sends JSON under another content type.
    pub sniff_json: bool,
    /// The default mapping.
    pub mapping: Mapping,
    /// A sample webhook.
    pub sample: Sample,
    /// A hint for people.
    pub note: Text,
}

impl Application {
    /// The path of its icon in the API. Lists show the path, because the drawing in every row would be
    /// most of a page.
    pub fn icon_path(&self) -> String {
        format!("/v1/applications/{}/icon", self.key)
    }
}

/// The question in place of a secret in a template of checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The question in Portuguese.
    pub pt: String,
    /// The question in English.
    pub en: String,
    /// True if the user may choose it, so that Gancho can generate it.
    #[serde(default)]
    pub generate: bool,
}

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Portuguese.
    pub pt: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The text in a reader's language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Portuguese => &self.pt,
        }
    }
}

/// A sample webhook of a sender.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Its content type.
    pub content_type: String,
    /// Further headers; signatures are placeholders.
    pub headers: BTreeMap<String, String>,
    /// A text is the body itself; any other value is a JSON body.
    pub body: Value,
}

impl Sample {
    /// The body as sent.
    pub fn text(&self) -> Cow<'_, str> {
        self.body.as_str().map_or_else(|| self.body.to_string().into(), Into::into)
    }
}
