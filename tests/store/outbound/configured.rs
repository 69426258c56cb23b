//! Endpoints, rules and workspaces.

use gancho_domain::{
    common::{ids::RuleId, workspace::Workspace},
    outbound::{endpoint::Endpoint, rule::Rule},
};
use gancho_store::{
    StoreError,
    config_write::{ApiKey, Writing},
};
use serde_json::json;

use super::{block_on, chance, endpoint, now, store, token, workspace, world};

fn an_endpoint(name: &str) -> Endpoint {
    let policy = gancho_domain::outbound::endpoint::Preset::RdStation.policy();
    serde_json::from_value(json!({
        "id": endpoint(), "name": name, "url": "https://hooks.example.com/x",
        "secret": { "current": "whsec_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
        "policy": policy, "version": 1, "created_at": now(), "updated_at": now(),
    }))
    .unwrap()
}

fn a_rule(name: &str) -> Rule {
    serde_json::from_value(json!({
        "id": RuleId::new(now(), &chance()), "name": name, "active": true,
        "filter": { "types": ["deal.created"] }, "target": { "endpoint": endpoint() },
        "method": "POST", "body": "standard",
        "version": 1, "created_at": now(), "updated_at": now(),
    }))
    .unwrap()
}

#[test]
fn te_06_of_two_concurrent_changes_of_an_endpoint_one_fails() {
    block_on(async {
        let (store, ws) = (store(), workspace());
        let first = an_endpoint("first");
        store.put_endpoint(ws, &first, None, &token()).await.unwrap();
        let again = store.put_endpoint(ws, &first, None, &token()).await;
        assert!(matches!(again, Err(StoreError::Condition)), "{again:?}");
        let second = Endpoint { name: "second".to_owned(), version: 2, ..first.clone() };
        let writer = token();
        world().1.faults().on("TransactWriteItems").containing(&writer).post_err();
        store.put_endpoint(ws, &second, Some(1), &writer).await.unwrap();
        let late = store.put_endpoint(ws, &first, Some(1), &token()).await;
        assert!(matches!(late, Err(StoreError::Condition)), "{late:?}");
        let found = store.endpoint(ws, first.id).await.unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.version), ("second", 2));
        let stale = store.delete_endpoint(ws, &first).await;
        assert!(matches!(stale, Err(StoreError::Condition)), "{stale:?}");
        for _ in 0..2 {
            store.delete_endpoint(ws, &second).await.unwrap();
        }
        assert!(store.endpoint(ws, first.id).await.unwrap().is_none());
        let name = store.deleted_endpoint(ws, first.id).await.unwrap();
        assert_eq!(name.as_deref(), Some("second"), "D20");
        assert!(store.endpoints(ws).await.unwrap().is_empty());
    });
}

#[test]
fn every_version_of_a_rule_is_kept_and_the_list_shows_the_last() {
    block_on(async {
        let (store, ws) = (store(), workspace());
        let (one, other) = (a_rule("one"), a_rule("other"));
        store.put_rule(ws, &other, None, &token()).await.unwrap();
        store.put_rule(ws, &one, None, &token()).await.unwrap();
        let second = Rule { name: "second".to_owned(), version: 2, ..one.clone() };
        store.put_rule(ws, &second, Some(1), &token()).await.unwrap();
        let lost = Rule { name: "lost".to_owned(), version: 2, ..one.clone() };
        let late = store.put_rule(ws, &lost, Some(1), &token()).await;
        assert!(matches!(late, Err(StoreError::Condition)), "{late:?}");
        let mut names: Vec<_> =
            store.rules(ws).await.unwrap().into_iter().map(|rule| rule.name).collect();
        names.sort();
        assert_eq!(names, ["other", "second"]);
        store.delete_rule(ws, &second).await.unwrap();
        assert!(store.rule(ws, one.id).await.unwrap().is_none());
        for (version, name) in [(1, Some("one")), (2, Some("second")), (3, None)] {
            let found = store.rule_version(ws, one.id, version).await.unwrap();
            assert_eq!(found.map(|rule| rule.name).as_deref(), name);
        }
        assert_eq!(store.deleted_rule(ws, one.id).await.unwrap().as_deref(), Some("second"));
        assert_eq!(store.deleted_rule(ws, other.id).await.unwrap(), None);
    });
}

#[test]
fn every_workspace_is_found() {
    block_on(async {
        let (store, ws) = (store(), workspace());
        let workspace: Workspace = serde_json::from_value(json!({
            "id": ws, "name": "Loja", "time_zone": "America/Sao_Paulo", "default_region": "BR",
            "inbound_months": 3, "secret": "x", "version": 1,
            "created_at": now(), "updated_at": now(),
        }))
        .unwrap();
        let key: ApiKey = serde_json::from_value(json!({
            "id": gancho_domain::common::ids::KeyId::new(now(), &chance()), "name": "first",
            "role": "admin", "hash": "x", "version": 1, "created_at": now(),
        }))
        .unwrap();
        assert!(!store.all_workspaces().await.unwrap().contains(&ws));
        store.create_workspace(&workspace, &key, Writing { ws, writer: "w" }).await.unwrap();
        store.put_endpoint(ws, &an_endpoint("x"), None, "w").await.unwrap();
        let all = store.all_workspaces().await.unwrap();
        assert_eq!(all.iter().filter(|found| **found == ws).count(), 1);
    });
}
