//! The steps of `cargo xtask test` in their order: cheap ones first, then those that share the
//! build of the step before.

use std::env;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::shell::{command, run as start, run_within, say};
use crate::{
    api, browser, clients, console, coverage, deny, emulated, host, privileges, readme, venv,
};

/// A step of CI.
pub(crate) struct Step {
    /// Its name in `--only`.
    pub(crate) name: &'static str,
    /// Its description, for `--list` and for the log.
    pub(crate) what: &'static str,
    act: fn(&Path) -> Result<(), String>,
}

const FORMAT: Step = Step {
    name: "format",
    what: "cargo fmt --all --check",
    act: |root| cargo(root, "fmt --all --check"),
};
const LINT: Step =
    Step { name: "lint", what: "sam validate --lint and cfn-lint on template.yaml", act: lint };
const CLIPPY: Step = Step {
    name: "clippy",
    what: "cargo clippy on every target, warnings denied",
    act: |root| cargo(root, "clippy --workspace --all-targets --locked -- -D warnings"),
};
const CONSOLE: Step = Step {
    name: "console",
    what: "the web console: builds, is formatted and typed, its pure parts pass, sizes, licences",
    act: console::check,
};
const DOCS: Step =
    Step { name: "docs", what: "cargo doc of our own crates, warnings denied", act: docs };
const BUILD: Step = Step {
    name: "build",
    what: "every function, the local host and every test builds",
    act: |root| cargo(root, "build --workspace --all-targets --locked"),
};
const TEST: Step =
    Step { name: "test", what: "cargo test: unit tests, layout, store, journeys", act: test };
const SOAK: Step = Step {
    name: "soak",
    what: "optimised: a kill at every await; 100,000 held; 200 endpoints, 20,000 events at once",
    act: soak,
};
const PRIVILEGES: Step = Step {
    name: "privileges",
    what: "every role allows what was called in the tests, and nothing else",
    act: privileges::check,
};
const EXAMPLES: Step = Step {
    name: "doctest",
    what: "the examples in the documentation",
    act: |root| cargo(root, "test --workspace --doc --locked"),
};
const DEMO: Step =
    Step { name: "demo", what: "the local host's own demo, which checks what it shows", act: demo };
const BROWSER: Step = Step {
    name: "browser",
    what: "journeys through the web console in Chromium",
    act: browser::check,
};
const EMULATED: Step = Step {
    name: "emulated",
    what: "template.yaml deployed to an emulated AWS and driven end to end",
    act: emulated::check,
};
const API: Step = Step {
    name: "api",
    what: "schemathesis compares infra/openapi.yaml with the running host",
    act: api::check,
};
const README: Step = Step {
    name: "readme",
    what: "the README's blocks, pasted into a shell, print what it says",
    act: readme::check,
};
const CLIENTS: Step = Step {
    name: "clients",
    what: "generated clients walk the roads; receivers verify real deliveries",
    act: clients::check,
};
const DENY: Step = Step {
    name: "deny",
    what: "licences, sources and advisories of what Cargo.lock names",
    act: deny::check,
};
const RELEASE: Step = Step {
    name: "release",
    what: "two functions build as they are deployed, one with the console's pages",
    act: |root| {
        console::ensure(root)?;
        cargo(root, "build --release --locked --package ingest --package console")
    },
};
const COVERAGE: Step = Step {
    name: "coverage",
    what: "every catalogue row has a test that is named after it",
    act: coverage::check,
};
const UNIT: Step = Step {
    name: "unit",
    what: "unit tests",
    act: |root| cargo(root, "test --workspace --lib --bins --locked"),
};

/// Everything that CI runs.
pub(crate) fn all() -> Vec<Step> {
    vec![
        FORMAT, COVERAGE, LINT, CLIPPY, CONSOLE, DOCS, BUILD, TEST, PRIVILEGES, EXAMPLES, DEMO,
        BROWSER, EMULATED, API, README, CLIENTS, DENY, RELEASE, SOAK,
    ]
}

/// The steps that run before a commit.
pub(crate) fn quick() -> Vec<Step> {
    vec![FORMAT, CLIPPY, UNIT]
}

/// The steps that `names` lists, with commas between them, in the order of `steps`.
pub(crate) fn only(steps: Vec<Step>, names: &str) -> Result<Vec<Step>, String> {
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    if let Some(unknown) = names.iter().find(|name| steps.iter().all(|step| step.name != **name)) {
        return Err(format!("there is no step {unknown}; cargo xtask test --list shows them"));
    }
    Ok(steps.into_iter().filter(|step| names.contains(&step.name)).collect())
}

/// Runs them in order up to the first that fails, and prints a summary.
pub(crate) fn run(root: &Path, steps: &[Step]) -> Result<(), String> {
    run_reporting(root, steps, &mut say)
}

