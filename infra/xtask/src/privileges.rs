//! Checks that the template's roles allow exactly the calls that are used.
//!
//! During the tests the local host refuses every call that a role does not allow, and records the
//! grants that are used: one file a process, in one folder. The host itself then compares them with
//! the template.

use std::fs;
use std::path::{Path, PathBuf};

use crate::host;
use crate::shell::run;

/// The variable that names the folder of the host's records.
pub(crate) const VARIABLE: &str = "GANCHO_RECORD_CALLS";

/// Empties the folder of the records; returns it.
pub(crate) fn empty_folder(root: &Path) -> Result<PathBuf, String> {
    let folder = folder(root);
    let fault = |e: std::io::Error| format!("{}: {e}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(fault)?;
    }
    fs::create_dir_all(&folder).map_err(fault)?;
    Ok(folder)
}

/// Compares the roles with the records of the last run of the tests.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let folder = folder(root);
    if fs::read_dir(&folder).map_or(0, Iterator::count) == 0 {
        return Err("no calls are recorded: cargo xtask test --only test,privileges".to_owned());
    }
    let mut host = host::program(root)?;
    run(host.arg("--privileges").arg(&folder)).map_err(|reason| {
        format!("template.yaml allows what no test uses, or too little: {reason}")
    })
}

fn folder(root: &Path) -> PathBuf {
    root.join("target/calls")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_records_are_removed() {
        let root = std::env::temp_dir().join(format!("gancho-privileges-{}", std::process::id()));
        let folder = empty_folder(&root).unwrap();
        fs::write(folder.join("1.tsv"), "old").unwrap();
        assert_eq!(empty_folder(&root).unwrap(), folder);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        assert!(check(&root).unwrap_err().starts_with("no calls are recorded"));
        fs::remove_dir_all(&root).unwrap();
    }
}
