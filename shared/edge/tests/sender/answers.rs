//! Responses of an endpoint: statuses, headers, bodies and time limits (`CATALOGUE` OU).

use std::time::{Duration, Instant};

use gancho_domain::outbound::delivery::{Fault, Outcome};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::{
    harness::{Parcel, fault, sender, sent_to},
    hostile_servers::{Deed, HostileServer, NAME, plain},
};

const HEAD: &str = "HTTP/1.1 200 OK\r\n";

async fn answered(answer: impl AsRef<[u8]>) -> Outcome {
    sent_to(&HostileServer::answering(answer).await).await.outcome
}

async fn action(script: Vec<Deed>) -> Outcome {
    sent_to(&HostileServer::new(script).await).await.outcome
}

fn write(text: &str) -> Deed {
    Deed::Write(text.as_bytes().to_vec())
}

#[tokio::test]
async fn ou_01_the_status_is_recorded_whatever_the_body_says() {
    for status in [200, 201, 202, 204, 299, 400, 404, 410, 422, 429, 500, 503, 599] {
        assert_eq!(answered(plain(status)).await, Outcome::Status(status), "{status}");
    }
    let hostile = HostileServer::answering(format!(
        "{HEAD}Content-Length: 17\r\n\r\n{{\"error\":\"nope\"}} "
    ))
    .await;
    let answer = sent_to(&hostile).await;
    assert_eq!(answer.outcome, Outcome::Status(200));
    assert_eq!(answer.excerpt, "{\"error\":\"nope\"} ");
    assert_eq!(hostile.connections(), 1);
}

