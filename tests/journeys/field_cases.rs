//! Webhooks as real senders send them. Each test is named after its field case.

use serde_json::{Value, json};
use tests::{Inbound, World};

use crate::{
    inbound::{accepted, failed, field, json_sent, post, sent, succeeded, warnings},
    signing,
};

const FORM: &str = "application/x-www-form-urlencoded";

/// Previews a stored webhook. The preview says what its run said.
async fn previewed(world: &World, to: &Inbound, view: &Value) -> Value {
    let path = format!("/v1/integrations/{}/preview", to.id);
    let shown = world.post(&path, json!({"webhook": view["id"]})).await.expect(200);
    assert_eq!(shown["warnings"], view["warnings"]);
    shown
}

/// The refusal of a mapping when it is saved: code, path and reason.
async fn refused(world: &World, to: &Inbound, mapping: Value) -> (String, String, String) {
    let path = format!("/v1/integrations/{}", to.id);
    let answer = world.patch(&path, json!({ "mapping": mapping })).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    let problem = answer.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let params = &problem["params"];
    let reason = params.get("reason").or(params.get("detail")).unwrap_or(&Value::Null);
    (text(&problem["code"]), text(&problem["path"]), text(reason))
}

async fn with_fields(world: &World, custom: &[&str]) {
    let field =
        |key: &&str| ((*key).to_owned(), json!({"label": key, "entity": "deal", "kind": "text"}));
    let custom: serde_json::Map<_, _> = custom.iter().map(field).collect();
    world.patch("/v1/workspace", json!({ "custom_fields": custom })).await.expect(200);
}

async fn phones(world: &World) -> Vec<String> {
    let contacts = world.contacts().await;
    let phones = contacts.iter().filter_map(|it| it["phone"].as_str().map(str::to_owned));
    let mut phones: Vec<String> = phones.collect();
    phones.sort();
    phones
}

#[tokio::test]
async fn fc_16_github_as_a_form_is_read_as_its_json() {
    let world = World::new().await;
    let secret = "chave-inventada-para-teste-0123456789";
    let origin = world.origin("Vendas").await;
    let check = json!([{"type": "github", "secret": secret}]);
    let settings = json!({"application": "github", "name": "Repos", "verification": check});
    let to = world.integration(&origin, settings).await;
    let plain = json!({
        "action": "opened",
        "issue": {"title": "Preço errado 🚀", "html_url": "https://example.test/2"},
        "repository": {"full_name": "casa/loja"},
    });
    let form = "payload=%7B%22action%22%3A%22opened%22%2C%22issue%22%3A%7B%22title%22%3A%22Pre%C3%A7o+\
                errado+%F0%9F%9A%80%22%2C%22html_url%22%3A%22https%3A%2F%2Fexample.test%2F2%22%7D%2C%22\
                repository%22%3A%7B%22full_name%22%3A%22casa%2Floja%22%7D%7D";
    for (n, (kind, body)) in
        [(FORM, form.to_owned()), ("application/json", plain.to_string())].into_iter().enumerate()
    {
        let mut request = post(&world, &to)
            .header("content-type", kind)
            .header("x-github-event", "issues")
            .header("x-github-delivery", format!("d-inventado-{n}"));
        for (name, value) in signing::sign("github", secret, 0, body.as_bytes()) {
            request = request.header(name, value);
        }
        let view = accepted(&world, &to, request.body(body.clone()), body.as_bytes()).await;
        succeeded(&view);
        let shown = previewed(&world, &to, &view).await;
        assert_eq!(shown["result"]["deal"]["title"], "Preço errado 🚀");
    }
    let deals = world.deals(&origin).await;
    assert_eq!(deals.len(), 2);
    assert!(deals.iter().all(|deal| deal["title"] == "Preço errado 🚀"), "{deals:?}");
}

