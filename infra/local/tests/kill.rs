//! Killing the process at any moment loses no accepted webhook: `kill -9` under load, a restart on
//! the same folder, and every webhook with a 2xx is there, byte for byte, processed exactly once.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of a test"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use local::rng::Chance;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The number of concurrent senders.
const SENDERS: usize = 4;
/// The number of starts that end in a kill.
const ROUNDS: u64 = 3;
/// A kill comes this many milliseconds after the first webhook, and up to so many later.
const EARLIEST: u64 = 150;
const LATEST: usize = 1_200;
/// The time limit for processing after the last start.
const PATIENCE: Duration = Duration::from_mins(1);

/// The running binary; dropping it kills it.
struct Running {
    child: Child,
    base: String,
    key: String,
    http: Client,
}

impl Running {
    /// Starts on a folder and waits for its address and key.
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.args(["--port", "0", "--no-demo", "--data"]).arg(folder);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = BTreeMap::new();
        while !(said.contains_key("base-url") && said.contains_key("api-key")) {
            let line = lines.next().expect("the host ended before it said where it is").unwrap();
            if let Some((name, value)) = line.split_once(": ") {
                said.insert(name.to_owned(), value.to_owned());
            }
        }
        // Later output is discarded, but must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let mut take = |name: &str| said.remove(name).unwrap();
        let (base, key) = (take("base-url"), take("api-key"));
        let http = Client::builder().no_proxy().build().unwrap();
        Self { child, base, key, http }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        request = request.bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await
    }

    /// All items of a list.
    async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut next = String::new();
        loop {
            let page = self.get(&format!("{path}limit=200{next}")).await;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(cursor) = page["next"].as_str() else { return items };
            next = format!("&cursor={cursor}");
        }
    }

    /// `kill -9`.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Creates an integration that creates a deal of every webhook; returns its origin and the path of
/// its URL.
async fn integration(host: &Running) -> (String, String) {
    let stages = json!([{"name": "Novo"}]);
    let origin = json!({"name": "Sob carga", "stages": stages});
    let origin = host.call(Method::POST, "/v1/origins", Some(origin)).await;
    let field = |target: &str, path: &str| json!({"target": target, "path": path});
    let mapping = json!({
        "fields": [field("contact.email", "$.email"), field("deal.title", "$.title")],
        "keys": ["$.title"],
    });
    let integration = json!({
        "origin": origin["id"], "application": "webhook", "name": "Site",
        "action": "create_deal", "mapping": mapping,
    });
    let created = host.call(Method::POST, "/v1/integrations", Some(integration)).await;
    let url = created["url"].as_str().unwrap();
    let path = url.split_once("/in/").unwrap().1;
    (origin["id"].as_str().unwrap().to_owned(), format!("/in/{path}"))
}

fn title(n: u64) -> String {
    format!("Pedido {n}")
}

/// A body with spaces and digits that no parser would keep.
fn body(n: u64) -> String {
    format!("{{ \"email\":\"p{n}@example.com\" , \"title\":\"{}\", \"n\":1.{n}00 }}", title(n))
}

/// The webhooks that were sent: the id after a 2xx, `None` after a lost response.
type Sent = BTreeMap<u64, Option<String>>;

/// Sends until the host is gone.
async fn send(http: Client, url: String, next: Arc<AtomicU64>) -> Sent {
    let mut sent = Sent::new();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let request = http.post(&url).header("content-type", "application/json").body(body(n));
        let Ok(answer) = request.send().await else {
            sent.insert(n, None);
            return sent;
        };
        let status = answer.status();
        assert!(status.is_success() || status.is_server_error(), "{status}");
        let read = answer.json::<Value>().await.ok().filter(|_| status.is_success());
        sent.insert(n, read.and_then(|it| it["id"].as_str().map(str::to_owned)));
    }
}

