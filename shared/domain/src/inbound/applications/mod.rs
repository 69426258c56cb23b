//! The catalogue of senders: what Gancho knows of each kind before anybody configures anything
//! (`FACTS S3.1`).
//!
//! One file of `catalogue/` is one [`Application`]; adding one is adding a file, and the tests
//! below hold it to working on its own sample. The fields of a file are those of [`Application`];
//! its name is the key.

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

/// The application of senders that nobody has described: it comes first.
pub const PLAIN: &str = "webhook";

static CATALOGUE: LazyLock<Vec<Application>> = LazyLock::new(|| {
    // A file that cannot be read is left out; a test shows that there is none.
    let read = FILES.iter().filter_map(|(_, text)| serde_json::from_str(text).ok());
    let mut applications: Vec<Application> = read.collect();
    applications.sort_by_key(|it| (it.key != PLAIN, it.name.to_lowercase()));
    applications
});

/// Every application: the plain webhook, then by name.
pub fn all() -> &'static [Application] {
    &CATALOGUE
}

/// The application with this key.
pub fn find(key: &str) -> Option<&'static Application> {
    all().iter().find(|application| application.key == key)
}

/// A kind of sender. What it says about verification, dedupe, mapping and so on is what a new
/// integration starts with; everything can be changed there (`FACTS S3.15`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Its key, never changed.
    pub key: String,
    /// What people call it, in every language.
    pub name: String,
    /// An SVG of 24 by 24, our own drawing, without scripts or references; show it as an image.
    pub icon: String,
    /// The checks that the sender can pass, with a question where a secret belongs. Empty: it
    /// signs nothing, and the address alone is the secret.
    pub verification: Vec<Check<Ask>>,
    /// Where the sender's own id of a delivery stands; `None` when it has none.
    pub dedupe: Option<Dedupe>,
    /// The methods that it sends with. Meta's handshake by `GET` is not among them.
    pub methods: Vec<Method>,
    /// The answer that it wants.
    pub success_status: u16,
    /// What one usually wants of it.
    pub action: Action,
    /// Whether it sends JSON under another content type.
    pub sniff_json: bool,
    /// The ready mapping.
    pub mapping: Mapping,
    /// A webhook as it sends them.
    pub sample: Sample,
    /// What a person should know.
    pub note: Text,
}

/// What stands for a secret in a template of checks: what to ask the user for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The question in Portuguese.
    pub pt: String,
    /// The question in English.
    pub en: String,
    /// Whether the user may make it up, so that Gancho can generate it.
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
    /// In a reader's language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Portuguese => &self.pt,
        }
    }
}

/// A webhook as a sender sends it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Its content type.
    pub content_type: String,
    /// Further headers; signatures are place holders.
    pub headers: BTreeMap<String, String>,
    /// A text is the body itself; any other value is a JSON body.
    pub body: Value,
}

impl Sample {
    /// The body as it is sent.
    pub fn text(&self) -> Cow<'_, str> {
        self.body.as_str().map_or_else(|| self.body.to_string().into(), Into::into)
    }
}
