use std::{collections::BTreeMap, sync::LazyLock, time::Instant};

use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    common::{
        code::{Code, Language, message},
        expression::Budget,
        ids::{OriginId, StageId},
        workspace::{CustomField, Entity, FieldKind},
    },
    crm::DealStatus,
    inbound::{
        origin::{Origin, Stage},
        payload::{self, Kind, NODES_MAX, Parsed},
    },
};

fn custom_fields() -> BTreeMap<String, CustomField> {
    let field = |key: &str, entity, kind| {
        (key.to_owned(), CustomField { label: key.to_owned(), entity, kind })
    };
    BTreeMap::from([
        field("budget", Entity::Deal, FieldKind::Number),
        field("due", Entity::Deal, FieldKind::Date),
        field("vip", Entity::Contact, FieldKind::Boolean),
        field("cpf", Entity::Contact, FieldKind::Text),
    ])
}

/// An origin with the stages of the samples.
static ORIGIN: LazyLock<Origin> = LazyLock::new(|| {
    let stage = |(n, name): (u8, &&str)| Stage {
        id: StageId::new(Timestamp::UNIX_EPOCH, &[n; 10]),
        name: (*name).to_owned(),
    };
    Origin {
        id: OriginId::new(Timestamp::UNIX_EPOCH, &[1; 10]),
        name: "Vendas".to_owned(),
        stages: (1..).zip(&["Novo", "Proposta enviada"]).map(stage).collect(),
        read_shards: 1,
        write_shards: 1,
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
});

fn context<'c>(
    zone: &'c TimeZone,
    custom_fields: &'c BTreeMap<String, CustomField>,
) -> Context<'c> {
    Context { default_region: "BR", zone, custom_fields, origin: &ORIGIN }
}

fn compile(definition: Value) -> Result<CompiledMapping, MappingError> {
    CompiledMapping::compile(&serde_json::from_value(definition).unwrap())
}

fn apply(definition: Value, parsed: &Parsed) -> Mapped {
    let zone = TimeZone::get("America/Sao_Paulo").unwrap();
    let fields = custom_fields();
    let context = context(&zone, &fields);
    compile(definition).unwrap().apply(parsed, &context, &mut Budget::WHOLE.clone())
}

fn tree(body: Value) -> Parsed {
    Parsed { kind: Kind::Json, body, query: json!({}), warnings: Vec::new() }
}

fn text(body: &str) -> Parsed {
    let request = payload::Request {
        content_types: &["application/json"],
        body: body.as_bytes(),
        ..payload::Request::default()
    };
    payload::parse(&request).unwrap()
}

fn form(body: &str) -> Parsed {
    let content_types = &["application/x-www-form-urlencoded"][..];
    let request = payload::Request { content_types, body: body.as_bytes(), ..Default::default() };
    payload::parse(&request).unwrap()
}

/// The value of one field, or its problem or warning.
fn one(field: impl std::borrow::Borrow<Value>, body: Value) -> Result<Value, ProblemReason> {
    let field = field.borrow();
    let target = field["target"].as_str().unwrap().to_owned();
    let mapped = apply(json!({ "fields": [field] }), &tree(body));
    if let Some(problem) = mapped.problems.first().or(mapped.warnings.first()) {
        assert_eq!(problem.target.as_ref().map(ToString::to_string), Some(target));
        return Err(problem.reason);
    }
    let whole = serde_json::to_value(&mapped).unwrap();
    let pointer = format!("/{}", target.replace('.', "/"));
    Ok(whole.pointer(&pointer).cloned().unwrap_or(Value::Null))
}

fn at(target: &str, path: &str) -> Value {
    json!({ "target": target, "path": path })
}

fn refused(definition: Value) -> (Code, String, String) {
    let error = compile(definition).unwrap_err();
    (error.code, error.path, error.params.get("reason").cloned().unwrap_or_default())
}

#[test]
fn a_definition_reads_and_writes_as_the_api_shows_it() {
    let definition = json!({
        "fields": [{
            "target": "contact.email", "from": "body", "path": "$.data.buyer.email",
            "default": "x@example.com", "required": true,
            "transforms": [{"type": "trim"}, {"type": "join", "separator": " "},
                           {"type": "number", "format": "br"}],
        }],
        "keys": ["$.order"],
    });
    let mapping: Mapping = serde_json::from_value(definition.clone()).unwrap();
    assert_eq!(serde_json::to_value(&mapping).unwrap(), definition);
    let null = json!({"fields": [{"target": "deal.title", "path": "$.a", "default": null, "from": "query"}]});
    assert_eq!(serde_json::from_value::<Mapping>(null).unwrap().fields[0].default, None);
    for odd in [
        json!({"fields": [], "oops": 1}),
        json!({"fields": [{"target": "deal.title", "pth": "$.a"}]}),
        json!({"fields": [{"target": "deal.title", "transforms": [{"type": "explode"}]}]}),
        json!({"fields": [{"target": "deal.title", "transforms": [{"type": "trim", "x": 1}]}]}),
    ] {
        assert!(serde_json::from_value::<Mapping>(odd.clone()).is_err(), "{odd}");
    }
}

