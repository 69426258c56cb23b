//! The time of a cold start, and the memory of a function: release binaries, started as Lambda
//! starts them, beside the smallest possible function in Rust.
//!
//! - [`runtime_api`]: Lambda's side. [`process`]: the function's process. [`relay`]: the binary in
//!   place of the function on the host. [`drive`]: the events. [`baseline`]: the smallest function.
//!
//! A function is measured if its release binary exists; `cargo xtask sizes` builds all of them. AWS
//! is the embedded database and queues over plain HTTP, so a handshake is not in these numbers.

mod baseline;
mod drive;
mod process;
mod relay;
mod runtime_api;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::DeflateEncoder};

use self::{drive::Scenario, relay::Seen};
use crate::{
    Scale,
    deployed::Deployed,
    error::{Result, wrong},
    stats::median,
    table::Table,
};

/// The invocations after which a process has filled its caches.
const INVOCATIONS: usize = 150;
/// Of `DESIGN 9`: milliseconds from start to first poll, MB resident, MB of bootstrap and of zip.
const BUDGETS: [(&str, f64); 4] =
    [("start", 4.0), ("resident", 12.0), ("binary", 6.0), ("zip", 3.0)];
/// Memory sizes of a function, in MB.
const SIZES: [f64; 4] = [128.0, 256.0, 512.0, 1_024.0];
/// The size with one whole core.
const CORE: f64 = 1_769.0;
const MB: f64 = 1e6;

/// A binary and its measurements.
struct Measured {
    name: String,
    seen: Seen,
    /// MB of the bootstrap and of its archive.
    size: (f64, f64),
}

/// Measures the binaries of a folder; `None` is where `cargo build --release` leaves them.
pub(crate) async fn measure(
    scale: Scale,
    binaries: Option<&Path>,
    out: &mut impl Write,
) -> Result<()> {
    let cold = scale.pick(3, 20);
    writeln!(
        out,
        "\n6. Cold starts: release binaries under a Runtime API, AWS over plain HTTP on this machine\n   \
         start: from exec to the first question for an event; medians of {cold} processes, steady ones\n   \
         of all invocations after the first"
    )?;
    let programs = programs(binaries)?;
    let scenario = Scenario::prepare().await?;
    let counts = (cold, INVOCATIONS);
    let mut all = Vec::new();
    for (name, program) in &programs {
        let seen = match name.as_str() {
            baseline::NAME => baseline::measure(program, counts)?,
            name => scenario.measure((name, program), counts).await?,
        };
        let code = fs::read(program)?;
        let size = (megabytes(code.len()), megabytes(deflated(&code)?));
        all.push(Measured { name: name.clone(), seen, size });
    }
    scenario.shutdown().await;
    write_times(&all, out)?;
    write_sizes(&all, out)?;
    if let Some((_, program)) = programs.iter().find(|(name, _)| name == baseline::NAME) {
        writeln!(out, "  {}", baseline::panics(program)?)?;
    }
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
    names.insert(0, baseline::NAME.to_owned());
    let program = |name: String| (name.clone(), folder.join(name));
    let found: Vec<_> = names.into_iter().map(program).filter(|(_, path)| path.exists()).collect();
    if found.is_empty() {
        return Err(wrong("there are no release binaries; cargo xtask sizes builds them"));
    }
    Ok(found)
}

fn write_times(all: &[Measured], out: &mut impl Write) -> Result<()> {
    let mut table = Table::new(
        "function|start ms|CPU ms|first ms|CPU ms|steady ms|CPU us|resident MB|binary MB|zip MB|over budget|what happens",
    );
    for measured in all {
        table.row(times(measured));
    }
    table.write(out)?;
    let [start, resident, binary, zip] = BUDGETS.map(|(_, budget)| budget);
    writeln!(
        out,
        "  budgets: start {start} ms, resident {resident} MB, binary {binary} MB, zip {zip} MB"
    )?;
    Ok(())
}

fn times(measured: &Measured) -> Vec<String> {
    let (seen, (binary, zip)) = (&measured.seen, measured.size);
    let start = median(&seen.start);
    let values = [start, seen.memory, binary, zip];
    let over = values.iter().zip(BUDGETS).filter(|(value, (_, budget))| *value > budget);
    let over: Vec<&str> = over.map(|(_, (name, _))| name).collect();
    vec![
        measured.name.clone(),
        format!("{start:.2}"),
        format!("{:.2}", median(&seen.start_cpu)),
        format!("{:.2}", median(&seen.first)),
        format!("{:.2}", median(&seen.first_cpu)),
        format!("{:.2}", median(&seen.steady)),
        format!("{:.0}", median(&seen.steady_cpu) * 1_000.0),
        format!("{:.1}", seen.memory),
        format!("{binary:.2}"),
        format!("{zip:.2}"),
        over.join(", "),
        match measured.name.as_str() {
            baseline::NAME => "answers nothing",
            name => Scenario::what(name),
        }
        .to_owned(),
    ]
}

/// Writes the times at each memory size: Lambda gives a share of a core by the memory.
fn write_sizes(all: &[Measured], out: &mut impl Write) -> Result<()> {
    let deployed = Deployed::read()?;
    writeln!(
        out,
        "\n   CPU in ms on the share of a core that comes with so many MB (waiting is the same in all)"
    )?;
    let mut table =
        Table::new("function|in the template|first: 128|256|512|1024|steady: 128|256|512|1024");
    for measured in all {
        let memory = deployed.memory.get(&measured.name);
        let mut cells = vec![
            measured.name.clone(),
            memory.map_or_else(String::new, |memory| format!("{memory:.0} MB")),
        ];
        for cpu in [&measured.seen.first_cpu, &measured.seen.steady_cpu] {
            let at = |size: f64| format!("{:.1}", median(cpu) * (CORE / size));
            cells.extend(SIZES.map(at));
        }
        table.row(cells);
    }
    table.write(out)?;
    Ok(())
}

/// The size of the binary in an archive.
fn deflated(code: &[u8]) -> Result<usize> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(code)?;
    Ok(encoder.finish()?.len())
}

#[expect(clippy::cast_precision_loss, reason = "some million bytes")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / MB
}
