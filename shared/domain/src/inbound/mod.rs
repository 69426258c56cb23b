//! From a request to a stored webhook and its runs.

pub mod applications;
pub mod filter;
pub mod integration;
pub mod lines;
pub mod origin;
pub mod payload;
pub mod tally;
pub mod verify;
pub mod webhook;
