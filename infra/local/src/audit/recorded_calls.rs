//! The permissions that the functions used: one file a process, for `cargo xtask privileges`.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write},
    path::Path,
    sync::{Mutex, OnceLock, PoisonError},
};

use crate::audit::roles::Grant;

/// The folder of the files; nothing is recorded unless it is set.
pub const VARIABLE: &str = "GANCHO_RECORD_CALLS";

/// A function's folder, and a grant of its role that it used.
pub type Use = (String, Grant);

/// Hosts of one process share it: a test binary starts many.
static RECORDED_CALLS: OnceLock<Option<RecordedCalls>> = OnceLock::new();

struct RecordedCalls(Mutex<(File, BTreeSet<Use>)>);

/// Records the grants that a call used.
pub(crate) fn record(function: &str, used: &[Grant]) {
    let Some(recorded_calls) = RECORDED_CALLS.get_or_init(open) else { return };
    let mut recorded_calls = recorded_calls.0.lock().unwrap_or_else(PoisonError::into_inner);
    let (file, known) = &mut *recorded_calls;
    for grant in used {
        let used = (function.to_owned(), grant.clone());
        if known.contains(&used) {
            continue;
        }
        // One write a line: the file stays whole even if the process is killed.
        if let Err(error) = file.write_all(line(&used).as_bytes()) {
            tracing::error!(%error, "a call is not recorded");
        }
        known.insert(used);
    }
}

fn open() -> Option<RecordedCalls> {
    #[expect(clippy::disallowed_methods, reason = "a switch of the host, not of a deployment")]
    let folder = std::env::var(VARIABLE).ok().filter(|folder| !folder.is_empty())?;
    match create(Path::new(&folder)) {
        Ok(file) => Some(RecordedCalls(Mutex::new((file, BTreeSet::new())))),
        Err(error) => {
            tracing::error!(%error, folder, "calls are not recorded");
            None
        }
    }
}

fn create(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let name = format!("{}.tsv", std::process::id());
    File::options().create(true).append(true).open(folder.join(name))
}

fn line((function, (action, resource)): &Use) -> String {
    format!("{function}\t{action}\t{resource}\n")
}

/// Reads all files of a folder.
pub fn read(folder: &Path) -> io::Result<BTreeSet<Use>> {
    let mut uses = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let text = fs::read_to_string(entry?.path())?;
        uses.extend(text.lines().filter_map(parse));
    }
    Ok(uses)
}

fn parse(line: &str) -> Option<Use> {
    let mut fields = line.split('\t').map(str::to_owned);
    Some((fields.next()?, (fields.next()?, fields.next()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(function: &str) -> Use {
        (function.to_owned(), ("dynamodb:PutItem".to_owned(), "arn:aws:dynamodb:::t".to_owned()))
    }

    #[test]
    fn the_records_of_several_processes_are_read_together() {
        let folder = tempfile::tempdir().unwrap();
        for (file, functions) in [("1.tsv", ["ingest", "tally"]), ("2.tsv", ["tally", "manage"])] {
            let text: String = functions.iter().map(|function| line(&used(function))).collect();
            fs::write(folder.path().join(file), text).unwrap();
        }
        let expected = ["ingest", "manage", "tally"].map(used);
        assert_eq!(read(folder.path()).unwrap(), expected.into());
    }

    #[test]
    fn a_process_s_file_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("calls");
        for function in ["ingest", "tally"] {
            create(&below).unwrap().write_all(line(&used(function)).as_bytes()).unwrap();
        }
        assert_eq!(read(&below).unwrap().len(), 2);
    }
}