#[tokio::test]
async fn fc_20_json_in_a_field_is_read_into() {
    let world = World::new().await;
    let mapping = json!({
        "read": [{"path": "$.rawRequest", "as": "json"}],
        "fields": [
            {"target": "contact.name", "template": "{{rawRequest.q3_nome.first}} {{$.rawRequest.q3_nome['last']}}"},
            field("contact.email", "$.rawRequest.q4_email"),
            field("contact.phone", "$.rawRequest.q5_telefone.full"),
        ],
    });
    let to = world.inbound(json!({ "mapping": mapping })).await;
    let of = |raw: &str| {
        format!(
            "--xyz\r\nContent-Disposition: form-data; name=\"formID\"\r\n\r\n24001\r\n\
             --xyz\r\nContent-Disposition: form-data; name=\"rawRequest\"\r\n\r\n{raw}\r\n--xyz--\r\n"
        )
    };
    let kind = "multipart/form-data; boundary=xyz";
    let raw = r#"{"q3_nome":{"first":"Rute","last":"Amaral"},"q4_email":"rute@exemplo.test","q5_telefone":{"full":"(41) 98765-0105"}}"#;
    let view = sent(&world, &to, kind, of(raw)).await;
    succeeded(&view);
    assert_eq!(warnings(&view), Vec::<&str>::new());
    let contacts = world.contacts().await;
    assert_eq!(contacts.len(), 1);
    assert_eq!(
        [&contacts[0]["name"], &contacts[0]["email"], &contacts[0]["phone"]],
        ["Rute Amaral", "rute@exemplo.test", "+5541987650105"]
    );
    let shown = previewed(&world, &to, &view).await;
    let paths = shown["paths"].as_array().unwrap();
    assert!(paths.iter().any(|it| it["path"] == "$.rawRequest.q4_email"), "{paths:?}");
    // A text that is no JSON is named.
    let view = sent(&world, &to, kind, of("{\"q3_nome\": ")).await;
    failed(&view, "contact_required", &[]);
    assert_eq!(warnings(&view), ["text_unreadable"]);
    let params = &view["warnings"][0]["params"];
    assert_eq!(*params, json!({"path": "$.rawRequest", "format": "json", "reason": "syntax"}));
    previewed(&world, &to, &view).await;
}

#[tokio::test]
async fn fc_20_what_cannot_be_read_or_filled_is_refused_when_it_is_saved() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let title = |rest: Value| {
        let mut field = json!({"target": "deal.title"});
        field.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        json!({ "fields": [field] })
    };
    let reads = vec![json!({"path": "$.a", "as": "json"}); 11];
    let cases = [
        (
            json!({"read": [{"path": "$[", "as": "json"}]}),
            ["invalid_jsonpath", "read[0].path", "position 2"],
        ),
        (json!({ "read": reads }), ["invalid_mapping", "read", "too_many"]),
        (
            title(json!({"template": "a {{b"})),
            ["invalid_mapping", "fields[0].template", "template"],
        ),
        (
            title(json!({"template": "{{a..b}}"})),
            ["invalid_mapping", "fields[0].template", "unknown_value"],
        ),
        (
            title(json!({"template": "x {{ $[ }}"})),
            ["invalid_jsonpath", "fields[0].template", "position 7"],
        ),
        (
            title(json!({"template": "{{a}}", "path": "$.a"})),
            ["invalid_mapping", "fields[0].path", "required"],
        ),
        (
            title(json!({"path": "$.a", "transforms": [{"type": "option", "options": "a"}]})),
            ["invalid_jsonpath", "fields[0].transforms[0].options", "position 0"],
        ),
    ];
    for (mapping, [code, path, reason]) in cases {
        let expected = (code.to_owned(), format!("mapping.{path}"), reason.to_owned());
        assert_eq!(refused(&world, &to, mapping.clone()).await, expected, "{mapping}");
    }
}

#[tokio::test]
async fn fc_24_the_text_of_an_option_reaches_the_deal() {
    let world = World::new().await;
    with_fields(&world, &["plano"]).await;
    let mapping = json!({
        "fields": [
            field("contact.email", "$.data.fields[?@.label=='Seu e-mail'].value"),
            {"target": "deal.custom.plano", "path": "$.data.fields[?@.label=='Plano'].value", "transforms": [
                {"type": "option", "options": "$.data.fields[?@.label=='Plano'].options[*]"},
                {"type": "join", "separator": ", "},
            ]},
        ],
        "keys": ["$.data.responseId"],
    });
    let to = world.inbound(json!({ "mapping": mapping })).await;
    let email = |email: &str| json!({"key": "q1", "label": "Seu e-mail", "type": "INPUT_EMAIL", "value": email});
    let plan = |value: Value| {
        json!({"key": "q2", "label": "Plano", "type": "MULTIPLE_CHOICE", "value": value,
               "options": [{"id": "op-1", "text": "Básico"}, {"id": "op-2", "text": "Profissional"}]})
    };
    let bodies = [
        ("r1", [email("zeca@exemplo.test"), plan(json!(["op-2"]))], "Profissional"),
        ("r2", [plan(json!("op-1")), email("yara@exemplo.test")], "Básico"),
        ("r3", [plan(json!(["op-1", "op-2"])), email("iara@exemplo.test")], "Básico, Profissional"),
        ("r4", [plan(json!("op-9")), email("caua@exemplo.test")], "op-9"),
    ];
    for (id, fields, text) in bodies {
        let body = json!({"eventId": id, "data": {"responseId": id, "fields": fields}});
        let view = json_sent(&world, &to, body.to_string()).await;
        succeeded(&view);
        let shown = previewed(&world, &to, &view).await;
        assert_eq!(shown["result"]["deal"]["custom"]["plano"], text);
        let deal = world.get(&format!("/v1/deals/{}", view["deal"]["id"].as_str().unwrap())).await;
        assert_eq!(deal.expect(200)["custom"]["plano"], text);
    }
    assert_eq!(world.contacts().await.len(), 4);
}

