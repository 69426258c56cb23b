//! `cargo xtask bench`: the deployment's use of time, memory and money, measured on this machine
//! and compared with the budgets of `DESIGN 9`. A slow result is never a failure.
//!
//! - [`ingest`]: webhooks a second over HTTP. [`listing`]: lists over a million webhooks.
//! - [`process`]: processing a backlog. [`cost`]: AWS calls, capacity units, list price.
//! - [`outbound`]: from an event to its arrival, and the effect of a dead endpoint on the others.
//! - [`month`]: the cost of a month and the quota that is reached first; calculated from *cost*.
//! - [`start`]: cold starts of release binaries.
//!
//! Each runs in its own process, so that they do not share memory.

mod bodies;
mod cost;
mod deployed;
mod error;
mod ingest;
mod listing;
mod load;
mod machine;
mod month;
mod outbound;
mod prices;
mod process;
mod random;
mod start;
mod stats;
mod table;
mod usage;
mod world;

use std::{
    io::{Write, stdout},
    path::PathBuf,
    process::{Command, ExitCode},
    time::Duration,
};

use error::{BenchError, Result};

const PARTS: [&str; 7] = ["ingest", "listing", "process", "cost", "outbound", "month", "start"];
const USAGE: &str = "bench [--only ingest|listing|process|cost|outbound|month|start] [--quick] \
    [--save] [--binaries FOLDER] [--webhooks N] [--deliveries-per-webhook R] [--list-price]";

/// The extent of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// Enough to see that everything works.
    Quick,
    /// Enough for numbers.
    Full,
}

impl Scale {
    fn pick<T>(self, quick: T, full: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }

    /// The runs that a median is taken of.
    fn runs(self) -> usize {
        self.pick(1, 3)
    }

    /// The time of sending.
    fn time(self) -> Duration {
        self.pick(Duration::from_millis(500), Duration::from_secs(3))
    }

    /// The size of the backlog to process.
    fn backlog(self) -> usize {
        self.pick(300, 3_000)
    }

    /// The number of webhooks in the store.
    fn webhooks(self) -> u64 {
        self.pick(20_000, 1_000_000)
    }
}

/// The command line.
#[derive(Debug)]
struct Options {
    only: Option<String>,
    scale: Scale,
    /// Started by another bench that has described the machine.
    bare: bool,
    /// Writes the results of *cost* to `measured.txt`.
    save: bool,
    /// The folder of the functions for *start*.
    binaries: Option<PathBuf>,
    /// The assumptions of *month*.
    month: month::Assumptions,
}

impl Options {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self {
            only: None,
            scale: Scale::Full,
            bare: false,
            save: false,
            binaries: None,
            month: month::Assumptions::default(),
        };
        while let Some(word) = words.next() {
            if let Some(taken) = options.month.take(&word, &mut words) {
                taken?;
                continue;
            }
            match word.as_str() {
                "--only" => {
                    let name = words.next().filter(|name| PARTS.contains(&name.as_str()));
                    options.only = Some(name.ok_or_else(|| BenchError::Usage(USAGE.to_owned()))?);
                }
                "--quick" => options.scale = Scale::Quick,
                "--bare" => options.bare = true,
                "--save" => options.save = true,
                "--binaries" => {
                    let folder = words.next().ok_or_else(|| BenchError::Usage(USAGE.to_owned()))?;
                    options.binaries = Some(PathBuf::from(folder));
                }
                _ => return Err(BenchError::Usage(USAGE.to_owned())),
            }
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            _ = writeln!(std::io::stderr(), "bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the parts; `true` if every one succeeded.
fn run() -> Result<bool> {
    let options = Options::parse(std::env::args().skip(1))?;
    if !options.bare {
        machine::write(&mut stdout())?;
    }
    match &options.only {
        Some(name) => part(name, &options).map(|()| true),
        None => every(options.scale),
    }
}

/// Runs every part in its own process.
fn every(scale: Scale) -> Result<bool> {
    let mut good = true;
    for name in PARTS {
        let mut child = Command::new(std::env::current_exe()?);
        child.args(["--bare", "--only", name]);
        if scale == Scale::Quick {
            child.arg("--quick");
        }
        good &= child.status()?.success();
    }
    Ok(good)
}

/// The client runs on this thread; the host has its own threads.
#[tokio::main(flavor = "current_thread")]
async fn part(name: &str, options: &Options) -> Result<()> {
    let (mut out, scale) = (stdout(), options.scale);
    match name {
        "ingest" => ingest::measure(scale, &mut out).await?,
        "listing" => listing::measure(scale, &mut out).await?,
        "process" => process::measure(scale, &mut out).await?,
        "outbound" => outbound::measure(scale, &mut out).await?,
        "start" => start::measure(scale, options.binaries.as_deref(), &mut out).await?,
        "month" => return month::write(options.month, &mut out),
        _ => cost::measure(scale, options.save, &mut out).await?,
    }
    let (now, highest) = usage::memory()?;
    writeln!(
        out,
        "  memory of this process: {now:.0} MB resident, {highest:.0} MB at its highest"
    )?;
    Ok(())
}
