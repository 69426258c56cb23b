//! Outbound: events, rules, endpoints and deliveries.

pub mod answer;
pub mod delivery;
pub mod delivery_filter;
pub mod delivery_tally;
pub mod endpoint;
pub mod event;
pub mod event_types;
pub mod gate;
pub mod health;
pub mod notice;
pub mod outage;
pub mod render;
pub mod response_time;
pub mod retry;
pub mod rule;
pub mod sign;
pub mod target_url;
