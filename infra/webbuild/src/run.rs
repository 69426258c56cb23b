//! Runs other programs to their end, without input and without output of their own.

use std::process::{Command, Stdio};

/// The last lines of a failed program's output that its error shows.
const LINES: usize = 25;

/// Runs it; a failure's error has the command and the end of its output.
pub(crate) fn quiet(mut command: Command) -> Result<(), String> {
    let ended = command.stdin(Stdio::null()).output();
    let spelled = spell(&command);
    let ended = ended.map_err(|error| format!("{spelled} did not start: {error}"))?;
    if ended.status.success() {
        return Ok(());
    }
    let text = [ended.stdout, ended.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let last = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default();
    Err(format!("{spelled} ended with {}\n{}", ended.status, last.join("\n")))
}

/// The first line that it prints, if it succeeds.
pub(crate) fn first_line(mut command: Command) -> Option<String> {
    let ended = command.stdin(Stdio::null()).output().ok().filter(|it| it.status.success())?;
    let text = String::from_utf8_lossy(&ended.stdout);
    text.lines().next().map(|line| line.trim().to_owned())
}

fn spell(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|word| word.to_string_lossy()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_the_end_of_the_output() {
        let mut failing = Command::new("sh");
        failing.args(["-c", "seq 1 100; echo last >&2; exit 3"]);
        let error = quiet(failing).unwrap_err();
        assert!(
            error.contains("exit status: 3\n77\n78") && error.ends_with("100\nlast"),
            "{error}"
        );
        let error = quiet(Command::new("gancho-no-such-program")).unwrap_err();
        assert!(error.starts_with("gancho-no-such-program did not start"), "{error}");
    }
}
