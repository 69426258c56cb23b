//! Source times: an older event does not undo a newer one, field by field (decision 0066).
//!
//! A mapping names the sender's own time of an event. Each field of a contact or deal keeps the time
//! of the event that it was last set from. An event of an earlier time leaves the field unchanged.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{common::code::Code, inbound::webhook::Remark};

/// The most that a sender's clock may be ahead. A later time would stop all further changes.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// The source times that the fields of a row were last set from: milliseconds since 1970 by field
/// (`status`, `custom.segment`). At most one entry for each field that the row has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceTimes(BTreeMap<String, i64>);

impl SourceTimes {
    /// Returns true if no field was set from an event with a time.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The source time that a field was last set from.
    pub fn of(&self, field: &str) -> Option<Timestamp> {
        self.0.get(field).and_then(|ms| Timestamp::from_millisecond(*ms).ok())
    }
}

/// The fields of one row while a webhook is applied to it.
#[derive(Debug)]
pub(super) struct FieldSetter<'a> {
    /// `contact` or `deal`.
    pub(super) entity: &'static str,
    /// The webhook's source time; without one every field may be set.
    pub(super) time: Option<Timestamp>,
    pub(super) times: &'a mut SourceTimes,
    pub(super) warnings: &'a mut Vec<Remark>,
}

impl FieldSetter<'_> {
    /// Sets a field, unless it was last set from a newer event. That is a warning if the values
    /// differ.
    pub(super) fn set<T: Clone + PartialEq>(
        &mut self,
        name: &str,
        field: &mut T,
        value: Option<T>,
    ) {
        let Some(value) = value else { return };
        if self.admits(name, *field != value) {
            *field = value;
        }
    }

    /// Returns true if a field may be set, and keeps the time for it.
    pub(super) fn admits(&mut self, field: &str, differs: bool) -> bool {
        let Some(time) = self.time else { return true };
        let Some(last) = self.times.of(field).filter(|last| time < *last) else {
            self.times.0.insert(field.to_owned(), time.as_millisecond());
            return true;
        };
        if differs {
            let field = format!("{}.{field}", self.entity);
            let remark = Remark::new(Code::FieldOutdated).with("field", field);
            self.warnings.push(remark.with("time", time).with("last", last));
        }
        false
    }
}

/// The source time of a webhook, if it can be used: it is at most a day after the receipt.
pub(super) fn usable(
    time: Option<Timestamp>,
    received_at: Timestamp,
    warnings: &mut Vec<Remark>,
) -> Option<Timestamp> {
    let time = time?;
    if time.duration_since(received_at) <= AHEAD {
        return Some(time);
    }
    let remark = Remark::new(Code::SourceTimeIgnored).with("reason", "in_the_future");
    warnings.push(remark.with("value", time));
    None
}
