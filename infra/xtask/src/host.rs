//! The local host, started and stopped for a step.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::shell::{command, kill, missing, run, wait_within};

const START: Duration = Duration::from_mins(1);
const STOP: Duration = Duration::from_secs(20);
/// The beginnings of the lines that name the host's address, a key and the inbox.
const BASE: &str = "base-url: ";
const KEY: &str = "api-key: ";
const INBOX: &str = "inbox-url: ";

/// The local host as the workspace's build made it, without its arguments.
///
/// It is next to this program. `cargo run -p local` would build its dependencies again, with the
/// features that only it requests.
pub(crate) fn program(root: &Path) -> Result<Command, String> {
    run(&mut command(root, "cargo build --workspace --all-targets --locked --quiet"))?;
    let mut host = Command::new(beside("local")?);
    host.current_dir(root).stdin(Stdio::null());
    Ok(host)
}

/// A file in the folder of this program.
pub(crate) fn beside(name: &str) -> Result<PathBuf, String> {
    let this = env::current_exe().map_err(|e| format!("where this program stands: {e}"))?;
    Ok(this.with_file_name(name))
}

/// A running local host.
pub(crate) struct Host {
    child: Child,
    /// Its address, `http://127.0.0.1:port`.
    pub(crate) base: String,
    /// An admin's API key.
    pub(crate) key: String,
    /// The URL of its inbox, which an endpoint may have.
    pub(crate) inbox: String,
}

impl Host {
    /// Starts the host on a free port; returns when it has printed its addresses and a key.
    pub(crate) fn start(root: &Path, arguments: &[&str]) -> Result<Self, String> {
        let mut command = program(root)?;
        command.args(["--port", "0", "--no-console"]).args(arguments).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|e| missing(&command, &e))?;
        let lines = lines_of(&mut child);
        let begun = Instant::now();
        let mut printed = Vec::new();
        loop {
            let all =
                || Some((find(&printed, BASE)?, find(&printed, KEY)?, find(&printed, INBOX)?));
            if let Some((base, key, inbox)) = all() {
                return Ok(Self { child, base, key, inbox });
            }
            let Ok(line) = lines.recv_timeout(START.saturating_sub(begun.elapsed())) else {
                kill(&mut child);
                return Err("the local host did not print its addresses and a key".to_owned());
            };
            printed.push(line);
        }
    }

    /// Stops it as Ctrl-C does; fails unless it ends with success.
    pub(crate) fn stop(&mut self) -> Result<(), String> {
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

/// The value of the first line that begins with `name`.
fn find(printed: &[String], name: &str) -> Option<String> {
    printed.iter().find_map(|line| line.strip_prefix(name)).map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_names_each_value_at_the_start_of_a_line() {
        let printed = ["Gancho listens on http://127.0.0.1:1", "base-url: http://127.0.0.1:8080"];
        let printed = printed.map(str::to_owned);
        assert_eq!(find(&printed, BASE).unwrap(), "http://127.0.0.1:8080");
        assert_eq!(find(&printed, KEY), None);
    }
}
