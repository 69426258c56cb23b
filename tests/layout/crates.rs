//! Rules of dependencies: functions depend on store and edge, those on domain, and domain on
//! nothing that uses a clock, a network or randomness.

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::files::{functions, names_in, read, root, rust_files};

/// The output of `cargo metadata` with these additional arguments.
pub(crate) fn metadata(arguments: &[&str]) -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked", "--offline"]).args(arguments);
    let output = cargo.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The dependencies of each crate of the workspace, without those of its tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata(&["--no-deps"]);
    let mut all = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let of_package = package["dependencies"].as_array().unwrap().iter();
        let built = of_package.filter(|one| one["kind"] != "dev");
        let names = built.map(|one| one["name"].as_str().unwrap().to_owned()).collect();
        all.insert(package["name"].as_str().unwrap().to_owned(), names);
    }
    all
}

#[test]
fn the_domain_is_pure() {
    let impure =
        ["tokio", "aws", "lambda", "reqwest", "hyper", "rand", "getrandom", "tracing", "gancho"];
    for name in &dependencies()["gancho-domain"] {
        let found = impure.iter().find(|prefix| name.starts_with(*prefix));
        assert!(found.is_none(), "the domain depends on {name}");
    }
}

#[test]
fn the_store_depends_on_the_domain_alone_of_ours() {
    let all = dependencies();
    let ours: BTreeSet<&String> =
        all["gancho-store"].iter().filter(|d| all.contains_key(*d)).collect();
    assert_eq!(ours.into_iter().collect::<Vec<_>>(), ["gancho-domain"]);
}

#[test]
fn functions_depend_on_shared_crates_and_on_no_other_function() {
    let all = dependencies();
    let shared = ["gancho-domain", "gancho-store", "gancho-edge"];
    for function in functions() {
        let ours = all[&function].iter().filter(|name| all.contains_key(*name));
        let wrong: Vec<_> = ours.filter(|name| !shared.contains(&name.as_str())).collect();
        assert!(wrong.is_empty(), "{function} depends on {wrong:?}");
    }
}

#[test]
fn shared_crates_depend_on_no_function() {
    let all = dependencies();
    for crate_name in ["gancho-domain", "gancho-store", "gancho-edge"] {
        let wrong: Vec<_> = all[crate_name].intersection(&functions()).cloned().collect();
        assert!(wrong.is_empty(), "{crate_name} depends on {wrong:?}");
    }
}

/// Lines of code of the Rust files below a folder, without comments; of a production file only those
/// before its tests.
fn code(folder: &Path, with_tests: bool) -> String {
    let files = rust_files(folder).into_iter();
    let is_test = |path: &Path| path.to_string_lossy().contains("tests");
    let text = files.filter(|path| with_tests || !is_test(path.strip_prefix(folder).unwrap()));
    let text = text.map(|path| fs::read_to_string(path).unwrap());
    let kept = text.map(|text| match text.split_once("#[cfg(test)]\nmod tests {") {
        Some((code, _)) if !with_tests => code.to_owned(),
        _ => text,
    });
    let lines = kept.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Finds a crate's name as a whole word.
fn names(code: &str, name: &str) -> bool {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

#[test]
fn every_dependency_is_used() {
    let mut unused = BTreeSet::new();
    for package in metadata(&["--no-deps"])["packages"].as_array().unwrap() {
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
        let is_tests = package["name"] == "tests";
        let (built, all) = (code(folder, is_tests), code(folder, true));
        for one in package["dependencies"].as_array().unwrap() {
            let name = one["name"].as_str().unwrap();
            // The only library whose name differs from its package's.
            let library = if name == "dynoxide-rs" { "dynoxide" } else { name }.replace('-', "_");
            if !names(if one["kind"] == "dev" { &all } else { &built }, &library) {
                unused.insert(format!("{} depends on {name}", package["name"]));
            }
        }
    }
    assert!(unused.is_empty(), "not used in sources: {unused:?}");
}

#[test]
fn every_row_of_the_workspaces_dependencies_is_inherited() {
    let manifest = read("Cargo.toml");
    let table = manifest.split("[workspace.dependencies]").nth(1).unwrap();
    let table = table.split("\n[").next().unwrap();
    let rows = table.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().unwrap().iter();
    let used: BTreeSet<&str> = packages
        .flat_map(|package| package["dependencies"].as_array().unwrap())
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    let unused: Vec<&str> = rows.filter(|name| !used.contains(name)).collect();
    assert!(unused.is_empty(), "no crate inherits {unused:?}");
}

#[test]
fn every_crate_switches_the_lints_on() {
    let mut folders: Vec<String> = vec!["infra/local".into(), "infra/xtask".into(), "tests".into()];
    folders.extend(names_in("shared").iter().map(|name| format!("shared/{name}")));
    folders.extend(functions().iter().map(|name| format!("functions/{name}")));
    for folder in folders {
        let manifest = read(&format!("{folder}/Cargo.toml"));
        assert!(manifest.contains("[lints]\nworkspace = true"), "{folder} leaves the lints off");
    }
}

/// The packages of a list of requirements with their versions, as `name==version`.
fn pinned(list: &str) -> BTreeSet<String> {
    let lines = list.lines().filter(|line| !line.starts_with(['#', ' ']) && !line.is_empty());
    lines.map(|line| line.split([' ', ';', '\\']).next().unwrap().to_lowercase()).collect()
}

#[test]
fn gd_27_every_python_package_is_pinned_with_its_hashes() {
    let mut lists = 0;
    for entry in fs::read_dir(root().join("infra/xtask")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "in") {
            continue;
        }
        lists += 1;
        let named = pinned(&fs::read_to_string(&path).unwrap());
        let locked = fs::read_to_string(path.with_extension("txt")).unwrap();
        let all = pinned(&locked);
        assert!(named.is_subset(&all), "{}: {named:?}", path.display());
        let mut lines = locked.lines().peekable();
        while let Some(line) = lines.next() {
            let hashes = lines.peek().is_some_and(|next| next.trim_start().starts_with("--hash="));
            let is_package = !line.starts_with(' ');
            assert!(!is_package || line.contains("==") && hashes, "{line}");
        }
    }
    assert_eq!(lists, 6);
}