#[tokio::test]
async fn fc_25_xml_is_a_tree_and_nothing_is_expanded() {
    let world = World::new().await;
    let mapping = json!({"fields": [
        field("contact.email", "$.DocuSignEnvelopeInformation.EnvelopeStatus.RecipientStatuses.RecipientStatus.Email"),
        field("contact.name", "$.DocuSignEnvelopeInformation.EnvelopeStatus.RecipientStatuses.RecipientStatus.UserName"),
        field("deal.title", "$.DocuSignEnvelopeInformation.EnvelopeStatus.EnvelopeID"),
    ]});
    let to = world.inbound(json!({ "mapping": mapping })).await;
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"http://127.0.0.1:1/\">]>\
         <DocuSignEnvelopeInformation><EnvelopeStatus><EnvelopeID>env-0001</EnvelopeID><Status>Completed</Status>\
         <RecipientStatuses><RecipientStatus><Email>sara@exemplo.test</Email><UserName>Sara &e;</UserName>\
         </RecipientStatus></RecipientStatuses></EnvelopeStatus><DocumentPDFs><DocumentPDF><Name>contrato.pdf\
         </Name><PDFBytes>{}</PDFBytes></DocumentPDF></DocumentPDFs></DocuSignEnvelopeInformation>",
        "QUJD".repeat(350_000)
    );
    let view = sent(&world, &to, "text/xml; charset=utf-8", body).await;
    succeeded(&view);
    let contacts = world.contacts().await;
    assert_eq!([&contacts[0]["email"], &contacts[0]["name"]], ["sara@exemplo.test", "Sara &e;"]);
    let shown = previewed(&world, &to, &view).await;
    assert_eq!(
        (&shown["kind"], &shown["result"]["deal"]["title"]),
        (&json!("xml"), &json!("env-0001"))
    );
    // A body that only claims to be XML says so, and names the place.
    let view = sent(&world, &to, "text/xml", "<a><b></a>").await;
    assert_eq!(view["status"], "error");
    assert_eq!(view["warnings"][0]["code"], "text_unreadable");
    let params = json!({"path": "$", "format": "xml", "reason": "xml"});
    assert_eq!(view["warnings"][0]["params"], params);
}

#[tokio::test]
async fn fc_27_only_what_meets_the_condition_is_taken() {
    let world = World::new().await;
    let is_false = |path: &str| json!({"is": {"path": path, "op": "eq", "value": false}});
    let mapping = json!({
        "only_if": {"all": [is_false("isGroup"), is_false("fromMe")]},
        "fields": [
            field("contact.name", "$.senderName"), field("contact.phone", "$.phone"),
            field("deal.title", "$.text.message"),
        ],
        "keys": ["$.messageId"],
    });
    let dedupe = json!({"source": {"path": "$.messageId"}});
    let to = world.inbound(json!({"mapping": mapping, "dedupe": dedupe})).await;
    let message = |id: &str, (phone, group, own): (&str, bool, bool)| {
        json!({"messageId": id, "phone": phone, "isGroup": group, "fromMe": own, "senderName": "Olívia",
               "text": {"message": id}})
        .to_string()
    };
    let others = [
        message("MSG1", ("120363019500000000-group", true, false)),
        message("MSG2", ("5531987650111", false, true)),
    ];
    for body in others {
        let view = json_sent(&world, &to, body).await;
        succeeded(&view);
        assert_eq!(warnings(&view), ["not_for_this_integration"]);
        assert!(view["contact"].is_null() && view["deal"].is_null(), "{view:#}");
        let shown = previewed(&world, &to, &view).await;
        assert_eq!([&shown["is_taken"], &shown["result"]], [&json!(false), &Value::Null]);
        assert_eq!(shown["problems"], json!([]));
    }
    let view = json_sent(&world, &to, message("MSG3", ("5531987650111", false, false))).await;
    succeeded(&view);
    assert_eq!(previewed(&world, &to, &view).await["is_taken"], true);
    assert_eq!(phones(&world).await, ["+5531987650111"]);
    assert_eq!(world.deals(&to.origin).await.len(), 1);
}

