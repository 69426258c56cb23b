//! The JSONPath of each value in a tree.

use std::fmt;

use serde_json::Value;

/// A step into a container.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'t> {
    Key(&'t str),
    Index(usize),
}

/// The path to a value, kept on the stack while a tree is traversed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trail<'t> {
    pub(super) parent: Option<&'t Trail<'t>>,
    pub(super) step: Step<'t>,
}

impl fmt::Display for Trail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parent {
            Some(parent) => write!(f, "{parent}")?,
            None => f.write_str("$")?,
        }
        match self.step {
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) if is_plain(key) => write!(f, ".{key}"),
            Step::Key(key) => write_quoted(f, key),
        }
    }
}

/// Returns true if a key may follow a dot (RFC 9535, 2.5.1.1).
fn is_plain(key: &str) -> bool {
    let may_begin = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    key.starts_with(may_begin) && key.chars().all(|c| may_begin(c) || c.is_ascii_digit())
}

/// Writes a key as a quoted name selector.
fn write_quoted(f: &mut fmt::Formatter<'_>, key: &str) -> fmt::Result {
    f.write_str("['")?;
    for c in key.chars() {
        match c {
            '\'' | '\\' => write!(f, "\\{c}")?,
            c if c < ' ' => write!(f, "\\u{:04x}", u32::from(c))?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("']")
}

/// The leaf values of a tree, each with its JSONPath, in the order of the text, at most `limit`.
/// People choose from them when they edit a mapping.
pub fn leaves(tree: &Value, limit: usize) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    gather(tree, None, limit, &mut found);
    found
}

fn gather<'v>(
    value: &'v Value,
    at: Option<&Trail<'_>>,
    limit: usize,
    found: &mut Vec<(String, &'v Value)>,
) {
    if found.len() >= limit {
        return;
    }
    match value {
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate().take(limit) {
                gather(item, Some(&Trail { parent: at, step: Step::Index(index) }), limit, found);
            }
        }
        Value::Object(entries) if !entries.is_empty() => {
            for (key, item) in entries.iter().take(limit) {
                gather(item, Some(&Trail { parent: at, step: Step::Key(key) }), limit, found);
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => {
            found.push((at.map_or_else(|| "$".to_owned(), ToString::to_string), value));
        }
    }
}
