//! Checks `infra/openapi.yaml` against the running host.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::host::{Host, beside};
use crate::shell::{run_within, say};
use crate::venv;

/// The seed of the requests, so that a failure can be reproduced.
const SEED: &str = "20261121";
/// The number of generated requests for each operation.
const EXAMPLES: &str = "25";
/// A description cannot express which JSONPath, cursor or phone number is valid.
const NOT_RELEASED: &str = "positive_data_acceptance";
const LIMIT: Duration = Duration::from_mins(8);

/// Starts a host in memory, sends it allowed and forbidden requests of the description, and stops
/// it.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let bin = venv::bin(root, "api")?;
    let mut host = Host::start(root, &["--memory", "--no-demo"])?;
    say(&format!("    host at {}", host.base));
    let mut tool = Command::new(bin.join("schemathesis"));
    // The tool stores failures in its working folder.
    tool.current_dir(beside(".")?).stdin(Stdio::null());
    tool.arg("--config-file").arg(root.join("infra/xtask/schemathesis.toml"));
    tool.arg("run").arg(root.join("infra/openapi.yaml"));
    tool.args(["--no-color", "--generation-database", "none", "--exclude-checks", NOT_RELEASED]);
    tool.args(["--seed", SEED, "--max-examples", EXAMPLES, "--workers", "1"]);
    tool.args(["--phases", "examples,coverage,fuzzing", "--continue-on-failure"]);
    // These would revoke or weaken the tool's own key; from then on every response would be 403.
    tool.args(["--exclude-operation-id", "deleteKey", "--exclude-operation-id", "changeKey"]);
    tool.args(["--url", &host.base, "--header", &format!("Authorization: Bearer {}", host.key)]);
    let verdict = run_within(&mut tool, LIMIT).map_err(|reason| reason.replace(&host.key, "<key>"));
    let stopped = host.stop();
    verdict.and(stopped)
}
