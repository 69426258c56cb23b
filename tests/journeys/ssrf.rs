//! Internal URLs end to end: refused when saved, and never dialled (`CATALOGUE` SS).

use std::{net::SocketAddr, sync::Arc};

use gancho_domain::{
    common::ids::EndpointId,
    outbound::{
        delivery::{Delivery, Failed, Fault, Outcome, State},
        endpoint::{Limits, Policy, Preset},
        rule::Target,
    },
};
use jiff::SignedDuration;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde_json::json;
use tests::{World, hostile_servers::HostileServer, outbound::Outbound};

/// Resolves every name to these addresses.
struct Everywhere(Vec<SocketAddr>);

impl Resolve for Everywhere {
    fn resolve(&self, _name: Name) -> Resolving {
        let addresses: Addrs = Box::new(self.0.clone().into_iter());
        Box::pin(async { Ok(addresses) })
    }
}

fn patient() -> Policy {
    Policy {
        preset: None,
        waits: vec![30],
        jitter_percent: 0,
        suspension: None,
        ..Preset::StandardWebhooks.policy()
    }
}

/// The delivery of an event to an endpoint whose row has this URL, without validation.
async fn sent_to(out: &Outbound, url: &str) -> Delivery {
    let id = out.endpoint("/", patient()).await;
    edit(out, id, url).await;
    out.rule(Target::Endpoint(id)).await;
    out.later(SignedDuration::from_secs(6)).await;
    out.happened(["PED-1".to_owned()]).await;
    out.later(SignedDuration::from_secs(31)).await;
    out.later(SignedDuration::from_secs(31)).await;
    out.only().await
}

async fn edit(out: &Outbound, id: EndpointId, url: &str) {
    let mut endpoint = out.store.endpoint(out.ws, id).await.unwrap().unwrap();
    endpoint.url = serde_json::from_value(json!(url)).unwrap();
    endpoint.version += 1;
    let before = Some(endpoint.version - 1);
    out.store.put_endpoint(out.ws, &endpoint, before, "edited").await.unwrap();
}

#[track_caller]
fn failed_twice(delivery: &Delivery, fault: Fault) {
    let outcomes: Vec<Outcome> = delivery.attempts.iter().map(|a| a.outcome).collect();
    assert_eq!(outcomes, [Outcome::Fault(fault); 2], "not more attempts than the policy allows");
    let ended = matches!(delivery.state, State::Failure { reason: Failed::Exhausted, .. });
    assert!(ended, "{delivery:?}");
}

#[tokio::test]
async fn ss_01_internal_urls_are_refused_when_they_are_saved() {
    let world = World::new().await;
    let canary = HostileServer::status(200).await;
    let port = canary.address().port();
    for url in [
        "http://127.0.0.1".to_owned(),
        format!("https://127.0.0.1:{port}/"),
        "http://2130706433/".to_owned(),
        "https://0x7f.1/".to_owned(),
        "https://[::ffff:127.0.0.1]/".to_owned(),
        "https://169.254.169.254/latest/".to_owned(),
        "https://localhost/".to_owned(),
        "https://printer.local/".to_owned(),
        "https://intranet/".to_owned(),
    ] {
        let refused = world.post("/v1/endpoints", json!({"name": "x", "url": url})).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (422, "target_ip_forbidden".into()),
            "{url}"
        );
    }
    for url in [
        "ftp://example.com/",
        "https://a@example.com/",
        "https://example.com:22/",
        "https://good.com\\@evil.example/",
        "https://exa\r\nmple.com/",
        "//example.com",
        "http://example.com/",
    ] {
        let refused = world.post("/v1/endpoints", json!({"name": "x", "url": url})).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (422, "url_not_allowed".into()),
            "{url}"
        );
    }
    assert_eq!(world.get("/v1/endpoints").await.expect(200)["count"], 0);
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn ss_05_a_name_that_resolves_inside_is_never_dialled() {
    let canary = HostileServer::status(200).await;
    let addresses = vec!["1.1.1.1:443".parse().unwrap(), canary.address()];
    let out = Outbound::with(|host| host.resolver(Arc::new(Everywhere(addresses)))).await;
    let delivery = sent_to(&out, "https://hooks.example.com/").await;
    failed_twice(&delivery, Fault::TargetIpForbidden);
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn ss_07_an_address_in_an_edited_row_is_never_dialled() {
    let canary = HostileServer::status(200).await;
    let out = Outbound::new().await;
    let url = format!("http://127.0.0.1:{}/", canary.address().port());
    failed_twice(&sent_to(&out, &url).await, Fault::TargetIpForbidden);
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn of_06_our_own_name_is_no_destination() {
    let parameter = ("PublicBaseUrl", "https://hooks.gancho.example");
    let out = Outbound::with(|host| host.parameter(parameter.0, parameter.1)).await;
    let own = "https://hooks.gancho.example/in/abc";
    let refused = out.world.post("/v1/endpoints", json!({"name": "x", "url": own})).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (422, "target_ip_forbidden".into()));
    failed_twice(&sent_to(&out, own).await, Fault::TargetIpForbidden);
}

#[tokio::test]
async fn ss_14_headers_that_would_redirect_are_refused_when_they_are_saved() {
    let world = World::new().await;
    for (name, value) in [
        ("Host", "evil.example"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "upgrade"),
        ("webhook-signature", "v1,x"),
        ("gancho-hops", "0"),
        ("X-A", "b\r\nHost: evil.example"),
        ("", "x"),
    ] {
        let body = json!({"name": "x", "url": "https://example.com/", "headers": [{"name": name, "value": value}]});
        let refused = world.post("/v1/endpoints", body).await;
        assert_eq!(refused.status.as_u16(), 422, "{name}: {}", refused.text());
    }
}

#[tokio::test]
async fn te_08_a_customer_sees_an_error_code_and_nothing_of_the_network() {
    let out = Outbound::new().await;
    let id = out.endpoint_at(&out.receiver.url("/"), patient(), Limits::default()).await;
    edit(&out, id, "https://nobody.example.com/a?key=s3cret").await;
    out.rule(Target::Endpoint(id)).await;
    out.later(SignedDuration::from_secs(6)).await;
    out.happened(["PED-1".to_owned()]).await;
    let delivery = out.only().await;
    let path = format!("/v1/deliveries/{}", delivery.id);
    let shown = out.world.get(&path).await.expect(200).to_string();
    assert!(shown.contains("dns_failure"), "{shown}");
    let row = serde_json::to_string(&delivery).unwrap();
    for ours in ["no address here", "s3cret", "resolver", "127.0.0.1"] {
        assert!(!row.contains(ours), "{ours} in {row}");
    }
}
