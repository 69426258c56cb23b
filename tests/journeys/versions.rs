//! Versions and `If-Match`: each operation of `infra/openapi.yaml` that writes a versioned resource
//! (`CATALOGUE TE-06`).

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, World, answer};

use crate::{
    route_bodies::body_for,
    tenants::{Route, Theirs, routes},
};

/// Calls the API with an `If-Match`.
async fn with_version(
    world: &World,
    (method, path): (Method, &str),
    version: &str,
    body: Option<&Value>,
) -> Answer {
    let url = format!("{}{path}", world.host.base_url());
    let request = world.request(method, &url).bearer_auth(&world.key).header("if-match", version);
    answer(body.into_iter().fold(request, reqwest::RequestBuilder::json)).await
}

/// The path of the resource that an operation writes.
fn resource(path: &str) -> &str {
    path.trim_end_matches("/rotate-url").trim_end_matches("/rotate-secret")
}

#[tokio::test(flavor = "multi_thread")]
async fn te_06_every_operation_on_a_versioned_resource_takes_if_match() {
    let theirs = Theirs::new().await;
    let mut without = Vec::new();
    for route in
        routes().iter().filter(|route| [Method::PATCH, Method::DELETE].contains(&route.method))
    {
        let shown = theirs.out.world.get(&theirs.path(route)).await;
        assert_eq!(shown.status, 200, "{}: {}", route.path, shown.text());
        assert!(shown.headers.contains_key("etag"), "{} has no version", route.path);
        if !route.if_match {
            without.push(format!("{} {}", route.method, route.path));
        }
    }
    assert_eq!(without, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn te_06_every_operation_refuses_another_version_and_changes_nothing() {
    let theirs = Theirs::new().await;
    let world = &theirs.out.world;
    let conditional: Vec<Route> = routes().into_iter().filter(|route| route.if_match).collect();
    assert!(conditional.len() >= 14, "{}", conditional.len());
    // Changes come first: nothing is left of a resource whose deletion is wrongly accepted.
    for deletes in [false, true] {
        for route in conditional.iter().filter(|route| (route.method == Method::DELETE) == deletes)
        {
            let path = theirs.path(route);
            let what = format!("{} {}", route.method, route.path);
            let before = world.get(resource(&path)).await;
            let body = body_for(&route.method, &route.path);
            let version = before.json()["version"].as_u64().unwrap();
            assert_eq!(before.headers["etag"], format!("\"{version}\""), "{what}");
            for other in [version - 1, version + 1] {
                let call = (route.method.clone(), path.as_str());
                let got = with_version(world, call, &format!("\"{other}\""), body.as_ref()).await;
                assert_eq!((got.status.as_u16(), got.code().as_str()), (409, "conflict"), "{what}");
                assert_eq!(got.json()["params"]["version"], version.to_string(), "{what}");
            }
            let call = (route.method.clone(), path.as_str());
            let got = with_version(world, call, "W/\"1\"", body.as_ref()).await;
            assert_eq!(
                (got.status.as_u16(), &got.json()["path"]),
                (422, &json!("If-Match")),
                "{what}"
            );
            let after = world.get(resource(&path)).await;
            assert_eq!(after.expect(200), before.json(), "{what} changed it");
        }
    }
}

/// A change between the reading and the deletion: the deletion is refused, the change stays.
#[tokio::test(flavor = "multi_thread")]
async fn te_06_a_deletion_is_of_the_version_that_it_read() {
    let theirs = Theirs::new().await;
    let world = &theirs.out.world;
    let lone = world.origin("Sem nada").await;
    let key = world.post("/v1/keys", json!({"name": "b", "role": "admin"})).await.expect(201);
    for path in [
        format!("/v1/origins/{lone}"),
        format!("/v1/keys/{}", key["id"].as_str().unwrap()),
        format!("/v1/rules/{}", theirs.ids["rule"]),
        format!("/v1/endpoints/{}", theirs.ids["endpoint"]),
        format!("/v1/integrations/{}", theirs.ids["integration"]),
    ] {
        let faults = world.host.faults();
        let held = faults.on("TransactWriteItems").function("manage").nth(1).hold_before();
        let (refused, ()) = tokio::join!(world.delete(&path), async {
            held.reached().await;
            world.patch(&path, json!({"name": "Mudou"})).await.expect(200);
            held.release();
        });
        faults.clear();
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "conflict"), "{path}");
        let kept = world.get(&path).await.expect(200);
        assert_eq!((&kept["name"], &kept["version"]), (&json!("Mudou"), &json!(2)), "{path}");
        let deleted = with_version(world, (Method::DELETE, &path), "\"2\"", None).await;
        assert_eq!(deleted.status, 204, "{path}: {}", deleted.text());
        assert_eq!(world.get(&path).await.status, 404, "{path}");
    }
}

