//! Tests of the repository's layout: one crate per function, each with its resource and its row in
//! the README; dependencies in one direction; keys in one file; no wide permissions.
//!
//! These tests read the files of the repository and start no process but cargo.

#[cfg(test)]
mod api;
#[cfg(test)]
mod crates;
#[cfg(test)]
mod files;
#[cfg(test)]
mod licences;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod observability;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod safety;
#[cfg(test)]
mod template;
#[cfg(test)]
mod words;
