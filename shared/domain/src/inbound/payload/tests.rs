use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::common::code::Code;

fn typed(content_type: &str, body: impl AsRef<[u8]>) -> Result<Parsed, PayloadError> {
    parse(&Request { content_types: &[content_type], body: body.as_ref(), ..Request::default() })
}

fn json(body: impl AsRef<[u8]>) -> Result<Parsed, PayloadError> {
    typed("application/json", body)
}

fn form(body: impl AsRef<[u8]>) -> Result<Parsed, PayloadError> {
    typed("application/x-www-form-urlencoded", body)
}

fn fails(result: Result<Parsed, PayloadError>) -> (Code, String) {
    let error = result.unwrap_err();
    (error.code(), error.params().get("reason").cloned().unwrap_or_default())
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(body).unwrap();
    packed.finish().unwrap()
}

fn coded(encodings: &[&str], body: &[u8]) -> Result<Parsed, PayloadError> {
    parse(&Request {
        content_types: &["application/json"],
        content_encodings: encodings,
        body,
        ..Request::default()
    })
}

#[test]
fn in_01_nesting_deeper_than_127_is_too_deep() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(json(nested(DEPTH_MAX)).is_ok());
    for depth in [128, 200] {
        let expected = (Code::PayloadUnparseable, "too_deep".to_owned());
        assert_eq!(fails(json(nested(depth))), expected);
    }
    let objects = "{\"a\":".repeat(200);
    assert_eq!(fails(json(objects)).1, "too_deep");
}

#[test]
fn in_02_six_megabytes_of_brackets_end_at_once() {
    assert_eq!(fails(json("[".repeat(6_000_000))).1, "too_deep");
}

