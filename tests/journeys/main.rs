//! End-to-end tests through the local host, over HTTP, with a clock moved by hand.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "a missing value fails the test; a journey is one function from beginning to end"
)]

mod addresses;
mod again;
mod api;
mod console;
mod console_sessions;
mod crm;
mod deliveries;
mod end_to_end;
mod endpoints;
mod endpoints_api;
mod events;
mod field_cases;
mod history;
mod idempotency;
mod inbound;
mod ingest;
mod json_bodies;
mod mapping;
mod masking;
mod merging;
mod observability;
mod order;
mod other_bodies;
mod paging;
mod presets;
mod rare_paths;
mod recipes;
mod releases;
mod replay;
mod reprocess;
mod route_bodies;
mod routes;
mod samples;
mod senders;
mod signing;
mod sizes;
mod ssrf;
mod suspended_workspaces;
mod suspension;
mod tenants;
mod verification;
mod versions;
