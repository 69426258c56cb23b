//! `cargo xtask bench`: the deployment's use of time, memory and money, measured on this machine
//! and compared with the budgets of `DESIGN 9`. A slow result is never a failure.
//!
//! - [`load`]: webhooks a second over HTTP (*ingest*), and the time to the arrival at an endpoint
//!   (*outbound*). [`listing`]: lists over a million webhooks.
//! - [`cost`]: AWS calls, capacity units, list price. [`month`]: the cost of a month and the quota
//!   that is reached first; calculated from *cost*. [`start`]: cold starts of release binaries.
//! - [`report`]: the tables, and `RESULTS.md`, which `--save` writes.
//!
//! Each part runs in its own process, so that they do not share memory.

mod bodies;
mod cost;
mod deployed;
mod error;
mod listing;
mod load;
mod machine;
mod month;
mod prices;
mod report;
mod start;
mod stats;
mod world;

use std::{
    io::{Write, stderr, stdout},
    path::PathBuf,
    process::{Command, ExitCode},
    time::Duration,
};

use clap::{Parser, ValueEnum};

use crate::{
    error::{Result, wrong},
    report::Report,
};

/// A part of the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Ingest,
    Listing,
    Outbound,
    Start,
    Cost,
    Month,
}

impl Part {
    /// The title of its section.
    fn title(self) -> &'static str {
        match self {
            Self::Ingest => "Ingest to history",
            Self::Listing => "Listing",
            Self::Outbound => "Outbound",
            Self::Start => "Cold start",
            Self::Cost => "Price on AWS",
            Self::Month => "Price of a month",
        }
    }

    fn titles() -> Vec<&'static str> {
        Self::value_variants().iter().map(|part| part.title()).collect()
    }

    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// `true` if it counts or calculates, so that the build does not matter.
    fn is_timeless(self) -> bool {
        matches!(self, Self::Cost | Self::Month)
    }
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
    /// Writes the results to RESULTS.md, and those of *cost* to measured.txt as well.
    #[arg(long, conflicts_with = "quick")]
    save: bool,
    /// The folder of the functions for *start*.
    #[arg(long, value_name = "FOLDER")]
    binaries: Option<PathBuf>,
    #[command(flatten)]
    month: month::Assumptions,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let result = match options.only {
        Some(one) => part(one, &options),
        None => every(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(stderr(), "bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs every part in its own process with the same options.
fn every() -> Result<()> {
    let mut failed = Vec::new();
    for part in Part::value_variants() {
        let mut child = Command::new(std::env::current_exe()?);
        child.args(std::env::args().skip(1)).args(["--only", &part.name()]);
        if !child.status()?.success() {
            failed.push(part.name());
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(wrong(format!("failed: {}", failed.join(", ")))) }
}

/// The client runs on this thread; the host has its own threads.
#[tokio::main(flavor = "current_thread")]
async fn part(part: Part, options: &Options) -> Result<()> {
    if options.save && !part.is_timeless() && cfg!(debug_assertions) {
        return Err(wrong("times of a debug build are not saved; use cargo xtask bench"));
    }
    let scale = if options.quick { Scale::Quick } else { Scale::Full };
    let origin = format!("`cargo xtask bench --only {}`, {}.", part.name(), machine::origin());
    writeln!(stdout(), "\n## {}\n\n{origin}", part.title())?;
    let mut report = Report::default();
    match part {
        Part::Ingest => load::inbound::measure(scale, &mut report).await?,
        Part::Listing => listing::measure(scale, &mut report).await?,
        Part::Outbound => load::outbound::measure(scale, &mut report).await?,
        Part::Start => start::measure(scale, options.binaries.as_deref(), &mut report).await?,
        Part::Month => month::write(&options.month, &mut report)?,
        Part::Cost => cost::measure(options.save, &mut report).await?,
    }
    if !part.is_timeless() {
        let (now, highest) = machine::memory("self")?;
        report.text(format!(
            "Memory of the process: {now:.0} MB resident, {highest:.0} MB at its highest."
        ));
    }
    let section = report.section(part.title(), &origin);
    if options.save { report::save(&section, &Part::titles()) } else { Ok(()) }
}
