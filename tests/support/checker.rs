//! The invariants of every run, whatever faults it had (`CATALOGUE 1`), and digests of results.
//!
//! [`RecordedCalls`] has the requests of senders and the responses. [`violations`] compares it with
//! the public API and the raw tables, without the functions' code. A [`Digest`] is the
//! final state without its random ids, so that two runs can be compared (`I24`).
#![expect(clippy::unwrap_used, reason = "a missing value fails the test")]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use aws_sdk_dynamodb::types::AttributeValue;
use gancho_domain::{
    common::ids::WebhookId,
    inbound::webhook::{CrmAction, Run, Verdict, status_of},
};
use gancho_store::{
    history::{HistoryRow, StoredWebhook},
    keys,
};
use jiff::{SignedDuration, Span, Timestamp, tz::TimeZone};
use reqwest::Method;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Answer, Inbound, World, answer};

/// The header that carries the sender's own id of a delivery.
pub const DELIVERY: &str = "x-delivery";
/// The maximum time that a webhook is pending after faults: twice the visibility of the queue
/// and the period of the sweep (`I4`).
const PENDING: SignedDuration = SignedDuration::from_secs(2 * 180 + 3_600);
/// The default retention of webhooks in calendar months (`FACTS S1.2`).
const MONTHS: i32 = 3;

/// The response to a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// 2xx, with the webhook's id.
    Accepted(String),
    /// 4xx: nothing may have happened (`I16`).
    Refused(u16),
    /// 5xx: zero or one webhook (`I16`).
    Unknown(u16),
}

/// A request of a sender.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The target integration.
    pub to: Inbound,
    /// The sender's own name for it.
    pub key: String,
    /// The exact bytes.
    pub body: Vec<u8>,
    /// True if the integration was active.
    pub active: bool,
    /// The time of the request.
    pub at: Timestamp,
    /// The response.
    pub outcome: Outcome,
}

/// The requests of all senders of a test.
#[derive(Debug)]
pub struct RecordedCalls {
    sent: Mutex<Vec<Sent>>,
    active: AtomicBool,
}

impl Default for RecordedCalls {
    fn default() -> Self {
        Self { sent: Mutex::default(), active: AtomicBool::new(true) }
    }
}

impl RecordedCalls {
    /// Records that integrations are active or inactive from now on.
    pub fn integrations_are(&self, active: bool) {
        self.active.store(active, Ordering::SeqCst);
    }

    /// Sends a JSON text under the sender's own name for it, and records the response.
    pub async fn send(&self, world: &World, to: &Inbound, key: &str, body: &[u8]) -> Answer {
        let at = world.now();
        let request = world.request(Method::POST, &to.url).header(DELIVERY, key);
        let request = request.header("content-type", "application/json").body(body.to_vec());
        let answer = answer(request).await;
        let outcome = match answer.status.as_u16() {
            200..=299 => Outcome::Accepted(answer.json()["id"].as_str().unwrap().to_owned()),
            status @ 400..=499 => Outcome::Refused(status),
            status => Outcome::Unknown(status),
        };
        let active = self.active.load(Ordering::SeqCst);
        let (to, key, body) = (to.clone(), key.to_owned(), body.to_vec());
        self.sent.lock().unwrap().push(Sent { to, key, body, active, at, outcome });
        answer
    }

    /// Sends a request that must be accepted; the webhook's id.
    pub async fn accepted(&self, world: &World, to: &Inbound, key: &str, body: &[u8]) -> String {
        let answer = self.send(world, to, key, body).await;
        answer.expect(200)["id"].as_str().unwrap().to_owned()
    }

    /// All requests so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    fn origins(&self) -> BTreeMap<String, Vec<Sent>> {
        let mut origins: BTreeMap<String, Vec<Sent>> = BTreeMap::new();
        for sent in self.sent() {
            origins.entry(sent.to.origin.clone()).or_default().push(sent);
        }
        origins
    }

    /// The sender's name for a body.
    fn name(&self, body: &[u8]) -> String {
        let known = self.sent().into_iter().find(|sent| sent.body == body);
        known.map_or_else(|| hex::encode(Sha256::digest(body)), |sent| sent.key)
    }
}

/// A row of a table.
pub type Row = HashMap<String, AttributeValue>;

