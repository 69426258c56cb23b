//! Lanes: order and rate.

use std::collections::BTreeSet;

use futures::future::join_all;
use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::delivery::{Delivery, Slot, State},
};
use gancho_store::{
    Store, StoreError,
    deliveries::{Changed, Claim, Claimed, StoredDelivery},
    lanes::{Lane, LaneKey, lane_of},
};

use super::{
    after, block_on, claim, delivery, endpoint, mine, now, store, token, workspace, world,
};

fn some(endpoint: EndpointId, count: usize) -> Vec<Delivery> {
    (0..count).map(|_| delivery(endpoint)).collect()
}

fn lane(workspace: WorkspaceId, endpoint: EndpointId, lane: u16) -> LaneKey {
    LaneKey { workspace, endpoint, lane }
}

async fn read(store: &Store, ws: WorkspaceId, delivery: &Delivery) -> StoredDelivery {
    store.delivery(ws, delivery.id, now()).await.unwrap().unwrap()
}

/// Places deliveries as *dispatch* does: it retries the batch while other writers use the lane.
async fn until_placed(
    store: &Store,
    ws: WorkspaceId,
    endpoint: EndpointId,
    few: &[Delivery],
) -> Vec<Delivery> {
    let writer = token();
    for _ in 0..100 {
        match store.create_in_lanes(ws, endpoint, few.to_vec(), 1, &writer).await {
            Err(StoreError::Busy(_)) => {}
            done => return done.unwrap(),
        }
    }
    panic!("the lane was never free");
}

#[test]
fn or_05_places_of_a_thousand_deliveries_of_parallel_producers_have_no_gap() {
    block_on(async {
        let (ws, endpoint) = (workspace(), endpoint());
        let producers = (0..20).map(|_| async move {
            let (store, all) = (store(), some(endpoint, 50));
            let mut placed = Vec::new();
            for few in all.chunks(10) {
                let few = few.to_vec();
                let done = until_placed(&store, ws, endpoint, &few).await;
                let ids = |list: &[Delivery]| list.iter().map(|one| one.id).collect::<Vec<_>>();
                assert_eq!(ids(&done), ids(&few), "returned in their order");
                placed.extend(done);
            }
            placed
        });
        let placed: Vec<Delivery> = join_all(producers).await.into_iter().flatten().collect();
        let seqs: Vec<u64> = placed.iter().map(|one| one.slot.unwrap().seq).collect();
        for producer in seqs.chunks(50) {
            assert!(producer.is_sorted(), "a producer's own order is kept: {producer:?}");
        }
        let gapless: BTreeSet<u64> = (1..=1_000).collect();
        assert_eq!(seqs.into_iter().collect::<BTreeSet<_>>(), gapless);
        let store = store();
        let rows = store.lane_rows(lane(ws, endpoint, 0), 0, 2_000).await.unwrap();
        assert_eq!(rows.len(), 1_000);
        assert!(rows.iter().map(|(seq, _)| *seq).eq(1..=1_000));
        for one in placed.iter().step_by(97) {
            assert_eq!(read(&store, ws, one).await.delivery, *one);
            assert!(rows.contains(&(one.slot.unwrap().seq, one.id)));
        }
    });
}

#[test]
fn a_repeat_creates_no_second_row_and_no_second_place() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        let all = some(endpoint, 3);
        let few = vec![all[0].clone(), all[2].clone()];
        let first = store.create_in_lanes(ws, endpoint, few, 1, "w").await.unwrap();
        // One of them succeeds meanwhile.
        let own = token();
        let claimed = store.claim_delivery(ws, all[0].id, 1, &claim(&own, after(9)), now()).await;
        mine(claimed.unwrap());
        let done = Delivery { state: State::Success { at: after(1) }, ..first[0].clone() };
        assert!(store.record(ws, &done, &own).await.unwrap());
        let mut twice = all.clone();
        twice.push(all[1].clone());
        let second = store.create_in_lanes(ws, endpoint, twice, 1, "w").await.unwrap();
        let third = Delivery { slot: Some(Slot { lane: 0, seq: 3 }), ..all[1].clone() };
        assert_eq!(second, [done, third.clone(), first[1].clone(), third]);
        let rows = store.lane_front(lane(ws, endpoint, 0), 9).await.unwrap();
        assert_eq!(rows, [(1, all[0].id), (2, all[2].id), (3, all[1].id)]);
    });
}

