//! Gates and health, parked timers, held deliveries, and notices.

use std::{cell::RefCell, collections::BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use gancho_domain::{
    common::ids::{DeliveryId, NoticeId},
    outbound::{
        delivery::{Delivery, Outcome, Slot},
        gate::{DisabledReason, Gate, GateKey, GateState},
        health::{FailedAttempt, Health},
        notice::{Notice, NoticeKind},
    },
};
use gancho_store::{StoreError, gates::Transition, held::Place, keys, parked::Parked};
use jiff::Timestamp;
use local::AwsError;

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

#[test]
fn or_11_an_unreadable_entry_does_not_block_the_others() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        for shard in 0..keys::parked::SHARDS {
            let text = |text: String| AttributeValue::S(text);
            let put = world().1.dynamo_client().put_item().table_name("CoordinationTable");
            let put = put.item("pk", text(keys::parked::partition(ws, shard)));
            // Sorts before all others.
            let put = put.item("sk", text("0000#deliver".to_owned()));
            put.item("doc", text("{}".to_owned())).send().await.unwrap();
        }
        let what = Parked::Lane { endpoint, lane: 0 };
        store.park(ws, after(1), &what).await.unwrap();
        let due = store.parked_due(ws, after(9), 100).await.unwrap();
        assert_eq!(due.into_iter().map(|(_, what)| what).collect::<Vec<_>>(), [what]);
    });
}

#[test]
fn parked_timers_are_due_in_order_and_a_repeated_one_is_stored_once() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        let delivery = delivery(endpoint).id;
        let entries: Vec<(Timestamp, Parked)> = (0..24)
            .map(|n: u16| {
                let what = match n % 4 {
                    0 => Parked::Deliver { delivery, attempt: n.into() },
                    1 => Parked::Lane { endpoint, lane: n },
                    2 => Parked::Probe { gate: GateKey::Workspace, generation: n.into() },
                    _ => Parked::Expiry { endpoint },
                };
                (after(n.into()), what)
            })
            .collect();
        for (due, what) in entries.iter().rev().chain(&entries) {
            store.park(ws, *due, what).await.unwrap();
        }
        let due = store.parked_due(ws, after(9), 100).await.unwrap();
        let read: Vec<_> = due.iter().map(|(at, what)| (at.due().unwrap(), what.clone())).collect();
        assert_eq!(read, entries[..10]);
        let first = store.parked_due(ws, after(99), 3).await.unwrap();
        assert!(first.iter().map(|(_, what)| what).eq(entries[..3].iter().map(|(_, what)| what)));
        for (key, _) in due.iter().chain(&due) {
            store.unpark(key).await.unwrap();
        }
        let rest = store.parked_due(ws, after(99), 100).await.unwrap();
        assert!(rest.iter().map(|(_, what)| what).eq(entries[10..].iter().map(|(_, what)| what)));
        assert!(store.parked_due(workspace(), after(99), 100).await.unwrap().is_empty(), "I13");
    });
}

#[test]
fn or_12_timers_due_at_midnight_use_several_partitions_and_survive_throttling() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        let midnight = after(40_000);
        for attempt in 0..80 {
            let what = Parked::Deliver { delivery: delivery(endpoint).id, attempt };
            store.park(ws, midnight, &what).await.unwrap();
        }
        let faults = world().1.faults();
        faults.on("Query").containing(&ws.key()).times(3).pre_err(AwsError::throttling());
        let due = store.parked_due(ws, midnight, 100).await.unwrap();
        assert_eq!(due.len(), 80, "the SDK retries");
        let partition = |shown: String| shown.split(", sk").next().map(str::to_owned).unwrap();
        let partitions: BTreeSet<String> =
            due.iter().map(|(key, _)| partition(format!("{key:?}"))).collect();
        assert!(partitions.len() > 1, "{partitions:?}");
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
        assert_eq!(store.unsent_notices(ws, 9).await.unwrap(), all);
        assert_eq!(store.unsent_notices(ws, 2).await.unwrap(), all[..2]);
        for _ in 0..2 {
            store.notice_sent(ws, all[1].id).await.unwrap();
        }
        assert!(!store.put_notice(ws, &all[1]).await.unwrap());
        let unsent = store.unsent_notices(ws, 9).await.unwrap();
        assert_eq!(unsent, [all[0].clone(), all[2].clone(), all[3].clone()]);
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
