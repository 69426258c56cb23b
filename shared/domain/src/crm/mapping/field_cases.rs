//! Bodies of real senders: texts that are read, conditions and templates, and their bounds.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    common::{code::Code, expression::Budget, ids::OriginId},
    inbound::{
        origin::Origin,
        payload::{Kind, Parsed},
        webhook::Remark,
    },
};

fn compile(definition: Value) -> CompiledMapping {
    CompiledMapping::compile(&serde_json::from_value(definition).unwrap()).unwrap()
}

fn parsed(kind: Kind, body: Value) -> Parsed {
    Parsed { kind, body, query: json!({}), warnings: Vec::new() }
}

/// The body after a mapping's reads, and their result.
fn prepared(definition: Value, kind: Kind, body: Value) -> (Value, Prepared) {
    let mut parsed = parsed(kind, body);
    let prepared = compile(definition).prepare(&mut parsed, &mut Budget::WHOLE.clone());
    (parsed.body, prepared)
}

fn filled(definition: Value, body: Value) -> Mapped {
    let origin = Origin {
        id: OriginId::new(jiff::Timestamp::UNIX_EPOCH, &[1; 10]),
        name: "Vendas".to_owned(),
        stages: Vec::new(),
        read_shards: 1,
        write_shards: 1,
        version: 1,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        updated_at: jiff::Timestamp::UNIX_EPOCH,
    };
    let custom_fields = BTreeMap::new();
    let context = Context {
        default_region: "BR",
        zone: &TimeZone::UTC,
        custom_fields: &custom_fields,
        origin: &origin,
    };
    let (mapping, mut budget) = (compile(definition), Budget::WHOLE);
    let mut parsed = parsed(Kind::Json, body);
    mapping.prepare(&mut parsed, &mut budget);
    mapping.apply(&parsed, &context, &mut budget)
}

fn reasons(prepared: &Prepared) -> Vec<&str> {
    prepared.warnings.iter().map(|it| it.params["reason"].as_str()).collect()
}

#[test]
fn fc_16_the_json_of_a_field_takes_the_place_of_the_body() {
    let read = json!({"read": [{"path": "$.payload", "as": "json", "as_body": true}]});
    let form = json!({"payload": "{\"a\": {\"b\": 1}}", "x": "1"});
    let (body, result) = prepared(read.clone(), Kind::Form, form);
    assert_eq!((body, result.warnings), (json!({"a": {"b": 1}}), Vec::new()));
    for other in [json!({"payload": ""}), json!({"payload": {"a": 1}}), json!({"a": 1}), json!([])]
    {
        let (body, result) = prepared(read.clone(), Kind::Json, other.clone());
        assert_eq!((body, result.warnings), (other, Vec::new()));
    }
}

#[test]
fn fc_20_texts_are_read_in_their_places_and_in_their_order() {
    let read = json!({"read": [
        {"path": "$.items[*].raw", "as": "base64"},
        {"path": "$.items[*].raw", "as": "json"},
        {"path": "$.query", "as": "form"},
    ]});
    let body = json!({"items": [{"raw": "eyJhIjoxfQ=="}, {"raw": 7}, {"raw": "W10="}], "query": "a=1&b[]=2"});
    let (body, result) = prepared(read, Kind::Json, body);
    assert_eq!(
        body,
        json!({"items": [{"raw": {"a": 1}}, {"raw": 7}, {"raw": []}], "query": {"a": "1", "b": ["2"]}})
    );
    assert_eq!((result.warnings, result.is_taken), (Vec::new(), Ok(true)));
}

#[test]
fn fc_20_a_text_that_cannot_be_read_stays_and_is_a_warning() {
    let read = json!({"read": [{"path": "$.l[*]", "as": "json"}]});
    let (body, result) = prepared(read, Kind::Json, json!({"l": ["{", "[1]", "}"]}));
    assert_eq!(body, json!({"l": ["{", [1], "}"]}));
    let expected = Remark::new(Code::TextUnreadable).with("path", "$.l[*]");
    assert_eq!(result.warnings, [expected.with("format", "json").with("reason", "syntax")]);
}

#[test]
fn fc_20_texts_are_bounded_in_depth_values_and_work() {
    let nested = (0..60).fold(json!("[[1]]"), |inner, _| json!([inner]));
    let read = json!({"read": [{"path": "$..*", "as": "json"}]});
    let (_, result) = prepared(read.clone(), Kind::Json, json!({"a": nested}));
    assert_eq!(result.warnings, Vec::new());
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let nested = (0..60).fold(json!(deep), |inner, _| json!([inner]));
    let (_, result) = prepared(read.clone(), Kind::Json, json!({"a": nested}));
    assert_eq!(reasons(&result), ["too_deep"]);

    let many = format!("[{}1]", "1,".repeat(60_000));
    let (body, result) = prepared(read.clone(), Kind::Json, json!([many, many]));
    assert_eq!(reasons(&result), ["too_many"]);
    assert_eq!([body[0].is_array(), body[1].is_array()], [true, false]);

    let long = " ".repeat(12 * 1024 * 1024) + "1";
    let (_, result) = prepared(read, Kind::Json, json!([long, long, long]));
    let remark = Remark::new(Code::MappingTooCostly).with("path", "$..*");
    assert_eq!(result.is_taken, Err(remark));
}

