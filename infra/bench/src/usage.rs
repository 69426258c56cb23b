//! The process's use of the machine, as Linux reports it.

use std::{fs, time::Duration};

use crate::error::{Result, wrong};

/// Ticks of `/proc/self/stat` in a second: 100 on every Linux that user programs see.
const TICKS: u64 = 100;

/// Processor time so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cpu {
    /// The whole process.
    process: Duration,
    /// The main thread, which is the client.
    client: Duration,
}

impl Cpu {
    /// Now.
    pub(crate) fn now() -> Result<Self> {
        let stat = fs::read_to_string("/proc/self/stat")?;
        // The name of the program, in brackets, may contain any character.
        let fields: Vec<&str> =
            stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let field = |place: usize| fields.get(place).and_then(|text| text.parse::<u64>().ok());
        let ticks = field(11).zip(field(12)).map(|(user, system)| user + system);
        let ticks = ticks.ok_or_else(|| wrong("/proc/self/stat cannot be read"))?;
        let main = std::process::id();
        let main = fs::read_to_string(format!("/proc/self/task/{main}/schedstat"))?;
        let client = main.split_whitespace().next().and_then(|text| text.parse().ok());
        Ok(Self {
            process: Duration::from_millis(ticks * 1_000 / TICKS),
            client: Duration::from_nanos(client.unwrap_or(0)),
        })
    }

    /// Microseconds since `before` of everything but the client.
    pub(crate) fn host_micros_since(&self, before: &Self) -> f64 {
        let process = self.process.saturating_sub(before.process);
        let client = self.client.saturating_sub(before.client);
        process.saturating_sub(client).as_secs_f64() * 1e6
    }
}

/// Resident memory, now and at its highest, in MB.
pub(crate) fn memory() -> Result<(f64, f64)> {
    let status = fs::read_to_string("/proc/self/status")?;
    Ok((kilobytes(&status, "VmRSS:") / 1_024.0, kilobytes(&status, "VmHWM:") / 1_024.0))
}

/// A number of a file like `/proc/meminfo`.
pub(crate) fn kilobytes(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    number.and_then(|text| text.parse().ok()).unwrap_or(0.0)
}
