//! The sizes and the licences of the built pages, as `finish.mjs` wrote them to `report.txt`: lines
//! of a name and a number, and one line for each package that is in the bundle.

use std::{fs, path::Path};

use crate::dist;

/// A size with its budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// Its name.
    pub name: &'static str,
    /// The number: bytes, or packages, or requests.
    pub number: u64,
    /// The largest allowed number.
    pub budget: u64,
}

/// The facts of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The sizes, each with its budget.
    pub sizes: Vec<Size>,
    /// Packages in the bundle whose licence is not an allowed one, each with its licence.
    pub licences: Vec<String>,
}

const KB: u64 = 1_000;

/// The sizes by their names in the report, with their budgets. Bytes of `entry`, `history`, `all` and
/// `styles` are those of brotli. `entry` has all that the page names or its first script imports: the
/// libraries, the bars, and the styles of every screen.
const BUDGETS: [(&str, &str, u64); 7] = [
    ("entry", "entry, brotli", 100 * KB),
    ("history", "a first visit to the history, brotli", 230 * KB),
    ("requests", "requests before the first rows", 14),
    ("all", "all files together, brotli", 420 * KB),
    ("binary", "in the binary", 1_200 * KB),
    ("styles", "styles, brotli", 20 * KB),
    ("packages", "packages in the bundle", 25),
];

/// Licences that need nothing but their text, which `licences.txt` has.
const ALLOWED: [&str; 6] = ["MIT", "Apache-2.0", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause"];

/// Reads the report of the built pages.
pub fn read(root: &Path) -> Result<Facts, String> {
    let path = dist(root).join("report.txt");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    parse(&text).ok_or_else(|| format!("{}: it is not a report", path.display()))
}

fn parse(text: &str) -> Option<Facts> {
    let number = |name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once(' '));
        let mut found = lines.filter(|(key, _)| *key == name);
        found.next()?.1.parse().ok()
    };
    let size = |(key, name, budget): &(&str, &'static str, u64)| {
        Some(Size { name, number: number(key)?, budget: *budget })
    };
    let packages = text.lines().filter_map(|line| line.strip_prefix("package "));
    let is_allowed = |package: &&str| {
        let licence = package.split_once(' ').map_or("", |(_, licence)| licence);
        ALLOWED.contains(&licence)
    };
    let licences = packages.filter(|package| !is_allowed(package)).map(str::to_owned).collect();
    Some(Facts { sizes: BUDGETS.iter().map(size).collect::<Option<_>>()?, licences })
}

impl Size {
    /// Reports whether it is over its budget.
    pub fn is_over(&self) -> bool {
        self.number > self.budget
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "entry 100000\nhistory 1\nrequests 15\nall 2\nbinary 3\nstyles 4\n\
        packages 5\npackage react MIT\npackage isbot Unlicense\npackage odd \n";

    #[test]
    fn a_report_is_read_with_what_is_over_its_budget() {
        let facts = parse(TEXT).unwrap();
        let over = facts.sizes.iter().filter(|size| size.is_over());
        assert_eq!(
            over.map(|size| size.name).collect::<Vec<_>>(),
            ["requests before the first rows"]
        );
        assert_eq!(facts.licences, ["isbot Unlicense", "odd "]);
        assert_eq!(parse(&TEXT.replace("binary", "b")), None);
    }
}
