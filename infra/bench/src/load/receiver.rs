//! The server of the endpoints. It records each arrival and answers by its path: `/dead` hangs for
//! longer than any time limit, any other answers at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri},
};

use crate::error::Result;

/// The text before the number of a webhook or an event in the standard body.
const MARK: &[u8] = b"\"Pedido ";

/// A server on any port.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    port: u16,
    arrivals: Arc<Mutex<Arrivals>>,
}

#[derive(Debug, Default)]
struct Arrivals {
    begun: HashMap<(String, String), Instant>,
    millis: HashMap<String, Vec<f64>>,
    requests: HashMap<String, u32>,
}

impl Receiver {
    pub(crate) async fn start() -> Result<Self> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let receiver = Self { port: listener.local_addr()?.port(), arrivals: Arc::default() };
        let server = Router::new().fallback(answer).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, server).await });
        Ok(receiver)
    }

    /// A URL of a host name that the host exempts.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://receiver.gancho.localhost:{}{path}", self.port)
    }

    /// A URL of a host name that every system resolves.
    pub(crate) fn plain_url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Arrivals> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a body that is about to be sent: its number will arrive at the path.
    pub(crate) fn expect(&self, path: &str, body: &str) {
        self.lock().begun.insert((path.to_owned(), number(body.as_bytes())), Instant::now());
    }

    /// Forgets the arrivals.
    pub(crate) fn forget(&self) {
        let mut arrivals = self.lock();
        arrivals.millis.clear();
        arrivals.requests.clear();
    }

    /// Milliseconds from [`Receiver::expect`] to the first arrival.
    pub(crate) fn millis(&self, path: &str) -> Vec<f64> {
        self.lock().millis.get(path).cloned().unwrap_or_default()
    }

    /// Requests of a path.
    pub(crate) fn requests(&self, path: &str) -> f64 {
        self.lock().requests.get(path).copied().unwrap_or(0).into()
    }

    fn arrived(&self, path: &str, body: &[u8]) {
        let mut arrivals = self.lock();
        *arrivals.requests.entry(path.to_owned()).or_default() += 1;
        if let Some(begun) = arrivals.begun.remove(&(path.to_owned(), number(body))) {
            let millis = begun.elapsed().as_secs_f64() * 1e3;
            arrivals.millis.entry(path.to_owned()).or_default().push(millis);
        }
    }
}

async fn answer(State(receiver): State<Receiver>, uri: Uri, body: Bytes) -> StatusCode {
    receiver.arrived(uri.path(), &body);
    if uri.path() == "/dead" {
        tokio::time::sleep(Duration::from_secs(6)).await;
    }
    StatusCode::NO_CONTENT
}

/// The number of a body; empty if it has none.
fn number(body: &[u8]) -> String {
    let place = body.windows(MARK.len()).position(|part| part == MARK);
    let digits = place.and_then(|place| body.get(place + MARK.len()..place + MARK.len() + 8));
    String::from_utf8_lossy(digits.unwrap_or_default()).into_owned()
}
