//! Gates and health, parked timers, held deliveries, and notices.

use std::{cell::RefCell, collections::BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use gancho_domain::{
    common::ids::{DeliveryId, NoticeId, WorkspaceId},
    outbound::{
        delivery::{Delivery, Outcome, Slot},
        gate::{DisabledReason, Gate, GateKey, GateState},
        health::{FailedAttempt, Health},
        notice::{Notice, NoticeKind},
    },
};
use gancho_store::{
    StoreError,
    gates::Transition,
    held::Place,
    keys,
    parked::{Entry, Hours, Parked, Stretch},
};
use jiff::{SignedDuration, Timestamp};
use local::{AwsError, Host};

use super::{after, block_on, chance, delivery, endpoint, now, store, workspace, world};

fn disabled(since: Timestamp) -> GateState {
    GateState::Disabled { since, reason: DisabledReason::ByPerson }
}

#[test]
fn a_gate_without_a_row_is_open_and_gates_are_returned_in_the_requested_order() {
    block_on(async {
        let (store, ws) = (store(), workspace());
        let own = GateKey::Endpoint(endpoint());
        let url = GateKey::Url("ab".repeat(16));
        let shut = Gate::default().into_state(disabled(now()));
        assert!(store.change_gate(ws, &url, 0, &shut).await.unwrap());
        let requested = [own.clone(), url.clone(), GateKey::Workspace, url.clone()];
        let gates = store.gates(ws, &requested).await.unwrap();
        let open = Gate::default();
        assert_eq!(gates, [open.clone(), shut.clone(), open.clone(), shut.clone()]);
        assert_eq!(store.gates(ws, std::slice::from_ref(&url)).await.unwrap(), [shut]);
        assert_eq!(store.gates(ws, &[]).await.unwrap(), []);
        assert_eq!(store.gates(workspace(), &[url]).await.unwrap(), [open], "I13");
    });
}

#[test]
fn one_of_twenty_concurrent_changes_of_a_gate_succeeds() {
    block_on(async {
        let (store, ws, key) = (store(), workspace(), GateKey::Endpoint(endpoint()));
        for generation in 0..3 {
            let before = store.gates(ws, std::slice::from_ref(&key)).await.unwrap();
            assert_eq!(before[0].generation, generation);
            let tries = (0..20).map(|n| {
                let gate = before[0].clone().into_state(disabled(after(n)));
                let (store, key) = (&store, &key);
                async move { store.change_gate(ws, key, generation, &gate).await.unwrap() }
            });
            let succeeded = join_all(tries).await.into_iter().filter(|done| *done).count();
            assert_eq!(succeeded, 1, "from generation {generation}");
        }
    });
}

#[test]
fn a_transition_decides_again_from_the_state_that_another_change_left() {
    block_on(async {
        let (store, ws, key) = (store(), workspace(), GateKey::Endpoint(endpoint()));
        let seen = RefCell::new(Vec::new());
        let disable = |gate: Gate| {
            seen.borrow_mut().push(gate.generation);
            let (store, key) = (&store, &key);
            async move {
                if gate.generation == 0 {
                    // Another change is first.
                    let other = gate.into_state(GateState::Open);
                    assert!(store.change_gate(ws, key, 0, &other).await?);
                }
                Ok::<_, StoreError>(Some(disabled(now())))
            }
        };
        let changed = store.transition_gate(ws, &key, disable).await.unwrap();
        assert_eq!(*seen.borrow(), [0, 1]);
        let found = store.gates(ws, std::slice::from_ref(&key)).await.unwrap().remove(0);
        assert_eq!((found.generation, &found.state), (2, &disabled(now())));
        assert_eq!(changed, Transition::Changed(found.clone()));
        let keep = |_| std::future::ready(Ok::<_, StoreError>(None));
        assert_eq!(store.transition_gate(ws, &key, keep).await.unwrap(), Transition::Kept(found));
    });
}

#[test]
fn a_transition_that_others_precede_every_time_fails_as_busy() {
    block_on(async {
        let (store, ws, key) = (store(), workspace(), GateKey::Endpoint(endpoint()));
        let disable = |gate: Gate| {
            let (store, key) = (&store, &key);
            async move {
                let from = gate.generation;
                let other = gate.into_state(GateState::Open);
                assert!(store.change_gate(ws, key, from, &other).await?);
                Ok::<_, StoreError>(Some(disabled(now())))
            }
        };
        let failed = store.transition_gate(ws, &key, disable).await.unwrap_err();
        assert!(matches!(failed, StoreError::Busy(_)), "{failed}");
        let found = store.gates(ws, std::slice::from_ref(&key)).await.unwrap().remove(0);
        assert_eq!((found.generation, found.state), (8, GateState::Open), "eight tries");
    });
}

#[test]
fn a_change_of_a_gate_whose_reply_was_lost_succeeds() {
    block_on(async {
        let (store, ws, key) = (store(), workspace(), GateKey::Endpoint(endpoint()));
        let shut = Gate::default().into_state(disabled(now()));
        world().1.faults().on("PutItem").containing(&ws.key()).post_err();
        assert!(store.change_gate(ws, &key, 0, &shut).await.unwrap());
        let found = store.gates(ws, std::slice::from_ref(&key)).await.unwrap();
        assert_eq!(found.first(), Some(&shut));
        let open = shut.clone().into_state(GateState::Open);
        assert!(!store.change_gate(ws, &key, 0, &open).await.unwrap(), "it is no longer new");
        assert!(store.change_gate(ws, &key, 1, &open).await.unwrap());
        assert!(!store.change_gate(ws, &key, 1, &shut).await.unwrap());
    });
}

fn failing(n: usize) -> Health {
    let failed_attempt = |n| FailedAttempt {
        at: after(i64::try_from(n).unwrap()),
        endpoint: endpoint(),
        delivery: DeliveryId::new(now(), &chance()),
        attempt: 1,
        outcome: Outcome::Status(500),
        unreachable: None,
        not_counted: false,
    };
    Health { failures: (0..n).map(failed_attempt).collect(), ..Health::default() }
}

#[test]
fn one_of_twenty_concurrent_writes_of_health_succeeds_and_rows_are_listed_by_gate() {
    block_on(async {
        let (store, ws) = (store(), workspace());
        let keys =
            [GateKey::Endpoint(endpoint()), GateKey::Url("0f".repeat(16)), GateKey::Workspace];
        assert_eq!(store.health(ws, &keys[0]).await.unwrap(), (Health::default(), 0));
        let mut all = Vec::new();
        for (n, key) in keys.iter().enumerate() {
            let health = failing(31 * n);
            world().1.faults().on("PutItem").containing(&ws.key()).post_err();
            assert!(store.put_health(ws, key, &health, 0).await.unwrap());
            assert_eq!(store.health(ws, key).await.unwrap(), (health.clone(), 1));
            all.push((key.clone(), health));
        }
        assert_eq!(store.all_health(ws).await.unwrap(), all);
        let tries = (0..20).map(|n| {
            let (store, key, health) = (&store, &keys[2], failing(n + 1));
            async move { store.put_health(ws, key, &health, 1).await.unwrap() }
        });
        assert_eq!(join_all(tries).await.into_iter().filter(|done| *done).count(), 1);
        assert_eq!(store.health(ws, &keys[2]).await.unwrap().1, 2);
    });
}

/// The entries of a workspace in the hour of `until` that are due by the end of its minute, and
/// whether the partitions hold more rows.
async fn due(ws: WorkspaceId, until: Timestamp, limit: usize) -> (Vec<Entry>, bool) {
    let (mut found, mut more) = (Vec::new(), false);
    for stretch in Stretch::all(keys::parked::hour(until), until) {
        let page = store().parked_page(&stretch, limit, true).await.unwrap();
        more |= page.last.is_some();
        found.extend(page.entries.into_iter().filter(|entry| entry.workspace == ws));
    }
    found.sort_by_key(|entry| entry.due);
    (found, more)
}

/// A time whose hour no other test uses.
fn hour(number: i64) -> Timestamp {
    "2027-03-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(number)
}

#[test]
fn or_11_an_unreadable_entry_does_not_block_the_others() {
    block_on(async {
        let (store, ws, endpoint, at) = (store(), workspace(), endpoint(), hour(1));
        for shard in 0..keys::parked::SHARDS {
            let text = |text: String| AttributeValue::S(text);
            let put = world().1.dynamo_client().put_item().table_name("CoordinationTable");
            let put = put.item("pk", text(keys::parked::partition(keys::parked::hour(at), shard)));
            // Sorts before all others.
            let put = put.item("sk", text("0000#deliver".to_owned()));
            put.item("doc", text("{}".to_owned())).send().await.unwrap();
        }
        let what = Parked::Lane { endpoint, lane: 0 };
        store.park(ws, (at, at), &what).await.unwrap();
        let found = due(ws, at, 100).await.0;
        assert_eq!(found.into_iter().map(|entry| entry.what).collect::<Vec<_>>(), [what]);
        let hour = Stretch::all(keys::parked::hour(at), at);
        for stretch in hour {
            let page = store.parked_page(&stretch, 100, true).await.unwrap();
            assert!(!page.is_empty, "an hour with an unreadable row is not closed");
        }
    });
}

#[test]
fn parked_entries_are_due_in_order_and_a_repeated_one_is_stored_once() {
    block_on(async {
        let (store, ws, endpoint, at) = (store(), workspace(), endpoint(), hour(2));
        let delivery = delivery(endpoint).id;
        let entries: Vec<(Timestamp, Parked)> = (0..24)
            .map(|n: u16| {
                let what = match n % 4 {
                    0 => Parked::Deliver { delivery, attempt: n.into(), group: Some("g".into()) },
                    1 => Parked::Lane { endpoint, lane: n },
                    2 => Parked::Probe { gate: GateKey::Workspace, generation: n.into() },
                    _ => Parked::Expiry { endpoint },
                };
                (at + SignedDuration::from_secs(i64::from(n) * 20), what)
            })
            .collect();
        for (due, what) in entries.iter().rev().chain(&entries) {
            store.park(ws, (*due, at), what).await.unwrap();
        }
        let read = |found: &[Entry]| -> Vec<(Timestamp, Parked)> {
            found.iter().map(|entry| (entry.due, entry.what.clone())).collect()
        };
        // Every entry of the minutes, three each.
        let found = due(ws, at + SignedDuration::from_secs(179), 100).await.0;
        assert_eq!(read(&found), entries[..9]);
        let end = at + SignedDuration::from_secs(3_599);
        let (first, more) = due(ws, end, 1).await;
        assert!(first.len() <= 4 && more, "{first:?}");
        let keys: Vec<_> = found.iter().chain(&found[..2]).map(|entry| &entry.key).collect();
        store.unpark(&keys[..9]).await.unwrap();
        store.unpark(&keys[7..9]).await.unwrap();
        store.unpark(&[]).await.unwrap();
        assert_eq!(read(&due(ws, end, 100).await.0), entries[9..]);
    });
}

#[test]
fn or_11_an_entry_whose_time_is_past_lies_where_the_timers_look_now() {
    block_on(async {
        let (store, ws, endpoint, at) = (store(), workspace(), endpoint(), hour(3));
        let before = at - SignedDuration::from_hours(50);
        store.park(ws, (before, at), &Parked::Expiry { endpoint }).await.unwrap();
        let found = due(ws, at, 100).await.0;
        assert_eq!(found.iter().map(|entry| entry.due).collect::<Vec<_>>(), [before]);
        assert_eq!(found[0].hour(), Some(keys::parked::hour(at)));
        assert!(due(ws, before, 100).await.0.is_empty());
        // Its row outlives the hour in which it lies.
        let row = world().1.dynamo_client().scan().table_name("CoordinationTable");
        let row = row.filter_expression("contains(sk, :ws)");
        let row = row.expression_attribute_values(":ws", AttributeValue::S(ws.key()));
        let row = row.send().await.unwrap().items.unwrap().remove(0);
        let ends: i64 = row["expires_at"].as_n().unwrap().parse().unwrap();
        assert_eq!(ends, (at + SignedDuration::from_hours(24 * 30)).as_second());
    });
}

#[test]
fn te_02_a_workspace_is_passed_over_with_one_query() {
    block_on(async {
        let (store, at) = (store(), hour(4));
        let (crowd, quiet) = (workspace(), workspace());
        let (crowd, quiet) = (crowd.min(quiet), crowd.max(quiet));
        for (ws, count) in [(crowd, 40), (quiet, 8)] {
            for lane in 0..count {
                let what = Parked::Lane { endpoint: endpoint(), lane };
                store.park(ws, (at, at), &what).await.unwrap();
            }
        }
        let mut seen = Vec::new();
        for stretch in Stretch::all(keys::parked::hour(at), at) {
            let page = store.parked_page(&stretch, 1, true).await.unwrap();
            let (Some(first), Some(last)) = (page.entries.first(), page.last) else { continue };
            assert_eq!(first.workspace, crowd);
            let next = store.parked_page(&stretch.past(&last), 99, true).await.unwrap();
            assert!(next.entries.iter().all(|entry| entry.workspace == quiet));
            let rest = stretch.behind(&first.key).within(&first.key);
            let rest = store.parked_page(&rest, 99, true).await.unwrap();
            assert!(rest.entries.iter().all(|entry| entry.workspace == crowd));
            assert!(rest.entries.iter().all(|entry| entry.key != first.key));
            seen.extend(page.entries.into_iter().chain(next.entries).chain(rest.entries));
        }
        assert_eq!(seen.len(), 48, "each once");
    });
}

#[test]
fn or_11_the_hours_exist_before_the_first_entry_and_one_of_two_runs_writes_them() {
    block_on(async {
        // A host of its own: there is one row.
        let host = Host::builder().event_sources(false).start().await.unwrap();
        let store = host.deps_for("suspension").unwrap().store();
        assert_eq!(store.parked_hours().await.unwrap(), None);
        let at = hour(5);
        host.faults().on("PutItem").containing("parked#").pre_err(AwsError::new(400, "X"));
        let what = Parked::Expiry { endpoint: endpoint() };
        store.park(workspace(), (at, at), &what).await.unwrap_err();
        let hours = store.parked_hours().await.unwrap().unwrap();
        assert_eq!(hours, Hours::beginning(at));
        host.faults().record();
        store.park(workspace(), (at, at), &what).await.unwrap();
        assert_eq!(host.faults().calls().len(), 1, "a process writes them once");
        let another = host.deps_for("deliver").unwrap().store();
        another.park(workspace(), (hour(9), hour(9)), &what).await.unwrap();
        assert_eq!(store.parked_hours().await.unwrap(), Some(hours.clone()), "only the first");
        let none = BTreeSet::new();
        let later = hours.after(&none, hour(7)).unwrap();
        assert!(store.put_parked_hours(&later).await.unwrap());
        let other = hours.after(&BTreeSet::from([keys::parked::hour(at)]), hour(7)).unwrap();
        assert!(!store.put_parked_hours(&other).await.unwrap(), "another run was first");
        assert_eq!(store.parked_hours().await.unwrap(), Some(later));
    });
}

#[test]
fn or_12_entries_due_at_midnight_use_several_partitions_and_survive_throttling() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        let midnight = hour(24);
        for attempt in 0..80 {
            let what = Parked::Deliver { delivery: delivery(endpoint).id, attempt, group: None };
            store.park(ws, (midnight, now()), &what).await.unwrap();
        }
        let faults = world().1.faults();
        let partition = format!("parked#{:07}", keys::parked::hour(midnight));
        faults.on("Query").containing(&partition).times(3).pre_err(AwsError::throttling());
        let found = due(ws, midnight, 100).await.0;
        assert_eq!(found.len(), 80, "the SDK retries");
        let shown = |entry: &Entry| format!("{:?}", entry.key);
        let partitions: BTreeSet<String> = found
            .iter()
            .map(|entry| shown(entry).split(", sk").next().unwrap().to_owned())
            .collect();
        assert!(partitions.len() > 1, "{partitions:?}");
        let keys: Vec<_> = found.iter().map(|entry| &entry.key).collect();
        faults.on("BatchWriteItem").times(1).pre_err(AwsError::throttling());
        store.unpark(&keys).await.unwrap();
        assert!(due(ws, midnight, 100).await.0.is_empty());
    });
}

