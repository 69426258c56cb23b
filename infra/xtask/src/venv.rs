//! Python tools, each in its own cached virtual environment; see [`webbuild::venv`].

use std::path::{Path, PathBuf};

use crate::shell::say;

/// The programs of `.venv-<name>`, which contains the packages of `requirements-<name>.txt`.
pub(crate) fn bin(root: &Path, name: &str) -> Result<PathBuf, String> {
    webbuild::venv::bin(root, name, &mut |step| say(&format!("    making {step}")))
}
