//! Claims of deliveries, records of attempts, and changes of deliveries.

use futures::future::join_all;
use gancho_domain::outbound::delivery::{Discarded, State};
use gancho_store::deliveries::{Changed, Claimed, Created, delivery_from_item};
use jiff::SignedDuration;
use local::AwsError;

use super::{
    after, attempted, block_on, claim, created, delivery, delivery_row, endpoint, mine, now, size,
    store, token, workspace, world,
};

fn success() -> State {
    State::Success { at: after(2) }
}

#[test]
fn a_delivery_is_created_once_and_an_existing_row_is_kept() {
    block_on(async {
        let (store, ws, delivery) = (store(), workspace(), delivery(endpoint()));
        let writer = token();
        world().1.faults().on("PutItem").containing(&writer).post_err();
        let first = store.create_delivery(ws, &delivery, &writer).await.unwrap();
        assert_eq!(first, Created::New, "the reply was lost, the row is its own");
        let token = token();
        mine(
            store
                .claim_delivery(ws, delivery.id, 1, &claim(&token, after(9)), now())
                .await
                .unwrap(),
        );
        let done = attempted(&delivery, 200, success());
        assert!(store.record(ws, &done, &token).await.unwrap());
        for writer in [writer.as_str(), "another"] {
            let again = store.create_delivery(ws, &delivery, writer).await.unwrap();
            assert_eq!(again, Created::Existing);
        }
        let found = store.delivery(ws, delivery.id, now()).await.unwrap().unwrap();
        assert_eq!(found.delivery, done);
    });
}

#[test]
fn of_02_a_claim_whose_reply_was_lost_belongs_to_its_token_alone() {
    block_on(async {
        let store = store();
        let (ws, delivery) = created(&store).await;
        let own = token();
        world().1.faults().on("UpdateItem").containing(&own).post_err();
        let first = store.claim_delivery(ws, delivery.id, 1, &claim(&own, after(9)), now()).await;
        assert_eq!(mine(first.unwrap()).claim, Some(claim(&own, after(9))));
        let other = claim(&token(), after(10));
        let second = store.claim_delivery(ws, delivery.id, 1, &other, now()).await.unwrap();
        assert_eq!(second, Claimed::Busy(after(9)));
        let same = store.claim_delivery(ws, delivery.id, 1, &claim(&own, after(12)), now()).await;
        assert_eq!(mine(same.unwrap()).delivery, delivery);
    });
}

#[test]
fn of_02_a_claim_whose_request_was_lost_or_throttled_is_granted() {
    block_on(async {
        let store = store();
        let (ws, delivery) = created(&store).await;
        let own = token();
        let faults = world().1.faults();
        faults.on("UpdateItem").containing(&own).lose_request();
        faults.on("UpdateItem").containing(&own).nth(2).pre_err(AwsError::throttling());
        let first = store.claim_delivery(ws, delivery.id, 1, &claim(&own, after(9)), now()).await;
        mine(first.unwrap());
    });
}

#[test]
fn of_20_one_of_twenty_concurrent_claims_is_granted() {
    block_on(async {
        let store = store();
        let (ws, delivery) = created(&store).await;
        let tries = (0..20).map(|_| async {
            let own = claim(&token(), after(9));
            store.claim_delivery(ws, delivery.id, 1, &own, now()).await.unwrap()
        });
        let all = join_all(tries).await;
        let mine = all.iter().filter(|one| matches!(one, Claimed::Granted(_))).count();
        let busy = all.iter().filter(|one| **one == Claimed::Busy(after(9))).count();
        assert_eq!((mine, busy), (1, 19));
    });
}

#[test]
fn or_03_a_record_after_the_claim_ended_is_refused() {
    block_on(async {
        let store = store();
        let (ws, delivery) = created(&store).await;
        let (slow, quick) = (token(), token());
        let at = |token: &str, until| claim(token, after(until));
        mine(store.claim_delivery(ws, delivery.id, 1, &at(&slow, 9), now()).await.unwrap());
        let early = store.claim_delivery(ws, delivery.id, 1, &at(&quick, 20), after(8)).await;
        assert_eq!(early.unwrap(), Claimed::Busy(after(9)));
        mine(store.claim_delivery(ws, delivery.id, 1, &at(&quick, 20), after(9)).await.unwrap());
        let late = attempted(&delivery, 500, State::Retrying { next_at: after(60) });
        assert!(!store.record(ws, &late, &slow).await.unwrap(), "fenced before the record");
        let done = attempted(&delivery, 200, success());
        assert!(store.record(ws, &done, &quick).await.unwrap());
        assert!(!store.record(ws, &late, &slow).await.unwrap(), "fenced after the record");
        let found = store.delivery(ws, delivery.id, after(10)).await.unwrap().unwrap();
        assert_eq!((found.delivery, found.claim), (done, None));
    });
}

