//! Contacts and deals from webhooks: CATALOGUE IN-32 and IN-33, FACTS S1.5, S3.3 to S3.9, D8,
//! D10, D17.

use serde_json::{Value, json};
use tests::{Inbound, World, simple_mapping};

use crate::inbound::{
    anything, change, failed, field, json_sent, mapped, nothing_made, sentences, succeeded,
    warnings,
};

/// Another integration of the same origin, with the mapping of `inbound`.
async fn beside(world: &World, to: &Inbound, mut settings: Value) -> Inbound {
    settings["mapping"] = simple_mapping();
    world.integration(&to.origin, settings).await
}

async fn json(world: &World, to: &Inbound, body: Value) -> Value {
    json_sent(world, to, body.to_string()).await
}

#[tokio::test]
async fn in_32_a_field_that_cannot_be_filled_is_named_and_nothing_is_half_written() {
    let world = World::new().await;
    let strict =
        |target: &str, path: &str| json!({"target": target, "path": path, "on_invalid": "error"});
    let fields = json!([
        strict("contact.name", "$.name"),
        {"target": "contact.email", "path": "$.email", "required": true},
        strict("contact.phone", "$.phone"),
        strict("deal.title", "$.title"),
        strict("deal.value", "$.value"),
        strict("deal.stage", "$.stage"),
        strict("deal.status", "$.status"),
    ]);
    let to = mapped(&world, "create_deal", fields).await;
    let long = "x".repeat(10_000);
    for (change, target, reason) in [
        (json!({"email": null}), "contact.email", "missing"),
        (json!({"email": ["a", {}]}), "contact.email", "wrong_type"),
        (json!({"email": "ana@"}), "contact.email", "invalid_email"),
        (json!({"email": "ana example.com"}), "contact.email", "invalid_email"),
        (json!({"phone": "123"}), "contact.phone", "invalid_phone"),
        (json!({"phone": "ligue já"}), "contact.phone", "invalid_phone"),
        (json!({"name": {"first": "Ana"}}), "contact.name", "wrong_type"),
        (json!({"name": long}), "contact.name", "too_long"),
        (json!({"value": "muito"}), "deal.value", "invalid_number"),
        (json!({"value": true}), "deal.value", "wrong_type"),
        (json!({"stage": "Nenhuma"}), "deal.stage", "unknown_stage"),
        (json!({"status": "talvez"}), "deal.status", "unknown_status"),
    ] {
        let mut body = json!({"name": "Ana", "email": "ana@example.com", "title": "Um"});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let view = json(&world, &to, body).await;
        failed(&view, "mapping_failed", &[("field", target), ("reason", reason)]);
        let (english, portuguese) = sentences(&world, &to, &view).await;
        assert!(english.contains(target) && portuguese.contains(target), "{english}");
        assert_ne!(english, portuguese);
    }
    nothing_made(&world, &to).await;
}

#[tokio::test]
async fn in_32_values_are_normalised_and_every_script_is_kept() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    for (name, email, phone, seen_email, seen_phone) in [
        ("Ana 🪝", " Ana@Example.COM ", "+55 (11) 98765-4321", "ana@example.com", "+5511987654321"),
        (
            "שלום עולם",
            "shalom@example.com",
            "(21) 99876-5432",
            "shalom@example.com",
            "+5521998765432",
        ),
        ("\u{202e}مرحبا", "m@example.com", "0055 11 3456-7890", "m@example.com", "+551134567890"),
        ("李小龍", "li@例え.jp", "+1 (415) 555-2671", "li@例え.jp", "+14155552671"),
        ("  Zé  ", "ze@example.com", "11 8765-4321", "ze@example.com", "+5511987654321"),
    ] {
        let world = if email.starts_with("ze") { &World::new().await } else { &world };
        let to =
            &(if email.starts_with("ze") { world.inbound(json!({})).await } else { to.clone() });
        let view = json(world, to, json!({"name": name, "email": email, "phone": phone})).await;
        succeeded(&view);
        let path = format!("/v1/contacts/{}", view["contact"]["id"].as_str().unwrap());
        let contact = world.get(&path).await.expect(200);
        assert_eq!(contact["name"], name.trim());
        assert_eq!(contact["email"], seen_email);
        assert_eq!(contact["phone"], seen_phone);
    }
}