#[test]
fn of_05_a_transaction_whose_reply_was_lost_leaves_no_gap_and_no_duplicate() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        let all = some(endpoint, 120);
        let writer = token();
        let faults = world().1.faults();
        faults.on("TransactWriteItems").containing(&writer).post_err();
        faults.on("TransactWriteItems").containing(&writer).nth(3).truncate();
        faults
            .on("TransactWriteItems")
            .containing(&writer)
            .nth(4)
            .pre_err(local::AwsError::transaction_cancelled(&["TransactionConflict", "None"]));
        let first = store.create_in_lanes(ws, endpoint, all.clone(), 1, &writer).await;
        assert!(first.is_err(), "a truncated reply is an error");
        let placed = store.create_in_lanes(ws, endpoint, all, 1, &writer).await.unwrap();
        assert!(placed.iter().map(|one| one.slot.unwrap().seq).eq(1..=120));
        let rows = store.lane_rows(lane(ws, endpoint, 0), 0, 500).await.unwrap();
        assert!(rows.iter().map(|(seq, _)| *seq).eq(1..=120), "{rows:?}");
    });
}

#[test]
fn deliveries_spread_over_the_lanes_and_each_lane_has_its_own_sequence() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        let placed =
            store.create_in_lanes(ws, endpoint, some(endpoint, 200), 5, "w").await.unwrap();
        let mut found = 0;
        for number in 0..5 {
            let key = lane(ws, endpoint, number);
            let rows = store.lane_rows(key, 0, 500).await.unwrap();
            assert!(rows.len() > 10, "lane {number} has {}", rows.len());
            assert!(rows.iter().map(|(seq, _)| *seq).eq(1..=rows.len() as u64));
            assert!(rows.iter().all(|(_, id)| lane_of(*id, 5) == number));
            found += rows.len();
            let page = store.lane_rows(key, 3, 2).await.unwrap();
            assert_eq!(page, rows[3..5]);
        }
        assert_eq!((found, placed.len()), (200, 200));
        assert_eq!(lane_of(placed[0].id, 1), 0);
    });
}

#[test]
fn a_place_is_removed_once_and_the_next_becomes_the_front() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        let all = store.create_in_lanes(ws, endpoint, some(endpoint, 3), 1, "w").await.unwrap();
        let key = lane(ws, endpoint, 0);
        for _ in 0..2 {
            store.remove_from_lane(key, 1).await.unwrap();
        }
        assert_eq!(store.lane_front(key, 1).await.unwrap(), [(2, all[1].id)]);
        store.remove_from_lane(key, 2).await.unwrap();
        store.remove_from_lane(key, 3).await.unwrap();
        let more = store.create_in_lanes(ws, endpoint, some(endpoint, 1), 1, "w").await.unwrap();
        assert_eq!(more[0].slot, Some(Slot { lane: 0, seq: 4 }), "the sequence continues");
    });
}

#[test]
fn or_02_one_of_twenty_workers_holds_the_lease_of_a_lane() {
    block_on(async {
        let (store, key) = (store(), lane(workspace(), endpoint(), 0));
        let tries = (0..20)
            .map(|_| async { store.take_lane(key, &token(), after(30), now()).await.unwrap() });
        let all = join_all(tries).await;
        let mine = all.iter().filter(|one| **one == Lane::Leased { not_before: None }).count();
        let held = all.iter().filter(|one| **one == Lane::Held(after(30))).count();
        assert_eq!((mine, held), (1, 19));
    });
}

#[test]
fn or_03_an_expired_lease_can_be_taken_and_its_old_holder_cannot_renew_it() {
    block_on(async {
        let (store, key) = (store(), lane(workspace(), endpoint(), 3));
        let free = Lane::Leased { not_before: None };
        world().1.faults().on("UpdateItem").containing("slow-of-or-03").post_err();
        assert_eq!(store.take_lane(key, "slow-of-or-03", after(30), now()).await.unwrap(), free);
        assert!(store.keep_lane(key, "slow-of-or-03", after(40)).await.unwrap());
        let early = store.take_lane(key, "quick", after(70), after(39)).await.unwrap();
        assert_eq!(early, Lane::Held(after(40)));
        assert_eq!(store.take_lane(key, "quick", after(70), after(40)).await.unwrap(), free);
        assert!(!store.keep_lane(key, "slow-of-or-03", after(80)).await.unwrap());
        store.free_lane(key, "slow-of-or-03", Some(after(99))).await.unwrap();
        let third = store.take_lane(key, "third", after(90), after(41)).await.unwrap();
        assert_eq!(third, Lane::Held(after(70)), "the old holder cannot free it");
        assert!(store.keep_lane(key, "quick", after(71)).await.unwrap());
    });
}

