//! A function as Lambda starts it: its release binary, in a process with nothing but its
//! environment.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::runtime_api::{Answer, RuntimeApi};
use crate::{
    error::{Result, wrong},
    usage::kilobytes,
};

/// A process that has requested its first event.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    api: RuntimeApi,
    /// From its start to its first request for an event.
    pub(crate) start: Duration,
    /// The processor time of the start.
    pub(crate) start_cpu: Duration,
}

/// One invocation.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// From the event to the answer.
    pub(crate) time: Duration,
    /// Its processor time, until the next event was requested.
    pub(crate) cpu: Duration,
    pub(crate) answer: Answer,
}

impl Process {
    /// Starts the program with this environment, and waits until it requests an event.
    pub(crate) fn start(program: &Path, environment: &[(String, String)]) -> Result<Self> {
        let api = RuntimeApi::start()?;
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let begun = Instant::now();
        let child = command.spawn()?;
        let mut process = Self { child, api, start: Duration::ZERO, start_cpu: Duration::ZERO };
        process.start = process.api.polled()?.saturating_duration_since(begun);
        process.start_cpu = process.cpu()?;
        Ok(process)
    }

    /// Sends it an event, and waits until it requests the next.
    pub(crate) fn invoke(&self, event: &str) -> Result<Invocation> {
        let before = self.cpu()?;
        let (time, answer) = self.api.invoke(event)?;
        self.api.polled()?;
        Ok(Invocation { time, cpu: self.cpu()?.saturating_sub(before), answer })
    }

    /// Resident memory, in MB.
    pub(crate) fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        Ok(kilobytes(&status, "VmRSS:") / 1_024.0)
    }

    /// Processor time of all of its threads: the scheduler's nanoseconds.
    fn cpu(&self) -> Result<Duration> {
        let mut nanos = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let said = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
            let first = said.split_whitespace().next().and_then(|text| text.parse::<u64>().ok());
            nanos += first.unwrap_or(0);
        }
        if nanos == 0 {
            return Err(wrong("the function's process has ended"));
        }
        Ok(Duration::from_nanos(nanos))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended on its own, which the next measurement reports.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
