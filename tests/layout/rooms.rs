//! The uses between files: one place for each rule, and no circle of imports.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::files::{functions, names_in, read, root, rust_files};

/// A call or constant, and the only files of production code that may contain it.
const ONE_PLACE: &[(&str, &[&str])] = &[
    // Expressions of tenants have one evaluator with a budget (decision 0065).
    ("serde_json_path", &[]),
    ("jsonpath_rust", &[]),
    ("JsonPath::", &[]),
    ("steps.checked_sub(", &["shared/domain/src/common/expression/mod.rs"]),
    (".send_message(", &["shared/edge/src/queue.rs"]),
    (".send_message_batch(", &["shared/edge/src/queue.rs"]),
    (".change_message_visibility(", &["shared/edge/src/queue.rs"]),
    ("LONGEST_DELAY: i32", &["shared/edge/src/queue.rs"]),
    (".begin_idempotent(", &["shared/edge/src/idempotency.rs"]),
    ("\"idempotency-key\"", &["shared/edge/src/idempotency.rs"]),
    ("invalid(\"limit\", \"out_of_range\")", &["shared/domain/src/common/list_query.rs"]),
    ("invalid(\"from\", \"invalid_date\")", &["shared/domain/src/common/list_query.rs"]),
    ("MAX_HOPS: u8", &["shared/domain/src/outbound/event.rs"]),
    (".hops >=", &["shared/domain/src/outbound/event.rs"]),
    (
        ".change_gate(",
        &[
            "shared/store/src/gates.rs",
            "functions/suspension/src/hold.rs",
            "functions/suspension/src/recover.rs",
        ],
    ),
    ("\"gate changed\"", &["shared/store/src/gates.rs"]),
    ("Status(410)", &["shared/domain/src/outbound/retry.rs"]),
    ("outage::began(", &["shared/edge/src/last_response.rs"]),
    ("= MANY", &["shared/domain/src/outbound/outage.rs"]),
    (".move_part(", &["shared/edge/src/jobs/worker.rs"]),
    ("JobMessage::of(", &["shared/edge/src/jobs/request.rs"]),
    (".create_job(", &["shared/edge/src/jobs/request.rs"]),
    ("redrives: 0,", &["shared/domain/src/outbound/delivery.rs"]),
    (".catch_unwind()", &["shared/edge/src/batch.rs"]),
    (
        "LruCache::new(",
        &[
            "functions/deliver/src/slow_queue.rs",
            "shared/edge/src/cached.rs",
            "shared/edge/src/sender/connections.rs",
        ],
    ),
    ("time::sleep(", &["functions/deliver/src/lane.rs", "shared/store/src/backoff.rs"]),
    ("cursor::open(", &["shared/edge/src/page.rs"]),
    ("cursor::seal(", &["shared/edge/src/page.rs"]),
];

/// The Rust files of functions and shared crates, without files of tests.
pub(crate) fn production() -> Vec<(String, String)> {
    let mut files = rust_files(&root().join("functions"));
    files.extend(rust_files(&root().join("shared")));
    let relative = |path: &Path| path.strip_prefix(root()).unwrap().display().to_string();
    let all = files.iter().map(|path| (relative(path), fs::read_to_string(path).unwrap()));
    let is_test = |name: &str| name.contains("/tests") || name.ends_with("tests.rs");
    let code = |text: String| text.split("#[cfg(test)]").next().unwrap().to_owned();
    all.filter(|(name, _)| !is_test(name)).map(|(name, text)| (name, code(text))).collect()
}

#[test]
fn a_rule_that_several_functions_need_has_one_place() {
    let files = production();
    for (spelling, places) in ONE_PLACE {
        let found = files.iter().filter(|(_, text)| text.contains(*spelling));
        let names: BTreeSet<&str> = found.map(|(name, _)| name.as_str()).collect();
        let allowed: BTreeSet<&str> = places.iter().copied().collect();
        assert_eq!(names, allowed, "the places of `{spelling}`");
    }
}

/// The functions whose answers are structs that serialize, none built by hand.
const TYPED: [&str; 5] = ["deliveries", "history", "manage", "publish", "reprocess"];

