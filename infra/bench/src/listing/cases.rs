//! The lists that are measured, and their expected counts.

use serde_json::Value;

use super::seed::Seeded;
use crate::error::{Result, wrong};

/// The expected count of a list.
#[derive(Debug, Clone, Copy)]
pub(super) enum Count {
    /// The seed's number.
    Exactly(u64),
    /// Any number above zero.
    Any,
}

/// A list.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) query: String,
    pub(super) count: Count,
}

impl Case {
    /// Checks a list: the time of a wrong list means nothing.
    pub(super) fn check(&self, list: &Value, count: u64) -> Result<()> {
        let items = list.pointer("/items").and_then(Value::as_array).map_or(0, Vec::len);
        let right = match self.count {
            Count::Exactly(expected) => count == expected,
            Count::Any => count > 0,
        };
        if right && items as u64 == count.min(50) {
            return Ok(());
        }
        let (name, expected) = (self.name, self.count);
        Err(wrong(format!("{name}: {items} items, {count} counted, {expected:?} expected")))
    }
}

/// Every list that is measured.
pub(super) fn all(seeded: &Seeded) -> Vec<Case> {
    let case = |name, query: String, count| Case { name, query, count };
    let lone = &seeded.lone;
    let (few, many) = (&seeded.few, &seeded.many);
    vec![
        case("no filter", String::new(), Count::Exactly(seeded.total)),
        case("status=error", "?status=error".to_owned(), Count::Exactly(seeded.errors)),
        case("status=pending", "?status=pending".to_owned(), Count::Exactly(seeded.pending)),
        case("one application", "?application=hotmart".to_owned(), Count::Any),
        case("one integration", format!("?integration={}", seeded.common), Count::Any),
        case(
            "7 days in the middle",
            "?from=2026-10-05T10:17:00Z&to=2026-10-12T10:17:00Z".to_owned(),
            Count::Any,
        ),
        case(
            "7 days, two applications, errors",
            "?from=2026-10-05&to=2026-10-11&application=rdstation&application=elementor&status=error"
                .to_owned(),
            Count::Any,
        ),
        case(
            "rare status x application",
            "?status=error&application=intelipost".to_owned(),
            Count::Exactly(seeded.rare),
        ),
        case(
            "no match (application never fails)",
            "?status=error&application=github".to_owned(),
            Count::Exactly(0),
        ),
        case("one match, in the oldest hour", format!("?integration={lone}"), Count::Exactly(1)),
        case("q: an e-mail address", format!("?q={}", few.0), Count::Exactly(few.1)),
        case("q: an e-mail address with many", format!("?q={}", many.0), Count::Exactly(many.1)),
        case("q: nobody's", "?q=nobody@example.net".to_owned(), Count::Exactly(0)),
        case(
            "q + status=error",
            format!("?q={}&status=error", few.0),
            Count::Exactly(seeded.few_errors),
        ),
    ]
}
