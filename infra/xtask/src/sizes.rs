//! Sizes of the deployment: each function's release binary and its archive, beside the budget
//! (`DESIGN 9`). Lambda fetches and unpacks it at every cold start.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::shell::{command, missing, run, say};

/// Bytes in a megabyte of a binary's or an archive's budget.
const MB: u64 = 1_000_000;
const BUDGET: Size = Size { binary: 6 * MB, zip: 3 * MB };

const USAGE: &str = "usage: cargo xtask sizes [--no-build] [--lambda]";

/// The sizes of one function, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size {
    binary: u64,
    zip: u64,
}

/// Builds missing functions for this machine and lists all; with `--lambda`, lists those that
/// `cargo lambda build` left in `target/lambda`.
pub(crate) fn list(root: &Path, words: &[String]) -> Result<(), String> {
    let (mut build, mut lambda) = (true, false);
    for word in words {
        match word.as_str() {
            "--no-build" => build = false,
            "--lambda" => (build, lambda) = (false, true),
            _ => return Err(USAGE.to_owned()),
        }
    }
    let functions = functions(root)?;
    if build {
        crate::console::ensure(root)?;
        let mut cargo = command(root, "cargo build --release --locked");
        run(cargo.args(functions.iter().flat_map(|name| ["--package", name])))?;
    }
    say(&format!("{:<12}{:>12}{:>12}", "function", "binary MB", "zip MB"));
    let mut over = 0;
    for name in &functions {
        let binary = binary(root, name, lambda);
        let Ok(held) = fs::metadata(&binary) else {
            say(&format!("{name:<12}{:>12}", "not built"));
            continue;
        };
        let size = Size { binary: held.len(), zip: zipped(root, &binary)? };
        over += usize::from(size.beyond(BUDGET));
        say(&size.line(name));
    }
    say(&format!("{}   {over} over it", BUDGET.line("budget").trim_end()));
    Ok(())
}

impl Size {
    fn beyond(self, budget: Self) -> bool {
        self.binary > budget.binary || self.zip > budget.zip
    }

    fn line(self, name: &str) -> String {
        let word = if self.beyond(BUDGET) { "over" } else { "" };
        let line = format!("{name:<12}{:>12}{:>12}  {word}", spell(self.binary), spell(self.zip));
        line.trim_end().to_owned()
    }
}

/// Millions of bytes, with two digits after the point.
fn spell(bytes: u64) -> String {
    let hundredths = (bytes + MB / 200) / (MB / 100);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn binary(root: &Path, name: &str, lambda: bool) -> PathBuf {
    let target = root.join("target");
    if lambda {
        target.join("lambda").join(name).join("bootstrap")
    } else {
        target.join("release").join(name)
    }
}

/// The functions: a folder each.
pub(crate) fn functions(root: &Path) -> Result<Vec<String>, String> {
    let folder = root.join("functions");
    let fault = |e: std::io::Error| format!("{}: {e}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        if entry.path().join("Cargo.toml").exists() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The size of the binary in an archive of `sam package`, which is Python's.
fn zipped(root: &Path, binary: &Path) -> Result<u64, String> {
    let code = "import io, sys, zipfile\n\
        held = io.BytesIO()\n\
        with zipfile.ZipFile(held, 'w', zipfile.ZIP_DEFLATED) as archive:\n    \
            archive.write(sys.argv[1], 'bootstrap')\n\
        print(len(held.getvalue()))";
    let mut python = Command::new("python3");
    python.args(["-c", code]).arg(binary).current_dir(root).stdin(Stdio::null());
    let said = python.output().map_err(|e| missing(&python, &e))?;
    let text = String::from_utf8_lossy(&said.stdout);
    text.trim().parse().map_err(|_| format!("{}: cannot be archived", binary.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_to_two_digits() {
        assert_eq!(spell(5_994_999), "5.99");
        assert_eq!(spell(5_995_000), "6.00");
        assert_eq!(spell(70_000), "0.07");
    }

    #[test]
    fn either_size_can_be_over_the_budget() {
        assert!(!BUDGET.beyond(BUDGET));
        assert!(Size { binary: BUDGET.binary + 1, ..BUDGET }.beyond(BUDGET));
        assert!(Size { zip: BUDGET.zip + 1, ..BUDGET }.beyond(BUDGET));
    }

    #[test]
    fn this_repository_has_functions() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        assert!(functions(&root).unwrap().contains(&"ingest".to_owned()));
    }

    #[test]
    fn an_archive_is_smaller_than_a_file_that_compresses_well() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = root.join("src/sizes.rs");
        let zip = zipped(root, &file).unwrap();
        assert!(zip > 0 && zip < fs::metadata(&file).unwrap().len());
    }
}
