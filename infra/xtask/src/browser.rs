//! Journeys through the web console in a real Chromium (`tests/browser`), each on a local host of its
//! own with the built pages.

use std::path::{Path, PathBuf};
use std::time::Duration;

use webbuild::Tools;

use crate::shell::{command, run, run_within, say};
use crate::{console, host};

/// The profile of the host whose pages are measured: that of the bench.
const BENCH_PROFILE: &str = "bench-host";
/// The time limit of all journeys.
const LIMIT: Duration = Duration::from_mins(25);
/// The programs that are tried where `CHROMIUM` names none.
const CHROMIUM: [&str; 3] = ["chromium", "google-chrome", "chromium-browser"];

/// Builds the pages, installs what the journeys need, checks their types and runs them.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    console::ensure(root)?;
    let host = host::program(root)?;
    play(root, Path::new(host.get_program()), &["test"])
}

/// Measures the times of the console (`tests/browser/bench`) and prints them beside their budgets.
/// Fails if one is above three times its budget.
pub(crate) fn bench(root: &Path) -> Result<(), String> {
    console::ensure(root)?;
    let build = format!("cargo build --locked --profile {BENCH_PROFILE} -p local");
    run(&mut command(root, &build))?;
    let host = root.join("target").join(BENCH_PROFILE).join("local");
    play(root, &host, &["test", "--config", "bench.config.ts"])
}

/// Installs Playwright, checks the types of what it runs, and runs it on hosts of that program.
fn play(root: &Path, host: &Path, words: &[&str]) -> Result<(), String> {
    let chromium = chromium(root)?;
    let folder = root.join("tests/browser");
    let tools = Tools::ready(root, folder, &mut |step| say(&format!("    {step}")))?;
    tools.run("typescript/bin/tsc", &[])?;
    let mut played = tools.command("@playwright/test/cli.js", words);
    played.env("CHROMIUM", chromium).env("GANCHO_HOST", host);
    run_within(&mut played, LIMIT)
}

/// The browser: `CHROMIUM`, else one that is installed, else Debian's, which root may install.
fn chromium(root: &Path) -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(named.into());
    }
    if let Some(found) = installed() {
        return Ok(found);
    }
    say("    installing Debian's chromium");
    let packages = run(&mut command(root, "apt-get update --quiet=2"));
    let packages =
        packages.and_then(|()| run(&mut command(root, "apt-get install --quiet=2 --yes chromium")));
    let advice = "install Chromium, or name its program in CHROMIUM";
    packages.map_err(|reason| format!("{reason}; {advice}"))?;
    installed().ok_or_else(|| format!("no Chromium was found; {advice}"))
}

/// The first browser on `PATH`.
fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let named = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|it| it.is_file());
    CHROMIUM.iter().find_map(|name| named(name))
}
