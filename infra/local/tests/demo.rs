//! The demo's own workspace, what the first start prints and writes, and the removal of the demo.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use gancho_domain::common::{ids::WorkspaceId, token};
use local::{Client, Host, access::Access};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

const OWNER: &str = "gk_owner_a-key-that-only-this-test-knows";

fn command(folder: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(options).arg("--data").arg(folder);
    command
}

/// Runs the binary to its end; returns its success, what it printed, and its errors.
fn run(folder: &Path, options: &[&str]) -> (bool, String, String) {
    let output = command(folder, options).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// A host that serves; dropping it kills it.
struct Serving {
    child: Child,
    /// The names and values that it printed, in their order.
    printed: Vec<(String, String)>,
}

impl Serving {
    /// Starts on a folder and waits until the owner key, the last value, is printed.
    fn start(folder: &Path, options: &[&str]) -> Self {
        let mut command = command(folder, options);
        let mut child = command.args(["--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut printed: Vec<(String, String)> = Vec::new();
        while printed.last().is_none_or(|(name, _)| name != "owner-key") {
            let line = lines.next().unwrap().unwrap();
            if let Some((name, value)) = line.split_once(": ") {
                printed.push((name.to_owned(), value.to_owned()));
            }
        }
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, printed }
    }

    fn value(&self, name: &str) -> Option<&str> {
        let found = self.printed.iter().find(|(printed, _)| printed == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// The variables that a shell has after it has read the file.
fn sourced(folder: &Path) -> BTreeMap<String, String> {
    let mut shell = Command::new("sh");
    shell.env_clear().args(["-c", ". \"$0\"; env"]).arg(Access::env_file(folder));
    let text = String::from_utf8(shell.output().unwrap().stdout).unwrap();
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

async fn items(api: &Client, path: &str) -> Vec<Value> {
    api.get(path).await.unwrap()["items"].as_array().unwrap().clone()
}

async fn host(folder: Option<&Path>, owner_key: &str) -> Host {
    let builder = Host::builder().parameter("AdminKeyHash", &token::hash(owner_key));
    let builder = folder.map_or(builder.clone(), |folder| builder.data(folder));
    builder.start().await.unwrap()
}

/// The rows of all tables, and the stored messages, that name a workspace.
fn rows_of(folder: &Path, workspace: WorkspaceId) -> usize {
    let tables = Connection::open(folder.join("dynamo.db")).unwrap();
    let names = "SELECT table_name FROM _tables";
    let mut select = tables.prepare(names).unwrap();
    let names = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut found = 0;
    for name in names {
        let sql = format!(
            "SELECT COUNT(*) FROM \"{}\" WHERE instr(json_extract(item_json, '$.pk.S'), ?1) = 1",
            name.unwrap()
        );
        let rows = tables.query_row(&sql, [workspace.key()], |row| row.get::<_, usize>(0));
        found += rows.unwrap();
    }
    let queues = Connection::open(folder.join("host.db")).unwrap();
    let sql = "SELECT COUNT(*) FROM messages WHERE instr(body, ?1) > 0";
    found + queues.query_row(sql, [workspace.to_string()], |row| row.get::<_, usize>(0)).unwrap()
}

#[tokio::test]
async fn f6_events_of_the_users_workspace_never_meet_the_demos_rules() {
    let mut access = Access::read_or_make(None).unwrap();
    let host = host(None, &access.owner_key).await;
    access.prepare(&host, true, None).await.unwrap();
    let own = Client::new(host.base_url(), access.api_key.as_deref().unwrap()).unwrap();
    for list in ["origins", "integrations", "endpoints", "rules", "deals", "contacts"] {
        assert_eq!(items(&own, &format!("/v1/{list}")).await, [Value::Null; 0], "{list}");
    }
    let event = json!({"type": "order.dispatched", "subject": "PED-1", "data": {}});
    own.post("/v1/events", &event).await.unwrap();
    host.settle().await.unwrap();
    assert_eq!(items(&own, "/v1/deliveries").await.len(), 0);
    assert_eq!(host.inbox().all().len(), 0);
    // The same event in the demo's workspace is delivered: its rule is at work.
    let demo = access.demo.as_ref().unwrap();
    let demo = Client::new(host.base_url(), &demo.api_key).unwrap();
    demo.post("/v1/events", &event).await.unwrap();
    host.settle().await.unwrap();
    assert_eq!(items(&demo, "/v1/deliveries").await.len(), 1);
    assert_eq!(host.inbox().at("inbox").len(), 0, "INBOX shows the user's requests only");
    host.shutdown().await;
}

#[tokio::test]
async fn f6_the_demo_is_removed_by_one_command_and_made_anew() {
    let folder = TempDir::new().unwrap();
    let (right, printed, errors) = run(folder.path(), &["--demo-only", "--port", "0"]);
    assert!(right && printed.contains("Demo: all 22 steps passed."), "{printed}{errors}");
    let first = Access::read(folder.path()).unwrap().unwrap();
    let demo: WorkspaceId = first.demo.as_ref().unwrap().workspace.parse().unwrap();
    let own: WorkspaceId = first.workspace.as_ref().unwrap().parse().unwrap();
    let of_own = rows_of(folder.path(), own);
    assert!(rows_of(folder.path(), demo) > 100 && of_own > 0);

    let (right, printed, errors) = run(folder.path(), &["--remove-demo"]);
    assert!(right && printed.contains("The demo is removed"), "{printed}{errors}");
    assert_eq!((rows_of(folder.path(), demo), rows_of(folder.path(), own)), (0, of_own));
    let (right, _, errors) = run(folder.path(), &["--remove-demo"]);
    assert!(!right && errors.contains("holds no demo"), "{errors}");

    let serving = Serving::start(folder.path(), &["--no-demo"]);
    assert_eq!(serving.value("demo-api-key"), None);
    assert_eq!(serving.value("api-key"), first.api_key.as_deref());
    drop(serving);
    assert_eq!(rows_of(folder.path(), demo), 0, "no function wrote a row of it again");

    let (right, printed, errors) = run(folder.path(), &["--demo-only", "--port", "0"]);
    assert!(right && printed.contains("Demo: all 22 steps passed."), "{printed}{errors}");
    let second = Access::read(folder.path()).unwrap().unwrap();
    assert_ne!(second.demo.unwrap().workspace, demo.to_string());
}

#[tokio::test]
async fn f6_no_demo_never_creates_the_demos_workspace() {
    let folder = TempDir::new().unwrap();
    let serving = Serving::start(folder.path(), &["--no-demo"]);
    assert!(Access::read(folder.path()).unwrap().unwrap().demo.is_none());
    let names: Vec<String> = sourced(folder.path()).into_keys().collect();
    assert!(!names.contains(&"DEMO_KEY".to_owned()), "{names:?}");
    let owner = Connection::open(folder.path().join("dynamo.db")).unwrap();
    let sql = "SELECT COUNT(*) FROM ConfigTable
               WHERE json_extract(item_json, '$.sk.S') = 'workspace'";
    assert_eq!(owner.query_row(sql, [], |row| row.get::<_, usize>(0)).unwrap(), 1);
    drop(serving);
}

/// Makes a folder as earlier versions did: the demo's endpoint, rule and integration in the one
/// workspace, beside a rule of the user's. Returns the workspace's key.
async fn earlier_version(folder: &Path) -> String {
    let host = host(Some(folder), OWNER).await;
    let owner = Client::new(host.base_url(), OWNER).unwrap();
    let made = owner.post("/v1/workspaces", &json!({"name": "Demonstração"})).await.unwrap();
    let key = made["key"]["key"].as_str().unwrap().to_owned();
    let api = Client::new(host.base_url(), &key).unwrap();
    let mut endpoints = Vec::new();
    for name in ["calm", "failing", "own"] {
        let body = json!({"name": name, "url": host.inbox().url(name, "/")});
        let endpoint = api.post("/v1/endpoints", &body).await.unwrap();
        let rule = json!({
            "name": name, "filter": {"types": ["deal.created"]},
            "target": {"endpoint": endpoint["id"]},
        });
        api.post("/v1/rules", &rule).await.unwrap();
        endpoints.push(endpoint["id"].clone());
    }
    let origin = json!({"name": "Vendas", "stages": [{"name": "Novo"}]});
    let origin = api.post("/v1/origins", &origin).await.unwrap();
    let body = json!({
        "origin": origin["id"], "application": "hotmart", "name": "Hotmart", "verification": [],
    });
    let integration = api.post("/v1/integrations", &body).await.unwrap();
    let access = json!({
        "owner_key": OWNER, "workspace": made["workspace"]["id"], "api_key": key,
        "origin": origin["id"], "played": true,
        "outbound": {
            "calm": endpoints[0], "secret": "whsec_", "failing": endpoints[1], "played": true,
        },
        "integrations": [{
            "application": "hotmart", "id": integration["id"], "url": integration["url"],
            "secret": "s",
        }],
    });
    fs::write(folder.join("access.json"), access.to_string()).unwrap();
    host.shutdown().await;
    key
}

#[tokio::test]
async fn f6_a_folder_of_an_earlier_version_starts_with_its_key_and_loses_only_the_demo() {
    let folder = TempDir::new().unwrap();
    let key = earlier_version(folder.path()).await;
    let serving = Serving::start(folder.path(), &[]);
    assert_eq!(serving.value("api-key"), Some(key.as_str()));
    assert!(serving.value("note").unwrap().contains("--remove-demo"));
    let api = Client::new(serving.value("base-url").unwrap().to_owned(), &key).unwrap();
    assert_eq!(items(&api, "/v1/rules").await.len(), 3);
    assert!(serving.value("demo-api-key").is_some_and(|demo| demo != key));
    drop(serving);

    let (right, printed, errors) = run(folder.path(), &["--remove-demo"]);
    assert!(right && printed.contains("An earlier version"), "{printed}{errors}");
    let serving = Serving::start(folder.path(), &["--no-demo"]);
    let api = Client::new(serving.value("base-url").unwrap().to_owned(), &key).unwrap();
    for list in ["rules", "endpoints"] {
        let left = items(&api, &format!("/v1/{list}")).await;
        assert_eq!((left.len(), &left[0]["name"]), (1, &json!("own")), "{list}");
    }
    assert_eq!(items(&api, "/v1/integrations").await.len(), 0);
    assert_eq!((serving.value("note"), serving.value("demo-api-key")), (None, None));
}

#[tokio::test]
async fn f12_the_env_file_has_the_addresses_and_keys_and_the_owner_key_is_printed_last() {
    let folder = TempDir::new().unwrap();
    let file = Access::env_file(folder.path());
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let serving = Serving::start(folder.path(), &[]);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let variables = sourced(folder.path());
    for (variable, printed) in [
        ("BASE", "base-url"),
        ("KEY", "api-key"),
        ("DEMO_KEY", "demo-api-key"),
        ("INBOX", "inbox-url"),
    ] {
        assert_eq!(
            variables.get(variable).map(String::as_str),
            serving.value(printed),
            "{variable}"
        );
    }
    let keys = serving.printed.iter().map(|(name, _)| name).filter(|name| name.ends_with("-key"));
    assert_eq!(keys.collect::<Vec<_>>(), ["api-key", "demo-api-key", "owner-key"]);
    for (key, name) in [("KEY", "Minha empresa"), ("DEMO_KEY", "Demo")] {
        let api = Client::new(variables["BASE"].clone(), &variables[key]).unwrap();
        let workspace = api.get("/v1/workspace").await.unwrap();
        assert_eq!(workspace["name"], name);
    }
}

/// A kill while the file was written left it empty, and the owner key was lost.
#[test]
fn f6_a_stopped_write_leaves_the_earlier_keys() {
    let folder = TempDir::new().unwrap();
    let mut access = Access::read_or_make(Some(folder.path())).unwrap();
    // Holds the old file open, as a reader sees it while another is written.
    let before = fs::File::open(folder.path().join("access.json")).unwrap();
    access.workspace = Some("ws_1".to_owned());
    access.keep(Some(folder.path())).unwrap();
    let old: Access = serde_json::from_reader(before).unwrap();
    assert_eq!((old.owner_key, old.workspace), (access.owner_key.clone(), None));
    let new = Access::read(folder.path()).unwrap().unwrap();
    assert_eq!(new.workspace, access.workspace);
}

#[test]
fn f12_a_data_folder_that_cannot_be_made_is_named() {
    for options in [&["--no-demo", "--port", "0"][..], &["--demo-only", "--port", "0"]] {
        let (right, _, errors) = run(Path::new("/proc/x"), options);
        assert!(!right && errors.contains("/proc/x"), "{errors}");
    }
    let (right, _, errors) = run(Path::new("/proc/x"), &["--remove-demo"]);
    assert!(!right && errors.contains("/proc/x holds no demo"), "{errors}");
}
