//! The report of a part: Markdown. It is printed, and `--save` stores it as a section of
//! `RESULTS.md`, which keeps the other sections as they were measured.

use std::fmt::Write;

use crate::error::Result;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md");
const HEAD: &str = "\
<!-- Written by `cargo xtask bench --save`; not edited by hand. `--only PART --save` measures one section again. -->
# Results

Each section names its command, date, commit and machine. Client, functions and the embedded database share the cores of one
machine: compare the columns with each other rather than with AWS.
[LIMITS.md](../docs/LIMITS.md#missed-budgets) lists the budgets that are missed, and the reasons.
";

/// Markdown under a title.
#[derive(Debug, Default)]
pub(crate) struct Report {
    text: String,
}

impl Report {
    /// Adds a paragraph.
    pub(crate) fn text(&mut self, text: impl AsRef<str>) {
        self.add(&format!("\n{}\n", text.as_ref()));
    }

    /// Prints a part at once: a measurement can take long.
    fn add(&mut self, part: &str) {
        _ = std::io::Write::write_all(&mut std::io::stdout(), part.as_bytes());
        self.text.push_str(part);
    }

    /// Adds a table. The head and each row name their cells with `|` between them.
    pub(crate) fn table(&mut self, head: &str, rows: &[String]) {
        let lines: Vec<Vec<&str>> =
            std::iter::once(head).chain(rows.iter().map(String::as_str)).map(cells).collect();
        let column = |place: usize| lines.iter().filter_map(move |line| line.get(place).copied());
        let is_number = |cell: &str| !cell.starts_with(|c: char| c.is_alphabetic() || c == '`');
        let columns: Vec<(usize, bool)> = (0..cells(head).len())
            .map(|place| {
                let width = column(place).map(|cell| cell.chars().count()).max();
                (width.unwrap_or(0).max(3), column(place).skip(1).all(is_number))
            })
            .collect();
        let mut table = String::from("\n");
        for (number, line) in lines.iter().enumerate() {
            let cells = columns.iter().enumerate().map(|(place, (width, is_number))| {
                let cell = line.get(place).copied().unwrap_or_default();
                if *is_number { format!(" {cell:>width$} |") } else { format!(" {cell:<width$} |") }
            });
            _ = writeln!(table, "|{}", cells.collect::<String>());
            if number == 0 {
                let rules = columns.iter().map(|(width, is_number)| {
                    format!("{}{}|", "-".repeat(width + 1), if *is_number { ":" } else { "-" })
                });
                _ = writeln!(table, "|{}", rules.collect::<String>());
            }
        }
        self.add(&table);
    }

    /// The section: title, origin, text.
    pub(crate) fn section(&self, title: &str, origin: &str) -> String {
        format!("## {title}\n\n{origin}\n{}", self.text)
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.split('|').collect()
}

/// `met`, or `missed`.
pub(crate) fn verdict(measured: f64, budget: f64) -> &'static str {
    if measured <= budget { "met" } else { "missed" }
}

/// Stores a section in `RESULTS.md`; `titles` is the order of sections.
pub(crate) fn save(section: &str, titles: &[&str]) -> Result<()> {
    Ok(std::fs::write(PATH, replaced(&std::fs::read_to_string(PATH)?, section, titles))?)
}

/// The file with a section in place of the one of the same title. Other sections stay; one whose
/// title is unknown goes.
fn replaced(file: &str, section: &str, titles: &[&str]) -> String {
    let known = format!("\n{file}");
    let old: Vec<&str> = known.split("\n## ").skip(1).collect();
    let section = section.trim_start_matches("## ");
    let named = |part: &&&str, title: &str| part.lines().next() == Some(title);
    let mut text = HEAD.to_owned();
    for title in titles {
        let stored = old.iter().find(|part| named(part, title));
        let part = if named(&&section, title) { Some(section) } else { stored.copied() };
        if let Some(part) = part {
            _ = write!(text, "\n## {}\n", part.trim_end());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_markdown() {
        let mut report = Report::default();
        report.table("filter|ms", &["none|1.25".to_owned(), "é".to_owned()]);
        let lines: Vec<&str> = report.text.lines().skip(1).collect();
        assert_eq!(
            lines,
            ["| filter |   ms |", "|--------|-----:|", "| none   | 1.25 |", "| é      |      |"]
        );
    }

    #[test]
    fn a_saved_section_replaces_its_own_and_keeps_the_others() {
        let titles = ["One", "Two", "Three"];
        let empty = replaced("", "## Two\n\nfirst\n", &titles);
        assert_eq!(empty, format!("{HEAD}\n## Two\n\nfirst\n"));
        let both = replaced(&empty, "## One\n\nbefore\n", &titles);
        assert_eq!(both, format!("{HEAD}\n## One\n\nbefore\n\n## Two\n\nfirst\n"));
        let again = replaced(&both, "## Two\n\nsecond\n", &titles);
        assert_eq!(again, format!("{HEAD}\n## One\n\nbefore\n\n## Two\n\nsecond\n"));
    }

    #[test]
    fn every_stored_section_is_one_that_the_bench_writes() {
        let file = include_str!("../RESULTS.md");
        assert!(file.starts_with(HEAD), "RESULTS.md was edited by hand");
        let stored: Vec<&str> = file.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(stored, crate::Part::titles(), "in this order");
    }
}
