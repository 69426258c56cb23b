//! A function's release binary in place of the function on the host: it has the function's
//! environment, tables and queues, and is measured with each event.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use local::Function;
use serde_json::Value;

use super::process::Process;
use crate::error::{BenchError, Result, wrong};

/// The measurements: milliseconds and MB.
#[derive(Debug, Default, Clone)]
pub(crate) struct Seen {
    pub(crate) start: Vec<f64>,
    pub(crate) start_cpu: Vec<f64>,
    pub(crate) first: Vec<f64>,
    pub(crate) first_cpu: Vec<f64>,
    pub(crate) steady: Vec<f64>,
    pub(crate) steady_cpu: Vec<f64>,
    pub(crate) memory: f64,
}

/// One process, which handles one event at a time, as on Lambda.
#[derive(Debug)]
pub(crate) struct Relay {
    program: PathBuf,
    environment: Vec<(String, String)>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    process: Option<Process>,
    seen: Seen,
    /// The error that makes the numbers meaningless.
    failed: Option<String>,
}

impl Relay {
    pub(crate) fn new(program: &Path, environment: Vec<(String, String)>) -> Arc<Self> {
        let program = program.to_owned();
        Arc::new(Self { program, environment, state: Mutex::default() })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The code that the host runs instead of the function.
    pub(crate) fn function(self: &Arc<Self>) -> Function {
        let relay = Arc::clone(self);
        Arc::new(move |event, _| {
            let relay = Arc::clone(&relay);
            Box::pin(async move {
                let event = String::from_utf8(event)?;
                let answer = tokio::task::spawn_blocking(move || relay.invoke(&event)).await?;
                Ok(answer?)
            })
        })
    }

    /// The next event meets a new process.
    pub(crate) fn restart(&self) {
        self.state().process = None;
    }

    /// Sends an event to the process, which is started if there is none.
    pub(crate) fn invoke(&self, event: &str) -> Result<Value> {
        let mut state = self.state();
        let answer = self.measured(&mut state, event);
        if let Err(error) = &answer {
            state.failed.get_or_insert_with(|| error.to_string());
        }
        answer
    }

    fn measured(&self, state: &mut State, event: &str) -> Result<Value> {
        let is_first = state.process.is_none();
        if is_first {
            let process = Process::start(&self.program, &self.environment)?;
            state.seen.start.push(millis(process.start));
            state.seen.start_cpu.push(millis(process.start_cpu));
            state.process = Some(process);
        }
        let process = state.process.as_ref().ok_or_else(|| wrong("no process"))?;
        let invocation = process.invoke(event)?;
        state.seen.memory = process.memory()?;
        let seen = &mut state.seen;
        let (times, cpu) = if is_first {
            (&mut seen.first, &mut seen.first_cpu)
        } else {
            (&mut seen.steady, &mut seen.steady_cpu)
        };
        times.push(millis(invocation.time));
        cpu.push(millis(invocation.cpu));
        let answer = invocation.answer;
        if answer.failed {
            return Err(wrong(format!("{}: {}", self.program.display(), answer.body)));
        }
        serde_json::from_str(&answer.body).map_err(|_| wrong("an answer that is no JSON"))
    }

    /// The measurements, or the error that makes them meaningless.
    pub(crate) fn seen(&self) -> Result<Seen> {
        let state = self.state();
        match &state.failed {
            Some(reason) => Err(BenchError::Wrong(reason.clone())),
            None => Ok(state.seen.clone()),
        }
    }
}

fn millis(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
