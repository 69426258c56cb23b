//! The lists that are measured, each with the webhooks that it contains.

use gancho_domain::inbound::webhook::Status;
use jiff::tz::Offset;

use super::mix::{Draft, FEW_PERSON, LONE, MANY_PERSON};

/// A list: its name, its query, and the webhooks that it contains. `#4` is the id of integration 4.
pub(super) type Case = (&'static str, &'static str, fn(&Draft) -> bool);

pub(super) const CASES: [Case; 14] = [
    ("none", "", |_| true),
    ("status = error", "?status=error", is_error),
    ("status = pending", "?status=pending", |one| one.status == Status::Pending),
    ("one application", "?application=hotmart", |one| one.application == "hotmart"),
    ("one integration", "?integration=#4", |one| one.channel == 4),
    ("7 days in the middle", "?from=2026-10-05&to=2026-10-11", is_between),
    (
        "7 days, two applications, errors",
        "?from=2026-10-05&to=2026-10-11&application=rdstation&application=elementor&status=error",
        |one| {
            is_between(one)
                && is_error(one)
                && ["rdstation", "elementor"].contains(&one.application)
        },
    ),
    ("rare status × application", "?status=error&application=intelipost", |one| {
        is_error(one) && one.application == "intelipost"
    }),
    ("no match", "?status=error&application=github", |_| false),
    ("one match, on the oldest day", "?integration=#19", |one| one.channel == LONE),
    ("`q`: an e-mail address", "?q=cliente.90000001@example.com", is_of_few),
    ("`q`: an e-mail address with many", "?q=cliente.90000002@example.com", |one| {
        is_of(one, MANY_PERSON)
    }),
    ("`q`: an unknown address", "?q=nobody@example.net", |_| false),
    ("`q` + status = error", "?q=cliente.90000001@example.com&status=error", |one| {
        is_of_few(one) && is_error(one)
    }),
];

fn is_error(draft: &Draft) -> bool {
    draft.status == Status::Error
}

/// The API counts days in the workspace's time zone, which is that of São Paulo.
fn is_between(draft: &Draft) -> bool {
    let zone = Offset::constant(-3).to_time_zone();
    let day = draft.at.to_zoned(zone).strftime("%Y-%m-%d").to_string();
    ("2026-10-05"..="2026-10-11").contains(&day.as_str())
}

/// A webhook can be found by its person after its first run.
fn is_of(draft: &Draft, person: u64) -> bool {
    draft.person == person && draft.status != Status::Pending
}

fn is_of_few(draft: &Draft) -> bool {
    is_of(draft, FEW_PERSON)
}