#[test]
fn held_deliveries_are_listed_oldest_first_in_pages() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        let mut expected = Vec::new();
        for n in 0..7u8 {
            let id = DeliveryId::new(after(n.into()), &[n; 10]);
            let one = Delivery { id, subject: format!("order#{n}"), ..delivery(endpoint) };
            store.put_held(ws, endpoint, &one).await.unwrap();
            store.put_held(ws, endpoint, &one).await.unwrap();
            expected.push((id, one.subject));
        }
        store.put_held(ws, super::endpoint(), &delivery(endpoint)).await.unwrap();
        store.delete_held(ws, endpoint, expected.remove(3).0).await.unwrap();
        let mut seen = Vec::new();
        loop {
            let last = seen.last().map(|(id, _)| *id);
            let page = store.held(ws, endpoint, last, 4).await.unwrap();
            seen.extend(page.iter().map(|row| (row.delivery, row.subject.clone())));
            if page.len() < 4 {
                break;
            }
        }
        assert_eq!(seen, expected);
        for (most, count) in [(0, 0), (1, 1), (4, 4), (6, 6), (7, 6), (1_000, 6)] {
            assert_eq!(store.held_count(ws, endpoint, most).await.unwrap(), count, "{most}");
        }
    });
}

#[test]
fn or_07_a_held_row_holds_the_place_of_its_delivery() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        for (n, slot) in
            [(0u8, None), (1, Some(Slot { lane: 0, seq: 7 })), (2, Some(Slot { lane: 9, seq: 1 }))]
        {
            let id = DeliveryId::new(after(n.into()), &[n; 10]);
            let one = Delivery { id, slot, ..delivery(endpoint) };
            store.put_held(ws, endpoint, &one).await.unwrap();
        }
        let rows = store.held(ws, endpoint, None, 9).await.unwrap();
        let places: Vec<Place> = rows.iter().map(|row| row.place).collect();
        assert_eq!(places, [Place::Aside, Place::Lane(0), Place::Lane(9)]);
        assert!(rows.iter().all(|row| row.ends == delivery(endpoint).expires_at));
    });
}