#[tokio::test]
async fn in_33_d10_the_e_mails_contact_wins_over_the_phones_and_one_deal_is_touched() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let ana = json!({"email": "ana@example.com", "phone": "+5511911111111", "title": "A"});
    let bia = json!({"email": "bia@example.com", "phone": "+5511922222222", "title": "B"});
    let first = json(&world, &to, ana).await;
    let second = json(&world, &to, bia).await;
    for round in 1..=3 {
        let both = json!({
            "email": "ana@example.com", "phone": "+5511922222222", "title": format!("Nº {round}"),
        });
        let view = json(&world, &to, both).await;
        succeeded(&view);
        assert_eq!(warnings(&view), ["contact_conflict"]);
        assert_eq!(view["deal"]["id"], first["deal"]["id"]);
        assert_eq!(view["contact"]["id"], first["contact"]["id"]);
    }
    let deals = world.deals(&to.origin).await;
    assert_eq!(deals.len(), 2);
    let titled = |view: &Value| {
        deals.iter().find(|deal| deal["id"] == view["deal"]["id"]).unwrap()["title"].clone()
    };
    assert_eq!((titled(&first), titled(&second)), (json!("Nº 3"), json!("B")));
    let contacts = world.contacts().await;
    let phone = |view: &Value| {
        contacts.iter().find(|it| it["id"] == view["contact"]["id"]).unwrap()["phone"].clone()
    };
    assert_eq!(phone(&first), "+5511911111111");
    assert_eq!(phone(&second), "+5511922222222");
}

#[tokio::test]
async fn s1_5_a_webhook_is_pending_then_success_or_error() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let held = world.host.faults().on("*").function("process").always().hold_before();
    let mut ids = Vec::new();
    for body in [r#"{"email":"ana@example.com"}"#, "{"] {
        let sent = world.send(&to, body).await.expect(200);
        ids.push(sent["id"].as_str().unwrap().to_owned());
    }
    held.reached().await;
    let items = world.webhooks(&to.origin, "").await["items"].clone();
    let statuses = |items: &Value| -> Vec<Value> {
        items.as_array().unwrap().iter().map(|item| item["status"].clone()).collect()
    };
    assert_eq!(statuses(&items), ["pending", "pending"]);
    assert!(items[0]["error"].is_null());
    world.host.faults().clear();
    world.settle().await;
    assert_eq!(world.webhook(&to, &ids[0]).await["status"], "success");
    assert_eq!(world.webhook(&to, &ids[1]).await["status"], "error");
    let listed = world.webhooks(&to.origin, "?status=pending").await;
    assert_eq!(statuses(&listed["items"]), Vec::<Value>::new());
}

#[tokio::test]
async fn s3_3_integrations_create_and_update_contacts_alone() {
    let world = World::new().await;
    let create = world.inbound(json!({"action": "create_contact"})).await;
    let update = beside(&world, &create, json!({"action": "update_contact"})).await;
    let either = beside(&world, &create, json!({"action": "create_or_update_contact"})).await;
    let ana = |name: &str| json!({"name": name, "email": "ana@example.com"});

    failed(&json(&world, &update, ana("Ana")).await, "no_matching_contact", &[]);
    let view = json(&world, &create, ana("Ana")).await;
    succeeded(&view);
    assert_eq!((&view["contact"]["action"], &view["deal"]), (&json!("created"), &Value::Null));
    failed(&json(&world, &create, ana("Ana 2")).await, "contact_exists", &[]);
    assert_eq!(json(&world, &update, ana("Ana 3")).await["contact"]["action"], "updated");
    assert_eq!(json(&world, &either, ana("Ana 3")).await["contact"]["action"], "unchanged");
    let bia = json!({"name": "Bia", "phone": "11 91234-5678"});
    assert_eq!(json(&world, &either, bia).await["contact"]["action"], "created");
    failed(&json(&world, &either, json!({"name": "Ninguém"})).await, "contact_required", &[]);

    let mut names: Vec<Value> =
        world.contacts().await.iter().map(|contact| contact["name"].clone()).collect();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, ["Ana 3", "Bia"]);
    assert_eq!(world.deals(&create.origin).await, Vec::<Value>::new());
}

#[tokio::test]
async fn s3_4_create_deal_always_creates_a_new_one() {
    let world = World::new().await;
    let to = anything(&world).await;
    for _ in 0..3 {
        let view = json(&world, &to, json!({"email": "ana@example.com", "title": "Um"})).await;
        succeeded(&view);
        assert_eq!(view["deal"]["action"], "created");
    }
    assert_eq!(world.deals(&to.origin).await.len(), 3);
    assert_eq!(world.contacts().await.len(), 1);
}

