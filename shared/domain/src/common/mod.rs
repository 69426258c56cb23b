//! Types that inbound and outbound share: ids, time, keys, codes, jobs.

pub mod by;
pub mod calendar;
pub mod code;
pub mod condition;
pub mod cursor;
pub mod expression;
pub mod ids;
pub mod job;
pub mod list_query;
pub mod mask;
pub mod secret;
pub mod series;
pub mod session;
pub mod template;
pub mod text;
pub mod token;
pub mod workspace;
