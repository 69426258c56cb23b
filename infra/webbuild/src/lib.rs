//! Builds the pages of the web console (`functions/console/web/dist`) from their sources: finds or
//! fetches Node.js, installs the packages, makes the types of the API, bundles, compresses.
//!
//! `cargo xtask` and the local host use it, so it has the standard library only.
//!
//! - [`ensure`]: builds unless the pages are those of the sources (`stamp`).
//! - [`Tools`]: Node.js (`node`) and the installed packages, also for checks.
//! - [`sizes`]: the sizes and the licences that the build wrote down.
//! - [`venv`]: virtual environments of Python. `run`: other programs.

mod node;
mod run;
pub mod sizes;
mod stamp;
pub mod venv;

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    process::Command,
};

use node::Node;

/// Reports the step that begins.
pub type Report<'a> = &'a mut dyn FnMut(&str);

/// Compresses the bundle and writes `report.txt`; see `finish.mjs`.
const FINISH: &str = "infra/webbuild/finish.mjs";

/// The folder of the web package.
pub fn web(root: &Path) -> PathBuf {
    root.join("functions/console/web")
}

/// The folder of the built pages.
pub fn dist(root: &Path) -> PathBuf {
    web(root).join("dist")
}

/// Builds the pages unless they are there for these sources. Two builds do not run at once: the
/// second waits for the first.
pub fn ensure(root: &Path, report: Report<'_>) -> Result<(), String> {
    let current = stamp::of(root)?;
    if stamp::is(root, &current) {
        return Ok(());
    }
    let _lock = lock(root, report)?;
    if stamp::is(root, &current) {
        return Ok(());
    }
    let tools = Tools::locked(root, web(root), report)?;
    report("vite build");
    let (built, dist) = (web(root).join("dist.new"), dist(root));
    remove(&built)?;
    tools.types()?;
    tools.run("vite/bin/vite.js", &["build", "--outDir", "dist.new", "--logLevel", "warn"])?;
    report("brotli, gzip");
    tools.script(&root.join(FINISH), &[&built.display().to_string()])?;
    fs::write(built.join(stamp::FILE), &current).map_err(fault(&built))?;
    let old = web(root).join("dist.old");
    remove(&old)?;
    if dist.exists() {
        fs::rename(&dist, &old).map_err(fault(&dist))?;
    }
    fs::rename(&built, &dist).map_err(fault(&dist))?;
    remove(&old)
}

/// Node.js with the installed packages of a folder with a lock file.
#[derive(Debug)]
pub struct Tools {
    node: Node,
    folder: PathBuf,
}

impl Tools {
    /// Finds or fetches Node.js, and installs the packages unless they are those of the lock file.
    pub fn ready(root: &Path, folder: PathBuf, report: Report<'_>) -> Result<Self, String> {
        let _lock = lock(root, report)?;
        Self::locked(root, folder, report)
    }

    fn locked(root: &Path, folder: PathBuf, report: Report<'_>) -> Result<Self, String> {
        let node = Node::find_or_fetch(root, report)?;
        let tools = Self { node, folder };
        tools.install(report)?;
        Ok(tools)
    }

    fn install(&self, report: Report<'_>) -> Result<(), String> {
        let listed = self.folder.join("package-lock.json");
        let listed = fs::read(&listed).map_err(fault(&listed))?;
        let installed = self.folder.join("node_modules/.gancho-lock.json");
        if fs::read(&installed).is_ok_and(|found| found == listed) {
            return Ok(());
        }
        report("npm ci");
        run::quiet(self.node.npm(&self.folder, &["ci", "--no-audit", "--no-fund"]))?;
        fs::write(&installed, listed).map_err(fault(&installed))
    }

    /// Makes the types of the API from its description.
    pub fn types(&self) -> Result<(), String> {
        let words = ["../../../infra/openapi.yaml", "-o", "src/api/schema.d.ts"];
        self.run("openapi-typescript/bin/cli.js", &words)
    }

    /// Runs a program of the packages, in their folder. Its output is part of the error.
    pub fn run(&self, program: &str, words: &[&str]) -> Result<(), String> {
        self.script(&self.folder.join("node_modules").join(program), words)
    }

    /// A command of a program of the packages, in their folder.
    pub fn command(&self, program: &str, words: &[&str]) -> Command {
        let mut command = self.node.command(&self.folder);
        command.arg(self.folder.join("node_modules").join(program)).args(words);
        command
    }

    /// Runs the tests of the pure parts, with Node's own runner.
    pub fn test(&self) -> Result<(), String> {
        let mut test = self.node.command(&self.folder);
        test.args(["--test", "src/**/*.test.ts"]);
        run::quiet(test)
    }

    fn script(&self, file: &Path, words: &[&str]) -> Result<(), String> {
        let mut command = self.node.command(&self.folder);
        command.arg(file).args(words);
        run::quiet(command)
    }
}

/// Holds the one lock of the builds until it is dropped; a killed process holds it no longer.
fn lock(root: &Path, report: Report<'_>) -> Result<File, String> {
    let path = web(root).join("dist.lock");
    let file = File::create(&path).map_err(fault(&path))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => report("waiting for another build"),
        Err(TryLockError::Error(error)) => return Err(fault(&path)(error)),
    }
    file.lock().map_err(fault(&path))?;
    Ok(file)
}

fn remove(folder: &Path) -> Result<(), String> {
    if folder.exists() { fs::remove_dir_all(folder).map_err(fault(folder)) } else { Ok(()) }
}

fn fault(path: &Path) -> impl Fn(std::io::Error) -> String {
    let path = path.display().to_string();
    move |error| format!("{path}: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_build_waits_for_the_first() {
        let root = std::env::temp_dir().join(format!("webbuild-lock-{}", std::process::id()));
        fs::create_dir_all(web(&root)).unwrap();
        let first = lock(&root, &mut |step| panic!("{step}")).unwrap();
        let (sender, steps) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let second =
                scope.spawn(|| lock(&root, &mut |step| sender.send(step.to_owned()).unwrap()));
            assert_eq!(steps.recv().unwrap(), "waiting for another build");
            drop(first);
            second.join().unwrap().unwrap();
        });
        fs::remove_dir_all(root).unwrap();
    }
}
