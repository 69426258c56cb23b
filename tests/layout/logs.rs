//! Tests that `infra/docs/LOGS.md` documents every log field and every metric.

use std::{collections::BTreeSet, path::Path};

use gancho_edge::metrics::{Metric, class, names::NAMESPACE};

use crate::files::{read, root, rust_files};

const LOGS: &str = "infra/docs/LOGS.md";

/// The sources of the code that runs on Lambda, without tests.
fn sources() -> String {
    let files = ["functions", "shared"].iter().flat_map(|folder| rust_files(&root().join(folder)));
    let product = files.filter(|file| !is_test(file));
    product
        .map(|file| std::fs::read_to_string(file).unwrap())
        .map(|text| without_tests(&text))
        .collect()
}

fn is_test(file: &Path) -> bool {
    let path = file.to_string_lossy();
    path.contains("/tests/") || path.ends_with("tests.rs")
}

fn without_tests(text: &str) -> String {
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

/// The arguments of every call of these macros.
fn calls(sources: &str) -> Vec<String> {
    let macros = ["info!(", "warn!(", "error!(", "error_span!("];
    let begins = macros.iter().flat_map(|name| sources.match_indices(name));
    begins.map(|(at, name)| inside(&sources[at + name.len()..])).collect()
}

/// The text before the closing parenthesis that matches one opened before it.
fn inside(text: &str) -> String {
    let mut depth = 1;
    let mut taken = String::new();
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        taken.push(character);
    }
    taken
}

/// `webhook.id` of `webhook.id = %id`.
fn fields(call: &str) -> Vec<String> {
    let names = call.split([',', '\n']).filter_map(|part| part.split_once(" = "));
    let names = names.map(|(name, _)| name.trim().to_owned());
    names.filter(|name| name.contains('.') && !name.contains(['"', ' ', '('])).collect()
}

/// The first cells of a table's rows, between the heading and the next.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let text = read(LOGS);
    let (_, after) = text.split_once(&format!("## {heading}\n")).expect(heading);
    let section = after.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = |row: &str| row.split('|').map(|cell| cell.trim().replace('`', "")).collect();
    rows.map(|row| cells(row.trim_matches('|'))).collect()
}

#[test]
fn every_field_of_a_log_line_is_documented_and_no_other() {
    let used: BTreeSet<String> = calls(&sources()).iter().flat_map(|call| fields(call)).collect();
    assert!(used.len() > 25, "found only {used:?}");
    let documented: BTreeSet<String> =
        rows("Fields").into_iter().map(|row| row[0].clone()).collect();
    let always = ["timestamp", "level", "message"].map(str::to_owned);
    let missing: Vec<_> = used.difference(&documented).collect();
    assert!(missing.is_empty(), "{LOGS} does not document {missing:?}");
    let gone: Vec<_> = documented.difference(&used).filter(|name| !always.contains(name)).collect();
    assert!(gone.is_empty(), "{LOGS} documents {gone:?}, which no function writes");
}

#[test]
fn every_metric_is_emitted_and_documented_with_its_unit_and_dimension() {
    let sources = sources();
    let documented = rows("Metrics");
    for metric in Metric::ALL {
        let name = metric.name();
        assert!(sources.contains(&format!("Metric::{name}")), "no function emits {name}");
        let row = documented.iter().find(|row| row[0] == name);
        let row = row.unwrap_or_else(|| panic!("{LOGS} does not document {name}"));
        assert_eq!(row[1], metric.unit().as_str(), "{name}");
        let dimension = metric.dimension().map_or("Stage".to_owned(), |it| format!("Stage, {it}"));
        assert_eq!(row[2], dimension, "{name}");
    }
    assert_eq!(documented.len(), Metric::ALL.len(), "{LOGS} documents an unknown metric");
    let text = read(LOGS);
    assert!(text.contains(&format!("`{NAMESPACE}`")));
    for word in class::ALL {
        assert!(text.contains(&format!("`{word}`")), "{LOGS} does not document {word}");
    }
}

#[test]
fn the_documented_maximum_cost_of_metrics_is_correct() {
    let alone = Metric::ALL.iter().filter(|metric| metric.dimension().is_none()).count();
    let words = |metric: &Metric| match metric.dimension() {
        Some("Class") => class::ALL.len(),
        Some("Code") => 14,
        Some("Status") => 2,
        Some("State") => 3,
        Some(other) => panic!("how many words has {other}?"),
        None => 0,
    };
    let all = alone + Metric::ALL.iter().map(words).sum::<usize>();
    let sentence = format!(
        "at most {all} metrics, ${:.2} a month",
        f64::from(u32::try_from(all).unwrap()) * 0.3
    );
    assert!(read(LOGS).contains(&sentence), "{LOGS} should contain: {sentence}");
}

#[test]
fn fields_are_found_in_calls_of_one_line_and_of_several() {
    let text = "tracing::info!(a.b = %x, c.d_ms = f(1, 2), \"said = so\");\nwarn!(\n  e.f = g,\n  \"x\"\n);";
    let found: Vec<String> = calls(text).iter().flat_map(|call| fields(call)).collect();
    assert_eq!(found, ["a.b", "c.d_ms", "e.f"]);
}
