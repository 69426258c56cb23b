//! The request on the wire: body, headers, signatures (`CATALOGUE` I11).

use gancho_domain::{
    common::secret::{DEFAULT_GRACE, Secret},
    outbound::{
        delivery::{Fault, Outcome},
        rule::{Body, MappedField, Method},
    },
};
use gancho_edge::sender::compose;
use jiff::SignedDuration;
use serde_json::json;

use crate::{
    harness::{Parcel, fault, now, sender},
    hostile_servers::{HostileServer, body, header},
};

/// Verifies a request with a receiver's library.
fn verifies(secret: &Secret, request: &str, content: &str) -> bool {
    let library = standardwebhooks::Webhook::new(secret.expose()).unwrap();
    let id = header(request, "webhook-id").unwrap();
    let second = header(request, "webhook-timestamp").unwrap().parse().unwrap();
    let signed = library.sign(&id, second, content.as_bytes()).unwrap();
    header(request, "webhook-signature").unwrap().split(' ').any(|one| one == signed)
}

#[tokio::test]
async fn s4_3_a_post_has_its_content_type_user_agent_and_signature() {
    let hostile = HostileServer::status(204).await;
    let parcel = Parcel::to(&hostile.url("/hook?k=v"));
    assert_eq!(parcel.send(&sender()).await.outcome, Outcome::Status(204));
    let request = &hostile.requests()[0];
    assert!(request.starts_with("POST /hook?k=v HTTP/1.1\r\n"), "{request}");
    let is = |name: &str| header(request, name).unwrap();
    assert_eq!(is("content-type"), "application/json");
    assert!(is("user-agent").starts_with("Gancho/"));
    assert_eq!(is("webhook-id"), parcel.delivery.id.to_string());
    assert_eq!(is("webhook-timestamp"), now().as_second().to_string());
    assert_eq!(is("gancho-hops"), "1");
    assert!(verifies(&parcel.endpoint.secret.current, request, body(request)));
    assert!(!verifies(&Secret::generated([8; 32]), request, body(request)));
}

#[tokio::test]
async fn ou_17_the_bytes_that_are_signed_are_the_bytes_that_are_sent() {
    let hostile = HostileServer::status(200).await;
    let text = "olá \u{1f980} & = + % \" \\ \u{2028}".repeat(10_000);
    for method in [Method::Post, Method::Put, Method::Patch] {
        let data = json!({"texto": text, "n": 1.50});
        let parcel = Parcel::to(&hostile.url("/")).within(5_000).method(method).data(data);
        assert_eq!(parcel.send(&sender()).await.outcome, Outcome::Status(200));
        let requests = hostile.requests();
        let request = requests.last().unwrap();
        assert!(request.starts_with(method.as_str()));
        assert!(verifies(&parcel.endpoint.secret.current, request, body(request)));
        let read: serde_json::Value = serde_json::from_str(body(request)).unwrap();
        assert_eq!(read["data"]["texto"], text);
    }
}

#[tokio::test]
async fn ou_17_a_get_sends_its_data_in_the_query_signed_and_escaped() {
    let hostile = HostileServer::status(200).await;
    let data = json!({"a": {"b": "x & y = é \u{1f980} #?"}, "l": [1, null]});
    let parcel = Parcel::to(&hostile.url("/hook?own=1")).method(Method::Get).data(data);
    let answer = parcel.send(&sender()).await;
    assert_eq!(answer.outcome, Outcome::Status(200));
    let request = &hostile.requests()[0];
    let line = request.lines().next().unwrap();
    assert!(line.starts_with("GET /hook?own=1&id=evt_"), "{line}");
    assert!(line.contains("data%5Ba%5D%5Bb%5D=x+%26+y+%3D+%C3%A9"), "{line}");
    assert!(line.contains("data%5Bl%5D%5B0%5D=1&data%5Bl%5D%5B1%5D= HTTP/1.1"), "{line}");
    let query = line.split(' ').nth(1).unwrap().split_once('?').unwrap().1;
    assert!(verifies(&parcel.endpoint.secret.current, request, query));
    assert_eq!(body(request), "");
    assert_eq!(header(request, "content-type"), None);
    // The stored URL shows the names and no value.
    assert!(answer.url.contains("own=***&id=***&type=***"), "{}", answer.url);
    assert!(!answer.url.contains("evt_") && !answer.url.contains("own=1"), "{}", answer.url);
}