#[test]
fn in_03_the_last_of_two_equal_keys_counts_and_the_path_is_reported() {
    let body = r#"{"data":[{"email":"a","name":"x","email":"b"}],"a b":1,"a b":2}"#;
    let parsed = json(body).unwrap();
    assert_eq!(parsed.body, json!({"data":[{"email":"b","name":"x"}],"a b":2}));
    let paths: Vec<_> = parsed.warnings.iter().map(|w| w.params()["path"].clone()).collect();
    assert_eq!(paths, ["$.data[0].email", "$['a b']"]);
    assert_eq!(parsed.warnings[0].code(), Code::DuplicateKey);
    assert!(json(r#"{"a":{"b":1},"c":{"b":1}}"#).unwrap().warnings.is_empty());
}

#[test]
fn in_03_of_a_thousand_duplicates_twenty_are_reported() {
    let body = format!(
        "{{{}\"z\":0}}",
        (0..1_000).fold(String::new(), |all, n| { all + &format!("\"k{n}\":1,\"k{n}\":2,") })
    );
    assert_eq!(json(body).unwrap().warnings.len(), 20);
}

#[test]
fn in_04_and_in_05_numbers_keep_the_digits_that_came() {
    let text = "[12345678901234567890123,447.10,1e400,-0,0.0,18446744073709551616,1E-7,199.9]";
    let parsed = json(text).unwrap();
    let digits: Vec<_> = parsed.body.as_array().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(digits[..3], ["12345678901234567890123", "447.10", "1e+400"].map(String::from));
    assert_eq!(digits[3..6], ["-0", "0.0", "18446744073709551616"].map(String::from));
    assert!(parsed.body.as_array().unwrap().iter().all(Value::is_number));
}

#[test]
fn in_05_an_object_that_looks_like_the_librarys_number_stays_an_object() {
    let body = r#"{"$serde_json::private::Number":"12"}"#;
    let parsed = json(body).unwrap();
    assert!(parsed.body.is_object());
    assert_eq!(parsed.body["$serde_json::private::Number"], "12");
    let escaped = r#"{"$serde_json::private::Number":"\u0031","b":[1.5]}"#;
    assert_eq!(json(escaped).unwrap().body["$serde_json::private::Number"], "1");
    for odd in ["null", "true", "[1.5]", "{\"a\":1e400}", "-1", "7", "1.50"] {
        let body = format!("{{\"$serde_json::private::Number\":{odd},\"b\":1}}");
        assert_eq!(json(&body).unwrap().body["b"], 1, "{odd}");
    }
}

#[test]
fn in_06_a_nul_is_kept_for_the_mapping_to_refuse() {
    assert_eq!(json(r#"{"name":"a\u0000b"}"#).unwrap().body["name"], "a\0b");
}

#[test]
fn in_07_a_lone_surrogate_is_unparseable() {
    let expected = (Code::PayloadUnparseable, "syntax".to_owned());
    assert_eq!(fails(json(r#"{"a":"\ud800"}"#)), expected);
    assert_eq!(json(r#"{"a":"\ud83d\ude0a"}"#).unwrap().body["a"], "😊");
}

#[test]
fn in_08_a_charset_counts_only_where_it_is_declared() {
    let latin = b"{\"nome\":\"Jo\xE3o\"}";
    let error = json(latin).unwrap_err();
    assert_eq!(error.params()["reason"], "charset");
    assert_eq!((error.params()["line"].as_str(), error.params()["column"].as_str()), ("1", "12"));
    for name in ["iso-8859-1", "\"Latin1\"", "windows-1252"] {
        let parsed = typed(&format!("application/json; charset={name}"), latin).unwrap();
        assert_eq!(parsed.body["nome"], "João", "{name}");
    }
    assert_eq!(fails(typed("application/json; charset=klingon", latin)).1, "charset");
    let little: Vec<u8> = "{\"a\":\"é\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(typed("application/json;charset=utf-16le", &little).unwrap().body["a"], "é");
    assert_eq!(json([b"\xFF\xFE".as_slice(), &little].concat()).unwrap().body["a"], "é");
    assert!(json(&little).is_err());
    assert_eq!(form("nome=Jo%E3o").unwrap_err().code(), Code::FormInvalid);
    let declared = "application/x-www-form-urlencoded; charset=ISO-8859-1";
    assert_eq!(typed(declared, "nome=Jo%E3o").unwrap().body["nome"], "João");
}

#[test]
fn in_09_a_byte_order_mark_is_no_part_of_the_json() {
    assert_eq!(json(b"\xEF\xBB\xBF{}").unwrap().body, json!({}));
}

#[test]
fn in_10_any_top_level_value_is_read() {
    for text in ["null", "\"x\"", "123", "[]"] {
        assert_eq!(json(text).unwrap().body.to_string(), text);
    }
}

#[test]
fn in_11_invalid_json_is_reported_with_its_position() {
    let bad = [
        "{\"a\":1} x",
        "{\"a\":NaN}",
        "{/*c*/}",
        "{'a':1}",
        "{\"a\":",
        "{\"a\":01}",
        "[1,]",
        "{\"a\" 1}",
        "tru",
        "\u{7f}",
        "{\"a\":\"\n\"}",
        "[1]]",
    ];
    for text in bad {
        let error = json(text).unwrap_err();
        assert_eq!(error.code(), Code::PayloadUnparseable, "{text}");
        assert!(error.params()["line"].parse::<u32>().unwrap() >= 1, "{text}");
        assert_eq!(error.params()["reason"], "syntax", "{text}");
    }
    let error = json("{\n  \"a\": 1,\n  b: 2\n}").unwrap_err();
    assert_eq!((&*error.params()["line"], &*error.params()["column"]), ("3", "3"));
}

#[test]
fn in_12_two_million_elements_are_too_many_and_half_a_million_are_read() {
    let many = format!("[{}1]", "1,".repeat(2_000_000));
    let error = json(many).unwrap_err();
    assert_eq!(error.code(), Code::TooManyNodes);
    assert_eq!(error.params()["limit"], NODES_MAX.to_string());
    let enough = format!("[{}1]", "1,".repeat(NODES_MAX - 2));
    assert_eq!(json(enough).unwrap().body.as_array().unwrap().len(), NODES_MAX - 1);
}

#[test]
fn in_13_names_of_a_language_many_keys_and_long_keys_are_plain_keys() {
    let long = "k".repeat(65_536);
    let many: String = (0..10_000).fold(String::new(), |all, n| all + &format!("\"k{n}\":{n},"));
    let body = format!("{{{many}\"__proto__\":{{\"a\":1}},\"constructor\":2,\"{long}\":3}}");
    let parsed = json(body).unwrap();
    assert_eq!(parsed.body["__proto__"]["a"], 1);
    assert_eq!(parsed.body["constructor"], 2);
    assert_eq!(parsed.body[&long], 3);
    assert_eq!(parsed.body["k9999"], 9_999);
    let odd = form("__proto__[a]=1&constructor=2&toString=3").unwrap();
    assert_eq!(odd.body, json!({"__proto__":{"a":"1"},"constructor":"2","toString":"3"}));
}

#[test]
fn in_14_nothing_and_white_space_are_an_empty_payload() {
    for body in ["", " \r\n\t", "\u{feff}", "\u{feff} "] {
        for result in [
            json(body),
            form(body),
            parse(&Request { body: body.as_bytes(), ..Request::default() }),
        ] {
            assert_eq!(result.unwrap_err().code(), Code::PayloadEmpty, "{body:?}");
        }
    }
    let query_only_noise = Request { query: "&&=", ..Request::default() };
    assert_eq!(parse(&query_only_noise).unwrap_err().code(), Code::PayloadEmpty);
}

#[test]
fn in_15_without_a_body_the_query_is_the_payload() {
    let query = "name=Ana+Lima&tag=a&tag=b&contact[email]=ana%40example.com&flag";
    let parsed = parse(&Request { query, ..Request::default() }).unwrap();
    assert_eq!(parsed.kind, Kind::Query);
    let expected = json!({
        "name": "Ana Lima", "tag": ["a", "b"], "contact": {"email": "ana@example.com"}, "flag": ""
    });
    assert_eq!(parsed.body, expected);
    assert_eq!(parsed.query, expected);
    let bad = Request { query: "a=%ZZ", ..Request::default() };
    assert_eq!(parse(&bad).unwrap_err().code(), Code::FormInvalid);
}

#[test]
fn in_15_a_query_beside_a_body_is_a_tree_of_its_own() {
    let with = |query| parse(&Request { query, body: b"{\"a\":1}", ..Request::default() }).unwrap();
    assert_eq!(with("origin=7").query, json!({"origin": "7"}));
    let broken = with("a=%ZZ");
    assert_eq!((broken.body, broken.query), (json!({"a":1}), json!({})));
    assert_eq!(broken.warnings[0].params()["reason"], "query_invalid");
}

#[test]
fn in_16_a_form_is_read_without_loss_or_refused() {
    let read = |text: &str| form(text).unwrap().body;
    assert_eq!(read("a=x%00y&b=1+2%2B3"), json!({"a": "x\0y", "b": "1 2+3"}));
    assert_eq!(read("a[]=1&a[]=2"), json!({"a": ["1", "2"]}));
    assert_eq!(read("a[0]=1&a[1]=2"), json!({"a": ["1", "2"]}));
    assert_eq!(read("a[1]=1&a[0]=2"), json!({"a": {"1": "1", "0": "2"}}));
    assert_eq!(read("=&&a=1&=&"), json!({"a": "1"}));
    assert_eq!(
        read("a%5Bb%5D%5Bc%5D=1&a%5Bb%5D%5Bd%5D=2"),
        json!({"a": {"b": {"c": "1", "d": "2"}}})
    );
    assert_eq!(read("a[][n]=1&a[][n]=2"), json!({"a": [{"n": "1"}, {"n": "2"}]}));
    assert_eq!(read("a=1&a=2&a=3"), json!({"a": ["1", "2", "3"]}));
    assert_eq!(
        read("a[b=1&c]=2&[d]=3&e[f]g=4&=5"),
        json!({"a[b": "1", "c]": "2", "[d]": "3", "e[f]g": "4", "": "5"})
    );
    assert_eq!(read("a=b=c&%20=x"), json!({"a": "b=c", " ": "x"}));
}

#[test]
fn in_16_a_bad_escape_is_reported_with_its_position() {
    for (text, position) in
        [("a=%ZZ", "2"), ("a=1&b%4=2", "5"), ("a=%", "2"), ("ok=1&x=ab%2", "9"), ("a=%+1", "2")]
    {
        let error = form(text).unwrap_err();
        assert_eq!(error.code(), Code::FormInvalid, "{text}");
        assert_eq!(error.params()["position"], position, "{text}");
    }
}

#[test]
fn in_16_a_value_and_a_map_under_one_key_are_both_kept() {
    let parsed = form("a=1&a[b]=2").unwrap();
    assert_eq!(parsed.body, json!({"a": {"0": "1", "b": "2"}}));
    assert_eq!(parsed.warnings[0].params()["reason"], "mixed_key");
    assert_eq!(form("a[b]=2&a=1").unwrap().body, json!({"a": {"b": "2", "0": "1"}}));
}

#[test]
fn in_16_depth_and_count_of_a_form_are_bounded() {
    let deep = format!("a{}=1", "[b]".repeat(FORM_DEPTH_MAX + 1));
    assert_eq!(fails(form(deep)).1, "too_deep");
    assert!(form(format!("a{}=1", "[b]".repeat(FORM_DEPTH_MAX))).is_ok());
    assert_eq!(form("a=1&".repeat(FORM_FIELDS_MAX + 1)).unwrap_err().code(), Code::TooManyNodes);
    assert!(form("a[]=1&".repeat(FORM_FIELDS_MAX)).is_ok());
}

const MULTIPART: &str = "multipart/form-data; boundary=XX";

fn part(headers: &str, body: &str) -> String {
    format!("--XX\r\nContent-Disposition: form-data; {headers}\r\n\r\n{body}\r\n")
}

#[test]
fn in_17_text_parts_are_fields_and_files_are_described() {
    let body = part("name=\"contact[name]\"", "Ana")
        + &part("name=\"contact[email]\"", "ana@example.com")
        + &part(
            "name=\"cv\"; filename=\"../../x/..\\cv.pdf\"\r\nContent-Type: application/pdf",
            "%PDF",
        )
        + &part("name=\"tag[]\"", "a")
        + &part("name=\"tag[]\"", "b")
        + "--XX--\r\n";
    let parsed = typed(MULTIPART, body).unwrap();
    assert_eq!(parsed.kind, Kind::Multipart);
    let cv = json!({"filename": "cv.pdf", "content_type": "application/pdf", "size": 4});
    assert_eq!(
        parsed.body,
        json!({
            "contact": {"name": "Ana", "email": "ana@example.com"}, "cv": cv, "tag": ["a", "b"]
        })
    );
}

#[test]
fn in_17_a_file_name_is_never_a_path() {
    for (sent, shown) in
        [("../../x", "x"), ("..", "file"), ("C:\\a\\b.txt", "b.txt"), ("/", "file"), ("", "file")]
    {
        let body = part(&format!("name=\"f\"; filename=\"{sent}\""), "x") + "--XX--";
        assert_eq!(typed(MULTIPART, body).unwrap().body["f"]["filename"], shown, "{sent}");
    }
}

#[test]
fn in_17_broken_multipart_is_unparseable_and_parts_are_capped() {
    assert_eq!(fails(typed("multipart/form-data", "--XX")).1, "no_boundary");
    for body in [
        "--XX",
        "rubbish",
        "--XX\r\n",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1",
    ] {
        assert_eq!(fails(typed(MULTIPART, body)).1, "multipart", "{body:?}");
    }
    let many: String = (0..1_000).map(|n| part(&format!("name=\"f{n}\""), "1")).collect();
    let parsed = typed(MULTIPART, many + "--XX--").unwrap();
    assert_eq!(parsed.body.as_object().unwrap().len(), PARTS_MAX);
    assert_eq!(parsed.warnings[0].params()["reason"], "too_many_parts");
    let file = part("name=\"f\"; filename=\"big\"", &"x".repeat(5_000_000)) + "--XX--";
    assert_eq!(typed(MULTIPART, file).unwrap().body["f"]["size"], 5_000_000);
    let inner = "--YY\r\nContent-Disposition: file\r\n\r\nz\r\n--YY--";
    let nested = part("name=\"n\"\r\nContent-Type: multipart/mixed; boundary=YY", inner) + "--XX--";
    assert_eq!(typed(MULTIPART, nested).unwrap().body["n"], inner);
}

#[test]
fn in_18_xml_is_text_and_no_entity_is_expanded() {
    let bomb =
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>";
    for content_type in ["application/xml", "text/xml; charset=utf-8", "application/soap+xml"] {
        let parsed = typed(content_type, bomb).unwrap();
        assert_eq!((parsed.kind, parsed.body), (Kind::Xml, json!(bomb)), "{content_type}");
    }
    let latin =
        typed("text/xml", b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\xE3</a>").unwrap();
    assert!(latin.warnings.is_empty() && latin.body.as_str().unwrap().ends_with("<a>ã</a>"));
    let lied = typed("text/xml", b"<?xml version=\"1.0\"?><a>\xE3</a>").unwrap();
    assert_eq!(lied.warnings[0].params()["reason"], "charset");
}

#[test]
fn in_19_binary_has_no_tree() {
    for content_type in ["application/octet-stream", "application/pdf", "image/png", "rubbish"] {
        let parsed = typed(content_type, b"\x89PNG\x00\xFF").unwrap();
        assert_eq!((parsed.kind, parsed.body), (Kind::Binary, Value::Null), "{content_type}");
    }
    let untyped = parse(&Request { body: b"\x00\xFF", ..Request::default() }).unwrap();
    assert_eq!(untyped.kind, Kind::Binary);
}

#[test]
fn in_20_gzip_is_unpacked_up_to_a_cap() {
    let body = br#"{"a":1}"#;
    for encodings in [&["gzip"][..], &["x-gzip"], &["GZIP"], &["identity", "gzip"]] {
        assert_eq!(coded(encodings, &gzip(body)).unwrap().body, json!({"a":1}), "{encodings:?}");
    }
    assert_eq!(coded(&["identity"], body).unwrap().body, json!({"a":1}));
    // A gzip file may have several members, so a large one is cheap to create.
    let bomb = gzip(&vec![b' '; 1_000_000]).repeat(10);
    assert_eq!(coded(&["gzip"], &bomb).unwrap_err().code(), Code::DecompressLimit);
    let noise: Vec<u8> =
        (0..5_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let large = gzip(&noise.repeat(50)).repeat(DECODED_MAX / 1_000_000 + 1);
    assert!(large.len() * RATIO_MAX > DECODED_MAX);
    assert_eq!(coded(&["gzip"], &large).unwrap_err().code(), Code::DecompressLimit);
    let mut torn = gzip(body);
    torn.truncate(15);
    assert_eq!(fails(coded(&["gzip"], &torn)).1, "corrupt_gzip");
    assert_eq!(fails(coded(&["gzip"], body)).1, "corrupt_gzip");
    for encodings in [&["gzip", "gzip"][..], &["gzip, gzip"], &["br"], &["zstd"], &["rubbish"]] {
        let error = coded(encodings, &gzip(&gzip(body))).unwrap_err();
        assert_eq!(error.code(), Code::UnsupportedEncoding, "{encodings:?}");
    }
}

#[test]
fn in_21_json_under_another_type_is_read_only_with_sniffing() {
    let body = br#"{"a":1}"#;
    let read = |content_types: &[&str], sniff| {
        parse(&Request { content_types, body, sniff, ..Request::default() }).unwrap()
    };
    assert_eq!(read(&["text/plain"], false).kind, Kind::Text);
    assert_eq!(read(&["text/plain"], true).kind, Kind::Json);
    assert_eq!(read(&["application/x-www-form-urlencoded"], true).body, json!({"a":1}));
    assert_eq!(read(&[], false).kind, Kind::Json);
    assert_eq!(read(&[""], false).kind, Kind::Json);
    assert_eq!(read(&["application/vnd.api+json; charset=utf-8"], false).kind, Kind::Json);
    assert_eq!(read(&[&"x".repeat(4_096)], false).kind, Kind::Binary);
    let two = read(&["application/json", "text/plain"], false);
    assert_eq!(two.kind, Kind::Json);
    assert_eq!(two.warnings[0].params()["reason"], "content_types");
    assert_eq!(read(&["text/plain, application/json"], false).kind, Kind::Text);
    let sniffed = |body: &[u8], content_types: &[&str]| {
        parse(&Request { content_types, body, sniff: true, ..Request::default() })
    };
    assert_eq!(sniffed(b"[hello] you", &["text/plain"]).unwrap().kind, Kind::Text);
    assert_eq!(sniffed(b"hello", &[]).unwrap().body, "hello");
    assert_eq!(sniffed(b"{oops", &[]).unwrap_err().code(), Code::PayloadUnparseable);
}

#[test]
fn s1_11_a_form_is_shown_as_json() {
    let parsed = form("a[b]=1&a[c][]=2").unwrap();
    assert_eq!(view(&parsed).to_string(), r#"{"a":{"b":"1","c":["2"]}}"#);
}

#[test]
fn a_tree_lists_its_values_with_paths_that_find_them() {
    let tree = json!({"a": [1, {"b c": "x"}], "é": null, "q'\\\n": true, "e": {}, "1": 2});
    let found = leaves(&tree, 100);
    assert_eq!(found.len(), 6);
    for (path, value) in found {
        let query = serde_json_path::JsonPath::parse(&path).unwrap();
        assert_eq!(query.query(&tree).exactly_one().unwrap(), value, "{path}");
    }
    assert_eq!(leaves(&tree, 2).len(), 2);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter_map("finite", |n| serde_json::Number::from_f64(n).map(Value::Number)),
        "-?[1-9][0-9]{0,40}(\\.[0-9]{1,20})?(e[+-][1-9][0-9]{0,3})?"
            .prop_map(|digits| Value::Number(digits.parse().unwrap())),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
            prop::collection::vec((any::<String>(), inner), 0..8)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

const TYPES: [&str; 8] = [
    "",
    "application/json",
    "application/x-www-form-urlencoded",
    MULTIPART,
    "text/plain",
    "application/json; charset=utf-16",
    "application/xml",
    "application/octet-stream",
];

proptest! {
    #[test]
    fn any_json_is_read_as_serde_json_reads_it(tree in any_json(), pretty in any::<bool>()) {
        let text = if pretty { format!("{tree:#}") } else { tree.to_string() };
        let parsed = json(&text).unwrap();
        prop_assert_eq!(parsed.body.to_string(), tree.to_string());
        prop_assert_eq!(&parsed.body, &serde_json::from_str::<Value>(&text).unwrap());
        prop_assert!(parsed.warnings.is_empty());
    }

    #[test]
    fn no_bytes_make_it_panic(
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[\\[\\]{}\",:0-9eE.+\\-\\\\ua-f&=%ntrs ]{0,80}".prop_map(String::into_bytes),
            "(--XX(--)?\r\n|name=\"a\\[\\]?\"|Content-Disposition: form-data; |\r\n\r\n|x){0,12}".prop_map(String::into_bytes),
        ],
        query in "\\PC{0,40}",
        (content_type, sniff) in (prop_oneof![prop::sample::select(&TYPES[..]).prop_map(String::from), "\\PC{0,60}"], any::<bool>()),
        encoding in prop::sample::select(vec![vec![], vec!["gzip"], vec!["deflate"], vec!["br"]]),
    ) {
        let request = Request {
            content_types: &[&content_type], content_encodings: &encoding, query: &query, body: &body, sniff,
        };
        if let Ok(parsed) = parse(&request) {
            prop_assert!(leaves(view(&parsed), 50).len() <= 50);
            prop_assert!(parsed.query.is_object());
        }
    }

    #[test]
    fn a_flat_form_is_read_without_changes(
        fields in prop::collection::btree_map("[^\\[\\]]{1,12}", any::<String>(), 1..10)
    ) {
        let text: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let parsed = form(&text).unwrap();
        let read: std::collections::BTreeMap<String, String> =
            serde_json::from_value(parsed.body).unwrap();
        prop_assert_eq!(read, fields);
    }

    #[test]
    fn nested_forms_are_read_without_changes(
        fields in prop::collection::btree_map("[a-z]{1,5}", prop::collection::vec(any::<String>(), 1..5), 1..6)
    ) {
        let pairs = fields.iter().flat_map(|(key, items)| {
            items.iter().map(move |item| (format!("r[{key}][]"), item))
        });
        let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        prop_assert_eq!(form(&text).unwrap().body, json!({ "r": fields }));
    }
}
