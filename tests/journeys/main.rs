//! Whole roads through the local host, over HTTP, by a clock moved by hand.
mod api;
mod history;

mod reprocess;

mod inbound;
mod crm;
mod door;
mod json_bodies;
mod other_bodies;
mod replay;
mod senders;
mod signing;
mod sizes;
mod verification;