#[test]
fn a_constant_keeps_its_digits_through_the_definition() {
    let text = r#"{"fields":[{"target":"deal.value","constant":497.90}]}"#;
    let mapping: Mapping = serde_json::from_str(text).unwrap();
    assert_eq!(mapping.fields[0].constant.as_ref().unwrap().to_string(), "497.90");
}

#[test]
fn s3_2_an_invalid_mapping_is_refused_when_it_is_saved() {
    let invalid =
        |path: &str, reason: &str| (Code::InvalidMapping, path.to_owned(), reason.to_owned());
    let field = |field: Value| {
        refused(json!({ "fields": [{"target": "deal.title", "constant": "x"}, field] }))
    };
    for target in [
        "",
        "contact",
        "contact.age",
        "deal.custom.",
        "deal.custom.a b",
        "contact.custom.é",
        "x.custom.a",
    ] {
        assert_eq!(
            field(at(target, "$.a")),
            invalid("fields[1].target", "unknown_field"),
            "{target}"
        );
    }
    assert_eq!(field(at("deal.title", "$.a")), invalid("fields[1].target", "duplicate"));
    assert_eq!(field(json!({"target": "deal.value"})), invalid("fields[1].path", "required"));
    let both = json!({"target": "deal.value", "path": "$.a", "constant": 1});
    assert_eq!(field(both), invalid("fields[1].path", "required"));
    let literal = json!({"target": "deal.value", "path": "$.a", "default": {"a": 1}});
    assert_eq!(field(literal), invalid("fields[1].default", "wrong_type"));
    let many = vec![json!({"type": "trim"}); 11];
    let field_many = json!({"target": "deal.value", "path": "$.a", "transforms": many});
    assert_eq!(field(field_many), invalid("fields[1].transforms", "out_of_range"));
    let paths = json!({"target": "deal.value", "paths": vec!["$.a"; 6]});
    assert_eq!(field(paths), invalid("fields[1].paths", "too_many"));
    let fields: Vec<_> = (0..101).map(|n| at(&format!("deal.custom.k{n}"), "$.a")).collect();
    assert_eq!(refused(json!({ "fields": fields })), invalid("fields", "too_many"));
    assert_eq!(
        refused(json!({ "keys": ["$.a", "$.b", "$.c", "$.d"] })),
        invalid("keys", "too_many")
    );
}

#[test]
fn s3_2_a_bad_jsonpath_is_reported_with_its_position() {
    for path in
        ["", "a", "$.", "$[", "$.a[?@.b ==]", "$..", "$.a b", "$['a", "$[1:2:3:4]", "$.a[?nope(@)]"]
    {
        let error = compile(json!({ "fields": [at("deal.title", path)] })).unwrap_err();
        assert_eq!((error.code, error.index), (Code::InvalidJsonpath, Some(0)), "{path}");
        assert!(error.params["position"].parse::<usize>().unwrap() <= path.len() + 1, "{path}");
    }
    let error = compile(json!({ "keys": ["$.a", "$["] })).unwrap_err();
    assert_eq!((error.path.as_str(), error.index), ("keys[1]", Some(1)));
}

#[test]
fn in_34_paths_of_unbounded_cost_are_refused_at_once() {
    let started = Instant::now();
    let long = format!("$.{}", "a".repeat(600));
    let nested = format!("$[?@{}", "[?@".repeat(60));
    let parens = format!("$[?{}@.a{}]", "(".repeat(100), ")".repeat(100));
    let doubling = format!("${}", "[*,*]".repeat(40));
    let functions = format!("$[?{}@.a{} == 1]", "length(".repeat(60), ")".repeat(60));
    let cases = [
        (long.as_str(), "too_long"),
        ("$..*..*..*..*..*", "too_costly"),
        (&nested, "too_costly"),
        (&parens, "too_costly"),
        (&doubling, "too_costly"),
        (&functions, "too_costly"),
        ("$[?$.a[?$.b[?$..c]]]", "too_costly"),
        ("$.a[?match(@.b, '(a+)+$')]", "regex_not_supported"),
        ("$.a[?search(@.b, '(a|a)*b')]", "regex_not_supported"),
    ];
    for (path, reason) in cases {
        let expected = (Code::InvalidMapping, "fields[0].path".to_owned(), reason.to_owned());
        assert_eq!(refused(json!({ "fields": [at("deal.title", path)] })), expected, "{path}");
    }
    for path in [
        "$['match(','search(']",
        "$.a[?@.b == '????$$$$,,,,,,,,,,']",
        "$['it\\'s $..*..*..*..*..*']",
    ] {
        assert!(compile(json!({ "fields": [at("deal.title", path)] })).is_ok(), "{path}");
    }
    assert!(started.elapsed().as_secs() < 2);
}