/// Every row of a table, by the name of the setting that names the table (`TABLE_HISTORY`).
pub async fn rows(world: &World, setting: &str) -> Vec<Row> {
    let functions = ["process", "tally", "ingest"];
    let mut names = functions.iter().filter_map(|f| world.host.environment(f, setting));
    let scan = world.host.dynamo_client().scan().table_name(names.next().unwrap());
    let items = scan.into_paginator().items().send().collect::<Result<_, _>>().await;
    items.unwrap()
}

/// A text of a row.
pub fn text<'a>(row: &'a Row, name: &str) -> &'a str {
    row.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

pub(crate) fn number(row: &Row, name: &str) -> u64 {
    row.get(name).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or(0)
}

/// The tables with received webhooks and their results.
struct Tables {
    all: Vec<(&'static str, Vec<Row>)>,
    webhooks: BTreeMap<WebhookId, (StoredWebhook, Vec<Run>)>,
    orphans: Vec<WebhookId>,
}

const TABLES: [&str; 7] = [
    "TABLE_CONFIG",
    "TABLE_HISTORY",
    "TABLE_BODIES",
    "TABLE_CRM",
    "TABLE_COORDINATION",
    "TABLE_LOOKUPS",
    "TABLE_TALLIES",
];

impl Tables {
    async fn read(world: &World) -> Self {
        let mut all = Vec::new();
        for name in TABLES {
            all.push((name, rows(world, name).await));
        }
        let mut webhooks = BTreeMap::new();
        let mut runs: BTreeMap<WebhookId, Vec<Run>> = BTreeMap::new();
        let history = all.iter().find(|(name, _)| *name == "TABLE_HISTORY");
        for row in history.into_iter().flat_map(|(_, rows)| rows.clone()) {
            match HistoryRow::from_item(row).unwrap() {
                HistoryRow::Webhook(row) => _ = webhooks.insert(row.received.key.webhook, *row),
                HistoryRow::Run(row) => runs.entry(row.key.webhook).or_default().push(row.run),
            }
        }
        let orphans = runs.keys().filter(|id| !webhooks.contains_key(id)).copied().collect();
        let with_runs = |(id, webhook)| {
            let mut own = runs.remove(&id).unwrap_or_default();
            own.sort_by_key(|run: &Run| run.number);
            (id, (webhook, own))
        };
        Self { webhooks: webhooks.into_iter().map(with_runs).collect(), all, orphans }
    }

    fn of(&self, name: &str) -> impl Iterator<Item = &Row> {
        self.all.iter().filter(move |(table, _)| *table == name).flat_map(|(_, rows)| rows)
    }

    /// `I13`: every key begins with an existing workspace, or is one that schedules read over all.
    fn keys(&self, found: &mut Vec<String>) {
        let own = self.of("TABLE_CONFIG").filter(|row| text(row, "sk") == "workspace");
        let workspaces: BTreeSet<&str> = own.map(|row| text(row, "pk")).collect();
        for (table, rows) in &self.all {
            for row in rows {
                let index = row.get("list").and_then(|value| value.as_s().ok());
                for key in
                    row.get("pk").and_then(|value| value.as_s().ok()).into_iter().chain(index)
                {
                    let first = key.split('#').next().unwrap_or_default();
                    let over_all =
                        *table == "TABLE_COORDINATION" && keys::OVER_ALL.contains(&first);
                    if !over_all && !workspaces.contains(first) {
                        found.push(format!("I13 {table}: {key} begins with no workspace"));
                    }
                }
            }
        }
    }

    /// `I3`, `I4`: one status each, by legal steps, and no webhook forgotten.
    fn states(&self, now: Timestamp, found: &mut Vec<String>) {
        for (id, (webhook, runs)) in &self.webhooks {
            for (place, run) in runs.iter().enumerate() {
                if usize::try_from(run.number).unwrap() != place + 1 {
                    found.push(format!("I3 {id}: run {} stands at {}", run.number, place + 1));
                }
                let before = place.checked_sub(1).and_then(|place| runs.get(place));
                if run.previous != status_of(before) {
                    found.push(format!("I3 {id}: run {} followed {:?}", run.number, run.previous));
                }
                if (run.verdict == Verdict::Error) != run.failure.is_some() {
                    found.push(format!("I3 {id}: run {} has no one verdict", run.number));
                }
            }
            if runs.is_empty() && now.duration_since(webhook.received.received_at()) > PENDING {
                found.push(format!("I4 {id} is pending for too long"));
            }
        }
        found.extend(self.orphans.iter().map(|id| format!("I3 {id} has runs and is no webhook")));
    }

