//! The demo's report: a row a step, failed steps marked.

use std::io::{self, Write};

/// The result of a step.
#[derive(Debug, Clone)]
pub(super) struct Step {
    right: bool,
    status: String,
    contact: String,
    deal: String,
}

impl Step {
    pub(super) fn new(right: bool, status: &str, contact: impl Into<String>) -> Self {
        Self { right, status: status.to_owned(), contact: contact.into(), deal: String::new() }
    }

    /// A failed step: what it waited for did not come.
    pub(super) fn missing(what: &str) -> Self {
        Self::new(false, "missing", what)
    }

    pub(super) fn deal(self, title: &str) -> Self {
        Self { deal: title.to_owned(), ..self }
    }
}

/// The steps with their names.
#[derive(Debug, Default)]
pub(super) struct Steps(Vec<(String, Step)>);

impl Steps {
    pub(super) fn add(&mut self, name: &str, step: Step) {
        self.0.push((name.to_owned(), step));
    }

    /// The number of failed steps.
    pub(super) fn wrong(&self) -> usize {
        self.0.iter().filter(|(_, step)| !step.right).count()
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\n   {:<36} {:<10} {:<66} deal", "step", "status", "contact")?;
        let shown = |text: &str| if text.is_empty() { "-" } else { text }.to_owned();
        for (name, Step { right, status, contact, deal }) in &self.0 {
            let (mark, contact, deal) =
                (if *right { "ok" } else { "!!" }, shown(contact), shown(deal));
            writeln!(out, "{mark} {name:<36} {status:<10} {contact:<66} {deal}")?;
        }
        let (all, wrong) = (self.0.len(), self.wrong());
        if wrong == 0 {
            writeln!(out, "\nDemo: all {all} steps passed.\n")
        } else {
            writeln!(out, "\nDEMO FAILED: {wrong} of {all} steps (!!).\n")
        }
    }
}
