//! The table of routes over HTTP: the methods of a path, and the routes that take an
//! `Idempotency-Key`.

use gancho_domain::common::{
    ids::{DeliveryId, EndpointId, IntegrationId, JobId, RuleId, WebhookId},
    workspace::Role,
};
use gancho_edge::routes::ROUTES;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{OWNER, World, answer};

use crate::route_bodies::body_for;

/// A body that a route accepts until it looks for the resource.
fn body(path: &str) -> Value {
    match path {
        "/v1/events" => json!({"type": "order.paid", "subject": "PED-1", "data": {}}),
        "/v1/deliveries/send" => json!({"type": "order.paid", "subject": "PED-1"}),
        _ => body_for(&Method::POST, path).unwrap(),
    }
}

/// A path with ids of the right form. Only the origin exists.
fn path(route: &str, origin: &str) -> String {
    let prefix = |name: &str| match name {
        "webhook" => WebhookId::PREFIX,
        "integration" => IntegrationId::PREFIX,
        "endpoint" => EndpointId::PREFIX,
        "rule" => RuleId::PREFIX,
        "delivery" => DeliveryId::PREFIX,
        "job" => JobId::PREFIX,
        other => panic!("{other}"),
    };
    let (_, id) = origin.split_once('_').unwrap();
    let part = |part: &str| match part.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
        None => part.to_owned(),
        Some("origin") => origin.to_owned(),
        Some("email") => "ana@exemplo.com.br".to_owned(),
        Some(name) => format!("{}_{id}", prefix(name)),
    };
    route.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn re_05_exactly_the_idempotent_routes_read_their_key() {
    let world = World::new().await;
    let origin = world.origin("Loja").await;
    let too_long = "k".repeat(256);
    for route in ROUTES.iter().filter(|route| route.method == "POST") {
        let url = format!("{}{}", world.host.base_url(), path(route.path, &origin));
        let key = if route.role == Role::Owner { OWNER } else { world.key.as_str() };
        let request = world.request(Method::POST, &url).bearer_auth(key);
        let request = request.header("idempotency-key", &too_long).json(&body(route.path));
        let got = answer(request).await;
        let read = got.status == 422 && got.json()["path"] == "Idempotency-Key";
        assert_eq!(read, route.idempotent, "{}: {}", route.path, got.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_method_of_a_path_is_405_with_its_methods() {
    let world = World::new().await;
    let table = [
        (Method::PUT, "/v1/origins", Some("GET, POST")),
        (Method::POST, "/v1/deals/deal_1", Some("GET, PATCH")),
        (Method::GET, "/v1/deliveries/send", Some("POST")),
        (Method::GET, "/v1/deliveries/resend", Some("POST")),
        (Method::GET, "/v1/nothing", None),
    ];
    for (method, path, methods) in table {
        for key in [world.key.as_str(), OWNER] {
            let got = world.call_as(key, method.clone(), path, None).await;
            let expected =
                if methods.is_some() { (405, "method_not_allowed") } else { (404, "not_found") };
            assert_eq!((got.status.as_u16(), got.code().as_str()), expected, "{method} {path}");
            let allow = got.headers.get("allow").map(|allow| allow.to_str().unwrap());
            assert_eq!(allow, methods, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gd_25_no_answer_of_the_api_is_stored_by_a_cache() {
    let world = World::new().await;
    let origin = world.origin("Loja").await;
    let (_, id) = origin.split_once('_').unwrap();
    for route in ROUTES {
        let part = |part: &str| match part.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
            Some("origin") => origin.clone(),
            Some(name) => format!("{name}_{id}"),
            None => part.to_owned(),
        };
        let path = route.path.split('/').map(part).collect::<Vec<_>>().join("/");
        let key = if route.role == Role::Owner { OWNER } else { world.key.as_str() };
        let method = Method::from_bytes(route.method.as_bytes()).unwrap();
        let got = world.call_as(key, method, &path, None).await;
        let stored = got.headers.get("cache-control").map(|value| value.to_str().unwrap());
        assert!(
            stored.is_some_and(|value| value.contains("no-store")),
            "{} {path}: {stored:?} {}",
            route.method,
            got.status
        );
    }
}
