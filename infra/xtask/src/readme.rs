//! Runs the shell blocks of the documents as a reader pastes them: top to bottom, in one shell,
//! against a host with an empty folder.
//!
//! A block `sh` is followed by a block `text` with what it prints: its lines in their order, each in
//! pieces between `...`.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::host::Host;
use crate::shell::{run_within, say};

/// The chapters, each from its title to the next one: file, title, next title.
const CHAPTERS: [(&str, &str, &str); 2] = [
    ("README.md", "## Receive a first webhook", "## The roads"),
    ("infra/docs/ARCHITECTURE.md", "### Example: an endpoint that fails and recovers", "## Lanes"),
];
/// The time limit of all blocks.
const LIMIT: Duration = Duration::from_mins(2);
/// The line that precedes the output of each block.
const MARK: &str = "=== block";
/// Parts of the output of a command that failed: a problem, a traceback, an error of curl or the shell.
const FAILURES: [&str; 4] = ["\"detail\":\"", "Traceback", "curl: (", "not found"];

/// A block and what it prints.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    /// Its file and line, `README.md:30`.
    place: String,
    script: String,
    prints: Vec<String>,
}

/// Starts a host, runs the blocks of every chapter and compares what they print.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let mut blocks = Vec::new();
    for (file, title, next) in CHAPTERS {
        let text = fs::read_to_string(root.join(file)).map_err(|e| format!("{file}: {e}"))?;
        blocks.extend(blocks_of(file, &text, title, next)?);
    }
    let home = root.join("target/readme");
    if home.exists() {
        fs::remove_dir_all(&home).map_err(|e| format!("{}: {e}", home.display()))?;
    }
    fs::create_dir_all(&home).map_err(|e| format!("{}: {e}", home.display()))?;
    let mut host = Host::start(root, &["--data", "target/readme/.data", "--no-demo"])?;
    let verdict = paste(&home, &blocks);
    let verdict = verdict.map_err(|reason| reason.replace(&host.key, "<key>"));
    let stopped = host.stop();
    verdict.and(stopped)
}

/// Runs the blocks in one shell.
fn paste(home: &Path, blocks: &[Block]) -> Result<(), String> {
    let marked = |block: &Block| format!("echo '{MARK} {}'\n{}\n", block.place, block.script);
    let script = home.join("blocks.sh");
    fs::write(&script, blocks.iter().map(marked).collect::<String>())
        .map_err(|e| format!("{}: {e}", script.display()))?;
    let mut shell = Command::new("sh");
    shell.arg(&script).current_dir(home).env("NO_PROXY", "127.0.0.1").stdin(Stdio::null());
    // One pipe for both, so that they are read in the order in which a terminal shows them.
    let (mut reader, writer) = io::pipe().map_err(|e| format!("a pipe: {e}"))?;
    let errors = writer.try_clone().map_err(|e| format!("a pipe: {e}"))?;
    shell.stdout(writer).stderr(errors);
    let printed = thread::spawn(move || {
        let mut printed = Vec::new();
        reader.read_to_end(&mut printed).map(|_| String::from_utf8_lossy(&printed).into_owned())
    });
    let ended = run_within(&mut shell, LIMIT);
    // Until it is gone, this process holds an end of the pipe.
    drop(shell);
    let printed = printed.join().map_err(|_| "the reader of the pipe failed".to_owned())?;
    let printed = printed.map_err(|e| format!("a pipe: {e}"))?;
    for block in blocks {
        compare(block, &printed).map_err(|reason| match &ended {
            Ok(()) => reason,
            Err(ended) => format!("{ended}; {reason}"),
        })?;
        say(&format!("    {} prints what it says", block.place));
    }
    ended
}

/// Compares the output of one block.
fn compare(block: &Block, printed: &str) -> Result<(), String> {
    let Block { place, prints, .. } = block;
    let mark = format!("{MARK} {place}\n");
    let (_, after) = printed.split_once(&mark).ok_or_else(|| format!("{place} did not start"))?;
    let output = after.split(MARK).next().unwrap_or(after);
    if let Some(failure) = FAILURES.iter().find(|failure| output.contains(**failure)) {
        return Err(format!("{place} prints a failure ({failure}):\n{output}"));
    }
    match first_missing(output, prints) {
        None => Ok(()),
        Some(line) => Err(format!("{place} does not print\n  {line}\nit prints\n{output}")),
    }
}

