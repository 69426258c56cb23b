//! CATALOGUE A, IN-14 to IN-21: no body, queries, forms, parts, XML, bytes, compressed, mislabeled.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use reqwest::{Method, header::HeaderValue};
use serde_json::{Value, json};
use tests::{Inbound, World};

use crate::inbound::{
    accepted, anything, failed, field, json_sent, listed, mapped, nothing_made, post, sent,
    sentences, succeeded, tree_of, warnings,
};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn in_14_an_empty_body_is_kept_and_reported_as_empty() {
    let world = World::new().await;
    let to = anything(&world).await;
    for body in ["", " ", "\r\n\t ", "\u{feff}"] {
        let view = json_sent(&world, &to, body).await;
        failed(&view, "payload_empty", &[]);
    }
    let untyped = post(&world, &to).body("");
    failed(&accepted(&world, &to, untyped, b"").await, "payload_empty", &[]);
    nothing_made(&world, &to).await;
}

/// Sends a query without a body by `GET`.
async fn got(world: &World, to: &Inbound, query: &str) -> Value {
    let request = world.request(Method::GET, &format!("{}?{query}", to.url));
    accepted(world, to, request, b"").await
}

#[tokio::test]
async fn in_15_the_query_is_the_payload_of_a_get() {
    let world = World::new().await;
    let fields = json!([
        field("contact.name", "$.name"),
        field("contact.email", "$.email"),
        field("deal.tags", "$.tag"),
        {"target": "deal.custom.campanha", "path": "$.utm", "from": "query"},
    ]);
    let settings = json!({"methods": ["GET"], "mapping": {"fields": fields}});
    let to = world.inbound(settings).await;
    let query = "name=Ana+Maria&email=ana%40example.com&tag=a&tag=b&utm=x";
    let view = got(&world, &to, query).await;
    succeeded(&view);
    assert_eq!((&view["method"], &view["query"]), (&json!("GET"), &json!(query)));
    assert_eq!(
        tree_of(&world, &view).await,
        r#"{"name":"Ana Maria","email":"ana@example.com","tag":["a","b"],"utm":"x"}"#
    );
    assert_eq!(world.contacts().await[0]["name"], "Ana Maria");
    let deal = &world.deals(&to.origin).await[0];
    assert_eq!((&deal["tags"], &deal["custom"]["campanha"]), (&json!(["a", "b"]), &json!("x")));

    failed(&got(&world, &to, "").await, "payload_empty", &[]);
    failed(&got(&world, &to, "a=%ZZ").await, "form_invalid", &[]);
}

#[tokio::test]
async fn in_16_forms_are_read_without_loss() {
    let world = World::new().await;
    let to = anything(&world).await;
    for (body, tree) in [
        ("title=Um+dois&x=%2B", json!({"title": "Um dois", "x": "+"})),
        ("a[]=1&a[]=2", json!({"a": ["1", "2"]})),
        ("a=1&a=2", json!({"a": ["1", "2"]})),
        ("a[b][c]=1&a[b][d]=2", json!({"a": {"b": {"c": "1", "d": "2"}}})),
        ("a[0][n]=x&a[1][n]=y", json!({"a": [{"n": "x"}, {"n": "y"}]})),
        ("a[b=1&c]=2", json!({"a[b": "1", "c]": "2"})),
        ("=&&", json!({})),
        ("x=%00", json!({"x": "\0"})),
        ("caf%C3%A9=%F0%9F%AA%9D", json!({"café": "🪝"})),
    ] {
        let view = sent(&world, &to, FORM, body).await;
        succeeded(&view);
        let seen: Value = serde_json::from_str(&tree_of(&world, &view).await).unwrap();
        assert_eq!(seen, tree, "{body}");
    }
    let created = world.deals(&to.origin).await.len();
    for (body, position) in
        [("a=1&b=%ZZ", "6"), ("a=%", "2"), ("%2=1", "0"), ("a=%FF", "2"), ("ab=c%4", "4")]
    {
        let view = sent(&world, &to, FORM, body).await;
        failed(&view, "form_invalid", &[("position", position)]);
    }
    let nul = sent(&world, &to, FORM, "title=a%00b").await;
    succeeded(&nul);
    assert_eq!(warnings(&nul), ["field_skipped"]);
    assert_eq!(nul["warnings"][0]["params"]["reason"], "nul");
    assert_eq!(world.deals(&to.origin).await.len(), created + 1);
}

