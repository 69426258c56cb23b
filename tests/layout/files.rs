//! Tests of files and their contents.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

pub(crate) fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Every function, by the name of its folder.
pub(crate) fn functions() -> BTreeSet<String> {
    names_in("functions")
}

/// Every Rust file below `folder`, relative to the repository.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Packages of npm may have files of Rust.
        if path.ends_with("node_modules") {
            continue;
        }
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files
}

/// `true` if a row of a table names the function in backticks, alone or as a path.
fn has_row(readme: &str, function: &str) -> bool {
    let (alone, path) = (format!("`{function}`"), format!("functions/{function}"));
    readme
        .lines()
        .any(|line| line.starts_with('|') && (line.contains(&alone) || line.contains(&path)))
}

#[test]
fn the_top_level_holds_only_allowed_entries() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "functions",
        "shared",
        "infra",
        "template.yaml",
        "tests",
        "README.md",
    ];
    for name in names_in("") {
        let known = allowed.contains(&name.as_str()) || name.starts_with("LICENSE");
        // Dot files are settings of tools; cargo builds into `target`.
        assert!(
            known || name.starts_with('.') || name == "target",
            "{name} is not allowed at the top level"
        );
    }
}

#[test]
fn every_function_has_its_row_in_the_readme() {
    let readme = read("README.md");
    for function in functions() {
        assert!(has_row(&readme, &function), "README.md has no row for {function}");
    }
}

#[test]
fn a_row_is_a_line_of_a_table_that_names_the_function() {
    assert!(has_row("| `tally` | counts |", "tally"));
    assert!(has_row("| [tally](functions/tally/src/lib.rs) | counts |", "tally"));
    assert!(!has_row("The `tally` counts.", "tally"));
    assert!(!has_row("| tally | counts |", "tally"));
}

#[test]
fn every_main_is_wiring_of_fewer_than_60_lines() {
    for function in functions() {
        let path = format!("functions/{function}/src/main.rs");
        let lines = read(&path).lines().count();
        assert!(lines < 60, "{path} has {lines} lines");
    }
}

/// `true` for a `format!` that joins parts with `#`, as keys do. Text that is hashed is no key.
fn spells_a_key(line: &str) -> bool {
    line.contains("format!(")
        && !line.contains("sha256_hex(format!(")
        && (line.contains("}#") || line.contains("#{"))
}

#[test]
fn only_the_keys_file_spells_keys() {
    let mut files = rust_files(&root().join("shared/store/src"));
    files.extend(rust_files(&root().join("shared/edge/src")));
    files.extend(rust_files(&root().join("functions")));
    // The module of keys has two files.
    files.retain(|file| !file.ends_with("shared/store/src/keys/mod.rs"));
    files.retain(|file| !file.ends_with("shared/store/src/keys/outbound.rs"));
    assert!(files.len() > 10, "found only {files:?}");
    for file in files {
        for (number, line) in (1..).zip(fs::read_to_string(&file).unwrap().lines()) {
            assert!(!spells_a_key(line), "{}:{number} spells a key: {line}", file.display());
        }
    }
}

#[test]
fn the_keys_file_is_the_one_that_spells_them() {
    let spelled =
        read("shared/store/src/keys/mod.rs").lines().filter(|line| spells_a_key(line)).count();
    assert!(spelled > 10, "only {spelled} keys found: the search no longer sees them");
}

#[test]
fn the_results_are_written_by_the_bench() {
    let results = read("infra/bench/RESULTS.md");
    let first = results.lines().next().unwrap();
    assert!(first.starts_with("<!-- Written by `cargo xtask bench --save`"), "{first}");
    let sections: Vec<&str> = results.split("\n## ").skip(1).collect();
    assert!(sections.len() > 5, "only {} sections are found", sections.len());
    for section in sections {
        // The title, an empty line, and the origin of the numbers.
        let origin = section.lines().nth(2).unwrap_or_default();
        let is_named =
            origin.starts_with("`cargo xtask bench --only ") && origin.contains(", commit ");
        assert!(is_named, "{section}");
    }
}
