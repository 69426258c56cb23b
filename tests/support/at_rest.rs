//! The invariants of outbound work at rest: effects that cause no request and are left behind.
//!
//! A place in a lane, a held row, a parked entry, a claim or a queued message that nobody removes
//! is seen by no receiver. Neither is a delivery that nothing will send.
#![expect(clippy::unwrap_used, reason = "a missing value fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use gancho_domain::{
    common::ids::DeliveryId,
    outbound::{
        delivery::{Delivery, State},
        endpoint::{Endpoint, Order},
        gate::{Gate, GateKey, GateState},
    },
};
use gancho_store::{
    deliveries::{StoredDelivery, delivery_from_item},
    keys,
    lanes::LaneKey,
};
use jiff::{SignedDuration, Timestamp};

use crate::{checker::number, outbound::Outbound};

/// The longest time that due work waits: the schedule's minute, and a message hidden by a worker
/// that was killed.
const LATE: SignedDuration = SignedDuration::from_secs(240);
/// More rows than any test has.
const ALL: usize = 200_000;
/// The queues of messages that wait for a time or for a lane, and those that are empty at rest.
const WAITING: [&str; 3] = ["deliver", "slow", "lanes.fifo"];
const EMPTY: [&str; 4] = ["recover", "deliver-dlq", "lanes-dlq.fifo", "jobs-dlq"];

/// The state of outbound work.
struct Rest<'o> {
    out: &'o Outbound,
    now: Timestamp,
    deliveries: BTreeMap<DeliveryId, StoredDelivery>,
    endpoints: Vec<Endpoint>,
    found: Vec<String>,
}

/// The violated invariants. Call it after due times, claims and schedules have passed.
pub async fn violations(out: &Outbound) -> Vec<String> {
    let rows = out.delivery_rows().await;
    let read = rows.into_iter().map(|row| delivery_from_item(row).unwrap());
    let mut rest = Rest {
        out,
        now: out.world.now(),
        deliveries: read.map(|stored| (stored.delivery.id, stored)).collect(),
        endpoints: out.store.endpoints(out.ws).await.unwrap(),
        found: Vec::new(),
    };
    rest.claims();
    rest.parked().await;
    rest.notices().await;
    rest.queues();
    for endpoint in rest.endpoints.clone() {
        let gates = out.store.gates(out.ws, &GateKey::of(&endpoint)).await.unwrap();
        rest.gates(&endpoint, &gates);
        rest.held(&endpoint, &gates).await;
        let mut waits = BTreeSet::new();
        for lane in 0..endpoint.lanes().unwrap_or(0) {
            waits.extend(rest.lane(&endpoint, lane).await);
        }
        rest.forgotten(&endpoint, &waits);
    }
    rest.found
}

