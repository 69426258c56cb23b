//! The sender against endpoints that misbehave (`CATALOGUE` E and F), over real sockets.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a missing value fails the test")]

mod answers;
mod clock;
mod connections;
mod harness;
#[path = "../../../../tests/support/hostile_servers.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the journeys, which use more of it")]
mod hostile_servers;
mod names;
mod request;
mod tls;
