//! The use of a month's webhooks, in total.

use crate::{
    cost::{
        measured::{Known, find},
        scenarios::{Pace, Scenario},
        usage::Use,
    },
    deployed::MINUTES,
    error::Result,
};

/// The share of webhooks that create a contact.
const NEW: f64 = 0.5;

/// The webhooks of a month.
#[derive(Debug)]
pub(super) struct Traffic {
    pub(super) webhooks: f64,
    pub(super) deliveries: f64,
    /// The use of one webhook with its deliveries.
    pub(super) each: Use,
    /// The use of one delivery.
    pub(super) delivery: Use,
}

impl Traffic {
    pub(super) fn new(webhooks: f64, deliveries: f64, known: &Known) -> Result<Self> {
        let crowd = crowd(webhooks / MINUTES / 60.0);
        let of = |scenario: Scenario| -> Result<Use> {
            let alone = find(known, scenario.name(), Pace::Alone.name())?;
            let hundred = find(known, scenario.name(), Pace::Hundred.name())?;
            Ok(Use::default().plus(&alone, 1.0 - crowd).plus(&hundred, crowd))
        };
        let delivery = of(Scenario::Event)?.plus(&of(Scenario::Unmatched)?, -1.0);
        let each =
            Use::default().plus(&of(Scenario::New)?, NEW).plus(&of(Scenario::Updated)?, 1.0 - NEW);
        Ok(Self { webhooks, deliveries, each: each.plus(&delivery, deliveries - 1.0), delivery })
    }

    /// Webhooks a second, on average.
    pub(super) fn rate_per_second(&self) -> f64 {
        self.webhooks / MINUTES / 60.0
    }

    /// The use of the month.
    pub(super) fn month(&self) -> Use {
        Use::default().plus(&self.each, self.webhooks)
    }
}

/// The position between the paces *alone* (0) and *hundred* (1), by webhooks a second.
fn crowd(rate_per_second: f64) -> f64 {
    (rate_per_second.max(1.0).log10() / 2.0).min(1.0)
}

/// `100 thousand`.
pub(super) fn spell(number: f64) -> String {
    match number {
        number if number >= 1e9 => format!("{} billion", number / 1e9),
        number if number >= 1e6 => format!("{} million", number / 1e6),
        number if number >= 1e3 => format!("{} thousand", number / 1e3),
        number => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_between_one_and_a_hundred_a_second() {
        assert!(crowd(0.0).abs() < 1e-9);
        assert!((crowd(10.0) - 0.5).abs() < 1e-9);
        assert!((crowd(1_000.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn numbers_are_spelled_for_people() {
        assert_eq!((spell(0.0), spell(1e5)), ("0".to_owned(), "100 thousand".to_owned()));
        assert_eq!(spell(1e9), "1 billion");
    }
}
