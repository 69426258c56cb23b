//! Contacts and deals, and the changes that a webhook makes to them.

pub mod decide;
pub mod mapping;
pub mod normalise;
mod record;

pub use record::*;