#[tokio::test]
async fn ou_02_a_redirect_is_refused_and_its_target_never_visited() {
    let canary = HostileServer::status(200).await;
    for status in [301, 302, 303, 307, 308] {
        for to in [canary.url("/"), format!("http://127.0.0.1:{}/", canary.address().port())] {
            let answer =
                format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
            assert_eq!(answered(answer).await, fault(Fault::RedirectRefused), "{status}");
        }
    }
    let unchanged = answered("HTTP/1.1 304 Not Modified\r\n\r\n").await;
    assert_eq!(unchanged, fault(Fault::RedirectRefused));
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn ss_12_a_redirect_to_metadata_is_not_followed() {
    let hostile = HostileServer::answering(
        "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
    );
    let hostile = hostile.await;
    let answer = sent_to(&hostile).await;
    assert_eq!(answer.outcome, fault(Fault::RedirectRefused));
    assert!(answer.duration_ms < 400, "nothing was dialled: {} ms", answer.duration_ms);
    assert_eq!(hostile.requests().len(), 1);
}

#[tokio::test]
async fn ou_05_retry_after_is_read_and_garbage_is_ignored() {
    for (header, expected) in [
        ("Retry-After: 120\r\n", Some(120)),
        ("Retry-After: Sat, 21 Nov 2026 13:01:00 GMT\r\n", Some(60)),
        ("Retry-After: -1\r\n", None),
        ("Retry-After: 120\r\nRetry-After: 5\r\n", None),
        ("", None),
    ] {
        let text = format!("HTTP/1.1 503 X\r\n{header}Content-Length: 0\r\n\r\n");
        let answer = sent_to(&HostileServer::answering(text).await).await;
        assert_eq!((answer.outcome, answer.retry_after), (Outcome::Status(503), expected));
    }
}

#[tokio::test]
async fn ou_06_endless_1xx_answers_end_with_the_time() {
    let pause = Duration::from_millis(5);
    for interim in
        ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"]
    {
        let started = Instant::now();
        let outcome = action(vec![Deed::Read, Deed::Repeat(interim.into(), pause)]).await;
        assert_eq!(outcome, fault(Fault::Timeout));
        assert!(started.elapsed() < Duration::from_secs(2));
    }
    let upgraded =
        answered("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
    assert_eq!(upgraded.await, fault(Fault::ProtocolError));
}

#[tokio::test]
async fn ou_07_no_answer_in_time_is_a_timeout_and_a_late_200_is_ignored() {
    let silent = action(vec![Deed::Read, Deed::Wait(Duration::from_secs(30))]).await;
    assert_eq!(silent, fault(Fault::Timeout));
    let late = Duration::from_millis(700);
    let late =
        HostileServer::new(vec![Deed::Read, Deed::Wait(late), Deed::Write(plain(200))]).await;
    let answer = sent_to(&late).await;
    assert_eq!(answer.outcome, fault(Fault::Timeout));
    assert!((450..690).contains(&answer.duration_ms), "{} ms", answer.duration_ms);
    assert_eq!(late.requests().len(), 1, "the client does not retry");
}

/// A port that accepts no more connections: its backlog is full.
async fn full() -> (TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    let patience = Duration::from_millis(300);
    while let Ok(open) = tokio::time::timeout(patience, TcpStream::connect(address)).await {
        waiting.push(open.unwrap());
    }
    (listener, waiting)
}

#[tokio::test]
async fn ou_07_a_connection_that_is_not_accepted_is_a_timeout() {
    let (listener, waiting) = full().await;
    let url = format!("http://{NAME}:{}/", listener.local_addr().unwrap().port());
    let mut parcel = Parcel::to(&url);
    parcel.plain_http = true;
    let answer = parcel.send(&sender()).await;
    assert_eq!(answer.outcome, fault(Fault::Timeout));
    assert!((450..2_000).contains(&answer.duration_ms), "{} ms", answer.duration_ms);
    assert!(!waiting.is_empty());
}

#[tokio::test]
async fn ou_08_a_drip_ends_with_the_total_time() {
    let drip = |byte: &str, millis| Deed::Repeat(byte.into(), Duration::from_millis(millis));
    let started = Instant::now();
    let headers = action(vec![Deed::Read, write(HEAD), drip("X", 50)]).await;
    assert_eq!(headers, fault(Fault::Timeout));
    let body =
        action(vec![Deed::Read, write(HEAD), write("Content-Length: 900\r\n\r\n"), drip("x", 50)]);
    assert_eq!(body.await, fault(Fault::Timeout));
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn ou_09_a_huge_answer_is_read_to_16_kib_and_huge_headers_fail() {
    let now = Duration::ZERO;
    let block = "a".repeat(64 * 1024);
    let long = HostileServer::new(vec![
        Deed::Read,
        write(HEAD),
        write("Content-Length: 1073741824\r\n\r\n"),
        Deed::Repeat(block.clone().into_bytes(), now),
    ]);
    let answer = sent_to(&long.await).await;
    assert_eq!(answer.outcome, Outcome::Status(200));
    assert_eq!(answer.excerpt, "a".repeat(1_000));
    let chunk = format!("10000\r\n{block}\r\n").into_bytes();
    let chunked = write("Transfer-Encoding: chunked\r\n\r\n");
    let endless = action(vec![Deed::Read, write(HEAD), chunked, Deed::Repeat(chunk, now)]).await;
    assert_eq!(endless, Outcome::Status(200));
    let wide = write(&format!("X-A: {}\r\n\r\n", "a".repeat(10 * 1024 * 1024)));
    assert_eq!(action(vec![Deed::Read, write(HEAD), wide]).await, fault(Fault::ProtocolError));
    let many = Deed::Repeat(b"X-A: a\r\n".repeat(1_000), now);
    assert_eq!(action(vec![Deed::Read, write(HEAD), many]).await, fault(Fault::ProtocolError));
}

#[tokio::test]
async fn ou_10_a_compressed_body_is_not_decompressed() {
    // A gzip member that declares far more content than it has.
    let bomb = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xed, 0xc1];
    let mut answer =
        format!("{HEAD}Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len())
            .into_bytes();
    answer.extend(bomb);
    let hostile = HostileServer::answering(answer).await;
    let answer = sent_to(&hostile).await;
    assert_eq!(answer.outcome, Outcome::Status(200));
    assert!(answer.excerpt.starts_with('\u{1f}'), "{:?}", answer.excerpt);
    assert!(!hostile.requests()[0].to_lowercase().contains("accept-encoding"));
}

#[tokio::test]
async fn ou_11_a_connection_that_breaks_fails_before_the_headers_end_and_not_after() {
    let broken = [
        vec![Deed::Reset],
        vec![Deed::Read, Deed::Reset],
        vec![Deed::Read],
        vec![Deed::Read, write(HEAD), Deed::Reset],
        vec![Deed::Read, write("HTTP/1.1 200 OK\r\nContent-Le")],
    ];
    for script in broken {
        let shown = format!("{script:?}");
        let outcome = action(script).await;
        assert_eq!(outcome, fault(Fault::ConnectFailed), "{shown}");
    }
    let pause = || Deed::Wait(Duration::from_millis(50));
    let mismatch = write("Content-Length: 100\r\n\r\nhello");
    let chunk = write("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\nbad");
    for after in [
        vec![Deed::Read, write(HEAD), mismatch.clone()],
        vec![Deed::Read, write(HEAD), mismatch, pause(), Deed::Reset],
        vec![Deed::Read, write(HEAD), chunk],
    ] {
        let answer = sent_to(&HostileServer::new(after).await).await;
        assert_eq!(answer.outcome, Outcome::Status(200));
        assert_eq!(answer.excerpt, "hello");
    }
    let refused = HostileServer::status(200).await;
    let url = refused.url("/");
    drop(refused);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let answer = Parcel::to(&url).send(&sender()).await;
    assert_eq!(answer.outcome, fault(Fault::ConnectFailed));
}

#[tokio::test]
async fn ou_14_a_response_that_is_not_http_is_a_protocol_error_and_never_a_panic() {
    for no_http in [
        "hello\r\n\r\n",
        "HTTP/0.9 200 OK\r\n\r\n",
        "<html>an answer of HTTP/0.9</html>\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 xxx OK\r\n\r\n",
        "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
    ] {
        assert_eq!(answered(no_http).await, fault(Fault::ProtocolError), "{no_http:?}");
    }
    let odd: &[u8] = b"HTTP/1.1 200 OK\r\nX-A: \xff\xfe\r\nRetry-After: \xff\r\nContent-Length: 3\r\n\r\n\xff\0a";
    let answer = sent_to(&HostileServer::answering(odd).await).await;
    assert_eq!(answer.outcome, Outcome::Status(200));
    assert_eq!(answer.excerpt, "\u{fffd}\0a");
    // A second response after the first is ignored.
    let split = format!("{HEAD}Content-Length: 2\r\n\r\nokHTTP/1.1 500 X\r\n\r\n");
    let hostile = HostileServer::answering(split).await;
    assert_eq!(sent_to(&hostile).await.excerpt, "ok");
}