#[test]
fn of_01_a_record_whose_reply_was_lost_is_written_once() {
    block_on(async {
        let store = store();
        let (ws, delivery) = created(&store).await;
        let own = token();
        let held = store.claim_delivery(ws, delivery.id, 1, &claim(&own, after(9)), now()).await;
        let version = mine(held.unwrap()).version;
        let done = attempted(&delivery, 200, success());
        let faults = world().1.faults();
        faults.on("UpdateItem").containing(&own).pre_err(AwsError::throttling());
        faults.on("UpdateItem").containing(&own).nth(2).post_err();
        assert!(store.record(ws, &done, &own).await.unwrap());
        assert!(store.record(ws, &done, &own).await.unwrap(), "the step ran twice");
        let found = store.delivery(ws, delivery.id, now()).await.unwrap().unwrap();
        assert_eq!((found.delivery.attempts.len(), found.version), (1, version + 1));
        let row = delivery_row(&store, ws, delivery.id).await;
        assert!(!row.contains_key("busy") && !row.contains_key("ct"), "{row:?}");
    });
}

#[test]
fn a_claim_is_for_the_next_attempt_of_an_open_delivery() {
    block_on(async {
        let store = store();
        let (ws, delivery) = created(&store).await;
        let take = async |attempt, at| {
            let own = claim(&token(), at + SignedDuration::from_secs(9));
            store.claim_delivery(ws, delivery.id, attempt, &own, at).await.unwrap()
        };
        assert!(matches!(take(2, now()).await, Claimed::Stale(_)), "too early");
        let first = mine(take(1, now()).await);
        let retrying = attempted(&delivery, 500, State::Retrying { next_at: after(60) });
        assert!(store.record(ws, &retrying, &first.claim.unwrap().token).await.unwrap());
        match take(1, after(60)).await {
            Claimed::Stale(met) => assert_eq!(met.delivery, retrying),
            other @ (Claimed::Granted(_) | Claimed::Busy(_) | Claimed::Gone) => panic!("{other:?}"),
        }
        let second = mine(take(2, after(60)).await);
        let held = attempted(&retrying, 500, State::Held { since: after(61) });
        assert!(store.record(ws, &held, &second.claim.unwrap().token).await.unwrap());
        let third = mine(take(3, after(70)).await);
        let done = attempted(&held, 200, success());
        assert!(store.record(ws, &done, &third.claim.unwrap().token).await.unwrap());
        assert!(matches!(take(4, after(80)).await, Claimed::Stale(_)), "it succeeded");
        let unknown = super::delivery(endpoint()).id;
        let own = claim(&token(), after(9));
        let gone = store.claim_delivery(ws, unknown, 1, &own, now()).await.unwrap();
        assert_eq!(gone, Claimed::Gone);
        let foreign = store.claim_delivery(workspace(), delivery.id, 4, &own, now()).await.unwrap();
        assert_eq!(foreign, Claimed::Gone, "I13");
    });
}

#[test]
fn s2_3_a_delivery_ends_to_the_millisecond_for_readers_and_claims() {
    block_on(async {
        let store = store();
        let (ws, delivery) = created(&store).await;
        let last = delivery.expires_at - SignedDuration::from_millis(1);
        assert!(store.delivery(ws, delivery.id, last).await.unwrap().is_some());
        assert!(store.delivery(ws, delivery.id, delivery.expires_at).await.unwrap().is_none());
        let take = |at| {
            let own = claim("t", at + SignedDuration::from_secs(1));
            let (store, id) = (store.clone(), delivery.id);
            async move { store.claim_delivery(ws, id, 1, &own, at).await.unwrap() }
        };
        assert_eq!(take(delivery.expires_at).await, Claimed::Gone);
        mine(take(last).await);
        assert_eq!(take(delivery.expires_at).await, Claimed::Gone, "also with a claim");
    });
}