#[test]
fn in_34_a_path_with_too_many_visits_of_a_body_is_not_evaluated() {
    let wide = tree(Value::Array(vec![json!({"a": 1}); NODES_MAX / 2]));
    let mut deep = json!(1);
    for _ in 0..120 {
        deep = json!({ "a": deep, "b": [1, 2, 3, 4, 5, 6, 7, 8, 9, 0] });
    }
    let deep = tree(Value::Array(vec![deep; 100]));
    for (path, body) in [
        ("$..*..a", &deep),
        ("$..[?$..a]", &wide),
        ("$..[?@..a]", &deep),
        ("$[*,*][*,*]..*..*", &deep),
    ] {
        let started = Instant::now();
        let mapped = apply(json!({ "fields": [at("deal.title", path)] }), body);
        assert_eq!(mapped.problems[0].reason, ProblemReason::TooCostly, "{path}");
        assert_eq!(mapped.problems[0].code(), Code::MappingTooCostly);
        assert!(started.elapsed().as_millis() < 1_500, "{path}");
    }
    let once = apply(json!({ "fields": [at("deal.value", "$..a")] }), &wide);
    assert_eq!(once.deal.value.as_deref(), Some("1"));
    let fields: Vec<_> = (0..10).map(|n| at(&format!("deal.custom.k{n}"), "$..a")).collect();
    let many = apply(json!({ "fields": fields }), &wide);
    assert!(!many.problems.is_empty(), "the visits of all fields are counted together");
    let small = apply(
        json!({ "fields": [at("deal.value", "$..[?@.a == $[0].a].a")] }),
        &tree(json!([{"a": 1}])),
    );
    assert_eq!(small.problems, []);
}