/// Two changes that read the same version: the second to be written is refused, though neither named
/// a version.
#[tokio::test(flavor = "multi_thread")]
async fn te_06_a_change_is_of_the_version_that_it_read() {
    let theirs = Theirs::new().await;
    let world = &theirs.out.world;
    for (path, field) in [
        ("/v1/workspace".to_owned(), "name"),
        (format!("/v1/deals/{}", theirs.ids["deal"]), "title"),
        (format!("/v1/keys/{}", theirs.ids["key"]), "name"),
        (format!("/v1/rules/{}", theirs.ids["rule"]), "name"),
        (format!("/v1/endpoints/{}", theirs.ids["endpoint"]), "name"),
        (format!("/v1/integrations/{}", theirs.ids["integration"]), "name"),
        (format!("/v1/origins/{}", theirs.ids["origin"]), "name"),
    ] {
        let version = world.get(&path).await.expect(200)["version"].as_u64().unwrap();
        let held = world.host.faults().on("TransactWriteItems").function("manage").hold_before();
        let (late, ()) = tokio::join!(world.patch(&path, json!({field: "Tarde"})), async {
            held.reached().await;
            world.patch(&path, json!({field: "Cedo"})).await.expect(200);
            held.release();
        });
        world.host.faults().clear();
        assert_eq!((late.status.as_u16(), late.code().as_str()), (409, "conflict"), "{path}");
        assert_eq!(late.json()["params"]["version"], (version + 1).to_string(), "{path}");
        let now = world.get(&path).await.expect(200);
        assert_eq!((&now[field], &now["version"]), (&json!("Cedo"), &json!(version + 1)), "{path}");
    }
}

/// A deletion whose reply was lost is repeated by the SDK; it is not a conflict with itself.
#[tokio::test(flavor = "multi_thread")]
async fn te_06_a_deletion_whose_reply_was_lost_is_done() {
    let theirs = Theirs::new().await;
    let world = &theirs.out.world;
    for path in [
        format!("/v1/origins/{}", world.origin("Sem nada").await),
        format!("/v1/keys/{}", theirs.ids["key"]),
        format!("/v1/rules/{}", theirs.ids["rule"]),
        format!("/v1/endpoints/{}", theirs.ids["endpoint"]),
        format!("/v1/integrations/{}", theirs.ids["integration"]),
    ] {
        world.host.faults().on("TransactWriteItems").function("manage").nth(1).post_err();
        world.delete(&path).await.expect(204);
        world.host.faults().clear();
        assert_eq!(world.get(&path).await.status, 404, "{path}");
    }
}

/// The versions of a list, with the time and the name of the author of each.
async fn versions(world: &World, path: &str) -> Vec<(u64, String, String)> {
    let list = world.get(path).await.expect(200);
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|it| (it["version"].as_u64().unwrap(), text(&it["at"]), text(&it["by"]["name"])))
        .collect()
}

#[tokio::test]
async fn d15_the_versions_of_a_mapping_and_of_a_rule_have_their_time_and_author() {
    let theirs = Theirs::new().await;
    let (world, ids) = (&theirs.out.world, &theirs.ids);
    let created = json!({"name": "Bia", "role": "admin"});
    let created = world.post("/v1/keys", created).await.expect(201);
    let bia = created["key"].as_str().unwrap();
    let integration = format!("/v1/integrations/{}", ids["integration"]);
    let rule = format!("/v1/rules/{}", ids["rule"]);
    for (after, body) in [(60, json!({"name": "A"})), (60, json!({"mapping": {"keys": []}}))] {
        world.advance(jiff::SignedDuration::from_secs(after));
        world.call_as(bia, Method::PATCH, &integration, Some(&body)).await.expect(200);
    }
    world.call_as(bia, Method::PATCH, &rule, Some(&json!({"name": "B"}))).await.expect(200);
    world.delete(&format!("/v1/keys/{}", created["id"].as_str().unwrap())).await;
    let now = world.now().to_string();
    // A new name makes no version of the mapping. The author of a version has the name of then.
    let found = versions(world, &format!("{integration}/mappings")).await;
    let seen: Vec<_> = found.iter().map(|(n, at, by)| (*n, *at == now, by.as_str())).collect();
    assert_eq!(seen, [(2, true, "Bia"), (1, false, "admin")]);
    let shown = world.get(&format!("{integration}?mapping_version=1")).await.expect(200);
    assert_eq!(shown["mapping"]["keys"], json!(["$.order"]));
    let found = versions(world, &format!("{rule}/versions")).await;
    let seen: Vec<_> = found.iter().map(|(n, at, by)| (*n, *at == now, by.as_str())).collect();
    assert_eq!(seen, [(2, true, "Bia"), (1, false, "admin")]);
}
