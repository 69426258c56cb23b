//! Whether the template's roles allow what is used, and nothing else.
//!
//! While the tests run, the local host refuses what a role does not allow, and notes what of it is
//! used: a file a process, in one folder. The host itself then compares, since it can read the
//! template.

use std::fs;
use std::path::{Path, PathBuf};

use crate::api;
use crate::shell::run;

/// Tells the host where to note what it sees.
pub(crate) const VARIABLE: &str = "GANCHO_RECORD_CALLS";

/// The folder for what is noted, without what was noted before.
pub(crate) fn empty_folder(root: &Path) -> Result<PathBuf, String> {
    let folder = folder(root);
    let fault = |e: std::io::Error| format!("{}: {e}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(fault)?;
    }
    fs::create_dir_all(&folder).map_err(fault)?;
    Ok(folder)
}

/// Compares the roles with what the last run of the tests noted.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let folder = folder(root);
    if fs::read_dir(&folder).map_or(0, Iterator::count) == 0 {
        return Err("no calls are recorded: cargo xtask test --only test,privileges".to_owned());
    }
    let mut host = api::host(root)?;
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
    fn what_was_noted_before_is_forgotten() {
        let root = std::env::temp_dir().join(format!("gancho-privileges-{}", std::process::id()));
        let folder = empty_folder(&root).unwrap();
        fs::write(folder.join("1.tsv"), "old").unwrap();
        assert_eq!(empty_folder(&root).unwrap(), folder);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        assert!(check(&root).unwrap_err().starts_with("no calls are recorded"));
        fs::remove_dir_all(&root).unwrap();
    }
}
