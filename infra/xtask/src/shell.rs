//! Runs other programs: without standard input, in the repository's folder, until they end.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Writes a line between the output of the programs.
pub(crate) fn say(line: &str) {
    let mut out = io::stdout().lock();
    // Standard output is closed, so the error cannot be reported.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// A command from `line`: a program and its arguments, none of which contains a space.
pub(crate) fn command(root: &Path, line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).current_dir(root).stdin(Stdio::null());
    command
}

/// Runs it to its end; any result but success is an error that names it.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|e| missing(command, &e))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", spell(command))) }
}

/// Like [`run`], but kills it when it exceeds `limit`.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<(), String> {
    let mut child = command.spawn().map_err(|e| missing(command, &e))?;
    let Some(status) = wait_within(&mut child, limit)? else {
        kill(&mut child);
        return Err(format!("{} took longer than {} s", spell(command), limit.as_secs()));
    };
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", spell(command))) }
}

/// The exit status, or `None` if it is still running after `limit`.
pub(crate) fn wait_within(
    child: &mut Child,
    limit: Duration,
) -> Result<Option<std::process::ExitStatus>, String> {
    let started = Instant::now();
    while started.elapsed() < limit {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            return Ok(Some(status));
        }
        sleep(Duration::from_millis(50));
    }
    Ok(None)
}

/// Kills it. The error is ignored: it may have ended in between.
pub(crate) fn kill(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// A command as a person would type it.
pub(crate) fn spell(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|word| word.to_string_lossy()));
    words.join(" ")
}

pub(crate) fn missing(command: &Command, reason: &io::Error) -> String {
    format!("{} did not start: {reason}", spell(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn a_failing_program_is_named_with_its_arguments() {
        let reason = run(&mut command(here(), "false --why")).unwrap_err();
        assert!(reason.starts_with("false --why ended with"), "{reason}");
    }

    #[test]
    fn a_missing_program_is_an_error_and_no_panic() {
        let reason = run(&mut command(here(), "gancho-no-such-program")).unwrap_err();
        assert!(reason.starts_with("gancho-no-such-program did not start"), "{reason}");
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let reason = run_within(&mut command(here(), "sleep 60"), Duration::from_millis(100));
        assert_eq!(reason.unwrap_err(), "sleep 60 took longer than 0 s");
    }

    #[test]
    fn nothing_can_ask_a_question_on_standard_input() {
        run_within(&mut command(here(), "cat"), Duration::from_secs(10)).unwrap();
    }
}