#[tokio::test]
async fn s3_5_d8_update_deal_creates_nothing_and_can_be_reprocessed_after_the_deal_exists() {
    let world = World::new().await;
    let update = world.inbound(json!({"action": "update_deal"})).await;
    let create = beside(&world, &update, json!({"action": "create_deal"})).await;
    let ana = |title: &str| json!({"email": "ana@example.com", "title": title});
    let early = json(&world, &update, ana("Novo título")).await;
    failed(&early, "no_matching_deal", &[]);
    nothing_made(&world, &update).await;
    failed(&json(&world, &update, json!({"title": "Sem contato"})).await, "contact_required", &[]);

    let created = json(&world, &create, ana("Um")).await;
    let id = early["id"].as_str().unwrap();
    let path = format!("/v1/origins/{}/webhooks/{id}/reprocess", update.origin);
    let response = world.post(&path, json!({})).await;
    assert!(response.status.is_success(), "{}", response.text());
    world.settle().await;
    let view = world.webhook(&update, id).await;
    succeeded(&view);
    assert_eq!(view["deal"], json!({"id": created["deal"]["id"], "action": "updated"}));
    let deals = world.deals(&update.origin).await;
    assert_eq!((deals.len(), &deals[0]["title"]), (1, &json!("Novo título")));
}

#[tokio::test]
async fn s3_6_create_or_update_creates_once_and_updates_from_then_on() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let mut seen = Vec::new();
    for (title, value) in [("Um", 10), ("Dois", 20), ("Dois", 20)] {
        let body = json!({"email": "ana@example.com", "title": title, "value": value});
        seen.push(json(&world, &to, body).await["deal"].clone());
    }
    let action: Vec<&Value> = seen.iter().map(|deal| &deal["action"]).collect();
    assert_eq!(action, ["created", "updated", "unchanged"]);
    let deals = world.deals(&to.origin).await;
    assert_eq!(deals.len(), 1);
    assert_eq!((&deals[0]["title"], &deals[0]["value"]), (&json!("Dois"), &json!("20")));
    assert!(seen.iter().all(|deal| deal["id"] == deals[0]["id"]));
}

#[tokio::test]
async fn s3_7_a_deal_exists_if_its_contact_is_found_in_the_origin_by_e_mail_or_phone() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let elsewhere = world.inbound(json!({})).await;
    let first = json!({"email": "ana@example.com", "phone": "11 91234-5678", "title": "Um"});
    let first = json(&world, &to, first).await;
    for body in [
        json!({"email": "ANA@example.com"}),
        json!({"phone": "+55 11 91234-5678"}),
        json!({"email": "ana@example.com", "phone": "(11) 91234-5678"}),
    ] {
        let view = json(&world, &to, body).await;
        assert_eq!(view["deal"]["id"], first["deal"]["id"]);
    }
    // The same contact has no deal in another origin yet.
    let other = json(&world, &elsewhere, json!({"email": "ana@example.com"})).await;
    assert_eq!(other["deal"]["action"], "created");
    assert_eq!(other["contact"]["id"], first["contact"]["id"]);
    assert_eq!(world.contacts().await.len(), 1);
    assert_eq!(world.deals(&to.origin).await.len(), 1);
    assert_eq!(world.deals(&elsewhere.origin).await.len(), 1);
}

#[tokio::test]
async fn d10_the_newest_open_deal_counts_else_the_newest_of_any_status() {
    let world = World::new().await;
    let create = anything(&world).await;
    let update = beside(&world, &create, json!({"action": "update_deal"})).await;
    let ana = || json!({"email": "ana@example.com", "title": "Um"});
    let mut created = Vec::new();
    for _ in 0..3 {
        created.push(json(&world, &create, ana()).await["deal"]["id"].clone());
        world.advance(jiff::SignedDuration::from_secs(1));
    }
    for (close, expected) in [(None, 2), (Some(2), 1), (Some(1), 0), (Some(0), 2)] {
        if let Some(index) = close {
            let id: &Value = &created[index];
            let path = format!("/v1/deals/{}", id.as_str().unwrap());
            world.patch(&path, json!({"status": "won"})).await.expect(200);
        }
        let view = json(&world, &update, ana()).await;
        assert_eq!(view["deal"]["id"], created[expected], "after closing {close:?}");
    }
}

