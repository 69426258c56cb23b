//! Endpoints that misbehave: raw TCP servers that follow a script and count connections.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The name that the local host's resolver maps to this machine.
pub const NAME: &str = "evil.gancho.localhost";

/// One step of an endpoint after a connection was made.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Reads one request.
    Read,
    /// Writes these bytes.
    Write(Vec<u8>),
    /// Writes these bytes again and again, after each of these pauses, for ever.
    Repeat(Vec<u8>, Duration),
    /// Pauses for this duration.
    Wait(Duration),
    /// Resets the connection.
    Reset,
}

/// An endpoint that follows a script. It stops when it is dropped.
#[derive(Debug)]
pub struct HostileServer {
    address: SocketAddr,
    opened: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
    script: Arc<Mutex<Vec<Deed>>>,
    running: tokio::task::JoinHandle<()>,
}

impl Drop for HostileServer {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl HostileServer {
    /// Listens on any port of this machine.
    pub async fn new(script: Vec<Deed>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let opened = Arc::new(AtomicUsize::new(0));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Mutex::new(script));
        let (count, heard, deeds) = (opened.clone(), requests.clone(), script.clone());
        let running = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                count.fetch_add(1, Ordering::SeqCst);
                let script = deeds.lock().unwrap().clone();
                tokio::spawn(follow(stream, script, heard.clone()));
            }
        });
        Self { address, opened, requests, script, running }
    }

    /// Reads a request, writes this, closes.
    pub async fn answering(answer: impl AsRef<[u8]>) -> Self {
        Self::new(vec![Deed::Read, Deed::Write(answer.as_ref().to_vec())]).await
    }

    /// Answers every request with a status and no body.
    pub async fn status(status: u16) -> Self {
        Self::answering(plain(status)).await
    }

    /// Answers up to a hundred requests of a connection with a status and no body.
    pub async fn keeping(status: u16) -> Self {
        let exchange = [Deed::Read, Deed::Write(kept(status))];
        Self::new(exchange.iter().cycle().take(200).cloned().collect()).await
    }

    /// Follows another script from the next connection on.
    pub fn change(&self, script: Vec<Deed>) {
        *self.script.lock().unwrap() = script;
    }

    /// Answers with another status from now on.
    pub fn change_status(&self, status: u16) {
        self.change(vec![Deed::Read, Deed::Write(plain(status))]);
    }

    /// The address on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, with the name of this machine.
    pub fn url(&self, path: &str) -> String {
        format!("http://{NAME}:{}{path}", self.address.port())
    }

    /// The number of connections.
    pub fn connections(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    /// Every request, as text, oldest first.
    pub fn requests(&self) -> Vec<String> {
        let all = self.requests.lock().unwrap();
        all.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }
}

/// An answer of this status, without a body.
pub fn plain(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

/// An answer of this status, without a body, after which the connection stays open.
pub fn kept(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

/// A header of a request, by its lower-case name.
pub fn header(request: &str, name: &str) -> Option<String> {
    let (head, _) = request.split_once("\r\n\r\n")?;
    let mut lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
}

/// The body of a request.
pub fn body(request: &str) -> &str {
    request.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

async fn follow(mut stream: TcpStream, script: Vec<Deed>, heard: Arc<Mutex<Vec<Vec<u8>>>>) {
    for deed in script {
        match deed {
            Deed::Read => match read_request(&mut stream).await {
                Some(request) => heard.lock().unwrap().push(request),
                None => return,
            },
            Deed::Write(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Deed::Repeat(bytes, pause) => {
                while stream.write_all(&bytes).await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
                return;
            }
            Deed::Wait(pause) => tokio::time::sleep(pause).await,
            Deed::Reset => {
                let _ = stream.set_zero_linger();
                return;
            }
        }
    }
    let _ = stream.shutdown().await;
}

/// Reads the headers and a body of the declared length.
async fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let end = read.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&read).into_owned();
            let length = header(&head, "content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
            if read.len() >= end + length {
                return Some(read);
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => read.extend_from_slice(&buffer[..count]),
        }
    }
}
