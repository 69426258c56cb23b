//! Limits of texts and lists, checked when a request is read.

use std::collections::BTreeSet;

use gancho_domain::common::text::is_invisible;

use crate::problem::ApiError;

/// The maximum length of a name in characters.
pub const NAME: usize = 100;
/// The maximum length of a tag in characters.
pub const TAG: usize = 128;

/// The trimmed text, if it has 1 to `max` characters and none of them is invisible.
pub fn text(path: &str, text: &str, max: usize) -> Result<String, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ApiError::invalid(path, "required"));
    }
    if text.contains('\0') {
        return Err(ApiError::invalid(path, "nul"));
    }
    if text.chars().any(is_invisible) {
        return Err(ApiError::invalid(path, "control_character"));
    }
    if text.chars().count() > max {
        return Err(ApiError::invalid(path, "too_long").with("limit", max));
    }
    Ok(text.to_owned())
}

/// The name of a copy.
pub fn copied(name: &str) -> Result<String, ApiError> {
    let name: String = name.chars().take(NAME - 4).collect();
    text("name", &format!("{} (2)", name.trim_end()), NAME)
}

/// The tags without duplicates, in their order; at most `most`.
pub fn tags(path: &str, tags: &[String], most: usize) -> Result<Vec<String>, ApiError> {
    list_size(path, tags.len(), most)?;
    let mut seen = BTreeSet::new();
    let mut kept = Vec::with_capacity(tags.len());
    for (index, tag) in tags.iter().enumerate() {
        let tag = text(&format!("{path}[{index}]"), tag, TAG)?;
        if seen.insert(tag.clone()) {
            kept.push(tag);
        }
    }
    Ok(kept)
}

/// Reports if a text is a custom field's key: 1 to 64 of ASCII letters, digits, `_` and `-`.
pub fn is_key(key: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=64).contains(&key.len()) && key.bytes().all(allowed)
}

/// Refuses a list that is longer than `most`.
pub fn list_size(path: &str, length: usize, most: usize) -> Result<(), ApiError> {
    if length > most {
        return Err(ApiError::invalid(path, "too_many").with("limit", most));
    }
    Ok(())
}

/// The path of a key from a request, with the key shortened and without invisible characters.
pub fn named(path: &str, key: &str) -> String {
    let key: String = key.chars().filter(|c| !is_invisible(*c)).take(64).collect();
    format!("{path}.{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text_in: &str) -> Option<String> {
        text("name", text_in, 5).err().map(|error| error.params["reason"].clone())
    }

    #[test]
    fn te_05_a_name_is_short_and_holds_nothing_invisible() {
        assert_eq!(text("name", "  Olá ", 5).unwrap(), "Olá");
        assert_eq!(text("name", "ééééé", 5).unwrap(), "ééééé");
        let table = [
            ("", "required"),
            (" \t", "required"),
            ("a\0b", "nul"),
            ("a\nb", "control_character"),
            ("a\u{202e}b", "control_character"),
            ("abcdef", "too_long"),
        ];
        for (text, expected) in table {
            assert_eq!(reason(text).as_deref(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn tags_are_kept_once_and_the_wrong_one_is_named() {
        let tags_of = |list: &[&str]| {
            tags("tags", &list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>(), 3)
        };
        assert_eq!(tags_of(&["a", " a ", "b"]).unwrap(), ["a", "b"]);
        assert_eq!(tags_of(&["a", ""]).unwrap_err().params["path"], "tags[1]");
        assert_eq!(tags_of(&["a", "b", "c", "d"]).unwrap_err().params["reason"], "too_many");
    }

    #[test]
    fn te_02_a_key_is_plain() {
        assert!(is_key("segmento_2-b"));
        for key in ["", "a b", "a#b", "é", "..", "a/b", &"k".repeat(65)] {
            assert!(!is_key(key), "{key}");
        }
    }
}
