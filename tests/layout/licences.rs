//! Tests of the licences of all dependencies, and of dependencies that are not allowed.

use std::collections::BTreeSet;
use std::process::Command;

use crate::crates::metadata;

/// Licences that require at most their notice.
const ACCEPTED: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// The host platform. Packages for other platforms may not have been fetched.
fn platform() -> String {
    let output = Command::new(env!("CARGO")).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// `true` if accepted licences satisfy an SPDX expression. `/` is an old spelling of OR.
fn accepts(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let spaced = spaced.replace(" WITH ", "\u{0}");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (verdict, rest) = either(&words);
    assert!(rest.is_empty(), "unreadable licence: {expression}");
    verdict
}

fn either<'a, 'w>(words: &'w [&'a str]) -> (bool, &'w [&'a str]) {
    let (mut verdict, mut rest) = both(words);
    while let Some((&"OR", more)) = rest.split_first() {
        let (next, left) = both(more);
        verdict |= next;
        rest = left;
    }
    (verdict, rest)
}

fn both<'a, 'w>(words: &'w [&'a str]) -> (bool, &'w [&'a str]) {
    let (mut verdict, mut rest) = one(words);
    while let Some((&"AND", more)) = rest.split_first() {
        let (next, left) = one(more);
        verdict &= next;
        rest = left;
    }
    (verdict, rest)
}

fn one<'a, 'w>(words: &'w [&'a str]) -> (bool, &'w [&'a str]) {
    let (first, rest) = words.split_first().expect("a licence");
    if *first != "(" {
        return (ACCEPTED.contains(&first.replace('\u{0}', " WITH ").as_str()), rest);
    }
    let (verdict, rest) = either(rest);
    let (close, rest) = rest.split_first().expect("a closing parenthesis");
    assert_eq!(*close, ")");
    (verdict, rest)
}

#[test]
fn every_dependency_has_an_accepted_licence_and_none_is_openssl() {
    let metadata = metadata(&["--filter-platform", &platform()]);
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let built: BTreeSet<_> = nodes.iter().map(|node| node["id"].as_str().unwrap()).collect();
    assert!(built.len() > 100);
    for package in metadata["packages"].as_array().unwrap() {
        if !built.contains(package["id"].as_str().unwrap()) {
            continue;
        }
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name}: no licence"));
        assert!(accepts(licence), "{name} is under {licence}");
        assert!(!["openssl", "openssl-sys", "native-tls"].contains(&name), "{name} is built in");
    }
}

#[test]
fn one_accepted_alternative_is_enough_and_every_part_of_a_conjunction_is_needed() {
    assert!(accepts("MIT/Apache-2.0"));
    assert!(accepts("GPL-3.0 OR MIT"));
    assert!(accepts("Apache-2.0 WITH LLVM-exception OR GPL-3.0"));
    assert!(accepts("(MIT OR GPL-3.0) AND Unicode-3.0"));
    assert!(!accepts("MIT AND GPL-3.0"));
    assert!(!accepts("(MIT OR Apache-2.0) AND (GPL-3.0 OR AGPL-3.0)"));
    assert!(!accepts("MPL-2.0"));
}
