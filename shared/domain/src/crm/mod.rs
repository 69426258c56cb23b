//! Contacts and deals, and the changes that a webhook makes to them.

pub mod decide;
pub mod mapping;
pub mod normalise;
mod record;
mod source_time;

pub use record::*;
pub use source_time::SourceTimes;
