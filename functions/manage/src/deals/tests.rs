use gancho_domain::{crm::SourceTimes, inbound::origin::Stage};
use serde_json::json;

use super::*;

fn origin() -> Origin {
    let stage = |n: u8, name: &str| Stage { id: StageId::from_bytes([n; 16]), name: name.into() };
    Origin {
        id: OriginId::from_bytes([1; 16]),
        name: "Loja".into(),
        stages: vec![stage(1, "Novo"), stage(2, "Venda")],
        read_shards: 1,
        write_shards: 1,
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn deal() -> Deal {
    Deal {
        id: DealId::from_bytes([9; 16]),
        origin: origin().id,
        contact: None,
        title: "Ana".into(),
        value: Some("10.00".into()),
        stage: StageId::from_bytes([1; 16]),
        status: DealStatus::Open,
        tags: ["a".to_owned()].into(),
        custom: BTreeMap::from([("old".to_owned(), json!("kept"))]),
        source_times: SourceTimes::default(),
        version: 3,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn patched(patch: &Value) -> Result<Deal, (String, String)> {
    let kinds = [
        ("segment", FieldKind::Text),
        ("seats", FieldKind::Number),
        ("since", FieldKind::Date),
        ("vip", FieldKind::Boolean),
    ];
    let field = |kind| CustomField { label: "x".into(), entity: Entity::Deal, kind };
    let fields = kinds.into_iter().map(|(key, kind)| (key.to_owned(), field(kind))).collect();
    let changes = patch.as_object().cloned().unwrap();
    patch::over::<Settings>(patch::object(&DealSettings::of(&deal())).unwrap(), changes)
        .and_then(|settings| settings.into_deal(&origin(), &fields, &deal()))
        .map_err(|error| (error.params["path"].clone(), error.params["reason"].clone()))
}

#[test]
fn what_is_not_named_stays() {
    assert_eq!(patched(&json!({})), Ok(deal()));
    let changed = patched(&json!({
        "stage": "venda",
        "status": "won",
        "value": 1234.56,
        "custom": {"seats": 3, "since": "2026-11-21", "vip": true, "segment": "SMB"},
        "tags": ["b", "a"],
    }));
    let changed = changed.unwrap();
    assert_eq!(changed.stage, StageId::from_bytes([2; 16]));
    assert_eq!(changed.status, DealStatus::Won);
    assert_eq!(changed.custom["old"], "kept");
    assert_eq!(changed.custom.len(), 5);
    assert_eq!(patched(&json!({"value": null, "custom": {"old": null}})).unwrap().value, None);
}

#[test]
fn in_04_a_value_keeps_its_digits() {
    let text = r#"{"value": 12345678901234567890123.10}"#;
    let changed = patched(&serde_json::from_str(text).unwrap()).unwrap();
    assert_eq!(changed.value.as_deref(), Some("12345678901234567890123.10"));
}

#[test]
fn te_05_what_is_wrong_is_named() {
    let table = [
        (json!({"stage": "Nada"}), "stage", "unknown_stage"),
        (json!({"stage": null}), "stage", "required"),
        (json!({"status": "ganho"}), "status", "unknown_value"),
        (json!({"title": ""}), "title", "required"),
        (json!({"title": "a\u{0}b"}), "title", "nul"),
        (json!({"value": "1e5"}), "value", "invalid_number"),
        (json!({"value": "12,5"}), "value", "invalid_number"),
        (json!({"value": []}), "value", "wrong_type"),
        (json!({"id": "x"}), "id", "unknown_field"),
        (json!({"custom": {"nope": 1}}), "custom.nope", "unknown_field"),
        (json!({"custom": {"a#b": 1}}), "custom.a#b", "unknown_field"),
        (json!({"custom": {"seats": "3"}}), "custom.seats", "wrong_type"),
        (json!({"custom": {"since": "21/11/2026"}}), "custom.since", "invalid_date"),
        (json!({"tags": [1]}), "tags[0]", "wrong_type"),
    ];
    for (patch, path, reason) in table {
        assert_eq!(patched(&patch), Err((path.to_owned(), reason.to_owned())));
    }
}
