//! A function as Lambda starts it: its release binary, in a process with nothing but its
//! environment, in place of the function on the host. It is measured with each event.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use local::Function;
use serde_json::Value;
use tokio::sync::Mutex;

use super::runtime_api::RuntimeApi;
use crate::{
    error::{Result, wrong},
    machine,
};

/// The measurements: milliseconds and MB.
#[derive(Debug, Default, Clone)]
pub(super) struct Seen {
    /// From the start to the first request for an event.
    pub(super) start: Vec<f64>,
    /// From an event to its answer, and the CPU time until the next event was requested.
    pub(super) first: Vec<f64>,
    pub(super) first_cpu: Vec<f64>,
    pub(super) steady: Vec<f64>,
    pub(super) steady_cpu: Vec<f64>,
    pub(super) memory: f64,
}

/// One process, which handles one event at a time, as on Lambda.
#[derive(Debug)]
pub(super) struct Relay {
    program: PathBuf,
    environment: Vec<(String, String)>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    process: Option<Process>,
    seen: Seen,
    /// The last error.
    failed: Option<String>,
}

impl Relay {
    pub(super) fn new(program: &Path, environment: Vec<(String, String)>) -> Arc<Self> {
        Arc::new(Self { program: program.to_owned(), environment, state: Mutex::default() })
    }

    /// The code that the host runs instead of the function.
    pub(super) fn function(self: &Arc<Self>) -> Function {
        let relay = Arc::clone(self);
        Arc::new(move |event, _| {
            let relay = Arc::clone(&relay);
            Box::pin(async move { Ok(relay.invoke(&String::from_utf8(event)?).await?) })
        })
    }

    /// The next event meets a new process.
    pub(super) async fn restart(&self) {
        self.state.lock().await.process = None;
    }

    /// Sends an event to the process, which is started if there is none.
    async fn invoke(&self, event: &str) -> Result<Value> {
        let mut state = self.state.lock().await;
        let answer = self.measured(&mut state, event).await;
        if let Err(error) = &answer {
            state.failed = Some(error.to_string());
        }
        answer
    }

    async fn measured(&self, state: &mut State, event: &str) -> Result<Value> {
        let is_first = state.process.is_none();
        if is_first {
            let (process, start) = Process::start(&self.program, &self.environment).await?;
            state.seen.start.push(millis(start));
            state.process = Some(process);
        }
        let process = state.process.as_mut().ok_or_else(|| wrong("no process"))?;
        let before = process.cpu()?;
        let (time, answer) = process.api.invoke(event).await?;
        process.api.polled().await?;
        let used = process.cpu()?.saturating_sub(before);
        let seen = &mut state.seen;
        seen.memory = machine::memory(&process.child.id().to_string())?.0;
        let (times, cpu) = if is_first {
            (&mut seen.first, &mut seen.first_cpu)
        } else {
            (&mut seen.steady, &mut seen.steady_cpu)
        };
        times.push(millis(time));
        cpu.push(millis(used));
        let body =
            answer.body.map_err(|body| wrong(format!("{}: {body}", self.program.display())))?;
        serde_json::from_str(&body).map_err(|_| wrong("an answer that is no JSON"))
    }

    /// The last error, which makes the measurements meaningless. It is taken.
    pub(super) async fn failed(&self) -> Option<String> {
        self.state.lock().await.failed.take()
    }

    /// The measurements.
    pub(super) async fn seen(&self) -> Result<Seen> {
        match self.failed().await {
            Some(reason) => Err(wrong(reason)),
            None => Ok(self.state.lock().await.seen.clone()),
        }
    }
}

#[derive(Debug)]
struct Process {
    child: Child,
    api: RuntimeApi,
}

impl Process {
    /// Starts the program, and waits until it requests an event; returns the time until then.
    async fn start(program: &Path, environment: &[(String, String)]) -> Result<(Self, Duration)> {
        let mut api = RuntimeApi::start().await?;
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let begun = Instant::now();
        let child = command.spawn()?;
        let polled = api.polled().await;
        let process = Self { child, api };
        Ok((process, polled?.saturating_duration_since(begun)))
    }

    /// Processor time of all of its threads.
    fn cpu(&self) -> Result<Duration> {
        let mut sum = Duration::ZERO;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            sum += machine::scheduled(&thread?.path().display().to_string());
        }
        if sum.is_zero() { Err(wrong("the function's process has ended")) } else { Ok(sum) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended on its own, which the next measurement reports.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
