//! Senders: persistent connections, each with one request in progress at a time.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::error::{Result, wrong};

/// The end of sending.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    /// After a time.
    Elapsed(Duration),
    /// After so many requests.
    Sent(usize),
}

/// The result of sending.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// The time of each response, in milliseconds.
    pub(crate) millis: Vec<f64>,
    /// From the first request to the last response, in seconds.
    pub(crate) seconds: f64,
}

/// Sends the requests that `request` creates from their number, over `connections` connections. Any
/// response but success ends it: numbers of refused webhooks mean nothing.
pub(crate) async fn send(
    address: &str,
    connections: usize,
    until: Until,
    request: &impl Fn(usize) -> Vec<u8>,
) -> Result<Sent> {
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    let go_on = |number: usize| match until {
        Until::Elapsed(time) => started.elapsed() < time,
        Until::Sent(count) => number < count,
    };
    let one = || async {
        let mut wire = Wire::open(address).await?;
        let mut millis = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if !go_on(number) {
                return Ok::<_, crate::error::BenchError>(millis);
            }
            let request = request(number);
            let began = Instant::now();
            wire.exchange(&request).await?;
            millis.push(began.elapsed().as_secs_f64() * 1e3);
        }
    };
    let all = futures::future::try_join_all((0..connections).map(|_| one())).await?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(Sent { millis: all.into_iter().flatten().collect(), seconds })
}

/// `POST` of a JSON body, as a sender's library writes it.
pub(crate) fn post(address: &str, path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nuser-agent: GuzzleHttp/7\r\naccept: */*\r\n\
         accept-encoding: gzip, deflate\r\ncontent-type: application/json\r\n\
         x-request-id: 7f0c2b1e-5d53-4c7f-9a42-1b8f5a6f9d10\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The same with an API key.
pub(crate) fn post_as(address: &str, path: &str, key: &str, body: &str) -> Vec<u8> {
    let head = format!("host: {address}\r\n");
    let with = format!("{head}authorization: Bearer {key}\r\n");
    let request = post(address, path, body);
    String::from_utf8_lossy(&request).replacen(&head, &with, 1).into_bytes()
}

/// A connection.
struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Wire {
    async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(4_096) })
    }

    /// Sends a request and reads its response to the end.
    async fn exchange(&mut self, request: &[u8]) -> Result<()> {
        self.stream.write_all(request).await?;
        self.read.clear();
        let (head, length) = loop {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(wrong("the host closed a connection"));
            }
            if let Some(found) = head(&self.read) {
                break found;
            }
        };
        while self.read.len() < head + length {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(wrong("the host closed a connection"));
            }
        }
        if self.read.starts_with(b"HTTP/1.1 2") {
            return Ok(());
        }
        Err(wrong(String::from_utf8_lossy(&self.read).into_owned()))
    }
}

/// The end of a response's head, and the length of the body.
fn head(read: &[u8]) -> Option<(usize, usize)> {
    let end = read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(read.get(..end)?).ok()?.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    Some((end, length.and_then(|text| text.trim().parse().ok()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_the_end_of_its_body() {
        assert_eq!(head(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n"), None);
        assert_eq!(head(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"), Some((39, 12)));
        assert_eq!(head(b"HTTP/1.1 204 No Content\r\n\r\n"), Some((27, 0)));
    }
}
