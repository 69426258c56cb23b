//! Tests of the outbound tables against the embedded database: events here; claims, configuration,
//! lanes and timers in the submodules.

mod claims;
mod configured;
mod lanes;
mod waiting;

use std::sync::OnceLock;

use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, EventId, RuleId, WorkspaceId},
    outbound::{
        delivery::{Attempt, Delivery, Outcome, State, Trigger},
        event::{Event, EventCause, EventType},
        rule::Target,
    },
};
use gancho_store::{
    Store, StoreError, Tables,
    crm::With,
    deliveries::{Claim, Claimed, StoredDelivery},
    events::event_from_item,
    keys,
};
use jiff::{SignedDuration, Timestamp};
use local::Host;
use serde_json::json;
use tokio::runtime::Runtime;

/// One host for all tests here; every test uses its own workspace.
fn world() -> &'static (Runtime, Host) {
    static WORLD: OnceLock<(Runtime, Host)> = OnceLock::new();
    WORLD.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let host = runtime.block_on(Host::builder().event_sources(false).start()).unwrap();
        (runtime, host)
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    world().0.block_on(future)
}

fn store() -> Store {
    let tables = Tables {
        config: "ConfigTable".to_owned(),
        history: "HistoryTable".to_owned(),
        bodies: "BodiesTable".to_owned(),
        crm: "CrmTable".to_owned(),
        events: "EventsTable".to_owned(),
        deliveries: "DeliveriesTable".to_owned(),
        coordination: "CoordinationTable".to_owned(),
        lookups: "LookupsTable".to_owned(),
        tallies: "TalliesTable".to_owned(),
    };
    Store::new(world().1.dynamo_client(), tables)
}

fn now() -> Timestamp {
    "2026-11-21T13:20:00Z".parse().unwrap()
}

fn after(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn chance() -> [u8; 10] {
    gancho_edge::ids::Ids.entropy()
}

fn workspace() -> WorkspaceId {
    WorkspaceId::new(now(), &chance())
}

fn endpoint() -> EndpointId {
    EndpointId::new(now(), &chance())
}

fn token() -> String {
    hex::encode(chance())
}

/// A delivery without attempts.
fn delivery(endpoint: EndpointId) -> Delivery {
    let event = EventId::new(now(), &chance());
    let rule = RuleId::new(now(), &chance());
    Delivery {
        id: Delivery::id_for(event, rule),
        event,
        event_type: EventType::parse("deal.stage_changed").unwrap(),
        subject: format!("deal_{}", token()),
        subject_status: Some("open".to_owned()),
        rule,
        rule_version: 3,
        target: Target::Endpoint(endpoint),
        trigger: Trigger::Event,
        by: None,
        slot: None,
        state: State::Queued,
        attempts: Vec::new(),
        redrives: 0,
        hops: 0,
        expires_at: after(30 * 24 * 3_600),
    }
}

/// The delivery after one more attempt with this response status.
fn attempted(before: &Delivery, status: u16, state: State) -> Delivery {
    let mut attempts = before.attempts.clone();
    attempts.push(Attempt {
        number: before.next_attempt(),
        started_at: after(1),
        duration_ms: 231,
        url: "https://hooks.example.com/gancho/orders?token=***".to_owned(),
        outcome: Outcome::Status(status),
        excerpt: r#"{"error":"temporarily unavailable"}"#.to_owned(),
        retry_after: None,
        not_counted: false,
    });
    Delivery { attempts, state, ..before.clone() }
}

fn claim(token: &str, until: Timestamp) -> Claim {
    Claim { token: token.to_owned(), until }
}

fn mine(claimed: Claimed) -> StoredDelivery {
    match claimed {
        Claimed::Granted(stored) => stored,
        other @ (Claimed::Busy(_) | Claimed::Stale(_) | Claimed::Gone) => panic!("{other:?}"),
    }
}

/// A new delivery in its own workspace.
async fn created(store: &Store) -> (WorkspaceId, Delivery) {
    let (ws, delivery) = (workspace(), delivery(endpoint()));
    store.create_delivery(ws, &delivery, &token()).await.unwrap();
    (ws, delivery)
}

fn event(subject: &str, at: Timestamp, data: &str) -> Event {
    Event {
        id: EventId::new(at, &chance()),
        types: vec![EventType::parse("order.dispatched").unwrap()],
        subject: subject.to_owned(),
        subject_status: Some("in_transit".to_owned()),
        occurred_at: at,
        about: gancho_domain::outbound::event::About::default(),
        data: json!({ "text": data, "price": 12.50 }),
        cause: EventCause::Producer,
        hops: 0,
        expires_at: at + SignedDuration::from_hours(24),
    }
}

#[test]
fn an_event_is_written_once_and_a_retry_after_a_lost_reply_succeeds() {
    block_on(async {
        let (store, ws) = (store(), workspace());
        let event = event("#1/é", now(), "x");
        let writer = token();
        world().1.faults().on("PutItem").containing(&writer).post_err();
        store.put_event(ws, &event, &writer).await.unwrap();
        let found = store.event(ws, "#1/é", event.id, now()).await.unwrap();
        assert_eq!(found, Some(event.clone()));
        let again = store.put_event(ws, &event, &token()).await;
        assert!(matches!(again, Err(StoreError::Condition)), "{again:?}");
    });
}

#[test]
fn s2_3_an_event_ends_to_the_millisecond() {
    block_on(async {
        let (store, ws) = (store(), workspace());
        let event = event("s", now(), "x");
        store.put_event(ws, &event, "w").await.unwrap();
        let read = |at| store.event(ws, "s", event.id, at);
        let last = event.expires_at - SignedDuration::from_millis(1);
        assert!(read(last).await.unwrap().is_some());
        assert!(read(event.expires_at).await.unwrap().is_none());
        let listed = store.events_of(ws, "s", event.expires_at, None, 9).await.unwrap();
        assert!(listed.is_empty());
    });
}

#[test]
fn s2_5_the_events_of_a_subject_are_listed_newest_first_in_pages() {
    block_on(async {
        let (store, ws) = (store(), workspace());
        let mut created = Vec::new();
        for n in 0..5 {
            let event = event("order#1", after(n), "x");
            store.put_event(ws, &event, "w").await.unwrap();
            created.insert(0, event.id);
        }
        for other in ["order#", "order#1#", "order"] {
            store.put_event(ws, &event(other, now(), "x"), "w").await.unwrap();
        }
        let mut seen = Vec::new();
        loop {
            let last = seen.last().copied();
            let page = store.events_of(ws, "order#1", now(), last, 2).await.unwrap();
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= 2);
            seen.extend(page.iter().map(|event| event.id));
        }
        assert_eq!(seen, created);
    });
}

