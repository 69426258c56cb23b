//! The Runtime API of Lambda, as far as one function needs it: it serves the next event, and
//! receives the result.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use tokio::sync::{Mutex, mpsc};

use crate::error::{Result, wrong};

/// The time limit of every step.
const PATIENCE: Duration = Duration::from_secs(20);
/// The headers of an event. The deadline, in milliseconds since 1970, is never during a bench.
const HEADERS: [(&str, &str); 4] = [
    ("lambda-runtime-aws-request-id", "00000000-0000-0000-0000-000000000000"),
    ("lambda-runtime-deadline-ms", "4102444800000"),
    ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:f"),
    ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000"),
];

/// A function's answer: its time of arrival, and its body, or that of an error.
#[derive(Debug)]
pub(super) struct Answer {
    at: Instant,
    pub(super) body: std::result::Result<String, String>,
}

/// The service, for one process.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub(super) address: String,
    events: mpsc::UnboundedSender<String>,
    polls: mpsc::UnboundedReceiver<Instant>,
    answers: mpsc::UnboundedReceiver<Answer>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

#[derive(Clone)]
struct Ends {
    events: Arc<Mutex<mpsc::UnboundedReceiver<String>>>,
    polls: mpsc::UnboundedSender<Instant>,
    answers: mpsc::UnboundedSender<Answer>,
}

impl RuntimeApi {
    pub(super) async fn start() -> Result<Self> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let (events, waiting) = mpsc::unbounded_channel();
        let (polls, polled) = mpsc::unbounded_channel();
        let (answers, answered) = mpsc::unbounded_channel();
        let ends = Ends { events: Arc::new(Mutex::new(waiting)), polls, answers };
        let invocation = "/2018-06-01/runtime/invocation";
        let router = Router::new()
            .route(&format!("{invocation}/next"), get(next))
            .route(&format!("{invocation}/{{id}}/{{result}}"), post(result))
            .with_state(ends);
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, events, polls: polled, answers: answered, server })
    }

    /// Waits until the function requests its next event; returns that time.
    pub(super) async fn polled(&mut self) -> Result<Instant> {
        let polled = tokio::time::timeout(PATIENCE, self.polls.recv()).await;
        polled.ok().flatten().ok_or_else(|| wrong("the function requests no event"))
    }

    /// Sends the function an event and waits for the result.
    pub(super) async fn invoke(&mut self, event: &str) -> Result<(Duration, Answer)> {
        let begun = Instant::now();
        self.events.send(event.to_owned()).map_err(wrong)?;
        let answer = tokio::time::timeout(PATIENCE, self.answers.recv()).await;
        let answer = answer.ok().flatten().ok_or_else(|| wrong("the function answers nothing"))?;
        Ok((answer.at.saturating_duration_since(begun), answer))
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(ends): State<Ends>) -> (StatusCode, [(&'static str, &'static str); 4], String) {
    // The process of the bench is done with the function if there is no receiver.
    _ = ends.polls.send(Instant::now());
    match ends.events.lock().await.recv().await {
        Some(event) => (StatusCode::OK, HEADERS, event),
        None => (StatusCode::GONE, HEADERS, String::new()),
    }
}

async fn result(
    State(ends): State<Ends>,
    Path((_, result)): Path<(String, String)>,
    body: String,
) -> StatusCode {
    let body = if result == "error" { Err(body) } else { Ok(body) };
    _ = ends.answers.send(Answer { at: Instant::now(), body });
    StatusCode::ACCEPTED
}
