//! A function as the Lambda service runs it: JSON in, JSON out, with a time limit; a panic does not
//! end the host.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use lambda_runtime::{Context, Error};
use serde_json::Value;
use tokio::sync::Notify;

use crate::emulator::{activity::Activity, clock::HostClock};

/// The code of a function: the bytes of an event in, an answer out.
pub type Function =
    Arc<dyn Fn(Vec<u8>, Context) -> BoxFuture<'static, Result<Value, Error>> + Send + Sync>;

/// A function that gives its invocations to a process and these others in turn.
pub(crate) fn in_turn(process: Function, others: Vec<Function>) -> Function {
    let next = AtomicUsize::new(0);
    Arc::new(move |event, context| {
        let turn = next.fetch_add(1, Ordering::Relaxed) % (others.len() + 1);
        others.get(turn).unwrap_or(&process)(event, context)
    })
}

/// Lambda's limit on an event and on an answer: 6 MB and a little.
pub const PAYLOAD_LIMIT: usize = 6_291_556;

/// An invocation that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The function answered with an error.
    #[error("the function failed: {0}")]
    Failed(String),
    /// It panicked; `lambda_runtime` catches that and answers with an error.
    #[error("the function panicked: {0}")]
    Panicked(String),
    /// The event is larger than Lambda takes.
    #[error("the event is larger than 6 MB")]
    TooLarge,
    /// It exceeded its `Timeout`.
    #[error("the function ran into its time limit")]
    TimedOut,
    /// A test killed the process.
    #[error("the function was killed")]
    Killed,
}

/// A function of the template, ready to be invoked.
pub struct Lambda {
    name: String,
    timeout: Duration,
    code: RwLock<Function>,
    clock: HostClock,
    activity: Activity,
    invocations: AtomicU64,
    killed: Notify,
}

impl std::fmt::Debug for Lambda {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lambda").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Lambda {
    /// A function with its `Timeout`.
    pub fn new(
        name: &str,
        timeout: Duration,
        code: Function,
        clock: HostClock,
        activity: Activity,
    ) -> Self {
        Self {
            name: name.to_owned(),
            timeout,
            code: RwLock::new(code),
            clock,
            activity,
            invocations: AtomicU64::new(0),
            killed: Notify::new(),
        }
    }

    /// The folder under `functions/`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of its invocations.
    pub fn invocations(&self) -> u64 {
        self.invocations.load(Ordering::Relaxed)
    }

    /// Ends every invocation that is in progress, at its current await.
    pub fn kill(&self) {
        self.killed.notify_waiters();
    }

    /// Starts another process: it has nothing in memory.
    pub fn replace(&self, code: Function) {
        *self.code.write().unwrap_or_else(PoisonError::into_inner) = code;
    }

    /// Runs the function. Dropping the future kills the invocation.
    pub async fn invoke(&self, event: &Value) -> Result<Value, InvokeError> {
        let event = event.to_string().into_bytes();
        if event.len() > PAYLOAD_LIMIT {
            return Err(InvokeError::TooLarge);
        }
        let _busy = self.activity.begin();
        self.invocations.fetch_add(1, Ordering::Relaxed);
        let outcome = self.run(event).await;
        if let Err(error) = &outcome {
            tracing::warn!(function = self.name, %error, "invocation failed");
        }
        outcome
    }

    async fn run(&self, event: Vec<u8>) -> Result<Value, InvokeError> {
        let killed = self.killed.notified();
        let code = Arc::clone(&self.code.read().unwrap_or_else(PoisonError::into_inner));
        let call = AssertUnwindSafe(async { code(event, self.context()).await });
        tokio::select! {
            done = call.catch_unwind() => match done {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(error)) => Err(InvokeError::Failed(gancho_store::cause(error.as_ref()))),
                Err(panic) => Err(InvokeError::Panicked(words(panic.as_ref()))),
            },
            () = killed => Err(InvokeError::Killed),
            () = tokio::time::sleep(self.timeout) => Err(InvokeError::TimedOut),
        }
    }

    fn context(&self) -> Context {
        let mut context = Context::default();
        context.request_id = request_id();
        let limit = i64::try_from(self.timeout.as_millis()).unwrap_or(i64::MAX);
        context.deadline = u64::try_from(self.clock.millis().saturating_add(limit)).unwrap_or(0);
        context.invoked_function_arn =
            crate::emulator::arns::arn("lambda", &format!("function:{}", self.name));
        context
    }
}

/// An id for one request or invocation.
pub fn request_id() -> String {
    let bytes: [u8; 16] = gancho_edge::ids::Ids.secret();
    let hex = crate::emulator::json::hex(&bytes);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use gancho_edge::clock::Clock;
    use serde_json::json;
    use tokio::runtime::Handle;

    use super::*;

    fn lambda(timeout: Duration, code: Function) -> Lambda {
        let clock = HostClock::new(Clock::System, &Handle::current());
        Lambda::new("test", timeout, code, clock, Activity::default())
    }

    #[tokio::test]
    async fn a_panic_is_an_error_of_the_function() {
        let lambda = lambda(
            Duration::from_secs(1),
            Arc::new(|_, _| async { panic!("out of luck") }.boxed()),
        );
        let error = lambda.invoke(&json!({})).await.unwrap_err();
        assert_eq!(error, InvokeError::Panicked("out of luck".to_owned()));
    }

    #[tokio::test]
    async fn the_time_limit_ends_an_invocation() {
        let lambda =
            lambda(Duration::from_millis(5), Arc::new(|_, _| std::future::pending().boxed()));
        assert_eq!(lambda.invoke(&json!({})).await, Err(InvokeError::TimedOut));
    }

    #[tokio::test]
    async fn a_kill_ends_running_invocations() {
        let lambda = Arc::new(lambda(
            Duration::from_mins(1),
            Arc::new(|_, _| std::future::pending().boxed()),
        ));
        let running = tokio::spawn({
            let lambda = Arc::clone(&lambda);
            async move { lambda.invoke(&json!({})).await }
        });
        while lambda.invocations() == 0 {
            tokio::task::yield_now().await;
        }
        lambda.kill();
        assert_eq!(running.await.unwrap(), Err(InvokeError::Killed));
    }
}