#[test]
fn in_04_and_in_05_values_keep_their_digits() {
    let parsed = text(r#"{"a":12345678901234567890123,"b":497.90,"c":1e400}"#);
    let deal = apply(
        json!({"fields": [at("deal.value", "$.a"), at("deal.custom.budget", "$.c")]}),
        &parsed,
    )
    .deal;
    assert_eq!(deal.value.as_deref(), Some("12345678901234567890123"));
    assert_eq!(deal.custom["budget"].to_string(), "1e+400");
    let deal = apply(json!({"fields": [at("deal.value", "$.b")]}), &parsed).deal;
    assert_eq!(deal.value.as_deref(), Some("497.90"));
    let mapped = apply(json!({"fields": [at("deal.value", "$.c")]}), &parsed);
    assert_eq!(mapped.warnings[0].reason, ProblemReason::InvalidNumber);
}

#[test]
fn in_06_a_nul_is_refused() {
    let parsed = text(r#"{"name":"a\u0000b"}"#);
    for target in [
        "contact.name",
        "contact.email",
        "contact.phone",
        "contact.custom.cpf",
        "deal.title",
        "deal.tags",
    ] {
        let mapped = apply(json!({"fields": [at(target, "$.name")]}), &parsed);
        assert_eq!(mapped.warnings[0].reason, ProblemReason::Nul, "{target}");
        assert_eq!(mapped.warnings[0].warning().code, Code::FieldSkipped);
        assert_eq!(mapped.warnings[0].warning().params["field"], target);
    }
}

#[test]
fn in_10_a_body_without_fields_is_not_an_object() {
    for body in ["null", "\"x\"", "123", "[]", "true"] {
        let mapped = apply(json!({"fields": [at("contact.name", "$.name")]}), &text(body));
        assert_eq!(mapped.problems.len(), 1);
        assert_eq!(mapped.problems[0].reason, ProblemReason::NotObject, "{body}");
        let constant = json!({"fields": [{"target": "deal.title", "constant": "Lead"}]});
        assert_eq!(apply(constant, &text(body)).deal.title.as_deref(), Some("Lead"));
    }
    let list =
        apply(json!({"fields": [at("contact.name", "$[0].name")]}), &text(r#"[{"name":"Ana"}]"#));
    assert_eq!(list.contact.name.as_deref(), Some("Ana"));
    let whole = apply(json!({"fields": [at("deal.title", "$")]}), &text("\"just text\""));
    assert_eq!(whole.deal.title.as_deref(), Some("just text"));
}

#[test]
fn in_13_keys_are_exact() {
    let body = json!({"__proto__": {"email": "a@b.co"}, "Email": "x@y.co", "e.mail": "dot@y.co"});
    assert_eq!(one(at("contact.email", "$.__proto__.email"), body.clone()), Ok(json!("a@b.co")));
    assert_eq!(one(at("contact.email", "$.email"), body.clone()), Ok(Value::Null));
    assert_eq!(one(at("contact.email", "$['e.mail']"), body), Ok(json!("dot@y.co")));
}

#[test]
fn in_32_each_field_is_normalised_or_has_a_problem() {
    use ProblemReason as P;
    let long = "x".repeat(10_000);
    let cases = [
        ("contact.email", json!(" ANA@Example.com "), Ok(json!("ana@example.com"))),
        ("contact.email", json!("ana"), Err(P::InvalidEmail)),
        ("contact.email", json!({"a": 1}), Err(P::WrongType)),
        ("contact.phone", json!("+55 (11) 98765-4321"), Ok(json!("+5511987654321"))),
        ("contact.phone", json!(11_987_650_000_u64), Ok(json!("+5511987650000"))),
        ("contact.phone", json!("n/a"), Err(P::InvalidPhone)),
        ("contact.name", json!("José 😊 \u{202e}abc"), Ok(json!("José 😊 \u{202e}abc"))),
        ("contact.name", json!(long), Err(P::TooLong)),
        ("contact.name", json!("é".repeat(300)), Ok(json!("é".repeat(300)))),
        ("contact.name", json!(["Ana"]), Err(P::WrongType)),
        ("contact.name", json!(true), Err(P::WrongType)),
        ("contact.custom.cpf", json!(long), Err(P::TooLong)),
        ("contact.custom.vip", json!("sim"), Ok(json!(true))),
        ("contact.custom.vip", json!("maybe"), Err(P::WrongType)),
        ("deal.custom.due", json!("21/11/2026"), Ok(json!("2026-11-21"))),
        ("deal.custom.due", json!("soon"), Err(P::InvalidDate)),
        ("deal.custom.budget", json!("12.50"), Ok(serde_json::from_str("12.50").unwrap())),
        ("deal.custom.budget", json!("a lot"), Err(P::InvalidNumber)),
        ("deal.value", json!("1.234,56"), Ok(json!("1234.56"))),
        ("deal.value", json!("a combinar"), Err(P::InvalidNumber)),
        ("deal.value", json!("1.234"), Err(P::AmbiguousNumber)),
        ("deal.stage", json!("Fechado"), Err(P::UnknownStage)),
        ("deal.value", json!([1]), Err(P::WrongType)),
        ("deal.status", json!("Ganho"), Ok(json!("won"))),
        ("deal.status", json!("APPROVED"), Err(P::UnknownStatus)),
    ];
    for (target, value, expected) in cases {
        let found = one(at(target, "$.v"), json!({ "v": value }));
        assert_eq!(found, expected, "{target}");
    }
}

#[test]
fn in_32_a_missing_field_is_a_problem_only_where_it_is_required() {
    for gone in
        [json!({}), json!({"v": null}), json!({"v": ""}), json!({"v": "  "}), json!({"v": []})]
    {
        assert_eq!(one(at("contact.name", "$.v"), gone.clone()), Ok(Value::Null), "{gone}");
        let required = json!({"target": "contact.name", "path": "$.v", "required": true});
        assert_eq!(one(required, gone.clone()), Err(ProblemReason::Missing), "{gone}");
        let default = json!({"target": "contact.name", "path": "$.v", "required": true, "default": "Sem nome"});
        assert_eq!(one(default, gone), Ok(json!("Sem nome")));
    }
}

#[test]
fn d17_an_empty_value_is_absent() {
    let fields = [
        at("contact.name", "$.a"),
        at("deal.value", "$.b"),
        at("deal.tags", "$.c"),
        at("deal.status", "$.d"),
    ];
    let mapped =
        apply(json!({ "fields": fields }), &tree(json!({"a": "", "b": null, "c": [], "d": " "})));
    assert_eq!((mapped.contact, mapped.deal), (ContactFields::default(), DealFields::default()));
    assert_eq!(mapped.problems, []);
}

/// Applies transforms to a field of `$.v`.
fn through(target: &str, transforms: &Value, value: &Value) -> Result<Value, ProblemReason> {
    let field = json!({"target": target, "path": "$.v", "transforms": transforms});
    one(field, json!({ "v": value }))
}

#[test]
fn transforms_are_applied_in_their_order() {
    let trim_lower = json!([{"type": "trim"}, {"type": "lower"}]);
    assert_eq!(through("deal.title", &trim_lower, &json!(" A b ")), Ok(json!("a b")));
    let upper = json!([{"type": "upper"}]);
    assert_eq!(through("deal.title", &upper, &json!("ab")), Ok(json!("AB")));
    let digits = json!([{"type": "digits"}]);
    assert_eq!(
        through("contact.custom.cpf", &digits, &json!("123.456.789-09")),
        Ok(json!("12345678909"))
    );
    assert_eq!(through("deal.title", &digits, &json!("abc")), Ok(Value::Null));
    let phone = json!([{"type": "phone"}]);
    assert_eq!(
        through("contact.custom.cpf", &phone, &json!("(11) 98765-4321")),
        Ok(json!("+5511987654321"))
    );
    let number = json!([{"type": "number", "format": "br"}]);
    assert_eq!(through("deal.value", &number, &json!("R$ 1.234,56")), Ok(json!("1234.56")));
    assert_eq!(through("deal.value", &number, &json!("x")), Err(ProblemReason::InvalidNumber));
    let day = json!([{"type": "date", "input": "epoch_ms", "output": "date"}]);
    let ms = json!(1_795_269_600_000_i64);
    assert_eq!(through("deal.title", &day, &ms), Ok(json!("2026-11-21")));
}

#[test]
fn transforms_split_join_and_map() {
    let split = json!([{"type": "split", "separator": ","}]);
    let tags = json!(["black-friday", "lead"]);
    assert_eq!(through("deal.tags", &split, &json!("lead, black-friday,")), Ok(tags));
    let lower = json!([{"type": "lower"}]);
    assert_eq!(through("deal.tags", &lower, &json!([" A ", "B"])), Ok(json!(["a", "b"])));
    let join = json!([{"type": "join", "separator": "-"}]);
    assert_eq!(through("deal.title", &join, &json!(["a", null, "b", 3])), Ok(json!("a-b-3")));
    let map = json!([{"type": "map", "values": {"ongoing!": "open"}}]);
    assert_eq!(through("deal.status", &map, &json!("Ongoing!")), Ok(json!("open")));
    let other = json!([{"type": "map", "values": {}, "otherwise": "Novo"}]);
    let novo = json!(ORIGIN.stages[0].id);
    assert_eq!(through("deal.stage", &other, &json!("X")), Ok(novo));
}

#[test]
fn several_paths_are_joined_or_the_first_with_a_value_counts() {
    let body = json!({"first": "Maria", "last": "Souza", "nick": ""});
    let paths = json!(["$.first", "$.middle", "$.last"]);
    let joined = json!({"target": "contact.name", "paths": paths, "transforms": [{"type": "join", "separator": " "}]});
    assert_eq!(one(joined, body.clone()), Ok(json!("Maria Souza")));
    let first = json!({"target": "contact.name", "path": "$.nick", "paths": ["$.last", "$.first"]});
    assert_eq!(one(first, body), Ok(json!("Souza")));
}

#[test]
fn a_field_can_come_from_the_query_beside_a_body() {
    let mut parsed = tree(json!({"a": 1}));
    parsed.query = json!({"utm_source": "google"});
    let field = json!({"target": "deal.custom.source", "from": "query", "path": "$.utm_source"});
    assert_eq!(apply(json!({ "fields": [field] }), &parsed).deal.custom["source"], "google");
}

#[test]
fn s1_9_business_keys_are_distinct_texts() {
    let body = json!({"order": " PED-1 ", "items": [{"id": 7}, {"id": 7}, {"id": 8}], "long": "x".repeat(129), "o": {}});
    let mapped = apply(json!({"keys": ["$.order", "$.items[*].id", "$.long"]}), &tree(body));
    assert_eq!(mapped.keys, ["PED-1", "7", "8"]);
    let nul = apply(json!({"keys": ["$.a"]}), &tree(json!({"a": "\u{0}"})));
    assert!(nul.keys.is_empty() && nul.problems.is_empty());
}

#[test]
fn a_trace_shows_the_found_and_the_final_values_and_stays_short() {
    let body = json!({"email": "ANA@example.com", "big": vec!["x".repeat(1_000); 1_000]});
    let fields =
        [at("contact.email", "$.email"), at("deal.title", "$.big"), at("deal.stage", "$.gone")];
    let mapped = apply(json!({ "fields": fields }), &tree(body));
    assert_eq!(mapped.trace[0].matched, [json!("ANA@example.com")]);
    assert_eq!(mapped.trace[0].result, Some(json!("ana@example.com")));
    assert_eq!(mapped.trace[1].result, None);
    assert_eq!(mapped.trace[2].matched, Vec::<Value>::new());
    let shown = serde_json::to_string(&mapped.trace).unwrap();
    assert!(shown.len() < 10_000, "{}", shown.len());
}

#[test]
fn hotmart_maps_to_a_contact_and_a_deal() {
    let body = text(
        r#"{"event":"PURCHASE_APPROVED","data":{"product":{"name":"Curso de Violão"},"buyer":{"email":"ana.lima@example.com","name":"Ana Lima","checkout_phone":"11987650000","document":"98765432100"},"purchase":{"price":{"value":447.10},"status":"APPROVED","transaction":"HP17715690036014"}}}"#,
    );
    let mapped = apply(
        json!({
            "fields": [
                at("contact.name", "$.data.buyer.name"), at("contact.email", "$.data.buyer.email"),
                at("contact.phone", "$.data.buyer.checkout_phone"), at("contact.custom.cpf", "$.data.buyer.document"),
                at("deal.title", "$.data.product.name"), at("deal.value", "$.data.purchase.price.value"),
                {"target": "deal.status", "path": "$.data.purchase.status",
                 "transforms": [{"type": "map", "values": {"approved": "won"}, "otherwise": "open"}]},
            ],
            "keys": ["$.data.purchase.transaction"],
        }),
        &body,
    );
    assert_eq!(mapped.problems, []);
    assert_eq!(mapped.contact.phone.unwrap().as_str(), "+5511987650000");
    assert_eq!(mapped.deal.value.as_deref(), Some("447.10"));
    assert_eq!(mapped.deal.status, Some(DealStatus::Won));
    assert_eq!(mapped.keys, ["HP17715690036014"]);
}

#[test]
fn activecampaign_maps_to_a_contact_with_tags() {
    let body = form(
        "type=subscribe&contact%5Bemail%5D=maria.souza%40example.com.br&contact%5Bfirst_name%5D=Maria&contact%5Blast_name%5D=Souza&contact%5Bphone%5D=%2B55+21+99876-5432&contact%5Btags%5D=lead%2Cblack-friday&contact%5Bfields%5D%5Bcpf%5D=123.456.789-09",
    );
    let mapped = apply(
        json!({"fields": [
            {"target": "contact.name", "paths": ["$.contact.first_name", "$.contact.last_name"],
             "transforms": [{"type": "join", "separator": " "}]},
            at("contact.email", "$.contact.email"), at("contact.phone", "$.contact.phone"),
            {"target": "deal.tags", "path": "$.contact.tags", "transforms": [{"type": "split", "separator": ","}]},
            {"target": "contact.custom.cpf", "path": "$.contact.fields.cpf", "transforms": [{"type": "digits"}]},
        ]}),
        &body,
    );
    assert_eq!(mapped.problems, []);
    assert_eq!(mapped.contact.name.as_deref(), Some("Maria Souza"));
    assert_eq!(mapped.contact.phone.unwrap().as_str(), "+5521998765432");
    assert_eq!(mapped.deal.tags.into_iter().collect::<Vec<_>>(), ["black-friday", "lead"]);
    assert_eq!(mapped.contact.custom["cpf"], "12345678909");
}

#[test]
fn elementor_maps_its_nested_fields() {
    let body = form(
        "form%5Bid%5D=a1b2c3d&fields%5Bname%5D%5Bid%5D=name&fields%5Bname%5D%5Bvalue%5D=Jo%C3%A3o+da+Silva&fields%5Bemail%5D%5Bvalue%5D=Joao.Silva%40Example.com&fields%5Bphone%5D%5Bvalue%5D=%2811%29+98765-4321&fields%5Bmessage%5D%5Bvalue%5D=Quero+saber+o+pre%C3%A7o+%26+o+prazo",
    );
    let mapped = apply(
        json!({"fields": [
            at("contact.name", "$.fields.name.value"), at("contact.email", "$.fields.email.value"),
            at("contact.phone", "$.fields.phone.value"), at("deal.custom.message", "$.fields.message.value"),
        ]}),
        &body,
    );
    assert_eq!(mapped.problems, []);
    assert_eq!(mapped.contact.name.as_deref(), Some("João da Silva"));
    assert_eq!(mapped.contact.email.unwrap().as_str(), "joao.silva@example.com");
    assert_eq!(mapped.deal.custom["message"], "Quero saber o preço & o prazo");
}

#[test]
fn rd_station_maps_lists_and_custom_fields_by_label() {
    let body = text(
        r#"{"document":{"id":"65f1","name":"Plano Pro - Padaria do Zé","amount_total":2398.8,"status":"ongoing","prediction_date":"2026-12-15","deal_stage":{"name":"Proposta enviada"},"contacts":[{"name":"José Pereira","emails":[{"email":"jose@padaria.example"}],"phones":[{"phone":"(31) 3222-1111","type":"work"},{"phone":"+55 31 99999-1111","type":"cellphone"}]}],"deal_custom_fields":[{"value":"Confeitaria","custom_field":{"label":"Segmento"}}]}}"#,
    );
    let mapped = apply(
        json!({"fields": [
        at("contact.name", "$.document.contacts[0].name"), at("contact.email", "$.document.contacts[0].emails[0].email"),
        at("contact.phone", "$.document.contacts[0].phones[?@.type=='cellphone'].phone"),
        at("deal.title", "$.document.name"), at("deal.value", "$.document.amount_total"),
        at("deal.stage", "$.document.deal_stage.name"), at("deal.status", "$.document.status"),
        at("deal.custom.segmento", "$.document.deal_custom_fields[?@.custom_field.label=='Segmento'].value"),
        at("deal.custom.due", "$.document.prediction_date"),
    ], "keys": ["$.document.id"]}),
        &body,
    );
    assert_eq!(mapped.problems, []);
    assert_eq!(mapped.contact.phone.unwrap().as_str(), "+5531999991111");
    assert_eq!(mapped.deal.value.as_deref(), Some("2398.8"));
    assert_eq!(mapped.deal.status, Some(DealStatus::Open));
    assert_eq!(mapped.deal.custom["segmento"], "Confeitaria");
    assert_eq!(mapped.deal.stage, Some(ORIGIN.stages[1].id));
}

#[test]
fn typeform_answers_are_found_by_their_question() {
    let body = text(
        r#"{"form_response":{"token":"a3a1","answers":[{"type":"text","text":"Beatriz Ramos","field":{"id":"n1"}},{"type":"email","email":"BEATRIZ@Example.COM ","field":{"id":"e1"}},{"type":"number","number":12345678901234567890,"field":{"id":"v1"}}]}}"#,
    );
    let mapped = apply(
        json!({"fields": [
        at("contact.name", "$.form_response.answers[?@.field.id=='n1'].text"),
        at("contact.email", "$.form_response.answers[?@.type=='email'].email"),
        at("deal.value", "$.form_response.answers[?@.field.id=='v1'].number"),
    ], "keys": ["$.form_response.token"]}),
        &body,
    );
    assert_eq!(mapped.problems, []);
    assert_eq!(mapped.contact.email.unwrap().as_str(), "beatriz@example.com");
    assert_eq!(mapped.deal.value.as_deref(), Some("12345678901234567890"));
}

#[test]
fn respond_io_maps_two_names_and_a_named_field() {
    let respond = text(
        r#"{"contact":{"firstName":"Lucas","lastName":"Ferreira","phone":"+5511912345678","email":"lucas@example.com","custom_fields":[{"name":"origem","value":"instagram"}]},"message":{"messageId":1795269400123456,"message":{"text":"Oi! Vocês entregam no sábado? 😊"}}}"#,
    );
    let mapped = apply(
        json!({"fields": [
        {"target": "contact.name", "paths": ["$.contact.firstName", "$.contact.lastName"], "transforms": [{"type": "join", "separator": " "}]},
        at("contact.phone", "$.contact.phone"), at("deal.title", "$.message.message.text"),
        at("contact.custom.origem", "$.contact.custom_fields[?@.name=='origem'].value"),
    ], "keys": ["$.message.messageId"]}),
        &respond,
    );
    assert_eq!(
        (mapped.problems.len(), mapped.contact.name.as_deref()),
        (0, Some("Lucas Ferreira"))
    );
    assert_eq!(
        (mapped.keys[0].as_str(), &mapped.contact.custom["origem"]),
        ("1795269400123456", &json!("instagram"))
    );
}

#[test]
fn intelipost_maps_to_keys_and_dates() {
    let intelipost = text(
        r#"{"order_number":"PED-2026-004711","tracking_code":"OR123456789BR","history":{"shipment_order_volume_state":"IN_TRANSIT","event_date":1795269400000,"event_date_iso":"2026-11-21T13:16:40.000-03:00"}}"#,
    );
    let mapped = apply(
        json!({"fields": [
        at("deal.title", "$.order_number"), at("deal.custom.due", "$.history.event_date_iso"),
        {"target": "deal.custom.moved", "path": "$.history.event_date", "transforms": [{"type": "date"}]},
    ], "keys": ["$.order_number", "$.tracking_code"]}),
        &intelipost,
    );
    assert_eq!(mapped.problems, []);
    assert_eq!(mapped.keys, ["PED-2026-004711", "OR123456789BR"]);
    assert_eq!(mapped.deal.custom["due"], "2026-11-21T16:16:40Z");
}

#[test]
fn meta_maps_the_ids_of_its_leads() {
    let meta = text(
        r#"{"object":"page","entry":[{"changes":[{"field":"leadgen","value":{"leadgen_id":444444444444,"form_id":"555555555"}}]}]}"#,
    );
    let mapped = apply(
        json!({"fields": [at("deal.custom.form", "$.entry[0].changes[0].value.form_id")],
        "keys": ["$.entry[*].changes[*].value.leadgen_id"]}),
        &meta,
    );
    assert_eq!(
        (mapped.keys[0].as_str(), &mapped.deal.custom["form"]),
        ("444444444444", &json!("555555555"))
    );
}

const PATHS: [&str; 12] = [
    "$",
    "$.a",
    "$.a.b[0]",
    "$..a",
    "$[*]",
    "$..*..*",
    "$[?@.a]",
    "$[?@.a > 1.5]",
    "$[-1:0:-1]",
    "$[?length(@.a) > 1]",
    "$[?count(@.*) == 1]['a','b']",
    "$..[?@.a == $.b]",
];

const TARGETS: [&str; 12] = [
    "contact.name",
    "deal.title",
    "deal.stage",
    "contact.email",
    "contact.phone",
    "contact.custom.vip",
    "contact.custom.x",
    "deal.value",
    "deal.status",
    "deal.tags",
    "deal.custom.due",
    "deal.custom.budget",
];

fn any_tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[0-9.,:/ +R$-]{0,20}".prop_map(Value::from),
        "[0-9]{1,30}(\\.[0-9]{1,5})?e[0-9]{1,9}"
            .prop_map(|n| n.parse().map_or(Value::Null, Value::Number)),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec(("[abc]", inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn any_transforms() -> impl Strategy<Value = Vec<Value>> {
    let all = vec![
        json!({"type": "trim"}),
        json!({"type": "lower"}),
        json!({"type": "upper"}),
        json!({"type": "digits"}),
        json!({"type": "phone"}),
        json!({"type": "number", "format": "br"}),
        json!({"type": "number"}),
        json!({"type": "number", "format": "plain"}),
        json!({"type": "date"}),
        json!({"type": "date", "input": "epoch", "output": "date"}),
        json!({"type": "date", "input": "dmy", "output": "timestamp"}),
        json!({"type": "join", "separator": "é"}),
        json!({"type": "split", "separator": "1"}),
        json!({"type": "map", "values": {"1": "2"}, "otherwise": "3"}),
        json!({"type": "option", "options": "$..a", "id": "a", "text": "b"}),
    ];
    prop::collection::vec(prop::sample::select(all), 0..4)
}

#[test]
fn f3_a_field_of_a_wrong_form_is_a_warning_and_the_others_are_filled() {
    let body = tree(json!({
        "name": "Ana", "phone": "nao tenho", "value": "a combinar", "title": "x".repeat(1_000),
        "city": ["Recife"], "tags": ["vip", {"a": 1}, "novo"],
    }));
    let fields = json!([
        at("contact.name", "$.name"),
        at("contact.phone", "$.phone"),
        at("deal.value", "$.value"),
        at("deal.title", "$.title"),
        at("deal.custom.city", "$.city"),
        at("deal.tags", "$.tags[*]"),
    ]);
    let mapped = apply(json!({ "fields": fields }), &body);
    assert_eq!(mapped.problems, []);
    assert_eq!(mapped.contact.name.as_deref(), Some("Ana"));
    assert_eq!(mapped.deal.tags.iter().collect::<Vec<_>>(), ["novo", "vip"]);
    assert_eq!((mapped.contact.phone, mapped.deal.value, mapped.deal.title), (None, None, None));
    let long = format!("{}…", "x".repeat(80));
    let said = [
        ("contact.phone", "nao tenho", "invalid_phone"),
        ("deal.value", "a combinar", "invalid_number"),
        ("deal.title", long.as_str(), "too_long"),
        ("deal.custom.city", r#"["Recife"]"#, "wrong_type"),
        ("deal.tags", r#"["vip",{"a":1},"novo"]"#, "wrong_type"),
    ];
    assert_eq!(mapped.warnings.len(), said.len());
    for (warning, (field, value, reason)) in mapped.warnings.iter().zip(said) {
        let params = warning.warning().params;
        let found = (&*params["field"], &*params["value"], &*params["reason"]);
        assert_eq!(found, (field, value, reason));
    }
}

#[test]
fn f3_a_field_says_whether_a_wrong_form_is_an_error() {
    let effect = |part: Value| {
        let mut field = at("contact.phone", "$.v");
        field.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        let mapped = apply(json!({ "fields": [field] }), &tree(json!({"v": "nao tenho"})));
        (mapped.problems.len(), mapped.warnings.len())
    };
    assert_eq!(effect(json!({})), (0, 1));
    assert_eq!(effect(json!({"required": true})), (1, 0));
    assert_eq!(effect(json!({"on_invalid": "error"})), (1, 0));
    assert_eq!(effect(json!({"required": true, "on_invalid": "warn"})), (0, 1));
    let required = json!({"target": "contact.phone", "path": "$.gone", "required": true,
                          "on_invalid": "warn"});
    let missing = apply(json!({ "fields": [required] }), &tree(json!({"v": 1})));
    assert_eq!(missing.problems[0].reason, ProblemReason::Missing);
}

#[test]
fn f4_a_source_time_is_read_in_the_ways_of_dates() {
    let time = |value: Value| {
        let definition = json!({"source_time": {"path": "$.at"}, "keys": ["$.at"]});
        let mapped = apply(definition, &tree(json!({"at": value})));
        assert_eq!(mapped.problems, []);
        let warning = mapped.all_warnings().next();
        (mapped.source_time.map(|at| at.to_string()), warning.map(|w| (w.code, w.params)))
    };
    let at = Some("2026-11-21T14:00:00Z".to_owned());
    for value in [
        json!(1_795_269_600),
        json!(1_795_269_600_000_i64),
        json!("2026-11-21T11:00:00-03:00"),
        json!("21/11/2026 11:00"),
    ] {
        assert_eq!(time(value), (at.clone(), None));
    }
    for value in [json!(null), json!(""), json!([])] {
        assert_eq!(time(value), (None, None));
    }
    for value in [json!("ontem"), json!({"a": 1}), json!("9".repeat(200)), json!(true)] {
        let (found, warning) = time(value.clone());
        let (code, params) = warning.unwrap();
        assert_eq!((found, code), (None, Code::SourceTimeIgnored), "{value}");
        assert_eq!(params["reason"], "invalid_date");
    }
    let place = refused(json!({"source_time": {"path": "$["}})).1;
    assert_eq!(place, "source_time.path");
}

proptest! {
    #[test]
    fn f3_no_value_at_an_optional_target_fails_the_run(
        value in any_tree(),
        fields in prop::collection::btree_map(
            prop::sample::select(&TARGETS[..]), (any_transforms(), any::<bool>()), 1..8),
    ) {
        let fields: Vec<_> = fields.into_iter().map(|(target, (transforms, whole))| {
            let path = if whole { "$.v" } else { "$.v.*" };
            json!({"target": target, "path": path, "transforms": transforms})
        }).collect();
        let count = fields.len();
        let mapped = apply(json!({ "fields": fields }), &tree(json!({"v": value})));
        prop_assert_eq!(&mapped.problems, &[]);
        prop_assert!(mapped.warnings.len() <= count);
        for warning in &mapped.warnings {
            let params = warning.warning().params;
            prop_assert!(params["value"].chars().count() <= 81);
            prop_assert!(!params["value"].chars().any(char::is_control));
            for language in [Language::English, Language::Portuguese] {
                let said = message(Code::FieldSkipped, &params, language);
                prop_assert!(said.contains(&params["field"]) && said.contains(&params["value"]));
            }
        }
    }

    #[test]
    fn no_payload_makes_a_mapping_panic(
        body in any_tree(),
        fields in prop::collection::btree_map(
            prop::sample::select(&TARGETS[..]),
            (prop::sample::select(&PATHS[..]), any_transforms(), any::<bool>()), 0..6),
    ) {
        let fields: Vec<_> = fields.into_iter().map(|(target, (path, transforms, required))| {
            json!({"target": target, "path": path, "transforms": transforms, "required": required})
        }).collect();
        let count = fields.len();
        let mapped = apply(json!({ "fields": fields, "keys": ["$..a", "$[0]"] }), &tree(body));
        prop_assert!(mapped.problems.len() + mapped.warnings.len() <= count + 2);
        prop_assert!(serde_json::to_string(&mapped).is_ok());
    }

    #[test]
    fn no_text_makes_the_compiler_panic_or_hang(path in "\\PC{0,80}|[$.@?*\\[\\]()',:!=<>& |a0-9-]{0,160}") {
        let started = Instant::now();
        let path = format!("${path}");
        if let Ok(compiled) = compile(json!({ "fields": [at("deal.title", &path)] })) {
            let zone = TimeZone::UTC;
            let fields = BTreeMap::new();
            let context = context(&zone, &fields);
            compiled.apply(&tree(json!({"a": [{"a": 1}, [2, {"a": {"a": 3}}]], "b": 1})), &context, &mut Budget::WHOLE.clone());
        }
        prop_assert!(started.elapsed().as_millis() < 1_000, "{}", path);
    }
}