    /// `I5`: the tables have each recorded effect of the runs exactly once.
    fn effects(&self, whole: bool, found: &mut Vec<String>) {
        let mut writes: BTreeMap<String, u64> = BTreeMap::new();
        for (id, (_, runs)) in &self.webhooks {
            let created = runs
                .iter()
                .filter(|run| run.deal.is_some_and(|(_, action)| action == CrmAction::Created));
            if created.count() > 1 {
                found.push(format!("I5 {id} created two deals"));
            }
            for run in runs {
                let contact =
                    run.contact.map(|(id, action)| (format!("contact#{}", id.key()), action));
                let deal = run.deal.map(|(id, action)| (format!("deal#{}", id.key()), action));
                for (row, action) in contact.into_iter().chain(deal) {
                    *writes.entry(row).or_default() += u64::from(action != CrmAction::Unchanged);
                }
            }
        }
        let mut versions: BTreeMap<String, u64> = BTreeMap::new();
        for row in self.of("TABLE_CRM") {
            let (_, rest) = text(row, "pk").split_once('#').unwrap_or_default();
            if matches!(text(row, "sk"), "contact" | "deal") {
                versions.insert(rest.to_owned(), number(row, "v"));
            }
        }
        let all: BTreeSet<&String> = writes.keys().chain(versions.keys()).collect();
        for row in all.into_iter().filter(|_| whole) {
            let (said, is) = (writes.get(row).unwrap_or(&0), versions.get(row).unwrap_or(&0));
            if said != is {
                found.push(format!("I5 {row} was written {is} times; the runs say {said}"));
            }
        }
    }