#[test]
fn the_answers_of_these_functions_are_typed() {
    let folders = TYPED.map(|function| format!("functions/{function}/src/"));
    let files = production();
    let of_them = |name: &str| folders.iter().any(|folder| name.starts_with(folder));
    let by_hand = files.iter().filter(|(name, text)| of_them(name) && text.contains("json!"));
    assert_eq!(by_hand.map(|(name, _)| name).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn every_main_starts_with_the_check_of_its_functions_queues() {
    for function in functions() {
        let main = read(&format!("functions/{function}/src/main.rs"));
        assert!(main.contains(&format!("{function}::QUEUES")), "{function} starts without a check");
    }
}

#[test]
fn every_app_keeps_the_dependencies_and_no_copy_of_their_members() {
    for function in functions() {
        let lib = read(&format!("functions/{function}/src/lib.rs"));
        let app = lib.split_once("pub struct App {\n").expect(&function).1;
        let (app, rest) = app.split_once("\n}\n").unwrap();
        assert!(app.starts_with("    deps: Deps,"), "{function}: {app}");
        let copies = [": Clock", ": Ids", ": Metrics", ": Settings", "_client", "Option<String>"];
        let found: Vec<_> = copies.iter().filter(|copy| app.contains(*copy)).collect();
        assert!(found.is_empty(), "{function} copies {found:?}");
        let new = rest.split_once("pub fn new(").expect(&function).1;
        assert!(new.starts_with("deps: Deps) -> Self {"), "{function}");
    }
}

/// A function's own errors are one enum `Error` in its `lib.rs`, whose messages are those of their
/// sources; the runtime's error, which says nothing, is only that of `handle`.
#[test]
fn the_errors_of_a_function_are_one_enum() {
    for (name, text) in production() {
        let Some(file) = name.strip_prefix("functions/") else { continue };
        let is_lib = file.ends_with("/src/lib.rs") || file.ends_with("/src/main.rs");
        let is_runtimes =
            text.contains("lambda_runtime::Error") || text.contains("runtime::{Error");
        assert!(is_lib || !is_runtimes, "{name} returns the runtime's error");
        let enums = text.matches("thiserror::Error").count();
        assert!(enums <= usize::from(is_lib), "{name} has an error of its own");
        assert_eq!(text.matches("\nenum Error {").count(), enums, "{name}");
        assert!(!text.contains("#[error(\"{0}\")]"), "{name}: transparent");
    }
}

/// The modules of a crate by path, with their texts, without tests and comments.
fn modules(src: &Path) -> BTreeMap<Vec<String>, String> {
    let mut found = BTreeMap::new();
    for file in rust_files(src) {
        let relative = file.strip_prefix(src).unwrap().with_extension("");
        let mut path: Vec<String> =
            relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        if path.iter().any(|part| part.ends_with("tests")) {
            continue;
        }
        if ["mod", "lib", "main"].contains(&path.last().unwrap().as_str()) {
            path.pop();
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let bare = code.lines().map(|line| line.split("//").next().unwrap());
        found.insert(path, bare.collect::<Vec<_>>().join("\n"));
    }
    found
}

/// Every path of a `use` tree, from its text without `use` and `;`.
fn paths(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let body = rest.rsplit_once('}').map_or(rest, |(body, _)| body);
    let (mut depth, mut part, mut parts) = (0, String::new(), Vec::new());
    for c in body.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c == ',' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    parts.push(part);
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| paths(&format!("{}{}", prefix.trim(), part.trim()))).collect()
}

/// The modules that a module uses: by `use`, and by paths that begin with `crate::` or `super::`.
fn uses(path: &[String], text: &str, all: &BTreeMap<Vec<String>, String>) -> BTreeSet<Vec<String>> {
    let mut spelled: Vec<String> = Vec::new();
    for part in text.split("use ").skip(1) {
        spelled.extend(paths(part.split(';').next().unwrap()));
    }
    for start in ["crate::", "super::"] {
        for (at, _) in text.match_indices(start) {
            let is_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
            let rest = &text[at..];
            spelled.push(rest.chars().take_while(|c| is_path(*c)).collect());
        }
    }
    let mut found = BTreeSet::new();
    for one in spelled {
        let mut steps = one.split("::").map(str::trim).peekable();
        let mut base = match steps.next() {
            Some("crate") => Vec::new(),
            Some("self") => path.to_vec(),
            Some("super") if !path.is_empty() => path[..path.len() - 1].to_vec(),
            _ => continue,
        };
        while steps.peek() == Some(&"super") {
            base.pop();
            steps.next();
        }
        base.extend(steps.map(str::to_owned));
        let target =
            (0..=base.len()).rev().map(|n| &base[..n]).find(|part| all.contains_key(*part));
        let target = target.unwrap_or_default().to_vec();
        // A module and its own parts may use each other.
        let is_own = path.starts_with(&target) || target.starts_with(path);
        // `super` inside an inline module is the file itself.
        let is_inline = target.last().is_some_and(|name| text.contains(&format!("mod {name} {{")));
        if !is_own && !is_inline {
            found.insert(target);
        }
    }
    found
}

/// The pairs of modules that use each other, directly or through others.
fn circles(src: &Path) -> BTreeSet<String> {
    let all = modules(src);
    let direct: BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> =
        all.iter().map(|(path, text)| (path, uses(path, text, &all))).collect();
    let reached = |from: &Vec<String>| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(next) = open.pop() {
            for to in direct.get(&next).into_iter().flatten() {
                if seen.insert(to.clone()) {
                    open.push(to.clone());
                }
            }
        }
        seen
    };
    let in_circle = all.keys().filter(|path| reached(path).contains(*path));
    in_circle.map(|path| path.join("::")).collect()
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut folders: Vec<String> = Vec::new();
    folders.extend(functions().iter().map(|name| format!("functions/{name}")));
    folders.extend(names_in("shared").iter().map(|name| format!("shared/{name}")));
    folders.push("infra/local".to_owned());
    for folder in folders {
        let found = circles(&root().join(&folder).join("src"));
        assert!(found.is_empty(), "{folder}: {found:?}");
    }
}

#[test]
fn a_use_tree_is_read_to_its_leaves() {
    let read = paths("crate::{App, a::{self, B}, c::d::E}");
    assert_eq!(read, ["crate::App", "crate::a::self", "crate::a::B", "crate::c::d::E"]);
}
