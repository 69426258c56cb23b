//! Lists and their sizes: every list of the API, paged to its end.

use std::collections::BTreeSet;

use gancho_domain::outbound::{
    endpoint::{Policy, Preset},
    rule::Target,
};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;
use tests::{
    Inbound, World, answer,
    outbound::{Outbound, Reply},
};

const DESCRIPTION: &str = include_str!("../../infra/openapi.yaml");

/// The lists of the description by path, with the name of their size.
fn described() -> BTreeSet<(String, String)> {
    let all: Yaml = serde_yaml_ng::from_str(DESCRIPTION).unwrap();
    let mut lists = BTreeSet::new();
    for (path, item) in all["paths"].as_mapping().unwrap() {
        let schema = &item["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let Some(name) = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next()) else {
            continue;
        };
        let required = all["components"]["schemas"][name]["required"].as_sequence();
        let required: Vec<&str> = required.into_iter().flatten().filter_map(Yaml::as_str).collect();
        if required.contains(&"next") {
            let sizes: Vec<&str> =
                ["count", "returned"].into_iter().filter(|it| required.contains(it)).collect();
            assert_eq!(sizes.len(), 1, "{name} has one size");
            lists.insert((path.as_str().unwrap().to_owned(), sizes[0].to_owned()));
        }
    }
    lists
}

/// Every page of a list.
async fn pages(world: &World, path: &str, limit: usize) -> Vec<Value> {
    let sign = if path.contains('?') { '&' } else { '?' };
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("{path}{sign}limit={limit}{cursor}")).await.expect(200);
        let next = page["next"].as_str().map(str::to_owned);
        pages.push(page);
        let Some(next) = next else { return pages };
        cursor = format!("&cursor={next}");
    }
}

fn items(page: &Value) -> &[Value] {
    page["items"].as_array().unwrap()
}

/// Pages a list to its end, two items at a time, and compares each page's size with what the pages
/// give. Returns the number of all items.
async fn sized(world: &World, path: &str, size: &str) -> usize {
    let found = pages(world, path, 2).await;
    let all: Vec<&Value> = found.iter().flat_map(items).collect();
    let different: BTreeSet<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(different.len(), all.len(), "{path}: an item is on two pages");
    for page in &found {
        let (other, expected) = match size {
            "count" => ("returned", all.len()),
            _ => ("count", items(page).len()),
        };
        assert_eq!(page[size], expected, "{path}");
        assert_eq!(page.get(other), None, "{path}");
    }
    let whole = pages(world, path, 200).await;
    assert_eq!(whole.len(), 1, "{path}");
    assert_eq!(items(&whole[0]).iter().collect::<Vec<_>>(), all, "{path}: another page length");
    all.len()
}

/// The only page of a list that takes no `limit`.
async fn single(world: &World, path: &str, size: &str) -> usize {
    let page = world.get(path).await.expect(200);
    assert_eq!((&page["next"], &page[size]), (&Value::Null, &json!(items(&page).len())), "{path}");
    items(&page).len()
}

/// Seven webhooks, two of them errors, with a contact and a deal each; three jobs; a refusal.
async fn inbound(world: &World) -> Inbound {
    let to = world.inbound(json!({"action": "create_deal"})).await;
    for n in 0..7 {
        let email = format!("p{n}@example.com");
        let order = format!("A-{}", n % 2);
        let body = json!({"email": email, "title": format!("T{n}"), "order": order});
        let body = if n < 5 { body.to_string() } else { "{".to_owned() };
        world.receive(&to, body).await;
        world.advance(SignedDuration::from_secs(20));
    }
    for _ in 0..3 {
        let path = format!("/v1/origins/{}/reprocess", to.origin);
        world.post(&path, json!({"filter": {"status": "error"}})).await.expect(202);
        world.settle().await;
    }
    for name in ["Dois", "Três"] {
        world.integration(&to.origin, json!({"name": name})).await;
        world.origin(name).await;
        world.post("/v1/keys", json!({"name": name, "role": "viewer"})).await.expect(201);
    }
    let delete = answer(world.request(Method::DELETE, &to.url)).await;
    assert_eq!(delete.status, 405);
    to
}

