//! Merging keeps what a change does not name: each map of more than one key, changed by one key at
//! a time (`FACTS D17`, RFC 7396).

use serde_json::{Value, json};
use tests::World;

/// The value of each field of a map, before and after a change of other fields.
async fn patched(world: &World, path: &str, changes: [Value; 2]) -> Value {
    for change in changes {
        world.patch(path, change).await.expect(200);
    }
    world.get(path).await.expect(200)
}

fn field(target: &str, path: &str) -> Value {
    json!({"target": target, "path": path})
}

#[tokio::test]
async fn d17_a_webhook_changes_the_fields_that_it_has_and_keeps_every_other() {
    let world = World::new().await;
    let fields = json!([
        field("contact.name", "$.name"),
        field("contact.email", "$.email"),
        field("contact.phone", "$.phone"),
        field("contact.custom.cidade", "$.city"),
        field("contact.custom.bairro", "$.quarter"),
        field("deal.title", "$.title"),
        field("deal.value", "$.value"),
        field("deal.tags", "$.tags"),
        field("deal.custom.cor", "$.colour"),
        field("deal.custom.tamanho", "$.size"),
    ]);
    let to = world.inbound(json!({"mapping": {"fields": fields}})).await;
    let full = json!({
        "name": "Ana", "email": "ana@example.com", "phone": "11 91234-5678", "city": "Recife",
        "quarter": "Graças", "title": "Um", "value": "10.50", "tags": ["a"], "colour": "azul",
        "size": "M",
    });
    world.receive(&to, full.to_string()).await;
    for (name, value, place, merged) in [
        ("city", json!("Olinda"), "/0/custom", json!({"cidade": "Olinda", "bairro": "Graças"})),
        ("quarter", json!("Carmo"), "/0/custom", json!({"cidade": "Olinda", "bairro": "Carmo"})),
        ("name", json!("Bia"), "/0/name", json!("Bia")),
        ("colour", json!("verde"), "/1/custom", json!({"cor": "verde", "tamanho": "M"})),
        ("size", json!("G"), "/1/custom", json!({"cor": "verde", "tamanho": "G"})),
        ("title", json!("Dois"), "/1/title", json!("Dois")),
        ("value", json!("7"), "/1/value", json!("7")),
        ("tags", json!(["b"]), "/1/tags", json!(["a", "b"])),
    ] {
        let before = json!([world.contacts().await[0], world.deals(&to.origin).await[0]]);
        let mut body = json!({"email": "ana@example.com"});
        body[name] = value;
        world.receive(&to, body.to_string()).await;
        let mut after = json!([world.contacts().await[0], world.deals(&to.origin).await[0]]);
        assert_eq!(after.pointer(place), Some(&merged), "{name}");
        // Apart from the one field, both rows are as before.
        *after.pointer_mut(place).unwrap() = before.pointer(place).unwrap().clone();
        for row in 0..2 {
            for stamp in ["version", "updated_at"] {
                after[row][stamp] = before[row][stamp].clone();
            }
        }
        assert_eq!(after, before, "{name}");
    }
}

#[tokio::test]
async fn a_person_changes_one_key_of_a_map_and_keeps_every_other() {
    let world = World::new().await;
    let label = |text: &str| json!({"label": text, "entity": "deal", "kind": "text"});
    let own = patched(
        &world,
        "/v1/workspace",
        [
            json!({"custom_fields": {"cor": label("Cor"), "tamanho": label("Tamanho")}}),
            json!({"custom_fields": {"cor": label("Cor nova")}}),
        ],
    )
    .await;
    let both = json!({"cor": label("Cor nova"), "tamanho": label("Tamanho")});
    assert_eq!(own["custom_fields"], both);

    let to = world.inbound(json!({})).await;
    world.receive(&to, r#"{"email": "ana@example.com", "title": "Um"}"#).await;
    let deal = world.deals(&to.origin).await[0]["id"].as_str().unwrap().to_owned();
    let deal = patched(
        &world,
        &format!("/v1/deals/{deal}"),
        [json!({"custom": {"cor": "azul", "tamanho": "M"}}), json!({"custom": {"cor": "verde"}})],
    )
    .await;
    assert_eq!(deal["custom"], json!({"cor": "verde", "tamanho": "M"}));

    let created = json!({"name": "ERP", "url": "https://example.com/erp", "active": false});
    let created = world.post("/v1/endpoints", created).await.expect(201);
    let endpoint = format!("/v1/endpoints/{}", created["id"].as_str().unwrap());
    let changed = patched(
        &world,
        &endpoint,
        [
            json!({"limits": {"max_concurrency": 3, "rate_per_second": 5},
                "policy": {"waits": [7], "timeout_ms": 3000}}),
            json!({"limits": {"rate_per_second": 6}, "policy": {"timeout_ms": 4000}}),
        ],
    )
    .await;
    assert_eq!(changed["limits"], json!({"max_concurrency": 3, "rate_per_second": 6}));
    assert_eq!(
        (&changed["policy"]["waits"], &changed["policy"]["timeout_ms"]),
        (&json!([7]), &json!(4000))
    );
    assert_eq!(changed["policy"]["suspension"], created["policy"]["suspension"]);
}