fn run_reporting(root: &Path, steps: &[Step], report: &mut impl FnMut(&str)) -> Result<(), String> {
    let begun = Instant::now();
    let mut summary = Vec::new();
    let mut verdict = Ok(());
    for (number, step) in (1..).zip(steps) {
        if verdict.is_err() {
            summary.push(format!("{:<10}not run", step.name));
            continue;
        }
        report(&format!("==> {number}/{} {}: {}", steps.len(), step.name, step.what));
        let begun = Instant::now();
        verdict = (step.act)(root).map_err(|reason| format!("step {} failed: {reason}", step.name));
        let word = if verdict.is_ok() { "passed" } else { "FAILED" };
        summary.push(format!("{:<10}{word}{:>16}", step.name, spell(begun.elapsed())));
    }
    report("\nsummary");
    for line in summary {
        report(&format!("  {line}"));
    }
    if verdict.is_ok() {
        report(&format!("all {} steps passed in {}", steps.len(), spell(begun.elapsed())));
    }
    verdict
}

fn cargo(root: &Path, arguments: &str) -> Result<(), String> {
    start(&mut command(root, &format!("cargo {arguments}")))
}

/// The test that the step `soak` runs at a thousand times the usual size.
const MANY: &str = "killed_at_every_await";
/// The tests of the step `soak`, one after the other, each at its full size.
const AT_FULL_SIZE: [&str; 3] = [MANY, "a_hundred_thousand", "everything_at_once"];

/// Runs the tests; their hosts record the permissions that are used, for the step after this one.
fn test(root: &Path) -> Result<(), String> {
    let words = format!("cargo test --workspace --all-targets --locked -- --skip {MANY}");
    let mut test = command(root, &words);
    start(test.env(privileges::VARIABLE, privileges::empty_folder(root)?))
}

/// Runs the soak tests, which take minutes with optimisation and an hour without. They print their
/// results.
fn soak(root: &Path) -> Result<(), String> {
    console::ensure(root)?;
    let words = "test --profile bench-host --package tests --test simulation --locked";
    for what in AT_FULL_SIZE {
        let words = format!("cargo {words} {what} -- --nocapture");
        start(command(root, &words).env("GANCHO_SOAK", "full"))?;
    }
    Ok(())
}

fn docs(root: &Path) -> Result<(), String> {
    let mut doc = command(root, "cargo doc --workspace --no-deps --locked");
    start(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Runs both linters: they find different faults.
fn lint(root: &Path) -> Result<(), String> {
    let bin = venv::bin(root, "lint")?;
    let mut sam = command(root, "sam validate --lint --region us-east-1 --template template.yaml");
    let path = with_first(&bin)?;
    start(sam.env("PATH", &path).env("SAM_CLI_TELEMETRY", "0"))?;
    start(command(root, "cfn-lint template.yaml").env("PATH", &path))
}

/// `PATH` with one more folder in front.
pub(crate) fn with_first(bin: &Path) -> Result<std::ffi::OsString, String> {
    let old = env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(bin.to_path_buf()).chain(env::split_paths(&old));
    env::join_paths(all).map_err(|e| format!("{}: {e}", bin.display()))
}

fn demo(root: &Path) -> Result<(), String> {
    let mut host = host::program(root)?;
    // Uses neither the data nor the port of a host that is already running.
    host.args(["--demo-only", "--memory", "--port", "0"]);
    run_within(&mut host, Duration::from_mins(2))
}

/// `4.2 s`, `3 min 20 s`.
fn spell(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(steps: &[Step]) -> Vec<&'static str> {
        steps.iter().map(|step| step.name).collect()
    }

    #[test]
    fn only_keeps_the_order_of_the_steps() {
        assert_eq!(names(&only(all(), "lint, format").unwrap()), ["format", "lint"]);
    }

    #[test]
    fn a_step_that_does_not_exist_is_refused() {
        assert!(only(all(), "format,nothing").is_err());
    }

    #[test]
    fn the_first_failure_ends_the_run_and_is_named() {
        let fine = Step { name: "fine", what: "", act: |_| Ok(()) };
        let bad = Step { name: "bad", what: "", act: |_| Err("for a reason".to_owned()) };
        let never = Step { name: "never", what: "", act: |_| panic!("ran after a failure") };
        let mut lines = Vec::new();
        let mut report = |line: &str| lines.push(line.trim().to_owned());
        let reason = run_reporting(Path::new("."), &[fine, bad, never], &mut report).unwrap_err();
        assert_eq!(reason, "step bad failed: for a reason");
        assert_eq!(lines.last().unwrap(), "never     not run");
    }

    #[test]
    fn times_are_spelled_for_people() {
        assert_eq!(spell(Duration::from_millis(4200)), "4.2 s");
        assert_eq!(spell(Duration::from_secs(200)), "3 min 20 s");
    }
}
