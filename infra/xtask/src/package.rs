//! The pages of the console, then `sam build`: builds every function for Lambda's arm64 into `.aws-sam`, where `sam deploy` reads
//! it.

use std::path::Path;

use crate::shell::{command, run};
use crate::{console, steps, venv};

/// Passes the words on: `cargo xtask package Ingest` builds one function.
pub(crate) fn build(root: &Path, words: &[String]) -> Result<(), String> {
    // The binary of the function console has the pages.
    console::ensure(root)?;
    let bin = venv::bin(root, "build")?;
    let mut sam = command(root, "sam build --template template.yaml");
    sam.args(words).env("PATH", steps::with_first(&bin)?).env("SAM_CLI_TELEMETRY", "0");
    // sam's cargo builds into the same folder as ours.
    run(sam.env("CARGO_TARGET_DIR", root.join("target")))
}
