//! The machine that the numbers come from.

use std::{fs, io::Write, process::Command};

use gancho_edge::clock::Clock;

use crate::{error::Result, usage::kilobytes};

/// Writes a description of the machine.
pub(crate) fn write(out: &mut impl Write) -> Result<()> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split(": ").nth(1)).unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let gigabytes = kilobytes(&memory, "MemTotal:") / 1_048_576.0;
    let rustc = Command::new("rustc").arg("-V").output();
    let rustc = rustc.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(1).collect();
    writeln!(out, "machine: {model}, {cores} cores, {gigabytes:.0} GB of memory")?;
    writeln!(
        out,
        "{}, profile bench-host; {}; load {} before the start",
        rustc.unwrap_or_default(),
        Clock::System.now().strftime("%Y-%m-%d %H:%M UTC"),
        load.join(" ")
    )?;
    Ok(())
}