/// Four endpoints, three of which answer 410, and five events of two subjects. Returns the id of the
/// endpoint that accepts all.
async fn outbound(out: &Outbound) -> String {
    let quick = Policy { waits: Vec::new(), ..Preset::StandardWebhooks.policy() };
    let endpoint = out.endpoint("/a", quick.clone()).await;
    for path in ["/b", "/c", "/d"] {
        let id = out.endpoint(path, quick.clone()).await;
        out.rule(Target::Endpoint(id)).await;
        out.receiver.answers(path, Reply::Status(410));
    }
    out.rule(Target::Endpoint(endpoint)).await;
    out.later(SignedDuration::from_secs(6)).await;
    // The first event disables the three endpoints; the others are held.
    for subjects in [&["P-1"][..], &["P-2", "P-1", "P-2", "P-1"]] {
        out.happened(subjects.iter().map(|&subject| subject.to_owned())).await;
    }
    endpoint.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn f5_every_list_says_how_many_items_paging_to_its_end_gives_or_what_it_returned() {
    let out = Outbound::new().await;
    let world = &out.world;
    let to = inbound(world).await;
    let endpoint = outbound(&out).await;
    let history = format!("/v1/origins/{}/webhooks", to.origin);
    let rule = json!({"name": "Sem uso", "filter": {"types": ["never.happens"]}, "target": {"endpoint": endpoint}});
    let rule = world.post("/v1/rules", rule).await.expect(201)["id"].as_str().unwrap().to_owned();
    for name in ["a", "b"] {
        world.patch(&format!("/v1/rules/{rule}"), json!({"name": name})).await.expect(200);
        let mapping = json!({"mapping": {"keys": [format!("$.{name}")]}});
        world.patch(&format!("/v1/integrations/{}", to.id), mapping).await.expect(200);
    }
    let day = world.now().to_string()[..10].to_owned();
    let lists: [(&str, &str, usize); 36] = [
        ("/v1/origins", "/v1/origins", 3),
        ("/v1/integrations", "/v1/integrations", 3),
        ("/v1/integrations", &format!("/v1/integrations?origin={}", to.origin), 3),
        ("/v1/keys", "/v1/keys", 3),
        ("/v1/endpoints", "/v1/endpoints", 4),
        ("/v1/rules", "/v1/rules", 5),
        ("/v1/rules", &format!("/v1/rules?endpoint={endpoint}"), 2),
        ("/v1/rules", &format!("/v1/rules?integration={}", to.id), 0),
        (
            "/v1/integrations/{integration}/mappings",
            &format!("/v1/integrations/{}/mappings", to.id),
            3,
        ),
        ("/v1/rules/{rule}/versions", &format!("/v1/rules/{rule}/versions"), 3),
        ("/v1/contacts", "/v1/contacts", 5),
        ("/v1/contacts", &format!("/v1/contacts?origin={}", to.origin), 5),
        ("/v1/contacts", "/v1/contacts?email=p1@example.com", 1),
        ("/v1/deals", "/v1/deals", 5),
        ("/v1/deals", &format!("/v1/deals?origin={}", to.origin), 5),
        ("/v1/deals", "/v1/deals?status=won", 0),
        ("/v1/deals", "/v1/deals?email=p1@example.com", 1),
        ("/v1/jobs", "/v1/jobs", 3),
        ("/v1/notices", "/v1/notices", 3),
        ("/v1/subjects", "/v1/subjects?key=P-1", 15),
        ("/v1/subjects/{subject}", "/v1/subjects/P-1", 15),
        ("/v1/subjects/{subject}", "/v1/subjects/A-1", 2),
        ("/v1/subjects/{subject}", "/v1/subjects/nobody", 0),
        ("/v1/origins/{origin}/webhooks", &history, 7),
        ("/v1/origins/{origin}/webhooks", &format!("{history}?status=error"), 2),
        ("/v1/origins/{origin}/webhooks", &format!("{history}?status=success,error"), 7),
        ("/v1/origins/{origin}/webhooks", &format!("{history}?q=A-1"), 2),
        (
            "/v1/origins/{origin}/webhooks",
            &format!("{history}?from={day}&integration={}", to.id),
            7,
        ),
        ("/v1/origins/{origin}/webhooks", &format!("{history}?application=hotmart"), 0),
        ("/v1/deliveries", "/v1/deliveries", 20),
        ("/v1/deliveries", "/v1/deliveries?state=success", 5),
        ("/v1/deliveries", "/v1/deliveries?state=failure,held,discarded", 15),
        ("/v1/deliveries", "/v1/deliveries?subject=P-2", 8),
        ("/v1/deliveries", "/v1/deliveries?subject=P-2&state=success", 2),
        ("/v1/deliveries", &format!("/v1/deliveries?endpoint={endpoint}"), 5),
        ("/v1/deliveries", &format!("/v1/deliveries?from={day}&endpoint={endpoint}"), 5),
    ];
    let described = described();
    let size = |list: &str| described.iter().find(|(path, _)| path == list).unwrap().1.as_str();
    let mut seen = BTreeSet::new();
    for (list, path, expected) in lists {
        assert_eq!(sized(world, path, size(list)).await, expected, "{path}");
        seen.insert(list.to_owned());
    }
    let refused = format!("/v1/integrations/{}/refused", to.id);
    for (list, path, least) in [
        ("/v1/applications", "/v1/applications", 12),
        ("/v1/event-types", "/v1/event-types", 25),
        ("/v1/integrations/{integration}/refused", &refused, 1),
    ] {
        assert!(single(world, path, size(list)).await >= least, "{path}");
        seen.insert(list.to_owned());
    }
    let all: BTreeSet<String> = described.iter().map(|(path, _)| path.clone()).collect();
    assert_eq!(seen, all, "every list of the description is paged");
}

#[tokio::test(flavor = "multi_thread")]
async fn te_05_every_list_refuses_the_same_limits_with_the_same_answer() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let webhooks = format!("/v1/origins/{}/webhooks", to.origin);
    for path in ["/v1/deals", "/v1/deliveries", &webhooks] {
        for limit in ["0", "201", "-1", "%2B5", "1.5", ""] {
            let got = world.get(&format!("{path}?limit={limit}")).await;
            let problem = got.expect(422);
            let params = &problem["params"];
            assert_eq!(
                (&params["path"], &params["reason"]),
                (&json!("limit"), &json!("out_of_range"))
            );
            assert_eq!(params["limit"], "200", "{path}, {limit}: {problem}");
        }
        let got = world.get(&format!("{path}?limit=5&limit=5")).await.expect(422);
        assert_eq!(got["params"]["reason"], "duplicate", "{path}: {got}");
    }
}
