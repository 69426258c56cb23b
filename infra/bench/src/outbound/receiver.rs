//! The server of the endpoints. It records each arrival and answers by its path: `/dead` hangs for
//! longer than any timeout, `/slow/...` is slow, anything else answers at once. A published event
//! is identified by its subject, a deal by its title.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::error::Result;

/// The prefix of a subject in the standard body.
const SUBJECT: &[u8] = b"\"subject\":{\"key\":\"";
/// The prefix of a deal's title in it.
const TITLE: &[u8] = b"\"title\":\"";

#[derive(Debug, Default)]
struct RecordedInstants {
    begun: HashMap<String, Instant>,
    millis: HashMap<String, Vec<f64>>,
    requests: HashMap<String, u32>,
    open: usize,
    most: usize,
}

/// A server on any port.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    address: SocketAddr,
    recorded: Arc<Mutex<RecordedInstants>>,
}

impl Receiver {
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let receiver = Self { address: listener.local_addr()?, recorded: Arc::default() };
        let server = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        Ok(receiver)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://receiver.gancho.localhost:{}{path}", self.address.port())
    }

    /// The URL with a host name that every system resolves.
    pub(crate) fn plain_url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.address.port())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, RecordedInstants> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers the subject of an event, or the title of a webhook's deal, that is about to be
    /// sent.
    pub(crate) fn expect(&self, subject: String) {
        self.lock().begun.insert(subject, Instant::now());
    }

    /// Forgets the arrivals.
    pub(crate) fn forget(&self) {
        let mut recorded = self.lock();
        recorded.millis.clear();
        recorded.requests.clear();
    }

    /// Milliseconds from publication to first arrival, by path.
    pub(crate) fn millis(&self, path: &str) -> Vec<f64> {
        self.lock().millis.get(path).cloned().unwrap_or_default()
    }

    /// Requests of a path.
    pub(crate) fn requests(&self, path: &str) -> f64 {
        self.lock().requests.get(path).copied().unwrap_or(0).into()
    }

    /// The most requests that were open at once.
    pub(crate) fn most(&self) -> usize {
        self.lock().most
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some((path, subject)) = read(&mut stream).await else { return };
        {
            let mut recorded = self.lock();
            recorded.open += 1;
            recorded.most = recorded.most.max(recorded.open);
            *recorded.requests.entry(path.clone()).or_default() += 1;
            if let Some(begun) = recorded.begun.remove(&subject) {
                let took = begun.elapsed().as_secs_f64() * 1e3;
                recorded.millis.entry(path.clone()).or_default().push(took);
            }
        }
        if path == "/dead" {
            tokio::time::sleep(Duration::from_secs(6)).await;
        } else {
            if path.starts_with("/slow/") {
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
            let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
            _ = stream.write_all(answer).await;
        }
        self.lock().open -= 1;
    }
}

/// Reads a request to its end; returns its path and subject.
async fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::with_capacity(8_192);
    let (head, length) = loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(bytes.get(..end)?).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            break (end + 4, length.and_then(|text| text.trim().parse().ok()).unwrap_or(0));
        }
    };
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let line = bytes.split(|byte| *byte == b' ').nth(1)?;
    let body = bytes.get(head..)?;
    let mark = if line == b"/deal" { TITLE } else { SUBJECT };
    let place = body.windows(mark.len()).position(|part| part == mark)?;
    let subject = body.get(place + mark.len()..)?.split(|byte| *byte == b'"').next()?;
    let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
    Some((text(line), text(subject)))
}
