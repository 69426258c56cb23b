//! The machine, and this process's use of it, as Linux reports them.

use std::{fs, process::Command, time::Duration};

use gancho_edge::clock::Clock;

use crate::error::{Result, wrong};

/// Ticks of `/proc/self/stat` in a second: 100 on every Linux that user programs see.
const TICKS: u64 = 100;

/// The origin of numbers that are measured now: date, commit, build and machine.
pub(crate) fn origin() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split(": ").nth(1)).unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let gigabytes = kilobytes(&memory, "MemTotal:") / 1_048_576.0;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let build = if cfg!(debug_assertions) { "a debug build" } else { "profile bench-host" };
    format!(
        "{}, commit {}, {build}, {} cores of {model}, {gigabytes:.0} GB, load {load} before the start",
        Clock::System.now().strftime("%Y-%m-%d"),
        output("git", &["describe", "--always", "--dirty"]),
        cores,
    )
}

fn output(program: &str, arguments: &[&str]) -> String {
    let said = Command::new(program).args(arguments).output();
    said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned()).unwrap_or_default()
}

/// Processor time of this process so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cpu {
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
        Ok(Self {
            process: Duration::from_millis(ticks * 1_000 / TICKS),
            client: scheduled(&format!("/proc/self/task/{main}")),
        })
    }

    /// Microseconds since `before` of everything but the client.
    pub(crate) fn host_micros_since(&self, before: &Self) -> f64 {
        let process = self.process.saturating_sub(before.process);
        let client = self.client.saturating_sub(before.client);
        process.saturating_sub(client).as_secs_f64() * 1e6
    }
}

/// The processor time of a thread by its folder in `/proc`; 0 after its end.
pub(crate) fn scheduled(thread: &str) -> Duration {
    let said = fs::read_to_string(format!("{thread}/schedstat")).unwrap_or_default();
    let first = said.split_whitespace().next().and_then(|text| text.parse().ok());
    Duration::from_nanos(first.unwrap_or(0))
}

/// Resident memory of a process (`self` or its id) in MB: now, and at its highest.
pub(crate) fn memory(process: &str) -> Result<(f64, f64)> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    Ok((kilobytes(&status, "VmRSS:") / 1_024.0, kilobytes(&status, "VmHWM:") / 1_024.0))
}

/// A number of a file like `/proc/meminfo`.
fn kilobytes(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    number.and_then(|text| text.parse().ok()).unwrap_or(0.0)
}
