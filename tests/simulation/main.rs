//! Both roads under faults, kills, repeated and shuffled deliveries and a clock moved by hand
//! (`CATALOGUE 3C`). After every run the checker looks at the public API and the raw tables.
//!
//! - [`harness`]: a world with a ledger, and how it comes to rest. [`redeliver`]: events by hand.
//! - [`receive`]: storing a webhook. [`commit`]: what a run commits, and how that can fail.
//! - [`batches`]: what is delivered again, what is not. [`dead_letters`]: messages, dead letters, a week later.
//! - [`kills`]: a kill at every call of *ingest*, *process* and *tally*, before and after.
//! - [`order`]: repeats and shuffles come to what a clean run comes to.
//! - [`soak`]: the road out, everything at once, for minutes.
//! - [`resume`]: a hundred thousand that are held, let go to an endpoint that dies again.
//! - [`outbound`]: repeats, shuffles and dead letters on the road out.
//! - [`outbound_kills`]: a kill at every await of *dispatch*, *deliver* and *suspension*.
//! - [`lanes`]: holders of a lane that are paused, killed, or differ in their clocks.
//! - [`alarm`]: the checker and the digest notice what is wrong.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

#[cfg(test)]
mod alarm;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod commit;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod lanes;
#[cfg(test)]
mod order;
#[cfg(test)]
mod outbound;
#[cfg(test)]
mod outbound_kills;
#[cfg(test)]
mod receive;
#[cfg(test)]
mod redeliver;
#[cfg(test)]
mod resume;
#[cfg(test)]
mod soak;
