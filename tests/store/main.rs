//! Tests of the store against the embedded database.

// The SDK's futures are nested more deeply than the compiler's default limit.
#![recursion_limit = "256"]

#[cfg(test)]
mod history;
#[cfg(test)]
mod outbound;
#[cfg(test)]
mod watermarks;
