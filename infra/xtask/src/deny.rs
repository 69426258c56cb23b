//! cargo-deny on `Cargo.lock`: licences, banned crates, sources, and known vulnerabilities.
//!
//! The list of vulnerabilities is a separate repository. If it cannot be fetched the rest is still
//! checked, and the output lists the missing check.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::shell::{run, run_within, say};
use crate::tools::{Tool, program};

const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
/// The time limit of fetching the list of vulnerabilities.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) fn check(root: &Path) -> Result<(), String> {
    let program = program(root, &DENY)?;
    let deny = |words: &[&str]| {
        let mut deny = Command::new(&program);
        deny.current_dir(root).args(["--locked", "--workspace", "--config", "infra/deny.toml"]);
        deny.args(words);
        deny
    };
    run(&mut deny(&["check", "licenses", "bans", "sources"]))?;
    if let Err(reason) = run_within(&mut deny(&["fetch", "db"]), PATIENCE) {
        say("    NOT CHECKED: advisories. The RustSec database cannot be fetched from here:");
        say(&format!("    {reason}"));
        return Ok(());
    }
    // The list has just been fetched, so this runs offline.
    run(&mut deny(&["--offline", "check", "advisories"]))
}
