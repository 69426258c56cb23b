//! Checks `infra/openapi.yaml` against the running host.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::shell::{command, kill, missing, run, run_within, say, wait_within};
use crate::venv;

/// The seed of the requests, so that a failure can be reproduced.
const SEED: &str = "20261121";
/// The number of generated requests for each operation.
const EXAMPLES: &str = "25";
/// A description cannot express which JSONPath, cursor or phone number is valid.
const NOT_RELEASED: &str = "positive_data_acceptance";
const START: Duration = Duration::from_mins(1);
const STOP: Duration = Duration::from_secs(20);
const LIMIT: Duration = Duration::from_mins(8);

/// Starts a host in memory, sends it allowed and forbidden requests of the description, and stops
/// it.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let bin = venv::bin(root, "api")?;
    let mut host = Host::start(root)?;
    say(&format!("    host at {}", host.base));
    let mut tool = Command::new(bin.join("schemathesis"));
    // The tool stores failures in its working folder.
    tool.current_dir(beside(".")?).stdin(Stdio::null());
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

/// The local host as the workspace's build made it, without its arguments.
///
/// It is next to this program. `cargo run -p local` would build its dependencies again, with the
/// features that only it requests.
pub(crate) fn host(root: &Path) -> Result<Command, String> {
    run(&mut command(root, "cargo build --workspace --all-targets --locked --quiet"))?;
    let mut host = Command::new(beside("local")?);
    host.current_dir(root).stdin(Stdio::null());
    Ok(host)
}

/// A file in the folder of this program.
fn beside(name: &str) -> Result<PathBuf, String> {
    let this = env::current_exe().map_err(|e| format!("where this program stands: {e}"))?;
    Ok(this.with_file_name(name))
}

struct Host {
    child: Child,
    base: String,
    key: String,
}

impl Host {
    /// Starts the host; returns when it has printed its address and a key.
    fn start(root: &Path) -> Result<Self, String> {
        let mut command = host(root)?;
        command.args(["--memory", "--port", "0", "--no-demo"]).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|e| missing(&command, &e))?;
        let lines = lines_of(&mut child);
        let (mut base, mut key) = (None, None);
        let begun = Instant::now();
        while base.is_none() || key.is_none() {
            let left = START.saturating_sub(begun.elapsed());
            let Ok(line) = lines.recv_timeout(left) else {
                kill(&mut child);
                return Err("the local host did not print its address and a key".to_owned());
            };
            base = base.or_else(|| value(&line, "base-url: "));
            key = key.or_else(|| value(&line, "api-key: "));
        }
        let (base, key) = (base.unwrap_or_default(), key.unwrap_or_default());
        Ok(Self { child, base, key })
    }

    /// Stops it as Ctrl-C does; fails unless it ends with success.
    fn stop(&mut self) -> Result<(), String> {
        let pid = self.child.id().to_string();
        run(Command::new("kill").args(["-s", "INT", &pid]))?;
        match wait_within(&mut self.child, STOP)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("the local host ended with {status} after Ctrl-C")),
            None => Err("the local host did not stop on Ctrl-C".to_owned()),
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        kill(&mut self.child);
    }
}

/// The lines that it prints, read to the end so that it never blocks on a full pipe.
fn lines_of(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    if let Some(out) = child.stdout.take() {
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // The receiver is gone once the address is known; reading continues.
                let _ = sender.send(line);
            }
        });
    }
    receiver
}

/// The value of `name` in a line: `value("base-url: http://...", "base-url: ")`.
fn value(line: &str, name: &str) -> Option<String> {
    line.strip_prefix(name).map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_names_each_value_at_the_start_of_a_line() {
        let base = value("base-url: http://127.0.0.1:8080", "base-url: ");
        assert_eq!(base.unwrap(), "http://127.0.0.1:8080");
        assert_eq!(value("Gancho listens on http://127.0.0.1:8080", "base-url: "), None);
    }
}