#[test]
fn a_large_event_is_packed_and_read_back_from_its_row() {
    block_on(async {
        let (store, ws) = (store(), workspace());
        let event = event("big", now(), &"a long text, ".repeat(10_000));
        store.put_event(ws, &event, "w").await.unwrap();
        let key = keys::events::event(ws, "big", event.id);
        let row = row(&store, "EventsTable", &key).await.unwrap();
        let packed = row.get("z").and_then(|z| z.as_b().ok()).map(|z| z.as_ref().len());
        assert!(packed.is_some_and(|bytes| bytes < 2_000), "{packed:?}");
        assert_eq!(event_from_item(row).unwrap(), (ws, event));
    });
}

#[test]
fn the_outbox_is_written_with_the_changes_or_not_at_all() {
    block_on(async {
        let (store, ws) = (store(), workspace());
        let (one, two) = (event("a", now(), "1"), event("b", now(), "2"));
        let changes = gancho_domain::crm::decide::Changes::default();
        let with = |events| With { events, ..With::default() };
        let both = [one.clone(), two.clone()];
        store.commit(ws, &changes, with(&both)).await.unwrap();
        assert!(store.event(ws, "a", one.id, now()).await.unwrap().is_some());
        assert!(store.event(ws, "b", two.id, now()).await.unwrap().is_some());
        let third = event("c", now(), "3");
        let again = store.commit(ws, &changes, with(&[third.clone(), two])).await;
        assert!(matches!(again, Err(StoreError::Condition)), "{again:?}");
        assert!(store.event(ws, "c", third.id, now()).await.unwrap().is_none());
    });
}

/// A row as it is stored.
async fn row(store: &Store, table: &str, key: &keys::Key) -> Option<gancho_store::Item> {
    use aws_sdk_dynamodb::types::AttributeValue::S;
    let get = store.client().get_item().table_name(table).consistent_read(true);
    let get = get.key("pk", S(key.pk.clone())).key("sk", S(key.sk.clone()));
    get.send().await.unwrap().item
}

/// The size of a row as DynamoDB counts it, in bytes.
fn size(row: &gancho_store::Item) -> usize {
    row.iter()
        .map(|(name, value)| {
            let number = |digits: &String| digits.trim_start_matches('-').len().div_ceil(2) + 1;
            let binary = value.as_b().map(|bytes| bytes.as_ref().len());
            let text = value.as_s().map(String::len).or_else(|_| value.as_n().map(number));
            name.len() + text.or(binary).unwrap()
        })
        .sum()
}

/// A delivery's row as it is stored.
async fn delivery_row(store: &Store, ws: WorkspaceId, id: DeliveryId) -> gancho_store::Item {
    row(store, "DeliveriesTable", &keys::deliveries::delivery(ws, id)).await.unwrap()
}
