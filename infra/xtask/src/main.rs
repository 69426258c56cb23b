//! `cargo xtask`: what people and CI run on this repository.
//!
//! ```text
//! cargo xtask test [--only step,step] [--list]   everything that CI runs
//! cargo xtask check                              the quick part, before a commit
//! cargo xtask coverage                           which catalogue rows have no test yet
//! cargo xtask emulated                           the template on an emulated AWS, end to end
//! cargo xtask privileges                         roles against the recorded calls of the tests
//! cargo xtask bench [--only name] [--quick] [--save] [--binaries FOLDER]
//!                                                what the deployment takes, in numbers
//! cargo xtask cost [--webhooks N] [--deliveries-per-webhook R] [--list-price]
//!                                                what a month costs, and which quota gives way first
//! cargo xtask console [--bench]                  the web console's pages, with their sizes or times
//! cargo xtask package [function]                 sam build: the functions for Lambda
//! cargo xtask sizes [--no-build] [--lambda]      how large every function is, as it is deployed
//! cargo xtask deny                               licences, sources, banned crates, advisories
//! cargo xtask sbom                               the components of each function, as CycloneDX
//! ```
//!
//! It compiles before everything else does, so it uses the standard library only, and `webbuild`, which
//! does the same.

mod api;
mod browser;
mod clients;
mod console;
mod coverage;
mod deny;
mod emulated;
mod host;
mod package;
mod privileges;
mod readme;
mod sbom;
mod shell;
mod sizes;
mod steps;
mod tools;
mod venv;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use shell::say;

const USAGE: &str = "\
usage: cargo xtask <command>

  test [--only step,step] [--list]   everything that CI runs, cheap things first
  check                              the quick part of it: format, clippy, unit tests
  coverage                           catalogue rows that no test is named after
  emulated                           template.yaml on an emulated AWS, driven end to end
  privileges                         roles against the calls that the step `test` recorded
  bench [--only name] [--quick] [--save] [--binaries FOLDER]
                                     numbers: ingest, process, listing, outbound, start, cost, month;
                                     --save writes them to infra/bench/RESULTS.md
  cost [--webhooks N] [--deliveries-per-webhook R] [--list-price]
                                     what a month costs, and which quota gives way first
  console [--bench]                  the web console's pages, with their sizes; with --bench: the
                                     times of their budgets, in Chromium on a local host
  package [function]                 sam build: the functions for Lambda
  sizes [--no-build] [--lambda]      how large every function is, as it is deployed
  deny                               licences, sources, banned crates, advisories
  sbom                               the components of each function, as CycloneDX";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            say(&format!("xtask: {reason}"));
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<(), String> {
    let root = root();
    let (command, rest) = words.split_first().ok_or(USAGE)?;
    match command.as_str() {
        "test" => test(&root, rest),
        "check" => steps::run(&root, &steps::quick()),
        "coverage" => coverage::check(&root),
        "privileges" => privileges::check(&root),
        "emulated" => emulated::check(&root),
        "console" => console(&root, rest),
        "package" => package::build(&root, rest),
        "sizes" => sizes::list(&root, rest),
        "deny" => deny::check(&root),
        "sbom" => sbom::write(&root),
        "bench" => bench(&root, rest),
        "cost" => cost(&root, rest),
        "help" | "--help" | "-h" => {
            say(USAGE);
            Ok(())
        }
        other => Err(format!("there is no command {other}\n{USAGE}")),
    }
}

/// Builds the pages and lists their sizes, or measures their times.
fn console(root: &Path, words: &[String]) -> Result<(), String> {
    match words {
        [] => console::build(root),
        [word] if word == "--bench" => browser::bench(root),
        _ => Err(format!("console takes --bench only\n{USAGE}")),
    }
}

/// Builds the bench with its own profile and runs it.
fn bench(root: &Path, words: &[String]) -> Result<(), String> {
    console::ensure(root)?;
    let mut command = shell::command(root, "cargo run --profile bench-host -p bench --");
    shell::run(command.args(words))
}

/// Only calculates, so the tests' build is used.
fn cost(root: &Path, words: &[String]) -> Result<(), String> {
    let mut command = shell::command(root, "cargo run --quiet -p bench -- --only month");
    shell::run(command.args(words))
}

fn test(root: &Path, words: &[String]) -> Result<(), String> {
    let mut chosen = steps::all();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--list" => {
                for step in &chosen {
                    say(&format!("{:<10}{}", step.name, step.what));
                }
                return Ok(());
            }
            "--only" => {
                let names = words.next().ok_or("--only needs the names of steps")?;
                chosen = steps::only(chosen, names)?;
            }
            other => return Err(format!("there is no option {other}\n{USAGE}")),
        }
    }
    steps::run(root, &chosen)
}

/// The repository: two folders above this crate's own.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