#[test]
fn fc_20_a_template_fills_a_field_and_goes_through_its_transforms() {
    let template = |rest: Value| {
        let mut field = json!({"target": "contact.name", "template": "{{n.a}} {{$.n.b}}"});
        field.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        json!({ "fields": [field] })
    };
    let upper = template(json!({"transforms": [{"type": "upper"}]}));
    let name = |definition: &Value, body: Value| filled(definition.clone(), body).contact.name;
    assert_eq!(name(&upper, json!({"n": {"a": "Rute", "b": "Sá"}})).as_deref(), Some("RUTE SÁ"));
    assert_eq!(name(&upper, json!({"n": {"a": "Rute"}})).as_deref(), Some("RUTE"));
    let default = template(json!({"default": "Sem nome"}));
    assert_eq!(name(&default, json!({"n": {}})).as_deref(), Some("Sem nome"));
    let required = filled(template(json!({"required": true})), json!({"n": {}}));
    assert_eq!(required.problems[0].reason, ProblemReason::Missing);
    let object = filled(template(json!({})), json!({"n": {"a": {}, "b": "x"}}));
    assert_eq!(object.warnings[0].reason, ProblemReason::WrongType);
}

#[test]
fn fc_25_a_mapping_of_the_whole_body_keeps_xml_as_text() {
    let text = json!("<a><b>1</b></a>");
    let whole = json!({"fields": [{"target": "deal.title", "path": "$"}]});
    assert_eq!(prepared(whole, Kind::Xml, text.clone()).0, text);
    let below = json!({"fields": [{"target": "deal.title", "path": "$.a.b"}]});
    assert_eq!(prepared(below, Kind::Xml, text.clone()).0, json!({"a": {"b": "1"}}));
    let slot = json!({"fields": [{"target": "deal.title", "template": "{{a.b}}"}]});
    assert_eq!(prepared(slot, Kind::Xml, text).0, json!({"a": {"b": "1"}}));
}

#[test]
fn fc_26_soap_is_read_by_local_names() {
    let soap = "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\
                <notifications xmlns=\"http://soap.sforce.com/2005/09/outbound\"><Notification><Id>04l1</Id>\
                <sObject xmlns:sf=\"urn:s\"><sf:Email>alba@exemplo.test</sf:Email></sObject></Notification>\
                <Notification><Id>04l2</Id><sObject><sf:Email>beto@exemplo.test</sf:Email></sObject>\
                </Notification></notifications></soapenv:Body></soapenv:Envelope>";
    let keys = json!({"keys": ["$.Envelope.Body.notifications.Notification[*].Id"]});
    let (body, _) = prepared(keys, Kind::Xml, json!(soap));
    let list = &body["Envelope"]["Body"]["notifications"]["Notification"];
    assert_eq!(list[0]["sObject"]["Email"], "alba@exemplo.test");
    assert_eq!(list[1], json!({"Id": "04l2", "sObject": {"Email": "beto@exemplo.test"}}));
}

#[test]
fn fc_27_a_condition_decides_on_what_was_read() {
    let definition = json!({
        "read": [{"path": "$.raw", "as": "json"}],
        "only_if": {"is": {"path": "raw.ok", "op": "eq", "value": true}},
    });
    let taken = |body: Value| prepared(definition.clone(), Kind::Json, body).1.is_taken;
    assert_eq!(taken(json!({"raw": "{\"ok\": true}"})), Ok(true));
    assert_eq!(taken(json!({"raw": "{\"ok\": false}"})), Ok(false));
    assert_eq!(taken(json!({"raw": "{"})), Ok(false));
    let mut spent = Budget { steps: 1, nodes: 10, bytes: 10 };
    let alone = compile(json!({"only_if": {"is": {"path": "a.b", "op": "exists"}}}));
    let result = alone.prepare(&mut parsed(Kind::Json, json!({"a": {}})), &mut spent);
    assert_eq!(result.is_taken, Err(Remark::new(Code::ConditionTooCostly)));
}

proptest! {
    #[test]
    fn no_text_makes_a_preparation_panic(
        text in "\\PC{0,60}|[<>/&;a\\[\\]{}\":,0-9= -]{0,60}",
        format in prop::sample::select(&["json", "form", "xml", "base64"][..]),
        path in prop::sample::select(&["$", "$.a", "$.a[*]", "$..*"][..]),
        as_body in any::<bool>(),
    ) {
        let read = json!({"path": path, "as": format, "as_body": as_body});
        let definition = json!({ "read": [read, read] });
        for body in [json!(text), json!({"a": text}), json!({"a": [text, {"a": text}]})] {
            for kind in [Kind::Json, Kind::Xml] {
                let (_, result) = prepared(definition.clone(), kind, body.clone());
                prop_assert_eq!(result.is_taken, Ok(true));
            }
        }
    }
}