/// Panics with every violated invariant.
pub async fn holds(out: &Outbound) {
    let found = violations(out).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

impl Rest<'_> {
    fn of(&self, endpoint: &Endpoint) -> impl Iterator<Item = &Delivery> {
        let all = self.deliveries.values().map(|stored| &stored.delivery);
        all.filter(|delivery| delivery.endpoint() == Some(endpoint.id))
    }

    /// A delivery that has ended has no claim, and no claim is held.
    fn claims(&mut self) {
        for stored in self.deliveries.values() {
            let Some(claim) = &stored.claim else { continue };
            if !stored.delivery.state.is_open() || claim.until > self.now {
                let state = stored.delivery.state.name().as_str();
                self.found.push(format!("{} is {state} and claimed", stored.delivery.id));
            }
        }
    }

    /// A parked entry that was enqueued is gone, and the timers read the hours of all others.
    async fn parked(&mut self) {
        let hours = self.out.store.parked_hours().await.unwrap();
        for entry in self.out.parked().await {
            let (what, due) = (&entry.what, entry.due);
            if due < self.now - LATE {
                self.found.push(format!("{what:?} was due at {due} and is still parked"));
            }
            if !hours.as_ref().zip(entry.hour()).is_some_and(|(hours, hour)| hours.holds(hour)) {
                self.found.push(format!("{what:?} is due at {due} where no timer looks"));
            }
        }
    }

    /// A notice is published.
    async fn notices(&mut self) {
        for (_, notice) in self.out.store.unsent_notices(None, 1_000).await.unwrap() {
            self.found.push(format!("the notice {notice} is not published"));
        }
    }

    /// A message waits for an attempt or for a lane that waits; nothing is dead-lettered.
    fn queues(&mut self) {
        let depth = |queue| {
            let depth = self.out.world.host.queues().depth(&self.out.queue(queue)).unwrap();
            depth.visible + depth.in_flight + depth.delayed
        };
        let left: u64 = WAITING.into_iter().map(depth).sum();
        let retry = |stored: &&StoredDelivery| matches!(stored.delivery.state, State::Retrying { next_at } if next_at > self.now);
        let waits = self.deliveries.values().filter(retry).count();
        if left > u64::try_from(waits).unwrap() {
            self.found.push(format!("{left} messages are left for {waits} attempts"));
        }
        for queue in EMPTY {
            if depth(queue) > 0 {
                self.found.push(format!("{} messages are left in {queue}", depth(queue)));
            }
        }
    }

    /// A gate that is probing waits for a delivery that can still be sent.
    fn gates(&mut self, endpoint: &Endpoint, gates: &[Gate]) {
        for gate in gates {
            let GateState::Probing { delivery: Some(probe), .. } = &gate.state else { continue };
            let stored = self.deliveries.get(probe);
            if !stored.is_some_and(|stored| stored.delivery.state.is_open()) {
                self.found.push(format!("{} waits for the ended probe {probe}", endpoint.id));
            }
        }
    }

    /// The held rows are those of the held deliveries, and no gate that is open holds any.
    async fn held(&mut self, endpoint: &Endpoint, gates: &[Gate]) {
        let rows = self.out.store.held(self.out.ws, endpoint.id, None, ALL).await.unwrap();
        let rows: BTreeSet<DeliveryId> = rows.into_iter().map(|row| row.delivery).collect();
        let now = self.now;
        let held = |it: &&Delivery| matches!(it.state, State::Held { .. }) && it.expires_at > now;
        let held: BTreeSet<DeliveryId> = self.of(endpoint).filter(held).map(|it| it.id).collect();
        for id in rows.difference(&held) {
            self.found.push(format!("{id} has a held row and is not held"));
        }
        for id in held.difference(&rows) {
            self.found.push(format!("{id} is held without a row"));
        }
        let probes = gates.iter().any(|gate| matches!(gate.state, GateState::Probing { .. }));
        if !held.is_empty() && gates.iter().all(Gate::is_open) && !probes {
            self.found.push(format!("{} is open and holds {}", endpoint.id, held.len()));
        }
    }

    /// Each place of a lane is that of a delivery that is not done, in an unbroken row, and nobody
    /// holds the lease. Returns the deliveries that wait in their order.
    async fn lane(&mut self, endpoint: &Endpoint, lane: u16) -> BTreeSet<DeliveryId> {
        let key = LaneKey { workspace: self.out.ws, endpoint: endpoint.id, lane };
        let places = self.out.store.lane_rows(key, 0, ALL).await.unwrap();
        let (mut waits, mut ahead) = (BTreeSet::new(), false);
        for (seq, id) in places {
            let Some(stored) = self.deliveries.get(&id) else {
                self.found.push(format!("place {seq} is that of {id}, which does not exist"));
                continue;
            };
            let delivery = &stored.delivery;
            let blocks = endpoint.policy.order == Some(Order::Block)
                && matches!(delivery.state, State::Failure { .. });
            if delivery.slot.is_none_or(|slot| (slot.lane, slot.seq) != (lane, seq)) {
                self.found.push(format!("place {seq} is that of {id}, which is elsewhere"));
            } else if !delivery.state.is_open() && !blocks {
                let state = delivery.state.name().as_str();
                self.found.push(format!("place {seq} is that of {id}, which is {state}"));
            }
            let later = matches!(delivery.state, State::Retrying { next_at } if next_at > self.now);
            if ahead && endpoint.policy.order.is_some() {
                waits.insert(id);
            }
            ahead |= blocks || later;
        }
        let lease = keys::lanes::lease(self.out.ws, endpoint.id, lane);
        let row = self.out.coordination(&lease).await;
        if row.is_some_and(|row| number(&row, "lu") > self.now.as_millisecond().unsigned_abs()) {
            self.found.push(format!("lane {lane} of {} is leased", endpoint.id));
        }
        waits
    }

    /// Each open delivery waits for something that will come.
    fn forgotten(&mut self, endpoint: &Endpoint, waits: &BTreeSet<DeliveryId>) {
        let mut found = Vec::new();
        for delivery in self.of(endpoint).filter(|delivery| delivery.expires_at > self.now) {
            let forgotten = match delivery.state {
                State::Queued => !waits.contains(&delivery.id),
                State::Retrying { next_at } => {
                    next_at < self.now - LATE && !waits.contains(&delivery.id)
                }
                State::Held { .. }
                | State::Success { .. }
                | State::Failure { .. }
                | State::Discarded { .. } => false,
            };
            if forgotten {
                let state = delivery.state.name().as_str();
                found.push(format!("{} is {state} and nothing sends it", delivery.id));
            }
        }
        self.found.extend(found);
    }
}
