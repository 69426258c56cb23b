//! Addresses that are dialled and addresses that are refused (`CATALOGUE` SS).

use std::{net::SocketAddr, process::Command, time::Instant};

use gancho_domain::outbound::delivery::{Fault, Outcome};
use gancho_edge::{deps::Resolver, sender::Sender};
use reqwest::dns::{Name, Resolve, Resolving};

use crate::{
    harness::{Parcel, Stub, fault, sender, sender_by, settings},
    hostile_servers::HostileServer,
};

/// A URL with a public name; the port is that of the resolved address.
const PUBLIC: &str = "https://hooks.example.com/";
/// The number of lookups of a flipping name.
const FLIPS: usize = 10_000;
/// The number of concurrent requests.
const AT_ONCE: usize = 250;

/// A public address without a host, of a block that was returned to the registry.
fn unused() -> SocketAddr {
    "[3ffe::1]:9".parse().unwrap()
}

async fn to_public(resolver: std::sync::Arc<Stub>) -> Outcome {
    Parcel::to(PUBLIC).send(&sender_by(resolver)).await.outcome
}

#[tokio::test]
async fn ss_05_a_name_with_any_address_inside_a_network_is_refused_as_a_whole() {
    let canary = HostileServer::status(200).await;
    let inside = canary.address();
    let private = "10.0.0.1:443".parse().unwrap();
    let unique_local = "[fd00::1]:443".parse().unwrap();
    let mapped = "[::ffff:127.0.0.1]:443".parse().unwrap();
    let public = "1.1.1.1:443".parse().unwrap();
    for addresses in [
        vec![inside],
        vec![public, private],
        vec![private, public],
        vec![unique_local],
        vec![mapped],
        vec![public, unused(), inside],
    ] {
        let shown = format!("{addresses:?}");
        let outcome = to_public(Stub::new(vec![addresses])).await;
        assert_eq!(outcome, fault(Fault::TargetIpForbidden), "{shown}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn ss_06_a_name_that_flips_never_leads_inside() {
    let canary = HostileServer::status(200).await;
    let resolver = Stub::new(vec![vec![unused()], vec![canary.address()]]);
    let sender = sender_by(resolver.clone());
    let parcel = Parcel::to(PUBLIC).within(50);
    let mut refused = 0;
    for _ in 0..FLIPS / AT_ONCE {
        let round = (0..AT_ONCE).map(|_| parcel.send(&sender));
        for answer in futures::future::join_all(round).await {
            assert!(matches!(answer.outcome, Outcome::Fault(_)), "{answer:?}");
            refused += usize::from(answer.outcome == fault(Fault::TargetIpForbidden));
        }
    }
    assert_eq!(canary.connections(), 0);
    assert_eq!(resolver.lookups(), FLIPS, "the name is resolved for each attempt");
    assert_eq!(refused, FLIPS / 2);
}

#[tokio::test]
async fn ss_07_an_address_in_the_url_itself_is_refused_before_it_is_dialled() {
    let canary = HostileServer::status(200).await;
    let port = canary.address().port();
    for host in ["127.0.0.1", "127.1", "2130706433", "[::ffff:127.0.0.1]", "localhost", "0"] {
        for scheme in ["http", "https"] {
            let mut parcel = Parcel::to(&format!("{scheme}://{host}:{port}/"));
            parcel.plain_http = true;
            let outcome = parcel.send(&sender()).await.outcome;
            assert_eq!(outcome, fault(Fault::TargetIpForbidden), "{scheme}://{host}");
        }
    }
    assert_eq!(canary.connections(), 0);
    let own = Parcel::to("https://api.gancho.example/in/abc").send(&sender()).await;
    assert_eq!(own.outcome, fault(Fault::TargetIpForbidden));
    for text in ["https://hooks.example.com:22/", "http://hooks.example.com/", "ftp://a.example/"] {
        let outcome = Parcel::to(text).send(&sender()).await.outcome;
        assert_eq!(outcome, fault(Fault::UrlNotAllowed), "{text}");
    }
}

/// The target URL, if a test started this process with a proxy in its environment.
#[expect(clippy::disallowed_methods, reason = "the environment is what is tested")]
fn target_of_child() -> Option<String> {
    std::env::var("SENDER_TEST_TARGET").ok()
}

#[tokio::test]
async fn ss_08_a_proxy_in_the_environment_is_ignored() {
    if let Some(url) = target_of_child() {
        assert_eq!(Parcel::to(&url).send(&sender()).await.outcome, Outcome::Status(200));
        return;
    }
    let (target, proxy) = (HostileServer::status(200).await, HostileServer::status(502).await);
    let proxy_url = format!("http://{}", proxy.address());
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "names::ss_08_a_proxy_in_the_environment_is_ignored"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        child.env(name, &proxy_url);
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy").env("SENDER_TEST_TARGET", target.url("/"));
    let ended = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    assert_eq!((target.connections(), proxy.connections()), (1, 0));
}

/// A resolver that fails or never answers.
struct Broken {
    silent: bool,
}

impl Resolve for Broken {
    fn resolve(&self, _name: Name) -> Resolving {
        let silent = self.silent;
        Box::pin(async move {
            if silent {
                std::future::pending::<()>().await;
            }
            Err("SERVFAIL from 10.0.0.2".into())
        })
    }
}

#[tokio::test]
async fn ou_13_a_name_without_an_address_is_a_dns_failure_within_two_seconds() {
    for silent in [false, true] {
        let resolver = Resolver(std::sync::Arc::new(Broken { silent }));
        let sender = Sender::new(&settings(), Some(resolver));
        let started = Instant::now();
        let outcome = Parcel::to(PUBLIC).within(5_000).send(&sender).await.outcome;
        assert_eq!(outcome, fault(Fault::DnsFailure));
        assert!(started.elapsed().as_millis() < 2_500, "{silent}");
    }
    assert_eq!(to_public(Stub::new(vec![Vec::new()])).await, fault(Fault::DnsFailure));
    // A thousand addresses are checked, but only a few are dialled.
    let canary = HostileServer::status(200).await;
    let mut thousand = vec![unused(); 999];
    thousand.push(canary.address());
    assert_eq!(to_public(Stub::new(vec![thousand])).await, fault(Fault::TargetIpForbidden));
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn te_08_a_customer_sees_the_fault_and_no_internal_detail() {
    let resolver = Resolver(std::sync::Arc::new(Broken { silent: false }));
    let sender = Sender::new(&settings(), Some(resolver));
    let answer = Parcel::to("https://hooks.example.com/a?k=s3cret").send(&sender).await;
    let attempt = answer.into_attempt(1, crate::harness::now());
    let shown = serde_json::to_string(&attempt).unwrap();
    assert!(shown.contains(r#""outcome":{"fault":"dns_failure"}"#), "{shown}");
    for secret in ["SERVFAIL", "10.0.0.2", "s3cret", "error", "dns error"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
