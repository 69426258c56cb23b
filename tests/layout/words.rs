//! The words of the product: retired words stay out of identifiers and prose.

use std::{path::Path, process::Command};

use crate::files::{read, root};

/// Retired words, each with its replacement. A word is a whole identifier or word, and a part of an
/// identifier that is separated by `_` or by case (`DeliverBell`, `ring_later`).
const RETIRED: [(&str, &str); 25] = [
    ("bell", "message"),
    ("bells", "messages"),
    ("doorbell", "message"),
    ("rung", "enqueued"),
    ("rings", "enqueues"),
    ("ringing", "enqueueing"),
    ("told", "notified, logged, counted"),
    ("tells", "notifies, logs, counts"),
    ("trespass", "failed attempt"),
    ("trespasses", "failed attempts"),
    ("trouble", "error"),
    ("excused", "not counted"),
    ("excuse", "discount"),
    ("outlook", "reachability"),
    ("departed", "deleted"),
    ("wanted", "requested"),
    ("asked", "requested"),
    ("fresh", "cached, new, random token"),
    ("freshness", "cached"),
    ("unheard", "dead-lettered"),
    ("made_by", "trigger"),
    ("at_a_time", "max_concurrency"),
    ("uses_a_try", "counts_as_retry"),
    ("put_aside", "defer"),
    ("left_out", "not_released"),
];

/// Retired phrases of prose.
const PHRASES: [&str; 7] =
    ["put aside", "rings again", "ring again", "left out of", "tell of", "dead bell", "work table"];

/// Files that contain retired words on purpose: this one lists them.
const EXEMPT: [&str; 1] = ["tests/layout/words.rs"];

/// The text files that git tracks.
fn tracked() -> Vec<String> {
    let listed = Command::new("git").args(["ls-files"]).current_dir(root()).output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let ends = [".rs", ".md", ".yaml", ".toml", ".py"];
    let names = String::from_utf8(listed.stdout).unwrap();
    let texts = names.lines().filter(|name| ends.iter().any(|end| name.ends_with(end)));
    texts.filter(|name| !EXEMPT.contains(name)).map(str::to_owned).collect()
}

/// The words of a line in lower case: identifiers whole, and their parts.
fn words(line: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for identifier in line.split(|c| !is_part(c)).filter(|text| !text.is_empty()) {
        found.push(identifier.to_ascii_lowercase());
        let mut part = String::new();
        for c in identifier.chars() {
            if c == '_'
                || (c.is_ascii_uppercase() && part.ends_with(|c: char| !c.is_ascii_uppercase()))
            {
                found.push(std::mem::take(&mut part).to_ascii_lowercase());
            }
            if c != '_' {
                part.push(c);
            }
        }
        found.push(part.to_ascii_lowercase());
    }
    found
}

/// The retired words and phrases of a line.
fn retired(line: &str) -> Vec<String> {
    let words = words(line);
    let lower = line.to_ascii_lowercase();
    let of_words = RETIRED.iter().filter(|(old, _)| words.iter().any(|word| word == old));
    let of_words = of_words.map(|(old, new)| format!("{old} (use: {new})"));
    let phrases = PHRASES.iter().filter(|phrase| lower.contains(*phrase));
    of_words.chain(phrases.map(|phrase| (*phrase).to_owned())).collect()
}

#[test]
fn retired_words_stay_out_of_tracked_code_and_prose() {
    let files = tracked();
    assert!(files.len() > 300, "only {} files are searched", files.len());
    let mut found = Vec::new();
    for file in files {
        if !root().join(&file).exists() {
            continue;
        }
        for (number, line) in (1..).zip(read(&file).lines()) {
            for word in retired(line) {
                found.push(format!("{file}:{number}: {word}: {}", line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{} retired words:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_retired_word_is_found_in_every_spelling() {
    for line in
        ["let bell = 1;", "struct DeliverBell;", "fn is_bell_read()", "// A bell.", "X_BELL"]
    {
        assert_eq!(retired(line), ["bell (use: message)"], "{line}");
    }
    for line in ["a message", "barbell", "label", "Bellini", "fn refreshed()"] {
        assert!(retired(line).is_empty(), "{line}");
    }
    assert_eq!(retired("It is put aside."), ["put aside"]);
    assert_eq!(retired("made_by: 1"), ["made_by (use: trigger)"]);
}

/// Words that no first line of a doc comment begins with: it is a noun or verb phrase.
const QUESTIONS: [&str; 9] =
    ["What", "Who", "How", "Why", "Whether", "Which", "Whom", "When", "Where"];

#[test]
fn no_doc_comment_begins_with_a_question_word() {
    let mut found = Vec::new();
    let is_rust = |name: &&String| Path::new(name).extension().is_some_and(|end| end == "rs");
    for file in tracked().iter().filter(is_rust) {
        let mut follows = false;
        for (number, line) in (1..).zip(read(file).lines()) {
            let text = line.trim();
            let doc = text.strip_prefix("///").or_else(|| text.strip_prefix("//!"));
            let first = doc.and_then(|doc| doc.split_whitespace().next());
            if !follows && first.is_some_and(|word| QUESTIONS.contains(&word)) {
                found.push(format!("{file}:{number}: {text}"));
            }
            follows = doc.is_some();
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