/// A multipart body of parts, each with its own headers.
fn parts(list: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (head, content) in list {
        body.extend_from_slice(format!("--gancho\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--gancho--\r\n");
    body
}

const MULTIPART: &str = "multipart/form-data; boundary=gancho";

#[tokio::test]
async fn in_17_parts_are_fields_and_file_names_are_never_paths() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let body = parts(&[
        ("content-disposition: form-data; name=\"name\"", "Ana".as_bytes()),
        ("content-disposition: form-data; name=\"email\"", b"ana@example.com"),
        (
            "content-disposition: form-data; name=\"doc\"; filename=\"../../x\"\r\ncontent-type: image/png",
            b"\x89PNG\xff",
        ),
        (
            "content-disposition: form-data; name=\"in\"\r\ncontent-type: multipart/mixed; boundary=b",
            b"--b\r\n\r\nx\r\n--b--",
        ),
    ]);
    let view = sent(&world, &to, MULTIPART, &body).await;
    succeeded(&view);
    let tree: Value = serde_json::from_str(&tree_of(&world, &view).await).unwrap();
    assert_eq!(tree["doc"], json!({"filename": "x", "content_type": "image/png", "size": 5}));
    assert_eq!(tree["in"], "--b\r\n\r\nx\r\n--b--");
    assert_eq!(world.contacts().await[0]["name"], "Ana");
}

#[tokio::test]
async fn in_17_parts_without_a_boundary_or_an_end_or_number_are_bounded() {
    let world = World::new().await;
    let to = anything(&world).await;
    let good = parts(&[("content-disposition: form-data; name=\"title\"", b"Um")]);
    let view = sent(&world, &to, "multipart/form-data", &good).await;
    failed(&view, "payload_unparseable", &[("reason", "no_boundary")]);
    for broken in [&good[..good.len() - 12], b"--gancho\r\n", b"no parts at all"] {
        let view = sent(&world, &to, MULTIPART, broken).await;
        failed(&view, "payload_unparseable", &[("reason", "multipart")]);
    }
    nothing_made(&world, &to).await;

    let heads: Vec<String> =
        (0..1_000).map(|n| format!("content-disposition: form-data; name=\"f{n}\"")).collect();
    let many: Vec<(&str, &[u8])> = heads.iter().map(|head| (head.as_str(), &b"v"[..])).collect();
    let view = sent(&world, &to, MULTIPART, parts(&many)).await;
    succeeded(&view);
    assert_eq!(warnings(&view), ["payload_repaired"]);
    let tree: Value = serde_json::from_str(&tree_of(&world, &view).await).unwrap();
    assert_eq!(tree.as_object().unwrap().len(), 200);
}

#[tokio::test]
async fn in_17_a_large_file_is_kept_or_refused_but_never_lost() {
    let world = World::new().await;
    let to = anything(&world).await;
    let head = "content-disposition: form-data; name=\"f\"; filename=\"a.bin\"";
    // The API gateway passes parts as base64: 4 MB of them fit into an invocation, 5 MB do not.
    let view = sent(&world, &to, MULTIPART, parts(&[(head, &vec![7; 4_000_000])])).await;
    succeeded(&view);
    assert!(tree_of(&world, &view).await.contains("\"size\":4000000"));
    let response = world.send_as(&to, MULTIPART, parts(&[(head, &vec![7; 5_000_000])])).await;
    assert_eq!(response.status, 413);
    world.settle().await;
    assert_eq!(listed(&world, &to).await, 1);
}

#[tokio::test]
async fn in_18_entities_of_xml_are_never_expanded_and_nothing_is_fetched() {
    let world = World::new().await;
    let canary = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    canary.set_nonblocking(true).unwrap();
    let at = canary.local_addr().unwrap();
    let fields = json!([field("deal.custom.xml", "$"), {"target": "deal.title", "constant": "X"}]);
    let to = mapped(&world, "create_deal", fields).await;
    let laughs: Vec<String> = (1..10)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect();
    for body in [
        format!("<!DOCTYPE a [<!ENTITY l0 \"ha\">{}]><a>&l9;</a>", laughs.concat()),
        format!("<!DOCTYPE a [<!ENTITY x SYSTEM \"http://{at}/x\">]><a>&x;</a>"),
        format!("<!DOCTYPE a SYSTEM \"http://{at}/a.dtd\"><a/>"),
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>".to_owned(),
    ] {
        for kind in ["application/xml", "text/xml; charset=utf-8", "application/soap+xml"] {
            let view = sent(&world, &to, kind, &body).await;
            succeeded(&view);
            let tree: Value = serde_json::from_str(&tree_of(&world, &view).await).unwrap();
            assert_eq!(tree, body.as_str());
        }
    }
    let deals = world.deals(&to.origin).await;
    assert_eq!(deals.len(), 12);
    assert!(deals.iter().all(|it| it["custom"]["xml"].as_str().unwrap().contains("DOCTYPE")));
    assert_eq!(canary.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn in_19_bytes_of_any_kind_come_back_as_they_were() {
    let world = World::new().await;
    let to =
        mapped(&world, "create_deal", json!([{"target": "deal.title", "constant": "Anexo"}])).await;
    let all: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    for (kind, body) in [
        ("application/octet-stream", all.as_slice()),
        ("application/pdf", b"%PDF-1.7\n\xE2\xE3\xCF\xD3\n1 0 obj\n"),
        ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("text/plain", b"\xff\xfe\0"),
        ("application/json", b"\xff"),
    ] {
        let view = sent(&world, &to, kind, body).await;
        if kind != "application/json" {
            succeeded(&view);
        }
        assert_eq!(view["payload"]["content_type"], kind);
        let response = world.get(view["payload"]["href"].as_str().unwrap()).await;
        assert_eq!(response.headers["content-type"], "application/octet-stream");
        assert_eq!(response.headers["x-content-type-options"], "nosniff");
    }
    let fields = world.inbound(json!({})).await;
    let view = sent(&world, &fields, "application/octet-stream", &all).await;
    failed(&view, "mapping_failed", &[("reason", "not_object")]);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn in_20_compressed_bodies_are_unpacked_up_to_a_limit() {
    let world = World::new().await;
    let to = anything(&world).await;
    let packed = |encoding: &'static str, body: Vec<u8>| {
        let (world, to) = (&world, &to);
        async move {
            let request = post(world, to)
                .header("content-type", "application/json")
                .header("content-encoding", encoding);
            accepted(world, to, request.body(body.clone()), &body).await
        }
    };
    let json = gzip(br#"{"title":"Comprimido"}"#);
    let bomb = gzip(format!("{{\"a\":\"{}\"}}", " ".repeat(40_000_000)).as_bytes());
    assert!(bomb.len() < 60_000);
    let corrupt = [&json[..json.len() - 9], b"12345"].concat();
    for (encoding, body, code, param) in [
        ("gzip", bomb, "decompress_limit", None),
        ("gzip", corrupt, "payload_unparseable", Some(("reason", "corrupt_gzip"))),
        ("gzip", b"{}".to_vec(), "payload_unparseable", Some(("reason", "corrupt_gzip"))),
        ("gzip, gzip", gzip(&json), "unsupported_encoding", Some(("encoding", "gzip, gzip"))),
        ("br", b"\x0b\x02\x80{}\x03".to_vec(), "unsupported_encoding", Some(("encoding", "br"))),
    ] {
        let view = packed(encoding, body).await;
        failed(&view, code, param.as_slice());
        let (english, portuguese) = sentences(&world, &to, &view).await;
        assert_ne!(english, portuguese);
    }
    nothing_made(&world, &to).await;
    let view = packed("gzip", json).await;
    succeeded(&view);
    assert_eq!(tree_of(&world, &view).await, r#"{"title":"Comprimido"}"#);
    assert_eq!(world.deals(&to.origin).await[0]["title"], "Comprimido");
}

#[tokio::test]
async fn in_21_a_wrong_content_type_is_believed_unless_the_integration_says_otherwise() {
    let world = World::new().await;
    let strict = world.inbound(json!({"action": "create_deal", "sniff_json": false})).await;
    let lenient = world.inbound(json!({"action": "create_deal", "sniff_json": true})).await;
    let body = r#"{"title":"Um"}"#;
    for kind in ["text/plain", "application/octet-stream"] {
        failed(
            &sent(&world, &strict, kind, body).await,
            "mapping_failed",
            &[("reason", "not_object")],
        );
        succeeded(&sent(&world, &lenient, kind, body).await);
    }
    succeeded(&sent(&world, &lenient, FORM, body).await);
    let text = sent(&world, &lenient, "text/plain", "plain text").await;
    failed(&text, "mapping_failed", &[("reason", "not_object")]);
    // Without a setting, JSON is recognised as JSON.
    let untyped = post(&world, &strict).body(body);
    succeeded(&accepted(&world, &strict, untyped, body.as_bytes()).await);
    let deals = world.deals(&lenient.origin).await;
    assert_eq!(deals.iter().map(|it| &it["title"]).collect::<Vec<_>>(), ["Um"; 3]);
}

#[tokio::test]
async fn in_21_an_odd_content_type_header_is_no_error() {
    let world = World::new().await;
    let to = anything(&world).await;
    let body = r#"{"title":"Um"}"#;
    let long = format!("application/json; x={}", "y".repeat(4_096));
    succeeded(&sent(&world, &to, &long, body).await);
    succeeded(&sent(&world, &to, "Application/JSON;charset=UTF-8", body).await);
    succeeded(&sent(&world, &to, "application/vnd.loja+json", body).await);

    let two = post(&world, &to)
        .header("content-type", "application/json")
        .header("content-type", "text/plain");
    let view = accepted(&world, &to, two.body(body), body.as_bytes()).await;
    succeeded(&view);
    assert_eq!(warnings(&view), ["payload_repaired"]);

    let bytes = HeaderValue::from_bytes(b"application/json; x=\xff").unwrap();
    let odd = post(&world, &to).header("content-type", bytes);
    succeeded(&accepted(&world, &to, odd.body(body), body.as_bytes()).await);
}
