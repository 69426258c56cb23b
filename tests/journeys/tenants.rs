//! Isolation of workspaces and roles: calls every route of `infra/openapi.yaml` with another
//! workspace's ids, and with keys of a lesser role (`CATALOGUE TE-01, TE-03`).

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;
use tests::outbound::Outbound;

use crate::route_bodies::body_for;

/// A text in every resource of the workspace.
const MARK: &str = "tesouro-da-ana";
/// The status for an id of another workspace.
const NOT_FOUND: (u16, &str) = (404, "not_found");

/// One operation of the description.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// Parameters in its path, then in its query.
    in_path: Vec<String>,
    in_query: Vec<String>,
    /// True if it takes `If-Match`.
    pub(crate) if_match: bool,
    /// The role in its summary: `(admin)`, `(operator)`; empty for any role.
    role: &'static str,
}

pub(crate) fn routes() -> Vec<Route> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/openapi.yaml");
    let description: Yaml =
        serde_yaml_ng::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in description["paths"].as_mapping().unwrap() {
        let path = path.as_str().unwrap();
        for method in [Method::GET, Method::POST, Method::PATCH, Method::DELETE] {
            let operation = &item[method.as_str().to_lowercase()];
            if operation.is_null() || !path.starts_with("/v1/") || path == "/v1/workspaces" {
                continue;
            }
            let parameters = |place: &str| {
                let lists = [&item["parameters"], &operation["parameters"]];
                let all = lists.into_iter().filter_map(Yaml::as_sequence).flatten();
                let here = all.map(|one| resolved(&description, one));
                let here = here.filter(|one| one["in"].as_str() == Some(place));
                here.map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            };
            let summary = operation["summary"].as_str().unwrap();
            let roles = ["(owner)", "(admin)", "(operator)"];
            let role = roles.into_iter().find(|role| summary.contains(role)).unwrap_or("");
            routes.push(Route {
                path: path.to_owned(),
                in_path: parameters("path"),
                in_query: parameters("query"),
                if_match: parameters("header").contains(&"If-Match".to_owned()),
                method,
                role,
            });
        }
    }
    assert!(routes.len() > 50, "{} routes", routes.len());
    routes
}

fn resolved<'a>(description: &'a Yaml, parameter: &'a Yaml) -> &'a Yaml {
    match parameter["$ref"].as_str() {
        Some(place) => {
            place.trim_start_matches("#/").split('/').fold(description, |at, key| &at[key])
        }
        None => parameter,
    }
}

/// A workspace with one resource of each kind, and their ids by the names of parameters.
pub(crate) struct Theirs {
    pub(crate) out: Outbound,
    pub(crate) ids: BTreeMap<&'static str, String>,
}

impl Theirs {
    pub(crate) async fn new() -> Self {
        let out = Outbound::new().await;
        let world = &out.world;
        let to = world.inbound(json!({"name": MARK})).await;
        let filter = json!({"types": ["deal.created"]});
        let url = out.receiver.url(&format!("/{MARK}"));
        world.patch("/v1/workspace", json!({"plain_http": true})).await.expect(200);
        let endpoint = json!({"name": MARK, "url": url});
        let endpoint = world.post("/v1/endpoints", endpoint).await.expect(201);
        let rule = json!({"name": MARK, "filter": filter, "target": {"endpoint": endpoint["id"]}});
        let rule = world.post("/v1/rules", rule).await.expect(201);
        let body = json!({"email": format!("{MARK}@exemplo.com.br"), "title": MARK, "order": MARK});
        let webhook = world.receive(&to, body.to_string()).await;
        let again = json!({"filter": {}});
        let path = format!("/v1/origins/{}/reprocess", to.origin);
        let job = world.post(&path, again).await.expect(202);
        let key = world.post("/v1/keys", json!({"name": MARK, "role": "viewer"})).await.expect(201);
        world.settle().await;
        let delivery = out.deliveries().await[0].id.to_string();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let ids = BTreeMap::from([
            ("origin", to.origin.clone()),
            ("integration", to.id.clone()),
            ("webhook", webhook),
            ("contact", text(&world.contacts().await[0]["id"])),
            ("deal", text(&world.deals(&to.origin).await[0]["id"])),
            ("endpoint", text(&endpoint["id"])),
            ("rule", text(&rule["id"])),
            ("delivery", delivery),
            ("job", text(&job["id"])),
            ("key", text(&key["id"])),
            ("subject", MARK.to_owned()),
            ("application", "webhook".to_owned()),
            ("q", format!("{MARK}@exemplo.com.br")),
            ("email", format!("{MARK}@exemplo.com.br")),
        ]);
        Self { out, ids }
    }