/// The first line that is not in the output behind the lines before it.
fn first_missing<'l>(mut output: &str, prints: &'l [String]) -> Option<&'l str> {
    for line in prints {
        for piece in line.split("...").map(str::trim).filter(|piece| !piece.is_empty()) {
            let Some((_, rest)) = output.split_once(piece) else { return Some(line) };
            output = rest;
        }
    }
    None
}

/// The blocks between two titles; each must have a block `text`.
fn blocks_of(file: &str, text: &str, title: &str, next: &str) -> Result<Vec<Block>, String> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = (1..).zip(text.lines()).skip_while(|(_, line)| *line != title);
    lines.next().ok_or_else(|| format!("{file} has no chapter {title}"))?;
    let mut chapter = lines.take_while(|(_, line)| *line != next);
    while let Some((number, fence)) = chapter.next() {
        let Some(language) = fence.strip_prefix("```") else { continue };
        let content: Vec<String> = chapter
            .by_ref()
            .map(|(_, line)| line.to_owned())
            .take_while(|it| it != "```")
            .collect();
        match (language, blocks.last_mut()) {
            ("sh", _) => {
                let place = format!("{file}:{number}");
                blocks.push(Block { place, script: content.join("\n"), prints: Vec::new() });
            }
            ("text", Some(block)) if block.prints.is_empty() => block.prints = content,
            _ => return Err(format!("{file}:{number} is no output of a block before it")),
        }
    }
    if let Some(silent) = blocks.iter().find(|block| block.prints.is_empty()) {
        return Err(format!("{} does not say what it prints", silent.place));
    }
    if blocks.is_empty() { Err(format!("{file} has no block below {title}")) } else { Ok(blocks) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str =
        "# A\n```sh\nother\n```\n## B\n```sh\necho 1\necho 2\n```\nso:\n```text\n1\n2\n```\n## C\n";

    #[test]
    fn a_chapter_s_blocks_are_read_with_what_they_print() {
        let blocks = blocks_of("f", DOCUMENT, "## B", "## C").unwrap();
        let prints = vec!["1".to_owned(), "2".to_owned()];
        let script = "echo 1\necho 2".to_owned();
        assert_eq!(blocks, [Block { place: "f:6".to_owned(), script, prints }]);
    }

    #[test]
    fn a_block_that_does_not_say_what_it_prints_is_refused() {
        assert_eq!(
            blocks_of("f", DOCUMENT, "# A", "## B").unwrap_err(),
            "f:2 does not say what it prints"
        );
        assert!(blocks_of("f", DOCUMENT, "## D", "## E").is_err());
    }

    #[test]
    fn the_pieces_of_each_line_come_in_their_order() {
        let line = |text: &str| vec![text.to_owned()];
        let output = "{\"id\":\"whk_1\",\"status\":\"success\"}\n";
        assert_eq!(first_missing(output, &line("{\"id\":\"whk_... \"success\"")), None);
        assert!(first_missing(output, &line("success ... whk_")).is_some());
        let twice = vec!["success".to_owned(), "success".to_owned()];
        assert_eq!(first_missing(output, &twice), Some("success"));
    }

    #[test]
    fn a_block_is_compared_with_its_own_output() {
        let block = |place: &str, prints: &str| Block {
            place: place.to_owned(),
            script: String::new(),
            prints: vec![prints.to_owned()],
        };
        let printed = "=== block f:1\none\n=== block f:2\ntwo\n{\"detail\":\"no\"}\n";
        assert!(compare(&block("f:1", "one"), printed).is_ok());
        assert!(compare(&block("f:1", "two"), printed).is_err());
        assert!(compare(&block("f:2", "two"), printed).unwrap_err().contains("prints a failure"));
        assert!(compare(&block("f:3", "one"), printed).unwrap_err().contains("did not start"));
    }
}