    /// Every run can be found by the contact and deal that it found.
    fn lookups(&self, found: &mut Vec<String>) {
        let keys = self.of("TABLE_LOOKUPS").map(|row| (text(row, "pk"), text(row, "sk")));
        let there: BTreeSet<(&str, &str)> = keys.collect();
        for (id, (webhook, runs)) in &self.webhooks {
            let (ws, origin) = (webhook.received.key.workspace, webhook.received.key.origin);
            for run in runs {
                let terms = run.found_by.iter().map(|term| keys::lookups::term(ws, origin, term));
                // A run neither created nor updated what it found unchanged.
                let contact = run.contact.filter(|(_, action)| *action != CrmAction::Unchanged);
                let contact = contact.map(|(id, _)| keys::lookups::contact(ws, id));
                let deal = run.deal.filter(|(_, action)| *action != CrmAction::Unchanged);
                let deal = deal.map(|(id, _)| keys::lookups::deal(ws, id));
                for pk in terms.chain(contact).chain(deal) {
                    if !there.contains(&(pk.as_str(), id.key().as_str())) {
                        found.push(format!("run {} of {id} is not found by {pk}", run.number));
                    }
                }
            }
        }
    }
}

/// The violated invariants of `CATALOGUE 1`, inbound half: `I1 I2 I3 I4 I5 I13 I16 I17 I19 I22`.
/// Deals must not have been changed by hand, because `I5` counts their versions.
pub async fn violations(world: &World, recorded_calls: &RecordedCalls) -> Vec<String> {
    let mut found = Vec::new();
    let tables = Tables::read(world).await;
    let whole = recorded_calls.sent().iter().all(|sent| world.now() < end_of(sent.at));
    tables.keys(&mut found);
    tables.states(world.now(), &mut found);
    tables.effects(whole, &mut found);
    tables.lookups(&mut found);
    for sent in recorded_calls.sent() {
        if let Outcome::Accepted(id) = &sent.outcome {
            kept(world, &sent, id, &mut found).await;
        }
    }
    let (_, stranger) = world.new_workspace("Outra loja").await;
    for (origin, sent) in recorded_calls.origins() {
        listed(world, &origin, &sent, &mut found).await;
        counted(world, &origin, &mut found).await;
        let path = format!("/v1/origins/{origin}/webhooks");
        if world.call_as(&stranger, Method::GET, &path, None).await.status != 404 {
            found.push(format!("I13 {path} is open to another workspace"));
        }
    }
    found
}

/// Panics with every violated invariant.
pub async fn holds(world: &World, recorded_calls: &RecordedCalls) {
    let found = violations(world, recorded_calls).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The end of a webhook's retention.
fn end_of(at: Timestamp) -> Timestamp {
    let end = at.to_zoned(TimeZone::UTC).checked_add(Span::new().months(MONTHS));
    end.unwrap().timestamp()
}

/// `I1`, `I2`, `I17`, `I22`: an accepted webhook is stored, byte for byte, until it expires.
async fn kept(world: &World, sent: &Sent, id: &str, found: &mut Vec<String>) {
    let path = format!("/v1/origins/{}/webhooks/{id}", sent.to.origin);
    let shown = world.get(&path).await;
    let payload = world.get(&format!("{path}/payload")).await;
    if world.now() >= end_of(sent.at) {
        let again = world.post(&format!("{path}/reprocess"), Value::Null).await;
        for answer in [shown, payload, again].into_iter().filter(|answer| answer.status != 404) {
            found.push(format!("I17 {} has ended and answers {}", sent.key, answer.status));
        }
        return;
    }
    if shown.status != 200 {
        return found.push(format!("I1 {} answers {}", sent.key, shown.status));
    }
    if payload.status != 200 || payload.bytes != sent.body {
        found.push(format!("I2 {} has another body ({})", sent.key, payload.status));
    }
    let shown = shown.json();
    if !matches!(shown["status"].as_str(), Some("pending" | "success" | "error")) {
        found.push(format!("I3 {} is {}", sent.key, shown["status"]));
    }
    if shown["active"] != Value::Bool(sent.active) {
        found.push(format!("I22 {} shows active = {}", sent.key, shown["active"]));
    }
}

/// `I1`, `I16`, `I17`: the list has the accepted webhooks, perhaps those with a 5xx, nothing else.
async fn listed(world: &World, origin: &str, sent: &[Sent], found: &mut Vec<String>) {
    let (ids, _) = pages(world, origin, "").await;
    let unique: BTreeSet<&String> = ids.iter().collect();
    if unique.len() != ids.len() {
        found.push(format!("I19 {origin} lists a webhook twice"));
    }
    let alive = sent.iter().filter(|sent| world.now() < end_of(sent.at));
    let (mut accepted, mut open) = (0, 0);
    for sent in alive {
        match &sent.outcome {
            Outcome::Accepted(id) if unique.contains(id) => accepted += 1,
            Outcome::Accepted(_) => found.push(format!("I1 {} is not listed", sent.key)),
            Outcome::Unknown(_) => open += 1,
            Outcome::Refused(_) => {}
        }
    }
    if !(accepted..=accepted + open).contains(&ids.len()) {
        let what = format!("{accepted} were accepted, {open} left open, {} are listed", ids.len());
        found.push(format!("I16 I17 {origin}: {what}"));
    }
}

/// `I19`: the counter of any filter equals the number of items on all pages.
async fn counted(world: &World, origin: &str, found: &mut Vec<String>) {
    let mut filters = vec![String::new(), "&application=webhook".to_owned()];
    let statuses = ["pending", "success", "error"];
    filters.extend(statuses.map(|status| format!("&status={status}")));
    filters.push("&status=error&status=pending&application=webhook".to_owned());
    let mut sizes = Vec::new();
    for filter in &filters {
        let (ids, count) = pages(world, origin, filter).await;
        if ids.len() != count {
            found.push(format!("I19 {origin}{filter}: counted {count}, listed {}", ids.len()));
        }
        sizes.push(ids.len());
    }
    let each: usize = sizes.iter().skip(2).take(3).sum();
    if sizes.first() != Some(&each) {
        found.push(format!("I3 {origin}: not one status each: {sizes:?}"));
    }
}

/// The ids of every page of a list, and its counter.
pub async fn pages(world: &World, origin: &str, filter: &str) -> (Vec<String>, usize) {
    let base = format!("/v1/origins/{origin}/webhooks");
    let first = world.get(&format!("{base}?limit=7{filter}")).await.expect(200);
    let count = usize::try_from(first["count"].as_u64().unwrap()).unwrap();
    // Small pages if there are few webhooks, so that cursors are tested too.
    let limit = if count > 50 { 200 } else { 7 };
    let mut page = world.get(&format!("{base}?limit={limit}{filter}")).await.expect(200);
    let mut ids = Vec::new();
    loop {
        let items = page["items"].as_array().unwrap();
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { return (ids, count) };
        let path = format!("{base}?limit={limit}{filter}&cursor={next}");
        page = world.get(&path).await.expect(200);
    }
}

/// The final state of a run, without what is random in it (`I24`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digest {
    /// A line for each webhook: the sender's name for it, its status, its runs.
    pub webhooks: Vec<String>,
    /// A line for each contact.
    pub contacts: Vec<String>,
    /// A line for each deal.
    pub deals: Vec<String>,
}

impl Digest {
    /// Contacts and deals alone, which a retried request must not change.
    #[must_use]
    pub fn business(&self) -> Self {
        Self { webhooks: Vec::new(), ..self.clone() }
    }
}

/// The digest of a world, limited to the origins of the recorded calls.
pub async fn digest(world: &World, recorded_calls: &RecordedCalls) -> Digest {
    let mut names = BTreeMap::new();
    let mut digest = Digest::default();
    for contact in world.contacts().await {
        let fields = ["name", "email", "phone", "custom", "version"].map(|name| &contact[name]);
        let open = contact["deals"].as_array().unwrap().len();
        let line = format!("{fields:?} with {open} deals");
        names.insert(contact["id"].clone().to_string(), contact["email"].to_string());
        digest.contacts.push(line);
    }
    for origin in recorded_calls.origins().keys() {
        let stages = world.get(&format!("/v1/origins/{origin}")).await.expect(200);
        let stage = |id: &Value| {
            let mut all = stages["stages"].as_array().unwrap().iter();
            all.find(|stage| stage["id"] == *id).map_or(Value::Null, |stage| stage["name"].clone())
        };
        for deal in world.deals(origin).await {
            let fields = ["title", "value", "status", "tags", "custom", "version"];
            let fields = fields.map(|name| &deal[name]);
            let of = names.get(&deal["contact"].to_string()).cloned();
            digest.deals.push(format!("{fields:?} in {} of {of:?}", stage(&deal["stage"])));
            names.insert(deal["id"].to_string(), deal["title"].to_string());
        }
    }
    for origin in recorded_calls.origins().keys() {
        webhooks(world, recorded_calls, (origin, &mut names), &mut digest.webhooks).await;
    }
    for lines in [&mut digest.webhooks, &mut digest.contacts, &mut digest.deals] {
        lines.sort();
    }
    digest
}

async fn webhooks(
    world: &World,
    recorded_calls: &RecordedCalls,
    (origin, names): (&str, &mut BTreeMap<String, String>),
    lines: &mut Vec<String>,
) {
    let (ids, _) = pages(world, origin, "").await;
    let base = format!("/v1/origins/{origin}/webhooks");
    for id in &ids {
        let payload = world.get(&format!("{base}/{id}/payload")).await;
        let name = if payload.status == 200 {
            recorded_calls.name(&payload.bytes)
        } else {
            payload.code()
        };
        names.insert(Value::from(id.as_str()).to_string(), name);
    }
    let name = |id: &Value| names.get(&id.to_string()).cloned().unwrap_or_default();
    for id in &ids {
        let shown = world.get(&format!("{base}/{id}")).await.expect(200);
        let runs = shown["runs"].as_array().unwrap().iter().map(|run| describe(run, &name));
        let runs: Vec<String> = runs.collect();
        lines.push(format!("{}: {}; {}", name(&shown["id"]), shown["status"], runs.join("; ")));
    }
}

/// A run in words.
fn describe(run: &Value, name: &impl Fn(&Value) -> String) -> String {
    let warnings: Vec<&Value> =
        run["warnings"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    format!(
        "run {} {} by {} {} {warnings:?} contact {} {} deal {} {} after {}",
        run["number"],
        run["status"],
        run["cause"]["kind"],
        run["error"]["code"],
        run["contact"]["action"],
        name(&run["contact"]["id"]),
        run["deal"]["action"],
        name(&run["deal"]["id"]),
        name(&run["duplicate_of"]),
    )
}
