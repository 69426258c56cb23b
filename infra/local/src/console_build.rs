//! Builds the console's pages beside the host, on a thread of its own. Until they are there, the
//! function shows the step that the file of the build names.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

use tempfile::TempDir;

use crate::HostError;

/// The repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// The command that builds the pages by itself.
const RUN: &str = "cargo xtask console";

/// A build of the pages, with the file of its state.
#[derive(Debug)]
pub struct ConsoleBuild {
    folder: TempDir,
}

impl ConsoleBuild {
    /// A build that has not begun.
    pub fn new() -> Result<Self, HostError> {
        let folder = tempfile::tempdir().map_err(HostError::io("a folder of the build"))?;
        Ok(Self { folder })
    }

    /// The file of the state: it exists during a build, and after one that failed.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Begins. A process that ends takes the thread with it, and the next start begins again.
    pub fn begin(&self) {
        let file = self.file();
        thread::spawn(move || {
            let begun = Instant::now();
            let mut seen = false;
            let built = webbuild::ensure(Path::new(ROOT), &mut |step| {
                if !seen {
                    say("the console is being built beside the host");
                }
                seen = true;
                write(&file, "building", step);
            });
            let built = built.inspect(|()| remove(&file));
            match built {
                Ok(()) if seen => say(&format!("the console is built ({:.0?})", begun.elapsed())),
                Ok(()) => {}
                Err(reason) => failed(&file, &reason),
            }
        });
    }
}

/// The pages of an earlier build are better than a page without any.
fn failed(file: &Path, reason: &str) {
    if webbuild::dist(Path::new(ROOT)).join("index.html").exists() {
        remove(file);
        say(&format!("the console is that of an earlier build; {RUN} failed: {reason}"));
    } else {
        write(file, "failed", reason);
        say(&format!("the console is not built; {RUN} builds it. {reason}"));
    }
}

fn say(line: &str) {
    _ = writeln!(std::io::stderr(), "{line}");
}

/// The page reads the file at any time, so it is replaced whole. Without it the page has no step.
fn write(file: &Path, word: &str, text: &str) {
    let next = file.with_extension("new");
    _ = fs::write(&next, format!("{word}\n{text}")).and_then(|()| fs::rename(&next, file));
}

fn remove(file: &Path) {
    _ = fs::remove_file(file);
}