#[tokio::test]
async fn fc_27_a_group_never_becomes_a_phone() {
    let world = World::new().await;
    let digits =
        json!({"target": "contact.phone", "path": "$.phone", "transforms": [{"type": "digits"}]});
    let to = world.inbound(json!({"mapping": {"fields": [digits]}})).await;
    for id in ["5531987650111-1400000000@g.us", "553198765011-group", "184467440000@lid"] {
        let view = json_sent(&world, &to, json!({ "phone": id }).to_string()).await;
        failed(&view, "contact_required", &[]);
        assert_eq!(warnings(&view), ["field_skipped"]);
    }
    assert_eq!(world.contacts().await.len(), 0);
}

#[tokio::test]
async fn fc_27_a_condition_is_checked_when_it_is_saved() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let is = |path: &str, op: &str, value: Value| json!({"is": {"path": path, "op": op, "value": value}});
    let deep = (0..5).fold(is("a", "eq", json!(1)), |inner, _| json!({ "all": [inner] }));
    let cases = [
        (is("a", "in", json!(1)), "only_if.is.value", "wrong_type"),
        (json!({"all": []}), "only_if.all", "required"),
        (json!({"any": [is("a..b", "eq", json!(1))]}), "only_if.any[0].is.path", "unknown_value"),
        (deep, "only_if", "too_complex"),
    ];
    for (condition, path, reason) in cases {
        let refusal = refused(&world, &to, json!({ "only_if": condition })).await;
        let expected = ("invalid_mapping".to_owned(), format!("mapping.{path}"), reason.to_owned());
        assert_eq!(refusal, expected, "{condition}");
    }
}

#[tokio::test]
async fn fc_28_a_hidden_id_is_no_phone_and_a_device_is_cut() {
    let world = World::new().await;
    let mapping = json!({"fields": [
        field("contact.name", "$.data.pushName"),
        {"target": "contact.phone", "paths": ["$.data.key.remoteJid", "$.data.key.remoteJidAlt"]},
        field("deal.title", "$.data.message.conversation"),
    ], "keys": ["$.data.key.id"]});
    let to = world.inbound(json!({ "mapping": mapping })).await;
    let message = |id: &str, key: Value| {
        let mut key = key;
        key["id"] = json!(id);
        json!({"event": "messages.upsert", "data": {"key": key, "pushName": "Jonas", "message": {"conversation": "oi"}}})
            .to_string()
    };
    let both = json!({"remoteJid": "184467440000001@lid", "remoteJidAlt": "553187650112:12@s.whatsapp.net"});
    let view = json_sent(&world, &to, message("3EB0INV1", both)).await;
    succeeded(&view);
    assert_eq!(phones(&world).await, ["+5531987650112"]);
    let hidden = json!({"remoteJid": "184467440000009@lid"});
    let view = json_sent(&world, &to, message("3EB0INV2", hidden)).await;
    failed(&view, "contact_required", &[]);
    assert_eq!(world.contacts().await.len(), 1);
}

#[tokio::test]
async fn fc_29_one_person_with_and_without_the_ninth_digit() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    for (id, phone) in
        [("f1", "(31) 98765-0113"), ("w1", "553187650113"), ("w2", "553187650113@s.whatsapp.net")]
    {
        let body = json!({"order": id, "name": "Tainá Rocha", "phone": phone, "title": id});
        succeeded(&json_sent(&world, &to, body.to_string()).await);
    }
    assert_eq!(phones(&world).await, ["+5531987650113"]);
    assert_eq!(world.deals(&to.origin).await.len(), 1);
    let landline = json!({"name": "Loja", "phone": "(31) 3456-0113"});
    succeeded(&json_sent(&world, &to, landline.to_string()).await);
    assert_eq!(phones(&world).await, ["+553134560113", "+5531987650113"]);
}
