//! Conversion of payload values: texts and dates.

use jiff::{
    Timestamp, Zoned,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use serde_json::Value;

use super::format::{DateInput, DateOutput};

/// The most characters of a value in a problem.
const EXCERPT_CHARS: usize = 80;
/// The longest text that is read as a source time, in bytes.
const DATE_BYTES: usize = 100;

/// Converts a text or a number to a text; `None` for anything else.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Returns true for null, a blank text and an empty list (`FACTS D17`).
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// A value as a short text for people, without control characters.
pub(super) fn excerpt(value: &Value) -> String {
    let text = text(value).unwrap_or_else(|| value.to_string());
    let visible = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let mut short: String = text.chars().take(EXCERPT_CHARS).map(visible).collect();
    if text.chars().nth(EXCERPT_CHARS).is_some() {
        short.push('…');
    }
    short
}

/// A time, or a day without a time.
enum Moment {
    Day(Date),
    At(Timestamp),
}

/// Reads a date in a format of senders and writes it as `2026-11-21` or `2026-11-21T13:15:02Z`.
/// A time without an offset is in `zone`.
pub(super) fn date(
    value: &Value,
    input: DateInput,
    output: DateOutput,
    zone: &TimeZone,
) -> Option<String> {
    let text = text(value)?;
    let moment = moment(text.trim(), input, zone)?;
    Some(match (moment, output) {
        (Moment::Day(day), DateOutput::Auto | DateOutput::Date) => day.to_string(),
        (Moment::Day(day), DateOutput::Timestamp) => {
            day.to_zoned(zone.clone()).ok()?.timestamp().to_string()
        }
        (Moment::At(at), DateOutput::Auto | DateOutput::Timestamp) => at.to_string(),
        (Moment::At(at), DateOutput::Date) => Zoned::new(at, zone.clone()).date().to_string(),
    })
}

/// Reads a moment in a format of senders. A day begins at midnight in `zone`. `None` for a text that
/// is longer than any date.
pub(super) fn moment_of(value: &Value, input: DateInput, zone: &TimeZone) -> Option<Timestamp> {
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Number(number) => number.as_str(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    if text.len() > DATE_BYTES {
        return None;
    }
    match moment(text.trim(), input, zone)? {
        Moment::Day(day) => day.to_zoned(zone.clone()).ok().map(|at| at.timestamp()),
        Moment::At(at) => Some(at),
    }
}

fn moment(text: &str, input: DateInput, zone: &TimeZone) -> Option<Moment> {
    match input {
        DateInput::Auto => {
            iso(text, zone).or_else(|| slashed(text, true, zone)).or_else(|| epoch(text, None))
        }
        DateInput::Iso => iso(text, zone),
        DateInput::Dmy => slashed(text, true, zone),
        DateInput::Mdy => slashed(text, false, zone),
        DateInput::Epoch => epoch(text, Some(1_000)),
        DateInput::EpochMs => epoch(text, Some(1)),
    }
}

fn iso(text: &str, zone: &TimeZone) -> Option<Moment> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(Moment::At(at));
    }
    if text.len() == 10 {
        return text.parse().ok().map(Moment::Day);
    }
    let local: DateTime = text.parse().ok()?;
    local.to_zoned(zone.clone()).ok().map(|at| Moment::At(at.timestamp()))
}

/// `21/11/2026`, `21-11-2026`, `21.11.2026`, optionally followed by `14:30` or `14:30:05`; a comma
/// or `às` may stand between them.
fn slashed(text: &str, day_first: bool, zone: &TimeZone) -> Option<Moment> {
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date.trim_end_matches(','), Some(time.trim())),
        None => (text, None),
    };
    let time = time.map(|time| time.strip_prefix("às").unwrap_or(time).trim_start());
    let parts: Vec<&str> = date.split(['/', '-', '.']).collect();
    let [first, second, year] = parts.as_slice() else { return None };
    let (day, month) = if day_first { (first, second) } else { (second, first) };
    let year = if year.len() == 4 { year.parse().ok()? } else { return None };
    let date = Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()?;
    let Some(time) = time else { return Some(Moment::Day(date)) };
    let time: Time = time.parse().ok()?;
    date.to_datetime(time).to_zoned(zone.clone()).ok().map(|at| Moment::At(at.timestamp()))
}

/// Seconds or milliseconds since 1970. Without a unit, values below 10^11 (year 5138) are seconds.
fn epoch(text: &str, unit_ms: Option<i64>) -> Option<Moment> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let count: i64 = whole.parse().ok()?;
    let guessed = if count.unsigned_abs() < 100_000_000_000 { 1_000 } else { 1 };
    let ms = count.checked_mul(unit_ms.unwrap_or(guessed))?;
    Timestamp::from_millisecond(ms).ok().map(Moment::At)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_are_read_in_the_ways_that_senders_write_them() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let cases = [
            (json!("2026-11-21T10:15:00-03:00"), "2026-11-21T13:15:00Z"),
            (json!("2026-11-21T16:20:00Z"), "2026-11-21T16:20:00Z"),
            (json!("2026-12-15"), "2026-12-15"),
            (json!("2026-11-21 10:15:00"), "2026-11-21T13:15:00Z"),
            (json!("21/11/2026"), "2026-11-21"),
            (json!("21/11/2026 10:15"), "2026-11-21T13:15:00Z"),
            (json!("31/12/2026"), "2026-12-31"),
            (json!("31/12/2026 14:30"), "2026-12-31T17:30:00Z"),
            (json!("31/12/2026, 14:30:05"), "2026-12-31T17:30:05Z"),
            (json!("31/12/2026 às 14:30"), "2026-12-31T17:30:00Z"),
            (json!("2026-12-31T14:30-03:00"), "2026-12-31T17:30:00Z"),
            (json!(1_795_269_600), "2026-11-21T14:00:00Z"),
            (json!(1_795_269_600_000_i64), "2026-11-21T14:00:00Z"),
            (json!("1795269600"), "2026-11-21T14:00:00Z"),
        ];
        for (value, expected) in cases {
            let found = date(&value, DateInput::Auto, DateOutput::Auto, &zone);
            assert_eq!(found.as_deref(), Some(expected), "{value}");
        }
        let late = json!("2026-11-22T01:00:00Z");
        let day = date(&late, DateInput::Auto, DateOutput::Date, &zone);
        assert_eq!(day.as_deref(), Some("2026-11-21"));
        for bad in
            [json!("soon"), json!("31/02/2026"), json!("21/11/26"), json!(true), json!("1e400")]
        {
            assert_eq!(date(&bad, DateInput::Auto, DateOutput::Auto, &zone), None, "{bad}");
        }
        let us = date(&json!("11/21/2026"), DateInput::Mdy, DateOutput::Auto, &zone);
        assert_eq!(us.as_deref(), Some("2026-11-21"));
    }
}
