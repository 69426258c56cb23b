//! The Runtime API of Lambda, as far as one function needs it: it serves the next event, and
//! receives the result.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use crate::error::{Result, wrong};

/// The time limit of every step.
const PATIENCE: Duration = Duration::from_secs(20);
/// The deadline of an invocation, in milliseconds since 1970: never during a bench.
const DEADLINE: &str = "4102444800000";

/// A function's answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The time of its arrival.
    pub(crate) at: Instant,
    /// `true` for an error.
    pub(crate) failed: bool,
    /// The body.
    pub(crate) body: String,
}

/// The service, for one process.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    events: Sender<String>,
    polls: Receiver<Instant>,
    answers: Receiver<Answer>,
}

/// The state of a connection.
#[derive(Clone)]
struct ControlApi {
    events: Arc<Mutex<Receiver<String>>>,
    polls: Sender<Instant>,
    answers: Sender<Answer>,
}

impl RuntimeApi {
    pub(crate) fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let (events, waiting) = channel();
        let (polls, polled) = channel();
        let (answers, answered) = channel();
        let control_api = ControlApi { events: Arc::new(Mutex::new(waiting)), polls, answers };
        // It ends with the process of the bench.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let control_api = control_api.clone();
                thread::spawn(move || control_api.serve(&stream));
            }
        });
        Ok(Self { address, events, polls: polled, answers: answered })
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Waits until the function requests its next event; returns that time.
    pub(crate) fn polled(&self) -> Result<Instant> {
        self.polls.recv_timeout(PATIENCE).map_err(|_| wrong("the function asks for no event"))
    }

    /// Sends the function an event and waits for the result.
    pub(crate) fn invoke(&self, event: &str) -> Result<(Duration, Answer)> {
        let begun = Instant::now();
        self.events.send(event.to_owned()).map_err(|_| wrong("the Runtime API is gone"))?;
        let answer = self.answers.recv_timeout(PATIENCE);
        let answer = answer.map_err(|_| wrong("the function answers nothing"))?;
        Ok((answer.at.saturating_duration_since(begun), answer))
    }
}

impl ControlApi {
    /// Serves until the function closes the connection.
    fn serve(&self, stream: &TcpStream) {
        _ = stream.set_nodelay(true);
        let mut reader = BufReader::new(stream);
        while let Some((path, body)) = read(&mut reader) {
            let sent = if path.ends_with("/next") {
                _ = self.polls.send(Instant::now());
                let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
                let Ok(event) = events.recv() else { return };
                drop(events);
                write(stream, "200 OK", &event)
            } else {
                let failed = path.ends_with("/error");
                _ = self.answers.send(Answer { at: Instant::now(), failed, body });
                write(stream, "202 Accepted", "")
            };
            if sent.is_err() {
                return;
            }
        }
    }
}

fn write(mut stream: &TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         lambda-runtime-aws-request-id: 00000000-0000-0000-0000-000000000000\r\n\
         lambda-runtime-deadline-ms: {DEADLINE}\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:000000000000:function:f\r\n\
         lambda-runtime-trace-id: Root=1-00000000-000000000000000000000000\r\n\r\n{body}",
        body.len(),
    );
    stream.write_all(answer.as_bytes())
}

/// The path and the body of the next request; `None` when the connection is closed.
fn read(reader: &mut impl BufRead) -> Option<(String, String)> {
    let first = line(reader)?;
    let path = first.split(' ').nth(1)?.to_owned();
    let (mut length, mut chunked) = (0, false);
    loop {
        let header = line(reader)?.to_ascii_lowercase();
        match header.split_once(':') {
            None => break,
            Some(("content-length", value)) => length = value.trim().parse().ok()?,
            Some(("transfer-encoding", _)) => chunked = true,
            Some(_) => {}
        }
    }
    let body = if chunked { chunks(reader)? } else { exactly(reader, length)? };
    Some((path, String::from_utf8_lossy(&body).into_owned()))
}

fn chunks(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let length = usize::from_str_radix(&line(reader)?, 16).ok()?;
        body.extend(exactly(reader, length)?);
        line(reader)?;
        if length == 0 {
            return Some(body);
        }
    }
}

fn exactly(reader: &mut impl Read, length: usize) -> Option<Vec<u8>> {
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let read = reader.read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_of_a_known_and_of_an_unknown_length_are_read() {
        let mut wire: &[u8] = b"POST /a/response HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}\
            POST /b/error HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n";
        assert_eq!(read(&mut wire), Some(("/a/response".to_owned(), "{}".to_owned())));
        assert_eq!(read(&mut wire), Some(("/b/error".to_owned(), "[]".to_owned())));
        assert_eq!(read(&mut wire), None);
    }
}
