//! Deploys `template.yaml` to an emulated AWS: `infra/emulated` does it and drives the deployment.

use std::env;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::shell::{command, kill, missing, run, say, wait_within};
use crate::{console, venv};

/// The time limit of the step, without the builds.
const LIMIT: Duration = Duration::from_mins(10);
/// The time limit for ending its processes and removing its files.
const STOP: Duration = Duration::from_secs(20);

/// Builds the functions for this machine, deploys them to the emulator and runs every scene.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let (bin, lint) = (venv::bin(root, "emulated")?, venv::bin(root, "lint")?);
    console::ensure(root)?;
    // After the step `build` there is nothing left to compile.
    run(&mut command(root, "cargo build --workspace --bins --locked --quiet"))?;
    let this = env::current_exe().map_err(|e| format!("where this program stands: {e}"))?;
    let binaries = this.parent().ok_or("this program stands nowhere")?;
    let mut driver = Command::new(bin.join("python"));
    // The driver ends when this pipe closes, so that nothing is left if this program is killed.
    driver.current_dir(root).stdin(Stdio::piped());
    driver.arg("-B").arg(root.join("infra/emulated")).arg(root).arg(binaries);
    driver.arg(lint.join("sam")).arg(root.join("target/emulated"));
    let mut child = driver.spawn().map_err(|e| missing(&driver, &e))?;
    match wait_within(&mut child, LIMIT)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("the emulated deployment ended with {status}")),
        None => {
            stop(&mut child);
            Err(format!("the emulated deployment took longer than {} s", LIMIT.as_secs()))
        }
    }
}

/// Asks the driver to end, so that it ends its emulator too; kills it if it does not.
fn stop(child: &mut Child) {
    let signalled = run(Command::new("kill").args(["-s", "TERM", &child.id().to_string()]));
    let ended = signalled.and_then(|()| wait_within(child, STOP));
    if !matches!(ended, Ok(Some(_))) {
        say("    it did not end on SIGTERM");
        kill(child);
    }
}
