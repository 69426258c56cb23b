//! Tests of the repository's layout: one crate per function, each with its resource and its row in
//! the README; dependencies in one direction; keys in one file; no wide permissions.
//!
//! These tests read the files of the repository and start no process but cargo.

#[cfg(test)]
#[path = "layout/api.rs"]
mod api;
#[cfg(test)]
#[path = "layout/crates.rs"]
mod crates;
#[cfg(test)]
#[path = "layout/files.rs"]
mod files;
#[cfg(test)]
#[path = "layout/licences.rs"]
mod licences;
#[cfg(test)]
#[path = "layout/logs.rs"]
mod logs;
#[cfg(test)]
#[path = "layout/observability.rs"]
mod observability;
#[cfg(test)]
#[path = "layout/operations.rs"]
mod operations;
#[cfg(test)]
#[path = "layout/rooms.rs"]
mod rooms;
#[cfg(test)]
#[path = "layout/safety.rs"]
mod safety;
#[cfg(test)]
#[path = "layout/template.rs"]
mod template;
#[cfg(test)]
#[path = "layout/words.rs"]
mod words;
