//! Reads untrusted JSON and reports the reason and the path of an error (`CATALOGUE TE-05`).

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::problem::ApiError;

/// Reads JSON of a known shape. A 422 names the invalid field (`verification[1].secret`) and a
/// stable reason.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // serde would accept a list as an object whose fields are in order.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(ApiError::invalid("$", "wrong_type"));
    }
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut from)
        .map_err(|error| invalid(&error.path().to_string(), error.inner()))?;
    from.end().map_err(|_| ApiError::invalid("$", "syntax"))?;
    Ok(value)
}

fn invalid(path: &str, error: &serde_json::Error) -> ApiError {
    let path = if path == "." { "" } else { path };
    let text = error.to_string();
    // serde distinguishes its own reasons only by their sentences; any other sentence is ours.
    let known = [
        ("unknown field", "unknown_field"),
        ("missing field", "required"),
        ("duplicate field", "duplicate"),
        ("invalid type", "wrong_type"),
        ("invalid length", "out_of_range"),
        ("invalid value", "unknown_value"),
        ("unknown variant", "unknown_value"),
        ("data did not match any variant", "wrong_type"),
        ("no variant", "required"),
    ];
    if error.classify() != Category::Data {
        return ApiError::invalid("$", "syntax");
    }
    let found = known.iter().find(|(beginning, _)| text.starts_with(beginning));
    let reason = found.map_or_else(|| without_place(&text), |(_, reason)| (*reason).to_owned());
    let field = text
        .split('`')
        .nth(1)
        .filter(|_| matches!(reason.as_str(), "unknown_field" | "required" | "duplicate"));
    ApiError::invalid(joined(path, field), &reason)
}

/// Adds the field's own name to the path, where serde names it only in the sentence.
fn joined(path: &str, field: Option<&str>) -> String {
    let Some(field) = field.map(shortened) else {
        return if path.is_empty() { "$".to_owned() } else { shortened(path) };
    };
    if path.is_empty() {
        field
    } else if path == field || path.ends_with(&format!(".{field}")) {
        shortened(path)
    } else {
        format!("{}.{field}", shortened(path))
    }
}

/// Removes control characters and limits the length: the text comes from the request.
fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Removes serde's `at line 1 column 2` from a sentence.
fn without_place(text: &str) -> String {
    let sentence = text.rsplit_once(" at line ").map_or(text, |(sentence, _)| sentence);
    shortened(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        name: String,
        #[serde(default)]
        list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        n: u8,
    }

    fn error_of(text: &str) -> (String, String) {
        let error = read::<Outer>(text.as_bytes()).unwrap_err();
        assert_eq!(error.status, 422);
        (error.params["path"].clone(), error.params["reason"].clone())
    }

    #[test]
    fn te_05_the_path_and_a_stable_reason_are_named() {
        let table = [
            (r#"{"name":"a","list":[{"n":1},{"n":"x"}]}"#, "list[1].n", "wrong_type"),
            (r#"{"name":"a","list":[{"n":1,"m":2}]}"#, "list[0].m", "unknown_field"),
            (r#"{"name":"a","extra":2}"#, "extra", "unknown_field"),
            (r#"{"list":[]}"#, "name", "required"),
            (r#"{"name":"a","list":[{}]}"#, "list[0].n", "required"),
            (r#"{"name":"a","list":[{"n":-1}]}"#, "list[0].n", "unknown_value"),
            (r#"{"name":"a","list":[{"n":9223372036854775808}]}"#, "list[0].n", "unknown_value"),
            (r#"{"name":"a","name":"b"}"#, "name", "duplicate"),
            ("[1]", "$", "wrong_type"),
            (r#"{"name":"a"} x"#, "$", "syntax"),
            ("", "$", "syntax"),
            ("{", "$", "syntax"),
        ];
        for (text, path, reason) in table {
            assert_eq!(error_of(text), (path.to_owned(), reason.to_owned()), "{text}");
        }
    }

    #[test]
    fn in_02_depth_and_odd_bytes_are_faults_and_not_crashes() {
        assert_eq!(error_of(&"[".repeat(100_000)).0, "$");
        assert_eq!(read::<Outer>(b"\xff\xfe{").unwrap_err().status, 422);
    }
}