fn notice(n: u8) -> Notice {
    Notice {
        id: NoticeId::derived(after(n.into()), &["test"]),
        at: after(n.into()),
        kind: NoticeKind::Warned { percent: 70 },
        endpoint: Some(endpoint()),
        title: format!("aviso {n}"),
        text: "70%".to_owned(),
        sent: false,
    }
}

#[test]
fn s5_3_a_notice_is_new_once_and_unsent_until_the_topic_accepted_it() {
    block_on(async {
        let (store, ws) = (store(), workspace());
        let all: Vec<Notice> = (0..4).map(notice).collect();
        for one in &all {
            let tries = (0..20).map(|_| store.put_notice(ws, one));
            let tries = join_all(tries).await;
            // A conflict of two transactions is an error that the caller retries.
            let new = tries.iter().filter(|new| matches!(new, Ok(true))).count();
            assert_eq!(new, 1, "{tries:?}");
        }
        let unsent = async |limit| {
            let marks = store.unsent_notices(Some(ws), limit).await.unwrap();
            let mut notices = store.notices_by_id(&marks).await.unwrap();
            notices.sort_by_key(|(_, notice)| notice.id);
            assert!(notices.iter().all(|(of, _)| *of == ws), "I13");
            notices.into_iter().map(|(_, notice)| notice).collect::<Vec<_>>()
        };
        assert_eq!(unsent(9).await, all);
        assert_eq!(unsent(2).await, all[..2]);
        let other = workspace();
        assert!(store.put_notice(other, &all[0]).await.unwrap());
        let of_all = store.unsent_notices(None, 99).await.unwrap();
        for ws in [ws, other] {
            assert!(of_all.contains(&(ws, all[0].id)), "all workspaces in one query");
        }
        for _ in 0..2 {
            store.notice_sent(ws, all[1].id).await.unwrap();
        }
        assert!(!store.put_notice(ws, &all[1]).await.unwrap());
        assert_eq!(unsent(9).await, [all[0].clone(), all[2].clone(), all[3].clone()]);
        let first = store.notices(ws, None, 3).await.unwrap();
        let sent = Notice { sent: true, ..all[1].clone() };
        assert_eq!(first, [all[3].clone(), all[2].clone(), sent]);
        let last = store.notices(ws, Some(all[1].id), 3).await.unwrap();
        assert_eq!(last, all[..1]);
        // Marking a notice that TTL deleted does not create it again.
        store.notice_sent(ws, notice(9).id).await.unwrap();
        assert_eq!(store.notices(ws, None, 99).await.unwrap().len(), 4);
    });
}