#[test]
fn or_04_a_killed_holders_lane_continues_and_clocks_two_seconds_apart_do_not_overlap() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        let all = store.create_in_lanes(ws, endpoint, some(endpoint, 2), 1, "w").await.unwrap();
        let key = lane(ws, endpoint, 0);
        // The first holder claims the front delivery and is killed.
        let free = Lane::Leased { not_before: None };
        assert_eq!(store.take_lane(key, "killed", after(30), now()).await.unwrap(), free);
        let claim = Claim { token: "killed".to_owned(), until: after(20) };
        let claimed = store.claim_delivery(ws, all[0].id, 1, &claim, now()).await.unwrap();
        assert!(matches!(claimed, Claimed::Granted(_)));
        // A holder whose clock is two seconds fast takes the lane two seconds early, not earlier.
        // The claim, before whose end every request ends, was over eight seconds ago.
        let early = store.take_lane(key, "fast", after(62), after(29)).await.unwrap();
        assert_eq!(early, Lane::Held(after(30)));
        let fast = after(28) + jiff::SignedDuration::from_secs(2);
        assert_eq!(store.take_lane(key, "fast", after(60), fast).await.unwrap(), free);
        let next = Claim { token: "fast".to_owned(), until: after(50) };
        let claimed = store.claim_delivery(ws, all[0].id, 1, &next, fast).await.unwrap();
        assert!(matches!(claimed, Claimed::Granted(_)), "the drain continues with the same front");
        assert!(!store.record(ws, &all[0], "killed").await.unwrap(), "the late record is refused");
    });
}

#[test]
fn a_freed_lane_keeps_the_start_time_of_the_next_request() {
    block_on(async {
        let (store, key) = (store(), lane(workspace(), endpoint(), 0));
        store.take_lane(key, "a", after(30), now()).await.unwrap();
        store.free_lane(key, "a", Some(after(2))).await.unwrap();
        let next = store.take_lane(key, "b", after(31), after(1)).await.unwrap();
        assert_eq!(next, Lane::Leased { not_before: Some(after(2)) });
        store.free_lane(key, "b", None).await.unwrap();
        let last = store.take_lane(key, "c", after(32), after(3)).await.unwrap();
        assert_eq!(last, Lane::Leased { not_before: None });
    });
}

#[test]
fn or_07_a_delivery_moves_to_the_end_of_its_new_lane() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        let all = store.create_in_lanes(ws, endpoint, some(endpoint, 9), 1, "w").await.unwrap();
        for one in &all {
            let moved = store.reslot(&read(&store, ws, one).await, endpoint, Some(3), now()).await;
            let Changed::Done(moved) = moved.unwrap() else { panic!("it was free") };
            assert_eq!(moved, read(&store, ws, one).await);
            assert_eq!(moved.delivery.slot.unwrap().lane, lane_of(one.id, 3));
        }
        let mut found = Vec::new();
        for number in 0..3 {
            found.extend(store.lane_rows(lane(ws, endpoint, number), 0, 99).await.unwrap());
        }
        assert_eq!(found.len(), 9, "each has one place");
        for one in &all {
            let moved = store.reslot(&read(&store, ws, one).await, endpoint, None, now()).await;
            let Changed::Done(moved) = moved.unwrap() else { panic!("it was free") };
            assert_eq!(moved.delivery, Delivery { slot: None, ..one.clone() });
        }
        for number in 0..3 {
            let rows = store.lane_rows(lane(ws, endpoint, number), 0, 99).await.unwrap();
            assert!(rows.is_empty(), "{rows:?}");
        }
    });
}

#[test]
fn a_claimed_or_changed_delivery_keeps_its_place() {
    block_on(async {
        let (store, ws, endpoint) = (store(), workspace(), endpoint());
        let all = store.create_in_lanes(ws, endpoint, some(endpoint, 1), 1, "w").await.unwrap();
        let before = read(&store, ws, &all[0]).await;
        let own = claim(&token(), after(9));
        mine(store.claim_delivery(ws, all[0].id, 1, &own, now()).await.unwrap());
        let moved = store.reslot(&before, endpoint, Some(2), now()).await.unwrap();
        assert_eq!(moved, Changed::Busy);
        store.release_claim(ws, all[0].id, &own.token).await.unwrap();
        let moved = store.reslot(&before, endpoint, Some(2), now()).await.unwrap();
        assert_eq!(moved, Changed::Moved);
        assert_eq!(read(&store, ws, &all[0]).await.delivery, all[0]);
    });
}
