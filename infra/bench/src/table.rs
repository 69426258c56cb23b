//! Plain text, in columns.

use std::io::{self, Write};

/// Rows under a head; the first column stands left, numbers right.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// `head` names the columns, with `|` between them.
    pub(crate) fn new(head: &str) -> Self {
        Self { rows: vec![head.split('|').map(str::to_owned).collect()] }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).enumerate();
            let cells = cells.map(|(place, (cell, width))| match place {
                0 => format!("  {cell:<width$}"),
                _ => format!("  {cell:>width$}"),
            });
            let line: String = cells.collect();
            writeln!(out, "{}", line.trim_end())?;
        }
        out.flush()
    }
}

/// `met`, or `missed`.
pub(crate) fn verdict(measured: f64, budget: f64) -> String {
    let word = if measured <= budget { "met" } else { "missed" };
    word.to_owned()
}
