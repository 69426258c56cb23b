//! The sender against endpoints that misbehave (`CATALOGUE` E and F), over real sockets.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is not there fails the test that asks for it"
)]

mod answers;
mod clock;
#[path = "../../../../tests/support/evil.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the journeys, which use more of it")]
mod evil;
mod ground;
mod names;
mod request;
mod tls;
