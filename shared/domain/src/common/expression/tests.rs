use proptest::prelude::*;
use serde_json::json;
use serde_json_path::JsonPath;

use super::*;

/// The results of an expression and the work that it took.
fn spent(path: &str, tree: &Value) -> (Result<usize, OverBudget>, Budget) {
    let whole = Budget::WHOLE;
    let mut left = whole;
    let found = Expression::compile(path).unwrap().find(tree, &mut left).map(|list| list.len());
    let spent = Budget {
        steps: whole.steps - left.steps,
        nodes: whole.nodes - left.nodes,
        bytes: whole.bytes - left.bytes,
    };
    (found, spent)
}

/// A chain of objects with lists beside it, as in the body of issue 14.
fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, _| json!({"a": inner, "b": [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]}))
}

#[test]
fn f13_the_work_of_a_path_is_counted_and_bounded() {
    let body = nested(120);
    assert!(body.to_string().len() < 4_000);
    let (found, work) = spent("$..a", &body);
    // 120 objects, 120 lists, 1,201 numbers; a segment and a selector for each.
    assert_eq!((found, work), (Ok(120), Budget { steps: 2 * 1_441, nodes: 120, bytes: 0 }));
    assert_eq!(spent("$..*..*..*..*", &body).0, Err(OverBudget));
    let long = json!({"a": vec![json!("x".repeat(1_000)); 100], "b": "x".repeat(1_000)});
    assert_eq!(spent("$.a[?@ == $.b]", &long).1.bytes, 100 * 1_000);
    let huge = json!({"a": vec![json!(1); 100], "b": "x".repeat(1_000_000)});
    assert_eq!(spent("$.a[?length($.b) > @]", &huge).0, Err(OverBudget));
    assert_eq!(spent("$.a[?$.b == $.b]", &huge).0, Err(OverBudget));
    assert_eq!(spent("$.a[?$.b < $.b]", &huge).0, Err(OverBudget));
    let digits: Value = serde_json::from_str(&"9".repeat(1_000_000)).unwrap();
    let numbers = json!({"a": vec![json!(1); 100], "b": digits});
    assert_eq!(spent("$.a[?@ == $.b]", &numbers).0, Err(OverBudget));
    let lists = json!({"a": vec![json!(1); 2_000], "b": vec![json!(1); 2_000]});
    assert_eq!(spent("$.a[?$.b == $.b]", &lists).0, Err(OverBudget));
}

#[test]
fn f13_the_largest_body_can_be_searched_once() {
    let wide = Value::from(vec![json!({"a": 1}); 250_000]);
    assert_eq!(spent("$..a", &wide).0, Ok(250_000));
    let items = Value::from(vec![json!({"a": 1, "b": [1, 2, 3]}); 100_000]);
    assert_eq!(spent("$[?@.a == 1].a", &items).0, Ok(100_000));
}

