//! The words of the product: retired words stay out of identifiers and prose.

use std::process::Command;

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

/// The files that git tracks whose names end so.
fn tracked(ends: &[&str]) -> Vec<String> {
    let listed = Command::new("git").args(["ls-files"]).current_dir(root()).output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
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
    let files = tracked(&[".rs", ".md", ".yaml", ".toml", ".py"]);
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

/// The numbers and first lines of the doc comments of a text of Rust.
fn rust_docs(text: &str) -> Vec<(usize, &str)> {
    let mut follows = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        found.extend(doc.filter(|_| !follows).map(|doc| (number, doc)));
        follows = doc.is_some();
    }
    found
}

/// The numbers and first lines of the doc comments of a text of TypeScript.
fn typescript_docs(text: &str) -> Vec<(usize, &str)> {
    let mut begins = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let next = begins.then(|| line.trim_start_matches('*'));
        let doc = line.strip_prefix("/**").or(next);
        begins = doc.is_some_and(|doc| doc.trim().is_empty());
        found.extend(doc.filter(|_| !begins).map(|doc| (number, doc)));
    }
    found
}

/// Reports whether the first line of a doc comment asks instead of naming its subject.
fn is_question(doc: &str) -> bool {
    doc.split_whitespace().next().is_some_and(|word| QUESTIONS.contains(&word))
}

#[test]
fn no_doc_comment_begins_with_a_question_word() {
    let mut found = Vec::new();
    let mut check = |ends: &[&str], docs: fn(&str) -> Vec<(usize, &str)>| {
        let files = tracked(ends);
        assert!(!files.is_empty(), "{ends:?}");
        for file in files {
            let text = read(&file);
            let asks = docs(&text).into_iter().filter(|(_, doc)| is_question(doc));
            found.extend(asks.map(|(number, doc)| format!("{file}:{number}:{doc}")));
        }
    };
    check(&[".rs"], rust_docs);
    check(&[".ts", ".tsx"], typescript_docs);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_first_line_of_a_doc_comment_is_found_in_both_languages() {
    let rust = "//! What one\n//! Who goes on\nfn a() {}\n    /// Two\n// How no";
    assert_eq!(rust_docs(rust), [(1, " What one"), (4, " Two")]);
    let ours = "/** What one. */\n/**\n * Two\n * Who goes on\n */\n// How no\n/* Why no */";
    assert_eq!(typescript_docs(ours), [(1, " What one. */"), (3, " Two")]);
    assert!(is_question(" What one. */") && !is_question(" Two"));
}
