//! The lists that are measured, each with the webhooks that it contains.

use gancho_domain::inbound::webhook::Status;
use jiff::{Timestamp, civil::date, tz::TimeZone};
use serde_json::Value;

use super::{
    mix::{COMMON, Draft, FEW_PERSON, LONE, MANY_PERSON, SENDERS},
    seed::Seeded,
};
use crate::{
    bodies,
    error::{Result, wrong},
};

/// A list.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) query: String,
    /// The number of webhooks.
    pub(super) count: u64,
}

impl Case {
    /// Checks a list: the time of a wrong list means nothing.
    pub(super) fn check(&self, list: &Value) -> Result<()> {
        let items = list.pointer("/items").and_then(Value::as_array).map_or(0, Vec::len) as u64;
        let count = list.pointer("/count").and_then(Value::as_u64);
        if count == Some(self.count) && items == self.count.min(50) {
            return Ok(());
        }
        let (name, expected) = (self.name, self.count);
        Err(wrong(format!("{name}: {items} items, {count:?} counted, {expected} expected")))
    }
}

/// Every list that is measured.
pub(super) fn all(seeded: &Seeded) -> Result<Vec<Case>> {
    let days = (midnight(5)?, midnight(12)?);
    Ok(by_filter(seeded, days).into_iter().chain(by_text(seeded)).collect())
}

fn case(
    seeded: &Seeded,
    name: &'static str,
    query: impl Into<String>,
    is_in: impl Fn(&Draft) -> bool,
) -> Case {
    let count = seeded.drafts.iter().filter(|draft| is_in(draft)).count() as u64;
    Case { name, query: query.into(), count }
}

fn is_error(draft: &Draft) -> bool {
    draft.status == Status::Error
}

fn is_from(draft: &Draft, application: &str) -> bool {
    SENDERS.get(draft.channel).is_some_and(|name| *name == application)
}

fn by_filter(seeded: &Seeded, (from, to): (Timestamp, Timestamp)) -> [Case; 10] {
    let integration = |place: usize| {
        let id = seeded.integrations.get(place).map_or("", String::as_str);
        (format!("?integration={id}"), move |draft: &Draft| draft.channel == place)
    };
    let ((common, is_common), (lone, is_lone)) = (integration(COMMON / 4), integration(LONE));
    let days = "?from=2026-10-05&to=2026-10-11";
    let is_between = |draft: &Draft| (from..to).contains(&draft.at);
    let two = format!("{days}&application=rdstation&application=elementor&status=error");
    let is_of_two = |draft: &Draft| is_from(draft, "rdstation") || is_from(draft, "elementor");
    let is_pending = |draft: &Draft| draft.status == Status::Pending;
    let rare = "?status=error&application=intelipost";
    let none = "?status=error&application=github";
    [
        case(seeded, "none", "", |_| true),
        case(seeded, "status = error", "?status=error", is_error),
        case(seeded, "status = pending", "?status=pending", is_pending),
        case(seeded, "one application", "?application=hotmart", |one| is_from(one, "hotmart")),
        case(seeded, "one integration", common, is_common),
        case(seeded, "7 days in the middle", days, is_between),
        case(seeded, "7 days, two applications, errors", two, |one| {
            is_between(one) && is_error(one) && is_of_two(one)
        }),
        case(seeded, "rare status × application", rare, |one| {
            is_error(one) && is_from(one, "intelipost")
        }),
        case(seeded, "no match", none, |one| is_error(one) && is_from(one, "github")),
        case(seeded, "one match, in the oldest hour", lone, is_lone),
    ]
}

fn by_text(seeded: &Seeded) -> [Case; 4] {
    let (few, many) = (bodies::email(FEW_PERSON), bodies::email(MANY_PERSON));
    let (few, many) = (format!("?q={few}"), format!("?q={many}"));
    let (few_errors, nobody) = (format!("{few}&status=error"), "?q=nobody@example.net");
    // A webhook can be found by its person after its first run.
    let is_of = |draft: &Draft, person| draft.person == person && draft.status != Status::Pending;
    let is_few = |draft: &Draft| is_of(draft, FEW_PERSON);
    [
        case(seeded, "`q`: an e-mail address", few, is_few),
        case(seeded, "`q`: an e-mail address with many", many, |one| is_of(one, MANY_PERSON)),
        case(seeded, "`q`: an unknown address", nobody, |_| false),
        case(seeded, "`q` + status = error", few_errors, |one| is_few(one) && is_error(one)),
    ]
}

/// The beginning of a day of October 2026, as the API counts days: in UTC.
fn midnight(day: i8) -> Result<Timestamp> {
    let zoned = date(2026, 10, day).to_zoned(TimeZone::UTC);
    zoned.map(|zoned| zoned.timestamp()).map_err(wrong)
}
