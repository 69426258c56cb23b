//! Contacts and deals, and what a webhook changes in them.

pub mod decide;
pub mod mapping;
pub mod normalise;
mod record;

pub use record::*;