    /// A route's path with these ids.
    pub(crate) fn path(&self, route: &Route) -> String {
        route.in_path.iter().fold(route.path.clone(), |path, name| {
            path.replace(&format!("{{{name}}}"), &self.ids[name.as_str()])
        })
    }

    async fn call(&self, key: &str, route: &Route, path: &str) -> tests::Answer {
        let body = body_for(&route.method, &route.path);
        self.out.world.call_as(key, route.method.clone(), path, body.as_ref()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn te_01_no_route_of_the_description_shows_or_changes_another_workspaces_resources() {
    let theirs = Theirs::new().await;
    let (_, stranger) = theirs.out.world.new_workspace("Outra loja").await;
    for route in routes() {
        let what = format!("{} {}", route.method, route.path);
        let path = theirs.path(&route);
        if route.path == "/v1/subjects" {
            let got = theirs.call(&stranger, &route, &format!("{path}?key={MARK}")).await;
            assert_eq!(got.expect(200)["items"], json!([]), "{what}");
            continue;
        }
        if !route.in_path.is_empty() {
            let got = theirs.call(&stranger, &route, &path).await;
            if route.in_path == ["subject"] {
                // The key is the caller's own value, and echoed.
                assert_eq!(got.expect(200)["items"], json!([]), "{what}");
                continue;
            }
            if route.in_path == ["application"] {
                // The catalogue is the same for all workspaces.
                assert_eq!(got.status, 200, "{what}");
                continue;
            }
            assert_eq!((got.status.as_u16(), got.code().as_str()), NOT_FOUND, "{what}");
            assert!(!got.text().contains(MARK), "{what}");
        } else if route.method == Method::GET {
            let filters =
                route.in_query.iter().filter_map(|name| theirs.ids.get_key_value(name.as_str()));
            let filters = filters.map(|(name, id)| format!("?{name}={}", id.replace('@', "%40")));
            for query in std::iter::once(String::new()).chain(filters) {
                let got = theirs.call(&stranger, &route, &format!("{path}{query}")).await;
                let nothing = got.status == 200 || got.status == 404;
                assert!(nothing && !got.text().contains(MARK), "{what}{query}: {}", got.text());
            }
        }
    }
    // None of their resources was deleted or changed.
    for (kind, name) in [
        ("origins", "origin"),
        ("integrations", "integration"),
        ("rules", "rule"),
        ("endpoints", "endpoint"),
    ] {
        let shown =
            theirs.out.world.get(&format!("/v1/{kind}/{}", theirs.ids[name])).await.expect(200);
        assert_eq!(shown["version"], 1, "{kind}");
    }
    assert_eq!(theirs.out.deliveries().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn te_03_every_route_is_refused_to_a_lesser_role() {
    let theirs = Theirs::new().await;
    let mut keys = Vec::new();
    for role in ["viewer", "operator"] {
        let created = json!({"name": role, "role": role});
        let created = theirs.out.world.post("/v1/keys", created).await.expect(201);
        keys.push((role, created["key"].as_str().unwrap().to_owned()));
    }
    for route in routes() {
        let what = format!("{} {}", route.method, route.path);
        assert!(!route.role.is_empty() || route.method == Method::GET, "{what} names no role");
        for (role, key) in &keys {
            let lesser = match route.role {
                "(admin)" => true,
                "(operator)" => *role == "viewer",
                _ => false,
            };
            if lesser {
                let got = theirs.call(key, &route, &theirs.path(&route)).await;
                assert_eq!(
                    (got.status.as_u16(), got.code().as_str()),
                    (403, "forbidden"),
                    "{role}: {what}"
                );
            }
        }
    }
}