/// The id of a stage of an origin.
async fn stage(world: &World, to: &Inbound, name: &str) -> Value {
    let origin = world.get(&format!("/v1/origins/{}", to.origin)).await.expect(200);
    let stages = origin["stages"].as_array().unwrap();
    stages.iter().find(|stage| stage["name"] == name).unwrap()["id"].clone()
}

#[tokio::test]
async fn s3_9_deals_get_the_integrations_tag_stage_and_status() {
    let world = World::new().await;
    let settings = json!({"tag": "site", "stage": "Proposta enviada", "status": "won"});
    let to = world.inbound(settings).await;
    let plain = world.inbound(json!({})).await;
    json(&world, &to, json!({"email": "ana@example.com"})).await;
    let deal = &world.deals(&to.origin).await[0];
    assert_eq!(deal["tags"], json!(["site"]));
    assert_eq!(deal["stage"], stage(&world, &to, "Proposta enviada").await);
    assert_eq!(deal["status"], "won");
    // Without these settings it starts at the first stage, open.
    json(&world, &plain, json!({"email": "ana@example.com"})).await;
    let deal = &world.deals(&plain.origin).await[0];
    assert_eq!((&deal["tags"], &deal["status"]), (&json!([]), &json!("open")));
    assert_eq!(deal["stage"], stage(&world, &plain, "Novo").await);
}

#[tokio::test]
async fn d17_an_empty_value_erases_nothing_and_tags_add() {
    let world = World::new().await;
    let fields = json!([
        field("contact.name", "$.name"),
        field("contact.email", "$.email"),
        field("contact.phone", "$.phone"),
        field("contact.custom.cidade", "$.city"),
        field("deal.title", "$.title"),
        field("deal.value", "$.value"),
        field("deal.tags", "$.tags"),
        field("deal.custom.cor", "$.colour"),
    ]);
    let to = mapped(&world, "create_or_update_deal", fields).await;
    let full = json!({
        "name": "Ana", "email": "ana@example.com", "phone": "11 91234-5678", "city": "Recife",
        "title": "Um", "value": "10.50", "tags": ["a"], "colour": "azul",
    });
    json(&world, &to, full).await;
    let bare = |value: &Value| {
        let mut bare = value.as_object().unwrap().clone();
        for changing in ["version", "updated_at", "tags"] {
            bare.remove(changing);
        }
        bare
    };
    let (contact, deal) = (world.contacts().await, world.deals(&to.origin).await);
    for empty in [
        json!({"email": "ana@example.com", "tags": ["b"]}),
        json!({"email": "ana@example.com", "name": "", "phone": null, "city": " ", "title": "",
            "value": "", "tags": [], "colour": null}),
        json!({"email": "ana@example.com", "tags": "c"}),
    ] {
        succeeded(&json(&world, &to, empty).await);
    }
    assert_eq!(bare(&world.contacts().await[0]), bare(&contact[0]));
    let after = world.deals(&to.origin).await;
    assert_eq!(bare(&after[0]), bare(&deal[0]));
    assert_eq!(after[0]["tags"], json!(["a", "b", "c"]));
}

#[tokio::test]
async fn d17_a_mapped_stage_beats_the_integrations_which_may_be_for_new_deals_only() {
    let world = World::new().await;
    let to = world.inbound(json!({"stage": "Proposta enviada", "status": "open"})).await;
    let mut ids = Vec::new();
    for name in ["Novo", "Proposta enviada", "Fechado"] {
        ids.push(stage(&world, &to, name).await);
    }
    let at = |body: Value| {
        let (world, to) = (&world, &to);
        async move {
            succeeded(&json(world, to, body).await);
            world.deals(&to.origin).await[0]["stage"].clone()
        }
    };
    let ana = json!({"email": "ana@example.com"});
    let moved = |stage: &str| json!({"email": "ana@example.com", "stage": stage});
    assert_eq!(at(ana.clone()).await, ids[1]);
    assert_eq!(at(moved("fechado")).await, ids[2], "the mapped one, by name in any case");
    assert_eq!(at(moved(ids[0].as_str().unwrap())).await, ids[0], "or by id");
    assert_eq!(at(ana.clone()).await, ids[1], "every webhook moves it");

    change(&world, &to, json!({"stage_on_update": "only_on_create"})).await;
    assert_eq!(at(moved("Fechado")).await, ids[2]);
    assert_eq!(at(ana).await, ids[2], "only a new deal gets the integration's stage");
}