#[test]
fn texts_are_read_with_their_escapes() {
    let tree = json!({"a'b": 1, "\u{1F600}": 2, "é": 3, "\n": 4, "a\"": 5});
    for (path, found) in [
        (r"$['a\'b']", 1),
        (r"$['\uD83D\uDE00']", 2),
        ("$.é", 3),
        (r#"$["\n"]"#, 4),
        (r#"$["a\""]"#, 5),
    ] {
        let list = Expression::compile(path).unwrap();
        assert_eq!(list.find(&tree, &mut Budget::WHOLE.clone()).unwrap(), [&json!(found)]);
    }
    for path in [r"$['\uD83D']", r"$['\x']", "$['\n']", r#"$["\'"]"#, "$['a"] {
        assert!(matches!(Expression::compile(path), Err(Fault::Syntax(_))), "{path}");
    }
}

#[test]
fn nothing_is_equal_to_nothing_and_not_less() {
    let tree = json!([{"a": 1}, {"a": "ab"}, {"a": [1, 2, 3]}]);
    for (path, found) in [
        ("$[?@.b == @.c]", 3),
        ("$[?@.b <= length(@.b)]", 3),
        ("$[?value(@.x) >= @.c]", 3),
        ("$[?@.b < @.c]", 0),
        ("$[?length(@.a) >= 2]", 2),
        ("$[?value(@.a[1:2]) == 2]", 1),
    ] {
        let expression = Expression::compile(path).unwrap();
        let list = expression.find(&tree, &mut Budget::WHOLE.clone()).unwrap();
        assert_eq!(list.len(), found, "{path}");
    }
}

fn any_tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3i64..4).prop_map(Value::from),
        (-3i32..4).prop_map(|n| Value::from(f64::from(n) / 2.0)),
        "[ab0é]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec(("[abc]", inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// The inside of brackets: selectors, or a filter.
fn any_bracket() -> impl Strategy<Value = String> {
    let selector = prop_oneof![
        Just("*".to_owned()),
        "[abc]".prop_map(|name| format!("'{name}'")),
        (-3i64..4).prop_map(|n| n.to_string()),
        "(-?[1-3])?:(-?[1-3])?(:(-?[1-2])?)?",
    ];
    prop_oneof![
        3 => prop::collection::vec(selector, 1..3).prop_map(|list| list.join(", ")),
        2 => any_filter().prop_map(|test| format!("?{test}")),
    ]
}

/// The comparisons are those in which the oracle follows the standard: it orders lists and absent
/// values by `>` and `>=` (2.3.5.2.2), and finds nothing at a negative index (2.3.3.2.2). A table tests
/// these.
fn any_filter() -> impl Strategy<Value = String> {
    let inner = prop_oneof![
        Just(String::new()),
        "[.][abc]",
        (0..3).prop_map(|n| format!("[{n}]")),
        "[.][abc][.][abc]",
    ];
    let side = prop_oneof![
        inner.clone().prop_map(|path| format!("@{path}")),
        inner.clone().prop_map(|path| format!("${path}")),
        inner.clone().prop_map(|path| format!("length(@{path})")),
        Just("count(@.*)".to_owned()),
        Just("value(@[1:2])".to_owned()),
        prop::sample::select(vec!["1", "-0.5", "1e0", "'a'", "\"\"", "true", "null", "''"])
            .prop_map(str::to_owned),
    ];
    let compare = prop::sample::select(vec!["==", "!=", "<"]);
    prop_oneof![
        (side.clone(), compare, side).prop_map(|(l, op, r)| format!("{l} {op} {r}")),
        inner.prop_map(|path| format!("@{path}")),
        (-2..0).prop_map(|n| format!("@[{n}]")),
        Just("!@.a".to_owned()),
        Just("(@.a || @.b) && !(@.c)".to_owned()),
        Just("@..a".to_owned()),
    ]
}

/// A path of the grammar, within the limits of nesting and multiplication.
fn any_path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        3 => "[.][abc]",
        1 => Just(".*".to_owned()),
        2 => "[.][.][abc]",
        1 => Just("..*".to_owned()),
        5 => any_bracket().prop_map(|inside| format!("[{inside}]")),
    ];
    prop::collection::vec(segment, 0..4).prop_map(|segments| format!("${}", segments.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The crate `serde_json_path` is the oracle of RFC 9535.
    #[test]
    fn a_path_finds_what_the_standard_says(path in any_path(), tree in any_tree()) {
        let oracle = JsonPath::parse(&path);
        match Expression::compile(&path) {
            Err(Fault::TooCostly) => {}
            Err(fault) => prop_assert!(oracle.is_err(), "{path}: {fault:?}"),
            Ok(expression) => {
                let oracle = oracle.unwrap_or_else(|error| panic!("{path}: {error}"));
                let found = expression.find(&tree, &mut Budget::WHOLE.clone()).unwrap();
                prop_assert_eq!(found, oracle.query(&tree).all(), "{}", path);
            }
        }
    }

    #[test]
    fn a_text_is_a_path_if_the_standard_says_so(
        path in "\\PC{0,30}|[$.@?*\\[\\]()',:!=<>& |a0-9\"-]{0,40}|(\\[[?@.a0*:, ='!()<&|-]{1,8}\\]|[.]{1,2}[a*0]){0,3}",
    ) {
        let path = format!("${path}");
        match Expression::compile(&path) {
            Err(Fault::TooCostly | Fault::Regex | Fault::TooLong) => {}
            Err(Fault::Syntax(at)) => {
                prop_assert!(at <= path.len());
                prop_assert!(JsonPath::parse(&path).is_err(), "refused {}", path);
            }
            Ok(_) => prop_assert!(JsonPath::parse(&path).is_ok(), "accepted {}", path),
        }
    }
}

#[test]
fn comparisons_with_absent_values_and_from_the_end_are_those_of_the_standard() {
    // RFC 9535, 2.3.5.2.2: `==` implies `<=`, also between two absent values; other kinds have no
    // order. 2.3.3.2.2: a negative index counts from the end.
    let tree = json!([{"a": 1, "b": 2, "c": "x", "d": "y", "e": null, "f": true, "g": [1]}]);
    let table = [
        ("@.a <= @.b", true),
        ("@.b <= @.a", false),
        ("@.b >= @.a", true),
        ("@.a >= @.a", true),
        ("@.c <= @.d", true),
        ("@.c >= @.d", false),
        ("@.a <= @.c", false),
        ("@.a >= @.c", false),
        ("@.e <= @.e", true),
        ("@.f >= @.f", true),
        ("@.g <= @.g", true),
        ("@.b > @.a", true),
        ("@.a > @.a", false),
        ("@.d > @.c", true),
        ("@.g > @.g", false),
        ("$ > @.g", false),
        ("@.a > @.no", false),
        ("@.no > @.nor", false),
        ("@.g[-1] == @.a", true),
        ("@.g[-1] >= @.a", true),
        ("@.g[-2] == @.a", false),
        ("$[-1].a == @.a", true),
        ("@.e <= @.f", false),
        ("@.no <= @.nor", true),
        ("@.no >= @.nor", true),
        ("length(@.no) <= @.nor", true),
        ("value(@.no) == @.e", false),
        ("value(@.no) == @.nor", true),
        ("@.no <= @.a", false),
        ("@.a >= @.no", false),
    ];
    for (condition, holds) in table {
        let expression = Expression::compile(&format!("$[?{condition}]")).unwrap();
        let found = expression.find(&tree, &mut Budget::WHOLE.clone()).unwrap();
        assert_eq!(!found.is_empty(), holds, "{condition}");
    }
}

/// A path made to multiply.
fn hostile_path() -> impl Strategy<Value = String> {
    let segment = prop::sample::select(vec![
        "..*",
        "..[*,*]",
        "[*,*]",
        "..a",
        "[*]",
        "[?@..a]",
        "[?count(@..*) > 0]",
        "[?$..a]",
        "[?@ == $]",
        "[?$ == $]",
        "[?length($.t) > 0]",
        "[?@ < $.t]",
        "..[?@..*]",
        "[::1,::-1]",
        "..[0,0,0,0]",
        "..['a','a']",
    ]);
    prop::collection::vec(segment, 1..6).prop_map(|segments| format!("${}", segments.concat()))
}

fn hostile_body() -> impl Strategy<Value = Value> {
    (1usize..120, 0usize..300, 0usize..200_000).prop_map(|(depth, width, text)| {
        let wide = Value::from(vec![json!({"a": [1, 2, "x"]}); width]);
        let text = "x".repeat(text);
        let deep = (0..depth).fold(wide, |inner, _| json!({"a": inner, "b": [1, 2, 3]}));
        json!({"t": text, "a": deep, "l": vec![Value::from(text.clone()); 5]})
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Every entry of a list of results takes a node, so the lists hold at most 8 bytes for each.
    #[test]
    fn f13_no_path_on_any_body_does_more_than_its_budget(
        path in hostile_path(), body in hostile_body(),
    ) {
        let Ok(expression) = Expression::compile(&path) else { return Ok(()) };
        let mut left = Budget::WHOLE;
        let found = expression.find(&body, &mut left);
        let nodes = usize::try_from(Budget::WHOLE.nodes - left.nodes).unwrap();
        match found {
            Ok(found) => prop_assert!(found.len() <= nodes + 1),
            Err(OverBudget) => prop_assert!(
                left.steps == 0 || left.nodes == 0 || left.bytes < 32 * 1024 * 1024
            ),
        }
    }
}
