//! Inbound and outbound under faults, kills, repeated and shuffled deliveries and a manual clock
//! (`CATALOGUE 3C`). After every run the checker compares the public API and the raw tables.
//!
//! - [`harness`]: a world with recorded calls, and its recovery. [`redeliver`]: events by hand.
//! - [`receive`]: storing a webhook. [`commit`]: the commit of a run, and its failures.
//! - [`batches`]: repeated batches and failed items. [`dead_letters`]: dead letters, a week later.
//! - [`kills`]: a kill at every call of *ingest*, *process* and *tally*, before and after.
//! - [`people`]: the lines of a batch. [`order`]: repeats and shuffles have the result of a clean run.
//! - [`soak`]: outbound, everything at once, for minutes.
//! - [`resume`]: a hundred thousand held deliveries, released to an endpoint that dies again.
//! - [`outbound`]: repeats, shuffles and dead letters of outbound.
//! - [`outbound_kills`]: a kill at every await of *dispatch*, *deliver* and *suspension*.
//! - [`lanes`]: holders of a lane that are paused, killed, or have different clocks.
//! - [`unsent`]: messages that cannot be sent after their rows were written.
//! - [`notices`]: one notice for each occurrence, though records are repeated.
//! - [`counting`]: counters that cannot be written.
//! - [`late`]: messages at a wrong time, and records that come again after everything.
//! - [`lagging`]: reads that are not strongly consistent lag.
//! - [`alarm`]: tests of the checker and the digest. [`alarm_at_rest`]: of what is left at rest.
//! - [`deaths`]: workers that die, and the time until their work goes on.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

#[cfg(test)]
mod alarm;
#[cfg(test)]
mod alarm_at_rest;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod commit;
#[cfg(test)]
mod counting;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod deaths;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod lagging;
#[cfg(test)]
mod lanes;
#[cfg(test)]
mod late;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod order;
#[cfg(test)]
mod outbound;
#[cfg(test)]
mod outbound_kills;
#[cfg(test)]
mod people;
#[cfg(test)]
mod receive;
#[cfg(test)]
mod redeliver;
#[cfg(test)]
mod resume;
#[cfg(test)]
mod soak;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod timers;
#[cfg(test)]
mod unsent;
