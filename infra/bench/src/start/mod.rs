//! What does a cold start cost? Release binaries of the functions, started as Lambda starts them,
//! beside the least that a function in Rust can be.
//!
//! - [`runtime_api`]: Lambda's side. [`process`]: the function's. [`events`]: what it is given.
//!
//! A function is measured when its release binary exists; `cargo xtask sizes` builds all of them.
//! AWS is the embedded database over plain HTTP, so a handshake is not in these numbers.

mod events;
mod process;
mod runtime_api;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use flate2::{Compression, write::DeflateEncoder};

use self::{events::Ground, process::Process};
use crate::{
    Scale,
    error::{Result, wrong},
    stats::median,
    table::{Table, verdict},
};

/// The least that a function can be.
const FLOOR: &str = "floor";
/// The invocations after which a process has what it keeps.
const INVOCATIONS: usize = 150;
/// Of `DESIGN 9`: milliseconds from start to first poll, MB resident, MB of bootstrap and of zip.
const BUDGETS: [f64; 4] = [4.0, 12.0, 6.0, 3.0];
/// The share of a core that a function of 128 MB has.
const SMALL: f64 = 0.072;
const MB: f64 = 1e6;

/// What one function comes to: milliseconds and MB.
#[derive(Debug, Default)]
struct Measured {
    start: Vec<f64>,
    start_cpu: Vec<f64>,
    first: Vec<f64>,
    first_cpu: Vec<f64>,
    steady: f64,
    steady_cpu: f64,
    memory: f64,
    binary: f64,
    zip: f64,
}

pub(crate) async fn measure(scale: Scale, out: &mut impl Write) -> Result<()> {
    let processes = scale.pick(3, 20);
    writeln!(
        out,
        "\n6. Cold starts: release binaries under a Runtime API, AWS over plain HTTP on this machine\n   \
         start: from exec to the first question for an event, median of {processes} processes"
    )?;
    let programs = programs()?;
    let ground = Ground::prepare().await?;
    let mut table = Table::new(
        "function|start ms|CPU ms|first ms|CPU ms|at 128 MB|steady ms|CPU us|resident MB|binary MB|zip MB|budgets|event",
    );
    for (name, program) in &programs {
        let (event, what) = ground.event(name);
        let measured = one(program, &ground.environment(), &event, processes)?;
        table.row(cells(name, &measured, what));
    }
    table.write(out)?;
    writeln!(
        out,
        "  budgets: start {} ms, resident after {INVOCATIONS} invocations {} MB, binary {} MB, zip {} MB; \
         at 128 MB: CPU of the\n  first invocation on {SMALL} of a core, budget 30 ms",
        BUDGETS[0], BUDGETS[1], BUDGETS[2], BUDGETS[3]
    )?;
    if let Some((_, floor)) = programs.iter().find(|(name, _)| name == FLOOR) {
        writeln!(out, "  {}", panics(floor, &ground)?)?;
    }
    ground.shutdown().await;
    Ok(())
}

/// The binaries that are there, the floor first.
fn programs() -> Result<Vec<(String, PathBuf)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut names: Vec<String> = fs::read_dir(root.join("functions"))?
        .filter_map(|folder| folder.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    names.insert(0, FLOOR.to_owned());
    let program = |name: String| (name.clone(), root.join("target/release").join(name));
    let found: Vec<_> = names.into_iter().map(program).filter(|(_, path)| path.exists()).collect();
    if found.is_empty() {
        return Err(wrong("there are no release binaries; cargo xtask sizes builds them"));
    }
    Ok(found)
}

fn one(
    program: &Path,
    environment: &[(String, String)],
    event: &str,
    processes: usize,
) -> Result<Measured> {
    let code = fs::read(program)?;
    let mut measured = Measured {
        binary: megabytes(code.len()),
        zip: megabytes(deflated(&code)?),
        ..Measured::default()
    };
    for _ in 0..processes {
        let process = Process::start(program, environment)?;
        measured.start.push(millis(process.start));
        measured.start_cpu.push(millis(process.start_cpu));
        let first = process.invoke(event)?;
        measured.first.push(millis(first.time));
        measured.first_cpu.push(millis(first.cpu));
        if measured.start.len() == processes {
            lasting(&process, event, &mut measured)?;
        }
    }
    Ok(measured)
}

/// The invocations after the first, and what the process keeps after them.
fn lasting(process: &Process, event: &str, measured: &mut Measured) -> Result<()> {
    let mut times = Vec::new();
    let mut cpu = Vec::new();
    for _ in 1..INVOCATIONS {
        let invocation = process.invoke(event)?;
        times.push(millis(invocation.time));
        cpu.push(millis(invocation.cpu));
    }
    measured.steady = median(&times);
    measured.steady_cpu = median(&cpu);
    measured.memory = process.memory()?;
    Ok(())
}

/// Whether a panic is answered, and what lives on.
fn panics(floor: &Path, ground: &Ground) -> Result<String> {
    let process = Process::start(floor, &ground.environment())?;
    let panicked = process.invoke(&events::panic())?;
    let after = process.invoke(&ground.event(FLOOR).0)?;
    if !panicked.answer.failed || after.answer.failed {
        return Err(wrong(format!(
            "a panic ended in {:?}, then {:?}",
            panicked.answer, after.answer
        )));
    }
    Ok(format!(
        "a panic was answered with an error, and the process went on: {}",
        panicked.answer.body
    ))
}

fn cells(name: &str, measured: &Measured, what: &str) -> Vec<String> {
    let start = median(&measured.start);
    let first_cpu = median(&measured.first_cpu);
    let values = [start, measured.memory, measured.binary, measured.zip];
    let missed = values.iter().zip(BUDGETS).any(|(value, budget)| verdict(*value, budget) != "met");
    vec![
        name.to_owned(),
        format!("{start:.2}"),
        format!("{:.2}", median(&measured.start_cpu)),
        format!("{:.2}", median(&measured.first)),
        format!("{first_cpu:.2}"),
        format!("{:.0} ms", first_cpu / SMALL),
        format!("{:.2}", measured.steady),
        format!("{:.0}", measured.steady_cpu * 1_000.0),
        format!("{:.1}", measured.memory),
        format!("{:.2}", measured.binary),
        format!("{:.2}", measured.zip),
        if missed { "missed" } else { "met" }.to_owned(),
        what.to_owned(),
    ]
}

/// What the binary takes in an archive.
fn deflated(code: &[u8]) -> Result<usize> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(code)?;
    Ok(encoder.finish()?.len())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "some million bytes")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / MB
}