#[tokio::test]
async fn ou_17_data_that_does_not_fit_in_a_url_is_not_sent() {
    let hostile = HostileServer::status(200).await;
    let long = |length| {
        let parcel = Parcel::to(&hostile.url("/")).method(Method::Get);
        parcel.data(json!({"t": "x".repeat(length)}))
    };
    let answer = long(8 * 1024).send(&sender()).await;
    assert_eq!(answer.outcome, fault(Fault::UrlTooLong));
    assert!(answer.url.ends_with('/'), "{}", answer.url);
    assert_eq!(hostile.connections(), 0);
    assert_eq!(long(7 * 1024).send(&sender()).await.outcome, Outcome::Status(200));
}

#[test]
fn i11_attempts_differ_in_time_and_signature_alone() {
    let parcel = Parcel::to("https://example.com/");
    let at =
        |seconds| compose(&parcel.message(), now() + SignedDuration::from_secs(seconds)).unwrap();
    let (first, second) = (at(0), at(60));
    assert_eq!(first.body(), second.body());
    assert_eq!(first.url(), second.url());
    let differ = first.headers().iter().zip(second.headers()).filter(|(one, two)| one != two);
    let names: Vec<&str> = differ.map(|((name, _), _)| name.as_str()).collect();
    assert_eq!(names, ["webhook-timestamp", "webhook-signature"]);
}

#[test]
fn ou_20_a_rotation_signs_with_both_secrets_for_a_day() {
    let mut parcel = Parcel::to("https://example.com/");
    let old = parcel.endpoint.secret.current.clone();
    let new = Secret::generated([9; 32]);
    parcel.endpoint.secret = parcel.endpoint.secret.clone().rotate(new, now(), DEFAULT_GRACE);
    let signatures = |hours| {
        let at = now() + SignedDuration::from_hours(hours);
        let composed = compose(&parcel.message(), at).unwrap();
        let signed = composed.headers().iter().find(|(name, _)| name == "webhook-signature");
        signed.unwrap().1.split(' ').count()
    };
    assert_eq!((signatures(1), signatures(23), signatures(25)), (2, 2, 1));
    assert!(parcel.endpoint.secret.live(now()).any(|live| *live == old));
}

#[tokio::test]
async fn ou_18_reserved_headers_are_never_sent() {
    let hostile = HostileServer::status(200).await;
    let mut parcel = Parcel::to(&hostile.url("/"));
    parcel.endpoint.headers = [
        ("authorization", "Bearer abc"),
        ("X-Store", "7"),
        ("Host", "evil.example"),
        ("Content-Length", "3"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "upgrade"),
        ("webhook-signature", "v1,forged"),
        ("gancho-hops", "0"),
        ("X-A", "b\r\nX-Injected: 1"),
        ("", "x"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    assert_eq!(parcel.send(&sender()).await.outcome, Outcome::Status(200));
    let request = &hostile.requests()[0];
    let count = |name: &str| request.lines().filter(|l| l.to_lowercase().starts_with(name)).count();
    assert_eq!(header(request, "authorization").unwrap(), "Bearer abc");
    assert_eq!(header(request, "x-store").unwrap(), "7");
    for single in ["host:", "content-length:", "webhook-signature:", "gancho-hops:"] {
        assert_eq!(count(single), 1, "{single} in {request}");
    }
    for never in ["transfer-encoding:", "connection:", "x-injected", "x-a:"] {
        assert_eq!(count(never), 0, "{never} in {request}");
    }
    assert!(!request.contains("forged") && !request.contains("evil.example"));
}

#[test]
fn a_mapped_body_of_nothing_is_an_empty_object() {
    let mut parcel = Parcel::to("https://example.com/?token=s3cret&flag");
    let field = MappedField { from: "data.none".to_owned(), to: "x".to_owned() };
    parcel.rule.body = Body::Mapped(vec![field]);
    let composed = compose(&parcel.message(), now()).unwrap();
    assert_eq!(composed.body(), Some(&b"{}"[..]));
    assert_eq!(composed.shown(), "https://example.com/?token=***&***");
    let hidden = format!("{composed:?}");
    assert!(!hidden.contains("s3cret"), "{hidden}");
}
