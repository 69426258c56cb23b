//! The audit of permissions.
//!
//! - [`roles`]: the calls that IAM refuses. [`recorded_calls`]: the permissions that are used.
//! - [`privileges`]: the differences between both.

pub mod privileges;
pub mod recorded_calls;
pub mod roles;
