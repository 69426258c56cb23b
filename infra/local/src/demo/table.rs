//! The demo's report: a row a step, failed steps marked.

use std::io::{self, Write};

/// The result of a step.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) right: bool,
    pub(super) status: String,
    pub(super) contact: Vec<String>,
    pub(super) deal: String,
}

/// The rows.
#[derive(Debug, Default)]
pub(super) struct Table(Vec<(String, Row)>);

impl Table {
    pub(super) fn add(&mut self, step: &str, row: Row) {
        self.0.push((step.to_owned(), row));
    }

    /// The number of failed steps.
    pub(super) fn wrong(&self) -> usize {
        self.0.iter().filter(|(_, row)| !row.right).count()
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\n   {:<36} {:<10} {:<66} deal", "step", "status", "contact")?;
        for (step, row) in &self.0 {
            let mark = if row.right { "ok" } else { "!!" };
            let contact =
                if row.contact.is_empty() { "-".to_owned() } else { row.contact.join(", ") };
            let deal = if row.deal.is_empty() { "-" } else { &row.deal };
            writeln!(out, "{mark} {step:<36} {:<10} {contact:<66} {deal}", row.status)?;
        }
        let (all, wrong) = (self.0.len(), self.wrong());
        if wrong == 0 {
            writeln!(out, "\nDemo: all {all} steps passed.\n")
        } else {
            writeln!(out, "\nDEMO FAILED: {wrong} of {all} steps (!!).\n")
        }
    }
}
