//! Python tools, each in its own cached virtual environment.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shell::{command, run, say};

/// The programs of `.venv-<name>`, which contains the packages of `requirements-<name>.txt`.
///
/// A stamp inside it is the installed list: it is created again only when the list changes.
pub(crate) fn bin(root: &Path, name: &str) -> Result<PathBuf, String> {
    let home = root.join(format!(".venv-{name}"));
    let list = format!("infra/xtask/requirements-{name}.txt");
    let required = fs::read_to_string(root.join(&list)).map_err(|e| format!("{list}: {e}"))?;
    let stamp = home.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == required) {
        return Ok(home.join("bin"));
    }
    say(&format!("    making .venv-{name} from {list}"));
    run(&mut command(root, &format!("python3 -m venv .venv-{name}"))).map_err(|reason| {
        format!(
            "{reason}; it needs Python 3.11 or newer with its venv module (Debian: python3-venv)"
        )
    })?;
    let mut install = command(root, &format!(".venv-{name}/bin/python -m pip install"));
    install.args(["--quiet", "--disable-pip-version-check", "--no-input"]);
    // Compiling every module takes longer than the checks, which import only some of them.
    run(install.args(["--no-compile", "-r", &list]))?;
    fs::write(&stamp, required).map_err(|e| format!("{}: {e}", stamp.display()))?;
    Ok(home.join("bin"))
}
