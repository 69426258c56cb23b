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

use clap::{Parser, ValueEnum};
use error::Result;

/// A part of the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Ingest,
    Listing,
    Process,
    Cost,
    Outbound,
    Month,
    Start,
}

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

/// Measures Gancho on this machine and compares the results with its budgets.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Options {
    /// The only part to run; all without it.
    #[arg(long, value_name = "PART")]
    only: Option<Part>,
    /// Measures little: enough to see that everything works.
    #[arg(long)]
    quick: bool,
    /// Does not describe the machine: another bench did.
    #[arg(long, hide = true)]
    bare: bool,
    /// Writes the results of *cost* to `measured.txt`.
    #[arg(long)]
    save: bool,
    /// The folder of the functions for *start*.
    #[arg(long, value_name = "FOLDER")]
    binaries: Option<PathBuf>,
    #[command(flatten)]
    month: month::Assumptions,
}

impl Options {
    fn scale(&self) -> Scale {
        if self.quick { Scale::Quick } else { Scale::Full }
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
    let options = Options::parse();
    if !options.bare {
        machine::write(&mut stdout())?;
    }
    match options.only {
        Some(one) => part(one, &options).map(|()| true),
        None => every(options.scale()),
    }
}

/// Runs every part in its own process.
fn every(scale: Scale) -> Result<bool> {
    let mut good = true;
    for one in Part::value_variants() {
        let name = one.to_possible_value().map(|value| value.get_name().to_owned());
        let mut child = Command::new(std::env::current_exe()?);
        child.args(["--bare", "--only"]).args(name);
        if scale == Scale::Quick {
            child.arg("--quick");
        }
        good &= child.status()?.success();
    }
    Ok(good)
}

/// The client runs on this thread; the host has its own threads.
#[tokio::main(flavor = "current_thread")]
async fn part(part: Part, options: &Options) -> Result<()> {
    let (mut out, scale) = (stdout(), options.scale());
    match part {
        Part::Ingest => ingest::measure(scale, &mut out).await?,
        Part::Listing => listing::measure(scale, &mut out).await?,
        Part::Process => process::measure(scale, &mut out).await?,
        Part::Outbound => outbound::measure(scale, &mut out).await?,
        Part::Start => start::measure(scale, options.binaries.as_deref(), &mut out).await?,
        Part::Month => return month::write(options.month, &mut out),
        Part::Cost => cost::measure(scale, options.save, &mut out).await?,
    }
    let (now, highest) = usage::memory()?;
    writeln!(
        out,
        "  memory of this process: {now:.0} MB resident, {highest:.0} MB at its highest"
    )?;
    Ok(())
}