#[test]
fn a_change_by_a_person_is_busy_during_a_request() {
    block_on(async {
        let store = store();
        let (ws, delivery) = created(&store).await;
        let read = store.delivery(ws, delivery.id, now()).await.unwrap().unwrap();
        let discarded = State::Discarded { at: after(3), reason: Discarded::ByPerson };
        let cancelled =
            gancho_domain::outbound::delivery::Delivery { state: discarded, ..delivery.clone() };
        let own = token();
        mine(
            store.claim_delivery(ws, delivery.id, 1, &claim(&own, after(9)), now()).await.unwrap(),
        );
        let changed = store.change_delivery(&read, cancelled.clone(), after(3)).await.unwrap();
        assert_eq!(changed, Changed::Busy);
        store.release_claim(ws, delivery.id, "not its token").await.unwrap();
        let claimed = store.delivery(ws, delivery.id, now()).await.unwrap().unwrap();
        let changed = store.change_delivery(&claimed, cancelled.clone(), after(3)).await.unwrap();
        assert_eq!(changed, Changed::Busy, "read with the claim on it");
        store.release_claim(ws, delivery.id, &own).await.unwrap();
        let changed = store.change_delivery(&read, cancelled.clone(), after(3)).await.unwrap();
        assert_eq!(changed, Changed::Moved, "it was claimed and freed since it was read");
        let read = store.delivery(ws, delivery.id, now()).await.unwrap().unwrap();
        assert_eq!((&read.delivery, &read.claim), (&delivery, &None));
        world().1.faults().on("UpdateItem").containing(&delivery.id.key()).post_err();
        let changed = store.change_delivery(&read, cancelled.clone(), after(3)).await.unwrap();
        let Changed::Done(done) = changed else { panic!("{changed:?}") };
        let found = store.delivery(ws, delivery.id, now()).await.unwrap();
        assert_eq!(found, Some(done), "the reply was lost, the change is its own");
    });
}

#[test]
fn a_change_removes_an_expired_claim_and_fences_its_holder() {
    block_on(async {
        let store = store();
        let (ws, delivery) = created(&store).await;
        let own = token();
        mine(
            store.claim_delivery(ws, delivery.id, 1, &claim(&own, after(9)), now()).await.unwrap(),
        );
        let read = store.delivery(ws, delivery.id, now()).await.unwrap().unwrap();
        let held = gancho_domain::outbound::delivery::Delivery {
            state: State::Held { since: after(9) },
            ..delivery.clone()
        };
        let changed = store.change_delivery(&read, held.clone(), after(9)).await.unwrap();
        assert!(matches!(changed, Changed::Done(_)), "{changed:?}");
        let late = attempted(&delivery, 200, success());
        assert!(!store.record(ws, &late, &own).await.unwrap());
        let found = store.delivery(ws, delivery.id, now()).await.unwrap().unwrap();
        assert_eq!(found.delivery, held);
    });
}

#[test]
fn s2_5_a_subject_lists_its_deliveries_newest_first_without_expired_ones() {
    block_on(async {
        let (store, ws) = (store(), workspace());
        let mut expected = Vec::new();
        for n in 0..7u8 {
            let id = gancho_domain::common::ids::DeliveryId::new(after(n.into()), &[n; 10]);
            let ends = if n == 2 { after(50) } else { after(500) };
            let one = gancho_domain::outbound::delivery::Delivery {
                id,
                subject: "order#1".to_owned(),
                expires_at: ends,
                ..delivery(endpoint())
            };
            // The fifth delivery has only a lookup: its writer died before it wrote the row.
            if n != 4 {
                store.create_delivery(ws, &one, "w").await.unwrap();
            }
            store.put_subject_lookup(ws, &one).await.unwrap();
            store.put_subject_lookup(ws, &one).await.unwrap();
            if n != 4 && n != 2 {
                expected.insert(0, id);
            }
        }
        let mut seen = Vec::new();
        loop {
            let last = seen.last().copied();
            let page =
                store.deliveries_of_subject(ws, "order#1", after(60), last, 2).await.unwrap();
            seen.extend(page.iter().map(|stored| stored.delivery.id));
            if page.len() < 2 {
                break;
            }
        }
        assert_eq!(seen, expected);
        let other = store.deliveries_of_subject(ws, "order", after(60), None, 9).await.unwrap();
        assert!(other.is_empty());
    });
}

#[test]
fn a_row_is_small_since_every_write_is_billed_for_the_whole_row() {
    block_on(async {
        let store = store();
        let (ws, mut delivery) = created(&store).await;
        let mut sizes = vec![size(&delivery_row(&store, ws, delivery.id).await)];
        for attempt in 1..=10 {
            let own = token();
            let to = claim(&own, after(9));
            let held = store.claim_delivery(ws, delivery.id, attempt, &to, now());
            mine(held.await.unwrap());
            delivery = attempted(&delivery, 503, State::Retrying { next_at: after(60) });
            let last = delivery.attempts.last_mut().unwrap();
            // From the fifth attempt on, an HTML page that differs slightly each time.
            if attempt > 4 {
                last.excerpt = format!("<p>{attempt} {}</p>", "try again later; ".repeat(58));
            }
            assert!(store.record(ws, &delivery, &own).await.unwrap());
            let row = delivery_row(&store, ws, delivery.id).await;
            sizes.push(size(&row));
            assert_eq!(delivery_from_item(row).unwrap().delivery, delivery);
        }
        assert!(sizes[0] < 700, "a new one: {sizes:?}");
        assert!(sizes[3] < 1_024, "after three attempts: {sizes:?}");
        assert!(sizes[10] < 2_048, "after ten: {sizes:?}");
    });
}