/// Sends load and kills the host in the middle of it.
async fn round(host: Running, path: &str, next: &Arc<AtomicU64>, chance: &Chance) -> Sent {
    let url = format!("{}{path}", host.base);
    let senders =
        (0..SENDERS).map(|_| tokio::spawn(send(host.http.clone(), url.clone(), Arc::clone(next))));
    let senders: Vec<_> = senders.collect();
    let wait = EARLIEST + u64::try_from(chance.below(LATEST)).unwrap();
    eprintln!("killed after {wait} ms");
    // Real time: the test drives a process, not a simulation.
    tokio::time::sleep(Duration::from_millis(wait)).await;
    host.kill();
    let mut sent = Sent::new();
    for sender in senders {
        sent.append(&mut sender.await.unwrap());
    }
    sent
}

/// Waits until nothing is pending and the counters have read the stream from its start.
async fn processed(host: &Running, origin: &str) {
    let end = Instant::now() + PATIENCE;
    let base = format!("/v1/origins/{origin}/webhooks");
    loop {
        let listed = host.all(&format!("{base}?")).await;
        let pending = listed.iter().any(|item| item["status"] == "pending");
        if !pending && host.get(&format!("{base}?limit=1")).await["count"] == listed.len() {
            return;
        }
        assert!(Instant::now() < end, "some webhooks stay pending or uncounted");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Checks that every accepted webhook is listed, whole, and processed one time; the others are
/// listed one time or not at all.
async fn check(host: &Running, origin: &str, sent: &Sent) {
    let base = format!("/v1/origins/{origin}/webhooks");
    let listed = host.all(&format!("{base}?")).await;
    assert_eq!(host.get(&format!("{base}?limit=1")).await["count"], listed.len());
    let by_id: BTreeMap<&str, &Value> =
        listed.iter().map(|it| (it["id"].as_str().unwrap(), it)).collect();
    assert_eq!(by_id.len(), listed.len(), "none is listed twice");
    for item in &listed {
        assert_eq!((&item["status"], &item["runs"]), (&json!("success"), &json!(1)), "{item}");
    }
    let accepted: Vec<(u64, &String)> =
        sent.iter().filter_map(|(n, id)| Some((*n, id.as_ref()?))).collect();
    for (n, id) in &accepted {
        assert!(by_id.contains_key(id.as_str()), "{id}, number {n}, was accepted and is lost");
    }
    assert!(listed.len() <= sent.len());
    let payloads = accepted.iter().map(|(n, id)| async move {
        let url = format!("{}/v1/origins/{origin}/webhooks/{id}/payload", host.base);
        let answer = host.http.get(url).bearer_auth(&host.key).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), body(*n));
    });
    stream::iter(payloads).buffer_unordered(8).collect::<Vec<()>>().await;
    deals(host, origin, &accepted, listed.len()).await;
}

async fn deals(host: &Running, origin: &str, accepted: &[(u64, &String)], listed: usize) {
    let deals = host.all(&format!("/v1/deals?origin={origin}&")).await;
    let titles: BTreeSet<String> =
        deals.iter().map(|deal| deal["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!((deals.len(), titles.len()), (listed, listed), "one deal for each webhook");
    assert!(accepted.iter().all(|(n, _)| titles.contains(&title(*n))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_under_load_loses_no_accepted_webhook() {
    let seed = 20_261_121;
    eprintln!("seed {seed}");
    let (chance, next) = (Chance::new(seed), Arc::new(AtomicU64::new(0)));
    let folder = TempDir::new().unwrap();
    let host = Running::start(folder.path());
    let (origin, path) = integration(&host).await;
    let mut sent = round(host, &path, &next, &chance).await;
    for _ in 1..ROUNDS {
        sent.append(&mut round(Running::start(folder.path()), &path, &next, &chance).await);
    }
    let host = Running::start(folder.path());
    processed(&host, &origin).await;
    let accepted = sent.values().flatten().count();
    eprintln!("{accepted} accepted, {} left open", sent.len() - accepted);
    assert!(accepted > 20, "hardly any load: {accepted}");
    check(&host, &origin, &sent).await;
}
