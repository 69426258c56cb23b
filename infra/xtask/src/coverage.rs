//! Lists the rows of the catalogue of faults without a test named after them.
//!
//! A row `IN-03` is covered by a test function `in_03_...` anywhere in the repository that is not
//! ignored.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::shell::say;

/// The rows of both directions: prefix, last number, and those that belong to a later part.
const ROWS: [(&str, u32, &[u32]); 11] = [
    ("in", 33, &[]),
    ("au", 15, &[]),
    ("if", 27, &[]),
    ("hi", 15, &[12, 14]),
    ("ou", 20, &[]),
    ("ss", 15, &[]),
    ("or", 12, &[]),
    ("su", 9, &[]),
    ("re", 5, &[]),
    ("of", 6, &[]),
    ("te", 8, &[3, 4]),
];

/// Fails if a row has no test, and lists those without one.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let mut tested = BTreeSet::new();
    for folder in ["shared", "functions", "infra", "tests"] {
        for file in rust_files(&root.join(folder))? {
            let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
            tested.extend(rows_tested_in(&text));
        }
    }
    let rows = rows();
    let missing: Vec<String> =
        rows.iter().filter(|row| !tested.contains(*row)).map(|row| spell(row)).collect();
    say(&format!("{} of {} rows have a test", rows.len() - missing.len(), rows.len()));
    if missing.is_empty() { Ok(()) } else { Err(format!("no test for {}", missing.join(" "))) }
}

/// Every row that needs a test, as test names begin: `in_01`.
fn rows() -> Vec<String> {
    let mut rows = Vec::new();
    for (prefix, last, later) in ROWS {
        let due = (1..=last).filter(|number| !later.contains(number));
        rows.extend(due.map(|number| format!("{prefix}_{number:02}")));
    }
    rows
}

/// `in_01` as the catalogue spells it: `IN-01`.
fn spell(row: &str) -> String {
    row.to_uppercase().replace('_', "-")
}

fn rows_tested_in(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut attributes = String::new();
    for line in text.lines().map(str::trim) {
        let runs = attributes.contains("test") && !attributes.contains("#[ignore");
        found.extend(row_of(line).filter(|_| runs));
        if line.starts_with("#[") || line.starts_with("//") {
            attributes.push_str(line.split("//").next().unwrap_or_default());
        } else {
            attributes.clear();
        }
    }
    found
}

/// The row that names the test function of a line.
fn row_of(line: &str) -> Option<String> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    let name = line.strip_prefix("fn ")?;
    let (row, rest) = name.split_at_checked(5)?;
    let (prefix, number) = row.split_once('_')?;
    let known = ROWS.iter().any(|(known, _, _)| *known == prefix);
    let digits = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
    (known && digits && rest.starts_with('_')).then(|| row.to_owned())
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|e| e.to_string())?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_those_of_both_directions() {
        let rows = rows();
        assert_eq!(rows.len(), (33 + 15 + 27 + 13) + (20 + 15) + (12 + 9 + 5 + 6) + 6);
        assert!(rows.contains(&"hi_13".to_owned()) && !rows.contains(&"hi_12".to_owned()));
    }

    #[test]
    fn a_test_counts_for_the_row_that_its_name_begins_with() {
        let text = "#[test]\nfn in_03_last_wins() {}\n\n#[tokio::test]\nasync fn hi_01_gone() {}";
        assert_eq!(rows_tested_in(text), ["hi_01", "in_03"].map(str::to_owned).into());
    }

    #[test]
    fn ignored_tests_and_plain_functions_count_for_nothing() {
        let text = "#[test]\n#[ignore = \"later\"]\nfn in_03_a() {}\n}\nfn in_04_b() {}\n\
                    #[test]\nfn in_5_c() {}\n#[test]\nfn of_in_06_d() {}\n// #[test]\nfn in_07_e() {}";
        assert_eq!(rows_tested_in(text), BTreeSet::new());
    }
}
