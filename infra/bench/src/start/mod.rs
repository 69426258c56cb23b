//! The time of a cold start, and the memory of a function: release binaries, started as Lambda
//! starts them, beside the smallest possible function in Rust.
//!
//! - [`runtime_api`]: Lambda's side. [`process`]: the function's process, in place of the function
//!   on the host. [`drive`]: the events.
//!
//! A function is measured if its release binary exists; `cargo xtask sizes` builds all of them. AWS
//! is the embedded database and queues over plain HTTP, so a handshake is not in these numbers.

mod drive;
mod process;
mod runtime_api;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::DeflateEncoder};

use self::{
    drive::{BASELINE, Scenario},
    process::Seen,
};
use crate::{
    Scale,
    deployed::Deployed,
    error::{Result, wrong},
    report::Report,
    stats::{median, number},
};

/// The invocations after which a process has filled its caches.
const INVOCATIONS: usize = 150;
/// Of `DESIGN 9`: milliseconds from start to first poll, MB resident, MB of bootstrap and of zip.
const BUDGETS: [(&str, f64); 4] =
    [("start", 4.0), ("resident", 12.0), ("binary", 6.0), ("zip", 3.0)];
/// The memory size that brings one whole core, in MB.
const CORE: f64 = 1_769.0;

/// Measures the binaries of a folder; `None` is where `cargo build --release` leaves them.
pub(crate) async fn measure(
    scale: Scale,
    binaries: Option<&Path>,
    report: &mut Report,
) -> Result<()> {
    let cold = scale.pick(3, 20);
    let (programs, deployed) = (programs(binaries)?, Deployed::read()?);
    let scenario = Scenario::prepare().await?;
    let mut rows = Vec::new();
    for (name, program) in &programs {
        let seen = scenario.measure((name, program), (cold, INVOCATIONS)).await?;
        let code = fs::read(program)?;
        let size = (number(code.len()) / 1e6, number(deflated(&code)?) / 1e6);
        rows.push(row(name, &seen, size, deployed.memory.get(name)));
    }
    scenario.shutdown().await;
    report.text(format!(
        "After `cargo xtask sizes` and `cargo build --release -p baseline` (`--binaries FOLDER` reads another \
         folder): release binaries of this machine's architecture under a Runtime API, AWS over plain HTTP on the \
         same machine, medians of {cold} processes. *Start* is the time from exec to the first request for an \
         event. The last columns are CPU ms on the share of a core that comes with the configured memory.",
    ));
    report.table(
        "function|start ms|first ms (CPU)|steady ms (CPU)|resident MB|binary / zip MB|memory: first / steady CPU ms|over budget|event",
        &rows,
    );
    let budgets = BUDGETS.map(|(name, budget)| format!("{name} {budget}")).join(", ");
    report.text(format!("Budgets in ms and MB: {budgets}."));
    Ok(())
}

/// The existing binaries, the baseline first.
fn programs(binaries: Option<&Path>) -> Result<Vec<(String, PathBuf)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = binaries.map_or_else(|| root.join("target/release"), Path::to_owned);
    let mut names: Vec<String> = fs::read_dir(root.join("functions"))?
        .filter_map(|folder| folder.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    names.insert(0, BASELINE.to_owned());
    let program = |name: String| (name.clone(), folder.join(name));
    let found: Vec<_> = names.into_iter().map(program).filter(|(_, path)| path.exists()).collect();
    if found.is_empty() {
        return Err(wrong("there are no release binaries; cargo xtask sizes builds them"));
    }
    Ok(found)
}

fn row(name: &str, seen: &Seen, (binary, zip): (f64, f64), memory: Option<&f64>) -> String {
    let start = median(&seen.start);
    let (first, steady) = (median(&seen.first_cpu), median(&seen.steady_cpu));
    let over = [start, seen.memory, binary, zip].into_iter().zip(BUDGETS);
    let over = over.filter(|(value, (_, budget))| value > budget).map(|(_, (name, _))| name);
    let configured = memory.map(|memory| {
        let share = CORE / memory;
        format!("{memory:.0} MB: {:.1} / {:.1}", first * share, steady * share)
    });
    format!(
        "{name}|{start:.2}|{:.2} ({first:.2})|{:.2} ({steady:.2})|{:.1}|{binary:.2} / {zip:.2}|{}|{}|{}",
        median(&seen.first),
        median(&seen.steady),
        seen.memory,
        configured.unwrap_or_default(),
        over.collect::<Vec<_>>().join(", "),
        Scenario::describe(name),
    )
}

/// The size of the binary in an archive.
fn deflated(code: &[u8]) -> Result<usize> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(code)?;
    Ok(encoder.finish()?.len())
}
