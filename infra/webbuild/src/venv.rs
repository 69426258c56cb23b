//! Python tools, each in its own cached virtual environment.
//!
//! `requirements-<name>.in` names the tools, `.txt` every package that they need, with the hashes of
//! its files; pip installs nothing else. After a change of the first, make the second anew:
//! `uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o
//! infra/xtask/requirements-<name>.txt infra/xtask/requirements-<name>.in`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Report, run};

/// The programs of `.venv-<name>`, which contains the packages of `requirements-<name>.txt`.
///
/// A stamp inside it is the installed list: it is created again only when the list changes.
pub fn bin(root: &Path, name: &str, report: Report<'_>) -> Result<PathBuf, String> {
    let home = root.join(format!(".venv-{name}"));
    let list = format!("infra/xtask/requirements-{name}.txt");
    let required = fs::read_to_string(root.join(&list)).map_err(|e| format!("{list}: {e}"))?;
    let stamp = home.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == required) {
        return Ok(home.join("bin"));
    }
    report(&format!(".venv-{name} from {list}"));
    let mut make = Command::new("python3");
    make.current_dir(root).args(["-m", "venv"]).arg(&home);
    run::quiet(make).map_err(|reason| {
        format!(
            "{reason}; it needs Python 3.11 or newer with its venv module (Debian: python3-venv)"
        )
    })?;
    let mut install = Command::new(home.join("bin/python"));
    install.current_dir(root).args(["-m", "pip", "install"]);
    install.args(["--quiet", "--disable-pip-version-check", "--no-input"]);
    // The list is complete; pip's own search stops at a dependency that names extras.
    // Compiling every module takes longer than the checks, which import only some of them.
    install.args(["--no-compile", "--no-deps", "--require-hashes", "-r", &list]);
    run::quiet(install)?;
    fs::write(&stamp, required).map_err(|e| format!("{}: {e}", stamp.display()))?;
    Ok(home.join("bin"))
}
